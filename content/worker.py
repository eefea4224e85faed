"""Runs what is due: dated steps of the workflow, the search index, the outbox. One at a time per portal."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO

from peewee import PeeweeException

from content import actions, jobs, moment, outbox, preferences, pulse, reception, search, subscriptions
from content.backoffice.exports import Exporter
from content.db import database
from content.errors import Busy
from content.estate import importing as estate_lists
from content.outbox import Say
from content.pulse import PULSE
from content.settings import Settings

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60  # seconds
LONGEST_REST = timedelta(seconds=LONGEST_PAUSE)
TIDY = timedelta(days=1)  # from one forgetting of old rows to the next
# After a round that had work the next one follows at once, but for this breath, in seconds.
BREATH = 0.02


@dataclass
class Job:
    """One kind of work: ``run`` does what is due of it and says how much that was."""

    name: str
    run: Callable[[], int]
    failures: int = 0
    resume_at: datetime | None = None
    noted_until: datetime = datetime.min.replace(tzinfo=UTC)  # written down since, so nothing to say before


class Worker:
    """The one who does what nobody waits for. Killed at any point it loses nothing: what is due stays due."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.base = self.settings = settings
        self._read_settings()
        self.exporter = Exporter(settings, say)
        # In this order: what a dated step publishes is in the index and announced within the same round.
        self.jobs = (
            Job("dated transitions", actions.run_dated_transitions),
            Job("announcements", subscriptions.announce),
            Job("digests", subscriptions.post_digests),
            Job("search index", lambda: search.index_pending(self.settings)),
            Job("outbox", lambda: outbox.deliver(self.settings, say)),
            Job("lists into files", self.exporter.run),
            Job("old rows", self._forget_sent),
        )
        self._lock: IO[str] | None = None
        self._barred = False  # the data folder could not be written to
        self._pulse_due = self._tidy_at = moment.now()

    def run_once(self) -> int:
        """Do one round; returns how many things were done. A job that fails is logged and stops no other."""
        self._read_settings()
        return sum(self._try(job) for job in self.jobs)

    def run(self, stop: threading.Event, every: float = 1.0) -> None:
        """Do round after round until ``stop``, ``every`` seconds apart while there is nothing to do.

        While another worker of the same portal runs, this one idles; it takes over when that one ends.
        """
        try:
            while not stop.is_set():
                done = 0
                if self._is_the_one():
                    self._beat()
                    done = self.run_once()
                stop.wait(BREATH if done else every)
        finally:
            self.exporter.close()
            self._let_go()
            database.close()

    def _read_settings(self) -> None:
        """What was changed in the back office holds from this round on."""
        try:
            database.connect(reuse_if_open=True)
            self.settings = preferences.current(self.base)
        except PeeweeException:
            log.exception("the settings cannot be read; those of the last round hold")

    def _try(self, job: Job) -> int:
        # A rest is never longer than this, so who finds a later end has had the clock set back.
        if job.resume_at is not None and timedelta(0) < job.resume_at - moment.now() <= LONGEST_REST:
            return 0
        try:
            database.connect(reuse_if_open=True)
            done = job.run()
        except Busy:
            log.info("%s: the database is busy, trying again in the next round", job.name)
            return 0
        except Exception as error:
            job.failures += 1
            pause = min(2**job.failures, LONGEST_PAUSE)
            job.resume_at = moment.now() + timedelta(seconds=pause)
            log.exception("%s failed, trying again in %s s", job.name, pause)
            _noted(job, partial(jobs.note_failure, job.name, job.failures, error, job.resume_at))
            return 0
        job.failures, job.resume_at = 0, None
        now = moment.now()
        # Later than that: the clock was set back.
        if done or not timedelta(0) < job.noted_until - now <= jobs.EVERY:
            job.noted_until = now + jobs.EVERY
            _noted(job, partial(jobs.note_done, job.name, done))
        return done

    def _forget_sent(self) -> int:
        """Once a day."""
        now = moment.now()
        if timedelta(0) < self._tidy_at - now <= TIDY:  # later still: the clock was set back
            return 0
        self._tidy_at = now + TIDY
        search.forget_misses()
        forgotten = outbox.forget_sent() + reception.forget_held(self.settings)
        return forgotten + estate_lists.forget_old(self.settings)

    def _is_the_one(self) -> bool:
        """Whether this worker has the portal to itself. The lock ends with the process, however it ends."""
        if self._lock is None:
            try:
                lock = _lock_path(self.settings).open("w")
            except OSError as error:
                # Said once; the pulse is missing, too, so the dashboard and /healthz tell of it.
                log.log(
                    logging.DEBUG if self._barred else logging.ERROR, "the worker cannot begin: %s", error
                )
                self._barred = True
                return False
            self._barred = False
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                return False
            self._lock = lock
        return True

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _beat(self) -> None:
        """Write down, now and then, that the worker lives."""
        now = moment.now()
        if timedelta(0) < self._pulse_due - now <= PULSE:  # later still: the clock was set back
            return
        self._pulse_due = now + PULSE
        try:
            pulse.beat(self.settings)
        except OSError as error:
            log.error("the pulse cannot be written: %s", error)


def _noted(job: Job, note: Callable[[], None]) -> None:
    """How a job went, written down; where that cannot be, the log has it and the worker goes on."""
    try:
        note()
    except PeeweeException:
        log.warning("%s: how it went could not be written down", job.name)


def _lock_path(settings: Settings) -> Path:
    settings.data.mkdir(parents=True, exist_ok=True)
    return settings.data / "worker.lock"
