"""What is kept about a person, and where: one table, to which each subject adds what it keeps.

What is listed here is what "My data" shows and gives out, and what an erasure erases; nothing else need be remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from content.errors import Message
from content.people import Person

ERASED = "—"  # in place of a name, or of words that must not be empty
Value = str | int | bool | date | datetime | Message | None


@dataclass(frozen=True)
class Fact:
    """One thing that is known. ``name`` is its key in the file, ``label`` what the page calls it."""

    name: str
    label: str
    value: Value


Record = Sequence[Fact]


def _nothing(person: Person) -> None:
    return None


@dataclass(frozen=True)
class Holding:
    """One kind of thing that is kept about people.

    ``show`` lists it. ``hindrance`` says why it cannot be erased just now, ``None`` if it can. ``erase`` is run in
    the transaction of the erasure; raising ``Invalid`` in it takes everything back. ``fate`` tells beforehand.
    """

    name: str
    label: str
    fate: str
    show: Callable[[Person], Sequence[Record]]
    erase: Callable[[Person], None] = _nothing
    hindrance: Callable[[Person], Message | None] = _nothing


HOLDINGS: dict[str, Holding] = {}


def declare(*holdings: Holding) -> None:
    """Add to the table, once, when a subject is imported."""
    for holding in holdings:
        if holding.name in HOLDINGS:
            raise ValueError(f"declared twice: {holding.name}")
        HOLDINGS[holding.name] = holding


def kept(person: Person) -> list[tuple[Holding, Sequence[Record]]]:
    """All that is kept about a person, kind by kind, in the order of the table."""
    return [(holding, holding.show(person)) for holding in HOLDINGS.values()]
