"""Who helps with other people's accounts, and whose."""

from __future__ import annotations

from content import moment, people, permissions
from content.errors import NotAllowed
from content.people import Membership, Person
from content.permissions import Record, Rule

# Permission → roles. A role for a community helps the people of that community.
ROLES: dict[str, tuple[str, ...]] = {
    "accounts:help": ("receptionist", "administrator"),
    "accounts:erase": ("manager", "administrator"),
}


def _scopes(person: Person, roles: tuple[str, ...]) -> set[int | None]:
    """The communities for which somebody holds one of the roles; ``None`` stands for all."""
    return {
        grant.community
        for grant in person.grants
        if grant.role in roles and not grant.section_path and grant.department is None
    }


def _held(permission: str) -> Rule:
    def held(person: Person, record: Record) -> bool:
        return bool(_scopes(person, ROLES[permission]))

    return held


permissions.declare({permission: (_held(permission),) for permission in ROLES})


def reaches(by: Person | None, permission: str, person: Person) -> bool:
    """Whether the permission extends to this person: residents of one's communities, staff for administrators only."""
    if by is None or not permissions.may(by, permission) or person.system or person.id == by.id:
        return False
    if administers(by):
        return True
    if _works_here(person):
        return False
    scopes = _scopes(by, ROLES[permission])
    return None in scopes or bool(scopes & {grant.community for grant in person.grants})


def _works_here(person: Person) -> bool:
    """Whether somebody is of the staff or will be: who helps them now could sign in as them then."""
    lasts = Membership.until.is_null() | (Membership.until >= moment.today())
    staff = [role.name for role in people.ROLES.values() if role.staff]
    return bool(
        Membership.select().where(Membership.person == person.id, Membership.role.in_(staff), lasts).exists()
    )


def administers(person: Person) -> bool:
    """Whether somebody looks after the accounts of all, of staff too; a role for a part is not enough."""
    return None in _scopes(person, ("administrator",))


def require(by: Person | None, permission: str, person: Person | None = None) -> Person:
    """The acting person, as stored now. Raises ``NotAllowed`` without the right, or where it does not extend."""
    fresh = people.Person.get_or_none(people.Person.id == by.id) if by is not None else None
    if fresh is None or not permissions.may(fresh, permission):
        raise NotAllowed()
    if person is not None and not reaches(fresh, permission, person):
        raise NotAllowed()
    return fresh
