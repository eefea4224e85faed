"""One mail a day or a week with what is unread: put into the post at its hour, composed when it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from content import moment, outbox
from content.channels import Words
from content.db import transaction
from content.errors import N_, msg
from content.outbox import InboxEntry
from content.people import Person
from content.subscriptions.choosing import next_digest, with_defaults
from content.wishes import ReaderWishes

BATCH = 100  # people in one transaction
MOST = 20  # messages that one digest names; the inbox has the rest
TEMPLATE = "digest"


def post_digests(limit: int = BATCH) -> int:
    """Put the digests that are due into the post; returns how many people were looked at.

    One transaction per batch: the messages are taken off the waiting list, the post is written and the next hour is
    set together, so that nothing comes twice. Hours that passed while nobody worked are made up for by one digest.
    """
    now = moment.now()
    due = ReaderWishes.digest_at <= now
    if not ReaderWishes.select().where(due).exists():
        return 0
    with transaction():
        rows = list(
            ReaderWishes.select(ReaderWishes, Person)
            .join(Person)
            .where(due)
            .order_by(ReaderWishes.digest_at, ReaderWishes.person)
            .limit(limit)
        )
        waiting = _waiting([row.person_id for row in rows])
        for row in rows:
            ids = waiting.get(row.person_id, [])
            if ids and row.person.is_active and row.person.email:
                outbox.enqueue(
                    "mail",
                    dedupe=f"digest:{row.person_id}:{row.digest_at:%Y%m%d%H%M}",
                    recipient=row.person,
                    template=TEMPLATE,
                    context={"entries": ids, "url": "/inbox/", "wished": True},
                )
        _take_off([row.person_id for row in rows])
        _set_next(rows, now)
    return len(rows)


def _waiting(people: list[int]) -> dict[int, list[int]]:
    """Unread messages that wait for a digest, newest first, by person."""
    waits = (InboxEntry.for_digest == True) & InboxEntry.read_at.is_null()  # noqa: E712
    rows: Any = (
        InboxEntry.select(InboxEntry.person, InboxEntry.id)
        .where(InboxEntry.person.in_(people), waits)
        .order_by(InboxEntry.id.desc())
        .tuples()
    )
    found: dict[int, list[int]] = {}
    for person, entry in rows:
        found.setdefault(person, []).append(entry)
    return found


def _take_off(people: list[int]) -> None:
    waits = InboxEntry.for_digest == True  # noqa: E712
    InboxEntry.update(for_digest=False).where(InboxEntry.person.in_(people), waits).execute()


def _set_next(rows: list[ReaderWishes], now: datetime) -> None:
    """The next hour of each; those who share one are written together."""
    together: dict[datetime | None, list[int]] = {}
    for row in rows:
        together.setdefault(next_digest(with_defaults(row), now), []).append(row.person_id)
    for at, people in together.items():
        ReaderWishes.update(digest_at=at).where(ReaderWishes.person.in_(people)).execute()


def words(context: Mapping[str, Any], person: Person) -> Words | None:
    """What the mail says when it goes out: what is still unread of it; ``None`` if nothing is."""
    ids = context["entries"]
    rows = InboxEntry.select().where(
        InboxEntry.person == person.id, InboxEntry.id.in_(ids[: MOST * 5]), InboxEntry.read_at.is_null()
    )
    unread = list(rows.order_by(InboxEntry.id.desc()).limit(MOST + 1))
    if not unread:
        return None
    lines = [(entry.message, entry.url) for entry in unread[:MOST]]
    if len(unread) > MOST:
        lines.append((msg(N_("More is waiting in your inbox.")), ""))
    return Words(msg(N_("What you have not read yet")), tuple(lines))


outbox.LETTERS[TEMPLATE] = words
