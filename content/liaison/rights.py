"""Who may do what in the liaison scheme. The private notes belong to the pair: no other role opens them."""

from __future__ import annotations

from typing import Any

from peewee import Expression

from content.errors import NotAllowed, NotFound
from content.liaison.tables import Meeting, Pairing
from content.people import Person
from content.permissions import declare, may, somewhere


def _pairing(record: Any) -> Pairing | None:
    if isinstance(record, Meeting):
        return record.pairing
    return record if isinstance(record, Pairing) else None


def _leads(person: Person, record: Any) -> bool:
    """A leader; of a pairing or meeting, its own leader."""
    if "leader" not in person.roles_somewhere():
        return False
    if record is None or type(record).__name__ == "Anywhere":
        return True
    pairing = _pairing(record)
    return pairing is not None and pairing.leader_id == person.id


def _is_counselor(person: Person, record: Any) -> bool:
    """The counselor of a pairing or meeting."""
    pairing = _pairing(record)
    return (
        pairing is not None and pairing.counselor_id == person.id and "counselor" in person.roles_somewhere()
    )


def _office(person: Person, record: Any) -> bool:
    """The liaison office: a role for the site as a whole (R-130)."""
    return "office" in person.roles_at("/")


declare(
    {
        "liaison:enter": (somewhere("leader", "counselor"), _office),
        "liaison:log": (_leads,),
        "liaison:confirm": (_is_counselor,),
        "liaison:read": (_leads, _is_counselor),  # a meeting with its private notes
        "liaison:office": (_office,),
    }
)


def require_pair(person: Person | None, permission: str, record: Any) -> Person:
    """The person, if the permission holds. Who is not one of the pair learns nothing of it: ``NotFound``."""
    if person is not None and may(person, permission, record):
        return person
    if may(person, "liaison:read", record):
        raise NotAllowed()
    raise NotFound()


def require_office(person: Person | None) -> Person:
    """The person, if they are of the office. Raises ``NotAllowed``."""
    if person is None or not may(person, "liaison:office"):
        raise NotAllowed()
    return person


def own_pairings(person: Person | None) -> Expression:
    """The condition on ``Pairing`` for whom its meetings are written down; agrees with ``liaison:read``."""
    nobody = Pairing.id == 0
    if person is None or not may(person, "liaison:enter"):
        return nobody
    roles = person.roles_somewhere()
    found = nobody
    if "leader" in roles:
        found |= Pairing.leader == person.id
    if "counselor" in roles:
        found |= Pairing.counselor == person.id
    return found
