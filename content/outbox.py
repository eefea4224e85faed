"""What must be told to somebody: rows in the transaction of the change, delivered after it, never twice."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from peewee import AutoField, CharField, ForeignKeyField, IntegerField, IntegrityError, TextField

from content import channels, moment
from content.db import Base, JSONField, UtcDateTimeField, database, transaction
from content.errors import Busy, Message
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
    dedupe = CharField(max_length=240, null=True, unique=True)
    created_at = UtcDateTimeField()
    read_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("person", "read_at"), False),)

    @property
    def message(self) -> Message:
        """The message to render with ``say``."""
        return Message(self.message_id, {k: _unpack_value(v) for k, v in self.values.items()})


def pack(message: Message) -> dict[str, Any]:
    """The message as JSON-able data; values may be text, numbers, dates, times and messages."""
    return {"id": message.id, "values": {k: _pack_value(v) for k, v in message.values.items()}}


def unpack(data: Mapping[str, Any]) -> Message:
    """The message that ``pack`` wrote."""
    return Message(data["id"], {k: _unpack_value(v) for k, v in data["values"].items()})


def _pack_value(value: object) -> Any:
    if isinstance(value, Message):
        return {"message": pack(value)}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value)


def _unpack_value(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    if "message" in value:
        return unpack(value["message"])
    return datetime.fromisoformat(value["time"]) if "time" in value else date.fromisoformat(value["date"])


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


def tell(
    person: Person, message: Message, url: str, *, dedupe: str | None = None, mail: bool = True
) -> InboxEntry | None:
    """Put a message into a person's inbox and, unless ``mail`` is false, into the post.

    ``url`` is a path of the portal. With ``dedupe`` the same person is told only once, ever. Nobody is told
    who cannot sign in any more; then, and for a repeated key, the answer is ``None``.
    """
    if not person.is_active:
        return None
    key = f"{dedupe}:{person.id}" if dedupe else None
    packed = pack(message)
    with transaction():
        if key and InboxEntry.select().where(InboxEntry.dedupe == key).exists():
            return None
        entry = InboxEntry.create(
            person=person,
            message_id=packed["id"],
            values=packed["values"],
            url=url,
            dedupe=key,
            created_at=moment.now(),
        )
        if mail and person.email:
            enqueue("mail", dedupe=key and f"mail:{key}", recipient=person, context={**packed, "url": url})
        return entry


def inbox(person: Person, unread: bool = False, before: int | None = None) -> list[InboxEntry]:
    """A page of the person's messages, newest first; ``before`` is the id of the last one seen."""
    rows = InboxEntry.select().where(InboxEntry.person == person)
    if unread:
        rows = rows.where(InboxEntry.read_at.is_null())
    if before is not None:
        rows = rows.where(InboxEntry.id < before)
    return list(rows.order_by(InboxEntry.id.desc()).limit(PAGE))


def mark_read(person: Person, ids: Iterable[int] | Literal["all"]) -> int:
    """Mark messages of this person as read, those with the ids or all; returns how many became read."""
    mine = (InboxEntry.person == person) & InboxEntry.read_at.is_null()
    if ids != "all":
        mine &= InboxEntry.id.in_(list(ids))
    with transaction():
        return int(InboxEntry.update(read_at=moment.now()).where(mine).execute())


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
    sent = 0
    if not channels.is_configured(settings, "mail"):
        return sent
    with channels.transport(settings) as transport:
        for _ in range(limit):
            rows = claim("mail")
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
    letter = channels.Letter(
        address=row.address or (person.email if person else ""),
        name=person.name if person else "",
        message=unpack(row.context),
        url=row.context.get("url", ""),
        locale=(person.locale if person else "") or settings.locale,
        key=f"{row.id}.{row.created_at:%Y%m%d%H%M%S%f}",
    )
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
