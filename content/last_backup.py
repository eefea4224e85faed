"""That a backup was made, noted in the data folder: for the check, the figures and the dashboard."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from content import marks, moment
from content.settings import Settings

log = logging.getLogger(__name__)
NAME = "backup"


@dataclass(frozen=True)
class Note:
    """That a backup was made: when, where to, how large in bytes."""

    at: datetime
    file: str
    size: int


def last_backup(settings: Settings) -> Note | None:
    """What the data folder tells of the last backup; ``None`` if none was made from it."""
    values = marks.read(settings, NAME)
    if values is None:
        return None
    try:
        return Note(datetime.fromisoformat(values["at"]), str(values["file"]), int(values["size"]))
    except (KeyError, TypeError, ValueError):
        return None


def note(settings: Settings, file: str, size: int) -> None:
    """Remember that a backup was just made. One that cannot be remembered is a backup all the same."""
    try:
        marks.write(settings, NAME, {"at": moment.now().isoformat(), "file": file, "size": size})
    except OSError as error:
        log.warning("that a backup was made cannot be noted: %s", error)
