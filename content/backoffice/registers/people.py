"""Everybody with an account: made, corrected, given roles, shut, and helped back in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from content import accounts, telephones
from content.accounts import roles, roster
from content.accounts.access import administers, reaches
from content.accounts.models import SecondFactor, Session
from content.backoffice.declaring import Act, Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.errors import N_, Message, msg
from content.people import ROLES, Department, Membership, Person

ROLE_CHOICES = tuple((role.name, role.label) for role in ROLES.values())
ERASED = N_("This account was erased at the wish of its owner.")


def _rows(person: Person) -> Any:
    seen = Session.select(fn.MAX(Session.seen_at)).where(Session.person == Person.id)
    factor = SecondFactor.person.is_null(False) & SecondFactor.confirmed_at.is_null(False)
    # Named one by one: the digest of the password is not even read.
    columns = (
        Person.id, Person.username, Person.name, Person.address_form, Person.email, Person.telephone,
        Person.phone_key, Person.mail_key, Person.active, Person.system, Person.department, Person.job,
        Person.in_directory, Person.created_at, Person.erased_at,
    )  # fmt: skip
    return (
        Person.select(*columns, Department, seen.alias("last_seen"), factor.alias("second"))
        .join(Department, JOIN.LEFT_OUTER)
        .join_from(Person, SecondFactor, JOIN.LEFT_OUTER, on=(SecondFactor.person == Person.id))
        .where(Person.system == False)  # noqa: E712  Peewee builds SQL from ==
    )


def _state(row: Row) -> str:
    if row.erased_at is not None:
        return "erased"
    return "open" if row.active else "shut"


def _last_seen(row: Row) -> datetime | None:
    return Session.seen_at.python_value(row.last_seen)


def _holding(role: Any) -> Any:
    return Person.id.in_(
        Membership.select(Membership.person).where(Membership.role == role, Membership.in_force())
    )


def _is_shut(value: Any) -> Any:
    return Person.active == (not value)


def _create(person: Person, values: Values) -> int:
    return int(roster.make(person, values).id)


def _update(person: Person, row: Row, values: Values, version: str) -> None:
    given = {name: value for name, value in values.items() if name != "username"}
    roster.edit(person, row.id, given, version=version)


def _load(row: Row) -> dict[str, Any]:
    return {
        "username": row.username, "name": row.name, "address_form": row.address_form, "email": row.email,
        "phone_key": telephones.show(row.phone_key) if row.phone_key else "", "telephone": row.telephone,
        "department": row.department_id, "job": row.job, "in_directory": row.in_directory, "active": row.active,
    }  # fmt: skip


# ---- acts


def _can_shut(person: Person, row: Row) -> Message | None:
    return None if row.active else msg(N_("The account is shut already."))


def _can_open(person: Person, row: Row) -> Message | None:
    if row.erased_at is not None:
        return msg(ERASED)
    return msg(N_("The account is open.")) if row.active else None


def _is_open(person: Person, row: Row) -> Message | None:
    return None if row.active else msg(N_("The account is shut. Please open it first."))


def _can_write(person: Person, row: Row) -> Message | None:
    if not reaches(person, "accounts:help", row):
        return msg(
            N_("Your own account is looked after on its own page, or this one is not yours to help with.")
        )
    return roster.no_link_for(row)


def _has_second(person: Person, row: Row) -> Message | None:
    if not row.second:
        return msg(N_("There is no second factor."))
    ours = administers(person) and reaches(person, "accounts:help", row)
    return None if ours else msg(N_("You are not allowed to do this."))


def _shut(person: Person, row: Row, values: Values) -> None:
    roster.set_active(person, row.id, False)


def _open(person: Person, row: Row, values: Values) -> None:
    roster.set_active(person, row.id, True)


def _give(person: Person, row: Row, values: Values) -> None:
    roles.give(person, row.id, values)


def _take(person: Person, row: Row, values: Values) -> None:
    roles.take_all(person, row.id, values["role"])


def _sign_out(person: Person, row: Row, values: Values) -> None:
    roster.end_sessions(person, row.id)


def _send_link(person: Person, row: Row, values: Values) -> None:
    roster.send_link(person, row.id)


def _take_second(person: Person, row: Row, values: Values) -> None:
    accounts.helping.take_off_second(person, row.id)


def _anybody(person: Person, row: Row) -> Message | None:
    return None


ROLE = Input("role", N_("Role"), "choice", required=True, choices=ROLE_CHOICES)
SCOPE = (
    Input(
        "section", N_("Only in this section"), "pick", find=finding.sections_named, name_of=finding.name_of_section,
        help=N_("Leave all three empty for a role that holds everywhere."),
    ),
    Input("community", N_("Only in this community"), "choice", choices=finding.communities, own_words=True),
    Input("department", N_("Only in this department"), "choice", choices=finding.departments, own_words=True),
)  # fmt: skip
DAYS = (
    Input("since", N_("First day"), "date", help=N_("Empty means from now on.")),
    Input("until", N_("Last day"), "date", help=N_("Empty means until it is taken.")),
)

ACTS = (
    Act("give_role", N_("Give a role"), _give, _is_open, N_("It holds at once, or from its first day on."),
        inputs=(ROLE, *SCOPE, *DAYS)),
    Act("take_role", N_("Take a role"), _take, _anybody,
        N_("It ends wherever it is held. It can be given again; the only administrator keeps the role."),
        inputs=(ROLE,), danger=True),
    Act("send_link", N_("Send a link for a new password"), _send_link, _can_write,
        N_("It goes to the mail address of the account and is good for half an hour, once.")),
    Act("end_sessions", N_("Sign out everywhere"), _sign_out, _anybody,
        N_("Whoever is signed in has to sign in again.")),
    Act("take_second", N_("Take off the second factor"), _take_second, _has_second,
        N_("For who lost telephone and paper. The person is told and can set up a new one."), danger=True),
    Act("shut", N_("Shut the account"), _shut, _can_shut,
        N_("Nobody signs in with it any more. What the person did stays, and it can be opened again."), danger=True),
    Act("open", N_("Open the account"), _open, _can_open, N_("The person can sign in again.")),
)  # fmt: skip

INPUTS = (
    Input("username", N_("User name"), required=True, max_length=60, only_new=True,
          help=N_("1 to 60 characters without spaces; it stays as it is.")),
    Input("name", N_("Name"), required=True, max_length=100),
    Input("address_form", N_("Form of address"), max_length=20),
    Input("department", N_("Department"), "choice", choices=finding.departments, own_words=True),
    Input("job", N_("Position"), max_length=100),
    Input("telephone", N_("Telephone in the directory"), max_length=40),
    Input("in_directory", N_("Listed in the directory"), "yes"),
    Input("email", N_("E-mail address"), max_length=200, help=N_("The portal writes there; one can sign in with it.")),
    Input("phone_key", N_("Telephone to sign in with"), max_length=40, help=N_("It is shown to nobody.")),
    Input("active", N_("The account is open"), "yes", default=True),
)  # fmt: skip

PEOPLE = Register(
    name="people",
    label=N_("People"),
    one=N_("Person"),
    group="people",
    permission="register:people",
    help=N_("Everybody with an account, staff and residents. A code for the counter is handed out under Help."),
    key=Person.id,
    rows=_rows,
    columns=(
        Column("name", N_("Name"), "name", sort=Person.name),
        Column("username", N_("User name"), "name", sort=Person.username),
        Column("job", N_("Position"), inplace="job"),
        Column("department", N_("Department"), value=lambda row: finding.name(row, "department")),
        Column(
            "state", N_("Account"), "choice", value=_state, own_words=False,
            choices=(("open", N_("In use")), ("shut", N_("Shut")), ("erased", N_("Erased"))),
        ),
        Column("in_directory", N_("In the directory"), "yes", inplace="in_directory"),
        Column("last_seen", N_("Last seen"), "time", value=_last_seen),
        Column("address_form", N_("Form of address"), listed=False),
        Column("telephone", N_("Telephone in the directory"), listed=False),
        Column("email", N_("E-mail address"), "name", listed=False),
        Column(
            "phone_key", N_("Telephone to sign in with"), listed=False,
            value=lambda row: telephones.mask(row.phone_key) if row.phone_key else "",
        ),
        Column("second", N_("Second factor"), "yes", value=lambda row: bool(row.second), listed=False),
        Column("created_at", N_("Account since"), "time", listed=False),
    ),
    order=Person.id,
    filters=(
        Filter("role", N_("Role"), "choice", choices=ROLE_CHOICES, condition=_holding),
        Filter("department", N_("Department"), "choice", Person.department, choices=finding.departments, own_words=True),
        Filter("shut", N_("Account is shut"), "yes", condition=_is_shut),
        Filter("in_directory", N_("In the directory"), "yes", Person.in_directory),
        Filter("created_at", N_("Account since"), "dates", Person.created_at),
    ),
    search=finding.known_as,
    search_hint=N_("Name, user name, telephone or mail address"),
    inputs=INPUTS,
    load=_load,
    version=roster.version_of,
    create=_create,
    update=_update,
    acts=ACTS,
    address=lambda row: "/accounts/help",
    title=lambda row: str(row.name),
    empty=N_("Nobody has an account yet."),
)  # fmt: skip
