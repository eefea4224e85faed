"""One measured figure beside its target, and the table of all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured, the target it has (none for context) and whether it is met."""

    name: str
    value: str
    target: str = ""
    met: bool = True
    note: str = ""

    @classmethod
    def least(cls, name: str, value: float, target: float, form: str, note: str = "") -> Figure:
        """A figure that should be at least the target."""
        return cls(name, form.format(value), "≥ " + form.format(target), value >= target, note)

    @classmethod
    def most(cls, name: str, value: float, target: float, form: str, note: str = "") -> Figure:
        """A figure that should be at most the target."""
        return cls(name, form.format(value), "≤ " + form.format(target), value <= target, note)


def table(figures: Iterable[Figure]) -> str:
    """All figures as lines of text."""
    rows = [("figure", "measured", "target", "", "")]
    for one in figures:
        rows.append(
            (one.name, one.value, one.target, ("ok" if one.met else "below") if one.target else "", one.note)
        )
    widths = [max(_width(row[n]) for row in rows) for n in range(4)]
    return "\n".join("  ".join([*map(_padded, row, widths), row[4]]).rstrip() for row in rows)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
