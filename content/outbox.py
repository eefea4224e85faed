"""What must be told to somebody: rows in the transaction of the change, delivered after it, never twice."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, Literal

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    IntegrityError,
    TextField,
)

from content import channels, moment, wishes
from content.db import Base, JSONField, UtcDateTimeField, database, transaction
from content.errors import Busy, Message
from content.packing import pack, unpack, unpack_value
from content.people import Person
from content.settings import Settings

log = logging.getLogger(__name__)

Say = Callable[[Message, str], str]

# How long to wait after the first, second … failed try. After the last one the row is given up.
DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60))
TRIES = len(DELAYS) + 1
# Longer than one delivery can take with the time-outs of the channels, so that a row in work is never
# claimed by a second deliverer; one that was killed frees its row after this time.
LEASE = timedelta(minutes=10)
# How long a sent row is kept: long enough to see what was sent, and no key is asked for again after it.
KEPT = timedelta(days=30)
PAGE = 30
LONGEST_ROUND = 20.0  # seconds of a round: a mail server may be slow, and the worker has other work
# What a message concerns, by the beginning of the address it leads to; the rest hangs on the board.
TOPICS: dict[str, tuple[str, ...]] = {
    "notices": (),
    "matters": ("/cases/", "/matters/", "/desk/", "/report", "/follow"),
    "liaison": ("/liaison/",),
    "work": ("/work/", "/admin/", "/estate/"),
}


class Outgoing(Base):
    """One thing to deliver through one channel. Open while neither ``sent_at`` nor ``failed_at`` is set."""

    id = AutoField()
    channel = CharField(max_length=20)
    template = CharField(max_length=100, default="")
    recipient = ForeignKeyField(Person, null=True, on_delete="CASCADE")
    address = CharField(max_length=320, default="")
    context = JSONField()
    dedupe = CharField(max_length=200, null=True, unique=True)
    created_at = UtcDateTimeField()
    due_at = UtcDateTimeField()
    tries = IntegerField(default=0)
    claim = CharField(max_length=32, default="")  # token of the deliverer that has it in work
    claimed_until = UtcDateTimeField(null=True)
    sent_at = UtcDateTimeField(null=True)
    failed_at = UtcDateTimeField(null=True)
    error = TextField(default="")


# Only what is open is indexed: finding the next row costs the same however much was sent before.
Outgoing.add_index(
    Outgoing.index(Outgoing.channel, Outgoing.due_at, name="outgoing_open").where(
        Outgoing.sent_at.is_null(), Outgoing.failed_at.is_null()
    )
)


class InboxEntry(Base):
    """A message to one person within the portal; rendered in the reader's language when it is shown."""

    id = AutoField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    message_id = TextField()
    values = JSONField()
    url = CharField(max_length=500, default="")
    topic = CharField(max_length=10, default="work")
    for_digest = BooleanField(default=False)  # waits for the next digest by mail
    dedupe = CharField(max_length=240, null=True, unique=True)
    created_at = UtcDateTimeField()
    read_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("person", "read_at"), False), (("person", "topic"), False))

    @property
    def message(self) -> Message:
        """The message to render with ``say``."""
        return Message(self.message_id, {k: unpack_value(v) for k, v in self.values.items()})


InboxEntry.add_index(
    InboxEntry.index(InboxEntry.person, name="inbox_entry_digest").where(InboxEntry.for_digest == 1)
)
# Template of a row → what its mail says when it goes out; ``None``: there is nothing left to say.
LETTERS: dict[str, Callable[[Mapping[str, Any], Person], channels.Words | None]] = {}


def enqueue(
    channel: str,
    *,
    dedupe: str | None = None,
    recipient: Person | None = None,
    address: str = "",
    template: str = "",
    context: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> Outgoing | None:
    """Write a row to deliver, in the transaction of the caller if there is one.

    Returns ``None`` without a row if the channel has nowhere to send (mail without a mail server) or a row
    with this ``dedupe`` key was ever written. ``due_at`` is the earliest time of delivery; now if empty.
    """
    if not channels.is_open(channel):
        return None
    now = moment.now()
    with transaction():
        try:
            with database.atomic():
                return Outgoing.create(
                    channel=channel,
                    dedupe=dedupe,
                    recipient=recipient,
                    address=address,
                    template=template,
                    context=dict(context or {}),
                    created_at=now,
                    due_at=due_at or now,
                )
        except IntegrityError:
            if dedupe and Outgoing.select().where(Outgoing.dedupe == dedupe).exists():
                return None
            raise


def topic_of(url: str) -> str:
    """What a message that leads to this path concerns."""
    return next((name for name, begins in TOPICS.items() if url.startswith(begins)), "notices")


def tell(
    person: Person,
    message: Message,
    url: str,
    *,
    dedupe: str | None = None,
    mail: bool = True,
    topic: str = "",
    urgent: bool = False,
) -> InboxEntry | None:
    """Put a message into a person's inbox and, unless ``mail`` is false, into the post as the person wishes it.

    ``url`` is a path of the portal; ``topic`` is one of ``TOPICS``, by the path if empty. What is ``urgent`` waits
    for no digest. With ``dedupe`` the same person is told only once, ever. Nobody is told who cannot sign in any
    more; then, and for a repeated key, the answer is ``None``.
    """
    if not person.is_active:
        return None
    key = f"{dedupe}:{person.id}" if dedupe else None
    packed = pack(message)
    with transaction():
        if key and InboxEntry.select().where(InboxEntry.dedupe == key).exists():
            return None
        mode = wishes.modes_of([person.id])[person.id]
        now_by_mail = wishes.at_once(mode, urgent)
        entry = InboxEntry.create(
            person=person,
            message_id=packed["id"],
            values=packed["values"],
            url=url,
            topic=topic or topic_of(url),
            for_digest=mail and not now_by_mail and mode in wishes.DIGESTS,
            dedupe=key,
            created_at=moment.now(),
        )
        if mail and now_by_mail and person.email:
            context = {**packed, "url": url, "wished": True}
            enqueue("mail", dedupe=key and f"mail:{key}", recipient=person, context=context)
        return entry


def tell_many(
    people: Iterable[Person],
    message: Message,
    url: str,
    *,
    dedupe: str,
    topic: str = "",
    urgent: bool = False,
) -> int:
    """As ``tell`` with a key, for many at once: four statements, however many they are. Returns how many were told."""
    hearers = {f"{dedupe}:{person.id}": person for person in people if person.is_active}
    packed, now = pack(message), moment.now()
    with transaction():
        told: Any = InboxEntry.select(InboxEntry.dedupe).where(InboxEntry.dedupe.in_(list(hearers))).tuples()
        for (key,) in told:
            del hearers[key]
        if not hearers:
            return 0
        modes = wishes.modes_of(person.id for person in hearers.values())
        entries, letters = [], []
        for key, person in hearers.items():
            now_by_mail = wishes.at_once(modes[person.id], urgent)
            waits = not now_by_mail and modes[person.id] in wishes.DIGESTS
            entries.append(
                {"person": person.id, "message_id": packed["id"], "values": packed["values"], "url": url,
                 "topic": topic or topic_of(url), "for_digest": waits, "dedupe": key, "created_at": now}
            )  # fmt: skip
            if now_by_mail and person.email:
                context = {**packed, "url": url, "wished": True}
                letters.append(
                    {"channel": "mail", "dedupe": f"mail:{key}", "recipient": person.id, "context": context,
                     "created_at": now, "due_at": now}
                )  # fmt: skip
        InboxEntry.insert_many(entries).execute()
        if letters and channels.is_open("mail"):
            Outgoing.insert_many(letters).on_conflict_ignore().execute()
    return len(entries)


def inbox(
    person: Person, unread: bool = False, before: int | None = None, topic: str = "", limit: int = PAGE
) -> list[InboxEntry]:
    """A page of the person's messages, newest first; ``before`` is the id of the last one seen."""
    rows = InboxEntry.select().where(InboxEntry.person == person)
    if topic:
        rows = rows.where(InboxEntry.topic == topic)
    if unread:
        rows = rows.where(InboxEntry.read_at.is_null())
    if before is not None:
        rows = rows.where(InboxEntry.id < before)
    return list(rows.order_by(InboxEntry.id.desc()).limit(limit))


def mark_read(person: Person, ids: Iterable[int] | Literal["all"], at: datetime | None = None) -> int:
    """Mark messages of this person as read, those with the ids or all; returns how many became read.

    ``at`` is the moment that is kept, by which ``mark_unread`` takes it back; now if empty.
    """
    mine = (InboxEntry.person == person) & InboxEntry.read_at.is_null()
    if ids != "all":
        mine &= InboxEntry.id.in_(list(ids))
    with transaction():
        return int(InboxEntry.update(read_at=at or moment.now()).where(mine).execute())


def mark_unread(person: Person, which: int | datetime) -> int:
    """Take reading back: of one message by its id, or of all that became read at one moment."""
    mine = (InboxEntry.person == person) & InboxEntry.read_at.is_null(False)
    mine &= InboxEntry.read_at == which if isinstance(which, datetime) else InboxEntry.id == which
    with transaction():
        return int(InboxEntry.update(read_at=None).where(mine).execute())


def unread_count(person: Person) -> int:
    """How many messages the person has not read."""
    return int(InboxEntry.select().where(InboxEntry.person == person, InboxEntry.read_at.is_null()).count())


def claim(channel: str, limit: int = 1) -> list[Outgoing]:
    """Take due rows of a channel for this caller alone, oldest first, for the time of ``LEASE``.

    What the caller neither acknowledges nor puts off (it was killed) is free again after the lease.
    """
    now, token = moment.now(), uuid.uuid4().hex
    free = Outgoing.claimed_until.is_null() | (Outgoing.claimed_until < now)
    with transaction():
        due = (
            Outgoing.select(Outgoing.id)
            .where(Outgoing.channel == channel, _open(), Outgoing.due_at <= now, free)
            .order_by(Outgoing.due_at, Outgoing.id)
            .limit(limit)
        )
        ids = [row.id for row in due]
        changes = {"claim": token, "claimed_until": now + LEASE, "tries": Outgoing.tries + 1}
        # The condition again: between the two statements another database's deliverer may have come.
        Outgoing.update(**changes).where(Outgoing.id.in_(ids), _open(), free).execute()
    mine = Outgoing.select().where(Outgoing.id.in_(ids), Outgoing.claim == token)
    return list(mine.order_by(Outgoing.due_at, Outgoing.id))


def acknowledge(rows: Iterable[Outgoing]) -> None:
    """Mark claimed rows as delivered."""
    _settle(rows, sent_at=moment.now(), error="")


def put_off(row: Outgoing, error: str) -> None:
    """Note a failed try: the row is due again after a delay that grows, or given up after the last try."""
    log.warning("delivery %s through %s failed, try %s: %s", row.id, row.channel, row.tries, error)
    if row.tries >= TRIES:
        give_up(row, error)
    else:
        _settle([row], due_at=moment.now() + DELAYS[row.tries - 1], error=error[:500])


def give_up(row: Outgoing, error: str) -> None:
    """Mark a claimed row as failed for good; it stays for the administrator to see."""
    _settle([row], failed_at=moment.now(), error=error[:500])


def deliver(settings: Settings, say: Say, limit: int = 50) -> int:
    """Send what is due, at most ``limit`` rows; returns how many were sent.

    Rows are claimed one by one: two deliverers never hold the same one. Between the mail server's
    acceptance and our note of it lies one small write; a mail repeated because of a kill just there
    bears the same Message-ID.
    """
    sent, end = 0, perf_counter() + LONGEST_ROUND
    if not channels.is_configured(settings, "mail"):
        return sent
    with channels.transport(settings) as transport:
        for _ in range(limit):
            rows = claim("mail") if perf_counter() < end else []
            if not rows:
                break
            sent += _send(settings, say, transport, rows[0])
    return sent


def forget_sent() -> int:
    """Delete what was sent long ago; returns how many rows. What failed stays, for somebody to look at."""
    before = moment.now() - KEPT
    with transaction():
        return int(Outgoing.delete().where(Outgoing.sent_at < before).execute())


def _send(settings: Settings, say: Say, transport: channels.Transport, row: Outgoing) -> bool:
    if row.tries > TRIES:  # each of its deliverers died with it in work
        give_up(row, row.error or "interrupted too often")
        return False
    person: Person | None = row.recipient
    if person and not person.is_active:
        give_up(row, "the recipient's account is closed")
        return False
    letter = _letter(settings, row, person)
    if letter is None:
        acknowledge([row])
        return False
    try:
        transport.send(channels.compose(settings, say, letter))
    except channels.Undeliverable as error:
        give_up(row, str(error))
    except channels.NotSent as error:
        put_off(row, str(error))
    else:
        acknowledge([row])
        return True
    return False


def _letter(settings: Settings, row: Outgoing, person: Person | None) -> channels.Letter | None:
    """What goes out for a row; ``None`` where its template has nothing left to say."""
    words: channels.Words | None = None
    if row.template in LETTERS and person is not None:
        words = LETTERS[row.template](row.context, person)
        if words is None:
            return None
    return channels.Letter(
        address=row.address or (person.email if person else ""),
        name=person.name if person else "",
        message=words.message if words else unpack(row.context),
        url=row.context.get("url", ""),
        locale=(person.locale if person else "") or settings.locale,
        key=f"{row.id}.{row.created_at:%Y%m%d%H%M%S%f}",
        lines=words.lines if words else (),
        stop=wishes.stop_word(person) if person and row.context.get("wished") else "",
    )


def _open() -> Any:
    return Outgoing.sent_at.is_null() & Outgoing.failed_at.is_null()


def _settle(rows: Iterable[Outgoing], **changes: object) -> None:
    rows = list(rows)
    changes |= {"claim": "", "claimed_until": None}
    for chance in range(5, 0, -1):
        try:
            with transaction():
                for row in rows:
                    Outgoing.update(**changes).where(
                        Outgoing.id == row.id, Outgoing.claim == row.claim
                    ).execute()
            return
        except Busy:
            # An acknowledgement that is not written would mean a second delivery: it is worth waiting for.
            if chance == 1:
                raise
