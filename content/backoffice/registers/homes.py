"""Buildings and homes of the communities that somebody looks after."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, SQL, Expression, fn

from content import estate, stamps
from content.backoffice.declaring import Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.errors import N_, Invalid, NotFound, msg
from content.estate import access, acts
from content.estate.folding import fold_building, fold_room
from content.estate.homes import find_households
from content.households import Building, BuildingAlias, Household, Resident
from content.people import Community, Person


def there(person: Person, column: Any = Building.community) -> Any:
    """The condition for what lies in communities that the person looks after; all, for who looks after all."""
    if access.may(person, "estate:view"):
        return column.is_null(False)
    return column.in_([place.id for place in access.communities_of(person)])


def _buildings(person: Person) -> Any:
    homes = Household.select(fn.COUNT(Household.id)).where(Household.building == Building.id)
    names = BuildingAlias.select(fn.GROUP_CONCAT(BuildingAlias.name, "、"))
    others = names.where(BuildingAlias.building == Building.id)
    return (
        Building.select(Building, Community, homes.alias("homes"), others.alias("others"))
        .join(Community, JOIN.LEFT_OUTER)
        .where(there(person))
    )


def _community(values: Values) -> Community:
    found: Community | None = Community.get_or_none(Community.id == values.get("community"))
    if found is None:
        raise Invalid({"community": [msg(N_("Please choose one of the list."))]})
    return found


def _others(values: Values) -> list[str]:
    """Other names, one per line or parted by the signs that people use."""
    text = str(values.get("aliases") or "")
    for sign in "、，,;；":
        text = text.replace(sign, "\n")
    return [line.strip() for line in text.split("\n") if line.strip()]


def _make_building(person: Person, values: Values) -> int:
    made = acts.make_building(person, _community(values), values)
    if _others(values):
        acts.edit_building(person, made, {"name": made.name, "phase": made.phase}, _others(values))
    return int(made.id)


def _edit_building(person: Person, row: Row, values: Values, version: str) -> None:
    fresh = _buildings(person).where(Building.id == row.id).first()
    if fresh is None:
        raise NotFound()
    stamps.check(version, *_shown(fresh))
    acts.edit_building(person, row, values, _others(values))


def _shown(row: Row) -> tuple[object, ...]:
    return (row.name, row.phase, row.others)


BUILDINGS = Register(
    name="buildings",
    label=N_("Buildings"),
    one=N_("Building"),
    group="homes",
    permission="register:buildings",
    help=N_("Buildings of the communities with all names that people have for them. Lists of homes are read in there."),
    key=Building.id,
    rows=_buildings,
    columns=(
        Column("name", N_("Building")),
        Column("phase", N_("Phase")),
        Column("community", N_("Community"), value=lambda row: finding.name(row, "community")),
        Column("others", N_("Also called"), value=lambda row: row.others or ""),
        Column("homes", N_("Homes"), "number"),
    ),
    order=Building.id,
    newest_first=False,
    filters=(
        Filter("community", N_("Community"), "choice", Building.community, choices=finding.communities, own_words=True),
    ),
    search=lambda words: finding.among(
        Building,
        Building.key == fold_building(words),
        finding.has(Building.name, words),
        Building.id.in_(BuildingAlias.select(BuildingAlias.building).where(finding.has(BuildingAlias.name, words))),
    ),
    search_hint=N_("A name or number of the building"),
    inputs=(
        Input(
            "community", N_("Community"), "choice", required=True, choices=finding.communities, own_words=True,
            only_new=True,
        ),
        Input("name", N_("Building"), required=True, max_length=60),
        Input("phase", N_("Phase"), max_length=40, help=N_("Where the community was built in phases.")),
        Input("aliases", N_("Also called"), "text", max_length=1300, help=N_("One name per line.")),
    ),
    load=lambda row: {
        "community": row.community_id, "name": row.name, "phase": row.phase,
        "aliases": "\n".join((row.others or "").split("、")),
    },
    version=lambda row: stamps.stamp(*_shown(row)),
    create=_make_building,
    update=_edit_building,
    address=lambda row: f"/estate/buildings/{row.id}/",
    title=lambda row: " ".join(part for part in (row.phase, row.name) if part),
    empty=N_("There is no building yet. Add one, or read in a list of homes."),
)  # fmt: skip


# ---- homes


def _homes(person: Person) -> Any:
    living = Resident.select(fn.COUNT(Resident.id)).where(
        Resident.household == Household.id, Resident.in_force()
    )
    return (
        Household.select(Household, Building, Community, living.alias("living"))
        .join(Building, JOIN.LEFT_OUTER)
        .join(Community, JOIN.LEFT_OUTER)
        .where(_within(person))
    )


def _within(person: Person) -> Any:
    """As ``there``, without a join where all is seen."""
    if access.may(person, "estate:view"):
        return Household.id > 0
    return Household.building.in_(Building.select(Building.id).where(there(person)))


def place(home: Household) -> str:
    """A home with its community."""
    return estate.label(home)


def _in_community(value: Any) -> Any:
    return Household.building.in_(Building.select(Building.id).where(Building.community == value))


def _empty(value: Any) -> Any:
    lived = fn.EXISTS(
        Resident.select(SQL("1")).where(Resident.household == Household.id, Resident.in_force())
    )
    return ~lived if value else lived


def find_homes(words: str) -> Expression:
    """Homes by their address, their room, who lives there and the telephone of those."""
    exact = [home.id for home in find_households(words)]
    if exact:
        return Household.id.in_(exact)
    room = fold_room(words)
    arms: list[Any] = [Household.key == room, Household.key.endswith(f"-{room}")] if room else []
    of = Resident.select(Resident.household)
    arms.append(Household.id.in_(of.where(finding.called(Resident.name, words), Resident.in_force())))
    telephone = finding.reached(Resident.telephone, words)
    if telephone is not None:
        arms.append(Household.id.in_(of.where(telephone, Resident.in_force())))
    return finding.among(Household, *arms)


def home_named(person: Person, words: str) -> finding.Found:
    """Homes that the person looks after, for a form."""
    rows = _homes(person).where(find_homes(words)).limit(finding.FOUND)
    return [(row.id, place(row)) for row in rows]


def name_of_home(person: Person, key: Any) -> str:
    """What a home is called; "" for one that the person does not look after."""
    row = _homes(person).where(Household.id == key).first()
    return place(row) if row is not None else ""


def _building_named(person: Person, words: str) -> finding.Found:
    found = BUILDINGS.search(words) if BUILDINGS.search else None
    rows = _buildings(person).where(found).limit(finding.FOUND)
    return [(row.id, _building_label(row)) for row in rows]


def _name_of_building(person: Person, key: Any) -> str:
    row = _buildings(person).where(Building.id == key).first()
    return _building_label(row) if row is not None else ""


def _building_label(row: Row) -> str:
    return " ".join(part for part in (finding.name(row, "community"), row.phase, row.name) if part)


def _make_home(person: Person, values: Values) -> int:
    return int(acts.make_household(person, acts.stored_building(values["building"]), values).id)


def _edit_home(person: Person, row: Row, values: Values, version: str) -> None:
    fresh = acts.stored_home(row.id)
    stamps.check(version, fresh.unit, fresh.room, fresh.floor_area)
    acts.edit_household(person, fresh, values)


def _area(row: Row) -> str:
    return "" if row.floor_area is None else f"{row.floor_area / 100:g}"


HOMES = Register(
    name="homes",
    label=N_("Homes"),
    one=N_("Dwelling"),
    group="homes",
    permission="register:homes",
    help=N_("Every home with its building. Who owns or rents it is among the owners and tenants."),
    key=Household.id,
    rows=_homes,
    columns=(
        Column("place", N_("Dwelling"), value=place),
        Column("building", N_("Building"), value=lambda row: finding.name(row, "building"), listed=False),
        Column("unit", N_("Unit of the building"), listed=False),
        Column("room", N_("Room"), sort=Household.key),
        Column("floor_area", N_("Area in m²"), value=_area),
        Column("living", N_("Owners and tenants"), "number"),
    ),
    order=Household.id,
    newest_first=False,
    filters=(
        Filter("community", N_("Community"), "choice", choices=finding.communities, own_words=True,
               condition=_in_community),
        Filter("empty", N_("Nobody is known there"), "yes", condition=_empty),
    ),
    search=find_homes,
    search_hint=N_("Address, room, name or telephone"),
    inputs=(
        Input("building", N_("Building"), "pick", required=True, only_new=True, find=_building_named,
              name_of=_name_of_building),
        Input("unit", N_("Unit of the building"), max_length=20),
        Input("room", N_("Room"), required=True, max_length=20),
        Input("floor_area", N_("Area in m²"), max_length=20, help=N_("Such as 89.5; may stay empty.")),
    ),
    load=lambda row: {
        "building": row.building_id, "unit": row.unit, "room": row.room, "floor_area": _area(row),
    },
    version=lambda row: stamps.stamp(row.unit, row.room, row.floor_area),
    create=_make_home,
    update=_edit_home,
    address=lambda row: f"/estate/homes/{row.id}/",
    title=place,
    empty=N_("There is no home yet. Read in a list of homes, or add one."),
)  # fmt: skip
