"""Changing the estate: buildings with their other names, homes, and who moves in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from peewee import fn

from content import history, moment, people
from content.db import transaction
from content.errors import N_, Invalid, NotFound, msg
from content.estate import checks
from content.estate.access import require
from content.estate.folding import fold_building, fold_phase, household_key
from content.estate.homes import with_places
from content.households import Building, BuildingAlias, Household, HouseholdCode, Resident
from content.people import Community, Membership, Person

MANY_ALIASES = 20


def make_building(person: Person | None, community: Community, values: Mapping[str, Any]) -> Building:
    """Add a building with ``name`` and ``phase``. Raises ``Invalid``, also if it is there under another spelling."""
    cleaned = checks.building_values(values)
    with transaction():
        who = require(person, "estate:manage", community)
        _refuse_twin(community, cleaned, None)
        last = Building.select(fn.MAX(Building.position)).where(Building.community == community.id).scalar()
        made = Building.create(community=community, position=(last or 0) + 1, **cleaned)
        history.record(who, "building.made", subject=made.name)
    return made


def edit_building(
    person: Person | None, building: Building, values: Mapping[str, Any], aliases: Sequence[str]
) -> Building:
    """Change name and phase of a building and all its other names. Raises ``Invalid``."""
    cleaned = checks.building_values(values)
    with transaction():
        building = stored_building(building.id)
        who = require(person, "estate:manage", building.community)
        _refuse_twin(building.community, cleaned, building.id)
        changed = _assign(building, cleaned)
        if _set_aliases(building, aliases):
            changed.append("aliases")
        if changed:
            history.record(who, "building.edited", subject=building.name, difference={"fields": changed})
    return building


def stored_building(id: int) -> Building:
    """The building with this number and its community. Raises ``NotFound``."""
    found: Building | None = (
        Building.select(Building, Community).join(Community).where(Building.id == id).first()
    )
    if found is None:
        raise NotFound()
    return found


def stored_home(id: int) -> Household:
    """The home with this number, its building and community. Raises ``NotFound``."""
    found: Household | None = with_places().where(Household.id == id).first()
    if found is None:
        raise NotFound()
    return found


def _refuse_twin(community: Community, values: Mapping[str, Any], own: int | None) -> None:
    """No second building of one name in one phase, whatever the spelling; nor one that is another's other name."""
    key, phase = values["key"], fold_phase(values["phase"])
    same = Building.select().where((Building.community == community.id) & (Building.id != (own or 0)))
    for row in same.where(Building.key == key):
        if fold_phase(row.phase) == phase:
            raise Invalid({"name": [msg(N_("This building is there already, as %(name)s."), name=row.name)]})
    known_as = same.join(BuildingAlias).where(BuildingAlias.key == key)
    for row in known_as:
        if fold_phase(row.phase) == phase:
            raise Invalid({"name": [msg(N_("%(name)s is already called so."), name=row.name)]})


def _set_aliases(building: Building, names: Sequence[str]) -> bool:
    wanted: dict[str, str] = {}
    for name in (checks.clean(one, width=True) for one in names):
        key = fold_building(name)
        if not key or key == building.key:
            continue
        if len(name) > checks.BUILDING_LENGTHS["name"] or len(wanted) >= MANY_ALIASES:
            limit = checks.BUILDING_LENGTHS["name"]
            text = N_("At most %(most)s other names, each of at most %(limit)s characters.")
            raise Invalid({"aliases": [msg(text, most=MANY_ALIASES, limit=limit)]})
        taken = Building.select().where(Building.community == building.community, Building.key == key)
        for row in taken:
            if fold_phase(row.phase) == fold_phase(building.phase):
                text = N_("%(alias)s is the name of another building.")
                raise Invalid({"aliases": [msg(text, alias=name)]})
        wanted.setdefault(key, name)
    held = {row.key: row for row in BuildingAlias.select().where(BuildingAlias.building == building.id)}
    gone = [row.id for key, row in held.items() if wanted.get(key) != row.name]
    fresh = [(key, name) for key, name in wanted.items() if key not in held or held[key].name != name]
    BuildingAlias.delete().where(BuildingAlias.id.in_(gone)).execute()
    for key, name in fresh:
        BuildingAlias.create(building=building, name=name, key=key[:60])
    return bool(gone or fresh)


def _assign(row: Any, values: Mapping[str, Any]) -> list[str]:
    """Write what differs and return the names of those fields."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save()
    return [name for name in changed if name != "key"]


# ---- homes


def make_household(person: Person | None, building: Building, values: Mapping[str, Any]) -> Household:
    """Add a home with ``unit``, ``room`` and ``floor_area``. Raises ``Invalid``."""
    cleaned = checks.home_values(values)
    cleaned["key"] = household_key(cleaned["unit"], cleaned["room"])
    with transaction():
        building = stored_building(building.id)
        who = require(person, "estate:manage", building.community)
        _refuse_same_home(building, cleaned["key"], None)
        made = Household.create(building=building, **cleaned)
        history.record(who, "household.made", subject=_about(made))
    return made


def edit_household(person: Person | None, household: Household, values: Mapping[str, Any]) -> Household:
    """Change unit, room and floor area of a home. Raises ``Invalid``."""
    cleaned = checks.home_values(values)
    cleaned["key"] = household_key(cleaned["unit"], cleaned["room"])
    with transaction():
        household = stored_home(household.id)
        who = require(person, "estate:manage", household.building.community)
        _refuse_same_home(household.building, cleaned["key"], household.id)
        changed = _assign(household, cleaned)
        if changed:
            history.record(who, "household.edited", subject=_about(household), difference={"fields": changed})
    return household


def _refuse_same_home(building: Building, key: str, own: int | None) -> None:
    twin = Household.select().where(Household.building == building.id, Household.key == key)
    if twin.where(Household.id != (own or 0)).exists():
        raise Invalid({"room": [msg(N_("This home is there already."))]})


def _about(household: Household) -> str:
    """What the audit calls a home: its number, which tells nothing once its people are erased."""
    return f"household {household.id}"


# ---- residents


def add_resident(person: Person | None, household: Household, values: Mapping[str, Any]) -> Resident:
    """Somebody owns or rents a home from now on, or from ``since``. Raises ``Invalid``."""
    cleaned = checks.resident_values(values)
    with transaction():
        household = stored_home(household.id)
        who = require(person, "estate:manage", household.building.community)
        _refuse_same_resident(household, cleaned, None)
        made = Resident.create(household=household, **cleaned)
        fields = sorted(name for name, value in cleaned.items() if value)
        history.record(who, "resident.added", subject=_about(household), difference={"fields": fields})
    return made


def edit_resident(person: Person | None, resident: Resident, values: Mapping[str, Any]) -> Resident:
    """Correct what is known of a resident. The audit says which fields, never what. Raises ``Invalid``."""
    cleaned = checks.resident_values(values)
    with transaction():
        resident = stored_resident(resident.id)
        household = stored_home(resident.household_id)
        who = require(person, "estate:manage", household.building.community)
        _refuse_same_resident(household, cleaned, resident.id)
        since, until = cleaned["since"], resident.until
        if since and until and since > until:
            raise Invalid({"since": [msg(N_("This is after the day they moved out."))]})
        before = resident.tenure
        changed = _assign(resident, cleaned)
        if "tenure" in changed and resident.person is not None:
            community = household.building.community
            people.give_role(resident.person, resident.tenure, community=community.id)
            for tenure in (before, resident.tenure):
                keep_role(resident.person, tenure, community)
        if changed:
            history.record(who, "resident.edited", subject=_about(household), difference={"fields": changed})
    return resident


def stored_resident(id: int) -> Resident:
    """The resident with this number. Raises ``NotFound``."""
    found: Resident | None = Resident.get_or_none(Resident.id == id)
    if found is None:
        raise NotFound()
    return found


def _refuse_same_resident(household: Household, values: Mapping[str, Any], own: int | None) -> None:
    ends = Resident.until.is_null() | (Resident.until >= moment.today())
    same = (Resident.name == values["name"]) & (Resident.tenure == values["tenure"])
    twins = Resident.select().where((Resident.household == household.id) & same & ends)
    if twins.where(Resident.id != (own or 0)).exists():
        raise Invalid({"name": [msg(N_("This person is entered here already."))]})


def move_out(person: Person | None, resident: Resident, until: date | None) -> Resident:
    """End somebody's owning or renting with a day, their last one; nothing is deleted.

    Codes made for them are withdrawn, and their account's role in the community ends unless it has another
    home there. Raises ``Invalid`` (field ``until``).
    """
    reader = checks.Reader({})
    if until is None:
        reader.wrong("until", checks.REQUIRED)
    checks.check_day(reader, "until", until)
    reader.done()
    assert until is not None
    with transaction():
        resident = stored_resident(resident.id)
        household = stored_home(resident.household_id)
        community = household.building.community
        who = require(person, "estate:manage", community)
        if resident.since is not None and until < resident.since:
            raise Invalid({"until": [msg(N_("This is before the day they moved in."))]})
        resident.until = until
        resident.save()
        HouseholdCode.update(withdrawn_at=moment.now()).where(
            (HouseholdCode.resident == resident.id)
            & HouseholdCode.used_at.is_null()
            & HouseholdCode.withdrawn_at.is_null()
        ).execute()
        if resident.person is not None:
            keep_role(resident.person, resident.tenure, community)
        history.record(who, "resident.moved-out", subject=_about(household), difference={"fields": ["until"]})
    return resident


def settle(resident: Resident, person: Person) -> Resident:
    """An account becomes a resident's: of the demo's people, and of who comes with a code."""
    with transaction():
        resident.person = person
        resident.save()
    return resident


def keep_role(person: Person, tenure: str, community: Community) -> None:
    """Let a role in a community that a person holds last as long as their homes there, whatever was entered first.

    With the last day of the last home it ends; without any such home, where an entry was corrected, it is gone.
    """
    homes = Resident.select(Resident.until).join(Household).join(Building)
    mine = (Resident.person == person.id) & (Resident.tenure == tenure)
    days = [row.until for row in homes.where(mine & (Building.community == community.id))]
    held = (
        (Membership.person == person.id)
        & (Membership.role == tenure)
        & (Membership.community == community.id)
    )
    person.__dict__.pop("grants", None)
    if not days:
        Membership.delete().where(held).execute()
        return
    # Roles of an earlier time ended with it and stay as they are.
    latest = (
        Membership.select().where(held).order_by(Membership.until.desc(nulls="FIRST"), Membership.id.desc())
    )
    until = None if None in days else max(day for day in days if day is not None)
    if (row := latest.first()) is not None:
        Membership.update(until=until).where(Membership.id == row.id).execute()
