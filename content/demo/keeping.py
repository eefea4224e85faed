"""Whether a portal is empty, a demo or somebody's own; and the password of the demo's accounts."""

from __future__ import annotations

import os
import secrets
from datetime import date
from pathlib import Path

from content import accounts, history
from content.history import AuditEntry
from content.items import Item
from content.people import Person, scheduler, sign_in
from content.settings import Settings

VERB = "demo.filled"
# Letters and digits that nobody mistakes for one another on a screen or on paper.
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"


def remember(people: list[Person], today: date) -> None:
    """Write into the audit which people are the demo's; it can never be changed afterwards."""
    ids = [person.id for person in people]
    history.record(scheduler(), VERB, subject=today.isoformat(), difference={"people": ids})


def demo_people() -> list[Person]:
    """The people whom the demo made, in its order; none in a portal without a demo."""
    entries = AuditEntry.select().where(AuditEntry.verb == VERB)
    ids = [id for entry in entries for id in entry.difference["people"]]
    return list(Person.select().where(Person.id.in_(ids)).order_by(Person.id)) if ids else []


def real_people() -> list[Person]:
    """Everybody but the scheduler, the people of the demo, and an administrator nobody has ever been."""
    made = {person.id for person in demo_people()}
    others = Person.select().where(Person.system == False)  # noqa: E712  Peewee builds SQL from ==
    return [person for person in others if person.id not in made and not _is_untouched(person)]


def untouched_administrator() -> Person | None:
    """The account that ``lianxi init`` makes, as long as it has no password and nothing was done with it."""
    person = Person.get_or_none(Person.username == accounts.FIRST)
    return person if person is not None and _is_untouched(person) else None


def _is_untouched(person: Person) -> bool:
    if person.username != accounts.FIRST or person.password_hash or person.email:
        return False
    return not AuditEntry.select().where(AuditEntry.by == person.id).exists()


def has_content() -> bool:
    """Whether anything was written, whoever wrote it."""
    return bool(Item.select().exists())


def new_password() -> str:
    """A password that can be read out on the telephone: three groups of four."""
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(3))


def keep_password(settings: Settings, password: str) -> None:
    """Keep a made password in the data folder, for its owner alone, so that every start can print it."""
    path = _path(settings)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(password + "\n")


def forget_password(settings: Settings) -> None:
    """Remove the kept password."""
    _path(settings).unlink(missing_ok=True)


def known_password(settings: Settings, person: Person) -> str:
    """The password that still opens this account, from the setting or the data folder; else ""."""
    candidates = [settings.demo_password]
    path = _path(settings)
    if path.is_file():
        candidates.append(path.read_text(encoding="utf-8").strip())
    return next((one for one in candidates if one and sign_in(person.username, one)), "")


def _path(settings: Settings) -> Path:
    return settings.data / "demo-password"
