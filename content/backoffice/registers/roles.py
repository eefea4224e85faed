"""Who holds which role, for which part and from when till when."""

from __future__ import annotations

from typing import Any

from peewee import JOIN

from content.accounts import roles
from content.backoffice.declaring import Act, Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.backoffice.registers.people import DAYS, ROLE_CHOICES, SCOPE
from content.errors import N_, Message, msg
from content.items import Section
from content.people import Community, Department, Membership, Person


def _memberships(person: Person) -> Any:
    columns = (Person.id, Person.name, Person.username, Person.system)
    return (
        Membership.select(Membership, *columns, Community, Department, Section)
        .join(Person, JOIN.LEFT_OUTER, on=(Membership.person == Person.id))
        .join_from(Membership, Community, JOIN.LEFT_OUTER)
        .join_from(Membership, Department, JOIN.LEFT_OUTER, on=(Membership.department == Department.id))
        .join_from(
            Membership, Section, JOIN.LEFT_OUTER, on=(Membership.section_path == Section.path), attr="section"
        )
    )


def _scope(row: Row) -> str | Message:
    found = (
        finding.name(row, "section", "title")
        or finding.name(row, "community")
        or finding.name(row, "department")
    )
    if not found and not row.section_path:
        return msg(N_("Everywhere"))
    return found or str(row.section_path)


def _now(value: Any) -> Any:
    return Membership.in_force() if value else ~Membership.in_force()


def _reach(value: Any) -> Any:
    unscoped = (
        (Membership.section_path == "") & Membership.community.is_null() & Membership.department.is_null()
    )
    return unscoped if value else ~unscoped


def _give_role(person: Person, values: Values) -> int:
    return int(roles.give(person, values["person"], values).id)


def _change_days(person: Person, row: Row, values: Values, version: str) -> None:
    days = {name: values.get(name) for name in ("since", "until")}
    roles.change_days(person, row.id, days, version=version)


def _not_over(person: Person, row: Row) -> Message | None:
    if finding.term(row) == "ended":
        return msg(N_("This role ended on %(day)s already."), day=row.until)
    return None


def _take_away(person: Person, row: Row, values: Values) -> None:
    roles.take(person, row.id)


def _end(person: Person, row: Row, values: Values) -> None:
    roles.end(person, row.id, values["until"])


MEMBERSHIPS = Register(
    name="roles",
    label=N_("Roles"),
    one=N_("Role of a person"),
    group="people",
    permission="register:roles",
    help=N_("Who may do what, for which part and how long. Owners and tenants have theirs from their homes."),
    key=Membership.id,
    rows=_memberships,
    columns=(
        Column("person", N_("Person"), "name", value=lambda row: finding.name(row, "person")),
        Column("role", N_("Role"), "choice", choices=ROLE_CHOICES, own_words=False),
        Column("scope", N_("Holds for"), value=_scope),
        Column("since", N_("First day"), "date"),
        Column("until", N_("Last day"), "date"),
        Column(
            "state", N_("Now"), "choice", value=finding.term, own_words=False,
            choices=(("holds", N_("Holds")), ("ahead", N_("Not begun")), ("ended", N_("Ended"))),
        ),
    ),
    order=Membership.id,
    filters=(
        Filter("role", N_("Role"), "choice", Membership.role, choices=ROLE_CHOICES),
        Filter("now", N_("Holds today"), "yes", condition=_now),
        Filter("everywhere", N_("Holds everywhere"), "yes", condition=_reach),
        Filter("community", N_("Community"), "choice", Membership.community, choices=finding.communities, own_words=True),
        Filter(
            "department", N_("Department"), "choice", Membership.department, choices=finding.departments, own_words=True
        ),
    ),
    search=lambda words: Membership.person.in_(finding.persons(words)),
    search_hint=N_("Name, user name, telephone or mail address"),
    inputs=(
        Input("person", N_("Person"), "pick", required=True, only_new=True, find=finding.staff_named,
              name_of=finding.name_of_person),
        Input("role", N_("Role"), "choice", required=True, choices=ROLE_CHOICES, only_new=True),
        *(Input(**{**one.__dict__, "only_new": True}) for one in SCOPE),
        *DAYS,
    ),
    load=lambda row: {
        "person": row.person_id, "role": row.role, "section": getattr(getattr(row, "section", None), "id", None),
        "community": row.community_id, "department": row.department_id, "since": row.since, "until": row.until,
    },
    version=roles.version_of,
    create=_give_role,
    update=_change_days,
    acts=(
        Act("end", N_("End with a day"), _end, _not_over, N_("It holds until the end of that day."),
            inputs=(Input("until", N_("Last day"), "date", required=True),)),
        Act("take", N_("Take away"), _take_away, _not_over,
            N_("It ends at once and can be given again. The only administrator keeps the role."), danger=True),
    ),
    title=lambda row: finding.name(row, "person"),
    empty=N_("Nobody holds a role yet."),
)  # fmt: skip
