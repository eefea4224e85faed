"""What importing a list of homes would do, row by row: what is new, what differs, and why a row is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from peewee import JOIN

from content import chinese, moment
from content.errors import N_, Invalid, Message, msg
from content.estate import access, checks
from content.estate.folding import fold_building, fold_phase, fold_unit, household_key, number_of
from content.estate.headings import COLUMNS, tenure_of
from content.estate.homes import names_of, split_home
from content.estate.sheet import Sheet, SheetRow
from content.households import Building, BuildingAlias, Household, Resident
from content.late import Late
from content.people import Community, Person, Site

_days = Late("openpyxl.utils.datetime")
PLACE = ("building", "unit", "room")
RESIDENT = ("name", "address_form", "telephone", "email", "since")


@dataclass(frozen=True)
class Problem:
    """Why a row is refused. ``column`` is a name of ``headings.COLUMNS``, ``heading`` the file's own word for it."""

    row: int
    column: str
    heading: str
    message: Message


@dataclass(eq=False)
class PlannedBuilding:
    """A building that is there (``id``) or would be made."""

    community: int
    phase: str
    name: str
    id: int | None = None


@dataclass(eq=False)
class PlannedResident:
    """A resident who is there (``id``) or would be entered; ``changes`` are the fields that differ."""

    values: dict[str, Any]
    id: int | None = None
    row: int = 0
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class PlannedHome:
    """A home that is there (``id``) or would be made; ``area`` is set where it would change."""

    building: PlannedBuilding
    unit: str
    room: str
    floor_area: int | None
    id: int | None = None
    area: int | None = None
    area_row: int = 0
    residents: dict[tuple[str, str], PlannedResident] = field(default_factory=dict)
    left: dict[tuple[str, str], Any] = field(default_factory=dict)


@dataclass
class Plan:
    """The outcome of looking through a list. ``good`` rows would be taken; ``same`` of them change nothing."""

    title: str
    headings: dict[str, str]
    unknown: list[str]
    total: int = 0
    good: int = 0
    same: int = 0
    problems: list[Problem] = field(default_factory=list)
    buildings: list[PlannedBuilding] = field(default_factory=list)
    homes: list[PlannedHome] = field(default_factory=list)
    residents: list[tuple[PlannedHome, PlannedResident]] = field(default_factory=list)
    areas: list[PlannedHome] = field(default_factory=list)
    corrected: list[tuple[PlannedHome, PlannedResident]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many rows are refused; one row may have several problems."""
        return self.total - self.good

    @property
    def counts(self) -> dict[str, int]:
        """What would be made and changed."""
        return {
            "buildings": len(self.buildings),
            "households": len(self.homes),
            "residents": len(self.residents),
            "changed": len(self.corrected) + len(self.areas),
        }


class _Refused(Exception):
    """A row that cannot be taken: column → messages."""

    def __init__(self, problems: Mapping[str, Iterable[Message]]) -> None:
        super().__init__()
        self.problems = problems


def make_plan(person: Person | None, sheet: Sheet, community: Community | None = None) -> Plan:
    """Look through a list against what is there; ``community`` is that of rows that name none. Writes nothing.

    Raises ``NotAllowed`` for who may change homes nowhere.
    """
    access.require(person, "estate:manage", access.ANYWHERE)
    planner = _Planner(person, sheet, community)
    plan = Plan(sheet.title, sheet.headings, sheet.unknown)
    for row in sheet.rows:
        plan.total += 1
        try:
            planner.take(row, plan)
        except _Refused as refused:
            plan.problems += [
                Problem(row.number, column, sheet.headings.get(column, ""), message)
                for column, messages in refused.problems.items()
                for message in messages
            ]
        else:
            plan.good += 1
    return plan


class _Planner:
    def __init__(self, person: Person | None, sheet: Sheet, community: Community | None) -> None:
        self.sheet, self.default = sheet, community
        self.communities = list(Community.select(Community, Site).join(Site))
        self.open = {row.id for row in self.communities if access.may(person, "estate:manage", row)}
        self.named: dict[str, list[Community]] = {}
        for row in self.communities:
            for name in names_of(row):
                self.named.setdefault(name, []).append(row)
        self.buildings: dict[tuple[int, str], list[PlannedBuilding]] = {}
        self.homes: dict[tuple[int, str], PlannedHome] = {}
        self._load()
        words = "".join(sheet.headings.values())
        self.like = words if any("\u3400" <= char <= "\u9fff" for char in words) else ""

    def _load(self) -> None:
        """Everything that is there in the communities that this person may change; five questions in all."""
        rows: Any = (
            Building.select(Building, BuildingAlias.key.alias("other"))
            .join(BuildingAlias, JOIN.LEFT_OUTER)
            .where(Building.community.in_(sorted(self.open)))
            .order_by(Building.id)
            .dicts()
        )
        known: dict[int, PlannedBuilding] = {}
        for row in rows:
            here = PlannedBuilding(row["community"], row["phase"], row["name"], row["id"])
            one = known.setdefault(row["id"], here)
            for key in {row["key"], row["other"]} - {None}:
                held = self.buildings.setdefault((row["community"], key), [])
                if one not in held:
                    held.append(one)
        homes: dict[int, PlannedHome] = {}
        there = Household.building.in_(
            Building.select(Building.id).where(Building.community.in_(sorted(self.open)))
        )
        for row in Household.select().where(there):
            made = PlannedHome(known[row.building_id], row.unit, row.room, row.floor_area, row.id)
            self.homes[id(made.building), row.key] = homes[row.id] = made
        living = Resident.select().join(Household).where(there).order_by(Resident.id)
        today = moment.today()
        for resident in living:
            key, home = (resident.name, resident.tenure), homes[resident.household_id]
            if resident.until is not None and resident.until < today:
                home.left[key] = resident.until
            else:
                values = {name: getattr(resident, name) for name in (*RESIDENT, "tenure", "until")}
                home.residents[key] = PlannedResident(values, resident.id)

    def take(self, row: SheetRow, plan: Plan) -> None:
        """Work one row into the plan, or refuse it with everything that is wrong."""
        values = {name: row.cells[name].text for name in row.cells}
        problems: dict[str, list[Message]] = {}
        for name, cell in row.cells.items():
            if cell.failed:
                problems[name] = [msg(N_("A formula has failed here. Please type the value."))]
            elif cell.day is not None and name in PLACE:
                text = N_(
                    "The spreadsheet has made a day of this. Please make the column text and type it again."
                )
                problems[name] = [msg(text)]
        if problems:
            raise _Refused(problems)
        community = self._community(values.get("community", ""), problems)
        where = self._where(values, problems)
        who = self._who(values, problems)
        if problems:
            raise _Refused(problems)
        assert community is not None
        assert where is not None
        self._settle(plan, row.number, community, where, who)

    def _community(self, text: str, problems: dict[str, list[Message]]) -> Community | None:
        found = self.named.get(chinese.fold(text), []) if text else []
        if text and len(found) != 1:
            problems["community"] = [msg(N_("There is no community “%(name)s” here."), name=text[:60])]
            return None
        one = found[0] if found else self.default
        if one is None:
            problems["community"] = [msg(N_("Please say which community this is, in the list or above it."))]
        elif one.id not in self.open:
            problems["community"] = [msg(N_("You may not change the homes of this community."))]
            return None
        return one

    def _where(self, values: dict[str, str], problems: dict[str, list[Message]]) -> dict[str, Any] | None:
        """Building, phase, unit, room and area; a room written as a whole address is taken apart."""
        place = {name: values.get(name, "") for name in ("phase", *PLACE)}
        split = split_home(place["room"]) if not place["unit"] else None
        if split and place["building"] and split[0] != fold_building(place["building"]):
            split = None
        if split:
            place = {**place, "building": place["building"] or split[0], "unit": split[1], "room": split[2]}
            if not values.get("building") and not re.fullmatch(r"[0-9a-z.]+", split[0]):
                place["building"] = self._known_as(split[0])  # folded, it is nobody's way of writing it
        found: dict[str, Any] = {}
        building = {"name": place["building"], "phase": place["phase"]}
        found |= _checked(checks.building_values, building, problems, {"name": "building"})
        home = {**place, "floor_area": values.get("floor_area", "")}
        found |= _checked(checks.home_values, home, problems, {})
        return None if problems else found

    def _known_as(self, key: str) -> str:
        """How a building is written that is there already; "" for others."""
        return next((held[0].name for (_, one), held in self.buildings.items() if one == key), "")

    def _who(self, values: dict[str, str], problems: dict[str, list[Message]]) -> dict[str, Any] | None:
        typed = {name: values.get(name, "") for name in RESIDENT}
        if not any(typed.values()):
            return None
        tenure = values.get("tenure", "")
        typed["tenure"] = tenure_of(tenure) if tenure else self.sheet.default_tenure
        if len(typed["since"]) == 5 and typed["since"].isdecimal():  # a day that lost its format
            typed["since"] = checks.clean(_days.from_excel(int(typed["since"])))[:10]
        return _checked(checks.resident_values, typed, problems, {}) or None

    def _settle(
        self, plan: Plan, row: int, community: Community, where: dict[str, Any], who: dict[str, Any] | None
    ) -> None:
        building = self._building(community, where)
        key = household_key(where["unit"], where["room"])
        home = self.homes.get((id(building), key)) if building is not None else None
        held = home.residents.get((who["name"], who["tenure"])) if home is not None and who else None
        if home is not None:
            _refuse_other_area(home, where["floor_area"], row)
            _refuse_contradiction(home, held, who)
        # Nothing refuses the row any more: from here on it leaves its traces.
        changes = False
        if building is None:
            building = self._new_building(plan, community, where)
        if home is None:
            unit = _spelled("unit", where["unit"], self._manner(community))
            home = PlannedHome(building, unit, where["room"], where["floor_area"], area_row=row)
            self.homes[id(building), key] = home
            plan.homes.append(home)
            changes = True
        else:
            changes = _note_area(plan, home, where["floor_area"], row)
        if who is not None:
            changes |= _enter(plan, home, held, who, row)
        plan.same += not changes

    def _building(self, community: Community, where: dict[str, Any]) -> PlannedBuilding | None:
        found = self.buildings.get((community.id, where["key_of_building"]), [])
        if where["phase"]:
            phase = fold_phase(where["phase"])
            found = [one for one in found if fold_phase(one.phase) == phase]
        if len(found) > 1:
            text = N_("There are several buildings of this name. Please give the phase.")
            raise _Refused({"phase": [msg(text)]})
        return found[0] if found else None

    def _manner(self, community: Community) -> str:
        """In which script numbers are made names: that of the headings, else of the community's name."""
        words = self.like or community.name
        return chinese.detect_script(words) if any("\u3400" <= char <= "\u9fff" for char in words) else ""

    def _new_building(self, plan: Plan, community: Community, where: dict[str, Any]) -> PlannedBuilding:
        manner = self._manner(community)
        name, phase = _spelled("building", where["name"], manner), _spelled("phase", where["phase"], manner)
        made = PlannedBuilding(community.id, phase, name)
        self.buildings.setdefault((community.id, where["key_of_building"]), []).append(made)
        plan.buildings.append(made)
        return made


def _checked(
    check: Any, values: Mapping[str, Any], problems: dict[str, list[Message]], names: Mapping[str, str]
) -> dict[str, Any]:
    """What a check makes of the values; its problems under the names of columns."""
    try:
        found: dict[str, Any] = check(values)
    except Invalid as invalid:
        for name, messages in invalid.fields.items():
            problems.setdefault(names.get(name, name), []).extend(messages)
        return {}
    if "key" in found:
        found["key_of_building"] = found.pop("key")
    return found


_WORDS = {
    "hant": {"building": "%s棟", "unit": "%s單元", "phase": "%s期"},
    "hans": {"building": "%s栋", "unit": "%s单元", "phase": "%s期"},
    "": {"building": "Building %s", "unit": "Unit %s", "phase": "Phase %s"},
}


def _spelled(kind: str, text: str, manner: str) -> str:
    """A bare number as people say it: 3 of the column 棟 is 3棟."""
    bare = fold_unit(text)
    plain = number_of(bare) is not None and bare == text.lstrip("0")
    return _WORDS[manner][kind] % bare if plain else text


def _refuse_other_area(home: PlannedHome, area: int | None, row: int) -> None:
    held = home.area if home.area is not None else home.floor_area
    if area is not None and held is not None and home.area_row and held != area:
        text = N_("Row %(row)s gives another area for the same home.")
        raise _Refused({"floor_area": [msg(text, row=home.area_row)]})


def _note_area(plan: Plan, home: PlannedHome, area: int | None, row: int) -> bool:
    """Note the area of a home that is there or planned already; whether it differs."""
    if area is None:
        return False
    home.area_row = home.area_row or row
    if area in (home.floor_area, home.area):
        return False
    if home.id is None:
        home.floor_area = area
    else:
        home.area = area
        plan.areas.append(home)
    return True


def _refuse_contradiction(
    home: PlannedHome, held: PlannedResident | None, who: dict[str, Any] | None
) -> None:
    if who is None:
        return
    gone = home.left.get((who["name"], who["tenure"]))
    if held is None and gone is not None and (who["since"] is None or who["since"] <= gone):
        text = N_(
            "Moved out on %(day)s. For somebody who is back, please give the new day in the column “Since when”."
        )
        raise _Refused({"name": [msg(text, day=gone.isoformat())]})
    if held is None:
        return
    until = held.values.get("until")
    if who["since"] and until and who["since"] > until:
        raise _Refused({"since": [msg(N_("This is after the day they moved out."))]})
    if held.row:
        known = {**held.values, **held.changes}
        for name in RESIDENT:
            if who[name] and known[name] and who[name] != known[name]:
                text = N_("Row %(row)s says something else of the same person.")
                raise _Refused({name: [msg(text, row=held.row)]})


def _enter(
    plan: Plan, home: PlannedHome, held: PlannedResident | None, who: dict[str, Any], row: int
) -> bool:
    """Note a new resident, or what differs of one who is known; whether anything does."""
    if held is None:
        made = PlannedResident(who, row=row)
        home.residents[who["name"], who["tenure"]] = made
        plan.residents.append((home, made))
        return True
    known = {**held.values, **held.changes}
    differs = {name: who[name] for name in RESIDENT if who[name] and who[name] != known[name]}
    held.row = held.row or row
    if differs and held.id is None:
        held.values.update(differs)
    elif differs:
        if not held.changes:
            plan.corrected.append((home, held))
        held.changes.update(differs)
    return bool(differs)


__all__ = ["COLUMNS", "Plan", "PlannedHome", "PlannedResident", "Problem", "make_plan"]
