"""How often somebody may try to sign in, and how much may come from an address without an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import AutoField, CharField

from content import moment
from content.db import Base, UtcDateTimeField, transaction
from content.errors import N_, DomainError, msg

WINDOW = timedelta(minutes=15)
# Failed tries within the window, by what they share. One name from one address is somebody guessing; the two
# others stop guessing that is spread out, and are wide enough for an estate behind one address.
PAIR, NAME, ADDRESS = 10, 40, 100
# No row counts for longer than this.
KEPT = timedelta(hours=1)


class FailedTry(Base):
    """One failed try to sign in, under a name that need not exist; or one thing sent without an account."""

    id = AutoField()
    name = CharField(max_length=60)
    address = CharField(max_length=64)
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("name", "at"), False), (("address", "at"), False), (("at",), False))


class TooManyTries(DomainError):
    """Too many failed tries; ``until`` says when the next one is listened to."""

    text = N_("Too many failed tries. Please try again in %(minutes)s minutes, or call the service centre.")

    def __init__(self, until: datetime) -> None:
        self.until = until
        minutes = max(1, -(-int((until - moment.now()).total_seconds()) // 60))
        super().__init__(msg(self.text, minutes=minutes))


class TooMuch(TooManyTries):
    """More came from an address without an account than is taken within an hour."""

    text = N_(
        "A lot has come from this connection within an hour. Please try again in %(minutes)s minutes, or call the "
        "service centre."
    )


@dataclass(frozen=True)
class Allowance:
    """How much of something an address may send without an account within ``KEPT``."""

    name: str
    most: int


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
        FailedTry.delete().where(FailedTry.at <= now - KEPT).execute()


def spend(allowance: Allowance, address: str) -> None:
    """Count one sending, in the transaction of the caller, which takes it back if nothing comes of it. Raises
    ``TooMuch`` if the allowance of this address is spent. Without an address (the command line) nothing is counted.
    """
    if not address:
        return
    now, place = moment.now(), f"{allowance.name} {address}"[:64]
    spent = FailedTry.select(FailedTry.at).where(FailedTry.address == place, FailedTry.at > now - KEPT)
    latest = list(spent.order_by(FailedTry.at.desc()).limit(allowance.most))
    if len(latest) >= allowance.most:
        raise TooMuch(latest[-1].at + KEPT)
    FailedTry.create(name=allowance.name, address=place, at=now)
    FailedTry.delete().where(FailedTry.at <= now - KEPT).execute()


def note_success(name: str, address: str) -> None:
    """Who knows the password starts afresh from here."""
    mine = (FailedTry.name == _folded(name)) & (FailedTry.address == address)
    if FailedTry.select().where(mine).exists():
        with transaction():
            FailedTry.delete().where(mine).execute()


def _folded(name: str) -> str:
    return name.strip().casefold()[:60]
