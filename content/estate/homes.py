"""Homes: found as people write them, named as their own people do, and who lives in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from peewee import JOIN

from content import chinese
from content.estate.folding import (
    fold_building,
    fold_phase,
    fold_room,
    fold_unit,
    household_key,
    number_of,
)
from content.households import Building, BuildingAlias, Household, Resident
from content.people import Community, Person, Site

LONGEST = 120  # characters of an address that are read
_WORDS = re.compile(r"(^|-)(?:building|block|tower|bldg|no|unit|room|flat|apt|rm)-?(?=[0-9a-z])")


def find_household(text: str, community: Community | None = None) -> Household | None:
    """The home that a text names: 3-2-501, 3棟2單元501室, ３幢二單元５０１, 東苑3棟501, 會所樓302.

    ``None`` where there is none, or more than one; with a community only homes of that one are found.
    """
    found = find_households(text, community)
    return found[0] if len(found) == 1 else None


def find_households(text: str, community: Community | None = None) -> list[Household]:
    """The homes that a text may mean; where it names no community, those of all that have one of this name."""
    plain = _plain(text)
    if not plain or len(text) > LONGEST:
        return []
    for communities, rest in _places(plain, community):
        found = _look_up(rest, communities)
        if found:
            return found
    return []


def _plain(text: str) -> str:
    """Folded, whatever separates words a single "-"."""
    return re.sub(r"[\W_]+", "-", chinese.fold(text[:LONGEST])).strip("-")


def _places(plain: str, only: Community | None) -> list[tuple[list[int], str]]:
    """Readings of the beginning: (communities, what follows), the one that names a community first."""
    rows = list(Community.select(Community, Site).join(Site))
    named: dict[int, list[tuple[int, str]]] = {}
    for row in rows:
        for name in names_of(row):
            rest = _after(plain, name)
            if rest:
                named.setdefault(len(name), []).append((row.id, rest))
    everywhere = [row.id for row in rows if only is None or row.id == only.id]
    found: list[tuple[list[int], str]] = []
    if named:
        longest = named[max(named)]
        if only is not None and only.id not in {place for place, _ in longest}:
            return []  # it names another community
        found += [([place], rest) for place, rest in longest if place in everywhere]
        if len(found) > 1:  # two communities of one name
            found = [([place for places, _ in found for place in places], found[0][1])]
    else:
        for site in {row.site.name: row.site for row in rows}.values():
            rest = _after(plain, chinese.fold(site.name))
            if rest:
                found.append(([r.id for r in rows if r.site.id == site.id and r.id in everywhere], rest))
    return [*found, (everywhere, plain)]


def names_of(community: Community) -> set[str]:
    """What a community is called: in full, and without the name of its site: 東苑."""
    full, site = chinese.fold(community.name), chinese.fold(community.site.name)
    ending = chinese.fold("小區")
    names = {full, full.removeprefix(site)}
    return {short for name in names for short in (name, name.removesuffix(ending)) if short.strip()}


def _after(plain: str, name: str) -> str:
    """What follows a name at the beginning of a text, separators aside; "" if it does not begin with it."""
    letters = re.sub(r"[\W_]+", "", name)
    place = 0
    for letter in letters:
        while place < len(plain) and plain[place] == "-":
            place += 1
        if place == len(plain) or plain[place] != letter:
            return ""
        place += 1
    return plain[place:].strip("-") if letters else ""


@cache
def _marked() -> re.Pattern[str]:
    """Building, unit and room told apart by their words: 3棟2單元501."""
    building = "|".join(chinese.fold(word) for word in ("號樓", "樓棟", "幢", "棟", "座", "樓", "號"))
    unit = "|".join(chinese.fold(word) for word in ("單元", "單", "梯", "門"))
    return re.compile(rf"(.+?)(?:-?(?:{building})|-)-?(?:([^-]+?)-?(?:{unit})-?)?([^-].*)")


def _readings(rest: str) -> Iterable[tuple[str, str, str]]:
    """Ways to read what follows the community: (building, unit, room)."""
    found = _marked().fullmatch(rest)
    if found:
        building, unit, room = found[1], found[2] or "", found[3]
        yield building, unit, room
        if not unit and "-" in room:
            first, _, second = room.partition("-")
            yield building, first, second
    parts = rest.split("-")
    if len(parts) > 2:
        yield "-".join(parts[:-2]), parts[-2], parts[-1]
    if len(parts) > 1:
        yield "-".join(parts[:-1]), "", parts[-1]
    glued = re.fullmatch(r"([^0-9-]+)([0-9].*)", rest)
    if glued:
        unit, _, room = glued[2].rpartition("-")
        yield glued[1], unit, room


def split_home(text: str) -> tuple[str, str, str] | None:
    """Building, unit and room of an address without its community, folded: 3-2-501, 3棟2單元501."""
    readings = list(_readings(_WORDS.sub(r"\1", _plain(text)).strip("-")))
    readings.sort(key=lambda one: bool(one[1]), reverse=True)  # the one that tells most
    best = next(iter(readings), None)
    return (fold_building(best[0]), fold_unit(best[1]), fold_room(best[2])) if best else None


def _look_up(rest: str, communities: list[int]) -> list[Household]:
    phase, rest = _phase(rest, communities)
    rest = _WORDS.sub(r"\1", rest).strip("-")
    wanted = {(fold_building(b), fold_unit(u), fold_room(r)) for b, u, r in _readings(rest)}
    buildings = _buildings({building for building, _, _ in wanted}, communities, phase)
    if not buildings:
        return []
    exact: dict[int, Household] = {}
    loose: dict[int, Household] = {}
    for home in _homes(buildings, {room for _, _, room in wanted}):
        for building, unit, room in wanted:
            if building not in buildings[home.building_id]:
                continue
            if home.key == (f"{unit}-{room}" if unit else room):
                exact[home.id] = home
            elif not unit and home.key.endswith(f"-{room}"):
                loose[home.id] = home
    settled = {home.building_id for home in exact.values()}  # where a room 501 without unit is meant
    loose = {key: home for key, home in loose.items() if home.building_id not in settled}
    return list({**loose, **exact}.values())


def _phase(rest: str, communities: list[int]) -> tuple[str | None, str]:
    """The phase that a text begins with, folded, and what follows; ``None`` where it names none."""
    told = re.match(rf"(?:第?([^-]{{1,6}}?){chinese.fold('期')}|phase-?([0-9]+))-*", rest)
    number = number_of(told[1] or told[2]) if told else None
    if told and number:
        return number, rest[told.end() :]
    rows = Building.select(Building.phase).where(Building.community.in_(communities)).distinct()
    for row in rows:
        after = _after(rest, chinese.fold(row.phase))
        if after:
            return fold_phase(row.phase), after
    return None, rest


def _buildings(keys: set[str], communities: list[int], phase: str | None) -> dict[int, set[str]]:
    """Building → the keys among these under which it is known, by its own name or another one."""
    rows: Any = (
        Building.select(Building.id, Building.phase, Building.key, BuildingAlias.key.alias("other"))
        .join(BuildingAlias, JOIN.LEFT_OUTER)
        .where(Building.community.in_(communities))
        .where(Building.key.in_(keys) | BuildingAlias.key.in_(keys))
        .dicts()
    )
    found: dict[int, set[str]] = {}
    for row in rows:
        if phase is None or fold_phase(row["phase"]) == phase:
            found.setdefault(row["id"], set()).update({row["key"], row["other"]} & keys)
    return found


def _homes(buildings: dict[int, set[str]], rooms: set[str]) -> list[Household]:
    condition: Any = Household.id == 0
    for room in sorted(rooms):
        condition |= (Household.key == room) | Household.key.endswith(f"-{room}")
    return list(with_places().where(Household.building.in_(list(buildings)) & condition).limit(50))


def with_places() -> Any:
    """Homes with building, community and site, so that naming them asks the database nothing more."""
    return (
        Household.select(Household, Building, Community, Site)
        .join(Building)
        .join(Community)
        .join(Site)
        .order_by(Building.community, Building.position, Building.id, Household.id)
    )


def home(id: int) -> Household | None:
    """The home with this number, with its building and community."""
    found: Household | None = with_places().where(Household.id == id).first()
    return found


# ---- names


def label(household: Household) -> str:
    """The whole name of a home as its own people write it: 青禾花園東苑 二期 3棟 2單元 501."""
    return f"{household.building.community.name} {short_label(household)}"


def short_label(household: Household) -> str:
    """The name of a home for those who know the community: 二期 3棟 2單元 501."""
    building = household.building
    return " ".join(part for part in (building.phase, building.name, household.unit, household.room) if part)


# ---- who lives there


def households_of(person: Person) -> list[Household]:
    """The homes that an account owns or rents today, the latest first."""
    rows = (
        with_places()
        .select_extend(Resident)
        .join_from(Household, Resident)
        .where((Resident.person == person.id) & Resident.in_force())
        .order_by(Resident.since.desc(nulls="LAST"), Resident.id.desc())
    )
    return list({row.id: row for row in rows}.values())


def household_of(person: Person) -> Household | None:
    """The home of a resident's account that is in force today; the latest where there are several."""
    found = households_of(person)
    return found[0] if found else None


def residents_of(household: Household) -> list[Resident]:
    """Who owns or rents a home today, owners first."""
    rows = Resident.select().where((Resident.household == household.id) & Resident.in_force())
    return list(rows.order_by(Resident.tenure, Resident.id))


__all__ = [
    "find_household",
    "fold_building",
    "fold_phase",
    "fold_room",
    "fold_unit",
    "home",
    "household_key",
    "household_of",
    "households_of",
    "label",
    "names_of",
    "residents_of",
    "short_label",
    "split_home",
    "with_places",
]
