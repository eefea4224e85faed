"""The database: connection, base model, field types, transactions and numbered migrations."""

from __future__ import annotations

import fcntl
import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peewee import (
    CharField,
    DatabaseError,
    DatabaseProxy,
    Field,
    IntegrityError,
    Model,
    OperationalError,
    SqliteDatabase,
    TextField,
)
from playhouse.db_url import connect as connect_url
from playhouse.migrations import Runner

from content.errors import Busy, DomainError, StorageFull, StorageReadOnly
from content.settings import Settings

database = DatabaseProxy()
MIGRATIONS = Path(__file__).parent / "migrations"
_ALREADY_BACK = re.compile("no such savepoint|cannot rollback|cannot commit")


class Base(Model):
    """Base of all tables."""

    class Meta:
        database = database
        legacy_table_names = False
        only_save_dirty = True


class UtcDateTimeField(Field):
    """An aware datetime; kept in UTC in one fixed text form, so that text order is time order."""

    field_type = "DATETIME"

    def db_value(self, value: datetime | str | None) -> Any:
        if value is None or isinstance(value, str):
            return value
        if value.tzinfo is None:
            raise ValueError("times must be aware")
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

    def python_value(self, value: str | datetime | None) -> datetime | None:
        if value is None:
            return None
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        return found if found.tzinfo else found.replace(tzinfo=UTC)


class JSONField(TextField):
    """JSON as text, Chinese unescaped; for snapshots and outbox context only."""

    def db_value(self, value: Any) -> Any:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def python_value(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value


class UidField(CharField):
    """A permanent identifier of 32 hexadecimal digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=32, **kwargs)


def open_database(settings: Settings) -> None:
    """Bind ``database`` to the one that the settings name; makes the data folder if needed."""
    # What residents told is for nobody else on this machine.
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.database_url.startswith("sqlite"):
        pragmas: dict[str, object] = {
            "journal_mode": "wal",
            "foreign_keys": 1,
            "busy_timeout": settings.database_wait_ms,
            # FULL: what was acknowledged survives a power cut, too.
            "synchronous": "full",
            "cache_size": -512,
            "temp_store": "memory",
        }
        if settings.database_max_mb:
            pragmas["max_page_count"] = settings.database_max_mb * 256
        path = settings.database_url.removeprefix("sqlite:///")
        database.initialize(SqliteDatabase(path, pragmas=pragmas, timeout=settings.database_wait_ms / 1000))
    else:
        database.initialize(connect_url(settings.database_url))


def migrate(settings: Settings, directory: Path = MIGRATIONS) -> list[str]:
    """Apply the migrations that are missing; safe when several processes start at once."""
    with open(settings.data / "migrate.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with storage_errors():
            applied: list[str] = Runner(database, str(directory)).up()
        return applied


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a locked or full database into the domain's own errors."""
    try:
        yield
    except (OperationalError, DatabaseError, sqlite3.OperationalError) as error:
        if isinstance(error, IntegrityError):
            raise
        first = _behind(error)
        if isinstance(first, DomainError):
            raise first from error
        text = str(first).lower()
        if "locked" in text or "busy" in text:
            raise Busy() from error
        if "readonly" in text or "read-only" in text:
            raise StorageReadOnly() from error
        if "full" in text or "disk i/o" in text:
            raise StorageFull() from error
        raise


def _behind(error: BaseException) -> BaseException:
    """What went wrong first. On a full disk SQLite takes back the whole transaction by itself; Peewee's attempt
    to take it back once more then fails and hides the reason.
    """
    while error.__context__ is not None and _ALREADY_BACK.match(str(error)):
        error = error.__context__
    return error


class _Turns(threading.local):
    """The writing transactions of a thread, numbered; 0 between them."""

    last = 0
    now = 0


_turns = _Turns()


def turn() -> int:
    """The number of the writing transaction that this thread is in; 0 outside of one. What was known before it may be
    over: rights are read anew in each.
    """
    return _turns.now


@contextmanager
def transaction() -> Iterator[None]:
    """One writing transaction: all or nothing. Nested uses join the outer one."""
    with storage_errors():
        if database.in_transaction():
            with database.atomic():
                yield
            return
        mode = ("IMMEDIATE",) if isinstance(database.obj, SqliteDatabase) else ()
        with database.atomic(*mode):
            _turns.last += 1
            _turns.now = _turns.last
            try:
                yield
            finally:
                _turns.now = 0
