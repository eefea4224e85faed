"""What the office sees: who keeps in touch with whom and how often. Never a note; dates, kinds and the office line only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from content import moment, people
from content.liaison.duties import KINDS, OBLIGATIONS, Due, Obligation, begin_period, missed_before, owed
from content.liaison.pairings import Counselor, Leader, joined
from content.liaison.reading import COLUMNS, PAGE, _older_than
from content.liaison.rights import require_office
from content.liaison.tables import Meeting, Pairing
from content.liaison.terms import Period, last_periods, period_of
from content.people import Person

Unit = Literal["quarter", "term"]
By = Literal["leader", "counselor"]
SHOWN = {"quarter": 5, "term": 3}  # periods side by side
MEASURED = {one.unit: one for one in OBLIGATIONS if one.unit != "begin"}
FROM_BEGIN = tuple(one for one in OBLIGATIONS if one.unit == "begin")
MARKS = {"done": "✓", "waiting": "◔", "due": "◷", "soon": "◷", "late": "▲", "none": "–", "ahead": "·"}


@dataclass(frozen=True)
class Cell:
    """One square of the matrix: a standing (its shape) and how many meetings of each kind (its letters)."""

    standing: str  # done, waiting, due, soon, late; none: nothing is owed there
    held: tuple[tuple[str, int], ...] = ()  # kind, how many

    @property
    def mark(self) -> str:
        return MARKS[self.standing]


@dataclass
class Row:
    """A person's line: present and past partners, a square per period, and what is owed from the begin."""

    person: Person
    pairings: list[Pairing]  # the latest first
    cells: list[Cell] = field(default_factory=list)
    begins: list[Cell] = field(default_factory=list)  # as FROM_BEGIN, of the present pairing
    silent: bool = False  # no talk in the present quarter yet
    missed: bool = False  # none in the quarter before either way

    @property
    def current(self) -> list[Pairing]:
        """Those that stand today: one of a counselor, of a leader as many as the site allows (R-131)."""
        today = moment.today()
        return [one for one in self.pairings if _is_current(one, today)]


@dataclass(frozen=True)
class Matrix:
    """The coverage matrix (R-131–135)."""

    by: By
    unit: Unit
    periods: list[Period]
    measured: Obligation
    rows: list[Row]
    unpaired: list[Person]  # counselors (or leaders) without a partner today
    covered: int  # counselors with a leader today
    counselors: int
    silent: int  # pairs of today without a talk in the present quarter
    pairs: int


def coverage(
    person: Person | None, *, by: By = "leader", unit: Unit = "quarter", until: Period | None = None
) -> Matrix:
    """The matrix for the office: people down, periods across, ending with ``until`` or with today's."""
    require_office(person)
    today = moment.today()
    periods = last_periods(unit, until.start if until else today, SHOWN[unit])
    pairings = list(joined().order_by(Pairing.since.desc(), Pairing.id.desc()))  # type: ignore[attr-defined]
    held = _held(periods[0].start)
    rows = _rows(pairings, by)
    measured = MEASURED[unit]
    for row in rows:
        row.cells = [_cell(row.pairings, measured, period, today, held) for period in periods]
        row.begins = _begins(row.current, today, held)
        silences = [_silence(one, today, held) for one in row.current]
        row.silent, row.missed = any(s for s, _ in silences), any(m for _, m in silences)
    current = [one for one in pairings if _is_current(one, today)]
    paired = {one.counselor_id for one in current}
    leading = {one.leader_id for one in current}
    counselors, leaders = people.holders("counselor"), people.holders("leader")
    without = [p for p in counselors if p.id not in paired] if by == "counselor" else []
    without = [p for p in leaders if p.id not in leading] if by == "leader" else without
    shown = [row for row in rows if row.current or any(cell.standing != "none" for cell in row.cells)]
    return Matrix(
        by, unit, periods, measured, shown, sorted(without, key=lambda p: p.id),
        covered=sum(p.id in paired for p in counselors), counselors=len(counselors),
        silent=sum(_silence(one, today, held)[0] for one in current), pairs=len(current),
    )  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """What a list of meetings is narrowed to; 0, "" and ``None`` are everything."""

    leader: int = 0
    counselor: int = 0
    kind: str = ""
    period: Period | None = None
    waiting: bool = False


def office_meetings(
    person: Person | None,
    filters: Filters = Filters(),
    *,
    before: int | None = None,
    limit: int = PAGE,
) -> list[Meeting]:
    """A page of meetings for the office, the latest first, without their notes."""
    require_office(person)
    rows: Any = (
        Meeting.select(*COLUMNS, Pairing, Leader, Counselor)
        .join(Pairing)
        .join(Leader, on=(Pairing.leader == Leader.id))
        .switch(Pairing)
        .join(Counselor, on=(Pairing.counselor == Counselor.id))
        .where(Meeting.state != "withdrawn")
    )
    if filters.leader:
        rows = rows.where(Pairing.leader == filters.leader)
    if filters.counselor:
        rows = rows.where(Pairing.counselor == filters.counselor)
    if filters.kind in KINDS:
        rows = rows.where(Meeting.kind == filters.kind)
    if filters.period is not None:
        rows = rows.where(Meeting.held_on.between(filters.period.start, filters.period.end))
    if filters.waiting:
        rows = rows.where(Meeting.state == "logged")
    if before is not None:
        rows = rows.where(_older_than(before))
    return list(rows.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(limit))


def office_pairings(person: Person | None) -> tuple[list[Pairing], list[Pairing]]:
    """Pairings that stand or are to come, and those that ended, the latest first."""
    require_office(person)
    today = moment.today()
    rows = list(joined().order_by(Pairing.since.desc(), Pairing.id.desc()))  # type: ignore[attr-defined]
    past = [one for one in rows if one.until is not None and one.until < today]
    ended = {one.id for one in past}
    return [one for one in rows if one.id not in ended], past


def candidates(person: Person | None) -> tuple[list[tuple[Person, int]], list[tuple[Person, str]]]:
    """Leaders with how many counselors they have today, and counselors with the name of their present leader."""
    require_office(person)
    standing, _ = office_pairings(person)
    counts: dict[int, int] = {}
    taken: dict[int, str] = {}
    for one in standing:
        counts[one.leader_id] = counts.get(one.leader_id, 0) + 1
        taken[one.counselor_id] = one.leader.name
    leaders = [(p, counts.get(p.id, 0)) for p in people.holders("leader")]
    counselors = [(p, taken.get(p.id, "")) for p in people.holders("counselor")]
    return sorted(leaders, key=lambda pair: (pair[1], pair[0].id)), sorted(
        counselors, key=lambda pair: (bool(pair[1]), pair[0].id)
    )


def pairing_summary(
    person: Person | None, pairing: Pairing
) -> tuple[int, date | None, list[Cell], list[Meeting]]:
    """Of one pairing: how many meetings, the last day, what is owed today, and the latest meetings (no notes)."""
    require_office(person)
    today = moment.today()
    rows: Any = (
        Meeting.select(*COLUMNS)
        .where(Meeting.pairing == pairing.id, Meeting.state != "withdrawn")
        .order_by(Meeting.held_on.desc(), Meeting.id.desc())
    )
    held = list(rows)
    cells = [
        _as_cell(owed(one, pairing, _now_period(one, pairing, today), today, held), ()) for one in OBLIGATIONS
    ]
    return len(held), held[0].held_on if held else None, cells, held[:PAGE]


def last_lines(person: Person | None) -> dict[int, tuple[str, date]]:
    """The latest office line of each pairing, with its day; for the overview (R-141)."""
    require_office(person)
    rows: Any = (
        Meeting.select(Meeting.pairing, Meeting.office_line, Meeting.held_on)
        .where(Meeting.state != "withdrawn", Meeting.office_line != "")
        .order_by(Meeting.held_on, Meeting.id)
    )
    return {row.pairing_id: (row.office_line, row.held_on) for row in rows}


def _now_period(one: Obligation, pairing: Pairing, today: date) -> Period:
    return begin_period(one, pairing) if one.unit == "begin" else period_of(one.unit, today)


def _held(start: date) -> dict[int, list[Meeting]]:
    """Meetings since a day, and all of those kinds that are owed from the begin of a pair."""
    kinds = [one.kind for one in FROM_BEGIN]
    rows: Any = Meeting.select(Meeting.pairing, Meeting.kind, Meeting.held_on, Meeting.state).where(
        Meeting.state != "withdrawn",
        (Meeting.held_on >= min(start, _quarter_before())) | Meeting.kind.in_(kinds),
    )
    found: dict[int, list[Meeting]] = {}
    for row in rows:
        found.setdefault(row.pairing_id, []).append(row)
    return found


def _quarter_before() -> date:
    return last_periods("quarter", moment.today(), 2)[0].start


def _rows(pairings: Iterable[Pairing], by: By) -> list[Row]:
    found: dict[int, Row] = {}
    for one in pairings:
        person = one.leader if by == "leader" else one.counselor
        found.setdefault(person.id, Row(person, [])).pairings.append(one)
    return sorted(found.values(), key=lambda row: row.person.id)


def _cell(
    pairings: Sequence[Pairing],
    measured: Obligation,
    period: Period,
    today: date,
    held: dict[int, list[Meeting]],
) -> Cell:
    """The square of a person in a period: the worst standing of their pairings there, and all that was held."""
    dues: list[Due] = []
    counts: dict[str, int] = {}
    for one in pairings:
        mine = held.get(one.id, [])
        found = owed(measured, one, period, today, mine)
        dues += [found] if found else []
        for meeting in mine:
            if period.holds(meeting.held_on):
                counts[meeting.kind] = counts.get(meeting.kind, 0) + 1
    letters = tuple((kind, counts[kind]) for kind in KINDS if kind in counts)
    return _as_cell(min(dues, key=_worst, default=None), letters)


def _worst(one: Due) -> int:
    return ("late", "soon", "due", "waiting", "done").index(one.standing)


def _as_cell(found: Due | None, letters: tuple[tuple[str, int], ...]) -> Cell:
    if found is None:
        return Cell("none", letters)
    return Cell(found.standing, letters)


def _begins(pairings: list[Pairing], today: date, held: dict[int, list[Meeting]]) -> list[Cell]:
    found = []
    for one in FROM_BEGIN:
        dues = (owed(one, p, begin_period(one, p), today, held.get(p.id, [])) for p in pairings)
        found.append(_as_cell(min((d for d in dues if d), key=_worst, default=None), ()))
    return found


def _silence(pairing: Pairing, today: date, held: dict[int, list[Meeting]]) -> tuple[bool, bool]:
    mine = held.get(pairing.id, [])
    talk = owed(MEASURED["quarter"], pairing, period_of("quarter", today), today, mine)
    return talk is not None and not talk.met, missed_before(pairing, today, mine)


def _is_current(one: Pairing, today: date) -> bool:
    return one.since <= today and (one.until is None or one.until >= today)
