"""Changing the estate: by whom, where, what is refused; and codes, each good once and for its days."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import moment, people
from content.db import database
from content.errors import Invalid, NotAllowed, NotFound
from content.estate import access, acts, checks, codes, homes
from content.history import AuditEntry
from content.households import HouseholdCode, Resident
from content.people import Membership
from content.permissions import ANYWHERE
from tests.estate import furnished

TODAY = date(2026, 3, 16)


@pytest.fixture
def places(house: SimpleNamespace) -> SimpleNamespace:
    return furnished(house.administrator)


def wrong(call: Any, *args: Any, **more: Any) -> set[str]:
    """The fields that a refusal names."""
    with pytest.raises(Invalid) as refusal:
        call(*args, **more)
    return set(refusal.value.fields)


# ---- rights and scopes


def test_who_looks_at_homes_makes_codes_and_changes_them(
    house: SimpleNamespace, places: SimpleNamespace
) -> None:
    able = {
        permission: {
            role for role, person in house.people.items() if access.may(person, permission, places.east)
        }
        for permission in ("estate:view", "estate:code", "estate:manage")
    }
    staff = {"receptionist", "manager", "administrator"}
    assert able == {
        "estate:view": staff, "estate:code": staff, "estate:manage": {"manager", "administrator"}
    }  # fmt: skip
    assert not access.may(None, "estate:view", places.east)


def test_a_role_for_one_community_holds_there_alone(house: SimpleNamespace, places: SimpleNamespace) -> None:
    local = people.add_person("local", "local", "password-1")
    people.give_role(local, "manager", community=places.east)
    assert [place.id for place in access.communities_of(local)] == [places.east.id]
    assert access.may(local, "estate:manage", ANYWHERE)
    assert not access.may(local, "estate:manage", None)
    acts.make_building(local, places.east, {"name": "9棟"})
    for act in (
        lambda: acts.make_building(local, places.west, {"name": "9棟"}),
        lambda: acts.edit_building(local, places.far_building, {"name": "8棟"}, []),
        lambda: acts.make_household(local, places.far_building, {"room": "1"}),
        lambda: acts.edit_household(local, places.far_home, {"room": "1"}),
        lambda: acts.add_resident(local, places.far_home, {"name": "甲", "tenure": "owner"}),
        lambda: codes.make_codes(local, places.far_home, "owner"),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_role_for_a_section_or_a_department_says_nothing_of_homes(
    house: SimpleNamespace, places: SimpleNamespace
) -> None:
    local = people.add_person("local", "local", "password-1")
    people.give_role(local, "manager", section_path=house.board.path)
    assert not access.may(local, "estate:view", places.east)
    assert not access.may(local, "estate:view", ANYWHERE)


def test_a_receptionist_changes_nothing(house: SimpleNamespace, places: SimpleNamespace) -> None:
    before = AuditEntry.select().count()
    for act in (
        lambda who: acts.make_building(who, places.east, {"name": "9棟"}),
        lambda who: acts.edit_household(who, places.home, {"room": "1"}),
        lambda who: acts.edit_resident(who, places.owner, {"name": "甲", "tenure": "owner"}),
        lambda who: acts.move_out(who, places.owner, TODAY),
    ):
        for person, refusal in ((house.receptionist, NotAllowed), (house.owner, NotFound), (None, NotFound)):
            with pytest.raises(refusal):
                act(person)
    assert AuditEntry.select().count() == before


# ---- buildings and homes


@pytest.mark.parametrize("name", ["3幢", "３號樓", "第三座"])
def test_a_building_is_there_once_however_it_is_written(
    house: SimpleNamespace, places: SimpleNamespace, name: str
) -> None:
    assert wrong(acts.make_building, house.manager, places.east, {"name": name}) == {"name"}
    assert acts.make_building(house.manager, places.east, {"name": name, "phase": "二期"}).key == "3"
    assert wrong(acts.make_building, house.manager, places.east, {"name": name, "phase": "2期"}) == {"name"}


def test_other_names_are_nobody_elses(house: SimpleNamespace, places: SimpleNamespace) -> None:
    acts.make_building(house.manager, places.east, {"name": "4棟"})
    edit = acts.edit_building
    assert wrong(edit, house.manager, places.building, {"name": "3棟"}, ["四號樓"]) == {"aliases"}
    edit(house.manager, places.building, {"name": "3棟"}, ["會所樓", "会所楼", " ", "3幢"])
    assert homes.find_household("会所501") == places.home
    assert wrong(acts.make_building, house.manager, places.east, {"name": "會所"}) == {"name"}
    edit(house.manager, places.building, {"name": "3棟"}, [])
    assert homes.find_household("会所501") is None


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"room": ""}, {"room"}), ({"room": "—"}, {"room"}), ({"room": "5" * 21}, {"room"}),
        ({"room": "501", "unit": "2"}, {"room"}),
        ({"room": "1", "floor_area": "groß"}, {"floor_area"}), ({"room": "1", "floor_area": "0"}, {"floor_area"}),
    ],
)  # fmt: skip
def test_homes_refused(
    house: SimpleNamespace, places: SimpleNamespace, values: dict[str, str], fields: set[str]
) -> None:
    assert wrong(acts.make_household, house.manager, places.building, values) == fields


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("89.5", 8950),
        ("８９．５㎡", 8950),
        ("1,020 平方米", 102000),
        ("0.004", None),
        ("-5", None),
        ("1e3", None),
        ("100000", None),
    ],
)
def test_areas(text: str, area: int | None) -> None:
    assert checks.read_area(text) == area


# ---- residents


def test_everything_that_is_wrong_is_told_at_once(house: SimpleNamespace, places: SimpleNamespace) -> None:
    values = {
        "name": " ",
        "tenure": "guest",
        "telephone": "12",
        "email": "a@b",
        "since": "soon",
        "address_form": "x" * 21,
    }
    assert wrong(acts.add_resident, house.manager, places.home, values) == set(values)
    assert wrong(acts.add_resident, house.manager, places.home, {"name": "李望舒", "tenure": "owner"}) == {
        "name"
    }
    acts.add_resident(house.manager, places.home, {"name": "李望舒", "tenure": "tenant"})


@pytest.mark.parametrize(("days", "good"), [(checks.AHEAD, True), (checks.AHEAD + 1, False)])
def test_moving_in_is_entered_at_most_a_year_ahead(
    house: SimpleNamespace, places: SimpleNamespace, days: int, good: bool
) -> None:
    since = (TODAY + timedelta(days=days)).isoformat()
    values = {"name": "甲", "tenure": "owner", "since": since}
    if good:
        acts.add_resident(house.manager, places.home, values)
        assert "甲" not in [row.name for row in homes.residents_of(places.home)]
    else:
        assert wrong(acts.add_resident, house.manager, places.home, values) == {"since"}


def test_moving_out_ends_and_never_deletes(
    house: SimpleNamespace, places: SimpleNamespace, clock: Any
) -> None:
    people.give_role(house.owner, "owner", community=places.east)
    acts.settle(places.owner, house.owner)
    assert wrong(acts.move_out, house.manager, places.owner, None) == {"until"}
    acts.move_out(house.manager, places.owner, TODAY)
    assert len(homes.residents_of(places.home)) == 2
    clock(timedelta(days=1))
    assert [row.name for row in homes.residents_of(places.home)] == ["王小明"]
    assert Resident.get_by_id(places.owner.id).until == TODAY
    role = Membership.get(Membership.person == house.owner, Membership.community == places.east)
    assert role.until == TODAY  # and with it the notices of the community
    elsewhere = Membership.get(Membership.person == house.owner, Membership.community.is_null())
    assert elsewhere.until is None
    values = {"name": "李望舒", "tenure": "owner", "since": "2020-01-01"}
    assert acts.edit_resident(house.manager, places.owner, values).since == date(2020, 1, 1)
    assert wrong(acts.edit_resident, house.manager, places.owner, {**values, "since": "2026-03-17"}) == {
        "since"
    }
    acts.edit_resident(house.manager, places.owner, values)
    assert wrong(acts.move_out, house.manager, places.owner, date(2019, 12, 31)) == {"until"}


def test_who_has_another_home_there_keeps_the_role(house: SimpleNamespace, places: SimpleNamespace) -> None:
    people.give_role(house.owner, "owner", community=places.east)
    acts.settle(places.owner, house.owner)
    second = acts.make_household(house.manager, places.building, {"room": "601"})
    acts.settle(acts.add_resident(house.manager, second, {"name": "李望舒", "tenure": "owner"}), house.owner)
    acts.move_out(house.manager, places.owner, TODAY)
    assert Membership.get(Membership.person == house.owner, Membership.community == places.east).until is None


def test_the_audit_names_fields_and_no_values(house: SimpleNamespace, places: SimpleNamespace) -> None:
    acts.edit_resident(
        house.manager,
        places.owner,
        {"name": "李望舒", "tenure": "owner", "telephone": "13912345678", "email": "li@example.com"},
    )
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert entry.difference == {"fields": ["address_form", "telephone", "email"]}
    told = " ".join(f"{row.subject} {row.difference}" for row in AuditEntry.select())
    assert not [word for word in ("李望舒", "139", "example.com", "女士") if word in told]


# ---- codes


def test_a_code_is_ten_clear_characters_told_once(house: SimpleNamespace, places: SimpleNamespace) -> None:
    (made,) = codes.make_codes(house.receptionist, places.home, "owner")
    folded = codes.fold_code(made.text)
    assert [len(part) for part in made.text.split("-")] == [3, 3, 4]
    assert set(folded) <= set(codes.ALPHABET)
    assert not set("0O1IL2Z5S8B") & set(codes.ALPHABET)
    assert folded not in str(made.row.__data__)
    for typed in (
        made.text,
        made.text.lower(),
        f" {folded} ",
        made.text.replace("-", "－"),
        " ".join(folded),
    ):
        assert codes.redeem(typed) == made.row


@pytest.mark.parametrize(
    ("days", "wait", "good"),
    [
        (90, timedelta(days=90) - timedelta(seconds=1), True),
        (90, timedelta(days=90), False),
        (7, timedelta(days=7), False),
    ],
)
def test_a_code_is_good_for_its_days(
    house: SimpleNamespace, places: SimpleNamespace, clock: Any, days: int, wait: timedelta, good: bool
) -> None:
    (made,) = codes.make_codes(house.receptionist, places.home, "owner", days=days)
    clock(wait)
    assert (codes.redeem(made.text) is not None) == good
    assert (made.row.id in [row.id for row in codes.open_codes(places.home)]) == good
    if not good:
        assert wrong(codes.use, made.row, house.owner) == {"code"}


def test_a_code_opens_once_and_brings_home_and_role(house: SimpleNamespace, places: SimpleNamespace) -> None:
    (made,) = codes.make_codes(house.receptionist, places.home, "tenant", resident=places.tenant)
    newcomer = people.add_person("newcomer", "王小明", "password-1", telephone="139 1234 5678")
    assert codes.use(made.row, newcomer).id == places.tenant.id
    assert homes.household_of(newcomer) == places.home
    assert [(grant.role, grant.community) for grant in newcomer.grants] == [("tenant", places.east.id)]
    assert codes.redeem(made.text) is None
    assert wrong(codes.use, made.row, house.owner) == {"code"}
    assert HouseholdCode.get_by_id(made.row.id).used_by_id == newcomer.id


def test_a_code_for_nobody_in_particular(house: SimpleNamespace, places: SimpleNamespace) -> None:
    first, second = codes.make_codes(house.receptionist, places.home, "owner", count=2)
    known = people.add_person("li", "李望舒", "password-1")
    other = people.add_person("gao", "高遠", "password-1", telephone="139 1234 5678")
    assert codes.use(first.row, known).id == places.owner.id  # entered already, so not twice
    made = codes.use(second.row, other)
    assert (made.name, made.tenure, made.telephone, made.since) == ("高遠", "owner", "+8613912345678", TODAY)


def test_codes_withdrawn(house: SimpleNamespace, places: SimpleNamespace) -> None:
    (made,) = codes.make_codes(house.receptionist, places.home, "owner", resident=places.owner)
    for person, refusal in ((house.owner, NotFound), (house.editor, NotFound), (None, NotFound)):
        with pytest.raises(refusal):
            codes.withdraw(person, made.row)
    codes.withdraw(house.manager, made.row)
    assert codes.redeem(made.text) is None
    (again,) = codes.make_codes(house.receptionist, places.home, "owner", resident=places.owner)
    (latest,) = codes.make_codes(house.receptionist, places.home, "owner", resident=places.owner)
    assert (codes.redeem(again.text), codes.redeem(latest.text)) == (None, latest.row)  # one letter at a time
    acts.move_out(house.manager, places.owner, TODAY)
    assert codes.redeem(latest.text) is None


def test_at_most_ten_open_codes_for_a_home(house: SimpleNamespace, places: SimpleNamespace) -> None:
    make = codes.make_codes
    assert wrong(make, house.receptionist, places.home, "owner", count=11) == {"count"}
    assert wrong(make, house.receptionist, places.home, "owner", count=0) == {"count"}
    assert wrong(make, house.receptionist, places.home, "guest") == {"tenure"}
    made = make(house.receptionist, places.home, "owner", count=10)
    assert wrong(make, house.receptionist, places.home, "tenant") == {"count"}
    codes.withdraw(house.receptionist, made[0].row)
    make(house.receptionist, places.home, "tenant")


def test_a_code_for_somebody_who_left_or_has_an_account(
    house: SimpleNamespace, places: SimpleNamespace
) -> None:
    make = codes.make_codes
    assert wrong(make, house.manager, places.far_home, "owner", resident=places.owner) == {"resident"}
    acts.settle(places.owner, house.owner)
    assert wrong(make, house.manager, places.home, "owner", resident=places.owner) == {"resident"}


def test_every_wrong_code_gets_one_answer(house: SimpleNamespace, places: SimpleNamespace) -> None:
    for text in ("", "-", "AAA-AAA-AAAA", "x" * 10_000, "３", "\x00", "🙂"):
        assert codes.redeem(text) is None


def test_of_two_at_once_one_gets_it(house: SimpleNamespace, places: SimpleNamespace) -> None:
    (made,) = codes.make_codes(house.receptionist, places.home, "owner")
    comers = [people.add_person(f"comer-{n}", f"來客{n}", "password-1") for n in range(4)]
    gate, got = threading.Barrier(len(comers)), []

    def come(person: Any) -> None:
        try:
            found = codes.redeem(made.text)
            gate.wait(10)
            got.append(codes.use(found, person).id if found else None)
        except Invalid:
            got.append(None)
        finally:
            database.close()

    threads = [threading.Thread(target=come, args=(person,)) for person in comers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    assert len([one for one in got if one is not None]) == 1
    assert Resident.select().where(Resident.person.in_([person.id for person in comers])).count() == 1
    assert moment.today() == TODAY
