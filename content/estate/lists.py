"""Lists of the estate for those who look after it: buildings with their figures, homes, what a search finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import fn

from content import moment, telephones
from content.estate import access
from content.estate.acts import stored_building, stored_home
from content.estate.codes import open_codes
from content.estate.folding import fold_room
from content.estate.homes import find_households, residents_of, with_places
from content.households import Building, BuildingAlias, Household, HouseholdCode, Resident
from content.people import Community, Person

PAGE = 60  # homes on a page of a building
FOUND = 50  # homes that a search shows
FEWEST_DIGITS = 4  # of the end of a telephone number by which homes are found
ANYTHING = 100  # characters of a search that are looked at


@dataclass(frozen=True)
class Count:
    """A building in the list, with how many homes it has and how many of them somebody is known in."""

    building: Building
    homes: int
    lived_in: int


@dataclass(frozen=True)
class Row:
    """A home in a list, with who owns or rents it today."""

    home: Household
    residents: list[Resident] = field(default_factory=list)


@dataclass(frozen=True)
class HomePage:
    """Everything about one home. ``past`` are those who left."""

    home: Household
    residents: list[Resident]
    coming: list[Resident]
    past: list[Resident]
    codes: list[HouseholdCode]
    may_manage: bool
    may_code: bool


def natural(key: str) -> tuple[tuple[int, int | str], ...]:
    """What sorts keys as people count: 2-501 before 2-1001, before 10-101."""
    return tuple(
        (0, int(part)) if part.isdecimal() else (1, part) for part in re.findall(r"[0-9]+|[^0-9]+", key)
    )


def buildings(person: Person | None) -> list[tuple[Community, list[Count]]]:
    """The communities that the person looks after, each with its buildings as they are counted there."""
    places = access.communities_of(person)
    ids = [place.id for place in places]
    today = moment.today()
    ended = Resident.until.is_null(False) & (Resident.until < today)
    living = Resident.select(Resident.household).where(~ended).distinct()
    homes = dict(_counted(Household.select(Household.building, fn.COUNT(Household.id)), ids))
    lived = dict(
        _counted(
            Household.select(Household.building, fn.COUNT(Household.id)).where(Household.id.in_(living)), ids
        )
    )
    rows: dict[int, list[Count]] = {}
    for one in Building.select().where(Building.community.in_(ids)):
        count = Count(one, homes.get(one.id, 0), lived.get(one.id, 0))
        rows.setdefault(one.community_id, []).append(count)
    for found in rows.values():
        found.sort(key=lambda count: (natural(count.building.phase), natural(count.building.key)))
    return [(place, rows.get(place.id, [])) for place in places]


def _counted(query: Any, communities: Sequence[int]) -> Iterable[tuple[int, int]]:
    there = Building.select(Building.id).where(Building.community.in_(communities))
    counted: Iterable[tuple[int, int]] = (
        query.where(Household.building.in_(there)).group_by(Household.building).tuples()
    )
    return counted


def building(person: Person | None, id: int) -> Building:
    """A building that the person may look at. Raises ``NotFound``."""
    found = stored_building(id)
    access.require(person, "estate:view", found.community)
    return found


def other_names(one: Building) -> list[str]:
    """What else people call a building."""
    rows = BuildingAlias.select().where(BuildingAlias.building == one.id).order_by(BuildingAlias.id)
    return [row.name for row in rows]


def homes_of(one: Building, page: int = 1) -> tuple[list[Row], int]:
    """A page of the homes of a building, as people count them, and how many pages there are."""
    rooms: Any = Household.select(Household.id, Household.key).where(Household.building == one.id).tuples()
    keys = sorted(rooms, key=lambda row: natural(row[1]))
    pages = max(1, -(-len(keys) // PAGE))
    ids = [id for id, _ in keys[(page - 1) * PAGE : page * PAGE]]
    rows = {row.id: row for row in with_places().where(Household.id.in_(ids))}
    return _with_residents([rows[id] for id in ids]), pages


def _with_residents(homes: Sequence[Household]) -> list[Row]:
    living: dict[int, list[Resident]] = {}
    wanted = Resident.household.in_([home.id for home in homes]) & Resident.in_force()
    for resident in Resident.select().where(wanted).order_by(Resident.tenure, Resident.id):
        living.setdefault(resident.household_id, []).append(resident)
    return [Row(home, living.get(home.id, [])) for home in homes]


def find_homes(person: Person | None, text: str) -> tuple[list[Row], bool]:
    """Homes by their address, a room, a name or the end of a telephone number; whether there are more than shown.

    Only in communities that the person looks after.
    """
    text = " ".join(text[:ANYTHING].split())
    ids = [place.id for place in access.communities_of(person)]
    if not text or not ids:
        return [], False
    there = Building.community.in_(ids)
    exact = [home for home in find_households(text) if home.building.community_id in ids]
    if exact:
        return _with_residents(exact), False
    condition = _by_room(text) | Household.id.in_(_by_person(text))
    rows = list(with_places().where(there & condition).limit(FOUND + 1))
    return _with_residents(rows[:FOUND]), len(rows) > FOUND


def _by_room(text: str) -> Any:
    room = fold_room(text)
    if not room:
        return Household.id == 0
    return (Household.key == room) | Household.key.endswith(f"-{room}")


def _by_person(text: str) -> Any:
    """Homes of those who live there and are called so, or are reached under a number that ends so."""
    condition = Resident.name.contains(text)
    number = telephones.read(text)
    digits = re.sub(r"[\s\-().+]", "", text)
    if number is not None:
        condition |= Resident.telephone == number
    elif digits.isascii() and digits.isdecimal() and len(digits) >= FEWEST_DIGITS:
        condition |= Resident.telephone.endswith(digits)
    return Resident.select(Resident.household).where(condition & Resident.in_force())


def home_page(person: Person | None, id: int) -> HomePage:
    """Everything about a home that the person may look at. Raises ``NotFound``."""
    home = stored_home(id)
    community = home.building.community
    access.require(person, "estate:view", community)
    may_code = access.may(person, "estate:code", community)
    today = moment.today()
    others = Resident.select().where((Resident.household == home.id) & ~Resident.in_force())
    rest = list(others.order_by(Resident.until.desc(), Resident.id.desc()))
    return HomePage(
        home=home,
        residents=residents_of(home),
        coming=[one for one in rest if one.until is None or one.until >= today],
        past=[one for one in rest if one.until is not None and one.until < today],
        codes=open_codes(home) if may_code else [],
        may_manage=access.may(person, "estate:manage", community),
        may_code=may_code,
    )
