"""What narrows a register: words and filters as they stand in an address, and as conditions for the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from peewee import Expression, Field

from content import moment
from content.backoffice.declaring import Choices, Filter, Register
from content.db import UtcDateTimeField

WORDS = 100  # characters that are searched for
LARGEST = 2**63 - 1  # what the database can hold


class Unreadable:
    """Stands for a filter's value that cannot be meant. Nothing fits it: a slip must never widen a list."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unreadable) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def options(choices: Choices) -> list[tuple[Any, str]]:
    """Value and label of what can be chosen."""
    return list(choices() if callable(choices) else choices)


def names_of(filter: Filter) -> tuple[str, ...]:
    """The names of a filter's parts in an address: two for "dates"."""
    return (f"{filter.name}.from", f"{filter.name}.until") if filter.type == "dates" else (filter.name,)


def read_filters(register: Register, typed: Mapping[str, str]) -> dict[str, Any]:
    """The filters that are set, by name, as ``listing.page`` wants them; other names are left aside.

    "dates" gives two days, either of which may be ``None``. What cannot be meant becomes ``Unreadable``.
    """
    found: dict[str, Any] = {}
    for filter in register.filters:
        texts = [typed.get(name, "").strip()[:WORDS] for name in names_of(filter)]
        if any(texts):
            found[filter.name] = _read(filter, texts)
    return found


def _read(filter: Filter, texts: list[str]) -> Any:
    if filter.type == "dates":
        days = [_day(text) if text else None for text in texts]
        wrong = next((day for day in days if isinstance(day, Unreadable)), None)
        return wrong or tuple(days)
    return _READERS[filter.type](filter, texts[0])


def _choice(filter: Filter, text: str) -> Any:
    return next((value for value, _ in options(filter.choices) if str(value) == text), Unreadable(text))


def _yes(filter: Filter, text: str) -> Any:
    return {"1": True, "0": False}.get(text, Unreadable(text))


def _number(filter: Filter, text: str) -> Any:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20) or int(digits) > LARGEST:
        return Unreadable(text)
    return int(text)


def _text(filter: Filter, text: str) -> Any:
    return text.replace("\0", "")


_READERS: dict[str, Callable[[Filter, str], Any]] = {
    "choice": _choice,
    "yes": _yes,
    "number": _number,
    "text": _text,
}


def _day(text: str) -> Any:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return Unreadable(text)
    return found if 1900 <= found.year <= 9998 else Unreadable(text)


def condition(register: Register, filter: Filter, value: Any) -> Expression:
    """What a filter asks of the database; for what is ``Unreadable`` a condition that nothing meets."""
    if isinstance(value, Unreadable):
        return register.key.is_null() & register.key.is_null(False)
    if filter.condition is not None:
        return filter.condition(value)
    assert filter.field is not None
    if filter.type == "dates":
        return _between(filter.field, *value)
    if filter.type == "text":
        return filter.field.contains(value)
    return filter.field == value


def _between(field: Field, start: date | None, end: date | None) -> Any:
    """From the first day's beginning to the last one's end, by the clocks of the site."""
    stamped = isinstance(field, UtcDateTimeField)
    found: Any = field.is_null(False)
    if start is not None:
        found &= field >= (_midnight(start) if stamped else start)
    if end is not None:
        found &= field < (_midnight(end + timedelta(days=1)) if stamped else end + timedelta(days=1))
    return found


def _midnight(day: date) -> datetime:
    zone = moment.local(moment.now()).tzinfo
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
