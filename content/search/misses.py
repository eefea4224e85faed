"""What was looked for in vain: words, a day and a count, and nobody's name. Editors see what the portal lacks."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from peewee import CharField, Check, CompositeKey, DateField, IntegerField, SqliteDatabase, fn

from content import moment
from content.chinese import fold
from content.db import Base, database, transaction
from content.errors import DomainError
from content.settings import Settings

log = logging.getLogger(__name__)
LONGEST = 60  # characters of what is kept
MOST_A_DAY = 300  # different words; what comes after them is not noted
KEPT = timedelta(days=90)
# A telephone, the number of a home or an identity card, a mail address: somebody looks for a person.
_PERSONAL = re.compile(r"\d{5}|@|\d[\d\s-]{5,}\d")


class SearchMiss(Base):
    """Words for which nothing was found on a day of the site, and how often."""

    day = DateField()
    words = CharField(max_length=LONGEST)
    count = IntegerField(default=1)

    class Meta:
        primary_key = CompositeKey("day", "words")
        without_rowid = True
        constraints = [Check("count > 0")]


def note_miss(settings: Settings, text: str) -> None:
    """Count a search that found nothing. Never waits and never fails: the reader has their answer to read."""
    words = " ".join(fold(text).split())[:LONGEST].strip()
    if len(words) < 2 or _PERSONAL.search(words):
        return
    today = moment.today()
    try:
        with _without_waiting(settings), transaction():
            mine = (SearchMiss.day == today) & (SearchMiss.words == words)
            if SearchMiss.update(count=SearchMiss.count + 1).where(mine).execute():
                return
            if SearchMiss.select().where(SearchMiss.day == today).count() < MOST_A_DAY:
                SearchMiss.create(day=today, words=words)
    except DomainError as error:
        log.info("a search in vain was not counted: %s", error)


def most_missed(since: date, limit: int = 10) -> list[tuple[str, int]]:
    """The words most often looked for in vain since a day, with how often."""
    times = fn.SUM(SearchMiss.count)
    rows: Any = (
        SearchMiss.select(SearchMiss.words, times)
        .where(SearchMiss.day >= since)
        .group_by(SearchMiss.words)
        .order_by(times.desc(), SearchMiss.words)
        .limit(limit)
    )
    return [(str(words), int(count)) for words, count in rows.tuples()]


def forget_misses() -> int:
    """Delete what is older than ``KEPT``; returns how many rows."""
    before = moment.today() - KEPT
    with transaction():
        return int(SearchMiss.delete().where(SearchMiss.day < before).execute())


@contextmanager
def _without_waiting(settings: Settings) -> Iterator[None]:
    """While somebody else writes, SQLite says so at once instead of waiting."""
    if not isinstance(database.obj, SqliteDatabase):
        yield
        return
    database.execute_sql("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        database.execute_sql(f"PRAGMA busy_timeout = {settings.database_wait_ms}")
