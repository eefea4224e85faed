"""How a person wishes to get mail, and the signed word with which a mail can be stopped by who received it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from typing import Any

from peewee import BooleanField, CharField, Check, ForeignKeyField, IntegerField

from content.db import Base, UtcDateTimeField, transaction
from content.people import Person

# Each message at once, one mail a day, one a week, or none; the inbox has them all.
MODES = ("each", "daily", "weekly", "none")
DIGESTS = ("daily", "weekly")
DEFAULT_MODE = "each"


class ReaderWishes(Base):
    """What a person has chosen; what is empty, or has no row, is as ``subscriptions.DEFAULTS`` says."""

    person_id: int
    person = ForeignKeyField(Person, primary_key=True, on_delete="CASCADE")
    mail_mode = CharField(max_length=10, default="")
    digest_hour = IntegerField(null=True)  # of the site's day
    digest_weekday = IntegerField(null=True)  # 0 is Monday
    digest_at = UtcDateTimeField(null=True)  # when the next digest is due
    urgent = BooleanField(null=True)
    mine = BooleanField(null=True)
    mail_key = CharField(max_length=32, default="")  # signs the word in the mails; used once, it is made anew
    calendar_token = CharField(max_length=40, null=True, unique=True)

    class Meta:
        constraints = [
            Check("mail_mode IN ('', 'each', 'daily', 'weekly', 'none')"),
            Check("digest_hour IS NULL OR digest_hour BETWEEN 0 AND 23"),
            Check("digest_weekday IS NULL OR digest_weekday BETWEEN 0 AND 6"),
            Check("digest_at IS NULL OR mail_mode IN ('daily', 'weekly')"),
        ]


ReaderWishes.add_index(
    ReaderWishes.index(ReaderWishes.digest_at, name="reader_wishes_digest").where(
        ReaderWishes.digest_at.is_null(False)
    )
)


def modes_of(people: Iterable[int]) -> dict[int, str]:
    """The mail mode of each of these people, one query."""
    ids = list(people)
    rows: Any = (
        ReaderWishes.select(ReaderWishes.person, ReaderWishes.mail_mode)
        .where(ReaderWishes.person.in_(ids))
        .tuples()
    )
    return dict.fromkeys(ids, DEFAULT_MODE) | {id: mode for id, mode in rows if mode}


def at_once(mode: str, urgent: bool) -> bool:
    """Whether a mail goes out now: where each message is wished for, and with urgent ones unless none is."""
    return mode == "each" or (urgent and mode != "none")


def change(person_id: int, **values: object) -> None:
    """Write some of a person's wishes, making the row if there is none; in the caller's transaction."""
    if not ReaderWishes.update(**values).where(ReaderWishes.person == person_id).execute():
        ReaderWishes.insert(person=person_id, **values).execute()


def stop_word(person: Person) -> str:
    """The word that stops this person's mail without signing in; holds until it was used."""
    row = ReaderWishes.get_or_none(ReaderWishes.person == person.id)
    key = row.mail_key if row else ""
    if not key:
        key = secrets.token_hex(16)
        with transaction():
            change(person.id, mail_key=key)
    return f"{person.id}.{_signature(key, person.id)}"


def person_of(word: str) -> Person | None:
    """Whose mail the word stops; ``None`` for a wrong one or one that was used."""
    number, _, signature = word.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 19 and signature.isascii()):
        return None
    row = ReaderWishes.get_or_none(ReaderWishes.person == int(number))
    key = row.mail_key if row else ""
    # An account that never was costs the same as a wrong signature.
    right = hmac.compare_digest(_signature(key or "nobody", int(number)), signature)
    return Person.get_or_none(Person.id == row.person_id) if row and key and right else None


def _signature(key: str, person_id: int) -> str:
    return hmac.new(key.encode(), f"stop-mail:{person_id}".encode(), "sha256").hexdigest()[:40]
