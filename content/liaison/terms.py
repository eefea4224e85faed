"""The calendar of the liaison scheme: quarters and terms as data, and the periods that they make.

The only place that says when a term begins. The clock engine of a later issue reads the same tables.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from content.errors import N_, Message, msg


@dataclass(frozen=True)
class Part:
    """A part of the year: the day on which it begins; it ends the day before the next part begins."""

    name: str
    label: str  # holds %(year)s: the year in which it begins
    month: int
    day: int


@dataclass(frozen=True)
class Period:
    """One stretch of days, both ends included."""

    key: str  # 2026-q1, 2025-autumn: in addresses
    unit: str
    start: date
    end: date
    label: Message

    def holds(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.start <= day <= self.end


# Natural quarters and the two terms of the school year.
UNITS: dict[str, tuple[Part, ...]] = {
    "quarter": (
        Part("q1", N_("%(year)s, 1st quarter"), 1, 1),
        Part("q2", N_("%(year)s, 2nd quarter"), 4, 1),
        Part("q3", N_("%(year)s, 3rd quarter"), 7, 1),
        Part("q4", N_("%(year)s, 4th quarter"), 10, 1),
    ),
    "term": (
        Part("spring", N_("Spring term %(year)s"), 2, 1),
        Part("autumn", N_("Autumn term %(year)s"), 8, 1),
    ),
}


def period_of(unit: str, day: date) -> Period:
    """The quarter or term in which a day lies; a term that began last year counts for the days of January."""
    begins = sorted(
        (date(year, part.month, part.day), part)
        for year in (day.year - 1, day.year, day.year + 1)
        for part in UNITS[unit]
    )
    position = max(n for n, (start, _) in enumerate(begins) if start <= day)
    (start, part), (following, _) = begins[position], begins[position + 1]
    label = msg(part.label, year=str(start.year))
    return Period(f"{start.year}-{part.name}", unit, start, following - timedelta(days=1), label)


def before(period: Period) -> Period:
    """The period of the same unit before this one."""
    return period_of(period.unit, period.start - timedelta(days=1))


def after(period: Period) -> Period:
    """The period of the same unit after this one."""
    return period_of(period.unit, period.end + timedelta(days=1))


def last_periods(unit: str, day: date, count: int) -> list[Period]:
    """``count`` periods in order of time; the last one is that of ``day``."""
    found = [period_of(unit, day)]
    while len(found) < count:
        found.append(before(found[-1]))
    return found[::-1]


def by_key(unit: str, key: str) -> Period | None:
    """The period that an address names, ``None`` if there is none."""
    year, _, name = key.partition("-")
    part = next((one for one in UNITS.get(unit, ()) if one.name == name), None)
    if part is None or not (year.isascii() and year.isdecimal() and 1900 < int(year[:5]) < 2200):
        return None
    return period_of(unit, date(int(year), part.month, part.day))


def add_months(day: date, months: int) -> date:
    """The same day some months later; the last day of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
