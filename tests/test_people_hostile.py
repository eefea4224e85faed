"""What somebody who means harm, or moves out, or wants to be forgotten, must not be able to keep."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from content import channels, liaison, people
from content.accounts import erasing, helping, keeping, own, registering, resetting, second, sessions
from content.accounts.holdings import HOLDINGS
from content.accounts.models import ErasureRequest, Session
from content.errors import DomainError, Invalid, NotAllowed, NotFound
from content.estate import acts, codes
from content.estate.sheet import read_sheet
from content.households import HouseholdCode, Resident
from content.liaison import FollowUp, Meeting, Pairing
from content.outbox import InboxEntry, Outgoing
from content.people import Membership, Person
from content.settings import Settings
from tests.accounts import PHONE, SECRET, letter_for, posted
from tests.conftest import PASSWORD
from tests.estate import HEADS, LI, book, furnished
from tests.forms import counted
from tests.liaison import PROMISE, WORDS, another, met, paired

TODAY = date(2026, 3, 16)
NEW = "drei neue Wörter"


def again(person: Person) -> Person:
    """The person as stored, with the roles of now."""
    return Person.get_by_id(person.id)


# ---- codes and links that outlive what they were for


@pytest.mark.parametrize("who", ["owner", "keeper"])
def test_a_changed_password_ends_links_and_codes_that_are_out(house: SimpleNamespace, who: str) -> None:
    person = house.owner
    letter = letter_for(person)
    code = resetting.make_code(house.receptionist, person)
    if who == "owner":
        own.change_password(person, PASSWORD, NEW)
    else:
        keeping.change_password(person, NEW)
    with pytest.raises(NotFound):
        resetting.owner_of(letter)
    with pytest.raises(Invalid):
        resetting.reset_by_code(person.username, code, "vier andere Wörter", address="10.0.0.1")


def test_a_changed_mail_address_ends_links_sent_to_the_old_one(house: SimpleNamespace) -> None:
    letter = letter_for(house.owner)
    own.change_contact(house.owner, PASSWORD, "", "new@example.org")
    with pytest.raises(NotFound):
        resetting.owner_of(letter)


def test_a_shut_account_is_not_opened_by_a_code_of_before(house: SimpleNamespace) -> None:
    letter = letter_for(house.owner)
    keeping.set_active(house.owner, False)
    keeping.set_active(again(house.owner), True)
    with pytest.raises(NotFound):
        resetting.owner_of(letter)


def test_a_session_forgets_the_second_factor_that_was_taken_off(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = house.editor
    now = sessions.begin(person, second=True)
    monkeypatch.setattr(second, "check", lambda person, code: None)
    second.remove(person, PASSWORD, "000000", session=now)
    assert not Session.get_by_id(now.id).second


def test_a_second_factor_is_not_taken_off_by_who_administers_a_part(house: SimpleNamespace) -> None:
    people.give_role(house.receptionist, "administrator", section_path=house.board.path)
    with pytest.raises(NotAllowed):
        helping.take_off_second(again(house.receptionist), house.owner.id)


def test_a_used_code_does_not_test_passwords_for_long(house: SimpleNamespace, clock: Any) -> None:
    estate = furnished(house.administrator)
    [made] = codes.make_codes(house.administrator, estate.home, "tenant")
    values = {"code": made.text, "name": "王小明", "telephone": PHONE, "password": SECRET}
    assert registering.register(values, address="10.0.0.1") is not None
    clock(timedelta(minutes=15))
    assert registering.register(values, address="10.0.0.1") is None  # a nervous thumb
    clock(timedelta(seconds=1))
    with pytest.raises(Invalid):
        registering.register(values, address="10.0.0.1")


# ---- who moves out


@pytest.fixture
def lives(house: SimpleNamespace) -> SimpleNamespace:
    """An owner with an account and two homes in one community."""
    estate = furnished(house.administrator)
    estate.second = acts.make_household(house.administrator, estate.building, {"room": "502"})
    estate.other = acts.add_resident(
        house.administrator, estate.second, {"name": "李望舒", "tenure": "owner", "telephone": PHONE}
    )
    estate.person = people.add_person("li", "李望舒", PASSWORD)
    for resident in (estate.owner, estate.other):
        home = estate.home if resident is estate.owner else estate.second
        [made] = codes.make_codes(house.administrator, home, "owner", resident=resident)
        registering.add_home(estate.person, made.text, address="10.0.0.1")
    estate.by = house.administrator
    return estate


def role_until(estate: SimpleNamespace) -> list[date | None]:
    """The last day of each role of the person in the community."""
    rows = Membership.select().where(Membership.person == estate.person.id).order_by(Membership.id)
    return [row.until for row in rows]


@pytest.mark.parametrize("first", ["owner", "other"])
def test_the_role_ends_with_the_last_home_whatever_is_entered_first(
    lives: SimpleNamespace, first: str
) -> None:
    days = {"owner": TODAY + timedelta(days=90), "other": TODAY + timedelta(days=10)}
    rest = "other" if first == "owner" else "owner"
    acts.move_out(lives.by, getattr(lives, first), days[first])
    assert role_until(lives) == [None]
    acts.move_out(lives.by, getattr(lives, rest), days[rest])
    assert role_until(lives) == [days["owner"]]


def test_a_corrected_last_day_corrects_the_role(lives: SimpleNamespace) -> None:
    acts.move_out(lives.by, lives.owner, TODAY - timedelta(days=3))
    acts.move_out(lives.by, lives.other, TODAY - timedelta(days=1))
    assert not again(lives.person).grants
    acts.move_out(lives.by, lives.other, TODAY + timedelta(days=20))
    assert role_until(lives) == [TODAY + timedelta(days=20)]


def test_who_registers_with_a_last_day_before_him_has_the_role_until_then(house: SimpleNamespace) -> None:
    estate = furnished(house.administrator)
    last = TODAY + timedelta(days=30)
    acts.move_out(house.administrator, estate.tenant, last)
    [made] = codes.make_codes(house.administrator, estate.home, "tenant", resident=estate.tenant)
    estate.person = people.add_person("wang", "王小明", PASSWORD)
    registering.add_home(estate.person, made.text, address="10.0.0.1")
    assert role_until(estate) == [last]


def test_who_becomes_owner_of_the_rented_home_is_tenant_no_more(house: SimpleNamespace) -> None:
    estate = furnished(house.administrator)
    [made] = codes.make_codes(house.administrator, estate.home, "tenant", resident=estate.tenant)
    person = people.add_person("wang", "王小明", PASSWORD)
    resident = registering.add_home(person, made.text, address="10.0.0.1")
    acts.edit_resident(house.administrator, resident, {"name": "王小明", "tenure": "owner"})
    assert [grant.role for grant in again(person).grants] == ["owner"]


# ---- erasure


def test_an_erasure_leaves_no_words_of_earlier_requests_and_no_code_of_a_home(house: SimpleNamespace) -> None:
    estate = furnished(house.administrator)
    [made] = codes.make_codes(house.administrator, estate.home, "tenant", resident=estate.tenant)
    person = people.add_person("wang", "王小明", PASSWORD)
    registering.add_home(person, made.text, address="10.0.0.1")
    asked = erasing.ask(person, confirmed=True, reason="我姓王，我搬走了")
    erasing.decide(house.administrator, asked.id, grant=False, answer="王先生，請先結清費用")
    asked = erasing.ask(person, confirmed=True, reason="已結清")
    erasing.decide(house.administrator, asked.id, grant=True)
    rows = list(ErasureRequest.select().order_by(ErasureRequest.id))
    assert [(row.state, row.reason) for row in rows] == [("refused", ""), ("done", "")]
    assert not any("王" in row.answer for row in rows)
    assert not HouseholdCode.select().where(HouseholdCode.used_by == person.id).exists()
    assert not Resident.select().where(Resident.person == person.id).exists()


@pytest.fixture
def talked(house: SimpleNamespace) -> SimpleNamespace:
    """A pair that met, promised something and was then ended; both have lost their roles."""
    pairing = paired(house)
    meeting = met(house, pairing)
    liaison.confirm_meeting(house.counselor, meeting.id, WORDS, version=meeting.version)
    due = {"follow_what": PROMISE, "follow_owner": "leader", "follow_due": TODAY.isoformat()}
    liaison.add_follow_up(house.counselor, meeting.id, due)
    return SimpleNamespace(pairing=pairing, meeting=meeting)


def erased(house: SimpleNamespace, role: str) -> None:
    person = house.people[role]
    Membership.delete().where(Membership.person == person.id).execute()
    asked = erasing.ask(again(person), confirmed=True)
    erasing.decide(house.administrator, asked.id, grant=True)


def test_a_pairing_is_in_the_way_of_an_erasure(house: SimpleNamespace, talked: SimpleNamespace) -> None:
    with pytest.raises(Invalid):
        erased(house, "counselor")
    assert HOLDINGS["liaison"].hindrance(house.leader) is not None


def test_my_data_tells_of_my_meetings_and_my_words_alone(
    house: SimpleNamespace, talked: SimpleNamespace
) -> None:
    shown = str([[fact.value for fact in record] for record in HOLDINGS["liaison"].show(house.counselor)])
    assert WORDS in shown
    assert PROMISE in shown
    assert not HOLDINGS["liaison"].show(house.editor)


def test_an_erased_counselor_leaves_no_words_and_no_name(
    house: SimpleNamespace, talked: SimpleNamespace
) -> None:
    liaison.end_pairing(house.office, talked.pairing.id, TODAY, version=talked.pairing.version)
    name = house.counselor.name
    assert any(
        name in str(one.values) for one in InboxEntry.select().where(InboxEntry.person == house.leader)
    )
    erased_ = talked.meeting.id
    Pairing.update(until=TODAY - timedelta(days=1), since=date(2025, 1, 1)).execute()
    erased(house, "counselor")
    row = Meeting.get_by_id(erased_)
    assert (row.private_note, row.counselor_note, row.office_line) == ("", "", "")
    assert not FollowUp.select().exists()
    assert not any(name in str(one.values) for one in InboxEntry.select())


def test_an_erased_leader_leaves_the_words_of_the_counselor(
    house: SimpleNamespace, talked: SimpleNamespace
) -> None:
    Pairing.update(until=TODAY - timedelta(days=1), since=date(2025, 1, 1)).execute()
    erased(house, "leader")
    row = Meeting.get_by_id(talked.meeting.id)
    assert (row.private_note, row.office_line) == ("", "")
    assert row.counselor_note == WORDS
    assert not any(house.leader.name in str(one.values) for one in InboxEntry.select())


# ---- pairs and meetings


def test_a_key_that_another_one_used_makes_a_meeting_all_the_same(house: SimpleNamespace, clock: Any) -> None:
    met(house, paired(house), key="a" * 32)
    leader, counselor = another("leader"), another("counselor")
    second_pair = paired(house, leader=leader, counselor=counselor)
    assert met(house, second_pair, key="a" * 32, by=leader).pairing_id == second_pair.id


def test_an_end_is_not_taken_back_for_who_is_no_leader_any_more(house: SimpleNamespace, clock: Any) -> None:
    pairing = liaison.end_pairing(house.office, (one := paired(house)).id, TODAY, version=one.version)
    Membership.delete().where(Membership.person == house.leader.id).execute()
    with pytest.raises(Invalid):
        liaison.reopen(Settings(), house.office, pairing.id, version=pairing.version)


# ---- spreadsheets


def test_a_sheet_under_another_name_is_guarded_as_well(tmp_path: Path) -> None:
    source = book(tmp_path / "list.xlsx", HEADS, LI)
    target = tmp_path / "renamed.xlsx"
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for info in archive.infolist():
            data, name = archive.read(info), info.filename
            if name == "xl/worksheets/sheet1.xml":
                merged = b'<mergeCells count="1"><mergeCell ref="A3:XFD1048576"/></mergeCells>'
                data, name = (
                    data.replace(b"</sheetData>", b"</sheetData>" + merged),
                    "xl/worksheets/sheet1.dat",
                )
            data = data.replace(b"sheet1.xml", b"sheet1.dat")
            made.writestr(name, data)
    with pytest.raises(DomainError):
        read_sheet(target)


# ---- one browser, two people


def test_what_one_can_take_back_is_nobody_elses(client: Any, login: Any, house: SimpleNamespace) -> None:
    login(client, "owner")
    posted(client, "/account/subscriptions", mode="none", hour="18", weekday="0", kind="event")
    posted(client, "/logout", "/account/subscriptions")
    login(client, "tenant")
    page = client.get("/account/subscriptions").get_data(as_text=True)
    assert "/account/subscriptions/undo" not in page


# ---- known and unknown cost the same


def test_asking_for_a_link_takes_the_same_steps_for_known_unknown_and_one_letter_too_many(
    house: SimpleNamespace, settings: Settings
) -> None:
    people.visitors()  # there once anybody has asked
    Person.update(email="o@example.org", mail_key="o@example.org").where(
        Person.id == house.owner.id
    ).execute()
    channels.configure(replace(settings, smtp_host="127.0.0.1"))

    def steps(address: str) -> list[str]:
        with counted() as asked:
            resetting.send_link(address, address="10.0.0.1")
        kinds = [sql.split("(")[0].split("WHERE")[0].strip() for sql in asked]
        return [kind for kind in kinds if not kind.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]

    try:
        first = steps("o@example.org")
        assert steps("nobody@example.org") == first
        for _ in range(resetting.LETTERS):
            again_ = steps("o@example.org")
        assert again_ == first
        assert Outgoing.select().count() == resetting.LETTERS
    finally:
        channels.configure(settings)


def test_a_code_of_the_counter_takes_the_same_steps_for_known_and_unknown(house: SimpleNamespace) -> None:
    people.visitors()

    def steps(who: str) -> int:
        with counted() as asked, pytest.raises(Invalid):
            resetting.reset_by_code(who, "ABCDE-ABCDE", NEW, address="10.0.0.1")
        return sum(not sql.startswith("SELECT") for sql in asked)

    assert steps("owner") == steps("nobody")
