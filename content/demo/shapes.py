"""What the texts of the demo are made of: plain data that ``filling`` turns into content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# What becomes of a text. "corrected" is published twice, "rewritten" is published while its next version
# waits for review, "approval" is a tariff that waits for the general manager.
Fate = Literal[
    "published", "corrected", "rewritten", "draft", "review", "returned", "scheduled", "expired", "withdrawn",
    "approval",
]  # fmt: skip


@dataclass(frozen=True)
class Text:
    """One item. ``body`` is Markdown; it and the texts in ``more`` may hold the marks of ``content.demo.marks``.

    ``days`` says how long before the demo's date it was published, or last touched if it never was;
    ``month_day`` moves that back to this day of a month. ``audience`` may name a community by its key. ``note``
    is the comment of its last step, ``later`` what the corrected or rewritten version changes and
    ``again`` how many days before the date that was (0: three days after the first time). It comes down ``lasts``
    days after it was published, and what is scheduled appears ``ahead`` days after the demo's date.
    """

    key: str
    section: str
    days: int
    title: str
    body: str = ""
    summary: str = ""
    script: Literal["hant", "hans"] = "hant"
    audience: str = ""
    pinned: bool = False
    urgent: bool = False
    month_day: int = 0
    fate: Fate = "published"
    lasts: int = 0
    ahead: int = 0
    note: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    later: Mapping[str, Any] = field(default_factory=dict)
    again: int = 0


@dataclass(frozen=True)
class Happening:
    """When an event takes place: the first ``weekday`` (0 = Monday) that lies ``days`` or more after the date."""

    days: int
    weekday: int
    start: str  # "09:30", in the site's zone
    end: str
    poster: str  # motif of content.demo.posters
    shows: str  # what the poster shows, for those who cannot see it
