"""Quarters, terms and what a pair owes in them: each rule on its last day and one day beyond (R-131–136)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.liaison import ACTIVITIES, KINDS
from content.liaison.duties import (
    OBLIGATIONS,
    due,
    missed_before,
    months_together,
    obligation,
    owed,
    reshuffle_on,
    reshuffle_standing,
)
from content.liaison.terms import UNITS, add_months, after, before, by_key, last_periods, period_of

DAYS = st.dates(date(1990, 1, 1), date(2150, 12, 31))


@dataclass
class Pair:
    since: date
    until: date | None = None


@dataclass
class Met:
    kind: str
    held_on: date
    state: str = "confirmed"


def standing(name: str, pair: Pair, today: date, *held: Met) -> str | None:
    return next((one.standing for one in due(pair, today, held) if one.obligation.name == name), None)


@pytest.mark.parametrize(
    ("unit", "day", "key", "start", "end"),
    [
        ("quarter", date(2026, 3, 31), "2026-q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("quarter", date(2026, 4, 1), "2026-q2", date(2026, 4, 1), date(2026, 6, 30)),
        ("quarter", date(2025, 12, 31), "2025-q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("quarter", date(2026, 1, 1), "2026-q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("term", date(2026, 1, 31), "2025-autumn", date(2025, 8, 1), date(2026, 1, 31)),
        ("term", date(2026, 2, 1), "2026-spring", date(2026, 2, 1), date(2026, 7, 31)),
        ("term", date(2026, 7, 31), "2026-spring", date(2026, 2, 1), date(2026, 7, 31)),
        ("term", date(2026, 8, 1), "2026-autumn", date(2026, 8, 1), date(2027, 1, 31)),
    ],
)
def test_edges_of_quarters_and_terms(unit: str, day: date, key: str, start: date, end: date) -> None:
    found = period_of(unit, day)
    assert (found.key, found.start, found.end) == (key, start, end)
    assert by_key(unit, key) == found


@given(DAYS, st.sampled_from(sorted(UNITS)))
def test_periods_follow_one_another_without_gap(day: date, unit: str) -> None:
    found = period_of(unit, day)
    assert found.holds(day)
    assert not found.holds(found.end + timedelta(days=1))
    assert after(before(found)) == found
    assert before(found).end + timedelta(days=1) == found.start
    assert [one.key for one in last_periods(unit, day, 4)] == sorted(
        (one.key for one in last_periods(unit, day, 4)),
        key=lambda key: by_key(unit, key).start,  # type: ignore[union-attr]
    )


@pytest.mark.parametrize("key", ["", "2026", "2026-q5", "x-q1", "99999999999-q1", "2026-", "²⁰-q1", "-q1"])
def test_no_period_of_that_name(key: str) -> None:
    assert by_key("quarter", key) is None


@given(DAYS, st.integers(0, 60))
def test_months_are_added_as_people_count(day: date, months: int) -> None:
    found = add_months(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1


def test_a_talk_each_quarter() -> None:
    """R-132: held on the quarter's last day it counts, on the next day it is another quarter's."""
    pair, last = Pair(date(2025, 1, 1)), date(2026, 3, 31)
    assert standing("talk", pair, date(2026, 3, 16)) == "due"
    assert standing("talk", pair, date(2026, 3, 17)) == "soon"  # fourteen days before the last one
    assert standing("talk", pair, last, Met("talk", last)) == "done"
    assert standing("talk", pair, last, Met("talk", last, "logged")) == "waiting"
    assert standing("talk", pair, last, Met("work", last)) == "soon"
    assert standing("talk", pair, date(2026, 4, 1), Met("talk", last)) == "due"
    assert not missed_before(pair, date(2026, 4, 1), [Met("talk", last)])
    assert missed_before(pair, date(2026, 4, 1), [Met("talk", date(2026, 4, 1))])


def test_a_past_quarter_cannot_be_made_up() -> None:
    pair = Pair(date(2025, 1, 1))
    quarter = period_of("quarter", date(2025, 12, 31))
    found = owed(obligation("talk"), pair, quarter, date(2026, 3, 16), [Met("talk", date(2026, 1, 1))])
    assert found is not None
    assert (found.standing, found.done) == ("late", 0)


def test_work_guidance_each_term() -> None:
    """R-134: the autumn term ends on 31 January."""
    pair = Pair(date(2025, 9, 1))
    held = Met("work", date(2026, 1, 31))
    assert standing("work", pair, date(2026, 1, 31), held) == "done"
    assert standing("work", pair, date(2026, 2, 1), held) == "due"


def test_career_guidance_within_six_months() -> None:
    """R-133: the same day six months later is the last one; done after it is done, but late."""
    pair = Pair(date(2025, 9, 16))
    assert standing("career", pair, date(2026, 3, 16)) == "soon"
    assert standing("career", pair, date(2026, 3, 17)) == "late"
    in_time = due(pair, date(2026, 4, 1), [Met("career", date(2026, 3, 16))])
    too_late = due(pair, date(2026, 4, 1), [Met("career", date(2026, 3, 17))])
    assert [(d.met, d.in_time) for d in in_time if d.obligation.name == "career"] == [(True, True)]
    assert [(d.met, d.in_time) for d in too_late if d.obligation.name == "career"] == [(True, False)]
    assert standing("career", Pair(date(2025, 8, 31)), date(2026, 2, 28)) == "soon"
    assert standing("career", Pair(date(2025, 8, 31)), date(2026, 3, 1)) == "late"


def test_growth_help_in_three_years() -> None:
    """R-135."""
    pair = Pair(date(2023, 3, 16))
    assert standing("growth", pair, date(2026, 3, 16)) == "soon"
    assert standing("growth", pair, date(2026, 3, 17)) == "late"


def test_who_begins_late_in_a_quarter_owes_nothing_there() -> None:
    """Thirty days left are enough for a talk, twenty-nine are not asked for."""
    assert standing("talk", Pair(date(2026, 3, 2)), date(2026, 3, 16)) == "due"
    assert standing("talk", Pair(date(2026, 3, 3)), date(2026, 3, 16)) is None


def test_who_ends_before_the_quarter_does_owes_nothing_there() -> None:
    today = date(2026, 3, 16)
    assert standing("talk", Pair(date(2025, 1, 1), date(2026, 3, 31)), today) == "due"
    assert standing("talk", Pair(date(2025, 1, 1), date(2026, 3, 30)), today) is None
    assert due(Pair(date(2025, 1, 1), today), today)
    assert due(Pair(date(2025, 1, 1), today - timedelta(days=1)), today) == []
    assert due(Pair(today + timedelta(days=1)), today) == []


def test_pairs_are_mixed_every_three_years() -> None:
    """R-136: seen coming three months before."""
    pair = Pair(date(2023, 6, 16))
    assert reshuffle_on(pair) == date(2026, 6, 16)
    assert reshuffle_standing(pair, date(2026, 3, 15)) == ""
    assert reshuffle_standing(pair, date(2026, 3, 16)) == "soon"
    assert reshuffle_standing(pair, date(2026, 6, 15)) == "soon"
    assert reshuffle_standing(pair, date(2026, 6, 16)) == "late"
    assert reshuffle_standing(Pair(pair.since, date(2026, 1, 1)), date(2026, 6, 16)) == ""
    assert [
        months_together(Pair(date(2026, 1, 16)), day) for day in (date(2026, 3, 15), date(2026, 3, 16))
    ] == [1, 2]


@given(DAYS, st.integers(0, 2000), st.lists(st.integers(0, 2200), max_size=6))
def test_duties_never_contradict_themselves(since: date, ago: int, offsets: list[int]) -> None:
    today = since + timedelta(days=ago)
    held = [Met("talk", since + timedelta(days=n)) for n in offsets if n <= ago]
    for one in due(Pair(since), today, held):
        assert one.met == (one.standing in ("done", "waiting"))
        assert (one.standing == "late") == (not one.met and today > one.by)
        assert one.confirmed <= one.done


def test_every_rule_names_its_source() -> None:
    assert {one.rule for one in OBLIGATIONS} == {"R-132", "R-133", "R-134", "R-135"}
    assert {one.kind for one in OBLIGATIONS} == set(KINDS)
    assert len(ACTIVITIES) == 11
    assert len({kind.letter for kind in KINDS.values()}) == len(KINDS)
