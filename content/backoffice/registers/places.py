"""The site, its communities and departments."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, fn

from content.accounts import places
from content.backoffice.declaring import Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.errors import N_
from content.households import Building
from content.people import Community, Department, Person, Site

_NAME = Input("name", N_("Name"), required=True, max_length=places.NAME)
_SITE = Input(
    "site", N_("Site"), "choice", choices=finding.sites, own_words=True, only_new=True,
    help=N_("Empty means the first one."),
)  # fmt: skip


def _departments(person: Person) -> Any:
    people = Person.select(fn.COUNT(Person.id)).where(Person.department == Department.id)
    return Department.select(Department, Site, people.alias("people")).join(Site, JOIN.LEFT_OUTER)


def _make_department(person: Person, values: Values) -> int:
    return int(places.make_department(person, values).id)


def _edit_department(person: Person, row: Row, values: Values, version: str) -> None:
    places.edit(person, Department, row.id, values, version=version)


DEPARTMENTS = Register(
    name="departments",
    label=N_("Departments"),
    one=N_("Department"),
    group="people",
    permission="register:departments",
    help=N_("Departments with the telephone that the directory shows, in its order."),
    key=Department.id,
    rows=_departments,
    columns=(
        Column("name", N_("Name"), inplace="name"),
        Column("telephone", N_("Telephone"), inplace="telephone"),
        Column("position", N_("Place in the directory"), "number", inplace="position"),
        Column("people", N_("People"), "number"),
        Column("site", N_("Site"), value=lambda row: finding.name(row, "site"), listed=False),
    ),
    order=Department.id,
    newest_first=False,
    filters=(Filter("site", N_("Site"), "choice", Department.site, choices=finding.sites, own_words=True),),
    search=lambda words: finding.has(Department.name, words) | Department.telephone.contains(words),
    search_hint=N_("Name or telephone"),
    inputs=(
        _NAME,
        Input("telephone", N_("Telephone"), max_length=places.TELEPHONE),
        Input(
            "position", N_("Place in the directory"), "number", lowest=0, highest=places.LAST, default=0,
            help=N_("Smaller numbers come first."),
        ),
        _SITE,
    ),
    load=lambda row: {
        "name": row.name, "telephone": row.telephone, "position": row.position, "site": row.site_id,
    },
    version=places.version_of,
    create=_make_department,
    update=_edit_department,
    address=lambda row: "/staff/",
    title=lambda row: str(row.name),
    empty=N_("There is no department yet. Add the first one, then say who belongs to it."),
)  # fmt: skip


def _communities(person: Person) -> Any:
    buildings = Building.select(fn.COUNT(Building.id)).where(Building.community == Community.id)
    return Community.select(Community, Site, buildings.alias("buildings_there")).join(Site, JOIN.LEFT_OUTER)


def _make_community(person: Person, values: Values) -> int:
    return int(places.make_community(person, values).id)


def _edit_community(person: Person, row: Row, values: Values, version: str) -> None:
    places.edit(person, Community, row.id, {"name": values["name"]}, version=version)


COMMUNITIES = Register(
    name="communities",
    label=N_("Communities"),
    one=N_("Community"),
    group="people",
    permission="register:communities",
    help=N_("Residential communities. Their buildings and homes are among the homes."),
    key=Community.id,
    rows=_communities,
    columns=(
        Column("name", N_("Name"), inplace="name"),
        Column("site", N_("Site"), value=lambda row: finding.name(row, "site")),
        Column("buildings", N_("Buildings"), "number", value=lambda row: row.buildings_there),
    ),
    order=Community.id,
    newest_first=False,
    filters=(Filter("site", N_("Site"), "choice", Community.site, choices=finding.sites, own_words=True),),
    search=lambda words: finding.has(Community.name, words),
    search_hint=N_("Name"),
    inputs=(_NAME, _SITE),
    load=lambda row: {"name": row.name, "site": row.site_id},
    version=places.version_of,
    create=_make_community,
    update=_edit_community,
    title=lambda row: str(row.name),
    empty=N_("There is no community yet. Add the first one, then its buildings."),
)


def _sites(person: Person) -> Any:
    communities = Community.select(fn.COUNT(Community.id)).where(Community.site == Site.id)
    return Site.select(Site, communities.alias("communities"))


def _edit_site(person: Person, row: Row, values: Values, version: str) -> None:
    places.edit(person, Site, row.id, values, version=version)


SITES = Register(
    name="site",
    label=N_("Site"),
    one=N_("Site"),
    group="people",
    permission="register:site",
    help=N_("The project or campus that this portal is for, by the name that its people use."),
    key=Site.id,
    rows=_sites,
    columns=(
        Column("name", N_("Name"), inplace="name"),
        Column("communities", N_("Communities"), "number"),
    ),
    order=Site.id,
    newest_first=False,
    inputs=(_NAME,),
    version=places.version_of,
    update=_edit_site,
    title=lambda row: str(row.name),
    empty=N_("There is no site yet."),
)
