"""Asking to be erased, and deciding it. The audit stays whole: it holds no values of residents."""

from __future__ import annotations

from peewee import IntegrityError

from content import history, moment, outbox, people
from content.accounts.access import reaches, require
from content.accounts.administrators import one_remains
from content.accounts.holdings import ERASED, HOLDINGS
from content.accounts.models import ErasureRequest
from content.db import transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.people import Person

LONGEST = 1000


def hindrances(person: Person) -> list[Message]:
    """Why this person cannot be erased just now, in sentences; empty if nothing is in the way."""
    found: list[Message] = []
    if person.is_staff:
        found.append(
            msg(
                N_(
                    "You work here. An account of staff can be erased once the administrator has taken its roles."
                )
            )
        )
    for holding in HOLDINGS.values():
        reason = holding.hindrance(person)
        if reason is not None:
            found.append(reason)
    return found


def request_of(person: Person) -> ErasureRequest | None:
    """The person's latest request, with what became of it."""
    rows = ErasureRequest.select().where(ErasureRequest.person == person.id)
    found: ErasureRequest | None = rows.order_by(ErasureRequest.id.desc()).first()
    return found


def ask(person: Person, *, confirmed: bool, reason: str = "") -> ErasureRequest:
    """Ask for erasure. Raises ``Invalid`` (confirm; reason; or a sentence why it cannot be)."""
    problems: dict[str, list[Message]] = {}
    if not confirmed:
        problems["confirm"] = [msg(N_("Please tick that you know what will be erased."))]
    if len(reason) > LONGEST:
        problems["reason"] = [msg(N_("At most 1,000 characters, please."))]
    if problems:
        raise Invalid(problems)
    with transaction():
        reasons = hindrances(person)
        if reasons:
            raise Invalid({"confirm": reasons})
        try:
            made: ErasureRequest = ErasureRequest.create(
                person=person.id, asked_at=moment.now(), reason=reason.strip()
            )
        except IntegrityError:
            raise Invalid(
                {"confirm": [msg(N_("You have asked already; it waits for a decision."))]}
            ) from None
        history.record(person, "erasure.asked", subject=_subject(person))
        told = msg(N_("Somebody asks to have their data erased. Please decide."))
        for decider in {
            one.id: one for role in ("manager", "administrator") for one in people.holders(role)
        }.values():
            outbox.tell(decider, told, "/accounts/erasures", dedupe=f"erasure:{made.id}")
    return made


def withdraw(person: Person) -> None:
    """Take one's request back. Raises ``NotFound`` if none waits."""
    waiting = (ErasureRequest.person == person.id) & (ErasureRequest.state == "asked")
    with transaction():
        changes = {"state": "withdrawn", "decided_at": moment.now(), "reason": ""}
        if not ErasureRequest.update(changes).where(waiting).execute():
            raise NotFound()
        history.record(person, "erasure.withdrawn", subject=_subject(person))


def waiting(by: Person | None) -> list[ErasureRequest]:
    """The requests that this person may decide, the oldest first. Raises ``NotAllowed``."""
    decider = require(by, "accounts:erase")
    rows = (
        ErasureRequest.select(ErasureRequest, Person)
        .join(Person, on=ErasureRequest.person)
        .where(ErasureRequest.state == "asked")
        .order_by(ErasureRequest.id)
        .limit(200)
    )
    return [row for row in rows if reaches(decider, "accounts:erase", row.person)]


def decide(by: Person | None, id: int, *, grant: bool, answer: str = "") -> ErasureRequest:
    """Erase the person, or say why not. Raises ``NotAllowed``, ``NotFound`` (none that waits), ``Invalid`` (answer).

    Whoever is erased is told by mail, if there is an address, in the same transaction and before it is blanked.
    """
    answer = answer.strip()
    with transaction():
        decider = require(by, "accounts:erase")
        row: ErasureRequest | None = ErasureRequest.get_or_none(
            (ErasureRequest.id == id) & (ErasureRequest.state == "asked")
        )
        if row is None or not reaches(decider, "accounts:erase", row.person):
            raise NotFound()
        if not grant and not answer:
            raise Invalid({"answer": [msg(N_("Please say why; the person reads it."))]})
        if len(answer) > LONGEST:
            raise Invalid({"answer": [msg(N_("At most 1,000 characters, please."))]})
        row.decided_by, row.decided_at = decider, moment.now()
        if grant:
            row.state, row.reason, row.answer = "done", "", ""
            with one_remains("answer"):
                _erase(decider, row.person)
        else:
            row.state, row.answer = "refused", answer
            history.record(decider, "erasure.refused", subject=_subject(row.person))
            told = msg(N_("Your request to have your data erased was not granted: %(reason)s"), reason=answer)
            outbox.tell(row.person, told, "/account/data")
        row.save()
    return row


def _erase(by: Person, person: Person) -> None:
    """Erase all that the table of holdings names. Raises ``Invalid`` (answer) with the reasons if one is in the way."""
    reasons = hindrances(person)
    if reasons:
        raise Invalid({"answer": reasons})
    email, locale = person.email, person.locale
    for name, holding in HOLDINGS.items():
        if name != "account":
            holding.erase(person)
    HOLDINGS["account"].erase(person)
    # Of requests that were refused or taken back the words go, too.
    ErasureRequest.update(reason="").where(ErasureRequest.person == person.id).execute()
    refused = (ErasureRequest.person == person.id) & (ErasureRequest.state == "refused")
    ErasureRequest.update(answer=ERASED).where(refused).execute()
    Person.update(erased_at=moment.now()).where(Person.id == person.id).execute()
    history.record(by, "person.erased", subject=_subject(person))
    if email:
        told = msg(N_("Your account and what was kept about you were erased, as you asked."))
        outbox.enqueue("mail", address=email, context={**outbox.pack(told), "url": "", "locale": locale})


def _subject(person: Person) -> str:
    return f"person {person.id}"
