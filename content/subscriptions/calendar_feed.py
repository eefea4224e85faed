"""Calendars to subscribe to (RFC 5545): the events somebody may read, and what other subjects have for them.

What was announced and then taken down is called off by name, in the words that were last public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from peewee import JOIN

from content import moment
from content.errors import N_, Message, Written, msg
from content.history import Revision
from content.items import Item, Section, address
from content.kinds.event import EventDetail
from content.late import Late
from content.people import Person, audiences
from content.permissions import effective_audience, visible
from content.settings import Settings
from content.wishes import ReaderWishes

_icalendar = Late("icalendar")
KEPT = timedelta(days=90)  # how long what is over stays in the calendar
MOST = 500
MOST_CALLED_OFF = 50
REFRESH = timedelta(hours=1)
_HOST = "lianxi"  # second half of the uids; never changes, whatever address the portal has


@dataclass(frozen=True)
class Entry:
    """One entry of a calendar. ``starts`` is a moment, or a date for a whole day; ``url`` a path of the portal.

    ``uid`` is the same for ever; ``version`` grows with every change.
    """

    uid: str
    title: Message
    starts: datetime | date
    changed_at: datetime
    ends: datetime | date | None = None
    place: Message | None = None
    note: Message | None = None
    url: str = ""
    version: int = 0
    called_off: bool = False


Contributor = Callable[[Person], Iterable[Entry]]
# What other subjects put into the calendars of people; they add themselves when they are imported.
CONTRIBUTORS: list[Contributor] = []


def contribute(one: Contributor) -> Contributor:
    """Add a contributor; usable as a decorator."""
    CONTRIBUTORS.append(one)
    return one


def owner_of(token: str) -> Person | None:
    """Whose calendar has this word in its address; ``None`` for a wrong one and for a closed account."""
    if not token or not token.isascii() or len(token) > 40:
        return None
    row = ReaderWishes.get_or_none(ReaderWishes.calendar_token == token)
    return row.person if row is not None and row.person.is_active else None


def entries(person: Person | None) -> list[Entry]:
    """All that belongs into the calendar of a person, or of visitors; by date."""
    found = [*_events(person), *_called_off(person)]
    if person is not None:
        found += [entry for one in CONTRIBUTORS for entry in one(person)]
    return sorted(found, key=lambda entry: (_instant(entry.starts), entry.uid))


def _instant(value: datetime | date) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


class _Shown(NamedTuple):
    """What the calendar takes of an event that may be read."""

    id: int
    kind: str
    slug: str
    uid: str
    title: str
    summary: str
    script: str
    version: int
    changed_at: datetime
    published_at: datetime
    starts_at: datetime
    ends_at: datetime | None
    place: str


_COLUMNS = (
    Item.id, Item.kind, Item.slug, Item.uid, Item.title, Item.summary, Item.script, Item.version, Item.changed_at,
    Item.published_at, EventDetail.starts_at, EventDetail.ends_at, EventDetail.place,
)  # fmt: skip


def _events(person: Person | None) -> Iterator[Entry]:
    # By the events' dates, not through all that is published: SQLite keeps the order of a cross join.
    query = EventDetail.select(*_COLUMNS).join(Item, JOIN.CROSS).where(EventDetail.item == Item.id)
    query = query.where(visible(person), EventDetail.starts_at > moment.now() - KEPT)
    rows: Any = query.order_by(EventDetail.starts_at).limit(MOST).tuples()
    for row in map(_Shown._make, rows):
        yield Entry(
            uid=row.uid,
            title=_named(row.title, row.script),
            starts=row.starts_at,
            ends=row.ends_at,
            place=_named(row.place, row.script) if row.place else None,
            note=_named(row.summary, row.script) if row.summary else None,
            url=address(Item(id=row.id, kind=row.kind, slug=row.slug)),
            version=row.version,
            changed_at=max(row.changed_at, row.published_at),
        )


def _named(text: str, script: str) -> Message:
    return msg(N_("%(name)s"), name=Written(text, script))


def _called_off(person: Person | None) -> Iterator[Entry]:
    """Events that this person could read and that were taken down; nothing of what was written since then."""
    taken_down = Item.state.in_(("withdrawn", "draft", "review", "scheduled")) | Item.trashed_at.is_null(
        False
    )
    rows = (
        EventDetail.select(EventDetail, Item, Section)
        .join(Item)
        .join(Section)
        .where(Item.published_at.is_null(False), Item.state != "expired", taken_down)
        .where(EventDetail.starts_at > moment.now() - KEPT)
        .order_by(EventDetail.starts_at)
        .limit(MOST_CALLED_OFF)
    )
    items = {row.item.id: row.item for row in rows}
    keys = audiences(person)
    for id, data in _last_public(list(items)).items():
        item = items[id]
        told = str(data.get("audience") or "").split(",") if data.get("audience") else None
        if not data.get("starts_at") or not keys & set(told or effective_audience(item)):
            continue
        script = str(data.get("script") or item.script)
        yield Entry(
            uid=item.uid,
            title=_named(str(data["title"]), script),
            starts=datetime.fromisoformat(data["starts_at"]),
            ends=datetime.fromisoformat(data["ends_at"]) if data.get("ends_at") else None,
            version=item.version,
            changed_at=max(item.changed_at, item.trashed_at or item.changed_at),
            called_off=True,
        )


def _last_public(ids: list[int]) -> dict[int, dict[str, Any]]:
    """The last text of each item that readers saw."""
    rows = Revision.select(Revision.item, Revision.data).where(Revision.item.in_(ids), Revision.live == True)  # noqa: E712
    pairs: Any = rows.order_by(Revision.item, Revision.number).tuples()
    return {item: Revision.data.python_value(data) for item, data in pairs}


def written(
    settings: Settings, say: Callable[[Message, str], str], person: Person | None, locale: str = ""
) -> bytes:
    """The calendar as a file, in the person's language; the same as long as nothing changed."""
    locale = locale or (person.locale if person else "") or settings.locale
    calendar = _icalendar.Calendar()
    calendar.add("prodid", "-//Lianxi//Calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", settings.site_name)
    calendar.add("x-wr-timezone", settings.zone)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    home = settings.public_url.rstrip("/")
    for entry in entries(person):
        calendar.add_component(_component(entry, home, lambda message: say(message, locale)))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _component(entry: Entry, home: str, words: Callable[[Message], str]) -> Any:
    event = _icalendar.Event()
    event.add("uid", f"{entry.uid}@{_HOST}")
    event.add("summary", words(entry.title))
    event.add("dtstart", _here(entry.starts))
    if entry.ends is not None:
        event.add("dtend", _here(entry.ends))
    event.add("dtstamp", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.version)
    event.add("status", "CANCELLED" if entry.called_off else "CONFIRMED")
    if entry.place is not None:
        event.add("location", words(entry.place))
    if entry.note is not None:
        event.add("description", words(entry.note))
    if home and entry.url:
        event.add("url", home + entry.url)
    return event


def _here(value: datetime | date) -> datetime | date:
    return moment.local(value) if isinstance(value, datetime) else value
