"""What is done with a matter beside its steps: said, noted, moved, named, rated."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from content import moment, throttle
from content.cases import Case, CaseAbout, CaseDetail, CaseEntry, CaseHelper
from content.db import transaction
from content.errors import N_, Invalid, Message, NotAllowed, msg
from content.people import Person
from content.reception import entries, naming, telling
from content.reception.access import HIDDEN, about_of
from content.reception.attachments import attach_held, held
from content.reception.categories import CATEGORIES, SAID, category_named
from content.reception.holding import hold, remember, shut_out, words_of, write

# The same words of the same person so soon after are the same thumb.
TWICE = timedelta(minutes=1)
# How long after it was closed a matter can be rated.
RATED_WITHIN = timedelta(days=30)
STARS = range(1, 6)
REOPEN_FIRST = N_(
    "This matter is closed. If something is still to be done, please open it again and say why."
)


def say_in(
    person: Person | None, case: Case, text: str, *, key: str = "", via_code: bool = False, place: str = ""
) -> CaseEntry:
    """Say something that the parties read: a party's own words, or a message of those who work the matter.

    Files held under ``key`` go with it, also without a word. Raises ``NotFound``, ``NotAllowed``, and ``Invalid`` at
    ``text``; a closed matter is to be reopened first (R-034). ``place`` is the remote address of a visitor, from where
    only so much is taken: ``TooManyTries``.
    """
    with transaction():
        case = hold(person, case, "case:say", via_code=via_code)
        role = entries.role_of(person, case)
        kind = "words" if role == "resident" else "answer"
        if kind == "words" and case.state == "closed":
            raise Invalid({"text": [msg(REOPEN_FIRST)]})
        text = words_of(text, "text", required=not (key and held(key)))
        known = _said_already(person, case, kind, text)
        if known is not None:
            return known
        if person is None:
            throttle.spend(SAID, place)
        entry = entries.add(case, person, kind, text, public=True, role=role)
        attach_held(case, key, entry=entry)
        remember(person, "case.said", case, text=text)
        if kind == "words":
            _tell_workers(case, "said", person)
        else:
            telling.tell_parties(case, "case.said", but=person)
    return entry


def note(person: Person | None, case: Case, text: str, *, key: str = "") -> CaseEntry:
    """Write an internal note; the parties never see it. Raises ``NotFound``, ``NotAllowed``, ``Invalid`` at ``text``."""
    with transaction():
        case = hold(person, case, "case:work", counts=False)
        text = words_of(text, "text", required=not (key and held(key)))
        known = _said_already(person, case, "note", text)
        if known is not None:
            return known
        entry = entries.add(case, person, "note", text, public=False)
        attach_held(case, key, entry=entry, public=False)
        remember(person, "case.noted", case, text=text)
        _tell_workers(case, "noted", person)
    return entry


def _said_already(person: Person | None, case: Case, kind: str, text: str) -> CaseEntry | None:
    last = CaseEntry.select().where(CaseEntry.case == case.id).order_by(CaseEntry.id.desc()).first()
    if last is None or not text or (last.kind, last.text) != (kind, text):
        return None
    same = last.by_id == (person.id if person is not None else None)
    return last if same and moment.now() - last.at <= TWICE else None


def _tell_workers(case: Case, what: str, but: Person | None) -> None:
    """Those who have it in hand, or else its counter; of a merged matter those of the one that leads."""
    lead: Any = case.merged_into if case.merged_into_id else case
    helpers: list[Person] = list(Person.select().join(CaseHelper).where(CaseHelper.case == lead.id))
    persons = [case.owner, case.first_receiver, lead.owner, *helpers]
    if lead.state in ("answered", "closed"):
        persons.append(lead.first_receiver)
    roles = () if lead.owner_id else telling.desk_roles(case)
    telling.tell_workers(case, what, roles=roles, persons=persons, but=but)


def move(person: Person | None, case: Case, category: str, *, version: int, reason: str) -> Case:
    """Handle a matter under another category, perhaps at another desk; ``reason`` becomes an internal note.

    Raises ``NotFound``, ``NotAllowed``, ``Conflict``, and ``Invalid`` at ``category`` or ``reason``. A complaint that
    names somebody stays one: elsewhere they would read it.
    """
    kind = category_named(category)
    with transaction():
        case = hold(person, case, "case:move", version)
        text = words_of(reason, "reason")
        if kind.name == case.category:
            raise Invalid({"category": [msg(N_("It is in this category already."))]})
        if case.state == "merged":
            raise NotAllowed(msg(N_("This matter was joined with another one; move that one.")))
        if case.category in HIDDEN and kind.name not in HIDDEN and about_of(case):
            named = N_(
                "This complaint names persons, who would see it there. If it is not about them, take them off first."
            )
            raise Invalid({"category": [msg(named)]})
        before = case.category
        write(case, category=kind.name, desk=kind.desk)
        if kind.about:
            _name_found(case)
        message = msg(N_("Now handled as: %(category)s."), category=msg(kind.label))
        entries.add(case, person, "step", message=message, public=True)
        entries.add(case, person, "note", text, public=False)
        remember(person, "case.moved", case, category=f"{before} {kind.name}", reason=text)
        shut_out(case)
        telling.tell_parties(case, "case.moved", but=person)
        telling.tell_workers(case, "moved", roles=telling.desk_roles(case), but=person)
    return case


def _name_found(case: Case) -> None:
    """Those whom the words name, as when a matter of this category comes in."""
    values = {
        "words": case.original,
        "place": case.place,
        **{row.name: row.value for row in CaseDetail.select().where(CaseDetail.case == case.id)},
    }
    known = about_of(case)
    for one, source in naming.named_in(CATEGORIES[case.category], values):
        if one.id not in known:
            CaseAbout.create(case=case.id, person=one.id, source=source)


def add_about(person: Person | None, case: Case, about: Person) -> Case:
    """Write down that a matter is about somebody of the staff. Of a complaint they learn nothing from then on, and if
    they had it in hand, it passes to the next superior not named (R-004); praise and suggestions are told to them.

    Raises ``NotFound``, ``NotAllowed``, and ``Invalid`` at ``about``.
    """
    with transaction():
        case = hold(person, case, "case:about")
        if not CATEGORIES[case.category].about:
            raise Invalid({"about": [msg(N_("A matter of this category is about no person."))]})
        if not about.is_staff:
            raise Invalid({"about": [msg(N_("Only somebody of the staff can be named here."))]})
        if about.id not in about_of(case):
            CaseAbout.create(case=case.id, person=about.id, source="staff")
            _note_about(person, case, "case.named", N_("It is about %(who)s."), about)
            if case.category in HIDDEN:
                shut_out(case)
            else:
                telling.tell_workers(case, "concerned", persons=[about], but=person)
    return case


def drop_about(person: Person | None, case: Case, about: Person) -> Case:
    """Write down that a matter is not about somebody after all. Raises ``NotFound``, ``NotAllowed``."""
    with transaction():
        case = hold(person, case, "case:about")
        mine = (CaseAbout.case == case.id) & (CaseAbout.person == about.id)
        if CaseAbout.delete().where(mine).execute():
            _note_about(person, case, "case.unnamed", N_("It is not about %(who)s."), about)
    return case


def _note_about(person: Person | None, case: Case, verb: str, text: str, about: Person) -> None:
    entries.add(case, person, "step", message=msg(text, who=about.name), public=False)
    remember(person, verb, case, about=about.id)


def rate(person: Person | None, case: Case, stars: int, words: str = "", *, via_code: bool = False) -> Case:
    """Say how satisfied one is with what was done, 1 to 5 (R-058), once it is answered. The same matter can be rated
    anew until 30 days after it was closed.

    Raises ``NotFound``, ``NotAllowed``, and ``Invalid`` at ``stars`` or ``words``.
    """
    with transaction():
        case = hold(person, case, "case:view", via_code=via_code, counts=False)
        lead: Any = case.merged_into if case.merged_into_id else case
        _check_ratable(person, case, lead, via_code)
        if stars not in STARS:
            raise Invalid({"stars": [msg(N_("Please choose one to five stars."))]})
        text = words_of(words, "words", required=False)
        if (case.rating, case.rating_words) == (stars, text):
            return case
        write(case, rating=stars, rating_words=text, rated_at=moment.now())
        remember(person, "case.rated", case, rating=stars, rating_words=text)
        telling.tell_workers(case, "rated", persons=[lead.owner, lead.first_receiver], but=person)
    return case


def may_rate(lead: Case) -> bool:
    """Whether the time for it has come and is not over."""
    if lead.state == "answered":
        return True
    return lead.state == "closed" and moment.now() <= lead.closed_at + RATED_WITHIN


def _check_ratable(person: Person | None, case: Case, lead: Case, via_code: bool) -> None:
    party: Any = via_code or any(one.id == person.id for one in entries.parties(case) if person is not None)
    if not party:
        raise NotAllowed()
    if not may_rate(lead):
        over: Message = msg(
            N_("A matter can be rated once it is answered, and until 30 days after it was closed.")
        )
        raise NotAllowed(over)
