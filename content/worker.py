"""Runs what is due: dated steps of the workflow, the search index, the outbox. One at a time per portal."""

from __future__ import annotations

import fcntl
import logging
import os
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from content import actions, channels, moment, outbox, reception, search, subscriptions
from content.db import database
from content.errors import Busy
from content.estate import importing as estate_lists
from content.outbox import Say
from content.settings import Settings

log = logging.getLogger(__name__)

PULSE = timedelta(seconds=5)
LONGEST_PAUSE = 60  # seconds
# After a round that had work the next one follows at once, but for this breath, in seconds.
BREATH = 0.02


@dataclass
class Job:
    """One kind of work: ``run`` does what is due of it and says how much that was."""

    name: str
    run: Callable[[], int]
    failures: int = 0
    resume_at: datetime | None = None


class Worker:
    """The one who does what nobody waits for. Killed at any point it loses nothing: what is due stays due."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.settings = settings
        channels.configure(settings)
        # In this order: what a dated step publishes is in the index and announced within the same round.
        self.jobs = (
            Job("dated transitions", actions.run_dated_transitions),
            Job("announcements", subscriptions.announce),
            Job("digests", subscriptions.post_digests),
            Job("search index", lambda: search.index_pending(settings)),
            Job("outbox", lambda: outbox.deliver(settings, say)),
            Job("old rows", self._forget_sent),
        )
        self._lock: IO[str] | None = None
        self._pulse_due = self._tidy_at = moment.now()

    def run_once(self) -> int:
        """Do one round; returns how many things were done. A job that fails is logged and stops no other."""
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
            self._let_go()
            database.close()

    def _try(self, job: Job) -> int:
        if job.resume_at is not None and moment.now() < job.resume_at:
            return 0
        try:
            database.connect(reuse_if_open=True)
            done = job.run()
        except Busy:
            log.info("%s: the database is busy, trying again in the next round", job.name)
            return 0
        except Exception:
            job.failures += 1
            pause = min(2**job.failures, LONGEST_PAUSE)
            job.resume_at = moment.now() + timedelta(seconds=pause)
            log.exception("%s failed, trying again in %s s", job.name, pause)
            return 0
        job.failures, job.resume_at = 0, None
        return done

    def _forget_sent(self) -> int:
        """Once a day."""
        now = moment.now()
        if now < self._tidy_at:
            return 0
        self._tidy_at = now + timedelta(days=1)
        forgotten = outbox.forget_sent() + reception.forget_held(self.settings)
        return forgotten + estate_lists.forget_old(self.settings)

    def _is_the_one(self) -> bool:
        """Whether this worker has the portal to itself. The lock ends with the process, however it ends."""
        if self._lock is None:
            lock = _lock_path(self.settings).open("w")
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
        if now < self._pulse_due:
            return
        self._pulse_due = now + PULSE
        path = _pulse_path(self.settings)
        try:
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".pulse-")
            with os.fdopen(handle, "w") as opened:
                opened.write(now.isoformat())
            os.replace(temporary, path)
        except OSError as error:
            log.error("the pulse cannot be written: %s", error)


def last_pulse(settings: Settings) -> datetime | None:
    """When a worker of this portal last said that it lives; ``None`` if there never was one."""
    try:
        return datetime.fromisoformat(_pulse_path(settings).read_text())
    except (OSError, ValueError):
        return None


def _lock_path(settings: Settings) -> Path:
    settings.data.mkdir(parents=True, exist_ok=True)
    return settings.data / "worker.lock"


def _pulse_path(settings: Settings) -> Path:
    return settings.data / "worker.pulse"
