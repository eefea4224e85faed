"""What the worker's jobs last did: one row per job, for those who look after the portal."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from peewee import AutoField, CharField, IntegerField

from content import moment
from content.db import Base, UtcDateTimeField, transaction
from content.errors import Busy, StorageFull

log = logging.getLogger(__name__)

# A job that had nothing to do is written down this often; one that did something or failed at once.
EVERY = timedelta(minutes=1)


class JobRun(Base):
    """A kind of work and how it went. ``failures`` counts those since it last worked."""

    id = AutoField()
    name = CharField(max_length=60, unique=True)
    last_at = UtcDateTimeField()
    worked_at = UtcDateTimeField(null=True)  # when there was something to do, last
    done = IntegerField(default=0)  # how much that was
    failures = IntegerField(default=0)
    failed_at = UtcDateTimeField(null=True)
    error = CharField(max_length=100, default="")  # the kind of error; its text may hold anything
    next_at = UtcDateTimeField(null=True)  # while it rests after a failure


def note_done(name: str, done: int) -> None:
    """Write down that a job ran to its end. Nothing waits for this: what cannot be written is left."""
    now = moment.now()
    changes: dict[str, object] = {"last_at": now, "failures": 0, "next_at": None}
    if done:
        changes |= {"worked_at": now, "done": done}
    _write(name, changes)


def note_failure(name: str, failures: int, error: BaseException, next_at: datetime) -> None:
    """Write down that a job failed and when it is tried again."""
    now = moment.now()
    kind = type(error).__name__[:100]
    _write(name, {"last_at": now, "failures": failures, "failed_at": now, "error": kind, "next_at": next_at})


def _write(name: str, changes: dict[str, object]) -> None:
    try:
        with transaction():
            if not JobRun.update(changes).where(JobRun.name == name).execute():
                JobRun.create(name=name, **changes)
    except (Busy, StorageFull):
        log.info("%s: how it went could not be written down", name)
