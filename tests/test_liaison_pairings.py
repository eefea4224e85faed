"""Pairings: one leader for a counselor, as many counselors as allowed, from and until, two offices at once (R-131)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from peewee import IntegrityError

from content import liaison, moment, outbox, people
from content.db import database
from content.errors import Conflict, Invalid, NotAllowed, NotFound
from content.history import AuditEntry
from content.liaison import Pairing, overview
from content.settings import Settings
from tests.liaison import TODAY, another, met, paired

S = Settings()


def refused(call: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        call()
    return {field: messages[0].id for field, messages in caught.value.fields.items()}


def test_a_pair_is_made_told_and_remembered(house: SimpleNamespace, clock: Any) -> None:
    made = paired(house)
    assert (made.leader_id, made.counselor_id, made.until) == (house.leader.id, house.counselor.id, None)
    for person in (house.leader, house.counselor):
        assert outbox.inbox(person)[0].url == "/liaison/"
    entry = AuditEntry.get(AuditEntry.verb == "pairing.made")
    assert entry.by_id == house.office.id
    assert entry.difference == {"fields": ["leader", "counselor", "since"]}


def test_only_the_office_pairs(house: SimpleNamespace, clock: Any) -> None:
    for person in (None, *(p for role, p in house.people.items() if role != "office")):
        with pytest.raises(NotAllowed):
            liaison.pair(S, person, house.leader.id, house.counselor.id, TODAY)
    assert not Pairing.select().exists()


def test_a_second_leader_for_one_counselor_is_refused(house: SimpleNamespace, clock: Any) -> None:
    paired(house)
    other = another("leader")
    found = refused(lambda: liaison.pair(S, house.office, other.id, house.counselor.id, TODAY))
    assert list(found) == ["counselor"]


def test_a_leader_has_no_more_counselors_than_the_site_says(house: SimpleNamespace, clock: Any) -> None:
    paired(house)
    second, third = another("counselor"), another("counselor", 3)
    assert list(refused(lambda: liaison.pair(S, house.office, house.leader.id, second.id, TODAY))) == [
        "leader"
    ]
    two = replace(S, leader_counselors=2)
    liaison.pair(two, house.office, house.leader.id, second.id, TODAY)
    assert list(refused(lambda: liaison.pair(two, house.office, house.leader.id, third.id, TODAY))) == [
        "leader"
    ]


def test_nobody_is_paired_with_himself(house: SimpleNamespace, clock: Any) -> None:
    people.give_role(house.leader, "counselor")
    found = refused(lambda: liaison.pair(S, house.office, house.leader.id, house.leader.id, TODAY))
    assert "himself" in found["counselor"]


def test_both_need_their_roles(house: SimpleNamespace, clock: Any) -> None:
    found = refused(lambda: liaison.pair(S, house.office, house.counselor.id, house.leader.id, TODAY))
    assert set(found) == {"leader", "counselor"}
    assert set(refused(lambda: liaison.pair(S, house.office, None, 4711, ""))) == {
        "leader",
        "counselor",
        "since",
    }


@pytest.mark.parametrize(
    "since", ["", "tomorrow", "2026-02-30", "1899-01-01", "9999-12-31", "2026-3-1-1", "²"]
)
def test_a_day_that_is_none_is_told(house: SimpleNamespace, clock: Any, since: str) -> None:
    found = refused(lambda: liaison.pair(S, house.office, house.leader.id, house.counselor.id, since))
    assert list(found) == ["since"]


@pytest.mark.parametrize("since", ["２０２６-０３-０１", "2026/3/1", "2026-03-01"])
def test_a_day_may_be_written_in_several_ways(house: SimpleNamespace, clock: Any, since: str) -> None:
    assert paired(house, since).since == date(2026, 3, 1)


def test_pairs_may_touch_but_not_overlap(house: SimpleNamespace, clock: Any) -> None:
    """The last day of one is still its own; the next day is free."""
    first = paired(house, "2025-09-01")
    liaison.end_pairing(house.office, first.id, "2026-03-10", version=first.version)
    other = another("leader")
    assert "counselor" in refused(
        lambda: liaison.pair(S, house.office, other.id, house.counselor.id, "2026-03-10")
    )
    made = liaison.pair(S, house.office, other.id, house.counselor.id, "2026-03-11")
    assert made.since == date(2026, 3, 11)
    # and the leader who was freed may have another counselor from then on, not a day before
    second = another("counselor")
    assert "leader" in refused(
        lambda: liaison.pair(S, house.office, house.leader.id, second.id, "2026-03-10")
    )
    liaison.pair(S, house.office, house.leader.id, second.id, "2026-03-11")


def test_the_database_itself_holds_one_leader_at_a_time(house: SimpleNamespace, clock: Any) -> None:
    first = paired(house, "2025-09-01")
    other = another("leader")
    row = {"leader": other, "counselor": house.counselor, "made_at": moment.now()}
    for since, until in ((TODAY, None), (date(2025, 1, 1), date(2025, 9, 1))):
        with pytest.raises(IntegrityError):
            Pairing.create(**row, since=since, until=until)
    made = Pairing.create(**row, since=date(2025, 1, 1), until=date(2025, 8, 31))
    with pytest.raises(IntegrityError):
        Pairing.update(until=None).where(Pairing.id == made.id).execute()
    with pytest.raises(IntegrityError):
        Pairing.update(counselor=house.leader).where(Pairing.id == first.id).execute()


def test_of_two_offices_at_once_one_pairs(house: SimpleNamespace) -> None:
    leaders = [house.leader, another("leader")]
    second = people.add_person("office-2", "辦公室 二", "a-password-for-tests")
    people.give_role(second, "office")
    gate, said = threading.Barrier(2), []

    def make(office: Any, leader: Any) -> None:
        with database.connection_context():
            gate.wait()
            try:
                liaison.pair(S, office, leader.id, house.counselor.id, "2026-01-01")
                said.append("made")
            except Invalid as refusal:
                said.append(",".join(refusal.fields))

    threads = [
        threading.Thread(target=make, args=pair) for pair in zip((house.office, second), leaders, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["counselor", "made"]
    assert Pairing.select().count() == 1


def test_an_end_can_be_taken_back(house: SimpleNamespace, clock: Any) -> None:
    first = paired(house)
    ended = liaison.end_pairing(house.office, first.id, TODAY, version=1)
    assert liaison.reopen(S, house.office, first.id, version=ended.version).until is None
    with pytest.raises(Conflict):
        liaison.end_pairing(house.office, first.id, TODAY, version=1)


def test_an_end_cannot_be_taken_back_once_the_place_is_taken(house: SimpleNamespace, clock: Any) -> None:
    first = paired(house)
    ended = liaison.end_pairing(house.office, first.id, "2026-03-10", version=1)
    liaison.pair(S, house.office, another("leader").id, house.counselor.id, "2026-03-11")
    found = refused(lambda: liaison.reopen(S, house.office, first.id, version=ended.version))
    assert list(found) == ["until"]
    assert Pairing.get_by_id(first.id).until == date(2026, 3, 10)


def test_an_end_lies_after_the_begin_and_the_last_meeting(house: SimpleNamespace, clock: Any) -> None:
    first = paired(house)
    met(house, first, held_on="2026-03-12")
    for day in ("2025-08-31", "2026-03-11"):
        found = refused(lambda day=day: liaison.end_pairing(house.office, first.id, day, version=1))
        assert list(found) == ["until"]
    assert liaison.end_pairing(house.office, first.id, "2026-03-12", version=1).until == date(2026, 3, 12)


def test_hand_over_leaves_no_gap_and_no_overlap(house: SimpleNamespace, clock: Any) -> None:
    first, other = paired(house), another("leader")
    new = liaison.hand_over(S, house.office, first.id, other.id, TODAY, version=1)
    assert Pairing.get_by_id(first.id).until == TODAY - timedelta(days=1)
    assert (new.leader_id, new.counselor_id, new.since) == (other.id, house.counselor.id, TODAY)
    assert outbox.inbox(other)


def test_a_hand_over_that_fails_changes_nothing(house: SimpleNamespace, clock: Any) -> None:
    first, busy = paired(house), another("leader")
    paired(house, leader=busy, counselor=another("counselor"))
    before = (AuditEntry.select().count(), len(outbox.inbox(house.counselor)))
    hand = lambda leader, day: liaison.hand_over(S, house.office, first.id, leader, day, version=1)  # noqa: E731
    assert list(refused(lambda: hand(busy.id, TODAY))) == ["leader"]
    assert list(refused(lambda: hand(house.leader.id, TODAY))) == ["leader"]
    assert list(refused(lambda: hand(another("leader", 3).id, first.since))) == ["since"]
    assert Pairing.get_by_id(first.id).until is None
    assert (AuditEntry.select().count(), len(outbox.inbox(house.counselor))) == before


def test_only_a_pair_that_never_met_is_removed(house: SimpleNamespace, clock: Any) -> None:
    first = paired(house)
    met(house, first)
    assert list(refused(lambda: liaison.remove(house.office, first.id, version=1))) == ["pairing"]
    second = paired(house, leader=another("leader"), counselor=another("counselor"))
    liaison.remove(house.office, second.id, version=1)
    with pytest.raises(NotFound):
        liaison.find_pairing(house.office, second.id)


def test_coverage_counts_who_is_paired(house: SimpleNamespace, clock: Any) -> None:
    """R-131: all counselors covered; who is not stands below with a way on."""
    paired(house)
    free = another("counselor")
    found = overview.coverage(house.office, by="counselor")
    assert (found.covered, found.counselors, found.unpaired) == (1, 2, [free])
    assert overview.coverage(house.office, by="leader").unpaired == []


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 300), st.integers(0, 120)),
        min_size=2,
        max_size=8,
    )
)
def test_whatever_the_office_does_nobody_has_two(house: SimpleNamespace, clock: Any, acts: list[Any]) -> None:
    leaders = [people.find_person(n) if n == "leader" else _known("leader", n) for n in ("leader", "2", "3")]
    counselors = [
        people.find_person(n) if n == "counselor" else _known("counselor", n) for n in ("counselor", "2", "3")
    ]
    with database.atomic() as transaction:
        for leader, counselor, start, length in acts:
            since = date(2025, 6, 1) + timedelta(days=start)
            try:
                made = liaison.pair(S, house.office, leaders[leader].id, counselors[counselor].id, since)
                if length:
                    liaison.end_pairing(house.office, made.id, since + timedelta(days=length), version=1)
            except Invalid:
                continue
        rows = list(Pairing.select())
        for one in rows:
            for other in rows:
                if one.id < other.id and overlap(one, other):
                    assert one.counselor_id != other.counselor_id
                    assert one.leader_id != other.leader_id
        transaction.rollback()


def overlap(one: Pairing, other: Pairing) -> bool:
    end = date(9999, 12, 31)
    return one.since <= (other.until or end) and other.since <= (one.until or end)


def _known(role: str, number: str) -> Any:
    found = people.Person.get_or_none(people.Person.username == f"{role}-{number}")
    return found or another(role, int(number))
