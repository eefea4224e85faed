"""What every act on a matter begins with: the matter as it stands now, the right to it, and nobody else at it."""

from __future__ import annotations

from typing import Any

from content import history, moment, people
from content.cases import OPEN_STATES, Case, CaseAbout, CaseHelper
from content.errors import N_, Conflict, Invalid, NotAllowed, NotFound, msg
from content.people import Person
from content.permissions import may
from content.reception import entries, naming, telling
from content.reception.access import HIDDEN, standing
from content.reception.categories import WORDS_LIMIT
from content.reception.unsaying import take_back

# What number and code give to a visitor without account.
BY_CODE = frozenset({"case:view", "case:say", "case:reopen", "case:rate"})
ERASED = N_("What was said in this matter was erased at the wish of its person; it stays as it is.")
PASSED_UP = N_("Passed to the next superior, because it is about somebody who had it in hand.")


def hold(
    person: Person | None,
    case: Case,
    permission: str,
    version: int | None = None,
    *,
    via_code: bool = False,
    counts: bool = True,
) -> Case:
    """The matter as it is stored, its version counted on, within the transaction of the caller.

    ``via_code`` stands for number and code, shown by whoever calls. Raises ``NotFound``, ``Conflict`` if ``version``
    is not the stored one, ``NotAllowed``. What does not count makes nobody's open form outdated.
    """
    fresh = Case.get_or_none(Case.id == case.id)
    if fresh is None or not _may(person, "case:view", fresh, via_code):
        raise NotFound()
    if version is not None and fresh.version != version:
        raise Conflict(fresh.version)
    if fresh.erased_at is not None:
        raise NotAllowed(msg(ERASED))
    if not _may(person, permission, fresh, via_code):
        raise NotAllowed()
    if not counts:
        return fresh
    # The condition again: where reading locks nothing, somebody may have come between.
    counted = Case.update(version=fresh.version + 1).where(Case.id == fresh.id, Case.version == fresh.version)
    if not counted.execute():
        raise Conflict(Case.get_by_id(fresh.id).version)
    fresh.version += 1
    return fresh


def _may(person: Person | None, permission: str, case: Case, via_code: bool) -> bool:
    if person is None:
        return via_code and permission in BY_CODE and case.erased_at is None
    return may(person, permission, case)


def write(case: Case, **changes: Any) -> None:
    """Store some values of a matter that is held."""
    changes.setdefault("changed_at", moment.now())
    Case.update(**changes).where(Case.id == case.id).execute()
    for name, value in changes.items():
        setattr(case, name, value)


def remember(
    person: Person | None, verb: str, case: Case, *, state: tuple[str, str] | None = None, **values: object
) -> None:
    """The audit entry: which fields changed, of their values only digests that end with the matter's salt."""
    difference: dict[str, Any] = {"fields": sorted(values)}
    if state is not None:
        difference["state"] = list(state)
    known = {
        name: history.digest(case.salt, value) for name, value in values.items() if value not in (None, "")
    }
    if known:
        difference["digests"] = known
    history.record(person or people.visitors(), verb, case=case, difference=difference)


def words_of(text: str, field: str, *, required: bool = True) -> str:
    """What somebody wrote, without blanks around it. Raises ``Invalid`` at ``field``: empty, or too long."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if required and not text:
        raise Invalid({field: [msg(N_("Please write something here."))]})
    if len(text) > WORDS_LIMIT:
        too_long = N_("That is %(length)s characters; at most %(limit)s fit in here.")
        raise Invalid({field: [msg(too_long, length=len(text), limit=WORDS_LIMIT)]})
    return text


def check_worker(case: Case, one: Person, field: str) -> None:
    """Raise ``Invalid`` unless this person can be given the matter: of the staff, and a complaint neither is about
    them nor comes from them (R-004).
    """
    stands = standing(one, case)
    if stands.shut_out or (stands.party and case.category in HIDDEN):
        raise Invalid(
            {
                field: [
                    msg(
                        N_("This matter cannot be given to %(who)s. Please choose somebody else."),
                        who=one.name,
                    )
                ]
            }
        )
    if not one.is_active or not one.is_staff:
        raise Invalid(
            {
                field: [
                    msg(N_("%(who)s does not work here any more. Please choose somebody else."), who=one.name)
                ]
            }
        )


def shut_out(case: Case) -> None:
    """Take a complaint out of the hands of those whom it is about: owner and helpers. It passes to the next superior
    not named (R-004), and what the portal told them of it is taken back.
    """
    if case.category not in HIDDEN:
        return
    about: list[Person] = list(Person.select().join(CaseAbout).where(CaseAbout.case == case.id))
    ids = {one.id for one in about}
    CaseHelper.delete().where(CaseHelper.case == case.id, CaseHelper.person.in_(ids)).execute()
    for id in ids:
        take_back(id, entries.address(case))
    free = case.owner_id in (None, *ids) and case.state in OPEN_STATES
    superior = naming.superior(case, about) if free else None
    if superior is None and case.owner_id not in ids:
        return
    before = case.state
    write(case, owner=superior, state="assigned" if superior is not None and before == "received" else before)
    entries.add(case, people.scheduler(), "step", message=msg(PASSED_UP), public=False)
    difference = {"fields": ["owner"], **({"state": [before, case.state]} if case.state != before else {})}
    history.record(people.scheduler(), "case.passed_up", case=case, difference=difference)
    roles = telling.desk_roles(case) if superior is None else ()
    telling.tell_workers(case, "passed_up", roles=roles, persons=[superior])
