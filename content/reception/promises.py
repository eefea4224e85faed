"""The time promised for a matter: at most a week after it came in (R-041), postponed at most once (R-042)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from content import moment
from content.cases import OPEN_STATES, Case
from content.db import transaction
from content.errors import N_, Invalid, NotAllowed, msg
from content.history import AuditEntry
from content.people import Person
from content.permissions import may
from content.reception import entries, telling
from content.reception.access import standing
from content.reception.holding import hold, remember, words_of, write

LONGEST = timedelta(days=7)
# Who may promise a later day than that: "normally not over a week".
BEYOND = frozenset({"manager", "general-manager"})
NO_MORE = N_("Nothing is promised any more for a matter that is answered.")


def latest_day(case: Case) -> date:
    """The last day that may be promised: the seventh after the matter came in, or was opened again (R-041)."""
    reopened = AuditEntry.select(AuditEntry.at).where(
        AuditEntry.case == case.id, AuditEntry.verb == "case.reopened"
    )
    last = reopened.order_by(AuditEntry.at.desc()).first()
    return moment.local(last.at if last else case.opened_at).date() + LONGEST


def set_promise(person: Person | None, case: Case, at: datetime, *, reason: str = "", version: int) -> Case:
    """Promise a time, or another one; the parties are told. A later one than before is a postponement: it needs a
    ``reason``, which the parties read, and happens once at most (R-042).

    Raises ``NotFound``, ``NotAllowed``, ``Conflict``, and ``Invalid`` at ``promised_at`` or ``reason``.
    """
    with transaction():
        case = hold(person, case, "case:promise", version)
        if case.state not in OPEN_STATES:
            raise NotAllowed(msg(NO_MORE))
        if at == case.promised_at:
            return case
        postponed = case.promised_at is not None and at > case.promised_at
        text = words_of(reason, "reason", required=postponed)
        promise(person, case, at, said=True)
        if text:
            entries.add(case, person, "answer", text, public=True)
        remember(
            person, "case.postponed" if postponed else "case.promised", case, promised_at=at, reason=text
        )
        telling.tell_parties(case, "case.postponed" if postponed else "case.promised", but=person)
    return case


def promise(person: Person | None, case: Case, at: datetime, *, said: bool = False) -> None:
    """Write a promise down, within the transaction of an act that holds the matter. Raises as ``set_promise``.

    ``said`` means that the parties are told of a later time and why; without that none is put off (R-042).
    """
    if not may(person, "case:promise", case):
        raise NotAllowed()
    if at == case.promised_at:
        return
    if case.state not in OPEN_STATES:
        raise NotAllowed(msg(NO_MORE))
    _check(person, case, at)
    postponed = case.promised_at is not None and at > case.promised_at
    if postponed and case.postponed:
        raise _wrong(N_("This promise was put off once already and cannot be put off again."))
    if postponed and not said:
        raise _wrong(
            N_("This puts the promise off. Please use “Put it off”, and say why: the resident reads it.")
        )
    text = N_("Put off to %(when)s.") if postponed else N_("Promised for %(when)s.")
    write(case, promised_at=at, postponed=case.postponed + int(postponed))
    entries.add(case, person, "step", message=msg(text, when=at), public=True)


def _check(person: Person | None, case: Case, at: datetime) -> None:
    if at <= moment.now():
        raise _wrong(N_("What is promised lies ahead. Please choose a later time."))
    last = latest_day(case)
    beyond = person is not None and standing(person, case).roles & BEYOND
    if moment.local(at).date() > last and not beyond:
        text = N_(
            "A week at most can be promised: until %(last)s. A later day is for the manager to promise."
        )
        raise _wrong(text, last=last)
    if at > moment.now() + timedelta(days=366):
        raise _wrong(N_("That is more than a year away. Please choose an earlier day."))


def _wrong(text: str, **values: object) -> Invalid:
    return Invalid({"promised_at": [msg(text, **values)]})
