"""Codes on paper with which the people of a home make their accounts. Only a digest is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from content import history, moment, people, telephones
from content.db import transaction
from content.errors import N_, Invalid, NotFound, msg
from content.estate.access import require
from content.estate.acts import keep_role, settle, stored_home
from content.households import TENURES, Household, HouseholdCode, Resident
from content.people import Person

# Letters and digits that nobody takes for one another on paper or on the telephone: without 0 O, 1 I L, 2 Z, 5 S, 8 B.
ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
LENGTH = 10  # 25^10 possibilities: nobody guesses one within its days
GROUPS = (3, 3, 4)
DAYS = 90  # as the setting household_code_days says if nobody changes it
MOST_OPEN = 10  # of one home at a time
WRONG_CODE = msg(
    N_("This code does not open anything. Please check it, or ask the service centre for a new one.")
)


@dataclass(frozen=True)
class MadeCode:
    """A code just made: ``text`` is told this one time, K3F-7QA-WXYE."""

    text: str
    row: HouseholdCode


def fold_code(text: str) -> str:
    """A code as it was typed in the form that is compared: capitals without separators."""
    plain = unicodedata.normalize("NFKC", text[:100]).upper()
    return re.sub(r"[^0-9A-Z]", "", plain)


def _digest(folded: str) -> str:
    return hashlib.sha256(folded.encode()).hexdigest()


def _new_text() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    pieces, start = [], 0
    for length in GROUPS:
        pieces.append(letters[start : start + length])
        start += length
    return "-".join(pieces)


def make_codes(
    person: Person | None,
    household: Household,
    tenure: str,
    *,
    count: int = 1,
    resident: Resident | None = None,
    days: int = DAYS,
) -> list[MadeCode]:
    """Make codes for a home, each for one account, good for so many days; their text is never told again.

    For a resident there is one at a time: earlier ones are withdrawn. Raises ``Invalid`` (fields ``tenure``,
    ``count``, ``resident``), ``NotAllowed``.
    """
    if tenure not in TENURES:
        raise Invalid({"tenure": [msg(N_("Please say whether this is an owner or a tenant."))]})
    with transaction():
        household = stored_home(household.id)
        who = require(person, "estate:code", household.building.community)
        if resident is not None:
            _withdraw_earlier(household, resident, tenure)
        if not 1 <= count <= MOST_OPEN - len(open_codes(household)):
            text = N_("A home has at most %(most)s open codes. Please withdraw those that are not needed.")
            raise Invalid({"count": [msg(text, most=MOST_OPEN)]})
        made = [_make(who, household, tenure, resident, days) for _ in range(count)]
        subject = f"household {household.id}"
        history.record(who, "code.made", subject=subject, difference={"count": count, "tenure": tenure})
    return made


def _withdraw_earlier(household: Household, resident: Resident, tenure: str) -> None:
    stored = Resident.get_or_none(
        (Resident.id == resident.id) & (Resident.household == household.id) & Resident.in_force()
    )
    if stored is None or stored.tenure != tenure:
        raise Invalid({"resident": [msg(N_("This person does not live here any more."))]})
    if stored.person_id is not None:
        raise Invalid({"resident": [msg(N_("This person has an account already."))]})
    mine = (HouseholdCode.resident == resident.id) & _is_open()
    HouseholdCode.update(withdrawn_at=moment.now()).where(mine).execute()


def _make(who: Person, household: Household, tenure: str, resident: Resident | None, days: int) -> MadeCode:
    text, now = _new_text(), moment.now()
    row = HouseholdCode.create(
        household=household,
        resident=resident,
        tenure=tenure,
        digest=_digest(fold_code(text)),
        made_by=who.id,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    return MadeCode(text, row)


def _is_open() -> Any:
    return (
        HouseholdCode.used_at.is_null()
        & HouseholdCode.withdrawn_at.is_null()
        & (HouseholdCode.expires_at > moment.now())
    )


def open_codes(household: Household) -> list[HouseholdCode]:
    """The codes of a home with which somebody can still register, the latest first."""
    rows = HouseholdCode.select().where((HouseholdCode.household == household.id) & _is_open())
    return list(rows.order_by(HouseholdCode.made_at.desc(), HouseholdCode.id.desc()))


def withdraw(person: Person | None, code: HouseholdCode) -> HouseholdCode:
    """Let a code open nothing any more. One that is used, or withdrawn already, stays as it is."""
    with transaction():
        stored: HouseholdCode | None = HouseholdCode.get_or_none(HouseholdCode.id == code.id)
        if stored is None:
            raise NotFound()
        household = stored_home(stored.household_id)
        who = require(person, "estate:code", household.building.community)
        if stored.used_at is None and stored.withdrawn_at is None:
            stored.withdrawn_at = moment.now()
            stored.save()
            history.record(who, "code.withdrawn", subject=f"household {household.id}")
    return stored


def redeem(text: str) -> HouseholdCode | None:
    """The code that somebody typed, while it is good; ``None`` for all others, whatever the reason.

    Unknown, used, withdrawn and expired ones take the same steps and get the same answer. Nothing is marked
    as used before ``use``.
    """
    found: HouseholdCode | None = HouseholdCode.get_or_none(HouseholdCode.digest == _digest(fold_code(text)))
    good = found is not None and found.is_open(moment.now())
    return found if good else None


def use(code: HouseholdCode, person: Person) -> Resident:
    """Spend a code for a new account: it becomes the resident's, with the role in the community.

    To be called in the transaction that makes the account. Of two at once one gets it; raises ``Invalid``
    (field ``code``) for the other, and if it is not good any more.
    """
    with transaction():
        now = moment.now()
        spent = HouseholdCode.update(used_by=person.id, used_at=now).where(
            (HouseholdCode.id == code.id) & _is_open()
        )
        if not spent.execute():
            raise Invalid({"code": [WRONG_CODE]})
        code = HouseholdCode.get_by_id(code.id)
        household = stored_home(code.household_id)
        resident = _settle(code, household, person)
        people.give_role(person, code.tenure, community=household.building.community_id)
        keep_role(person, code.tenure, household.building.community)
        history.record(person, "code.used", subject=f"household {household.id}")
    return resident


def _settle(code: HouseholdCode, household: Household, person: Person) -> Resident:
    """The row of the resident for whom the code was made, or of the same name; else one for whoever came with it."""
    known: Resident | None = code.resident
    if known is None:
        same = (Resident.household == household.id) & (Resident.tenure == code.tenure)
        named = same & (Resident.name == person.name) & Resident.in_force()
        known = Resident.get_or_none(named & Resident.person.is_null())
    if known is not None and known.person_id is None:
        return settle(known, person)
    return Resident.create(
        household=household,
        person=person.id,
        tenure=code.tenure,
        name=person.name,
        address_form=person.address_form,
        telephone=telephones.read(person.telephone) or "",
        email=person.email,
        since=moment.today(),
    )
