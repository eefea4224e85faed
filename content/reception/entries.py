"""The thread of a matter, and who is told of it: what both halves of reception write with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from content import moment, outbox
from content.cases import Case, CaseEntry, CaseParty
from content.errors import N_, Message
from content.people import ROLES, Person
from content.reception.access import DIRECTING, HIDDEN, holders_for, rights, standing

# What the reader is told about who it was, beside the roles of staff.
OTHERS = {"resident": N_("Resident"), "staff": N_("Staff"), "system": N_("Portal")}


def address(case: Case) -> str:
    """The address of a matter."""
    return f"/cases/{case.number}"


def role_label(role: str) -> str:
    """What a role of an entry is called, to be translated."""
    return OTHERS.get(role) or (ROLES[role].label if role in ROLES else OTHERS["staff"])


def role_of(person: Person | None, case: Case) -> str:
    """As what somebody speaks in a matter: resident (parties, visitors with number and code), else the role by which
    they work it, else staff; system for the scheduler.
    """
    if person is None:
        return "resident"
    if person.system:
        return "system"
    stands = standing(person, case)
    if stands.party:
        return "resident"
    held = [name for name in ROLES if name in stands.roles]
    if not held:  # owners and helpers see it for themselves, whatever their job
        held = [grant.role for grant in person.grants if ROLES[grant.role].staff]
    first = [role for role in held if role in DIRECTING or role == "crew"]
    return (first or held or ["staff"])[0]


def add(
    case: Case,
    person: Person | None,
    kind: str,
    text: str = "",
    message: Message | None = None,
    *,
    public: bool,
    role: str = "",
) -> CaseEntry:
    """Write an entry of the thread, in the transaction of the caller, who has checked the right.

    ``kind`` is words (of a party), answer, note (internal) or step; a step has a ``message`` that is said in the
    reader's language. No person is a visitor with number and code. ``case.changed_at`` follows.
    """
    now = moment.now()
    entry: CaseEntry = CaseEntry.create(
        case=case.id,
        at=now,
        by=person.id if person is not None else None,
        role=role or role_of(person, case),
        kind=kind,
        public=public,
        text=text,
        message=outbox.pack(message) if message is not None else None,
    )
    Case.update(changed_at=now).where(Case.id == case.id).execute()
    case.changed_at = now
    return entry


def parties(case: Case) -> list[Person]:
    """The people with an account whose matter it is."""
    rows: Any = Person.select().join(CaseParty).where(CaseParty.case == case.id).order_by(Person.id)
    return list(rows)


def tell_parties(
    case: Case,
    message: Message,
    *,
    but: Person | None = None,
    out: Collection[int] = (),
    dedupe: str = "",
) -> int:
    """Tell the parties, but for who did it and those whose ids are in ``out``; returns how many were told. With
    ``dedupe`` each only once, ever.
    """
    return _tell(case, message, [one for one in parties(case) if one.id not in out], but, dedupe)


def tell_workers(
    case: Case,
    message: Message,
    *,
    roles: Iterable[str] = (),
    persons: Iterable[Person | None] = (),
    but: Person | None = None,
    dedupe: str = "",
) -> int:
    """Tell those of the roles who see the matter, and these people; never whom a complaint is about, nor somebody who
    may not see it. Returns how many were told. Messages name number and category, never the words.
    """
    wanted = {one.id: one for one in holders_for(case, *roles)} if roles else {}
    seeing = [one for one in persons if one is not None and "case:view" in rights(one, case)]
    wanted.update({one.id: one for one in seeing})
    if case.category in HIDDEN:  # who complains is told as a party, and hears of no note
        for one in parties(case):
            wanted.pop(one.id, None)
    return _tell(case, message, wanted.values(), but, dedupe)


def _tell(case: Case, message: Message, people: Iterable[Person], but: Person | None, dedupe: str) -> int:
    told = 0
    for one in people:
        if but is not None and one.id == but.id:
            continue
        key = f"{dedupe}:{case.uid}" if dedupe else None
        told += outbox.tell(one, message, address(case), dedupe=key) is not None
    return told
