"""What a pair owes, as data (R-132–136), and what of it is due on a day. Nothing here reads the database or the time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Protocol

from content.errors import N_, Message, msg
from content.liaison.terms import Period, add_months, before, period_of

SOON = timedelta(days=14)  # a duty is told apart when its last day is this near
RESHUFFLE = 36  # months after which pairs are mixed anew
RESHUFFLE_SOON = 3  # months before that in which the office sees it coming


@dataclass(frozen=True)
class MeetingKind:
    """A kind of meeting, with the rule that asks for it."""

    name: str
    label: str
    letter: str  # in the coverage matrix, beside the shape
    rule: str
    active: bool = False  # by taking part in something: one of ACTIVITIES belongs to it


KINDS: dict[str, MeetingKind] = {
    kind.name: kind
    for kind in (
        MeetingKind("talk", N_("Talk"), N_("T"), "R-132"),
        MeetingKind("work", N_("Work guidance"), N_("W"), "R-134", active=True),
        MeetingKind("career", N_("Career guidance"), N_("C"), "R-133"),
        MeetingKind("growth", N_("Growth help"), N_("G"), "R-135"),
    )
}

# What a leader takes part in, in the order of the rule.
ACTIVITIES: dict[str, str] = {
    "class": N_("Class meeting"),
    "talks": N_("Talk with students"),
    "party": N_("Party membership"),
    "study": N_("Study guidance"),
    "assessment": N_("Comprehensive assessment"),
    "awards": N_("Awards"),
    "aid": N_("Aid for students"),
    "mind": N_("Psychology"),
    "culture": N_("Culture and sport"),
    "jobs": N_("Employment"),
    "practice": N_("Social practice"),
}


@dataclass(frozen=True)
class Obligation:
    """How often a pair owes a kind of meeting: in every quarter or term, or within months of its begin."""

    name: str
    label: str
    kind: str
    rule: str
    unit: Literal["quarter", "term", "begin"]
    count: int = 1
    months: int = 0  # of unit "begin"
    least: int = 0  # days of a quarter or term that a pair must have stood in it to owe anything there


OBLIGATIONS: tuple[Obligation, ...] = (
    Obligation("talk", N_("Talk this quarter"), "talk", "R-132", "quarter", least=30),
    Obligation("work", N_("Work guidance this term"), "work", "R-134", "term", least=30),
    Obligation("career", N_("Career guidance in the first half-year"), "career", "R-133", "begin", months=6),
    Obligation("growth", N_("Growth help in three years"), "growth", "R-135", "begin", months=36),
)


class Pair(Protocol):
    """What of a pairing the rules need."""

    since: date
    until: date | None


class Held(Protocol):
    """What of a meeting the rules need; withdrawn ones are not given."""

    kind: str
    held_on: date
    state: str


Standing = Literal["done", "waiting", "due", "soon", "late"]


@dataclass(frozen=True)
class Due:
    """How a pair stands with one obligation in one period."""

    obligation: Obligation
    period: Period
    done: int  # meetings held in the period, or late but held
    confirmed: int  # of them those that the counselor confirmed
    by: date  # the last day
    in_time: bool  # enough of them on or before that day
    today: date

    @property
    def met(self) -> bool:
        """Whether enough meetings were held, in time or late."""
        return self.done >= self.obligation.count

    @property
    def standing(self) -> Standing:
        """In one word: done, waiting (for the counselor), due, soon, late."""
        if self.met:
            return "done" if self.confirmed >= self.obligation.count else "waiting"
        if self.today > self.by:
            return "late"
        return "soon" if self.by - self.today <= SOON else "due"


def due(pairing: Pair, today: date, held: Sequence[Held] = ()) -> list[Due]:
    """What the pair owes on a day and what is done of it; nothing once it has ended or before it begins.

    A quarter or term is not owed if the pair ends before its last day, for then whoever comes next owes it, nor
    if the pair began so late that fewer than ``least`` days of it were left (R-132, R-134).
    """
    if today < pairing.since or (pairing.until is not None and today > pairing.until):
        return []
    found = (owed(one, pairing, _period(one, pairing, today), today, held) for one in OBLIGATIONS)
    return [one for one in found if one is not None]


def owed(one: Obligation, pairing: Pair, period: Period, today: date, held: Iterable[Held]) -> Due | None:
    """How the pair stands with an obligation in one period; ``None`` where it owes nothing there."""
    if period.end < pairing.since or period.start > today:
        return None
    if pairing.until is not None and pairing.until < period.end:
        return None
    start = max(period.start, pairing.since)
    if one.unit != "begin" and (period.end - start).days + 1 < one.least:
        return None
    # What belongs to the begin of a pair is better done late than never; a past quarter cannot be made up.
    last = today if one.unit == "begin" else period.end
    mine = [m for m in held if m.kind == one.kind and start <= m.held_on <= max(last, period.end)]
    confirmed = sum(m.state == "confirmed" for m in mine)
    in_time = sum(m.held_on <= period.end for m in mine) >= one.count
    return Due(one, period, len(mine), confirmed, period.end, in_time, today)


def _period(one: Obligation, pairing: Pair, today: date) -> Period:
    if one.unit != "begin":
        return period_of(one.unit, today)
    end = add_months(pairing.since, one.months)
    return Period(f"begin-{one.months}", "begin", pairing.since, end, msg(one.label))


def begin_period(one: Obligation, pairing: Pair) -> Period:
    """The months after the begin of a pair in which an obligation of unit "begin" is owed."""
    return _period(one, pairing, pairing.since)


def obligation(name: str) -> Obligation:
    """The obligation with this name."""
    return next(one for one in OBLIGATIONS if one.name == name)


def missed_before(pairing: Pair, today: date, held: Sequence[Held]) -> bool:
    """Whether the quarter before today's passed without the talk that the pair owed (R-132)."""
    last = owed(obligation("talk"), pairing, before(period_of("quarter", today)), today, held)
    return last is not None and not last.met


def months_together(pairing: Pair, today: date) -> int:
    """Whole months that a pair exists, to today or to its end."""
    last = min(today, pairing.until) if pairing.until is not None else today
    months = (last.year - pairing.since.year) * 12 + last.month - pairing.since.month
    return max(0, months if add_months(pairing.since, months) <= last else months - 1)


def together(pairing: Pair, today: date) -> Message:
    """How long a pair exists, in words: 2 years 3 months."""
    years, months = divmod(months_together(pairing, today), 12)
    if not years:
        return msg(N_("%(months)s months"), months=months) if months else msg(N_("less than a month"))
    if not months:
        return msg(N_("%(years)s years"), years=years)
    return msg(N_("%(years)s years %(months)s months"), years=years, months=months)


def reshuffle_on(pairing: Pair) -> date:
    """The day from which the pair is to be mixed anew (R-136)."""
    return add_months(pairing.since, RESHUFFLE)


def reshuffle_standing(pairing: Pair, today: date) -> Literal["", "soon", "late"]:
    """Whether an open pair is near its three years, or past them (R-136)."""
    if pairing.until is not None:
        return ""
    last = reshuffle_on(pairing)
    if today >= last:
        return "late"
    return "soon" if today >= add_months(pairing.since, RESHUFFLE - RESHUFFLE_SOON) else ""
