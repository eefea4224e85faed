"""The steps of a matter's workflow: assigned, taken, answered, closed, opened again (R-005, R-011, R-034, R-043)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from content import moment
from content.cases import Case, CaseHelper
from content.db import transaction
from content.errors import N_, Invalid, NotAllowed, NotFound, msg
from content.people import Department, Person
from content.reception import entries, promises, telling
from content.reception.attachments import attach_held
from content.reception.holding import check_worker, hold, remember, words_of, write
from content.workflow import Transition
from content.workflows import MATTER

# What is written with these steps goes to the parties; with any other, staff write a note to each other.
PUBLIC_WORDS = frozenset({"answer"})


@dataclass(frozen=True)
class _Wanted:
    """What a step was asked to do beside changing the state."""

    comment: str
    department: Department | None
    owner: Person | None
    helpers: tuple[Person, ...] | None
    promised_at: datetime | None


def step(
    person: Person | None,
    case: Case,
    name: str,
    *,
    comment: str = "",
    version: int,
    department: Department | None = None,
    owner: Person | None = None,
    helpers: Iterable[Person] | None = None,
    promised_at: datetime | None = None,
    key: str = "",
    via_code: bool = False,
) -> Case:
    """Take a step; returns the matter as it stands afterwards.

    ``assign`` takes ``department``, ``owner`` or both, and may replace the ``helpers``; ``promised_at`` goes with any
    step of those who may promise (R-041). Files held under ``key`` go with an answer or a note. ``via_code`` lets a
    visitor who has shown number and code reopen. Raises ``NotFound``, ``Conflict``, ``NotAllowed`` when the step is not
    open from here or not this person's, and ``Invalid``.
    """
    kind = MATTER.transition(name)
    if kind is None or kind.target == "merged":
        raise NotFound()
    wanted = _Wanted(comment, department, owner, None if helpers is None else tuple(helpers), promised_at)
    with transaction():
        case = hold(person, case, "case:view", version, via_code=via_code)
        if case.state not in kind.sources:
            raise NotAllowed(msg(N_("This step is not open any more: somebody else may have taken it.")))
        case = hold(person, case, kind.permission, via_code=via_code)
        text = words_of(comment, "comment", required=kind.comment == "required")
        before = case.state
        changes = _changes(person, case, kind, wanted)
        write(case, state=kind.target, **changes)
        if wanted.promised_at is not None:
            promises.promise(person, case, wanted.promised_at)
        _note(person, case, kind, text, key)
        remember(
            person, kind.verb, case, state=(before, kind.target), comment=text, **_named(changes, wanted)
        )
        _tell(person, case, kind, wanted)
    return case


def _changes(person: Person | None, case: Case, kind: Transition, wanted: _Wanted) -> dict[str, Any]:
    now = moment.now()
    if kind.name == "assign":
        return _assigned(case, wanted)
    if kind.name == "take":
        assert person is not None
        check_worker(case, person, "owner")
        return {"owner": person, "department": case.department_id or person.department_id}
    if kind.name == "answer":
        return {"answered_at": now}
    if kind.name == "close":
        return {"closed_at": now}
    # A promise made for the first handling says nothing of the second one; that it was postponed stays.
    return {"answered_at": None, "closed_at": None, "promised_at": None}


def _assigned(case: Case, wanted: _Wanted) -> dict[str, Any]:
    if wanted.owner is None and wanted.department is None:
        raise Invalid({"owner": [msg(N_("Please choose a department or somebody who will see to it."))]})
    if wanted.owner is not None:
        check_worker(case, wanted.owner, "owner")
    for helper in wanted.helpers or ():
        check_worker(case, helper, "helpers")
    if wanted.helpers is not None:
        CaseHelper.delete().where(CaseHelper.case == case.id).execute()
        ids = {helper.id for helper in wanted.helpers} - {wanted.owner.id if wanted.owner else None}
        for id in sorted(ids):
            CaseHelper.create(case=case.id, person=id)
    department = wanted.department.id if wanted.department is not None else None
    if department is None and wanted.owner is not None:
        department = wanted.owner.department_id or case.department_id
    return {"owner": wanted.owner, "department": department}


def _named(changes: dict[str, Any], wanted: _Wanted) -> dict[str, object]:
    """For the audit: which fields the step changed, people by their id."""
    ids: dict[str, object] = {}
    for name in ("owner", "department"):
        if name in changes:
            ids[name] = getattr(changes[name], "id", changes[name])
    if wanted.helpers is not None:
        ids["helpers"] = sorted(helper.id for helper in wanted.helpers)
    if wanted.promised_at is not None:
        ids["promised_at"] = wanted.promised_at
    return ids


def _note(person: Person | None, case: Case, kind: Transition, text: str, key: str) -> None:
    """The entries of a step. A party's reason is said aloud; what staff add is between them, but for an answer."""
    role = entries.role_of(person, case)
    message = msg(telling.THREAD[kind.verb])
    if kind.name in PUBLIC_WORDS:
        entry = entries.add(case, person, "answer", text, message, public=True, role=role)
    elif text and role == "resident":
        entry = entries.add(case, person, "words", text, message, public=True, role=role)
    else:
        entry = entries.add(case, person, "step", message=message, public=True, role=role)
        if text:
            entry = entries.add(case, person, "note", text, public=False, role=role)
    if key:
        attach_held(case, key, entry=entry, public=bool(entry.public))


def _tell(person: Person | None, case: Case, kind: Transition, wanted: _Wanted) -> None:
    telling.tell_parties(case, kind.verb, but=person)
    if kind.name == "assign":
        telling.tell_workers(case, "owner", persons=[wanted.owner], but=person)
        helpers = [one for one in wanted.helpers or () if wanted.owner is None or one.id != wanted.owner.id]
        telling.tell_workers(case, "helper", persons=helpers, but=person)
        if wanted.owner is None:
            telling.tell_workers(case, "department", roles=("head", "crew"), but=person)
    elif kind.name == "answer":
        telling.tell_workers(case, "answered", persons=[case.first_receiver], but=person)
    elif kind.name == "reopen":
        persons = [case.owner, case.first_receiver]
        telling.tell_workers(case, "reopened", roles=_counter(case), persons=persons, but=person)


def _counter(case: Case) -> tuple[str, ...]:
    """Who hears of what nobody has in hand."""
    return () if case.owner_id else telling.desk_roles(case)
