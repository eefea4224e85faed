"""Matters of residents, and how content they were. Roles at the desks open them; an administrator's role does not."""

from __future__ import annotations

from typing import Any

from peewee import JOIN

from content import estate, moment, reception, telephones
from content.backoffice.declaring import Act, Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.cases import OPEN_STATES, Case
from content.errors import N_, Message, NotFound, msg
from content.households import Building, Household
from content.people import Community, Department, Person
from content.reception.categories import CATEGORIES, CHANNELS, DESKS
from content.workflows import MATTER

CATEGORY = tuple((one.name, one.label) for one in CATEGORIES.values())
DESK = tuple((one.name, one.label) for one in DESKS.values())
STATES = {one.name: one.label for one in MATTER.states}
OfHome = Community.alias()
# Named one by one: neither the words nor who said them, nor the code and the salt, are read for a list.
COLUMNS = (
    Case.id, Case.number, Case.category, Case.desk, Case.state, Case.urgent, Case.channel, Case.community,
    Case.household, Case.place, Case.first_receiver, Case.owner, Case.department, Case.promised_at,
    Case.opened_at, Case.changed_at, Case.answered_at, Case.closed_at, Case.merged_into, Case.rating,
    Case.rated_at, Case.erased_at, Case.version,
)  # fmt: skip


def _rows(person: Person) -> Any:
    worker = (Person.id, Person.name)
    return (
        Case.select(*COLUMNS, *worker, Department, Community, Household, Building, OfHome)
        .join(Household, JOIN.LEFT_OUTER)
        .join(Building, JOIN.LEFT_OUTER)
        .join(OfHome, JOIN.LEFT_OUTER, on=(Building.community == OfHome.id))
        .join_from(Case, Community, JOIN.LEFT_OUTER, on=(Case.community == Community.id))
        .join_from(Case, Department, JOIN.LEFT_OUTER, on=(Case.department == Department.id))
        .join_from(Case, Person, JOIN.LEFT_OUTER, on=(Case.owner == Person.id))
        .where(reception.visible_cases(person))
    )


def _search(words: str) -> Any:
    arms: list[Any] = [Case.number == words, finding.called(Case.caller_name, words)]
    telephone = telephones.read(words)
    if telephone is not None:
        arms.append(Case.caller_telephone == telephone)
    home = estate.find_household(words)
    if home is not None:
        arms.append(Case.household == home.id)
    return finding.among(Case, *arms)


def _place(row: Row) -> str:
    home = getattr(row, "household", None) if row.household_id else None
    return " · ".join(part for part in (estate.short_label(home) if home else "", row.place) if part)


def _community(row: Row) -> str:
    home = getattr(row, "household", None) if row.household_id else None
    return finding.name(row, "community") or (finding.name(home.building, "community") if home else "")


def _late(value: Any) -> Any:
    late = Case.state.in_(OPEN_STATES) & (Case.promised_at < moment.now())
    return late if value else ~late | Case.promised_at.is_null()


def _is_open(value: Any) -> Any:
    return Case.state.in_(OPEN_STATES) if value else Case.state.not_in(OPEN_STATES)


def _no_owner(value: Any) -> Any:
    return Case.owner.is_null(bool(value))


# ---- acts


def _step(name: str, label: str, explains: str, inputs: tuple[Input, ...] = ()) -> Act:
    def refuses(person: Person, row: Row) -> Message | None:
        if any(step.name == name for step in reception.open_steps(person, row)):
            return None
        return msg(N_("This step is not open from “%(state)s”, or not yours."), state=msg(STATES[row.state]))

    def run(person: Person, row: Row, values: Values) -> None:
        reception.step(
            person, row, name, version=row.version, comment=values.get("comment") or "",
            owner=_somebody(values.get("owner")), department=_department(values.get("department")),
        )  # fmt: skip

    return Act(name, label, run, refuses, explains, inputs=inputs)


def _somebody(key: Any) -> Person | None:
    return _one(Person, key)


def _department(key: Any) -> Department | None:
    return _one(Department, key)


def _one(model: Any, key: Any) -> Any:
    if key in (None, ""):
        return None
    found = model.get_or_none(model.id == key)
    if found is None:
        raise NotFound()
    return found


NOTE = Input(
    "comment", N_("Note"), "text", max_length=5000, help=N_("Only those who work the matter read it.")
)

ACTS = (
    _step(
        "assign", N_("Assign"), N_("Whoever is to see to it is told, and so is the resident."),
        (
            Input("department", N_("Department"), "choice", choices=finding.departments, own_words=True),
            Input("owner", N_("Who sees to it"), "pick", find=finding.staff_named, name_of=finding.name_of_person),
            NOTE,
        ),
    ),
    _step("take", N_("Take it"), N_("It becomes yours, and the resident is told that it is in hand."), (NOTE,)),
    _step("close", N_("Close the matter"), N_("The resident is told; it can be opened again."), (NOTE,)),
)  # fmt: skip

_STANDING = (
    Column("number", N_("Number of the matter"), sort=Case.number),
    Column("category", N_("Category"), "choice", choices=CATEGORY, own_words=False),
    Column("desk", N_("Desk that receives it"), "choice", choices=DESK, own_words=False),
)

CASES = Register(
    name="matters",
    label=N_("Matters"),
    one=N_("Matter"),
    group="matters",
    permission="register:matters",
    help=N_(
        "What residents told, as far as a role of yours at a desk opens it. Being an administrator opens nothing here."
    ),
    key=Case.id,
    rows=_rows,
    columns=(
        *_STANDING,
        Column("state", N_("State"), "choice", choices=tuple(STATES.items()), own_words=False),
        Column("urgent", N_("Urgent"), "yes"),
        Column("owner", N_("Who sees to it"), "name", value=lambda row: finding.name(row, "owner")),
        Column("department", N_("Department"), value=lambda row: finding.name(row, "department")),
        Column("opened_at", N_("Received at"), "time", sort=Case.opened_at),
        Column("promised_at", N_("Promised for"), "time", sort=Case.promised_at),
        Column("community", N_("Community"), value=_community, listed=False),
        Column("place", N_("Where"), value=_place, listed=False),
        Column("channel", N_("Came by"), "choice", choices=CHANNELS, own_words=False, listed=False),
        Column("answered_at", N_("Answered"), "time", listed=False),
        Column("closed_at", N_("Closed"), "time", listed=False),
        Column("changed_at", N_("Changed"), "time", listed=False),
    ),
    order=Case.id,
    filters=(
        Filter("desk", N_("Desk that receives it"), "choice", Case.desk, choices=DESK),
        Filter("category", N_("Category"), "choice", Case.category, choices=CATEGORY),
        Filter("state", N_("State"), "choice", Case.state, choices=tuple(STATES.items())),
        Filter("open", N_("Not settled yet"), "yes", condition=_is_open),
        Filter("late", N_("Promise missed"), "yes", condition=_late),
        Filter("nobody", N_("Nobody has it in hand"), "yes", condition=_no_owner),
        Filter("urgent", N_("Urgent"), "yes", Case.urgent),
        Filter(
            "department",
            N_("Department"),
            "choice",
            Case.department,
            choices=finding.departments,
            own_words=True,
        ),
        Filter(
            "community",
            N_("Community"),
            "choice",
            Case.community,
            choices=finding.communities,
            own_words=True,
        ),
        Filter("opened_at", N_("Received at"), "dates", Case.opened_at),
    ),
    search=_search,
    search_hint=N_("Number, name, telephone or home"),
    version=lambda row: str(row.version),
    acts=ACTS,
    address=lambda row: f"/cases/{row.number}",
    title=lambda row: str(row.number),
    empty=N_("There is no matter that a role of yours opens."),
)


def _rated(person: Person) -> Any:
    return _rows(person).select_extend(Case.rating_words).where(Case.rating.is_null(False))


STARS = tuple((stars, "★" * stars) for stars in range(1, 6))

RATINGS = Register(
    name="ratings",
    label=N_("Ratings"),
    one=N_("Rating"),
    group="matters",
    permission="register:ratings",
    help=N_("How content residents were with what was done, for the matters that a role of yours opens."),
    key=Case.id,
    rows=_rated,
    columns=(
        *_STANDING,
        Column("rating", N_("Stars"), "choice", choices=STARS),
        Column("rating_words", N_("In their words"), "long"),
        Column("owner", N_("Who saw to it"), "name", value=lambda row: finding.name(row, "owner")),
        Column(
            "department", N_("Department"), value=lambda row: finding.name(row, "department"), listed=False
        ),
        Column("rated_at", N_("Rated"), "time", sort=Case.rated_at),
    ),
    order=Case.rated_at,
    filters=(
        Filter("rating", N_("Stars"), "choice", Case.rating, choices=STARS),
        Filter("category", N_("Category"), "choice", Case.category, choices=CATEGORY),
        Filter(
            "department",
            N_("Department"),
            "choice",
            Case.department,
            choices=finding.departments,
            own_words=True,
        ),
        Filter("rated_at", N_("Rated"), "dates", Case.rated_at),
    ),
    search=_search,
    search_hint=N_("Number, name, telephone or home"),
    address=lambda row: f"/cases/{row.number}",
    title=lambda row: str(row.number),
    empty=N_("Nobody has rated a matter that a role of yours opens."),
)
