"""How often somebody may try to sign in: failed tries are counted for a quarter of an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from peewee import AutoField, CharField

from content import moment
from content.db import Base, UtcDateTimeField, transaction
from content.errors import N_, DomainError, msg

WINDOW = timedelta(minutes=15)
# Failed tries within the window, by what they share. One name from one address is somebody guessing; the two
# others stop guessing that is spread out, and are wide enough for an estate behind one address.
PAIR, NAME, ADDRESS = 10, 40, 100


class FailedTry(Base):
    """One failed try to sign in, under a name that need not exist."""

    id = AutoField()
    name = CharField(max_length=60)
    address = CharField(max_length=64)
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("name", "at"), False), (("address", "at"), False), (("at",), False))


class TooManyTries(DomainError):
    """Too many failed tries; ``until`` says when the next one is listened to."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        minutes = max(1, -(-int((until - moment.now()).total_seconds()) // 60))
        text = N_(
            "Too many failed tries. Please try again in %(minutes)s minutes, or call the service centre."
        )
        super().__init__(msg(text, minutes=minutes))


def check(name: str, address: str) -> None:
    """Raise ``TooManyTries`` while this name or address has failed too often; the same for unknown names."""
    name = _folded(name)
    since = moment.now() - WINDOW
    by_name = FailedTry.name == name
    by_address = FailedTry.address == address
    for condition, limit in ((by_name & by_address, PAIR), (by_name, NAME), (by_address, ADDRESS)):
        tries = FailedTry.select(FailedTry.at).where(condition & (FailedTry.at > since))
        latest = list(tries.order_by(FailedTry.at.desc()).limit(limit))
        if len(latest) >= limit:
            raise TooManyTries(latest[-1].at + WINDOW)


def note_failure(name: str, address: str) -> None:
    """Count a failed try, and forget those that do not count any more."""
    now = moment.now()
    with transaction():
        FailedTry.create(name=_folded(name), address=address[:64], at=now)
        FailedTry.delete().where(FailedTry.at <= now - WINDOW).execute()


def note_success(name: str, address: str) -> None:
    """Who knows the password starts afresh from here."""
    mine = (FailedTry.name == _folded(name)) & (FailedTry.address == address)
    if FailedTry.select().where(mine).exists():
        with transaction():
            FailedTry.delete().where(mine).execute()


def _folded(name: str) -> str:
    return name.strip().casefold()[:60]
