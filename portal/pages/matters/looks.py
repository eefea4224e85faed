"""How a matter looks on every page that shows one: its icon, the chip of its state, the line of its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from content.cases import Case
from content.reception.categories import CATEGORIES, Category
from content.workflows import MATTER
from portal.web.i18n import say

_ICONS = {
    "repair": "wrench",
    "complaint": "voice",
    "suggestion": "bulb",
    "praise": "heart",
    "service": "hand",
    "aftersales": "house",
    "other": "page",
}
# The tone of the chip of each state, beside its mark and word.
_TONES = {
    "received": "indigo",
    "assigned": "indigo",
    "in_hand": "amber",
    "reopened": "seal",
    "answered": "jade",
}
_WAY = ("received", "assigned", "in_hand", "answered", "closed")
_AGAIN = ("received", "reopened", "answered", "closed")
MB = 1024 * 1024


def category_icon(name: str) -> str:
    """The icon of a category."""
    return _ICONS.get(name, "page")


def category_of(name: str) -> Category:
    """The category of this name."""
    return CATEGORIES[name]


def state_mark(name: str) -> tuple[str, str, str]:
    """The chip of a state of a matter: its words, its shape, its role of colour."""
    state = MATTER.state(name)
    return say(state.label), state.mark, _TONES.get(name, "muted")


@dataclass(frozen=True)
class Stop:
    """One step of the way of a matter: done, where it stands now, or ahead."""

    label: str
    standing: Literal["done", "now", "ahead"]
    at: datetime | None = None


def stops(case: Case) -> list[Stop]:
    """The way of a matter from its receipt to its end, the present step marked; times where they are known. Of one that
    goes on together with another one, the way is that of the other.
    """
    lead = case.merged_into if case.merged_into_id else case
    way = _AGAIN if lead.state == "reopened" else _WAY
    here = way.index(lead.state)
    times = {"received": case.opened_at, "answered": lead.answered_at, "closed": lead.closed_at}
    return [
        Stop(
            _label(name),
            "done" if place < here or lead.state == "closed" else "now" if place == here else "ahead",
            times.get(name) if place <= here else None,
        )
        for place, name in enumerate(way)
    ]


def _label(state: str) -> str:
    return str(MATTER.state(state).label)


def file_size(size: int) -> str:
    """A number of bytes as people read it: 340 kB, 2.4 MB."""
    return f"{size / MB:.1f} MB" if size >= MB else f"{max(1, size // 1024)} kB"
