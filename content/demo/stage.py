"""Setting the stage of the demo: site and school, departments, people with their roles, sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from content import actions, glossary, people, setup
from content.demo.roster import COMMUNITIES, DEPARTMENTS, PEOPLE, SCHOOL, SECTIONS, SITE, TERMS, Figure
from content.items import Section
from content.people import Community, Department, Person, Site


@dataclass(frozen=True)
class Stage:
    """What the texts refer to, by the keys of ``roster``."""

    people: dict[str, Person]
    sections: dict[str, Section]
    communities: dict[str, Community]


def set_up(password: str, first: Person | None) -> Stage:
    """Make places, people and sections. ``first`` is an administrator without a password to be taken over."""
    site = Site.select().order_by(Site.id).first()
    Site.update(name=SITE).where(Site.id == site.id).execute()
    school = Site.create(name=SCHOOL)
    communities = {key: Community.create(site=site, name=name) for key, name in COMMUNITIES.items()}
    departments = {
        key: Department.create(
            site=school if of_school else site, name=name, telephone=telephone, position=position
        )
        for position, (key, (name, telephone, of_school)) in enumerate(DEPARTMENTS.items(), start=1)
    }
    persons = {figure.role: _make(figure, departments, communities, first) for figure in PEOPLE}
    _give_password(list(persons.values()), password)
    return Stage(persons, _sections(persons["administrator"]), communities)


def _make(
    figure: Figure,
    departments: dict[str, Department],
    communities: dict[str, Community],
    first: Person | None,
) -> Person:
    values: dict[str, Any] = {
        "address_form": figure.address_form,
        "job": figure.job,
        "department": departments.get(figure.department),
        "telephone": figure.telephone,
        "in_directory": bool(figure.department),
        "script": figure.reads,
        "elder": figure.elder,
    }
    if first is not None and figure.role == first.username:
        Person.update(name=figure.name, **values).where(Person.id == first.id).execute()
        person = Person.get_by_id(first.id)
    else:
        person = people.add_person(figure.role, figure.name, **values)
    scope = {"community": communities[figure.community]} if figure.community else {}
    people.give_role(person, figure.role, **scope)
    return person


def _give_password(persons: list[Person], password: str) -> None:
    """All have the same password, so it is hashed once: that takes a fifth of a second on purpose."""
    people.set_password(persons[0], password)
    stored = Person.get_by_id(persons[0].id).password_hash
    ids = [person.id for person in persons]
    Person.update(password_hash=stored).where(Person.id.in_(ids)).execute()


def _sections(administrator: Person) -> dict[str, Section]:
    found = {slug: setup.root(slug) for slug in ("board", "library", "staff")}
    for key, (above, title, slug) in SECTIONS.items():
        found[key] = actions.create_section(administrator, found[above], title, slug)
    for hant, hans in TERMS:
        glossary.put_term(administrator, hant, hans)
    return found
