"""Lists that somebody uses again: words, filters and order of a register under a name, for this person alone."""

from __future__ import annotations

from typing import Any

from peewee import AutoField, CharField, ForeignKeyField, IntegrityError

from content import moment
from content.backoffice import listing
from content.backoffice.declaring import Register
from content.db import Base, UtcDateTimeField, database, transaction
from content.errors import N_, Invalid, NotFound, msg
from content.people import Person

MOST = 30  # of one person in one register
NAME = 60  # characters
QUERY = 2000


class SavedFilter(Base):
    """A query of a register's list, by the name that its person gave it."""

    id = AutoField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    register = CharField(max_length=40)
    name = CharField(max_length=NAME)
    query = CharField(max_length=QUERY)
    created_at = UtcDateTimeField()

    class Meta:
        indexes = ((("person", "register", "name"), True),)


def mine(person: Person | None, register: Register) -> list[SavedFilter]:
    """What this person keeps for a register, by name."""
    who = listing.require(person, register)
    found = SavedFilter.select().where(SavedFilter.person == who, SavedFilter.register == register.name)
    return list(found.order_by(SavedFilter.name))


def keep(person: Person | None, register: Register, name: str, query: str) -> SavedFilter:
    """Keep a query under a name; one of the same name is replaced. Raises ``Invalid`` (``name``)."""
    who = listing.require(person, register)
    named = _checked(name)
    if len(query) > QUERY:  # a part of it would be another list
        raise Invalid(
            {"name": [msg(N_("This list has too many words and filters to be kept. Please use fewer."))]}
        )
    with transaction():
        found = _of(who, register).where(SavedFilter.name == named).first()
        if found is None:
            if _of(who, register).count() >= MOST:
                text = N_("You keep %(limit)s lists here already. Please remove one first.")
                raise Invalid({"name": [msg(text, limit=MOST)]})
            return SavedFilter.create(
                person=who.id,
                register=register.name,
                name=named,
                query=query,
                created_at=moment.now(),
            )
        SavedFilter.update(query=query).where(SavedFilter.id == found.id).execute()
        found.query = query
    return found


def rename(person: Person | None, register: Register, id: int, name: str) -> SavedFilter:
    """Give one of one's own another name. Raises ``NotFound``, ``Invalid`` (``name``)."""
    who = listing.require(person, register)
    with transaction():
        found = _own(who, register, id)
        named = _checked(name)
        try:
            with database.atomic():
                SavedFilter.update(name=named).where(SavedFilter.id == found.id).execute()
        except IntegrityError:
            raise Invalid({"name": [msg(N_("Another of your lists has this name."))]}) from None
    found.name = named
    return found


def remove(person: Person | None, register: Register, id: int) -> SavedFilter:
    """Keep one of one's own no longer; returns what it was. Raises ``NotFound``."""
    who = listing.require(person, register)
    with transaction():
        found = _own(who, register, id)
        SavedFilter.delete().where(SavedFilter.id == found.id).execute()
    return found


def _of(person: Person, register: Register) -> Any:
    return SavedFilter.select().where(SavedFilter.person == person, SavedFilter.register == register.name)


def _own(person: Person, register: Register, id: int) -> SavedFilter:
    found: SavedFilter | None = _of(person, register).where(SavedFilter.id == id).first()
    if found is None:
        raise NotFound()
    return found


def _checked(name: str) -> str:
    named = " ".join(name.replace("\0", "").split())
    if not named:
        raise Invalid({"name": [msg(N_("Please give the list a name."))]})
    if len(named) > NAME:
        raise Invalid({"name": [msg(N_("Please use at most %(limit)s characters."), limit=NAME)]})
    return named
