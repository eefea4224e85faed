"""What a leader and a counselor see of their own pairings: who, what is due, what waits, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from content import moment
from content.liaison.duties import OBLIGATIONS, Due, due
from content.liaison.followups import open_follow_ups
from content.liaison.meetings import OWNERS, Logged, find_meeting
from content.liaison.pairings import Counselor, Leader
from content.liaison.rights import own_pairings
from content.liaison.tables import FollowUp, Meeting, Pairing
from content.people import Person

PAGE = 20  # meetings
RECENT = 4  # places offered again
# What lists show of a meeting. The notes are not even asked for.
COLUMNS = (
    Meeting.id, Meeting.pairing, Meeting.kind, Meeting.activity, Meeting.held_on, Meeting.place,
    Meeting.office_line, Meeting.state, Meeting.version,
)  # fmt: skip


@dataclass
class Standing:
    """One pairing as its two people see it: what is due and the meetings that count for it."""

    pairing: Pairing
    dues: list[Due] = field(default_factory=list)
    last: Meeting | None = None  # the latest meeting


@dataclass(frozen=True)
class Home:
    """Everything on the page of a leader or a counselor."""

    leads: list[Standing]
    led_by: list[Standing]  # the present leader of the counselor, at most one
    waiting: list[Meeting]  # for the counselor's confirmation
    follow_ups: list[FollowUp]
    recent: list[Meeting]
    today: date


def home(person: Person | None) -> Home:
    """The first page under /liaison/ for whoever leads or is led; empty lists for anybody else."""
    today = moment.today()
    pairings = pairings_of(person)
    current = [one for one in pairings if one.since <= today and (one.until is None or one.until >= today)]
    counting = _counting(current)
    standings = [_standing(one, today, counting.get(one.id, [])) for one in current]
    me = person.id if person else 0
    recent = meetings_of(person, limit=5)
    waiting = [m for m in _waiting(person) if m.pairing.counselor_id == me]
    return Home(
        leads=[one for one in standings if one.pairing.leader_id == me],
        led_by=[one for one in standings if one.pairing.counselor_id == me],
        waiting=waiting,
        follow_ups=open_follow_ups(person),
        recent=recent,
        today=today,
    )


def pairings_of(person: Person | None) -> list[Pairing]:
    """The person's own pairings with their people, the latest first."""
    rows: Any = (
        Pairing.select(Pairing, Leader, Counselor)
        .join(Leader, on=(Pairing.leader == Leader.id))
        .switch(Pairing)
        .join(Counselor, on=(Pairing.counselor == Counselor.id))
        .where(own_pairings(person))
        .order_by(Pairing.since.desc(), Pairing.id.desc())
    )
    return list(rows)


def loggable(person: Person | None) -> list[Pairing]:
    """The pairings a leader may log a meeting of: the present ones first, then those that ended."""
    today = moment.today()
    mine = [
        one for one in pairings_of(person) if person and one.leader_id == person.id and one.since <= today
    ]
    return sorted(mine, key=lambda one: one.until is not None and one.until < today)


def meetings_of(person: Person | None, *, before: int | None = None, limit: int = PAGE) -> list[Meeting]:
    """A page of the meetings of the person's own pairings, the latest first; ``before`` is the last one seen."""
    rows: Any = _own_meetings(person)
    if before is not None:
        rows = rows.where(_older_than(before))
    return list(rows.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(limit))


def recent_places(person: Person | None) -> list[str]:
    """Where the leader's last meetings were, the latest first, each once."""
    if person is None:
        return []
    rows: Any = (
        Meeting.select(Meeting.place)
        .join(Pairing)
        .where(Pairing.leader == person.id, Meeting.place != "")
        .order_by(Meeting.held_on.desc(), Meeting.id.desc())
        .limit(20)
    )
    return list(dict.fromkeys(row.place for row in rows))[:RECENT]


def _older_than(id: int) -> Any:
    last = Meeting.select(Meeting.held_on).where(Meeting.id == id).scalar(as_tuple=False)
    if last is None:
        return Meeting.id < id
    return (Meeting.held_on < last) | ((Meeting.held_on == last) & (Meeting.id < id))


def _own_meetings(person: Person | None) -> Any:
    return (
        Meeting.select(*COLUMNS, Pairing, Leader, Counselor)
        .join(Pairing)
        .join(Leader, on=(Pairing.leader == Leader.id))
        .switch(Pairing)
        .join(Counselor, on=(Pairing.counselor == Counselor.id))
        .where(own_pairings(person), Meeting.state != "withdrawn")
    )


def _waiting(person: Person | None) -> list[Meeting]:
    rows = _own_meetings(person).where(Meeting.state == "logged")
    return list(rows.order_by(Meeting.held_on, Meeting.id).limit(PAGE))


def _counting(pairings: Sequence[Pairing]) -> dict[int, list[Meeting]]:
    """The meetings of some pairings that count for what is due, in the order of time."""
    rows: Any = (
        Meeting.select(*COLUMNS)
        .where(Meeting.pairing.in_([one.id for one in pairings]), Meeting.state != "withdrawn")
        .order_by(Meeting.held_on, Meeting.id)
    )
    found: dict[int, list[Meeting]] = {}
    for row in rows:
        found.setdefault(row.pairing_id, []).append(row)
    return found


def _standing(pairing: Pairing, today: date, held: list[Meeting]) -> Standing:
    return Standing(pairing, due(pairing, today, held), held[-1] if held else None)


__all__ = [
    "OBLIGATIONS",
    "OWNERS",
    "Home",
    "Logged",
    "Standing",
    "find_meeting",
    "home",
    "loggable",
    "meetings_of",
    "pairings_of",
    "recent_places",
]
