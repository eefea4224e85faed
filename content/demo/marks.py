"""The marks in the texts of the demo: dates that move with its date, and links to other texts by their key.

``{+3}`` three days after the text's own day, with the weekday; ``{+3d}`` without; ``{sat}`` the next Saturday
after it; ``{on:key}`` the day of an event; ``{year}``; ``{lastmonth}``; ``(item:key)``, ``(file:key)``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from content.demo.shapes import Happening, Text

_NAMESPACE = uuid.UUID("5b1f6a52-3c0e-4d55-9a57-6c69616e7869")
_MARK = re.compile(r"\{([^{}\n]+)\}")
_LINK = re.compile(r"\((item|file):([a-z0-9-]+)")
_SHIFT = re.compile(r"([+-]\d+)(d?)")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = "一二三四五六日"


def uid_of(key: str) -> str:
    """The permanent identifier of what the demo calls ``key``: the same in every demo."""
    return uuid.uuid5(_NAMESPACE, key).hex


def instant(day: date, clock: str, zone: str) -> datetime:
    """The moment of ``09:30`` on a day in the zone."""
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))


def own_day(text: Text, today: date) -> date:
    """The day on which a text was published or last touched, in a demo of ``today``."""
    day = today - timedelta(days=text.days)
    while text.month_day and day.day != text.month_day:
        day -= timedelta(days=1)
    return day


def day_of(happening: Happening, today: date) -> date:
    """The day of an event in a demo of ``today``."""
    first = today + timedelta(days=happening.days)
    return first + timedelta(days=(happening.weekday - first.weekday()) % 7)


def filler(
    text: Text, today: date, happenings: Mapping[str, Happening], day: date | None = None
) -> Callable[[str], str]:
    """What fills the marks of this text; ``day`` instead of its own day. An unknown mark raises ``KeyError``."""
    day = day or own_day(text, today)

    def spoken(when: date, weekday: bool = True) -> str:
        name = f"（{'周' if text.script == 'hans' else '週'}{_NAMES[when.weekday()]}）" if weekday else ""
        return f"{when.month}月{when.day}日{name}"

    def replace(match: re.Match[str]) -> str:
        mark = match[1]
        if shift := _SHIFT.fullmatch(mark):
            return spoken(day + timedelta(days=int(shift[1])), weekday=not shift[2])
        if mark.startswith("on:"):
            return spoken(day_of(happenings[mark[3:]], today))
        if mark in _WEEKDAYS:
            return spoken(day + timedelta(days=(_WEEKDAYS.index(mark) - day.weekday() - 1) % 7 + 1))
        months = {"year": str(day.year), "lastmonth": f"{(day.replace(day=1) - timedelta(days=1)).month}月"}
        return months[mark]

    return lambda words: _LINK.sub(lambda m: f"({m[1]}:{uid_of(m[2])}", _MARK.sub(replace, words))
