"""How to reach us: the telephones, the departments and, for those with an account, the people."""

from __future__ import annotations

from flask import Blueprint, render_template

from content.people import Department, Person
from content.permissions import may
from portal.web.cache import unkept
from portal.web.login import person

pages = Blueprint("directory", __name__)


@pages.get("/contact")
def contact() -> str:
    """Telephones by day and night, hours, and the departments (R-014, R-015)."""
    unkept()
    return render_template("contact.html", departments=_departments())


@pages.get("/staff/")
def staff() -> str:
    """The directory: departments with their telephones; names only for those with an account."""
    unkept()
    people: dict[int | None, list[Person]] = {}
    if may(person(), "directory:view"):
        rows = Person.select().where(
            Person.in_directory == True,  # noqa: E712  Peewee builds SQL from ==
            Person.active == True,  # noqa: E712
            Person.system == False,  # noqa: E712
        )
        for row in rows.order_by(Person.name):
            people.setdefault(row.department_id, []).append(row)
    return render_template("directory.html", departments=_departments(), people=people)


def _departments() -> list[Department]:
    return list(Department.select().order_by(Department.position, Department.id))
