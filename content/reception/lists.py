"""The lists of matters. Each is merged from arms that an index serves in the order of the list, so that it takes the
same time with a thousand matters and with a hundred thousand; pages go by "older than".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import reduce
from itertools import product
from operator import or_
from typing import Any

from peewee import SQL, NodeList, fn

from content import chinese, estate, history, telephones
from content.cases import OPEN_STATES, Case, CaseAbout, CaseHelper, CaseParty
from content.db import database, transaction
from content.errors import NotFound
from content.households import Household
from content.people import Person
from content.reception.access import EVERY_DESK, ONE_DESK, TOLD, desks_of, shut_out, visible_cases
from content.reception.categories import DESKS
from content.reception.rows import Page, Row, load
from content.workflows import MATTER

PAGE = 30
MOST = 999  # counts say no more than that
# Of a search by words or community no more than this many matters are looked through at once; ``Page.older`` goes on.
LOOKED_THROUGH = 2000
# Of what waits for somebody the oldest ones are sorted by promise.
WAITING = 200
EXPORTED = 500  # rows loaded at once

# What a list shows → the states it holds.
SHOWS: dict[str, tuple[str, ...]] = {
    "open": OPEN_STATES,
    "new": ("received",),
    "mine": OPEN_STATES,
    "answered": ("answered",),
    "closed": ("closed", "merged"),
    "all": tuple(state.name for state in MATTER.states),
}
COUNTED = ("open", "new", "mine", "answered")
_NUMBER = re.compile(r"\d{8}-\d{1,10}")


def desk_page(
    person: Person | None,
    desk: str,
    *,
    show: str = "open",
    q: str = "",
    category: str = "",
    community: int = 0,
    before: int | None = None,
) -> Page:
    """A part of a desk's list, newest first. ``q`` is a number, a telephone, a home, or words that must all occur.

    Raises ``NotFound`` for an unknown desk and where the person has no list of it.
    """
    ids, older = _ids(person, desk, show, q, category, community, before, PAGE)
    return Page(load(person, ids), older)


def export_rows(
    person: Person | None,
    desk: str,
    *,
    show: str = "open",
    q: str = "",
    category: str = "",
    community: int = 0,
) -> Iterator[Mapping[str, Any]]:
    """All rows of ``desk_page`` with the same filters, as mappings; loaded some hundreds at a time."""
    before: int | None = None
    while True:
        ids, before = _ids(person, desk, show, q, category, community, before, EXPORTED)
        yield from (asdict(row) for row in load(person, ids))
        if before is None:
            return


def note_export(person: Person, desk: str) -> None:
    """Write down that somebody took a desk's list away; what a file holds is out of our hands."""
    with transaction():
        history.record(person, "desk.exported", subject=desk)


def desk_counts(person: Person | None) -> dict[str, dict[str, int]]:
    """Desk → what a list shows → how many (at most 999), for the desks of which the person has a list; one query."""
    desks = desks_of(person)
    if person is None or not desks:
        return {}
    asked = list(product([desk.name for desk in desks], COUNTED))
    columns = []
    for desk, show in asked:
        some = _merged(_arms(person, desk, show, "")).limit(MOST)
        columns.append(some.select_from(fn.COUNT(SQL("*"))))
    query = Case.select(*[column.alias(f"n{n}") for n, column in enumerate(columns)])
    numbers = next(iter(database.execute(query.from_(SQL("(SELECT 1)")))))
    found: dict[str, dict[str, int]] = {desk.name: {} for desk in desks}
    for (desk, show), number in zip(asked, numbers, strict=True):
        found[desk][show] = number
    return found


def my_matters(person: Person | None, *, before: int | None = None) -> Page:
    """The matters of which the person is a party, newest first."""
    if person is None or not person.is_active:
        return Page([])
    rows = CaseParty.select(CaseParty.case).where(CaseParty.person == person.id)
    if before:
        rows = rows.where(CaseParty.case < before)
    ids = _plain(rows.order_by(CaseParty.case.desc()).limit(PAGE + 1))
    return Page(load(person, ids[:PAGE], party=True), ids[PAGE - 1] if len(ids) > PAGE else None)


def waiting_for(person: Person | None, limit: int = 10) -> list[Row]:
    """What waits for the person: open matters they own or help with, and, at the counter, new ones.

    Urgent ones first, then by promised time, then the longest waiting.
    """
    if person is None or not person.is_active or not person.is_staff:
        return []
    open_ = Case.state.in_(_literals(OPEN_STATES))
    seen = ~shut_out(person)
    arms = [
        Case.select(*_URGENCY).where(Case.owner == person.id, open_, seen),
        _helped(person, *_URGENCY).where(open_, seen),
    ]
    if any(grant.role == "receptionist" for grant in person.grants):
        for desk in desks_of(person):
            new = (Case.desk == desk.name) & (Case.state == "received") & visible_cases(person)
            arms.append(Case.select(*_URGENCY).where(new))
    # One question to the database; each arm is read from its own index. Times sort as they are stored.
    oldest = [arm.order_by(SQL("1")).limit(WAITING).select_from(SQL("*")) for arm in arms]
    found = {row[0]: row for row in reduce(lambda one, other: one.union_all(other), oldest).tuples()}
    first = sorted(found.values(), key=lambda row: (not row[1], row[2] is None, row[2] or row[3], row[0]))
    return load(person, [row[0] for row in first[:limit]])


_URGENCY = (Case.id, Case.urgent, Case.promised_at, Case.opened_at)


def received_by(person: Person | None, limit: int = PAGE) -> list[Row]:
    """The matters that the person was the first to receive and therefore answers for (R-040), newest first."""
    if person is None or not person.is_active or not person.is_staff:
        return []
    rows = Case.select(Case.id).where(Case.first_receiver == person.id, ~shut_out(person))
    return load(person, _plain(rows.order_by(Case.id.desc()).limit(limit)))


def household_matters(person: Person | None, household: Household, limit: int = 10) -> list[Row]:
    """Earlier matters of a home that the person sees by working on them, newest first."""
    rows = Case.select(Case.id).where(Case.household == household.id, visible_cases(person))
    return load(person, _plain(rows.order_by(Case.id.desc()).limit(limit)))


# ---- arms


def _plain(query: Any) -> list[int]:
    return [row[0] for row in query.tuples()]


def _ids(
    person: Person | None,
    desk: str,
    show: str,
    q: str,
    category: str,
    community: int,
    before: int | None,
    limit: int,
) -> tuple[list[int], int | None]:
    """The ids of one part of a desk's list and where the next one begins."""
    if person is None or desk not in DESKS or DESKS[desk] not in desks_of(person):
        raise NotFound()
    exact = _exact(q)
    arms = _arms(person, desk, show if show in SHOWS else "open", category, exact)
    if before:
        arms = [arm.where(Case.id < before) for arm in arms]
    wanted = _wanted("" if exact is not None else q, community)
    if wanted is None:
        ids = _plain(_merged(arms).limit(limit + 1))
        return ids[:limit], ids[limit - 1] if len(ids) > limit else None
    window = _merged(arms).limit(LOOKED_THROUGH)
    looked = window.select_from(fn.MIN(SQL("id")), fn.COUNT(SQL("*"))).tuples()[0]
    rows = Case.select(Case.id).where(Case.id.in_(window.select_from(SQL("id"))), wanted)
    ids = _plain(rows.order_by(Case.id.desc()).limit(limit + 1))
    if len(ids) > limit:
        return ids[:limit], ids[limit - 1]
    return ids, looked[0] if looked[1] == LOOKED_THROUGH else None


def _literals(states: tuple[str, ...]) -> list[SQL]:
    """As the partial indexes have them: of a bound value SQLite cannot know that it fits the index."""
    return [SQL(f"'{state}'") for state in states]


def _helped(person: Person, *columns: Any) -> Any:
    """From the helpers to their matters, in this order: there are far fewer of them."""
    first, *others = columns or (Case.id,)
    return (
        CaseHelper.select(CaseHelper.case.alias(first.name), *others)
        .join(Case, on=(CaseHelper.case == Case.id))
        .where(CaseHelper.person == person.id)
    )


def _arms(person: Person, desk: str, show: str, category: str, exact: Any = None) -> list[Any]:
    """Queries for ids whose union is the list; whatever they find, the person sees."""
    states = SHOWS[show]
    here = (_unindexed(Case.desk) == desk) & visible_cases(person)
    if category:
        here &= _unindexed(Case.category) == category
    if exact is not None:
        return [Case.select(Case.id).where(exact, Case.state.in_(states), here, *_own(person, show))]
    if show != "mine" and _sees_desk(person, desk):
        if category:
            served = [(Case.category == category) & (Case.state == state) for state in states]
        elif show == "all":
            served = [Case.desk == desk]
        else:
            served = _in_states(Case.desk == desk, states)
        return [Case.select(Case.id).where(one, here) for one in served]
    served = _in_states(Case.owner == person.id, states)
    among = Case.state.in_(states)
    arms = [_helped(person).where(among, here)]
    if show != "mine":
        for department in _departments(person):
            served += _in_states(Case.department == department, states)
        served.append((Case.first_receiver == person.id) & among)
        told = CaseAbout.select(CaseAbout.case.alias("id")).join(Case, on=(CaseAbout.case == Case.id))
        arms.append(told.where(CaseAbout.person == person.id, Case.category.in_(TOLD), among, here))
    return [*arms, *(Case.select(Case.id).where(one, here) for one in served)]


def _unindexed(column: Any) -> Any:
    """A column by which only to filter: SQLite, which counts no rows, would as soon take its index as the arm's own."""
    return NodeList((SQL("+"), column))


def _in_states(whose: Any, states: tuple[str, ...]) -> list[Any]:
    """One condition for the index of what is open, else one for each state."""
    if states == OPEN_STATES:
        return [whose & Case.state.in_(_literals(OPEN_STATES))]
    return [whose & (Case.state == state) for state in states]


def _own(person: Person, show: str) -> list[Any]:
    if show != "mine":
        return []
    helped = CaseHelper.select(CaseHelper.case).where(CaseHelper.person == person.id)
    return [(Case.owner == person.id) | Case.id.in_(helped)]


def _sees_desk(person: Person, desk: str) -> bool:
    """Whether a role of the person reaches most of a desk, so that going through the desk finds it."""
    grants = [grant for grant in person.grants if not grant.section_path and not grant.department]
    return any(grant.role in EVERY_DESK or ONE_DESK.get(grant.role) == desk for grant in grants)


def _departments(person: Person) -> list[int]:
    scopes = {grant.department for grant in person.grants} | {person.department_id}
    return sorted(scope for scope in scopes if scope)


def _merged(arms: list[Any]) -> Any:
    """The arms as one query for ids, newest first. SQLite merges them while it reads, each from its index."""
    query = reduce(or_, arms)
    return query.order_by(SQL("1 DESC"))


def _exact(q: str) -> Any:
    """A number, a telephone or a home that is looked up instead of searched for."""
    q = chinese.fold(q).strip()
    if _NUMBER.fullmatch(q):
        return Case.number == q
    if not any(char.isdigit() for char in q):
        return None
    telephone = telephones.read(q)
    if telephone:
        return Case.caller_telephone == telephone
    home = estate.find_household(q)
    return Case.household == home.id if home is not None else None


def _wanted(q: str, community: int) -> Any:
    """The conditions that no index serves."""
    wanted = [fn.INSTR(Case.words, part) > 0 for part in chinese.fold(q).split()[:10]]
    if community:
        wanted.append(Case.community == community)
    return reduce(lambda a, b: a & b, wanted) if wanted else None
