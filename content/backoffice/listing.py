"""A page of a register, one row of it, its rows by number. All are looked up in what the person may see.

However large the table is, a page costs the same: rows are counted up to ``COUNTED`` only, skipped up to
``COUNTED`` only, and further back a page begins after the last row of the one before. First the keys are found,
which needs an index and no joined table, then the rows of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import AutoField, BigIntegerField, Field, ForeignKeyField, IntegerField, Tuple, Value

from content import permissions
from content.backoffice.declaring import Register, Row
from content.backoffice.selecting import LARGEST, WORDS, condition
from content.errors import NotFound
from content.people import Person

COUNTED = 10_000
SIZES = (20, 50, 100, 200)
CHUNK = 500  # rows that are looked up by number at once
ENTER = "admin:enter"
Mark = tuple[Any, Any]  # where a row stands in the order: the value sorted by, and the key


@dataclass(frozen=True)
class Page:
    """Some rows in order. ``more`` says that there are more than ``count``, which is not counted beyond ``COUNTED``.

    ``further`` says that rows follow; ``after`` is the key of the last row, where the next page may begin.
    """

    rows: list[Row]
    count: int
    more: bool
    number: int = 0
    further: bool = False
    after: str = ""


@dataclass(frozen=True)
class Selection:
    """Which rows, in which order; what a list, its exports and its acts have in common."""

    words: str = ""
    filters: Mapping[str, Any] | None = None
    sort: str = ""
    descending: bool | None = None


def require(person: Person | None, register: Register) -> Person:
    """The person, who may enter the back office and see the register. Raises ``NotAllowed``."""
    permissions.require(person, ENTER)
    permissions.require(person, register.permission)
    assert person is not None
    return person


def page(
    person: Person | None,
    register: Register,
    *,
    words: str = "",
    filters: Mapping[str, Any] | None = None,
    sort: str = "",
    descending: bool | None = None,
    page: int = 0,
    size: int = SIZES[0],
    after: str = "",
) -> Page:
    """The rows of one page, numbered from 0, or those that follow the row whose key is ``after``.

    ``filters`` are as ``selecting.read_filters`` gives them; a sort that does not exist is the usual order. A page
    beyond the last one is the last one. Raises ``NotAllowed``.
    """
    who = require(person, register)
    size = min(max(size, 1), SIZES[-1])
    selection = Selection(words, filters, sort, descending)
    query = matching(who, register, selection)
    start = _mark_of(query, register, order_of(register, sort, descending)[0], after) if after else None
    if start is not None:
        marks = _marks(query, register, selection, size + 1, mark=start)
        return _made(who, register, marks, size, _count(query), number=-1)
    number = min(max(page, 0), COUNTED // size - 1)
    marks = _marks(query, register, selection, size + 1, offset=number * size)
    if not marks and number:
        number = max(_count(query)[0] - 1, 0) // size
        marks = _marks(query, register, selection, size + 1, offset=number * size)
    seen = number * size + len(marks)
    counted = (seen, False) if len(marks) <= size else _count(query)
    return _made(who, register, marks, size, counted, number)


def one(person: Person | None, register: Register, key: Any) -> Row:
    """The row of this key. Raises ``NotAllowed``, and ``NotFound`` for whatever ``rows(person)`` does not hold."""
    who = require(person, register)
    known = read_key(register, key)
    found = None if known is None else register.rows(who).where(register.key == known).first()
    if found is None:
        raise NotFound()
    return found


def rows_of(person: Person | None, register: Register, keys: Iterable[Any]) -> dict[Any, Row]:
    """The rows of these keys that the person may see, by key; 500 at a question."""
    who = require(person, register)
    known = list(dict.fromkeys(key for key in (read_key(register, key) for key in keys) if key is not None))
    found: dict[Any, Row] = {}
    for start in range(0, len(known), CHUNK):
        some = known[start : start + CHUNK]
        found |= {key_of(register, row): row for row in register.rows(who).where(register.key.in_(some))}
    return {key: found[key] for key in known if key in found}


def keys_matching(person: Person | None, register: Register, selection: Selection, limit: int) -> list[Any]:
    """The keys of what a list shows on all its pages, in its order, at most ``limit``."""
    who = require(person, register)
    return [key for _, key in _marks(matching(who, register, selection), register, selection, limit)]


def following(
    person: Person | None, register: Register, selection: Selection, mark: Mark | None, size: int
) -> tuple[list[Row], Mark | None]:
    """The rows that come after ``mark`` (from the beginning if ``None``), and the mark of the last of them."""
    who = require(person, register)
    marks = _marks(matching(who, register, selection), register, selection, size, mark=mark)
    found = rows_of(who, register, [key for _, key in marks])
    return list(found.values()), marks[-1] if marks else None


def count(person: Person | None, register: Register, selection: Selection) -> int:
    """How many rows a list shows on all its pages; counted to the end, so not for a page."""
    return int(matching(require(person, register), register, selection).select(register.key).count())


def matching(person: Person, register: Register, selection: Selection) -> Any:
    """The query of what the person may see and asked for, in no order."""
    query = register.rows(person)
    words = selection.words.replace("\0", "").strip()[:WORDS]
    if words and register.search is not None:
        query = query.where(register.search(words))
    filters = selection.filters or {}
    for filter in register.filters:
        if filter.name in filters:
            query = query.where(condition(register, filter, filters[filter.name]))
    return query


def order_of(register: Register, sort: str, descending: bool | None) -> tuple[Field, bool]:
    """The field that is sorted by, and whether from its end."""
    column = next((one for one in register.columns if one.name == sort and one.sort is not None), None)
    if column is None or column.sort is None:
        return register.order, register.newest_first if descending is None or sort else descending
    return column.sort, bool(descending)


def read_key(register: Register, typed: Any) -> Any:
    """A key as it stands in an address; ``None`` where no row can have it."""
    field = register.key
    if isinstance(field, AutoField | IntegerField | BigIntegerField | ForeignKeyField):
        text = str(typed)
        digits = text.isascii() and text.isdigit() and len(text) < 20
        return int(text) if digits and int(text) <= LARGEST else None
    return str(typed) if typed not in (None, "") and "\0" not in str(typed) else None


def key_of(register: Register, row: Row) -> Any:
    """The key of a row."""
    return getattr(
        row, register.key.object_id_name if isinstance(register.key, ForeignKeyField) else register.key.name
    )


# ---- finding keys


def _made(
    person: Person,
    register: Register,
    marks: Sequence[Mark],
    size: int,
    counted: tuple[int, bool],
    number: int,
) -> Page:
    shown = marks[:size]
    rows = list(rows_of(person, register, [key for _, key in shown]).values())
    after = str(shown[-1][1]) if shown else ""
    return Page(rows, counted[0], counted[1], number, len(marks) > size, after)


def _count(query: Any) -> tuple[int, bool]:
    """How many there are, and whether there are more than were counted."""
    found = int(query.order_by().limit(COUNTED + 1).count())
    return min(found, COUNTED), found > COUNTED


def _mark_of(query: Any, register: Register, field: Field, key: str) -> Mark | None:
    known = read_key(register, key)
    found = (
        None
        if known is None
        else query.select(field, register.key).where(register.key == known).tuples().first()
    )
    return None if found is None else (found[0], found[1])


def _marks(
    query: Any,
    register: Register,
    selection: Selection,
    limit: int,
    *,
    mark: Mark | None = None,
    offset: int = 0,
) -> list[Mark]:
    """Where the wanted rows stand, in order."""
    key = register.key
    field, descending = order_of(register, selection.sort, selection.descending)
    order = [one.desc() if descending else one.asc() for one in ((key,) if field is key else (field, key))]
    found: list[Mark] = []
    for part in _beyond(query, field, key, descending, mark) if mark else (query,):
        wanted = part.select(field, key).order_by(*order).limit(limit - len(found))
        found += [(value, number) for value, number in (wanted.offset(offset) if offset else wanted).tuples()]
        if len(found) >= limit:
            break
    return found


def _beyond(query: Any, field: Field, key: Field, descending: bool, mark: Mark) -> list[Any]:
    """What follows a mark, in parts that an index serves one after the other. Empty values are the smallest."""
    value, number = _stored(field, mark[0]), _stored(key, mark[1])
    if field is key:
        return [query.where(key < number if descending else key > number)]
    if mark[0] is None:
        same = query.where(field.is_null(), key < number if descending else key > number)
        return [same] if descending else [same, query.where(field.is_null(False))]
    place, here = Tuple(field, key), Tuple(value, number)
    if descending:
        return [query.where(place < here), query.where(field.is_null())]
    return [query.where(place > here)]


def _stored(field: Field, value: Any) -> Value:
    return Value(None if value is None else field.db_value(value), converter=False)
