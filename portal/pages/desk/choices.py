"""What the forms beside a matter offer to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from content.cases import Case
from content.people import ROLES, Department, Membership, Person
from content.reception.categories import CATEGORIES, Category

_STAFF = [role.name for role in ROLES.values() if role.staff]


@dataclass(frozen=True)
class Choices:
    """Departments, the people who work here, and the other categories."""

    departments: list[Department]
    colleagues: list[Person]
    categories: list[Category]


def of_case(case: Case) -> Choices:
    """What the forms beside this matter offer; one question to the database."""
    staff = Membership.select(Membership.person).where(Membership.role.in_(_STAFF) & Membership.in_force())
    active = (Person.active == True) & (Person.system == False)  # noqa: E712  Peewee builds SQL from ==
    rows: Any = Person.select(Person, Department).join(Department, JOIN.LEFT_OUTER)
    colleagues = list(rows.where(active & Person.id.in_(staff)).order_by(Person.name, Person.id))
    departments = {one.department_id: one.department for one in colleagues if one.department_id}
    if case.department is not None:
        departments.setdefault(case.department_id, case.department)
    return Choices(
        # One without anybody in it could not take anything on.
        departments=sorted(departments.values(), key=lambda one: (one.position, one.id)),
        colleagues=colleagues,
        categories=[one for one in CATEGORIES.values() if one.name != case.category],
    )
