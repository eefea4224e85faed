"""How matters come in: one for each form, numbered, told to the right people, told to nobody whom they are about."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest

from content import outbox, people, reception, throttle
from content.cases import Case, CaseAbout, CaseCounter, CaseDetail, CaseEntry, CaseParty
from content.db import database
from content.errors import Invalid, NotAllowed, NotFound
from content.history import AuditEntry
from content.households import Building, Household, Resident
from content.items import new_uid
from content.people import Community, Department, Site
from content.permissions import may
from content.reception import access
from content.reception.categories import CATEGORIES, CHANNELS, DESKS, WORDS_LIMIT, fields_of
from tests.forms import counted
from tests.matters import FORMS, filled, names, recorded, sent, staff


def refused(person: Any, category: str = "repair", **more: Any) -> dict[str, list[Any]]:
    """The messages for a form that cannot be accepted."""
    options = {name: more.pop(name) for name in ("channel", "on_behalf") if name in more}
    with pytest.raises(Invalid) as caught:
        reception.open_case(
            person, category, {**filled(category, caller=person is None), **more}, key=new_uid(), **options
        )
    assert not Case.select().exists()
    return dict(caught.value.fields)


def told(person: Any) -> list[str]:
    """The numbers of the matters that the person was told of."""
    return [str(entry.message.values.get("number")) for entry in outbox.inbox(person)]


# ---- what is declared


def test_seven_categories_three_desks_eight_channels() -> None:
    """R-001, R-002."""
    assert list(CATEGORIES) == [
        "repair",
        "complaint",
        "suggestion",
        "praise",
        "service",
        "aftersales",
        "other",
    ]
    assert {name for desk in DESKS.values() for name in desk.categories} == set(CATEGORIES)
    assert all(one.desk in DESKS and one.name in DESKS[one.desk].categories for one in CATEGORIES.values())
    assert [name for name, _ in CHANNELS] == [
        "web",
        "visit",
        "phone",
        "letter",
        "mail",
        "chat",
        "box",
        "meeting",
    ]


@pytest.mark.parametrize("category", CATEGORIES.values(), ids=lambda one: one.name)
def test_each_category_can_be_read_from_its_declaration(category: Any) -> None:
    specs = fields_of(category)
    assert len({spec.name for spec in specs}) == len(specs)
    assert specs[-1].name == "words"
    assert specs[-1].required
    choices = {name for spec in specs if spec.name == "kind" for name, _ in spec.choices}
    assert category.urgent_kinds <= choices


def test_a_suggestion_asks_little_and_a_complaint_five_groups() -> None:
    """R-024; the fifth group, how to reach them, is asked of every visitor."""
    assert [spec.name for spec in fields_of(CATEGORIES["suggestion"]) if spec.required] == ["words"]
    asked = {spec.name for spec in fields_of(CATEGORIES["complaint"])}
    assert {"when_where", "about_whom", "words", "wish"} <= asked


# ---- registering


@pytest.mark.parametrize("category", FORMS)
@pytest.mark.parametrize("sender", ["owner", None])
def test_every_category_is_registered_by_residents_and_visitors(
    house: Any, category: str, sender: Any
) -> None:
    person = house.people[sender] if sender else None
    case = Case.get_by_id(sent(person, category).id)
    assert (case.category, case.state, case.desk) == (category, "received", CATEGORIES[category].desk)
    assert case.original == FORMS[category]["words"]
    assert case.channel == "web"
    details = {row.name: row.value for row in CaseDetail.select().where(CaseDetail.case == case.id)}
    assert details == {k: v for k, v in FORMS[category].items() if k not in ("words", "place")}
    assert (case.requester, case.first_receiver, case.owner) == (person, None, None)
    assert [row.person for row in CaseParty.select()] == ([person] if person else [])
    assert may(person, "case:view", case) == bool(person)
    assert case.caller_name == (person.name if person else "王大明")
    facts = [(row.verb, row.case_id) for row in AuditEntry.select().where(AuditEntry.case == case.id)]
    assert facts == [("case.opened", case.id)]


def test_numbers_count_the_day_of_the_site(house: Any, clock: Any) -> None:
    assert [sent(house.owner).number for _ in range(2)] == ["20260316-001", "20260316-002"]
    clock(timedelta(hours=13, minutes=59))  # 23:59 in Shanghai
    assert sent(house.owner).number == "20260316-003"
    clock(timedelta(minutes=1))
    assert sent(house.owner).number == "20260317-001"


def test_a_thousand_matters_a_day_have_numbers(house: Any) -> None:
    CaseCounter.create(day="20260316", last=999)
    assert sent(house.owner).number == "20260316-1000"


def test_the_code_has_eight_clear_characters() -> None:
    codes = {reception.intake.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{8}", code) and not set(code) & set("0O1IL") for code in codes)


def test_the_words_and_their_script_are_kept_as_written(house: Any) -> None:
    case = sent(house.owner, "suggestion", words="电梯门关得太快，\r\n老人来不及进去。")
    assert (case.original, case.script) == ("电梯门关得太快，\n老人来不及进去。", "hans")
    assert sent(house.owner, "suggestion", words="電梯門關得太快。").script == "hant"


def test_what_is_searched_is_folded_and_has_everything(house: Any) -> None:
    case = sent(None, "complaint", place="北門", words="噪音太大", caller_name="陳小姐", about_whom="裝修隊")
    for word in (case.number, "北门", "噪音", "陈小姐", "装修队"):
        assert word in case.words, word


# ---- what cannot be accepted


def test_every_problem_is_told_at_once(house: Any) -> None:
    found = refused(
        None, "repair", words=" ", place="", kind="", caller_name="", caller_telephone="12", household=""
    )
    assert set(found) == {"words", "place", "kind", "caller_name", "caller_telephone"}


@pytest.mark.parametrize(("length", "fits"), [(WORDS_LIMIT, True), (WORDS_LIMIT + 1, False), (20_000, False)])
def test_five_thousand_characters_fit(house: Any, length: int, fits: bool) -> None:
    if fits:
        assert len(sent(house.owner, "other", words="長" * length).original) == length
        return
    (message,) = refused(house.owner, "other", words="長" * length)["words"]
    assert (message.values["count"], message.values["limit"]) == (length, WORDS_LIMIT)


@pytest.mark.parametrize("telephone", ["123", "138 0013 800", "abc", "1390000000000000"])
def test_an_unreachable_telephone_is_told_beside_the_field(house: Any, telephone: str) -> None:
    assert set(refused(None, caller_telephone=telephone)) == {"caller_telephone"}
    assert set(refused(house.owner, caller_telephone=telephone)) == {"caller_telephone"}


@pytest.mark.parametrize(
    "telephone", ["１３８００１３８０００", "0755-2345 6789", "+852 2123 4567", "400 820 8820"]
)
def test_telephones_as_people_write_them(house: Any, telephone: str) -> None:
    assert sent(None, caller_telephone=telephone).caller_telephone.startswith("+")


def test_a_visitor_can_be_reached(house: Any) -> None:
    assert set(refused(None, caller_telephone="")) == {"caller_telephone"}
    assert set(refused(None, caller_telephone="", caller_email="nobody")) == {"caller_email"}
    assert sent(None, caller_telephone="", caller_email="wang@example.com").caller_email == "wang@example.com"


def test_who_drops_a_letter_into_the_box_need_not_be_reachable(house: Any) -> None:
    """R-004: nobody may refuse."""
    for channel in ("box", "letter"):
        assert recorded(house.crew, "complaint", channel, caller_telephone="").channel == channel


@pytest.mark.parametrize("channel", ["phone", "visit", "pigeon"])
def test_a_caller_without_telephone_is_asked_for_it(house: Any, channel: str) -> None:
    found = refused(house.crew, **{"caller_name": "王", "on_behalf": True, "channel": channel})
    assert set(found) == {"caller_telephone"} | ({"channel"} if channel == "pigeon" else set())


def test_what_is_no_key_of_a_form_is_refused(house: Any) -> None:
    for key in ("", "x" * 32, "a" * 31, "A" * 32):
        with pytest.raises(Invalid):
            reception.open_case(house.owner, "other", filled("other"), key=key)
    with pytest.raises(NotFound):
        reception.open_case(house.owner, "gossip", filled("other"), key=new_uid())


def test_a_form_can_be_looked_over_without_being_sent(house: Any) -> None:
    with pytest.raises(Invalid) as caught:
        reception.check_draft(None, "repair", filled("repair", kind="magic"))
    assert set(caught.value.fields) == {"kind"}
    reception.check_draft(None, "repair", filled("repair"))
    assert not Case.select().exists()


# ---- a nervous thumb


def test_the_same_form_twice_is_one_matter(house: Any) -> None:
    key = new_uid()
    first = sent(house.owner, key=key)
    assert sent(house.owner, key=key, words="再按一次") == first
    assert (Case.select().count(), len(outbox.inbox(house.owner))) == (1, 1)


@pytest.mark.parametrize("sender", ["owner", None])
def test_two_at_the_same_moment_are_one_matter(house: Any, sender: Any) -> None:
    key, start, found = new_uid(), threading.Barrier(4), []
    person = house.people[sender] if sender else None

    def send() -> None:
        start.wait()
        try:
            found.append(sent(person, key=key).number)
        finally:
            database.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == ["20260316-001"] * 4
    assert Case.select().count() == 1


def test_the_key_of_somebody_elses_form_opens_nothing(house: Any) -> None:
    key = new_uid()
    sent(house.owner, key=key)
    for other in (house.tenant, None):
        with pytest.raises(Invalid):
            sent(other, key=key)


# ---- where it is, and whose


@pytest.fixture
def home(house: Any) -> Household:
    community = Community.create(site=Site.get(), name="東苑小區")
    building = Building.create(community=community, name="3棟", key="3")
    return Household.create(building=building, unit="2單元", room="501", key="2-501")


def test_a_home_is_found_as_people_write_it(home: Household) -> None:
    case = sent(None, "repair", household="３幢2單元501室", place="")
    assert (case.household, case.community.name, case.place) == (home, "東苑小區", "")
    assert "东苑" in case.words


def test_a_home_that_is_not_found_is_kept_as_it_was_written(home: Household) -> None:
    case = sent(None, "repair", household="會所旁邊那棟", place="廚房")
    assert (case.household, case.place) == (None, "會所旁邊那棟 · 廚房")
    assert {row.name: row.value for row in CaseDetail.select()}["household"] == "會所旁邊那棟"
    long = sent(None, "repair", household="會所旁邊那棟", place="廚" * 200)
    assert long.place == "廚" * 200


def test_a_resident_need_not_say_where_they_live(house: Any, home: Household) -> None:
    Resident.create(household=home, person=house.owner, tenure="owner", name=house.owner.name)
    case = sent(house.owner, "repair", place="")
    assert case.household == home


def test_whoever_is_recorded_for_and_has_an_account_reads_it(house: Any, home: Household) -> None:
    who = {"person": house.owner, "tenure": "owner", "name": "x", "telephone": "+8613800138000"}
    Resident.create(household=home, **who)
    case = recorded(house.receptionist, caller_name="Owner 甲", household="3-2-501")
    assert (case.requester, case.first_receiver) == (house.owner, house.receptionist)
    assert may(house.owner, "case:view", case)
    # A family shares a telephone: another name is another person.
    assert recorded(house.receptionist, caller_name="王小明").requester is None
    assert (
        recorded(house.receptionist, caller_name="owner 甲", caller_telephone="138 0013 8001").requester
        is None
    )


def test_only_staff_record_for_others(house: Any) -> None:
    """R-004: anyone of the staff."""
    for role in people.ROLES.values():
        if role.staff:
            assert recorded(house.people[role.name]).first_receiver == house.people[role.name]
        else:
            with pytest.raises(NotAllowed):
                recorded(house.people[role.name])
    with pytest.raises(NotAllowed):
        reception.open_case(None, "other", filled("other"), key=new_uid(), on_behalf=True)


def test_a_closed_account_sends_nothing(house: Any) -> None:
    house.owner.active = False
    with pytest.raises(NotAllowed):
        sent(house.owner)


# ---- who is told


def test_the_desk_and_the_sender_are_told_and_nobody_else(house: Any) -> None:
    number = sent(house.owner, "repair").number
    heard = {name for name, person in house.people.items() if number in told(person)}
    assert heard == {"owner", "receptionist"}


@pytest.mark.parametrize(
    ("category", "more"),
    [("complaint", {"quality"}), ("suggestion", {"manager"}), ("praise", set()), ("aftersales", set())],
)
def test_who_hears_of_what(house: Any, category: str, more: set[str]) -> None:
    """R-003 (suggestions to the project manager), R-032 (complaints to the quality department)."""
    number = sent(None, category).number
    assert {name for name, person in house.people.items() if number in told(person)} == {
        "receptionist"
    } | more


@pytest.mark.parametrize("kind", sorted(CATEGORIES["repair"].urgent_kinds))
def test_what_cannot_wait_is_urgent(house: Any, kind: str) -> None:
    """R-050."""
    case = sent(None, "repair", kind=kind)
    assert case.urgent
    assert case.number in told(house.manager)
    assert not sent(None, "repair", kind="water").urgent


def test_messages_hold_number_and_category_and_none_of_the_words(house: Any) -> None:
    sent(house.owner, "complaint", words="鄰居家的狗整夜叫")
    for person in house.people.values():
        for entry in outbox.inbox(person):
            assert set(entry.message.values) == {"number", "category"}


def test_the_audit_knows_which_fields_and_none_of_their_values(house: Any) -> None:
    case = sent(house.owner, "complaint", about_whom="crew 甲", wish="道歉")
    (entry,) = AuditEntry.select().where(AuditEntry.case == case.id)
    assert entry.subject == case.number
    assert entry.difference == {"fields": ["about_whom", "when_where", "wish"]}


def test_whom_praise_concerns_is_told_and_reads_it(house: Any) -> None:
    case = sent(house.owner, "praise", about_whom="維修班 crew 甲")
    assert [row.person for row in CaseAbout.select()] == [house.crew]
    assert told(house.crew) == [case.number]
    assert may(house.crew, "case:view", case)
    assert not may(house.crew, "case:work", case)


# ---- complaints about people


@pytest.mark.parametrize(
    ("values", "source"),
    [
        ({"about_whom": "客服的林 志 明"}, "stated"),
        ({"words": "林志明說話很兇，我不能接受。"}, "found"),
        ({"words": "保安林志明昨晚不在崗"}, "found"),
    ],
)
def test_staff_named_in_a_complaint_are_shut_out(house: Any, values: dict[str, str], source: str) -> None:
    accused = staff("lin", "receptionist", name="林志明")
    case = sent(house.owner, "complaint", **values)
    assert [(row.person, row.source) for row in CaseAbout.select()] == [(accused, source)]
    assert told(accused) == []
    assert not may(accused, "case:view", case)
    with pytest.raises(NotFound):
        reception.find(accused, case.number)
    assert may(house.receptionist, "case:view", case)


def test_names_are_found_in_either_script_and_not_within_other_words(house: Any) -> None:
    dragon, li = staff("long", "crew", name="龍偉"), staff("li", "crew", name="Li")
    staff("one", "crew", name="林")  # a single character would be found everywhere
    sent(house.owner, "complaint", words="龙伟 turned off the light. 樹林很暗。")
    assert [row.person for row in CaseAbout.select()] == [dragon]
    sent(house.owner, "complaint", words="Mr Li shouted at me")
    assert li in [row.person for row in CaseAbout.select()]


def test_residents_are_not_looked_for_in_the_words(house: Any) -> None:
    sent(house.owner, "complaint", words="tenant 甲 太吵了")
    assert not CaseAbout.select().exists()


def test_who_records_a_complaint_against_themself_keeps_the_number(house: Any) -> None:
    clerk = staff("lin", "receptionist", name="林志明")
    case = recorded(clerk, "complaint", about_whom="林志明")
    slip = reception.receipt(case, clerk)
    assert (slip.number, slip.code, slip.category) == (case.number, "", "complaint")
    assert reception.receipt(case, house.receptionist).code == case.code
    assert (told(clerk), case.first_receiver) == ([], clerk)
    assert not may(clerk, "case:view", case)
    # Pressed again, the same slip and nothing more.
    again = reception.open_case(
        clerk,
        "complaint",
        filled("complaint", about_whom="林志明"),
        key=case.intake_key,
        channel="phone",
        on_behalf=True,
    )
    assert again == case


def passed_to(accused: Any, recorder: Any = None) -> Any:
    if recorder is None:
        case = sent(None, "complaint", about_whom=accused.name)
    else:
        case = recorded(recorder, "complaint", about_whom=accused.name)
    return Case.get_by_id(case.id)


def test_ownership_passes_to_the_next_superior_not_named(house: Any) -> None:
    office = Department.create(site=Site.get(), name="客服部")
    clerk = staff("lin", "receptionist", name="林志明", of=office)
    assert passed_to(clerk).owner == house.manager  # the department has no head yet
    head = staff("zhao", "head", name="趙敏華", of=office)
    case = passed_to(clerk)
    assert (case.owner, case.state) == (head, "assigned")
    assert case.number in told(head)
    assert may(head, "case:answer", case)
    assert passed_to(head).owner == house.manager
    assert passed_to(house.manager).owner == house.general_manager
    assert passed_to(house.general_manager).owner is None  # nobody is above; the desk keeps it
    both = Case.get_by_id(sent(None, "complaint", about_whom="林志明和趙敏華").id)
    assert both.owner == house.manager


def test_who_would_not_have_received_it_passes_nothing_up(house: Any) -> None:
    guard = staff("guard", "crew", name="高建軍")
    assert passed_to(guard).owner is None
    assert passed_to(guard, recorder=guard).owner == house.manager  # who records it, does


def test_who_complains_does_not_own_the_complaint(house: Any) -> None:
    case = sent(house.manager, "complaint", about_whom=house.receptionist.name)
    assert Case.get_by_id(case.id).owner == house.general_manager


def test_that_it_was_passed_up_is_an_internal_matter(house: Any) -> None:
    case = passed_to(house.receptionist)
    (entry,) = CaseEntry.select().where(CaseEntry.case == case.id)
    assert (entry.kind, entry.public, entry.role) == ("step", False, "system")


# ---- following with number and code


def test_number_and_code_open_the_matter(house: Any) -> None:
    case = sent(None)
    spaced = f" {case.code[:4].lower()} {case.code[4:]} "
    assert reception.follow(case.number, spaced, place="10.0.0.1") == case
    assert reception.follow(case.number, case.code, place="10.0.0.1") == case


def test_unknown_numbers_and_wrong_codes_are_answered_alike(house: Any) -> None:
    case, other = sent(None), sent(None)
    answers, works = set(), set()
    for number, code in ((case.number, other.code), ("20260316-999", case.code), (case.number, ""), ("", "")):
        with counted() as asked, pytest.raises(NotFound) as caught:
            reception.follow(number, code, place="10.0.0.1")
        answers.add(caught.value.message.id)
        works.add(tuple(sql.split("WHERE")[0] for sql in asked))
    assert len(answers) == 1
    assert len(works) == 1


@pytest.mark.parametrize("known", [True, False])
def test_guessing_codes_is_slowed_down_whether_the_number_exists_or_not(
    house: Any, clock: Any, known: bool
) -> None:
    case = sent(None)
    number = case.number if known else "20260316-999"
    for _ in range(throttle.PAIR):
        with pytest.raises(NotFound):
            reception.follow(number, "WRONGONE", place="10.0.0.1")
        clock(timedelta(seconds=1))
    with pytest.raises(throttle.TooManyTries):
        reception.follow(number, case.code, place="10.0.0.1")
    clock(throttle.WINDOW)
    if known:
        assert reception.follow(number, case.code, place="10.0.0.1") == case


def test_walking_through_the_numbers_is_slowed_down(house: Any) -> None:
    for n in range(throttle.ADDRESS):
        with pytest.raises(NotFound):
            reception.follow(f"20260316-{n + 100}", "WRONGONE", place="10.0.0.1")
    with pytest.raises(throttle.TooManyTries):
        reception.follow("20260316-900", "WRONGONE", place="10.0.0.1")
    throttle.check("owner", "10.0.0.1")  # and nobody is kept from signing in by it


# ---- speed


def test_sending_in_asks_the_same_whatever_is_there(house: Any) -> None:
    sent(house.owner)
    with counted() as first:
        sent(house.owner)
    for n in range(20):
        sent(house.tenant, words=f"第 {n} 件")
    with counted() as later:
        sent(house.owner)
    assert len(later) <= len(first)
    assert len(first) <= 60


def test_what_it_is_about_can_be_said_later(house: Any) -> None:
    case = sent(house.owner, "complaint")
    assert may(house.receptionist, "case:view", case)
    names(case, house.receptionist)
    assert not may(house.receptionist, "case:view", case)
    assert not Case.select().where(access.visible_cases(house.receptionist)).exists()
