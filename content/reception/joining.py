"""Matters that belong together: joined, so that one of them leads, or only linked."""

from __future__ import annotations

from content import moment
from content.cases import Case, CaseAbout, CaseLink
from content.db import transaction
from content.errors import N_, Invalid, NotAllowed, NotFound, msg
from content.people import Person
from content.permissions import may
from content.reception import access, entries, telling
from content.reception.access import HIDDEN, about_of
from content.reception.holding import hold, remember, shut_out, words_of, write
from content.workflows import MATTER


def merge(person: Person | None, case: Case, into_number: str, version: int, *, comment: str = "") -> Case:
    """Join a matter to another one about the same thing, which leads from then on: its steps and answers are told to the
    parties of both. The words stay with each. Where the other one was joined itself, the one it follows leads.

    Raises ``NotFound``, ``NotAllowed``, ``Conflict``, and ``Invalid`` at ``into``.
    """
    step = MATTER.transition("merge")
    assert step is not None
    with transaction():
        case = hold(person, case, "case:view", version)
        if case.state not in step.sources:
            raise NotAllowed(msg(N_("This step is not open any more: somebody else may have taken it.")))
        case = hold(person, case, step.permission)
        lead = _lead(person, case, into_number)
        text = words_of(comment, "comment", required=False)
        before = case.state
        write(case, state=step.target, merged_into=lead.id)
        # Those that followed this one follow the one that leads: one step away, and never in a circle.
        Case.update(merged_into=lead.id).where(Case.merged_into == case.id, Case.id != lead.id).execute()
        entries.add(case, person, "step", message=msg(telling.THREAD[step.verb]), public=True)
        joined = msg(N_("Matter %(number)s was joined to this one."), number=case.number)
        entries.add(lead, person, "step", message=joined, public=False)  # other parties know nothing of it
        if text:
            entries.add(case, person, "note", text, public=False)
        remember(person, step.verb, case, state=(before, step.target), comment=text, merged_into=lead.id)
        _take_over_about(case, lead)
        entries.tell_parties(case, telling.sentence(telling.TO_PARTIES[step.verb], case), but=person)
    return case


def _lead(person: Person | None, case: Case, number: str) -> Case:
    found = _other(person, number, "into")
    lead: Case = found.merged_into if found.merged_into_id else found
    if lead.id == case.id:
        raise Invalid({"into": [msg(N_("A matter cannot be joined to itself."))]})
    if lead.id != found.id and not may(person, "case:work", lead):
        raise _unknown("into")
    lead = hold(person, lead, "case:work")
    if lead.state == "closed":
        raise Invalid(
            {"into": [msg(N_("That matter is closed. Please open it again first, or only link the two."))]}
        )
    if case.category in HIDDEN and lead.category not in HIDDEN and about_of(case):
        named = N_(
            "This complaint names persons, who might see it there. It can only be joined to another complaint."
        )
        raise Invalid({"into": [msg(named)]})
    return lead


def _take_over_about(case: Case, lead: Case) -> None:
    """Whom a joined complaint is about does not work the one that leads."""
    if lead.category not in HIDDEN:
        return
    known = about_of(lead)
    rows: list[CaseAbout] = list(CaseAbout.select().where(CaseAbout.case == case.id))
    for row in rows:
        if row.person_id not in known:
            CaseAbout.create(case=lead.id, person=row.person_id, source=row.source)
    shut_out(lead)


def link(person: Person | None, case: Case, number: str) -> Case:
    """Note that two matters have to do with each other, for those who work them. Again changes nothing.

    Raises ``NotFound``, ``NotAllowed``, and ``Invalid`` at ``number``.
    """
    with transaction():
        case = hold(person, case, "case:link", counts=False)
        other = _other(person, number, "number")
        if other.id == case.id:
            raise Invalid({"number": [msg(N_("A matter cannot be linked to itself."))]})
        first, second = sorted((case.id, other.id))
        if not CaseLink.select().where(CaseLink.case == first, CaseLink.other == second).exists():
            assert person is not None
            CaseLink.create(case=first, other=second, by=person.id, at=moment.now())
            remember(person, "case.linked", case, link=other.id)
    return case


def unlink(person: Person | None, case: Case, number: str) -> Case:
    """Take a link away; nothing happens where there is none. Raises ``NotFound``, ``NotAllowed``, ``Invalid``."""
    with transaction():
        case = hold(person, case, "case:link", counts=False)
        other = _other(person, number, "number")
        first, second = sorted((case.id, other.id))
        gone = CaseLink.delete().where(CaseLink.case == first, CaseLink.other == second).execute()
        if gone:
            remember(person, "case.unlinked", case, link=other.id)
    return case


def _other(person: Person | None, number: str, field: str) -> Case:
    """Another matter that the person works. One that is not for them is as absent as one that does not exist."""
    try:
        found = access.find(person, number)
    except NotFound:
        raise _unknown(field) from None
    if not may(person, "case:work", found):
        raise _unknown(field)
    return found


def _unknown(field: str) -> Invalid:
    return Invalid({field: [msg(N_("There is no matter with this number."))]})
