"""Whether all is whole: schema, database, clock, index, files, outbox, worker; and mending what can be made again."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from peewee import DatabaseError, OperationalError, SqliteDatabase
from playhouse.migrations import Runner

from content import files, moment, search
from content import reception as _reception  # noqa: F401  importing it guards the files of matters
from content.db import MIGRATIONS, database
from content.errors import N_, msg
from content.files import StoredFile, content_path
from content.outbox import Outgoing
from content.pulse import alive
from content.settings import Settings
from content.transfer.backup import database_path
from content.transfer.results import Finding
from content.transfer.schema import parts_of, wanted_parts
from content.transfer.stored import digest_of
from content.transfer.surroundings import clock, surroundings

# What waits longer than this is not just on its way.
LATE = timedelta(minutes=10)
FORGOTTEN = timedelta(days=1)
SHOWN = 10


def check(
    settings: Settings,
    mend: bool = False,
    *,
    pulse: datetime | None = None,
    watch_worker: bool = False,
    around: bool = False,
) -> list[Finding]:
    """Look everything over; with ``mend`` make the index agree with the database again, throw away contents that no
    file has known for a day, and make private what others may read too much of.

    ``pulse`` is when the worker last said that it lives; it is looked at if ``watch_worker``. With ``around`` the
    machine is looked at, too: clock, disk, permissions, mail server. Lost files and broken rows are for a person
    (and a backup) to mend.
    """
    damage = _damage()
    if damage:
        return damage  # nothing that such a database says can be believed
    found = [*_schema(settings), *_links()]
    if any(one.subject == "schema" for one in found):
        return found  # the rest cannot be asked before the tables are there
    found += [*clock(), *_index(settings, mend), *_files(settings), *_orphans(settings, mend), *_outbox()]
    found += surroundings(settings, mend) if around else []
    return found + (_worker(pulse) if watch_worker else [])


def _schema(settings: Settings) -> list[Finding]:
    waiting = [one.name for one in Runner(database, str(MIGRATIONS)).status() if not one.applied and one.path]
    gone = [one.name for one in Runner(database, str(MIGRATIONS)).status() if not one.path]
    found = []
    if waiting:
        text = msg(
            N_("The database is older than the program: %(names)s. Please run “lianxi init”."),
            names=", ".join(waiting),
        )
        found.append(Finding("schema", "problem", text))
    if gone:
        text = msg(N_("The database is newer than the program: %(names)s."), names=", ".join(gone))
        found.append(Finding("schema", "problem", text))
    return found or _lacking(settings)


def _lacking(settings: Settings) -> list[Finding]:
    """Tables, columns, indexes and triggers that every migration should have left there."""
    if not isinstance(database.obj, SqliteDatabase):
        return []
    lacking = sorted(wanted_parts() - parts_of(database_path(settings)))
    if not lacking:
        return []
    names = ", ".join(f"{name}.{more}" if kind == "column" else name for kind, name, more in lacking[:SHOWN])
    text = msg(N_("The database lacks %(names)s. Please restore a backup."), names=names)
    return [Finding("schema", "problem", text)]


def _damage() -> list[Finding]:
    """What SQLite itself finds broken in its file."""
    if not isinstance(database.obj, SqliteDatabase):
        return []
    try:
        answers = [row[0] for row in database.execute_sql("PRAGMA integrity_check").fetchall()]
    except (DatabaseError, sqlite3.DatabaseError) as error:  # Peewee's when asked, SQLite's own when read
        if isinstance(error, OperationalError | sqlite3.OperationalError):
            raise  # busy, or not to be opened: that says nothing about what is in it
        answers = [str(error)]
    if answers == ["ok"]:
        return []
    text = msg(N_("The database is damaged: %(what)s"), what="; ".join(answers[:3]))
    return [Finding("database", "problem", text)]


def _links() -> list[Finding]:
    """Rows that refer to what is not there."""
    if not isinstance(database.obj, SqliteDatabase):
        return []
    found = []
    broken = database.execute_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        text = msg(
            N_("%(count)s rows refer to something that is gone (%(tables)s)."),
            count=len(broken),
            tables=tables,
        )
        found.append(Finding("database", "problem", text))
    return found


def _index(settings: Settings, mend: bool) -> list[Finding]:
    differs = search.mend(settings) if mend else search.compare(settings)
    if differs:
        return []
    pending = _pending_keys()
    counts = {
        name: sum(mend or key not in pending for key in getattr(differs, name))
        for name in ("missing", "stray", "stale")
    }
    if not any(counts.values()):
        return [Finding("index", "notice", msg(N_("Some changes are still on their way into the index.")))]
    text = msg(
        N_("Index and database differ: %(missing)s missing, %(stray)s too many, %(stale)s out of date."),
        **counts,
    )
    return [Finding("index", "problem", text, mended=mend)]


def _pending_keys() -> set[str]:
    """What the worker has still to bring into the index: no disagreement yet."""
    rows = Outgoing.select(Outgoing.context).where(
        Outgoing.channel == "index", Outgoing.sent_at.is_null(), Outgoing.failed_at.is_null()
    )
    return {key for row in rows for key in row.context.get("keys", ())}


def _files(settings: Settings) -> list[Finding]:
    missing = files.missing(settings)
    missing += _spoilt(settings, {one.sha256 for one in missing})
    names = files.public_names(missing[:SHOWN])
    found = [
        Finding("files", "problem", msg(N_("The content of the file “%(name)s” is lost."), name=name))
        for name in names
    ]
    if more := len(missing) - SHOWN:
        text = msg(N_("The contents of %(count)s more files are lost."), count=more)
        found += [Finding("files", "problem", text)] if more > 0 else []
    return found


def _spoilt(settings: Settings, missing: set[str]) -> list[StoredFile]:
    """Rows whose content has the right length and is another all the same, or cannot be read."""
    sound: dict[str, bool] = {}
    found = []
    for row in StoredFile.select().order_by(StoredFile.id):
        if row.sha256 in missing:
            continue
        if row.sha256 not in sound:
            sound[row.sha256] = _is_sound(content_path(settings, row.sha256), row.sha256)
        if not sound[row.sha256]:
            found.append(row)
    return found


def _is_sound(path: Path, digest: str) -> bool:
    try:
        return digest_of(path) == digest
    except OSError:
        return False


def _orphans(settings: Settings, mend: bool) -> list[Finding]:
    """Contents of which no row has known for a day. The worker throws them away, too; they are named to nobody."""
    orphans = files.unused(settings, FORGOTTEN) if settings.files.is_dir() else []
    if not orphans:
        return []
    text = msg(N_("%(count)s contents on the disk belong to no file."), count=len(orphans))
    swept = files.sweep(settings, FORGOTTEN) if mend else 0
    return [Finding("orphans", "notice", text, mended=mend and swept == len(orphans))]


def _outbox() -> list[Finding]:
    late = Outgoing.select().where(
        Outgoing.sent_at.is_null(), Outgoing.failed_at.is_null(), Outgoing.due_at < moment.now() - LATE
    )
    failed = Outgoing.select().where(Outgoing.failed_at.is_null(False))
    found = []
    if count := late.count():
        found.append(
            Finding(
                "outbox", "problem", msg(N_("%(count)s messages wait although they are due."), count=count)
            )
        )
    if count := failed.count():
        found.append(
            Finding("outbox", "notice", msg(N_("%(count)s messages could not be delivered."), count=count))
        )
    return found


def _worker(pulse: datetime | None) -> list[Finding]:
    if alive(pulse):
        return []
    return [
        Finding(
            "worker",
            "notice",
            msg(N_("No worker is running: nothing is sent, indexed or published on a date.")),
        )
    ]
