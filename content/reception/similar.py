"""Matters that sound like what somebody is typing, so that the same thing is not sent in twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from peewee import fn

from content import estate, moment
from content.cases import OPEN_STATES, Case, CaseParty
from content.chinese import fold
from content.people import Person
from content.reception.access import shut_out, visible_cases
from content.reception.categories import CATEGORIES

# Rows looked at: of the home, of the category, of one's own. More would not make the answer better, only slower.
OF_HOME, OF_CATEGORY, OF_MINE = 30, 150, 50
RECENT = timedelta(days=60)  # how long a settled matter is still suggested
COMPARED = 800  # characters of a matter that are compared
SHORTEST = 4  # characters that have to be typed before anything is suggested
ENOUGH = 0.25  # share of the pairs of characters that both have
# What the same home or the same place adds: two reports of one lift seldom use the same words.
SAME_HOME, SAME_PLACE = 0.2, 0.25


@dataclass(frozen=True)
class Similar:
    """A matter and how much it is like the text: 0 to 1."""

    case: Case
    score: float


def similar(
    person: Person | None, category: str, text: str, *, place: str = "", household: str = "", limit: int = 5
) -> list[Similar]:
    """Open and recent matters like this one, the likest first: of those the person may see, which are none for a visitor
    and their own for a resident. A fixed number of rows is looked at, however many there are.
    """
    typed = _pairs(fold(text[:COMPARED]))
    if (
        person is None
        or not person.is_active
        or category not in CATEGORIES
        or len(fold(text).strip()) < SHORTEST
    ):
        return []
    home = estate.find_household(household) if household and person.is_staff else None
    folded_place = fold(place).strip()
    found = []
    for case in _candidates(person, category, home.id if home is not None else None):
        score = _overlap(typed, _pairs(str(case.sounds)))
        if home is not None and case.household_id == home.id:
            score += SAME_HOME
        if folded_place and fold(case.place).strip() == folded_place:
            score += SAME_PLACE
        if score >= ENOUGH:
            found.append(Similar(case, round(min(score, 1.0), 3)))
    found.sort(key=lambda one: (-one.score, -one.case.id))
    return found[:limit]


def _candidates(person: Person, category: str, home: int | None) -> list[Any]:
    """By the indexes of party, category and home; nothing that the person may not see."""
    open_ = Case.state.in_(OPEN_STATES)
    recent = open_ | (Case.changed_at > moment.now() - RECENT)
    sounds = fn.SUBSTR(Case.words, 1, COMPARED).alias("sounds")
    columns = (Case.id, Case.number, Case.category, Case.state, Case.opened_at, Case.changed_at, Case.place,
               Case.household, Case.original, sounds)  # fmt: skip
    mine = Case.select(*columns).join(CaseParty).where(CaseParty.person == person.id, recent)
    queries: list[Any] = [mine.order_by(CaseParty.case.desc()).limit(OF_MINE)]
    if person.is_staff:
        seen = Case.select(*columns).where(visible_cases(person))
        for state in OPEN_STATES:
            alike = seen.where(Case.category == category, Case.state == state)
            queries.append(alike.order_by(Case.id.desc()).limit(OF_CATEGORY))
        if home is not None:
            queries.append(seen.where(Case.household == home, recent).order_by(Case.id.desc()).limit(OF_HOME))
    else:
        queries[0] = queries[0].where(~shut_out(person))
    return list({case.id: case for query in queries for case in query}.values())


def _pairs(folded: str) -> frozenset[str]:
    plain = "".join(char for char in folded if char.isalnum())
    return frozenset(plain[n : n + 2] for n in range(len(plain) - 1))


def _overlap(typed: frozenset[str], other: frozenset[str]) -> float:
    """How much of the shorter text stands in the longer one, damped where it is very short."""
    least = min(len(typed), len(other))
    return len(typed & other) / max(least, 6) if least else 0.0
