"""What a database of this program must have: its tables, columns, indexes and triggers, as the migrations make them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase
from playhouse.migrations import Runner

from content.db import MIGRATIONS

Part = tuple[str, str, str]


@lru_cache(maxsize=1)
def wanted_parts() -> frozenset[Part]:
    """What a database made anew has; made once, in memory."""
    made = SqliteDatabase(":memory:")
    try:
        Runner(made, str(MIGRATIONS)).up()
        return frozenset(_parts(made.connection()))
    finally:
        made.close()


def parts_of(path: Path) -> set[Part]:
    """Every part of a database file: (table, name, ""), (index, name, ""), (view, name, ""), (column, table, its name),
    and (trigger, name, what it does). Raises ``sqlite3.Error``."""
    with closing(sqlite3.connect(path)) as opened:
        return _parts(opened)


def _parts(opened: Any) -> set[Part]:
    rows = opened.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    found = {
        (str(type), str(name), " ".join(str(sql).split()) if type == "trigger" else "")
        for type, name, sql in rows
    }
    for name in [name for type, name, _sql in rows if type == "table"]:
        columns = opened.execute("SELECT name FROM pragma_table_info(?)", (name,))
        found |= {("column", str(name), str(column)) for (column,) in columns}
    return found
