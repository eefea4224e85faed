"""Who may do what with a matter. Over all of it: whom a complaint is about learns nothing of it, in any capacity.

A matter has parties and people who work it; nobody else knows that it exists, an administrator included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any

from peewee import SQL, Expression, fn

from content.cases import Case, CaseAbout, CaseHelper, CaseParty
from content.db import database
from content.errors import N_, NotFound, msg
from content.people import Grant, Membership, Person
from content.permissions import Record, declare, may
from content.reception.categories import CATEGORIES, DESKS, Desk, with_about
from content.workflow import Transition
from content.workflows import MATTER

# Roles that see every matter within the scope of their membership.
EVERY_DESK = frozenset({"receptionist", "manager", "general-manager"})
# Roles that see all matters of one desk.
ONE_DESK = {"quality": "complaints"}
# Who decides who works a matter.
DIRECTING = frozenset({"receptionist", "head", "quality", "manager", "general-manager"})
CREW_DESK = "repairs"
# Roles for which there is a list of a desk.
AT_DESK = EVERY_DESK | frozenset(ONE_DESK) | {"head", "crew"}

HIDDEN = with_about("hidden")
TOLD = with_about("told")


@dataclass(frozen=True)
class Standing:
    """What somebody is to a matter: read anew each time, because old knowledge decides nothing."""

    person: Person
    case: Case
    party: bool
    about: bool
    helper: bool
    roles: frozenset[str]  # those by which the person sees it

    @property
    def shut_out(self) -> bool:
        """A complaint about this person (R-004)."""
        return self.about and self.case.category in HIDDEN

    @property
    def works(self) -> bool:
        """Reads the internal notes. Who complains does not read what is said of the complaint."""
        if self.shut_out or (self.party and self.case.category in HIDDEN):
            return False
        return bool(self.roles) or self.helper or self.owner or self.first

    @property
    def owner(self) -> bool:
        return self.case.owner_id == self.person.id and self.person.is_staff

    @property
    def first(self) -> bool:
        """First receiver: theirs to the end, even when others do the work (R-040)."""
        return self.case.first_receiver_id == self.person.id and self.person.is_staff

    @property
    def directs(self) -> bool:
        return self.works and bool(self.roles & DIRECTING)

    @property
    def hands_out(self) -> bool:
        """May say the code with which a matter is followed: at the counter, where a slip is lost (R-004)."""
        return self.works and bool(self.roles & EVERY_DESK)

    @property
    def answers(self) -> bool:
        """Stands for the matter towards the resident."""
        return self.directs or (self.works and (self.owner or self.first))

    @property
    def takes(self) -> bool:
        """May make it their own: what is somebody else's only who directs."""
        return self.works and (self.case.owner_id in (None, self.person.id) or self.directs)

    @property
    def sees(self) -> bool:
        concerned = self.about and self.case.category in TOLD and self.person.is_staff
        return self.party or concerned or (not self.shut_out and (bool(self.roles) or self._at_work))

    @property
    def _at_work(self) -> bool:
        return self.helper or self.owner or self.first


# Permission → what one must be to the matter.
RIGHTS: dict[str, Callable[[Standing], bool]] = {
    "case:view": lambda one: one.sees,
    "case:work": lambda one: one.works,
    "case:assign": lambda one: one.directs,
    "case:take": lambda one: one.takes,
    "case:answer": lambda one: one.answers,
    "case:close": lambda one: one.directs or (one.works and one.first),
    "case:reopen": lambda one: one.party or one.answers,
    "case:merge": lambda one: one.directs,
    "case:link": lambda one: one.answers,
    "case:move": lambda one: one.directs,
    "case:about": lambda one: one.directs,
    "case:promise": lambda one: one.answers,
    "case:say": lambda one: one.party or one.works,
    "case:rate": lambda one: one.party and one.case.state in ("answered", "closed"),
}


_TIES: tuple[Any, ...] = (CaseParty, CaseAbout, CaseHelper)


def standing(person: Person, case: Case) -> Standing:
    """What an active person is to a matter; asks the database once."""
    rows = database.execute_sql(_ties_query(), [case.id, person.id] * len(_TIES))
    found = {row[0] for row in rows.fetchall()}
    return Standing(
        person, case,
        party=0 in found, about=1 in found, helper=2 in found and person.is_staff,
        roles=_roles_for(person, case),
    )  # fmt: skip


@cache
def _ties_query() -> str:
    """Asked several times for every page and step: its SQL is written only once."""
    rows: list[Any] = [
        model.select(SQL(str(index)).alias("what")).where(model.case == 0, model.person == 0)
        for index, model in enumerate(_TIES)
    ]
    return str(reduce(or_, rows).sql()[0])


def rights(person: Person | None, case: Case) -> frozenset[str]:
    """All that a person may do with a matter, asked once; for pages. Acts ask ``may`` for the one they need."""
    if person is None or not person.is_active:
        return frozenset()
    stands = standing(person, case)
    return frozenset(name for name, holds in RIGHTS.items() if holds(stands))


def _rule(holds: Callable[[Standing], bool]) -> Callable[[Person, Record], bool]:
    def rule(person: Person, record: Record) -> bool:
        return isinstance(record, Case) and person.is_active and holds(standing(person, record))

    return rule


def _records(person: Person, record: Record) -> bool:
    """Anyone of the staff receives and nobody refuses (R-004)."""
    return person.is_active and person.is_staff


def _enters(person: Person, record: Record) -> bool:
    return person.is_active and bool(desks_of(person))


declare(
    {
        "case:record": (_records,),
        "desk:enter": (_enters,),
        **{name: (_rule(holds),) for name, holds in RIGHTS.items()},
    },
    views={Case: "case:view"},
)


# ---- roles and their scopes


def _grants(person: Person) -> list[Grant]:
    """Roles that say something of matters: for the whole site, a community or a department, not for a section."""
    return [grant for grant in person.grants if not grant.section_path and grant.role in AT_DESK]


def _departments(person: Person, grant: Grant) -> list[int]:
    own = grant.department or person.department_id
    return [own] if own else []


def _within(case: Case, grant: Grant) -> bool:
    """A matter of which nobody knows yet where it belongs is everybody's; else it would be nobody's."""
    if grant.community and case.community_id not in (None, grant.community):
        return False
    return not grant.department or case.department_id == grant.department


def _roles_for(person: Person, case: Case) -> frozenset[str]:
    return frozenset(grant.role for grant in _grants(person) if _reaches(person, grant, case))


def _reaches(person: Person, grant: Grant, case: Case) -> bool:
    if not _within(case, grant):
        return False
    if grant.role in EVERY_DESK:
        return True
    if grant.role in ONE_DESK:
        return bool(case.desk == ONE_DESK[grant.role])
    theirs = case.department_id in _departments(person, grant)
    if grant.role == "crew":
        return theirs and case.desk == CREW_DESK and case.owner_id is None
    return theirs


def _condition(person: Person, grant: Grant) -> Any:
    """As ``_reaches``, for lists; ``None`` where the role sees all."""
    parts: list[Any] = []
    if grant.community:
        parts.append(Case.community.is_null() | (Case.community == grant.community))
    if grant.department:
        parts.append(Case.department == grant.department)
    if grant.role in ONE_DESK:
        parts.append(Case.desk == ONE_DESK[grant.role])
    if grant.role in ("head", "crew"):
        parts.append(Case.department.in_(_departments(person, grant)))
    if grant.role == "crew":
        parts.append((Case.desk == CREW_DESK) & Case.owner.is_null())
    return reduce(lambda a, b: a & b, parts) if parts else None


def desks_of(person: Person | None) -> tuple[Desk, ...]:
    """The desks of which the person has a list, in their order; none for a visitor and for residents."""
    if person is None or not person.is_active:
        return ()
    roles = {grant.role for grant in _grants(person)}
    if roles & (EVERY_DESK | {"head"}):
        return tuple(DESKS.values())
    names = {ONE_DESK[role] for role in roles if role in ONE_DESK}
    if "crew" in roles:
        names.add(CREW_DESK)
    return tuple(desk for desk in DESKS.values() if desk.name in names)


# ---- conditions for lists


def shut_out(person: Person) -> Expression:
    """The condition on ``Case`` for complaints about this person."""
    about = CaseAbout.select(SQL("1")).where(CaseAbout.case == Case.id, CaseAbout.person == person.id)
    # In this order: the category is not in the indexes, and is then read of those few matters alone.
    return fn.EXISTS(about) & Case.category.in_(HIDDEN)


def visible_cases(person: Person | None) -> Expression:
    """The condition on ``Case`` for lists of those who work: agrees with ``may(person, "case:view", …)`` but for what
    somebody sees as a party (``mine``).
    """
    if person is None or not person.is_active:
        return Case.id == 0
    seen = [_condition(person, grant) for grant in _grants(person)]
    unless = ~shut_out(person)
    if any(
        one is None for one in seen
    ):  # not "in": a condition compared with something is a condition, and true
        return unless  # or-ing anything in would defeat the index for those who see everything anyway
    if person.is_staff:
        helped = CaseHelper.select(CaseHelper.case).where(CaseHelper.person == person.id)
        told = CaseAbout.select(CaseAbout.case).where(CaseAbout.person == person.id)
        seen += [
            Case.owner == person.id,
            Case.first_receiver == person.id,
            Case.id.in_(helped),
            Case.category.in_(TOLD) & Case.id.in_(told),
        ]
    if not seen:
        return Case.id == 0
    return reduce(or_, seen) & unless


def mine(person: Person | None) -> Expression:
    """The condition on ``Case`` for the matters of which the person is a party."""
    if person is None or not person.is_active:
        return Case.id == 0
    return Case.id.in_(CaseParty.select(CaseParty.case).where(CaseParty.person == person.id))


def find(person: Person | None, number: str) -> Case:
    """The matter with this number, whatever became of it. Raises ``NotFound`` also where it is not for this person."""
    case = Case.get_or_none(Case.number == number.strip()[:20])
    if case is None or not may(person, "case:view", case):
        raise NotFound(msg(N_("There is no matter with this number.")))
    return case


# ---- people around a matter


def about_of(case: Case) -> set[int]:
    """The ids of the people whom a matter is about."""
    rows = CaseAbout.select(CaseAbout.person).where(CaseAbout.case == case.id)
    return {row.person_id for row in rows}


def holders_for(case: Case, *roles: str) -> list[Person]:
    """Active people who see this matter by one of the roles today, in the order of the roles; whom it may not be told
    to are left out.
    """
    rows = (
        Membership.select(Membership, Person)
        .join(Person)
        .where(Membership.role.in_(roles), Membership.in_force(), Membership.section_path == "")
        .where(Person.active == True, Person.system == False)  # noqa: E712  Peewee builds SQL from ==
        .order_by(Membership.id)
    )
    out = about_of(case) if case.category in HIDDEN else set()
    found: dict[int, Person] = {}
    for row in sorted(rows, key=lambda row: roles.index(row.role)):
        grant = Grant(row.role, row.section_path, row.community_id, row.department_id)
        if row.person_id not in out and _reaches(row.person, grant, case):
            found.setdefault(row.person_id, row.person)
    return list(found.values())


def open_steps(person: Person | None, case: Case) -> list[Transition]:
    """The steps of the workflow that this person may take with the matter now, in the order of the definition."""
    allowed = rights(person, case)
    return [step for step in MATTER.leaving(case.state) if step.permission in allowed]


def is_hidden_from(person: Person, case: Case) -> bool:
    """Whether the matter is a complaint about this person, who must learn nothing of it."""
    return CATEGORIES[case.category].about == "hidden" and person.id in about_of(case)
