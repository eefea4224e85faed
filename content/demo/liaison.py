"""Twelve leaders with their counselors and a year of meetings, played through the real actions at their own moments."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from content import liaison, moment, outbox, people
from content.demo import keeping
from content.demo.liaison_words import ACTIVITIES, ANSWERS, COUNSELORS, LEADERS, PLACES, PROMISES, WORDS
from content.demo.marks import instant, uid_of
from content.demo.stage import Stage
from content.liaison import Meeting, Pairing
from content.liaison.terms import add_months, last_periods
from content.people import Person
from content.settings import Settings

# Months that the pairs exist, in their order; the last ones began anew.
MONTHS = (14, 14, 34, 26, 14, 38, 14, 20, 26, 14, 7, 2)
SILENT = {3: 1, 7: 2}  # pair → quarters, to the present one, without a talk
IDLE = 5  # the pair that let the last full term pass without work guidance
LATE = 9  # the pair whose career guidance came too late
READ_UNTIL = 5  # days: older messages have been read
BEGIN = 60  # days before the first pairing on which the people get their accounts
Act = tuple[datetime, int, Callable[[], object]]


@dataclass(frozen=True)
class Plan:
    """A meeting that takes place: of which pair, when, and which of the words it is about."""

    pair: int
    kind: str
    on: date
    turn: int

    @property
    def key(self) -> str:
        return uid_of(f"meeting-{self.pair}-{self.kind}-{self.turn}")


def play(stage: Stage, today: date, zone: str) -> None:
    """Make the people, pair them, let them meet. Everything lies before ``today``; the same day gives the same."""
    first = add_months(today, -max(MONTHS)) - timedelta(days=BEGIN)
    with moment.at(instant(first, "09:00", zone)):
        made = _people(stage)
        leaders = [stage.people["leader"], *made[: len(LEADERS)]]
        counselors = [stage.people["counselor"], *made[len(LEADERS) :]]
        keeping.remember(made, today)
    company = _Company(stage.people["office"], leaders, counselors, today, zone, {})
    for at, _, act in sorted(company.acts(), key=lambda one: one[:2]):
        with moment.at(at):
            act()


def _people(stage: Stage) -> list[Person]:
    """The others, with accounts that nobody can sign in with."""
    department = stage.people["leader"].department
    found = []
    for role, figures in (("leader", LEADERS), ("counselor", COUNSELORS)):
        for number, (name, form, job) in enumerate(figures, start=2):
            person = people.add_person(
                f"{role}-{number:02}", name, address_form=form, job=job, department=department
            )
            people.give_role(person, role)
            found.append(person)
    return found


@dataclass(frozen=True)
class _Company:
    """The pairs and what they do."""

    office: Person
    leaders: list[Person]
    counselors: list[Person]
    today: date
    zone: str
    pairings: dict[int, Pairing]

    def acts(self) -> Iterator[Act]:
        """Everything that happens, each with its moment."""
        number = 0
        for pair, months in enumerate(MONTHS):
            since = add_months(self.today, -months)
            yield instant(since, "08:30", self.zone), number, partial(self._pair, pair, since)
            for plan in self._plans(pair, since):
                number += 1
                yield self._moment(plan, plan.on, "17:10"), number, partial(self._log, plan)
                if self._is_confirmed(plan):
                    day = plan.on + timedelta(days=1 + _dice(plan.key) % 2)
                    yield self._moment(plan, day, "12:05"), number, partial(self._confirm, plan)
                if _dice(plan.key) % 3 == 0 or not self._is_confirmed(plan):
                    yield self._moment(plan, plan.on, "18:30"), number, partial(self._promise, plan)
        read_at = self.today - timedelta(days=READ_UNTIL)
        yield instant(read_at, "19:00", self.zone), number + 1, self._read_messages

    def _plans(self, pair: int, since: date) -> Iterator[Plan]:
        """When the two meet, all before the demo's day and within the pairing."""
        quarters = last_periods("quarter", self.today, 5)
        terms = last_periods("term", self.today, 3)
        found: list[Plan] = []
        for turn, period in enumerate(quarters if pair else quarters[:-1]):
            if turn < len(quarters) - SILENT.get(pair, 0):
                found.append(Plan(pair, "talk", self._day(f"{pair}-talk", period.start, 55), turn))
        if not pair:  # of the account that is signed in with: a talk that waits for its confirmation
            found.append(Plan(pair, "talk", self.today - timedelta(days=3), len(quarters)))
        for turn, period in enumerate(terms):
            if period.end < since:
                continue
            if not (pair == IDLE and turn == len(terms) - 2) and (pair or turn < len(terms) - 1):
                found.append(
                    Plan(pair, "work", self._day(f"{pair}-work", max(period.start, since), 40), turn)
                )
        career = 200 if pair == LATE else 40 + 9 * pair
        found.append(Plan(pair, "career", since + timedelta(days=career), pair))
        if pair % 2 == 0:
            found.append(Plan(pair, "growth", since + timedelta(days=120 + 5 * pair), pair))
        return (plan for plan in found if since < plan.on < self.today)

    def _day(self, key: str, start: date, days: int) -> date:
        """A working day within the first weeks of a period, another one for each pair."""
        day = start + timedelta(days=6 + _dice(f"{key}-{start}") % days)
        return day - timedelta(days=max(0, day.weekday() - 4))

    def _moment(self, plan: Plan, day: date, clock: str) -> datetime:
        last = self.today - timedelta(days=1)
        return instant(min(day, last), clock, self.zone) + timedelta(minutes=_dice(plan.key) % 30)

    def _is_confirmed(self, plan: Plan) -> bool:
        """All but what is a few days old."""
        return plan.on < self.today - timedelta(days=4)

    def _pair(self, pair: int, since: date) -> None:
        leader, counselor = self.leaders[pair], self.counselors[pair]
        self.pairings[pair] = liaison.pair(Settings(), self.office, leader.id, counselor.id, since)

    def _log(self, plan: Plan) -> None:
        words = WORDS[plan.kind]
        turn = (plan.turn + plan.pair) % len(words)
        note, line = words[turn]
        values = {
            "pairing": str(self.pairings[plan.pair].id),
            "kind": plan.kind,
            "activity": ACTIVITIES[turn] if plan.kind == "work" else "",
            "held_on": plan.on.isoformat(),
            "place": PLACES[(plan.turn + plan.pair) % len(PLACES)],
            "private_note": note,
            "office_line": line,
        }
        liaison.log_meeting(self.leaders[plan.pair], values, key=plan.key)

    def _confirm(self, plan: Plan) -> None:
        meeting = Meeting.get(Meeting.form_key == plan.key)
        words = ANSWERS[_dice(plan.key) % len(ANSWERS)]
        liaison.confirm_meeting(self.counselors[plan.pair], meeting.id, words, version=meeting.version)

    def _promise(self, plan: Plan) -> None:
        meeting = Meeting.get(Meeting.form_key == plan.key)
        owner, what = PROMISES[_dice(plan.key) % len(PROMISES)]
        person = self.leaders[plan.pair] if owner == "leader" else self.counselors[plan.pair]
        due = plan.on + timedelta(days=14)
        made = liaison.add_follow_up(
            person, meeting.id, {"follow_what": what, "follow_owner": owner, "follow_due": due.isoformat()}
        )
        if due < self.today - timedelta(days=3):
            liaison.set_done(person, made.id, True)

    def _read_messages(self) -> None:
        for person in (*self.leaders, *self.counselors):
            outbox.mark_read(person, "all")


def _dice(key: str) -> int:
    """A number that is the same for the same key."""
    return zlib.crc32(key.encode())
