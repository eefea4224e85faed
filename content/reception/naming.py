"""Staff whose names stand in a matter, and to whom it passes when they would have received it (R-004)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from content.cases import Case, CaseParty
from content.chinese import fold
from content.people import ROLES, Membership, Person
from content.reception.access import holders_for
from content.reception.categories import DESKS, SUPERIORS, Category

SHORTEST = 2  # characters of a name that is looked for


def named_in(category: Category, values: Mapping[str, str]) -> list[tuple[Person, str]]:
    """Active staff whose names occur in the fields that the category names: (person, "stated" or "found").

    Stated is what the form asks for, whom it is about; found is what stands anywhere else.
    """
    if not category.names_in:
        return []
    texts = {name: fold(values.get(name, "")) for name in category.names_in}
    if not any(texts.values()):
        return []
    found = []
    for person in _staff():
        for field, text in texts.items():
            if _occurs(fold(person.name).strip(), text):
                found.append((person, "stated" if field == "about_whom" else "found"))
                break
    return found


def _staff() -> list[Person]:
    staff = [role.name for role in ROLES.values() if role.staff]
    holding = Membership.select(Membership.person).where(Membership.role.in_(staff), Membership.in_force())
    rows = Person.select().where(Person.id.in_(holding), Person.active == True)  # noqa: E712  Peewee builds SQL
    return list(rows.order_by(Person.id))


def _occurs(name: str, text: str) -> bool:
    """Chinese names anywhere, however they are spaced; others as whole words: Li is not in "light"."""
    if len(name.replace(" ", "")) < SHORTEST:
        return False
    if name.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) is not None
    return name.replace(" ", "") in text.replace(" ", "")


def superior(case: Case, named: Sequence[Person]) -> Person | None:
    """To whom a complaint passes, because it names its owner, its recorder or somebody else who would have received it:
    the next superior above them whom it does not name. ``None`` if nobody is in the way, or nobody is left.
    """
    level = max((_level(case, one) for one in named), default=-1)
    if level < 0:
        return None
    # Who complains does not decide about it; whom it names ``holders_for`` has left out.
    out = {row.person_id for row in CaseParty.select(CaseParty.person).where(CaseParty.case == case.id)}
    departments = {id for id in (case.department_id, *(one.department_id for one in named)) if id}
    for role in SUPERIORS[level:]:
        holders = _heads_of(departments, case) if role == "head" else holders_for(case, role)
        for one in holders:
            if one.id not in out:
                return one
    return None


def _level(case: Case, person: Person) -> int:
    """How far up the first superior stands who is above this person; -1 for who would not have received it."""
    roles = {grant.role for grant in person.grants if not grant.section_path}
    held = [place for place, role in enumerate(SUPERIORS, start=1) if role in roles]
    if held:
        return max(held)
    receives = roles & set(DESKS[case.desk].roles) or person.id in (case.first_receiver_id, case.owner_id)
    return 0 if receives else -1


def _heads_of(departments: set[int], case: Case) -> list[Person]:
    """The heads of these departments; a matter that has just come in has none of its own."""
    rows = (
        Membership.select(Membership, Person)
        .join(Person)
        .where(Membership.role == "head", Membership.in_force(), Membership.section_path == "")
        .where(Person.active == True, Person.system == False)  # noqa: E712
        .order_by(Membership.id)
    )
    return [
        row.person
        for row in rows
        if (row.department_id or row.person.department_id) in departments
        and (case.community_id is None or row.community_id in (None, case.community_id))
    ]
