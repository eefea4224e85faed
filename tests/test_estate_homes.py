"""Homes are found as people write them, in either script, and never guessed; what is masked tells nobody anything."""

from __future__ import annotations

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content import masking, people, telephones
from content.estate import access, acts, homes
from content.estate.folding import fold_building, fold_phase, fold_room, fold_unit, household_key
from content.estate.lists import natural
from tests.estate import furnished

HAN = "零一二三四五六七八九"


def han(number: int) -> str:
    """A number up to 99 as it is written in Chinese."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else HAN[tens] + "十") + (
        HAN[ones] if ones or not tens else ""
    )


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if char in "0123456789" else char for char in text)


@pytest.fixture(autouse=True, scope="module")
def dictionaries() -> None:
    """Folding reads its dictionaries at the first use, which is none of the examples' time."""
    assert fold_building("三棟") == "3"


@settings(deadline=None)
@given(
    st.integers(1, 99),
    st.sampled_from(
        [
            "{}",
            "{}幢",
            "{}棟",
            "{}栋",
            "{}號樓",
            "{}号楼",
            "第{}座",
            "{} 棟",
            "0{}",
            "{}#",
            "Building {}",
            "No. {}",
        ]
    ),
    st.sampled_from([str, han, lambda number: wide(str(number))]),
)
def test_all_spellings_of_a_building_fold_to_its_number(number: int, form: str, digits: Any) -> None:
    if digits is han and form == "0{}":
        form = "{}"
    assert fold_building(form.format(digits(number))) == str(number)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_folding_again_changes_nothing_and_nothing_breaks_it(text: str) -> None:
    for fold in (fold_building, fold_unit, fold_room, fold_phase):
        assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 9), st.integers(101, 3999))
def test_different_homes_have_different_keys(building: int, unit: int, room: int) -> None:
    key = household_key(f"{unit}單元", str(room))
    assert key == f"{unit}-{room}"
    assert key != household_key("", f"{unit}{room}")
    assert fold_building(f"{building}-{unit}棟") != fold_building(f"{building}{unit}棟")


@pytest.mark.parametrize(
    ("fold", "text", "key"),
    [
        (fold_building, "A座", "a"), (fold_building, "會所樓", fold_building("会所楼")), (fold_building, "3-1棟", "3.1"),
        (fold_building, "一百零二號樓", "102"), (fold_building, "棟", fold_building("栋")), (fold_unit, "二單元", "2"),
        (fold_unit, "", ""), (fold_room, "５０１室", "501"), (fold_room, "0501", "501"), (fold_room, "五〇一", "501"),
        (fold_room, "5樓01", "501"), (fold_room, "15-03", "15.3"), (fold_room, "12樓A", "12a"), (fold_phase, "第二期", "2"),
    ],
)  # fmt: skip
def test_spellings(fold: Any, text: str, key: str) -> None:
    assert fold(text) == key


@pytest.fixture
def places(house: SimpleNamespace) -> SimpleNamespace:
    found = furnished(house.administrator)
    acts.edit_building(house.administrator, found.building, {"name": "3棟"}, ["會所樓"])
    return found


@pytest.mark.parametrize(
    "text",
    [
        "3-2-501", "3棟2單元501室", "３幢二單元５０１", "青禾東苑3棟501", "東苑 3號樓 2單元 501", "东苑3栋501", "會所樓501",
        "会所2-501", "三栋二单元五〇一", "3#2-501", "Building 3, Unit 2, Room 501", "青禾 東苑 3-2-501", "3棟501",
    ],
)  # fmt: skip
def test_a_home_is_found_as_people_write_it(places: SimpleNamespace, text: str) -> None:
    found = homes.find_household(text)
    assert found is not None
    assert found.id == places.home.id
    assert homes.label(found) == "青禾東苑 3棟 2單元 501"
    assert homes.find_household(text, places.east) == found


@pytest.mark.parametrize(
    "text",
    ["", "-", "501", "3-2-502", "西苑3-2-501", "南苑3-2-501", "3", "x" * 500, "%", "3-2-%", "一期3-2-501"],
)
def test_no_home_is_guessed(places: SimpleNamespace, text: str) -> None:
    assert homes.find_household(text) is None


def test_two_that_are_meant_are_none(house: SimpleNamespace, places: SimpleNamespace) -> None:
    """Neither the other unit nor the other community is chosen for somebody."""
    acts.make_household(house.administrator, places.building, {"unit": "1單元", "room": "501"})
    assert homes.find_household("3棟501") is None
    twin = acts.make_building(house.administrator, places.west, {"name": "3棟"})
    far = acts.make_household(house.administrator, twin, {"unit": "2單元", "room": "501"})
    assert homes.find_household("3-2-501") is None
    assert homes.find_household("西苑3-2-501") == far
    assert homes.find_household("3-2-501", places.east) == places.home
    assert homes.find_household("西苑3-2-501", places.east) is None
    assert homes.label(homes.find_household("二期7-501")) == "青禾西苑 二期 7棟 501"


@settings(deadline=None)
@given(text=st.text(max_size=60))
def test_whatever_is_typed_is_answered(text: str) -> None:
    for reading in [homes.split_home(text)]:
        assert reading is None or len(reading) == 3


def test_a_persons_home_is_that_which_is_in_force(
    house: SimpleNamespace, places: SimpleNamespace, clock: Any
) -> None:
    assert homes.household_of(house.owner) is None
    acts.settle(places.owner, house.owner)
    assert homes.household_of(house.owner) == places.home
    assert [row.name for row in homes.residents_of(places.home)] == ["李望舒", "王小明"]
    acts.move_out(house.manager, places.owner, places.owner.since or date(2026, 3, 16))
    assert homes.household_of(house.owner) == places.home  # the last day is still theirs
    clock(timedelta(days=1))
    assert homes.household_of(house.owner) is None


def test_natural_order() -> None:
    assert sorted(["2-1001", "10-101", "2-501", "a", "2-501a"], key=natural) == [
        "2-501",
        "2-501a",
        "2-1001",
        "10-101",
        "a",
    ]


# ---- masked


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613800138000", "138 **** 8000"), ("+864008008000", "***-***-*000"), ("+8675523456789", "075* **** 6789"),
        ("+85291234567", "+852 **** 4567"), ("12345", "****5"), ("1234", "****"), ("12", "**"), ("", ""),
    ],
)  # fmt: skip
def test_numbers_masked(number: str, shown: str) -> None:
    assert telephones.mask(number) == shown


@settings(deadline=None)
@given(st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True))
def test_at_least_four_digits_are_hidden_and_what_is_told_stays_short(number: str) -> None:
    count = len(re.sub(r"[^0-9]", "", telephones.show(number)))
    masked = telephones.mask(number)
    hidden = masked.count("*")
    assert hidden >= min(4, count)
    assert count - hidden <= 7
    if count < 11:
        assert masked.lstrip("*+-() ").count("*") == 0 or not masked[0].isdigit()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小明", "王*明"), ("王明", "王*"), ("王", "*"), ("歐陽小明", "歐陽*明"), ("欧阳明", "欧阳*"), ("歐陽", "歐*"),
        ("王小小明", "王**明"), ("", ""), ("John Smith", "J*** S***"), ("Li", "L*"), ("𠮷田", "𠮷*"), ("葛\U000e0100城", "葛*"),
    ],
)  # fmt: skip
def test_names_masked(name: str, shown: str) -> None:
    assert masking.mask_name(name) == shown


@settings(deadline=None)
@given(st.text(alphabet="王小明李建國", min_size=2, max_size=6))
def test_part_of_each_name_is_hidden(name: str) -> None:
    assert "*" in masking.mask_name(name)
    assert len(masking.mask_name(name)) == len(name)


def test_residents_are_masked_for_whoever_does_not_look_after_homes_there(
    house: SimpleNamespace, places: SimpleNamespace
) -> None:
    local = people.add_person("local", "local", "password-1")
    people.give_role(local, "receptionist", community=places.west)
    for person in (None, house.tenant, house.crew, house.editor, local):
        seen = access.seen_by(person, places.owner, places.home)
        assert (seen.name, seen.telephone, seen.masked) == ("李*舒", "138 **** 8000", True)
    for person in (house.receptionist, house.manager, house.administrator):
        assert access.seen_by(person, places.owner, places.home).telephone == "138 0013 8000"
    acts.settle(places.owner, house.owner)
    assert access.seen_by(house.owner, acts.stored_resident(places.owner.id), places.home).name == "李望舒"
