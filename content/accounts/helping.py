"""The service centre helps somebody back into their account. Every code that is handed out is in the audit."""

from __future__ import annotations

from dataclasses import dataclass

from content import people, telephones
from content.accounts import resetting, second
from content.accounts.access import administers, reaches, require
from content.db import transaction
from content.errors import N_, Invalid, NotAllowed, NotFound, msg
from content.estate.homes import households_of, label
from content.people import Person


@dataclass(frozen=True)
class Found:
    """What the helper needs to make sure of who it is; the telephone is masked."""

    person: Person
    telephone: str
    homes: list[str]
    second: bool  # there is a second factor that an administrator may take off


def find(by: Person | None, who: str) -> Found:
    """The open account with a telephone, mail address or user name.

    Raises ``NotAllowed``; ``Invalid`` (who) where there is none, or none that this helper may help with.
    """
    helper = require(by, "accounts:help")
    person = people.find_account(who)
    if person is None or not person.is_active or not reaches(helper, "accounts:help", person):
        text = N_("There is no account with this telephone or user name that you can help with.")
        raise Invalid({"who": [msg(text)]})
    return seen(helper, person)


def find_by_id(by: Person | None, id: int) -> Found:
    """The same for a person known already. Raises ``NotAllowed`` or ``NotFound``."""
    helper = require(by, "accounts:help")
    return seen(helper, _stored(helper, id))


def seen(helper: Person, person: Person) -> Found:
    """An account as its helper sees it."""
    phone = person.phone_key or ""
    has_second = administers(helper) and second.factor_of(person) is not None
    homes = [label(home) for home in households_of(person)]
    return Found(person, telephones.mask(phone) if phone else "", homes, has_second)


def hand_out(by: Person | None, id: int) -> str:
    """A code with which the person sets a new password, shown this once. Raises ``NotAllowed`` or ``NotFound``."""
    with transaction():
        helper = require(by, "accounts:help")
        return resetting.make_code(helper, _stored(helper, id))


def take_off_second(by: Person | None, id: int) -> None:
    """Take a second factor off whose owner lost telephone and paper. Administrators only; raises ``NotAllowed``."""
    with transaction():
        helper = require(by, "accounts:help")
        person = _stored(helper, id)
        if not administers(helper):
            raise NotAllowed()
        second.take_off(helper, person)


def _stored(helper: Person, id: int) -> Person:
    person: Person | None = Person.get_or_none(Person.id == id)
    if person is None or not person.is_active or not reaches(helper, "accounts:help", person):
        raise NotFound()
    return person
