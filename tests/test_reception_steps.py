"""The life of a matter: steps, words, promises, names, joined matters, ratings; each told and remembered."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from peewee import IntegrityError

from content import moment, outbox, people, reception
from content.cases import Case, CaseAbout, CaseDetail, CaseEntry, CaseHelper, CaseParty
from content.db import database
from content.errors import Conflict, Invalid, NotAllowed, NotFound
from content.history import AuditEntry, digest
from content.outbox import InboxEntry
from content.people import Department, Person, Site
from content.workflows import MATTER
from tests.forms import counted
from tests.matters import names, recorded, sent, staff


def now(case: Case) -> Case:
    return Case.get_by_id(case.id)


def take(person: Person, case: Case, name: str, **more: Any) -> Case:
    """A step on the version stored now."""
    return reception.step(person, case, name, version=now(case).version, **more)


def last_told(person: Person) -> str:
    entries = outbox.inbox(person)
    return entries[0].message_id if entries else ""


def thread(case: Case) -> list[tuple[str, bool, str]]:
    rows = CaseEntry.select().where(CaseEntry.case == case.id).order_by(CaseEntry.id)
    return [(row.kind, row.public, row.text) for row in rows]


@pytest.fixture
def team(house: SimpleNamespace) -> SimpleNamespace:
    """A department with a head and a crew member, and a second receptionist."""
    department = Department.create(site=Site.get(), name="工程部")
    return SimpleNamespace(
        department=department,
        head=staff("head2", "head", name="工程 主任", of=department),
        crew=staff("crew2", "crew", name="阿強", of=department),
        counter=staff("counter2", "receptionist", name="小芳"),
    )


# ---- steps


def test_the_whole_way_of_a_repair(house: SimpleNamespace, team: SimpleNamespace) -> None:
    """R-005, R-043, R-011: every step in the thread, told to the resident, remembered."""
    case = sent(house.owner)
    take(house.receptionist, case, "assign", department=team.department, comment="先看水閥")
    assert (now(case).state, now(case).owner_id, now(case).department_id) == (
        "assigned",
        None,
        team.department.id,
    )
    assert "department" in last_told(team.crew)
    take(team.crew, case, "take")
    assert (now(case).state, now(case).owner_id) == ("in_hand", team.crew.id)
    take(team.crew, case, "answer", comment="換好了接頭，不漏了。")
    take(house.receptionist, case, "close")
    final = now(case)
    assert final.state == "closed"
    assert final.closed_at == final.answered_at == moment.now()
    assert thread(case) == [
        ("step", True, ""), ("note", False, "先看水閥"), ("step", True, ""),
        ("answer", True, "換好了接頭，不漏了。"), ("step", True, ""),
    ]  # fmt: skip
    assert len(outbox.inbox(house.owner)) == 5  # received and four steps
    verbs = [
        row.verb for row in AuditEntry.select().where(AuditEntry.case == case.id).order_by(AuditEntry.id)
    ]
    assert verbs == ["case.opened", "case.assigned", "case.taken", "case.answered", "case.closed"]


def test_the_first_receiver_hears_of_the_answer(house: SimpleNamespace, team: SimpleNamespace) -> None:
    """R-043."""
    case = recorded(team.counter)
    take(house.manager, case, "answer", comment="已處理")
    assert "which you received" in last_told(team.counter)


def test_settled_at_once(house: SimpleNamespace) -> None:
    """R-005: answered right at the counter."""
    case = recorded(house.receptionist, "other")
    assert take(house.receptionist, case, "answer", comment="鑰匙在這裡。").state == "answered"


@pytest.mark.parametrize("name", [step.name for step in MATTER.transitions if step.name != "merge"])
@pytest.mark.parametrize("state", [state.name for state in MATTER.states])
def test_a_step_is_open_from_its_states_alone(house: SimpleNamespace, name: str, state: str) -> None:
    case, other = sent(house.owner), sent(house.owner)
    times = {"closed_at": moment.now()} if state == "closed" else {}
    lead = {"merged_into": other} if state == "merged" else {}
    Case.update(state=state, **times, **lead).where(Case.id == case.id).execute()
    more = {"comment": "因為"} | ({"owner": house.receptionist} if name == "assign" else {})
    if state in MATTER.transition(name).sources:  # type: ignore[union-attr]
        assert take(house.receptionist, case, name, **more).state == MATTER.transition(name).target  # type: ignore[union-attr]
    else:
        with pytest.raises(NotAllowed):
            take(house.receptionist, case, name, **more)
        assert now(case).state == state
        assert thread(case) == []


def test_an_old_version_is_refused_and_changes_nothing(house: SimpleNamespace) -> None:
    case = sent(house.owner)
    take(house.receptionist, case, "take")
    with pytest.raises(Conflict) as caught:
        reception.step(house.manager, case, "answer", comment="好", version=1)
    assert caught.value.version == now(case).version
    assert now(case).state == "in_hand"


def test_what_the_resident_says_makes_an_open_form_outdated(house: SimpleNamespace) -> None:
    """Nobody closes over words that they have not read; a colleague's note is no such thing."""
    case = sent(house.owner)
    seen = now(case).version
    reception.note(house.manager, case, "我知道這戶")
    assert now(case).version == seen
    reception.say_in(house.owner, case, "還在漏")
    with pytest.raises(Conflict):
        reception.step(house.receptionist, case, "answer", comment="好了", version=seen)


@pytest.mark.parametrize("name", ["answer", "reopen"])
def test_words_that_are_missing_or_too_long(house: SimpleNamespace, name: str) -> None:
    case = sent(house.owner)
    if name == "reopen":
        take(house.receptionist, case, "answer", comment="好")
    for text in ("", "  \n ", "長" * 5001):
        with pytest.raises(Invalid) as caught:
            take(house.receptionist, case, name, comment=text)
        assert list(caught.value.fields) == ["comment"]
    assert take(house.receptionist, case, name, comment="長" * 5000)


def test_unknown_steps_are_nothing(house: SimpleNamespace) -> None:
    case = sent(house.owner)
    for name in ("merge", "explode"):
        with pytest.raises(NotFound):
            take(house.receptionist, case, name)


def test_assigning_needs_somebody_and_never_whom_it_is_about(
    house: SimpleNamespace, team: SimpleNamespace
) -> None:
    """R-004."""
    case = sent(house.owner, "complaint")
    names(case, team.crew)
    for more in (
        {},
        {"owner": team.crew},
        {"owner": team.head, "helpers": [team.crew]},
        {"owner": house.owner},
    ):
        with pytest.raises(Invalid):
            take(house.receptionist, case, "assign", **more)
    assert not CaseHelper.select().exists()
    take(house.receptionist, case, "assign", owner=team.head, helpers=[house.crew, team.head])
    assert [row.person_id for row in CaseHelper.select()] == [house.crew.id]
    assert (now(case).owner_id, now(case).department_id) == (team.head.id, team.department.id)
    assert "help with" in last_told(house.crew)


def test_who_complains_does_not_work_it(house: SimpleNamespace, team: SimpleNamespace) -> None:
    case = sent(team.crew, "complaint")
    with pytest.raises(Invalid):
        take(house.receptionist, case, "assign", owner=team.crew)


@pytest.mark.parametrize("state", ["answered", "closed"])
def test_a_party_reopens_with_a_reason(house: SimpleNamespace, state: str) -> None:
    """R-034: the reason is said in the thread, the promise of the first handling is gone, the owner hears of it."""
    case = sent(house.owner)
    take(house.receptionist, case, "take", promised_at=moment.now() + timedelta(days=1))
    take(house.receptionist, case, "answer", comment="好了")
    if state == "closed":
        take(house.receptionist, case, "close")
    with pytest.raises(NotAllowed):
        take(house.owner, case, "close" if state == "answered" else "take")
    take(house.owner, case, "reopen", comment="又漏了")
    case = now(case)
    assert (case.state, case.answered_at, case.closed_at, case.promised_at) == ("reopened", None, None, None)
    assert thread(case)[-1] == ("words", True, "又漏了")
    assert "open again" in last_told(house.receptionist)


def test_a_visitor_with_the_code_reopens_says_and_rates_and_nothing_else(house: SimpleNamespace) -> None:
    case = sent(None)
    for name in ("take", "answer", "close"):
        with pytest.raises((NotAllowed, NotFound)):
            reception.step(None, case, name, comment="x", version=1, via_code=True)
    take(house.receptionist, case, "answer", comment="好了")
    reception.say_in(None, case, "謝謝", via_code=True)
    reception.rate(None, case, 4, via_code=True)
    reception.step(None, case, "reopen", comment="又壞了", version=now(case).version, via_code=True)
    assert now(case).state == "reopened"
    for call in (reception.say_in, lambda *args: reception.rate(None, case, 3)):
        with pytest.raises(NotFound):
            call(None, case, "沒有代碼")


# ---- words and notes


def test_words_go_to_the_workers_and_messages_to_the_party(house: SimpleNamespace) -> None:
    case = sent(house.owner)
    take(house.receptionist, case, "take")
    reception.say_in(house.owner, case, "週六在家")
    assert "message in matter" in last_told(house.receptionist)
    reception.say_in(house.receptionist, case, "好的，週六見")
    assert "message in your matter" in last_told(house.owner)
    heard = len(outbox.inbox(house.owner))
    reception.note(house.receptionist, case, "帶長梯")
    assert len(outbox.inbox(house.owner)) == heard
    assert thread(case)[-3:] == [
        ("words", True, "週六在家"),
        ("answer", True, "好的，週六見"),
        ("note", False, "帶長梯"),
    ]


def test_the_same_words_twice_are_one_thumb(house: SimpleNamespace, clock: Any) -> None:
    case = sent(house.owner)
    first = reception.say_in(house.owner, case, "還在漏")
    assert reception.say_in(house.owner, case, "還在漏").id == first.id
    clock(timedelta(seconds=61))
    assert reception.say_in(house.owner, case, "還在漏").id != first.id


def test_a_closed_matter_is_reopened_not_talked_to(house: SimpleNamespace) -> None:
    case = sent(house.owner)
    take(house.receptionist, case, "answer", comment="好")
    reception.say_in(house.owner, case, "謝謝")
    take(house.receptionist, case, "close")
    with pytest.raises(Invalid):
        reception.say_in(house.owner, case, "可是")
    reception.say_in(house.receptionist, case, "回訪過了")


@pytest.mark.parametrize("who", ["tenant", "editor", "administrator"])
def test_strangers_do_nothing(house: SimpleNamespace, who: str) -> None:
    case, person = sent(house.owner), getattr(house, who)
    acts = (
        lambda: reception.say_in(person, case, "x"),
        lambda: reception.note(person, case, "x"),
        lambda: reception.rate(person, case, 5),
        lambda: reception.move(person, case, "other", version=1, reason="x"),
        lambda: reception.set_promise(person, case, moment.now() + timedelta(days=1), version=1),
        lambda: reception.add_about(person, case, house.crew),
        lambda: reception.drop_about(person, case, house.crew),
        lambda: reception.merge(person, case, case.number, 1),
        lambda: reception.link(person, case, case.number),
        lambda: reception.step(person, case, "take", version=1),
        lambda: reception.step(person, case, "take", version=99),  # no Conflict for what is absent
        lambda: reception.page(person, case),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert now(case).version == 1


# ---- promises


def test_a_week_can_be_promised_and_no_day_more(house: SimpleNamespace) -> None:
    """R-041: opened on Monday the 16th at ten; the 23rd to its end, not the 24th."""
    case = sent(house.owner)
    end = moment.midnight_after(moment.now(), "Asia/Shanghai") + timedelta(days=7)
    for at in (end, moment.now(), moment.now() - timedelta(hours=1)):
        with pytest.raises(Invalid) as caught:
            reception.set_promise(house.receptionist, case, at, version=now(case).version)
        assert list(caught.value.fields) == ["promised_at"]
    reception.set_promise(house.receptionist, case, end - timedelta(seconds=1), version=now(case).version)
    assert now(case).promised_at == end - timedelta(seconds=1)
    assert "promised" in last_told(house.owner)


def test_the_manager_may_promise_later(house: SimpleNamespace) -> None:
    """R-041."""
    case = sent(house.owner)
    at = moment.now() + timedelta(days=20)
    assert reception.set_promise(house.manager, case, at, version=1).promised_at == at


def test_a_promise_is_put_off_once_with_a_reason(house: SimpleNamespace) -> None:
    """R-042."""
    case, day = sent(house.owner), timedelta(days=1)
    start = moment.now()
    reception.set_promise(house.receptionist, case, start + 2 * day, version=1)
    with pytest.raises(Invalid) as caught:
        reception.set_promise(house.receptionist, case, start + 3 * day, version=now(case).version)
    assert list(caught.value.fields) == ["reason"]
    reception.set_promise(
        house.receptionist, case, start + 3 * day, reason="等零件", version=now(case).version
    )
    assert now(case).postponed == 1
    assert "has changed" in last_told(house.owner)
    assert ("answer", True, "等零件") in thread(case)
    for person in (house.receptionist, house.manager):
        with pytest.raises(Invalid):
            reception.set_promise(person, case, start + 4 * day, reason="再等", version=now(case).version)
    # Sooner than promised is nobody's loss.
    reception.set_promise(house.receptionist, case, start + day, version=now(case).version)
    assert (now(case).postponed, now(case).promised_at) == (1, start + day)


def test_after_reopening_the_week_begins_anew(house: SimpleNamespace, clock: Any) -> None:
    case = sent(house.owner)
    take(house.receptionist, case, "answer", comment="好")
    with pytest.raises(NotAllowed):
        reception.set_promise(
            house.receptionist, case, moment.now() + timedelta(days=1), version=now(case).version
        )
    clock(timedelta(days=10))
    take(house.owner, case, "reopen", comment="又漏")
    at = moment.now() + timedelta(days=7)
    assert reception.set_promise(house.receptionist, case, at, version=now(case).version).promised_at == at


# ---- moved and named


def test_moved_to_another_desk(house: SimpleNamespace) -> None:
    case = sent(house.owner, "suggestion")
    moved = reception.move(house.receptionist, case, "repair", version=1, reason="是燈壞了")
    assert (moved.category, moved.desk, moved.number) == ("repair", "repairs", case.number)
    assert ("note", False, "是燈壞了") in thread(case)
    assert "handled as" in last_told(house.owner)
    for category, reason, field in (("repair", "x", "category"), ("other", " ", "reason")):
        with pytest.raises(Invalid) as caught:
            reception.move(house.receptionist, case, category, version=now(case).version, reason=reason)
        assert list(caught.value.fields) == [field]


def test_a_complaint_that_names_somebody_stays_one(house: SimpleNamespace, team: SimpleNamespace) -> None:
    """Elsewhere they would read it (R-004)."""
    case = sent(house.owner, "complaint")
    names(case, team.crew)
    with pytest.raises(Invalid):
        reception.move(house.receptionist, case, "suggestion", version=1, reason="其實是建議")
    reception.drop_about(house.receptionist, case, team.crew)
    assert (
        reception.move(house.receptionist, case, "suggestion", version=now(case).version, reason="x").desk
        == "suggestions"
    )


def test_moved_to_the_complaints_it_leaves_the_hands_of_whom_it_names(
    house: SimpleNamespace, team: SimpleNamespace
) -> None:
    """R-004: found in the words as when it comes in."""
    case = sent(house.owner, "suggestion", words=f"{team.crew.name}每次都很晚才來。")
    take(house.receptionist, case, "assign", owner=team.crew, helpers=[house.crew])
    assert last_told(team.crew)
    reception.move(house.receptionist, case, "complaint", version=now(case).version, reason="是投訴")
    assert now(case).owner_id == team.head.id  # of his department
    assert outbox.inbox(team.crew) == []
    assert "passed to you" in last_told(team.head)


def test_an_owner_who_turns_out_to_be_meant_loses_it(house: SimpleNamespace, team: SimpleNamespace) -> None:
    """R-004: to the next superior not named: the head, the manager, the general manager."""
    case = sent(house.owner, "complaint")
    take(house.receptionist, case, "assign", owner=team.crew)
    owners = []
    for one in (team.crew, team.head, house.manager, house.general_manager):
        reception.add_about(house.quality, case, one)
        owners.append(now(case).owner_id)
        with pytest.raises(NotFound):
            reception.page(one, now(case))
        assert [e for e in outbox.inbox(one) if case.number in e.url] == []
    assert owners == [team.head.id, house.manager.id, house.general_manager.id, None]
    audit = [str(row.difference) for row in AuditEntry.select().where(AuditEntry.case == case.id)]
    assert not any(team.crew.name in text for text in audit)


def test_a_named_helper_helps_no_more(house: SimpleNamespace, team: SimpleNamespace) -> None:
    case = sent(house.owner, "complaint")
    take(house.receptionist, case, "assign", owner=team.head, helpers=[team.crew])
    reception.add_about(house.quality, case, team.crew)
    assert not CaseHelper.select().exists()
    assert now(case).owner_id == team.head.id


def test_praise_is_told_to_whom_it_concerns(house: SimpleNamespace, team: SimpleNamespace) -> None:
    case = sent(house.owner, "praise")
    reception.add_about(house.receptionist, case, team.crew)
    assert "about you" in last_told(team.crew)
    page = reception.page(team.crew, case)
    assert page.case.original
    assert (page.caller.telephone, page.household, page.thread, page.is_worker) == ("", "", (), False)


def test_only_staff_are_named_and_only_where_it_means_something(house: SimpleNamespace) -> None:
    for category, about in (("complaint", house.tenant), ("repair", house.crew)):
        with pytest.raises(Invalid):
            reception.add_about(house.receptionist, sent(house.owner, category), about)
    assert not CaseAbout.select().exists()


# ---- joined and linked


def test_joined_matters_lead_to_one_and_its_parties_hear_of_it(house: SimpleNamespace) -> None:
    first, second, third = (sent(who) for who in (house.owner, house.tenant, house.tenant))
    reception.merge(house.receptionist, second, first.number, 1)
    # What was joined is followed to the one that leads; what follows it comes along.
    reception.merge(house.receptionist, third, second.number, 1)
    fourth = sent(house.owner)
    reception.merge(house.receptionist, first, fourth.number, now(first).version)
    assert {now(one).merged_into_id for one in (first, second, third)} == {fourth.id}
    assert "joined" in last_told(house.owner)
    before = len(outbox.inbox(house.tenant))
    take(house.receptionist, fourth, "answer", comment="大家的燈都修好了")
    told = outbox.inbox(house.tenant)[: len(outbox.inbox(house.tenant)) - before]
    assert {entry.url for entry in told} == {f"/cases/{second.number}", f"/cases/{third.number}"}
    page = reception.page(house.tenant, second)
    assert page.state.name == "answered"
    assert [entry.text for entry in page.thread if entry.kind == "answer"] == ["大家的燈都修好了"]
    assert reception.find(house.tenant, second.number) == second


def test_a_party_of_a_joined_matter_never_reads_the_other_partys_words(house: SimpleNamespace) -> None:
    lead, other = sent(house.owner, words="甲方的原話"), sent(house.tenant, words="乙的原話")
    reception.merge(house.receptionist, other, lead.number, 1, comment="同一件事")
    reception.say_in(house.owner, lead, "甲方又說")
    take(house.receptionist, lead, "answer", comment="給大家的答覆")
    take(house.owner, lead, "reopen", comment="甲方不滿意")
    reception.note(house.receptionist, lead, "內部的話")
    page = reception.page(house.tenant, other)
    read = repr([page.thread, page.details, page.caller, page.leads, page.links, page.merged])
    assert "給大家的答覆" in read
    assert not any(words in read for words in ("甲方", "內部", "同一件事", lead.number))
    assert page.state.name == "reopened"
    # Those who work it hear what is said in either.
    take(house.receptionist, lead, "take")
    reception.say_in(house.tenant, other, "乙補充")
    assert outbox.inbox(house.receptionist)[0].url == f"/cases/{other.number}"
    assert [one.number for one in reception.page(house.receptionist, lead).merged] == [other.number]


def test_what_cannot_be_joined(house: SimpleNamespace, team: SimpleNamespace) -> None:
    case, closed, complaint = sent(house.owner), sent(house.owner), sent(house.tenant, "complaint")
    take(house.receptionist, closed, "answer", comment="好")
    take(house.receptionist, closed, "close")
    follower = sent(house.owner)
    reception.merge(house.receptionist, follower, case.number, 1)
    names(complaint, team.crew)
    for one, into in (
        (case, case.number), (case, follower.number), (case, closed.number), (case, "20200101-001"),
        (complaint, case.number),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            reception.merge(house.receptionist, one, into, now(one).version)
        assert list(caught.value.fields) == ["into"]
    with pytest.raises(NotAllowed):
        reception.merge(house.receptionist, closed, case.number, now(closed).version)
    with pytest.raises(Conflict):
        reception.merge(house.receptionist, case, complaint.number, 77)


def test_whom_a_joined_complaint_names_leaves_the_one_that_leads(
    house: SimpleNamespace, team: SimpleNamespace
) -> None:
    lead, other = sent(house.owner, "complaint"), sent(house.tenant, "complaint")
    take(house.receptionist, lead, "assign", owner=team.crew)
    names(other, team.crew)
    reception.merge(house.receptionist, other, lead.number, 1)
    assert now(lead).owner_id == team.head.id
    with pytest.raises(NotFound):
        reception.find(team.crew, lead.number)


def test_nothing_is_learnt_of_numbers_that_are_not_for_one(
    house: SimpleNamespace, team: SimpleNamespace
) -> None:
    """The same answer for a complaint about oneself and for a number that never was."""
    mine, secret = sent(house.owner), sent(house.owner, "complaint")
    names(secret, house.receptionist)
    answers = []
    for number in (secret.number, "20260316-999"):
        for act in (reception.link, lambda p, c, n: reception.merge(p, c, n, now(c).version)):
            with pytest.raises(Invalid) as caught:
                act(house.receptionist, mine, number)
            answers.append(str(list(caught.value.fields.values())))
    assert len(set(answers)) == 1


def test_links_are_kept_once_and_shown_to_those_who_see_both(house: SimpleNamespace) -> None:
    one, other = sent(house.owner), sent(house.tenant, "complaint")
    names(other, house.crew)
    for a, b in ((one, other), (other, one), (one, other)):
        reception.link(house.receptionist, a, b.number)
    assert [c.number for c in reception.page(house.receptionist, other).links] == [one.number]
    take(house.receptionist, one, "assign", owner=house.crew)
    assert reception.page(house.crew, one).links == []
    assert reception.page(house.owner, one).links == ()
    reception.unlink(house.receptionist, other, one.number)
    assert reception.page(house.receptionist, one).links == []


# ---- ratings


def test_rated_once_answered_until_thirty_days_after_it_was_closed(
    house: SimpleNamespace, clock: Any
) -> None:
    """R-058."""
    case = sent(house.owner)
    with pytest.raises(NotAllowed):
        reception.rate(house.owner, case, 5)
    take(house.receptionist, case, "take")
    take(house.receptionist, case, "answer", comment="好")
    for stars in (0, 6):
        with pytest.raises(Invalid):
            reception.rate(house.owner, case, stars)
    with pytest.raises(NotAllowed):
        reception.rate(house.receptionist, case, 5)
    reception.rate(house.owner, case, 2, "太慢")
    take(house.receptionist, case, "close")
    clock(timedelta(days=30))
    reception.rate(house.owner, case, 4, "後來很好")
    assert (now(case).rating, now(case).rating_words) == (4, "後來很好")
    assert "rated" in last_told(house.receptionist)
    clock(timedelta(seconds=1))
    assert not reception.page(house.owner, case).may["case:rate"]
    with pytest.raises(NotAllowed):
        reception.rate(house.owner, case, 1)


# ---- what stays


def test_the_audit_holds_digests_and_no_words(house: SimpleNamespace) -> None:
    case = sent(house.owner, words="很秘密的話")
    reception.say_in(house.owner, case, "更秘密的話")
    take(house.receptionist, case, "answer", comment="答覆的話")
    reception.rate(house.owner, case, 3, "評價的話")
    rows = list(AuditEntry.select().where(AuditEntry.case == case.id))
    assert not any("的話" in f"{row.difference}{row.subject}" for row in rows)
    assert digest(case.salt, "更秘密的話") in str([row.difference for row in rows])
    assert not any("的話" in f"{entry.message}" for entry in InboxEntry.select())


def test_messages_name_number_and_category_never_words(house: SimpleNamespace) -> None:
    case = sent(house.owner, words="很秘密的話")
    take(house.receptionist, case, "assign", owner=house.crew, comment="很秘密的事")
    reception.say_in(house.owner, case, "很秘密的事")
    for entry in InboxEntry.select():
        assert set(entry.values) <= {"number", "category"}


def test_the_database_itself_keeps_words_entries_and_matters(house: SimpleNamespace) -> None:
    """Triggers: no code of ours can rewrite them by mistake (R-004)."""
    case = sent(house.owner)
    reception.say_in(house.owner, case, "我的話")
    for statement in (
        Case.update(original="別的話").where(Case.id == case.id),
        Case.update(original="").where(Case.id == case.id),
        CaseDetail.update(value="x"),
        CaseDetail.delete(),
        CaseEntry.update(text="x"),
        CaseEntry.update(public=False),
        CaseEntry.delete(),
        Case.delete(),
        Case.update(state="closed").where(Case.id == case.id),
        Case.update(state="merged").where(Case.id == case.id),
        Case.update(merged_into=case.id).where(Case.id == case.id),
        Case.update(rating=6),
        Case.update(postponed=2),
    ):
        with pytest.raises(IntegrityError), database.atomic():
            statement.execute()


# ---- my data and its erasure


def settled(house: SimpleNamespace, who: Person, **more: str) -> Case:
    case = sent(who, caller_telephone="138 0013 8000", **more)
    reception.say_in(who, case, "我的電話是13800138000")
    reception.note(house.receptionist, case, "住501的王先生")
    take(house.receptionist, case, "answer", comment="王先生您好")
    take(house.receptionist, case, "close")
    reception.rate(who, case, 4, "王先生說好")
    return case


def test_erased_words_are_gone_and_facts_stay(house: SimpleNamespace) -> None:
    case = settled(house, house.owner, words="王先生家漏水", place="501")
    audit = AuditEntry.select().count()
    assert reception.erase_matters(house.owner) == 1
    kept = now(case)
    assert (kept.number, kept.category, kept.state, kept.rating) == (case.number, "repair", "closed", 4)
    dump = " ".join(
        str(value)
        for model in (Case, CaseDetail, CaseEntry, CaseParty, InboxEntry)
        for row in model.select().dicts()
        if row.get("person") in (None, house.owner.id)
        for value in row.values()
    )
    assert not any(word in dump for word in ("王先生", "漏水", "138", "501"))
    assert (kept.salt, kept.requester_id, kept.household_id) == ("", None, None)
    assert AuditEntry.select().count() == audit + 1
    assert reception.my_matters(house.owner).cases == []
    with pytest.raises(NotFound):
        reception.page(None, kept, via_code=True)
    with pytest.raises(NotFound):
        reception.follow(case.number, case.code, place="192.0.2.1")
    with pytest.raises(IntegrityError):
        Case.update(original="wieder").where(Case.id == case.id).execute()


def test_open_matters_are_not_erased(house: SimpleNamespace) -> None:
    done, open_ = settled(house, house.owner), sent(house.owner)
    with pytest.raises(Invalid):
        reception.erase_matters(house.owner)
    assert now(done).original
    reception.merge(house.receptionist, open_, sent(house.tenant).number, 1)
    with pytest.raises(Invalid):  # it goes on where it was joined
        reception.erase_matters(house.owner)


def test_nobody_erases_the_matters_of_others(house: SimpleNamespace) -> None:
    settled(house, house.owner)
    for person in (house.tenant, house.receptionist):
        with pytest.raises(NotAllowed):
            reception.erase_matters(house.owner, by=person)
    assert reception.erase_matters(house.owner, by=house.administrator) == 1


def test_of_a_shared_matter_only_ones_own_words_go(house: SimpleNamespace) -> None:
    case = sent(house.tenant, words="一起的事")
    CaseParty.create(case=case.id, person=house.owner.id)
    reception.say_in(house.owner, case, "業主的話")
    reception.say_in(house.tenant, case, "租戶的話")
    take(house.receptionist, case, "answer", comment="好")
    take(house.receptionist, case, "close")
    reception.erase_matters(house.owner)
    assert now(case).original == "一起的事"
    texts = [text for _, _, text in thread(case)]
    assert "租戶的話" in texts
    assert "業主的話" not in texts


def test_my_data_tells_all_that_is_kept_and_no_note(house: SimpleNamespace) -> None:
    case = settled(house, house.owner, words="王先生家漏水")
    settled(house, house.tenant, words="別人的")
    (found,) = reception.matters_of(house.owner)
    assert (found["number"], found["original"], found["rating_words"]) == (
        case.number,
        "王先生家漏水",
        "王先生說好",
    )
    assert [entry["text"] for entry in found["thread"] if entry["text"]] == [
        "我的電話是13800138000",
        "王先生您好",
    ]
    assert found["details"] == {"kind": "water"}
    assert "住501" not in str(found)
    assert "別人的" not in str(found)


def test_visitors_matters_can_be_erased_by_number(house: SimpleNamespace) -> None:
    case = sent(None, words="訪客的話")
    with pytest.raises(Invalid):
        reception.erase(house.manager, [case])
    take(house.receptionist, case, "answer", comment="好")
    take(house.receptionist, case, "close")
    assert reception.erase(house.manager, [case]) == 1
    assert now(case).original == ""
    assert people.Person.get_by_id(house.manager.id)


def test_nothing_is_done_with_what_was_erased(house: SimpleNamespace) -> None:
    case = settled(house, house.owner)
    reception.erase_matters(house.owner)
    acts = (
        lambda: take(house.manager, case, "reopen", comment="x"),
        lambda: reception.note(house.manager, case, "他姓王"),
        lambda: reception.move(house.manager, case, "other", version=now(case).version, reason="x"),
        lambda: reception.merge(house.manager, sent(house.tenant), case.number, 1),
    )
    for act in acts:
        with pytest.raises((NotAllowed, Invalid)):
            act()
    page = reception.page(house.manager, case)  # the number still answers
    assert page.steps == []
    assert {name for name, may in page.may.items() if may} == {"case:view", "case:work"}


def test_a_page_is_a_fixed_number_of_queries(house: SimpleNamespace) -> None:
    case = sent(house.owner)
    asked = []
    for _ in range(2):
        for n in range(6):
            reception.link(house.receptionist, case, sent(house.tenant).number)
            reception.merge(house.receptionist, sent(house.tenant), case.number, 1)
            reception.say_in(house.owner, case, f"第{n}次 {len(asked)}")
        with counted() as statements:
            reception.page(Person.get_by_id(house.receptionist.id), case)
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 12
