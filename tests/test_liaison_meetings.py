"""Meetings: logged once, confirmed by the other one, corrected, taken back; promises kept (R-132–135)."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from peewee import IntegrityError

from content import liaison, outbox
from content.db import database
from content.errors import Conflict, Invalid, NotAllowed, NotFound
from content.history import AuditEntry
from content.liaison import FollowUp, Meeting
from content.permissions import RULES
from content.workflows import MEETING
from tests.liaison import NOTE, PROMISE, TODAY, WORDS, another, met, paired, typed

KEY = "0123456789abcdef" * 2


def refused(call: Any) -> set[str]:
    with pytest.raises(Invalid) as caught:
        call()
    return set(caught.value.fields)


def test_the_workflow_is_whole() -> None:
    for step in MEETING.transitions:
        assert step.permission in RULES
    for state in MEETING.states:
        assert MEETING.leaving(state.name)
    assert not MEETING.public_states


def test_logged_confirmed_corrected_confirmed(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    meeting = met(house, pair)
    assert (meeting.state, meeting.kind, meeting.held_on) == ("logged", "talk", TODAY)
    assert outbox.inbox(house.counselor)[0].url == f"/liaison/meetings/{meeting.id}"
    done = liaison.confirm_meeting(house.counselor, meeting.id, WORDS, version=1)
    assert (done.state, done.counselor_note) == ("confirmed", WORDS)
    again = liaison.correct_meeting(house.leader, meeting.id, typed(pair, place="食堂"), version=done.version)
    assert (again.state, again.confirmed_at, again.counselor_note) == ("logged", None, WORDS)
    first, second = outbox.inbox(house.counselor)[:2]
    assert first.message.id == second.message.id
    liaison.confirm_meeting(house.counselor, meeting.id, WORDS, version=again.version)
    assert Meeting.get_by_id(meeting.id).state == "confirmed"


def test_a_correction_that_changes_nothing_asks_nobody(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    meeting = met(house, pair)
    done = liaison.confirm_meeting(house.counselor, meeting.id, "", version=1)
    same = liaison.correct_meeting(house.leader, meeting.id, typed(pair), version=done.version)
    assert (same.state, same.version) == ("confirmed", done.version)


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("2026-03-16", False),
        ("2026-03-17", True),
        ("2025-09-01", False),
        ("2025-08-31", True),
        ("", True),
        ("x", True),
    ],
)
def test_a_day_lies_between_the_begin_and_today(
    house: SimpleNamespace, clock: Any, day: str, problem: bool
) -> None:
    pair = paired(house, "2025-09-01")
    if problem:
        assert refused(lambda: met(house, pair, held_on=day)) == {"held_on"}
    else:
        assert met(house, pair, held_on=day).held_on.isoformat() == day


def test_tomorrow_is_the_sites_tomorrow(house: SimpleNamespace, clock: Any) -> None:
    """10:00 in Shanghai plus fourteen hours is the next day there, while it is 16:00 UTC of the same day."""
    pair = paired(house)
    clock(timedelta(hours=13, minutes=59))
    assert refused(lambda: met(house, pair, held_on="2026-03-17")) == {"held_on"}
    clock(timedelta(minutes=1))
    assert met(house, pair, held_on="2026-03-17")


def test_a_pair_that_ended_logs_up_to_its_last_day(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    liaison.end_pairing(house.office, pair.id, "2026-03-10", version=1)
    assert refused(lambda: met(house, pair, held_on="2026-03-11")) == {"held_on"}
    assert met(house, pair, held_on="2026-03-10").id


def test_every_problem_is_told_at_once(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    values = {"kind": "chat", "held_on": "2027-01-01", "place": "x" * 101, "private_note": "y" * 5001,
              "office_line": "z" * 61, "follow_what": "a", "follow_owner": "cook", "follow_due": "2026-03-15"}  # fmt: skip
    wrong = refused(lambda: met(house, pair, **values))
    assert wrong == {"kind", "held_on", "place", "private_note", "office_line", "follow_owner", "follow_due"}
    assert not Meeting.select().exists()
    met(house, pair, place="x" * 100, private_note="y" * 5000, office_line="z" * 60)


def test_work_guidance_names_what_it_took_part_in(house: SimpleNamespace, clock: Any) -> None:
    """R-134; other kinds have no activity, whatever a form sends."""
    pair = paired(house)
    assert refused(lambda: met(house, pair, kind="work")) == {"activity"}
    assert refused(lambda: met(house, pair, kind="work", activity="golf")) == {"activity"}
    assert met(house, pair, kind="work", activity="jobs").activity == "jobs"
    assert met(house, pair, key="b" * 32, kind="talk", activity="jobs").activity == ""


def test_sent_twice_it_is_one_meeting(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    first = liaison.log_meeting(house.leader, typed(pair), key=KEY)
    again = liaison.log_meeting(house.leader, typed(pair, private_note="別的"), key=KEY)
    assert (first.again, again.again, again.meeting.id) == (False, True, first.meeting.id)
    assert Meeting.select().count() == 1
    assert len(outbox.inbox(house.counselor)) == 2  # paired, and one meeting
    liaison.log_meeting(house.leader, typed(pair), key="not a key")
    liaison.log_meeting(house.leader, typed(pair), key="not a key")
    assert Meeting.select().count() == 3


def test_sent_twice_at_once_it_is_one_meeting(house: SimpleNamespace) -> None:
    pair = paired(house, "2026-01-05")
    gate, found = threading.Barrier(2), []

    def send() -> None:
        with database.connection_context():
            gate.wait()
            values = typed(pair, held_on="2026-01-06")
            found.append(liaison.log_meeting(house.leader, values, key=KEY).meeting.id)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1


def test_each_step_belongs_to_one_of_the_two(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    meeting = met(house, pair)
    with pytest.raises(NotAllowed):
        liaison.confirm_meeting(house.leader, meeting.id, "", version=1)
    for act in (
        lambda person: liaison.correct_meeting(person, meeting.id, typed(pair, place="別處"), version=1),
        lambda person: liaison.withdraw_meeting(person, meeting.id, version=1),
    ):
        with pytest.raises(NotAllowed):
            act(house.counselor)
        with pytest.raises(NotFound):
            act(house.office)
        with pytest.raises(NotFound):
            act(None)
    with pytest.raises(NotFound):
        liaison.log_meeting(another("leader"), typed(pair), key=KEY)
    with pytest.raises(NotFound):
        liaison.log_meeting(house.leader, {**typed(pair), "pairing": "4711"}, key=KEY)
    assert Meeting.get_by_id(meeting.id).version == 1


def test_old_knowledge_does_not_overwrite(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    meeting = met(house, pair)
    liaison.correct_meeting(house.leader, meeting.id, typed(pair, place="食堂"), version=1)
    with pytest.raises(Conflict):
        liaison.confirm_meeting(house.counselor, meeting.id, "", version=1)
    with pytest.raises(Conflict):
        liaison.correct_meeting(house.leader, meeting.id, typed(pair, place="操場"), version=1)


def test_taken_back_it_counts_no_more_and_can_be_put_back(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    meeting = met(house, pair)
    liaison.withdraw_meeting(house.leader, meeting.id, version=1)
    standing = liaison.home(house.leader).leads[0]
    assert [one.done for one in standing.dues if one.obligation.name == "talk"] == [0]
    liaison.restore_meeting(house.leader, meeting.id, version=2)
    standing = liaison.home(house.leader).leads[0]
    assert [one.done for one in standing.dues if one.obligation.name == "talk"] == [1]
    liaison.confirm_meeting(house.counselor, meeting.id, "", version=3)
    with pytest.raises(NotAllowed):
        liaison.withdraw_meeting(house.leader, meeting.id, version=4)


def test_it_is_not_put_back_after_the_end(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    meeting = met(house, pair)
    liaison.withdraw_meeting(house.leader, meeting.id, version=1)
    liaison.end_pairing(house.office, pair.id, "2026-03-15", version=1)
    assert refused(lambda: liaison.restore_meeting(house.leader, meeting.id, version=2)) == {"held_on"}
    assert Meeting.get_by_id(meeting.id).state == "withdrawn"


def test_meetings_are_never_deleted(house: SimpleNamespace, clock: Any) -> None:
    meeting = met(house, paired(house))
    with pytest.raises(IntegrityError):
        Meeting.delete().where(Meeting.id == meeting.id).execute()


def test_the_counselor_adds_words_later_too(house: SimpleNamespace, clock: Any) -> None:
    meeting = met(house, paired(house))
    liaison.confirm_meeting(house.counselor, meeting.id, "", version=1)
    liaison.add_words(house.counselor, meeting.id, WORDS, version=2)
    found = Meeting.get_by_id(meeting.id)
    assert (found.counselor_note, found.state) == (WORDS, "confirmed")
    with pytest.raises(NotAllowed):
        liaison.add_words(house.leader, meeting.id, "我改你的", version=3)


def test_promises_have_an_owner_and_a_day(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    met(house, pair, follow_what=PROMISE, follow_owner="counselor", follow_due="2026-03-16")
    found = liaison.open_follow_ups(house.counselor)
    assert [(one.what, one.owner, one.due_on) for one in found] == [(PROMISE, "counselor", TODAY)]
    assert not liaison.is_late(found[0], TODAY)
    assert liaison.is_late(found[0], TODAY + timedelta(days=1))
    done = liaison.set_done(house.leader, found[0].id, True)
    assert liaison.open_follow_ups(house.leader) == []
    liaison.set_done(house.counselor, done.id, False)
    assert len(liaison.open_follow_ups(house.leader)) == 1
    for person in (None, house.office, house.administrator, another("leader")):
        with pytest.raises(NotFound):
            liaison.set_done(person, done.id, True)


def test_a_promise_needs_words_owner_and_a_day_to_come(house: SimpleNamespace, clock: Any) -> None:
    meeting = met(house, paired(house))
    add = lambda **values: liaison.add_follow_up(house.counselor, meeting.id, values)  # noqa: E731
    assert refused(add) == {"follow_what", "follow_owner", "follow_due"}
    assert refused(lambda: add(follow_what="x", follow_owner="leader", follow_due="2026-03-15")) == {
        "follow_due"
    }
    made = add(follow_what=PROMISE, follow_owner="leader", follow_due="2026-03-16")
    assert add(follow_what=PROMISE, follow_owner="leader", follow_due="2026-03-16").id == made.id
    assert FollowUp.select().count() == 1
    assert outbox.inbox(house.leader)[0].url == f"/liaison/meetings/{meeting.id}"


def test_the_audit_holds_names_of_fields_alone(house: SimpleNamespace, clock: Any) -> None:
    meeting = met(house, paired(house))
    liaison.confirm_meeting(house.counselor, meeting.id, WORDS, version=1)
    entries = list(AuditEntry.select().where(AuditEntry.verb.startswith("meeting.")).order_by(AuditEntry.id))
    assert [entry.verb for entry in entries] == ["meeting.logged", "meeting.confirmed"]
    assert entries[0].difference == {"fields": ["held_on", "kind", "office_line", "place", "private_note"]}
    assert entries[1].difference == {"fields": ["counselor_note", "state"]}
    assert all(entry.subject == f"meeting {meeting.uid}" for entry in entries)


def test_places_are_offered_again_the_latest_first(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    for n, place in enumerate(("一", "二", "一", "三", "四", "五")):
        met(house, pair, key=f"{n}" * 32, place=place, held_on=date(2026, 3, n + 1).isoformat())
    assert liaison.recent_places(house.leader) == ["五", "四", "三", "一"]
    assert liaison.recent_places(house.counselor) == []


def test_characters_that_nobody_sees_are_left_out(house: SimpleNamespace, clock: Any) -> None:
    meeting = met(house, paired(house), private_note="一\x00\r\n二\u202e", place="辦\n公\x07室")
    found = Meeting.get_by_id(meeting.id)
    assert (found.private_note, found.place) == ("一\n二", "辦 公 室")
    assert NOTE not in found.private_note
