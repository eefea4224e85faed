"""What whoever keeps the portal sees first: what waits, what is wrong, what comes. Counts, and nobody's words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from peewee import SQL, Select, fn

from content import moment, posting, pulse
from content.backoffice.jobs import OPEN_STATES as OPEN_EXPORTS
from content.backoffice.jobs import ExportJob
from content.cases import OPEN_STATES, Case
from content.files import StoredFile
from content.history import WorkingCopy
from content.items import KINDS, Item
from content.last_backup import Note, last_backup
from content.outbox import Outgoing
from content.people import Person
from content.permissions import require, workable
from content.reception import access
from content.search.misses import most_missed
from content.settings import Settings
from content.workflows import WORKFLOWS

PERMISSION = "admin:enter"
DAYS = 14  # of the publishing calendar
ENTRIES = 60  # of it
MISSED_DAYS = 30
QUIET = timedelta(seconds=90)  # a page that is looked at again every 20 s says it within two minutes
LITTLE_ROOM = 1024**3  # bytes free on the disk
NEARLY_FULL = 90  # per cent of the quota
OLD_BACKUP = timedelta(days=7)
LATE = timedelta(minutes=15)  # since when something in the outbox is due


@dataclass(frozen=True)
class Queues:
    """What waits to be done by the worker; ``oldest`` is since when the first mail is due."""

    mail: int
    failed: int
    index: int
    exports: int
    oldest: datetime | None

    @property
    def late(self) -> bool:
        """Whether a mail has waited longer than a working outbox makes it wait."""
        return self.oldest is not None and moment.now() - self.oldest > LATE


@dataclass(frozen=True)
class Step:
    """A step of approval, and how many items wait at it. ``label`` and ``kinds`` are source strings."""

    label: str
    kinds: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class Matters:
    """Today's matters: what came in, what was answered, and promises whose time is over.

    Without complaints about whoever looks. ``readable``: they have a desk at which to read more.
    """

    received: int
    answered: int
    overdue: int
    open: int
    readable: bool


@dataclass(frozen=True)
class Dated:
    """Something that is published ("publish"), changed ("change") or withdrawn ("expire") at a moment."""

    what: str
    at: datetime
    item: int
    kind: str
    title: str
    script: str


@dataclass(frozen=True)
class Storage:
    """Sizes in bytes; ``quota`` is 0 without one, ``free`` is what the disk has left."""

    database: int
    files: int
    count: int
    index: int
    free: int
    disk: int
    quota: int

    @property
    def used(self) -> int:
        """Hundredths of the quota, or 0 without one."""
        return min(100, self.database * 100 // self.quota) if self.quota else 0

    @property
    def little(self) -> bool:
        """Whether somebody should make room."""
        return self.free < LITTLE_ROOM or self.used >= NEARLY_FULL


@dataclass(frozen=True)
class Dashboard:
    """All of it, at one moment."""

    queues: Queues
    steps: tuple[Step, ...]
    matters: Matters
    calendar: tuple[tuple[date, tuple[Dated, ...]], ...]  # every day of ``DAYS``, also those without
    misses: tuple[tuple[str, int], ...]
    storage: Storage
    pulse: datetime | None
    backup: Note | None

    @property
    def worker_alive(self) -> bool:
        """Whether the worker said lately that it lives; a word from the future says nothing."""
        return self.pulse is not None and abs(moment.now() - self.pulse) <= QUIET

    @property
    def backup_old(self) -> bool:
        """Whether a backup is due: none is known, or the last one is older than ``OLD_BACKUP``."""
        return self.backup is None or moment.now() - self.backup.at > OLD_BACKUP


def dashboard(settings: Settings, person: Person | None) -> Dashboard:
    """Everything, in six queries that indexes answer. Raises ``NotAllowed``."""
    require(person, PERMISSION)
    assert person is not None
    return Dashboard(
        _queues(),
        _steps(person),
        _matters(settings, person),
        _calendar(settings, person),
        tuple(most_missed(moment.today(settings.zone) - timedelta(days=MISSED_DAYS))),
        _storage(settings),
        pulse.last_pulse(settings),
        last_backup(settings),
    )


def _queues() -> Queues:
    waits = Outgoing.sent_at.is_null() & Outgoing.failed_at.is_null()
    mail = waits & (Outgoing.channel == "mail")
    mails, failed, index, exports, oldest = _one_row(
        _count(Outgoing, mail),
        _count(Outgoing, posting.FAILED & (Outgoing.error != posting.DROPPED)),
        _count(Outgoing, waits & (Outgoing.channel == "index")),
        _count(ExportJob, ExportJob.state.in_(OPEN_EXPORTS)),
        Outgoing.select(fn.MIN(Outgoing.due_at)).where(mail),
    )
    return Queues(mails, failed, index, exports, Outgoing.due_at.python_value(oldest))


def _steps(person: Person) -> tuple[Step, ...]:
    """How many wait at each step, whether for the first time or with a change of what is published."""
    waiting = [(flow.name, state) for flow in WORKFLOWS.values() for state in flow.states if state.waits_for]
    names = sorted({state.name for _, state in waiting})
    seen = workable(person) & Item.trashed_at.is_null()
    first = Item.select(Item.kind, Item.state, fn.COUNT(Item.id)).where(Item.state.in_(names), seen)
    again = Item.select(Item.kind, Item.stage, fn.COUNT(Item.id)).where(Item.stage.in_(names), seen)
    rows: Any = (
        first.group_by(Item.kind, Item.state).union_all(again.group_by(Item.kind, Item.stage)).tuples()
    )
    found: dict[tuple[str, str], dict[str, int]] = {}
    for kind, state, count in rows:
        place = found.setdefault((KINDS[kind].workflow, state), {})
        place[kind] = place.get(kind, 0) + count
    return tuple(
        Step(state.label, tuple(KINDS[kind].plural for kind in counts), sum(counts.values()))
        for flow, state in waiting
        for counts in (found.get((flow, state.name), {}),)
    )


def _matters(settings: Settings, person: Person) -> Matters:
    begins = _midnight(moment.today(settings.zone), settings)
    theirs = ~access.shut_out(person)
    unsettled = Case.state.in_(OPEN_STATES) & theirs
    received, answered, overdue, unsettled_now = _one_row(
        _count(Case, (Case.opened_at >= begins) & theirs),
        _count(Case, (Case.answered_at >= begins) & theirs),
        _count(Case, unsettled & (Case.promised_at < moment.now())),
        _count(Case, unsettled),
    )
    return Matters(received, answered, overdue, unsettled_now, readable=bool(access.desks_of(person)))


def _calendar(settings: Settings, person: Person) -> tuple[tuple[date, tuple[Dated, ...]], ...]:
    """What is published, changed and withdrawn in the days to come, by day of the site."""
    today = moment.today(settings.zone)
    begins, ends = (_midnight(today + timedelta(days=later), settings) for later in (0, DAYS))
    seen = workable(person) & Item.trashed_at.is_null()

    def dated(what: str, field: Any, condition: Any) -> Select:
        columns = (SQL(f"'{what}'"), field, Item.id, Item.kind, Item.title, Item.script)
        return Item.select(*columns).where(condition, field >= begins, field < ends, seen)

    parts: Iterable[Any] = (
        dated("publish", Item.publish_at, Item.state == "scheduled"),
        dated("expire", Item.expire_at, Item.state == "published"),
        dated("change", WorkingCopy.go_live_at, Item.stage == "scheduled").join(WorkingCopy),
    )
    together: Any = reduce(or_, parts)
    days: dict[date, list[Dated]] = {today + timedelta(days=later): [] for later in range(DAYS)}
    for what, at, *rest in together.order_by(SQL("2")).limit(ENTRIES).tuples():
        when: Any = Item.publish_at.python_value(at)
        days[when.astimezone(ZoneInfo(settings.zone)).date()].append(Dated(what, when, *rest))
    return tuple((day, tuple(found)) for day, found in days.items())


def _storage(settings: Settings) -> Storage:
    sums: Any = StoredFile.select(fn.COUNT(StoredFile.id), fn.SUM(StoredFile.size)).tuples()
    count, size = sums.get()
    disk = shutil.disk_usage(settings.data)
    database = (
        [settings.data / name for name in ("lianxi.db", "lianxi.db-wal")] if not settings.database else []
    )
    return Storage(
        _bytes(database),
        int(size or 0),
        int(count),
        _bytes_below(settings.index),
        disk.free,
        disk.total,
        settings.database_max_mb * 1024 * 1024,
    )


def _bytes(paths: Iterable[Path]) -> int:
    """Of the files that are there; one may go while they are counted."""
    found = 0
    for path in paths:
        try:
            found += path.stat().st_size
        except OSError:
            continue
    return found


def _bytes_below(folder: Path) -> int:
    """Of all that lies in a folder; what goes while it is walked through, as old indexes do, counts for nothing."""
    return sum(_bytes(Path(at) / name for name in names) for at, _, names in os.walk(folder))


def _midnight(day: date, settings: Settings) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.zone))


def _count(model: Any, condition: Any) -> Any:
    return model.select(fn.COUNT(SQL("*"))).where(condition)


def _one_row(*questions: Any) -> Any:
    """The answers of several questions of one value each, asked in one statement."""
    (first, *_), columns = (
        questions,
        [question.alias(f"n{place}") for place, question in enumerate(questions)],
    )
    return first.model._meta.database.execute(Select(columns=columns)).fetchone()
