"""Who may look at homes, change them and hand out codes: roles everywhere, or in one community."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from content import masking, permissions, telephones
from content.households import Household, Resident
from content.people import Community, Person
from content.permissions import ANYWHERE, Rule

Place = Community | permissions.Anywhere | None


def in_estate(*roles: str) -> Rule:
    """One of the roles, everywhere or in the community that is asked about.

    A role for a section of the content or for a department says nothing about homes.
    """

    def rule(person: Person, record: Any) -> bool:
        for grant in person.grants:
            if grant.role not in roles or grant.section_path or grant.department is not None:
                continue
            if grant.community is None or record is ANYWHERE:
                return True
            if isinstance(record, Community) and grant.community == record.id:
                return True
        return False

    return rule


def somewhere_in_estate(*roles: str) -> Rule:
    """One of the roles in at least one community, for menus."""
    rule = in_estate(*roles)
    return lambda person, record: rule(person, ANYWHERE)


permissions.declare(
    {
        "estate:enter": (somewhere_in_estate("receptionist", "manager", "administrator"),),
        "estate:view": (in_estate("receptionist", "manager", "administrator"),),
        "estate:code": (in_estate("receptionist", "manager", "administrator"),),
        "estate:manage": (in_estate("manager", "administrator"),),
    },
    {Community: "estate:view"},
)


def may(person: Person | None, permission: str, place: Place = None) -> bool:
    """Whether the person has a permission of the estate in a community; ``ANYWHERE`` is in at least one."""
    record: Any = place  # the engine hands any record to the rules
    return permissions.may(person, permission, record)


def require(person: Person | None, permission: str, place: Place) -> Person:
    """The person, who has the permission. Raises ``NotAllowed``; ``NotFound`` for who may not even look."""
    record: Any = place
    permissions.require(person, permission, record)
    assert person is not None
    return person


def communities_of(person: Person | None, permission: str = "estate:view") -> list[Community]:
    """The communities in which the person has a permission, in the order they were made."""
    if not may(person, permission, ANYWHERE):
        return []
    return [row for row in Community.select().order_by(Community.id) if may(person, permission, row)]


@dataclass(frozen=True)
class Seen:
    """A resident as somebody may see them; masked where they have no business with the whole."""

    name: str
    telephone: str
    masked: bool


def seen_by(person: Person | None, resident: Resident, household: Household) -> Seen:
    """Name and telephone of a resident, whole for themselves and for who may look at homes there."""
    own = person is not None and resident.person_id == person.id
    if own or may(person, "estate:view", household.building.community):
        return Seen(resident.name, telephones.show(resident.telephone) if resident.telephone else "", False)
    telephone = telephones.mask(resident.telephone) if resident.telephone else ""
    return Seen(masking.mask_name(resident.name), telephone, True)
