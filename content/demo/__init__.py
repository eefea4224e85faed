"""A believable estate and a school to look around in: people, notices, services, tariffs, events and procedures.

The texts are data (``notices_*``, ``offers``, ``gatherings``, ``policies_*``); ``plot`` says what happens to each
and when, ``filling`` plays that through the real actions. ``homes`` has who lives where, ``casework`` their matters,
``liaison`` the talks of the school.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from content import db, moment
from content.demo import casework, homes, keeping, liaison, stage
from content.demo.filling import Production
from content.demo.marks import instant
from content.errors import N_, Invalid, Message, NotAllowed, msg
from content.people import ROLES, Person
from content.settings import Settings

BEGINNING = 100  # days before the demo's date on which its people begin
SHORTEST = 8  # characters of a password

Standing = Literal["empty", "demo", "real"]


@dataclass(frozen=True)
class Account:
    """An account to sign in with. ``password`` is empty where it is not known (any more)."""

    username: str
    name: str
    role: Message
    job: str
    password: str


def standing() -> Standing:
    """What the portal is: empty, the demo alone, or with people or content that are not the demo's."""
    if keeping.real_people():
        return "real"
    if keeping.demo_people():
        return "demo"
    return "real" if keeping.has_content() else "empty"


def fill(settings: Settings, date: date | None = None, if_empty: bool = False) -> list[Account]:
    """Fill an empty portal and return its accounts; a portal that is a demo already only tells its accounts.

    ``date`` is the day on which the demo is looked at, today if left out: notices and events lie around it, and
    the same date gives the same demo. Raises ``NotAllowed`` for a portal with people or content of its own, which
    with ``if_empty`` is left alone without a word; ``Invalid`` for a demo password of less than 8 characters.
    """
    today = date or moment.today(settings.zone)
    with db.transaction():
        found = standing()
        if found == "real" and not if_empty:
            raise NotAllowed(
                msg(
                    N_(
                        "This portal has people or content of its own, so no demo is filled in. Please use another data folder (LIANXI_DATA)."
                    )
                )
            )
        if found == "empty":
            password = _password(settings)
            made = _fill(settings, today, password)
            return [_account(person, password) for person in made]
    return accounts(settings)


def accounts(settings: Settings) -> list[Account]:
    """The accounts of the demo that is there; none where there is no demo."""
    persons = [person for person in keeping.demo_people() if person.username in ROLES]
    if not persons:
        return []
    password = keeping.known_password(settings, persons[0])
    return [_account(person, password) for person in persons]


def _password(settings: Settings) -> str:
    """The password of the setting, else one that is made and kept in the data folder."""
    if not settings.demo_password:
        password = keeping.new_password()
        keeping.keep_password(settings, password)
        return password
    if len(settings.demo_password) < SHORTEST:
        raise Invalid({"demo_password": [msg(N_("A password has at least 8 characters."))]})
    keeping.forget_password(settings)
    return settings.demo_password


def _fill(settings: Settings, today: date, password: str) -> list[Person]:
    with moment.at(instant(today - timedelta(days=BEGINNING), "09:00", settings.zone)):
        made = stage.set_up(password, keeping.untouched_administrator())
        persons = sorted(made.people.values(), key=lambda person: int(person.id))
        keeping.remember(persons, today)
        homes.furnish(made, today)
    Production(settings, today, made).play()
    casework.play(made, today, settings.zone)
    liaison.play(made, today, settings.zone)
    return persons


def _account(person: Person, password: str) -> Account:
    label = msg(ROLES[person.username].label)
    return Account(person.username, person.name, label, person.job, password)


__all__ = ["Account", "Standing", "accounts", "fill", "standing"]
