"""The lists that readers see: by kind and section, page by page; a fixed number of queries each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache, reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import JOIN, BooleanField, Expression, Tuple, fn

from content import moment
from content.db import JSONField, UtcDateTimeField, database
from content.items import KINDS, ContentType, Item, ItemAudience
from content.kinds.event import EventDetail
from content.people import Person, audiences
from content.permissions import visible, visible_to
from portal.web.numbers import number

PAGE = 20
PINNED = 5
MOST_PINNED = 100
WITHOUT_END = timedelta(hours=6)  # after so long an event that says no end is over
LONGEST = timedelta(days=400)  # no event lasts longer; spares a walk through all that ever was
# What a card needs; the detail is loaded for the one page that is shown.
COLUMNS = (
    Item.id, Item.kind, Item.title, Item.summary, Item.slug, Item.section, Item.script, Item.scripts,
    Item.pinned, Item.urgent, Item.published_at, Item.expire_at, Item.position, Item.language,
)  # fmt: skip
# Stands for the present moment where SQL is written once and run often.
_NOW = datetime(9999, 12, 31, tzinfo=UTC)
_NOW_STORED = Item.published_at.db_value(_NOW)
# Columns whose stored form is not what Python wants.
_CONVERTED = [
    (place, column)
    for place, column in enumerate(COLUMNS)
    if isinstance(column, UtcDateTimeField | JSONField | BooleanField)
]


class Card(NamedTuple):
    """A row of a list: ``COLUMNS``, and for events their own (made once; Peewee would make a class per query)."""

    id: int
    kind: str
    title: str
    summary: str
    slug: str
    section: int
    script: str
    scripts: dict[str, Any] | None
    pinned: bool
    urgent: bool
    published_at: datetime
    expire_at: datetime | None
    position: int
    language: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: str = ""
    poster: str = ""


@dataclass(frozen=True)
class Listed:
    """One page of a list: its items, for whom each is (where not for everyone), and how it goes on."""

    items: Sequence[Card]
    audiences: dict[int, list[str]] = field(default_factory=dict)
    older: str = ""  # cursor of the next page; "" on the last one


def newest(
    person: Person | None,
    kind: str,
    sections: Sequence[int] | None = None,
    before: str = "",
    limit: int = PAGE,
) -> Listed:
    """Public items of a kind that are not pinned, newest first, older than the cursor ``before``."""
    cursor = _read_time(before)
    if sections is None and cursor is None:
        rows = _first_page(person, kind, limit + 1)
    else:
        query = _dated(sorted(audiences(person)), moment.now(), kind)
        if sections is not None:
            query = query.where(Item.section.in_(sections))
        if cursor:
            query = query.where(Tuple(Item.published_at, Item.id) < cursor)
        rows = _cards(query.limit(limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    older = f"{last.published_at.timestamp():.6f}~{last.id}" if last else ""
    return Listed(rows[:limit], for_whom(person, rows[:limit]), older)


def pinned(person: Person | None, kinds: Iterable[str], sections: Iterable[int] | None = None) -> Listed:
    """What is pinned of some kinds, newest first. Few are, so kind and section are told apart here."""
    rows = _first_page(person, "", MOST_PINNED)
    names, places = set(kinds), None if sections is None else set(sections)
    found = [row for row in rows if row.kind in names and (places is None or row.section in places)][:PINNED]
    return Listed(found, for_whom(person, found))


def _dated(keys: Sequence[str], now: datetime, kind: str) -> Any:
    """Items newest first: those of a kind that are not pinned, or without a kind the pinned ones of all."""
    query = Item.select(*COLUMNS).where(visible_to(keys, now), Item.pinned == (kind == ""))
    if kind:
        query = query.where(Item.kind == kind)
    return query.order_by(Item.published_at.desc(), Item.id.desc())


def _first_page(person: Person | None, kind: str, limit: int) -> list[Card]:
    """The lists that are asked for most, from SQL that is written once for each audience."""
    sql, values = _written(tuple(sorted(audiences(person))), kind, limit)
    now = Item.published_at.db_value(moment.now())
    rows = database.execute_sql(sql, [now if value == _NOW_STORED else value for value in values])
    return [_card(row) for row in rows.fetchall()]


@lru_cache(maxsize=256)
def _written(keys: tuple[str, ...], kind: str, limit: int) -> tuple[str, list[Any]]:
    sql, values = _dated(keys, _NOW, kind).limit(limit).sql()
    return sql, values


def _card(row: Sequence[Any]) -> Card:
    values = list(row)
    for place, column in _CONVERTED:
        values[place] = column.python_value(values[place])
    return Card(*values)


def arranged(person: Person | None, condition: Expression, after: str = "", limit: int = 30) -> Listed:
    """Public items as the editors arranged them: section by section, by position."""
    query = Item.select(*COLUMNS).where(visible(person), condition)
    cursor = _read_numbers(after)
    if cursor:
        query = query.where(Tuple(Item.section, Item.position, Item.id) > cursor)
    rows = _cards(query.order_by(Item.section, Item.position, Item.id).limit(limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    older = f"{last.section}~{last.position}~{last.id}" if last else ""
    return Listed(rows[:limit], for_whom(person, rows[:limit]), older)


def coming_events(person: Person | None, limit: int = PAGE, condition: Expression | None = None) -> Listed:
    """Events that are not over, the next one first."""
    now = moment.now()
    ahead = EventDetail.ends_at.is_null() & (EventDetail.starts_at > now - WITHOUT_END) | (
        EventDetail.ends_at > now
    )
    ahead &= EventDetail.starts_at > now - LONGEST
    query = _events(person, condition).where(ahead).order_by(EventDetail.starts_at, Item.id).limit(limit)
    rows = _cards(query)
    return Listed(rows, for_whom(person, rows))


def past_events(
    person: Person | None, before: str = "", limit: int = PAGE, condition: Expression | None = None
) -> Listed:
    """Events that have begun, the last one first."""
    query = _events(person, condition).where(EventDetail.starts_at <= moment.now())
    cursor = _read_time(before)
    if cursor:
        query = query.where(Tuple(EventDetail.starts_at, Item.id) < cursor)
    rows = _cards(query.order_by(EventDetail.starts_at.desc(), Item.id.desc()).limit(limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    older = f"{last.starts_at.timestamp():.6f}~{last.id}" if last and last.starts_at else ""
    return Listed(rows[:limit], for_whom(person, rows[:limit]), older)


def _events(person: Person | None, condition: Expression | None) -> Any:
    columns = (*COLUMNS, EventDetail.starts_at, EventDetail.ends_at, EventDetail.place, EventDetail.poster)
    # SQLite keeps the order of a cross join: by the events' dates, not through all that is published.
    query = EventDetail.select(*columns).join(Item, JOIN.CROSS).where(EventDetail.item == Item.id)
    query = query.where(visible(person))
    return query if condition is None else query.where(condition)


def _cards(query: Any) -> list[Card]:
    return [Card(*row) for row in query.tuples()]


def for_whom(person: Person | None, rows: Iterable[Card | Item]) -> dict[int, list[str]]:
    """Audience keys of those items that are not for everyone; a visitor sees no others."""
    ids = [row.id for row in rows]
    if person is None or not ids:
        return {}
    found: dict[int, list[str]] = {}
    query = ItemAudience.select(ItemAudience.item, ItemAudience.audience).where(ItemAudience.item.in_(ids))
    pairs: Any = query.tuples()
    for item, audience in pairs:
        found.setdefault(item, []).append(audience)
    return {item: sorted(keys) for item, keys in found.items() if "everyone" not in keys}


def next_change(zone: str) -> datetime:
    """When a list could look different though nobody changes anything: a date of an item, or midnight."""
    now = moment.now()
    earliest = (
        Item.select(fn.MIN(Item.publish_at)).where(Item.state == "scheduled", Item.publish_at > now),
        Item.select(fn.MIN(Item.expire_at)).where(Item.state == "published", Item.expire_at > now),
        Item.select(fn.MIN(Item.published_at)).where(Item.state == "published", Item.published_at > now),
        EventDetail.select(fn.MIN(EventDetail.starts_at)).where(EventDetail.starts_at > now),
        EventDetail.select(fn.MIN(EventDetail.ends_at)).where(
            EventDetail.starts_at > now - LONGEST, EventDetail.ends_at > now
        ),
    )
    together: Any = reduce(or_, earliest)  # one question: UNION
    found: list[Any] = [Item.publish_at.python_value(value) for (value,) in together.tuples() if value]
    endless = EventDetail.select(fn.MIN(EventDetail.starts_at)).where(
        EventDetail.ends_at.is_null(), EventDetail.starts_at > now - WITHOUT_END
    )
    begun: datetime | None = EventDetail.starts_at.python_value(endless.scalar())
    if begun is not None:
        found.append(begun + WITHOUT_END)
    return min([moment.midnight_after(now, zone), *found])


def board_kinds() -> list[ContentType]:
    """The kinds that the bulletin board lists."""
    return [kind for kind in KINDS.values() if kind.board]


def _read_time(cursor: str) -> tuple[str, int] | None:
    """A cursor's moment in its stored form, since a row of values is compared as it stands, and its number."""
    stamp, _, last = cursor.partition("~")
    id = number(last)
    if id is None:
        return None
    try:
        moment_of = datetime.fromtimestamp(float(stamp), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return str(Item.published_at.db_value(moment_of)), id


def _read_numbers(cursor: str) -> tuple[int, int, int] | None:
    parts = [number(part) for part in cursor.split("~")]
    section, position, item = parts if len(parts) == 3 else (None, None, None)
    if section is None or position is None or item is None:
        return None
    return section, position, item
