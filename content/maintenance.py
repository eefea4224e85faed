"""Shut for maintenance: a note in the data folder that every process sees at the next request."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from content import marks, moment
from content.errors import N_, Invalid, msg
from content.settings import Settings

NAME = "maintenance"
LONGEST_MESSAGE = 500
# When to look again if nobody said how long it takes.
LATER = timedelta(minutes=10)
LONGEST = timedelta(days=7)


@dataclass(frozen=True)
class Maintenance:
    """Since when the portal is shut, what the administrator says about it, and until when it will last."""

    since: datetime
    message: str = ""
    until: datetime | None = None

    @property
    def retry_after(self) -> int:
        """Seconds after which it is worth looking again."""
        left = (self.until - moment.now()) if self.until else LATER
        return max(60, int(left.total_seconds()))


# Folder → (what the file looked like, what it says), so that a request costs one look at a file that is not there.
_seen: dict[str, tuple[tuple[int, int, int], Maintenance]] = {}


def state(settings: Settings) -> Maintenance | None:
    """How the portal stands now; ``None`` when it is open. A note that cannot be read shuts it as well."""
    path = marks.path_of(settings, NAME)
    try:
        stat = os.stat(path)
    except OSError:
        return None
    looks, known = (stat.st_ino, stat.st_mtime_ns, stat.st_size), _seen.get(str(path))
    if known is None or known[0] != looks:
        known = _seen[str(path)] = (looks, _read(settings, stat.st_mtime))
    return known[1]


def _read(settings: Settings, written: float) -> Maintenance:
    values = marks.read(settings, NAME) or {}
    try:
        until = _aware(values["until"]) if values.get("until") else None
        return Maintenance(_aware(values["since"]), str(values.get("message", "")), until)
    except (KeyError, TypeError, ValueError):
        return Maintenance(moment.of_timestamp(written))


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def switch_on(settings: Settings, message: str = "", minutes: int = 0) -> Maintenance:
    """Shut the portal for everybody but administrators. ``minutes`` is how long it will take, 0 if nobody knows.

    Raises ``Invalid`` for a message above ``LONGEST_MESSAGE`` or a time that is none, ``OSError``.
    """
    message, most = " ".join(message.split()), int(LONGEST.total_seconds() // 60)
    if len(message) > LONGEST_MESSAGE:
        text = msg(N_("At most %(limit)s characters, please."), limit=LONGEST_MESSAGE)
        raise Invalid({"message": [text]}, text)
    if not 0 <= minutes <= most:
        text = msg(N_("A number of minutes from 0 to %(most)s, please."), most=most)
        raise Invalid({"minutes": [text]}, text)
    now = moment.now()
    until = now + timedelta(minutes=minutes) if minutes else None
    made = Maintenance(now, message, until)
    marks.write(
        settings,
        NAME,
        {"since": now.isoformat(), "message": message, "until": until.isoformat() if until else ""},
    )
    return made


def switch_off(settings: Settings) -> bool:
    """Open the portal again; False if it was open. Raises ``OSError``."""
    try:
        marks.path_of(settings, NAME).unlink()
    except FileNotFoundError:
        return False
    return True
