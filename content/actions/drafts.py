"""What somebody typed and has not saved yet: kept for that person, shown to nobody else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from content import moment
from content.db import transaction
from content.errors import N_, NotAllowed, TooLarge, msg
from content.history import Autosave
from content.people import Person

LIMIT = 1_000_000  # characters of JSON
KEPT = timedelta(days=30)


def autosave(person: Person | None, key: str, data: Mapping[str, Any]) -> Autosave:
    """Keep what was typed into the form ``key``. Raises ``NotAllowed`` or ``TooLarge``."""
    if person is None:
        raise NotAllowed()
    if len(json.dumps(data, ensure_ascii=False)) > LIMIT:
        raise TooLarge(msg(N_("This text is too long to keep in one piece. Please split it.")))
    now = moment.now()
    with transaction():
        Autosave.replace(person=person.id, key=key[:80], data=dict(data), at=now).execute()
        Autosave.delete().where((Autosave.person == person.id) & (Autosave.at < now - KEPT)).execute()
    return Autosave(person=person.id, key=key[:80], data=dict(data), at=now)


def autosaved(person: Person | None, key: str) -> Autosave | None:
    """What this person typed last into the form, if it was not saved."""
    if person is None:
        return None
    found: Autosave | None = Autosave.get_or_none((Autosave.person == person.id) & (Autosave.key == key[:80]))
    return found


def autosaves(person: Person | None, limit: int = 20) -> list[Autosave]:
    """All that this person typed and has not saved, newest first."""
    if person is None:
        return []
    rows = Autosave.select().where(Autosave.person == person.id).order_by(Autosave.at.desc())
    return list(rows.limit(limit))


def drop_autosave(person: Person | None, key: str) -> None:
    """Forget it: it was saved, or is not wanted."""
    if person is not None:
        with transaction():
            Autosave.delete().where((Autosave.person == person.id) & (Autosave.key == key[:80])).execute()
