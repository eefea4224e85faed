"""Who speaks in a matter and where: read from what was typed, or from the account of a resident."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from content import estate, telephones
from content.actions.cleaning import Problems, checked
from content.chinese import fold
from content.errors import N_, Message, msg
from content.households import Household, Resident
from content.items import FieldSpec
from content.people import Community, Person
from content.reception.categories import CALLER_FIELDS, WITHOUT_TELEPHONE

_MAIL = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+\.[^@\s<>,;:\".]{2,}")
NOT_AN_ADDRESS: Message = msg(N_("This is not an e-mail address. It looks like name@example.com."))
HOW_TO_REACH: Message = msg(
    N_("Please leave a telephone number or an e-mail address, so that we can answer.")
)
_PLACE_LIMIT = 200


@dataclass(frozen=True)
class Caller:
    """Whose matter it is and how to reach them; all that is known, checked."""

    name: str
    form: str
    telephone: str
    email: str
    reported_by: str
    household: Household | None
    household_text: str  # as typed, where no home was found
    community: Community | None
    requester: Person | None

    def place(self, typed: str) -> str:
        """Where it is: what was typed; a home that was not found stands before it, as far as there is room."""
        both = " · ".join(part for part in (self.household_text, typed) if part)
        return both if len(both) <= _PLACE_LIMIT else typed


def read(
    person: Person | None, values: Mapping[str, str], channel: str, on_behalf: bool, problems: Problems
) -> Caller:
    """The caller of a form; what is wrong goes to ``problems``. A resident's own comes from the account where nothing
    was typed. A home that is not found is no problem: it is kept as it was written.
    """
    own = None if on_behalf else person
    found = {spec.name: _one(spec, values, own, problems) for spec in CALLER_FIELDS}
    telephone = _telephone(found["caller_telephone"], problems)
    email = _email(found["caller_email"], problems)
    reachable = found["caller_telephone"] or found["caller_email"] or own is not None
    if not reachable and channel not in WITHOUT_TELEPHONE:
        problems.setdefault("caller_telephone", []).append(HOW_TO_REACH)
    community = _community(values.get("community", ""), problems)
    household, text = _household(found["household"], community, own)
    requester = own
    if on_behalf:
        requester = _account_of(found["caller_name"], telephone, household)
    return Caller(
        name=found["caller_name"],
        form=found["caller_form"],
        telephone=telephone or (_own_telephone(own) if own is not None else ""),
        email=email or (own.email if own is not None else ""),
        reported_by=found["reported_by"],
        household=household,
        household_text=text,
        community=household.building.community if household else community or _only_community(own),
        requester=requester,
    )


def _one(spec: FieldSpec, values: Mapping[str, str], own: Person | None, problems: Problems) -> str:
    typed = values.get(spec.name, "")
    if own is not None:
        typed = typed or {"caller_name": own.name, "caller_form": own.address_form}.get(spec.name, "")
    return checked(spec, typed, problems) or ""


def _own_telephone(person: Person) -> str:
    return person.phone_key or telephones.read(person.telephone) or ""


def _telephone(typed: str, problems: Problems) -> str:
    number = telephones.read(typed) if typed else ""
    if number is None:
        problems.setdefault("caller_telephone", []).append(telephones.NOT_A_NUMBER)
    return number or ""


def _email(typed: str, problems: Problems) -> str:
    if typed and not _MAIL.fullmatch(typed):
        problems.setdefault("caller_email", []).append(NOT_AN_ADDRESS)
    return typed


def _community(typed: str, problems: Problems) -> Community | None:
    if not typed:
        return None
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0
    found = Community.get_or_none(Community.id == number)
    if found is None:
        problems["community"] = [msg(N_("Please choose one of the list."))]
    return found


def _only_community(own: Person | None) -> Community | None:
    """Where there is no choice: the one of the resident's roles, or the only one there is."""
    ids = {grant.community for grant in own.grants if grant.community} if own is not None else set()
    rows = Community.select().where(Community.id.in_(ids)) if ids else Community.select()
    found = list(rows.limit(2))
    return found[0] if len(found) == 1 else None


def _household(typed: str, community: Community | None, own: Person | None) -> tuple[Household | None, str]:
    if typed:
        found = estate.find_household(typed, community)
        return found, "" if found is not None else typed
    return (estate.household_of(own) if own is not None else None), ""


def _account_of(name: str, telephone: str, household: Household | None) -> Person | None:
    """The account of whom staff record for: of this name, reached under this telephone, in this home if one was told.

    A telephone alone is not enough: a family shares one, and the matter would be shown to the wrong person.
    """
    if not telephone:
        return None
    rows = Resident.select(Resident, Person).join(Person).where(Resident.in_force(), Person.active == True)  # noqa: E712
    living: list[Any] = list(rows.where((Resident.telephone == telephone) | (Person.phone_key == telephone)))
    found = {
        row.person_id: row.person
        for row in living
        if _same_name(row.person.name, name) and (household is None or row.household_id == household.id)
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _same_name(one: str, other: str) -> bool:
    return fold(one).replace(" ", "") == fold(other).replace(" ", "")
