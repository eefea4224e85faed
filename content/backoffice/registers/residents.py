"""Who owns or rents which home, and the codes with which they make their accounts."""

from __future__ import annotations

from typing import Any

from peewee import JOIN

from content import moment, stamps, telephones
from content.backoffice.declaring import Act, Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.backoffice.registers.homes import find_homes, home_named, name_of_home, place, there
from content.errors import N_, Message, msg
from content.estate import access, acts, codes
from content.households import Building, Household, HouseholdCode, Resident
from content.people import Community, Person

TENURES = (("owner", N_("Owner")), ("tenant", N_("Tenant")))


def _seen(person: Person, column: Any) -> Any:
    """The condition for what hangs on homes that the person looks after."""
    if access.may(person, "estate:view"):
        return column.is_null(False)
    return column.in_(Household.select(Household.id).join(Building).where(there(person)))


def _in_community(column: Any, value: Any) -> Any:
    return column.in_(Household.select(Household.id).join(Building).where(Building.community == value))


def _home(row: Row) -> str:
    home = getattr(row, "household", None)
    return place(home) if home is not None else ""


# ---- owners and tenants


def _rows(person: Person) -> Any:
    account = (Person.id, Person.name, Person.username, Person.active)
    return (
        Resident.select(Resident, Household, Building, Community, *account)
        .join(Household, JOIN.LEFT_OUTER)
        .join(Building, JOIN.LEFT_OUTER)
        .join(Community, JOIN.LEFT_OUTER)
        .join_from(Resident, Person, JOIN.LEFT_OUTER, on=(Resident.person == Person.id))
        .where(_seen(person, Resident.household))
    )


def _search(words: str) -> Any:
    arms = [
        finding.called(Resident.name, words),
        Resident.household.in_(Household.select(Household.id).where(find_homes(words))),
    ]
    telephone = finding.reached(Resident.telephone, words)
    if telephone is not None:
        arms.append(telephone)
    return finding.among(Resident, *arms)


def _now(value: Any) -> Any:
    return Resident.in_force() if value else ~Resident.in_force()


def _account(value: Any) -> Any:
    return Resident.person.is_null(not value)


def _shown(row: Resident) -> tuple[object, ...]:
    return (
        row.name, row.address_form, row.tenure, row.telephone, row.email, row.since, row.until, row.person_id,
    )  # fmt: skip


def _create(person: Person, values: Values) -> int:
    return int(acts.add_resident(person, acts.stored_home(values["home"]), values).id)


def _update(person: Person, row: Row, values: Values, version: str) -> None:
    fresh = acts.stored_resident(row.id)
    stamps.check(version, *_shown(fresh))
    acts.edit_resident(person, fresh, values)


def _move_out(person: Person, row: Row, values: Values) -> None:
    acts.move_out(person, row, values["until"])


def _lives_there(person: Person, row: Row) -> Message | None:
    if finding.term(row) == "ended":
        return msg(N_("They left on %(day)s already."), day=row.until)
    community = row.household.building.community
    return (
        None if access.may(person, "estate:manage", community) else msg(N_("You are not allowed to do this."))
    )


RESIDENTS = Register(
    name="residents",
    label=N_("Owners and tenants"),
    one=N_("Owner or tenant"),
    group="homes",
    permission="register:residents",
    help=N_("Who owns or rents a home, with an account or without one. Who leaves is ended with a day, never removed."),
    key=Resident.id,
    rows=_rows,
    columns=(
        Column("name", N_("Name"), "name", sort=Resident.name),
        Column("home", N_("Dwelling"), value=_home),
        Column("tenure", N_("Owner or tenant"), "choice", choices=TENURES, own_words=False),
        Column(
            "telephone", N_("Telephone"),
            value=lambda row: telephones.show(row.telephone) if row.telephone else "",
        ),
        Column("account", N_("Account"), "name", value=lambda row: finding.name(row, "person", "username")),
        Column("since", N_("First day"), "date"),
        Column("until", N_("Last day"), "date"),
        Column(
            "state", N_("Now"), "choice", value=finding.term, own_words=False, listed=False,
            choices=(("holds", N_("Lives there")), ("ahead", N_("Not begun")), ("ended", N_("Has left"))),
        ),
        Column("address_form", N_("Form of address"), listed=False),
        Column("email", N_("E-mail address"), "name", listed=False),
    ),
    order=Resident.id,
    filters=(
        Filter("tenure", N_("Owner or tenant"), "choice", Resident.tenure, choices=TENURES),
        Filter("now", N_("Lives there today"), "yes", condition=_now),
        Filter("account", N_("Has an account"), "yes", condition=_account),
        Filter(
            "community", N_("Community"), "choice", choices=finding.communities, own_words=True,
            condition=lambda value: _in_community(Resident.household, value),
        ),
    ),
    search=_search,
    search_hint=N_("Name, telephone or home"),
    inputs=(
        Input("home", N_("Dwelling"), "pick", required=True, only_new=True, find=home_named, name_of=name_of_home),
        Input("name", N_("Name"), required=True, max_length=100),
        Input("address_form", N_("Form of address"), max_length=20),
        Input("tenure", N_("Owner or tenant"), "choice", required=True, choices=TENURES),
        Input("telephone", N_("Telephone"), max_length=40),
        Input("email", N_("E-mail address"), max_length=200),
        Input("since", N_("First day"), "date"),
    ),
    load=lambda row: {
        "home": row.household_id, "name": row.name, "address_form": row.address_form, "tenure": row.tenure,
        "telephone": telephones.show(row.telephone) if row.telephone else "", "email": row.email,
        "since": row.since,
    },
    version=lambda row: stamps.stamp(*_shown(row)),
    create=_create,
    update=_update,
    acts=(
        Act(
            "move_out", N_("Has moved out"), _move_out, _lives_there,
            N_("Their last day is written down, and what their account may do there ends with it."),
            inputs=(Input("until", N_("Last day"), "date", required=True),),
        ),
    ),
    address=lambda row: f"/estate/homes/{row.household_id}/",
    title=lambda row: str(row.name),
    empty=N_("No owner or tenant is known yet. Read in a list of homes, or add somebody."),
)  # fmt: skip


# ---- codes


Maker, User = Person.alias(), Person.alias()
CODE_STATES = (
    ("open", N_("Not used yet")), ("used", N_("Has been used")), ("withdrawn", N_("Void")), ("over", N_("Out of date")),
)  # fmt: skip


def _codes(person: Person) -> Any:
    # Named one by one: not even the digest of a code is read.
    columns = (
        HouseholdCode.id, HouseholdCode.household, HouseholdCode.resident, HouseholdCode.tenure,
        HouseholdCode.made_by, HouseholdCode.made_at, HouseholdCode.expires_at, HouseholdCode.used_by,
        HouseholdCode.used_at, HouseholdCode.withdrawn_at,
    )  # fmt: skip
    people = (Resident.id, Resident.name, Maker.id, Maker.name, User.id, User.name)
    return (
        HouseholdCode.select(*columns, Household, Building, Community, *people)
        .join(Household, JOIN.LEFT_OUTER)
        .join(Building, JOIN.LEFT_OUTER)
        .join(Community, JOIN.LEFT_OUTER)
        .join_from(HouseholdCode, Resident, JOIN.LEFT_OUTER, on=(HouseholdCode.resident == Resident.id))
        .join_from(HouseholdCode, Maker, JOIN.LEFT_OUTER, on=(HouseholdCode.made_by == Maker.id))
        .join_from(HouseholdCode, User, JOIN.LEFT_OUTER, on=(HouseholdCode.used_by == User.id))
        .where(_seen(person, HouseholdCode.household))
    )


def _code_state(row: Row) -> str:
    if row.used_at is not None:
        return "used"
    if row.withdrawn_at is not None:
        return "withdrawn"
    return "open" if row.expires_at > moment.now() else "over"


def _in_state(value: Any) -> Any:
    unused = HouseholdCode.used_at.is_null() & HouseholdCode.withdrawn_at.is_null()
    return {
        "used": HouseholdCode.used_at.is_null(False),
        "withdrawn": HouseholdCode.withdrawn_at.is_null(False) & HouseholdCode.used_at.is_null(),
        "open": unused & (HouseholdCode.expires_at > moment.now()),
        "over": unused & (HouseholdCode.expires_at <= moment.now()),
    }[value]


def _withdraw(person: Person, row: Row, values: Values) -> None:
    codes.withdraw(person, row)


def _still_open(person: Person, row: Row) -> Message | None:
    if _code_state(row) != "open":
        return msg(N_("This code opens nothing any more."))
    community = row.household.building.community
    return (
        None if access.may(person, "estate:code", community) else msg(N_("You are not allowed to do this."))
    )


CODES = Register(
    name="codes",
    label=N_("Codes for accounts"),
    one=N_("Code for an account"),
    group="homes",
    permission="register:codes",
    help=N_("Codes handed out on paper. They are told once, when they are made on the page of the home, never here."),
    key=HouseholdCode.id,
    rows=_codes,
    columns=(
        Column("home", N_("Dwelling"), value=_home),
        Column("for", N_("For whom"), "name", value=lambda row: finding.name(row, "resident")),
        Column("tenure", N_("Owner or tenant"), "choice", choices=TENURES, own_words=False),
        Column("state", N_("State"), "choice", value=_code_state, choices=CODE_STATES, own_words=False),
        Column("made_at", N_("Made"), "time"),
        Column("made_by", N_("Made by"), "name", value=lambda row: finding.name(row, "made_by")),
        Column("expires_at", N_("Good until"), "time"),
        Column("used_at", N_("Used at"), "time", listed=False),
        Column("used_by", N_("Used by"), "name", value=lambda row: finding.name(row, "used_by"), listed=False),
    ),
    order=HouseholdCode.id,
    filters=(
        Filter("state", N_("State"), "choice", choices=CODE_STATES, condition=_in_state),
        Filter("made_at", N_("Made"), "dates", HouseholdCode.made_at),
        Filter(
            "community", N_("Community"), "choice", choices=finding.communities, own_words=True,
            condition=lambda value: _in_community(HouseholdCode.household, value),
        ),
    ),
    search=lambda words: HouseholdCode.household.in_(Household.select(Household.id).where(find_homes(words))),
    search_hint=N_("Address, room, name or telephone"),
    acts=(
        Act(
            "withdraw", N_("Withdraw"), _withdraw, _still_open,
            N_("Nobody can make an account with it any more; another one can be made."), danger=True,
        ),
    ),
    address=lambda row: f"/estate/homes/{row.household_id}/",
    title=_home,
    empty=N_("No code has been made yet. They are made on the page of a home."),
)  # fmt: skip
