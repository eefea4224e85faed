"""How the portal is doing, in a handful of queries: for the health page, the metrics and the dashboard."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from peewee import PeeweeException, fn

from content import moment, pulse
from content.cases import OPEN_STATES, Case
from content.db import MIGRATIONS, database
from content.files import StoredFile
from content.items import Item
from content.last_backup import Note, last_backup
from content.outbox import Outgoing
from content.settings import Settings


@dataclass(frozen=True)
class Vitals:
    """Figures of one moment. Sizes are in bytes, counts are exact."""

    pulse: datetime | None
    waiting: dict[
        str, int
    ]  # channel of the outbox → rows to deliver; "index" is what search has yet to learn
    failed: dict[str, int]  # channel → rows that were given up
    oldest_waiting: datetime | None  # since when the oldest of them is due
    items: dict[str, int]  # state → items, without the trash
    open_cases: dict[str, int]  # desk → matters that are not settled
    database_size: int  # with its log
    files: int
    files_size: int  # of all uploads, each counted once for every row
    disk_free: int
    backup: Note | None = field(default=None)

    @property
    def worker_alive(self) -> bool:
        """Whether the worker said lately that it lives."""
        return pulse.alive(self.pulse)


def vitals(settings: Settings) -> Vitals:
    """Ask for all figures: five queries and some looks at the disk."""
    waiting, failed, oldest = _outbox()
    items = Item.select(Item.state, fn.COUNT(Item.id)).where(Item.trashed_at.is_null()).group_by(Item.state)
    cases = Case.select(Case.desk, fn.COUNT(Case.id)).where(Case.state.in_(OPEN_STATES)).group_by(Case.desk)
    uploads: Any = StoredFile.select(fn.COUNT(StoredFile.id), fn.SUM(StoredFile.size)).tuples()
    count, size = uploads.get()
    return Vitals(
        pulse=pulse.last_pulse(settings),
        waiting=waiting,
        failed=failed,
        oldest_waiting=oldest,
        items=_pairs(items),
        open_cases=_pairs(cases),
        database_size=_database_size(settings),
        files=int(count),
        files_size=int(size or 0),
        disk_free=shutil.disk_usage(settings.data).free,
        backup=last_backup(settings),
    )


def unwell(settings: Settings, since: datetime) -> list[str]:
    """Why the portal should not be called healthy, by word: database, schema, worker; empty if all is well.

    ``since`` is when this process began: a worker has until ``pulse.SILENT`` after it to say that it lives.
    """
    try:
        rows = database.execute_sql("SELECT name FROM schema_migration").fetchall()
    except PeeweeException:
        return ["database"]
    found = [] if {row[0] for row in rows} == _migrations() else ["schema"]
    if not pulse.alive(pulse.last_pulse(settings)) and abs(moment.now() - since) >= pulse.SILENT:
        found.append("worker")
    return found


@lru_cache(maxsize=1)
def _migrations() -> frozenset[str]:
    """What this program brings; it does not change while it runs."""
    return frozenset(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def _outbox() -> tuple[dict[str, int], dict[str, int], datetime | None]:
    """What waits and what failed, by channel, and since when the first of it waits."""
    is_open = Outgoing.sent_at.is_null() & Outgoing.failed_at.is_null()
    rows: Any = (
        Outgoing.select(Outgoing.channel, fn.COUNT(Outgoing.id), fn.MIN(Outgoing.due_at))
        .where(is_open)
        .group_by(Outgoing.channel)
        .tuples()
    )
    waiting, oldest = {}, []
    for channel, count, due in rows:
        waiting[str(channel)] = int(count)
        oldest.append(datetime.fromisoformat(due) if isinstance(due, str) else due)
    lost = Outgoing.select(Outgoing.channel, fn.COUNT(Outgoing.id)).where(Outgoing.failed_at.is_null(False))
    aware = [at if at.tzinfo else at.replace(tzinfo=UTC) for at in oldest]
    return waiting, _pairs(lost.group_by(Outgoing.channel)), min(aware, default=None)


def _pairs(query: Any) -> dict[str, int]:
    return {str(name): int(count) for name, count in query.tuples()}


def _database_size(settings: Settings) -> int:
    """Bytes of the SQLite files; 0 where the database is elsewhere."""
    if settings.database:
        return 0
    paths = (settings.data / name for name in ("lianxi.db", "lianxi.db-wal"))
    return sum(path.stat().st_size for path in paths if path.exists())
