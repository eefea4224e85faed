"""How a matter comes in: read, numbered, passed to nobody whom it is about, told; and how a visitor comes back to it."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peewee import IntegrityError

from content import estate, history, moment, people, throttle
from content.actions.cleaning import Problems, checked
from content.cases import Case, CaseAbout, CaseCounter, CaseDetail, CaseParty
from content.chinese import detect_script, fold
from content.db import transaction
from content.errors import N_, Invalid, NotAllowed, NotFound, msg
from content.people import Person
from content.permissions import may, require
from content.reception import callers, entries, naming
from content.reception.attachments import attach_held, checked_key
from content.reception.callers import Caller
from content.reception.categories import CHANNELS, DESKS, MATTERS, Category, category_named, fields_of
from content.workflows import MATTER

# Characters that nobody mistakes for another one, on paper or on the telephone.
CLEAR = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8


@dataclass(frozen=True)
class Receipt:
    """What whoever sent a matter in may know of it. ``code`` is empty for whom the matter is not to be shown."""

    number: str
    code: str
    category: str


@dataclass(frozen=True)
class _Draft:
    """A form that was read without fault."""

    category: Category
    key: str
    channel: str
    words: str
    place: str
    details: dict[str, str]
    caller: Caller
    urgent: bool


def open_case(
    person: Person | None,
    category: str,
    values: Mapping[str, str],
    *,
    key: str,
    channel: str = "web",
    on_behalf: bool = False,
    place: str = "",
) -> Case:
    """Register a matter (R-001, R-004), by anybody: a resident, a visitor, or staff for somebody (``on_behalf``).

    ``key`` is the hidden one of the form, 32 hexadecimal digits; the same key again gives the same matter. ``place``
    is the remote address of a visitor. Raises ``Invalid`` with all that is wrong at once, ``NotFound`` for an unknown
    category, ``TooManyTries`` where too many came from an address without an account.
    """
    kind = category_named(category)
    checked_key(key)
    if person is not None and not person.is_active:
        raise NotAllowed()
    if on_behalf:
        require(person, "case:record")
    known = _opened_with(person, key, on_behalf)
    if known is not None:
        return known
    draft = _read(person, kind, values, key, channel if on_behalf else "web", on_behalf)
    try:
        with transaction():
            if on_behalf:
                require(person, "case:record")
            known = _opened_with(person, key, on_behalf)
            if known is None:
                if person is None:
                    throttle.spend(MATTERS, place)
                known = _register(person, draft, on_behalf)
            return known
    except IntegrityError:
        known = _opened_with(person, key, on_behalf)
        if known is None:
            raise
        return known


def check_draft(
    person: Person | None,
    category: str,
    values: Mapping[str, str],
    *,
    channel: str = "web",
    on_behalf: bool = False,
) -> None:
    """Look a form over without sending it. Raises ``Invalid`` as ``open_case`` would."""
    kind = category_named(category)
    if on_behalf:
        require(person, "case:record")
    _read(person, kind, values, "", channel if on_behalf else "web", on_behalf)


def receipt(case: Case, person: Person | None = None) -> Receipt:
    """What to tell whoever has just sent the matter in; pass the person who did, if there is one.

    Who recorded a complaint against themself keeps the number alone (R-004).
    """
    told = person is None or may(person, "case:view", case)
    return Receipt(case.number, str(case.code) if told else "", str(case.category))


def follow(number: str, code: str, *, place: str) -> Case:
    """The matter that number and code open, for a visitor; ``place`` is the remote address.

    Raises ``TooManyTries``, and ``NotFound`` for an unknown number and for a wrong code alike, with the same work.
    """
    number = unicodedata.normalize("NFKC", number).strip()[:20]
    name, address = f"follow {number}", f"follow {place}"
    throttle.check(name, address)
    case = Case.get_or_none(Case.number == number)
    known = case is not None and bool(case.code) and case.erased_at is None
    expected = str(case.code) if case is not None and known else "-" * CODE_LENGTH
    right = hmac.compare_digest(_plain_code(code).encode(), expected.encode())
    if case is None or not known or not right:
        throttle.note_failure(name, address)
        raise NotFound(
            msg(N_("No matter has this number and this code. Please compare both with your note."))
        )
    throttle.note_success(name, address)
    return case


def new_code() -> str:
    """A code for a visitor to come back with."""
    return "".join(secrets.choice(CLEAR) for _ in range(CODE_LENGTH))


def _plain_code(typed: str) -> str:
    """A code as people type it: full-width, small letters, in groups."""
    plain = unicodedata.normalize("NFKC", typed[:100]).upper()
    return "".join(char for char in plain if char.isalnum())


def _opened_with(person: Person | None, key: str, on_behalf: bool) -> Case | None:
    """What this form of this person has already become."""
    case = Case.get_or_none(Case.intake_key == key)
    if case is None:
        return None
    sender = case.first_receiver_id if on_behalf else case.requester_id
    if sender != (person.id if person is not None else None):
        raise Invalid({}, msg(N_("This form was already sent. Please open a new one.")))
    return case


# ---- reading


def _read(
    person: Person | None, kind: Category, values: Mapping[str, str], key: str, channel: str, on_behalf: bool
) -> _Draft:
    problems: Problems = {}
    if channel not in {name for name, _ in CHANNELS}:
        problems["channel"] = [msg(N_("Please choose one of the list."))]
    found = {spec.name: checked(spec, values.get(spec.name, ""), problems) for spec in fields_of(kind)}
    caller = callers.read(person, values, channel, on_behalf, problems)
    if (
        "place" in problems
        and not values.get("place", "").strip()
        and (caller.household or caller.household_text)
    ):
        del problems["place"]  # the home says it
    if problems:
        raise Invalid(problems)
    words, place = found.pop("words"), found.pop("place") or ""
    details = {name: str(value) for name, value in found.items() if value not in (None, "", False)}
    if caller.household_text:
        details["household"] = caller.household_text
    return _Draft(
        kind, key, channel, words, caller.place(place), details, caller,
        urgent=details.get("kind") in kind.urgent_kinds,
    )  # fmt: skip


# ---- writing


def _register(person: Person | None, draft: _Draft, on_behalf: bool) -> Case:
    """Write the matter and all that belongs to it, within the transaction."""
    case = _create(person if on_behalf else None, draft)
    for name, value in draft.details.items():
        CaseDetail.create(case=case.id, name=name, value=value)
    if draft.caller.requester is not None:
        CaseParty.create(case=case.id, person=draft.caller.requester.id)
    attach_held(case, draft.key)
    named = naming.named_in(draft.category, {"words": draft.words, "place": draft.place, **draft.details})
    for one, source in named:
        CaseAbout.create(case=case.id, person=one.id, source=source)
    recorder = person if on_behalf else None
    # Of whom it is about the audit says nothing; that would be a list of who was complained of.
    by = person if person is not None else people.visitors()
    history.record(by, "case.opened", case=case, difference={"fields": sorted(draft.details)})
    superior = naming.superior(case, [one for one, _ in named])
    if superior is not None:
        _pass_up(case, superior)
    _tell(case, draft, [one for one, _ in named], recorder or draft.caller.requester)
    return case


def _create(recorder: Person | None, draft: _Draft) -> Case:
    now, caller, number = moment.now(), draft.caller, _next_number()
    said = [
        draft.details.get(spec.name, "") for spec in draft.category.fields if spec.type in ("line", "text")
    ]
    found = [number, draft.place, draft.words, caller.name, *said]
    if caller.household is not None:
        found.append(estate.label(caller.household))
    return Case.create(
        number=number,
        code=new_code(),
        intake_key=draft.key,
        category=draft.category.name,
        desk=draft.category.desk,
        state=MATTER.initial,
        urgent=draft.urgent,
        channel=draft.channel,
        community=caller.community,
        household=caller.household,
        place=draft.place,
        original=draft.words,
        script=detect_script(draft.words),
        requester=caller.requester,
        caller_name=caller.name,
        caller_form=caller.form,
        caller_telephone=caller.telephone,
        caller_email=caller.email,
        reported_by=caller.reported_by,
        first_receiver=recorder,
        opened_at=now,
        changed_at=now,
        words=fold(" ".join(found)),
    )


def _next_number() -> str:
    """The day, and how many matters it has had; counted in the transaction that takes the number."""
    day = f"{moment.today():%Y%m%d}"
    CaseCounter.insert(day=day, last=1).on_conflict(
        conflict_target=[CaseCounter.day], update={CaseCounter.last: CaseCounter.last + 1}
    ).execute()
    return f"{day}-{CaseCounter.get_by_id(day).last:03}"


def _pass_up(case: Case, superior: Person) -> None:
    """The next superior whom it does not name owns it from the first moment (R-004)."""
    Case.update(owner=superior.id, state="assigned", department=superior.department_id).where(
        Case.id == case.id
    ).execute()
    case.owner, case.state, case.department = superior, "assigned", superior.department
    message = msg(
        N_("Passed to %(who)s at once, because it names somebody who would have received it."),
        who=superior.name,
    )
    entries.add(case, people.scheduler(), "step", message=message, public=False)
    history.record(
        people.scheduler(), "case.assigned", case=case, difference={"state": ["received", "assigned"]}
    )


def _tell(case: Case, draft: _Draft, named: list[Person], sender: Person | None) -> None:
    """Parties learn that it has come in; the desk, and whom praise and suggestions concern, that there is something."""
    values: dict[str, Any] = {"number": case.number, "category": msg(draft.category.label)}
    received = N_("Your matter %(number)s (%(category)s) has come in. You read here what becomes of it.")
    entries.tell_parties(case, msg(received, **values))
    desk = DESKS[draft.category.desk]
    text = N_("New: %(category)s, number %(number)s.")
    roles: tuple[str, ...] = (*desk.roles, *draft.category.tells)
    if case.urgent:
        text = N_("Urgent: %(category)s, number %(number)s. Somebody has to go there now.")
        roles = (*roles, *desk.urgent_roles)
    entries.tell_workers(case, msg(text, **values), roles=roles, persons=[case.owner], but=sender)
    if draft.category.about == "told":
        praised = msg(N_("Somebody has written about you: %(category)s, number %(number)s."), **values)
        entries.tell_workers(case, praised, persons=named, but=sender)
