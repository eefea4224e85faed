"""Writing lists into files: one after the other, beside the worker's other jobs, so that long ones hold nothing up.

Rows are read in batches by where they stand in the order, and written at once: memory does not grow with the list.
One whose worker was killed is begun anew; one that is cancelled, or whose person lost the right, ends within a batch.
"""

from __future__ import annotations

import errno
import logging
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from content import moment, outbox, workbooks
from content.backoffice import jobs, listing
from content.backoffice.declaring import Column, Register, Row
from content.backoffice.jobs import LEASE, ExportJob
from content.backoffice.values import Labels, value_of
from content.db import database, transaction
from content.errors import N_, Busy, DomainError, Message, StorageFull, msg
from content.outbox import Say
from content.people import Person
from content.settings import Settings
from content.workbooks import Value

log = logging.getLogger(__name__)

BATCH = 500
PATIENCE = 1.0  # seconds that a round of the worker waits for the one in work
TIDY = timedelta(hours=1)
WIDTHS = {
    "text": 24,
    "long": 50,
    "number": 12,
    "date": 12,
    "time": 18,
    "yes": 8,
    "choice": 16,
    "name": 16,
    "money": 14,
}
FAILED = N_("It could not be written. It has been noted for the administrator; please try again.")
LOST = N_("You may not see this list any more.")


class Stopped(Exception):
    """The job was cancelled, taken over, or the worker ends."""


@dataclass
class Writing:
    """One job in work: what the thread that writes needs, and how it is told to stop."""

    job: ExportJob
    claim: str
    stop: threading.Event
    thread: threading.Thread | None = None


class Exporter:
    """Writes what was asked for, one list at a time, in a thread of its own."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self.settings, self.say = settings, say
        self._now: Writing | None = None
        self._tidy_at = moment.now()

    def run(self) -> int:
        """A job of the worker: begin the next list or see to the one in work; returns 1 while there is something."""
        if self._now is None:
            self._tidy()
            self._now = self._begin()
        if self._now is None or self._now.thread is None:
            return 0
        self._now.thread.join(PATIENCE)
        if not self._now.thread.is_alive():
            self._now = None
        return 1

    def close(self) -> None:
        """Stop writing, because the worker ends; what was begun waits for the next worker."""
        if self._now is not None and self._now.thread is not None:
            self._now.stop.set()
            self._now.thread.join(10)
        self._now = None

    def _begin(self) -> Writing | None:
        """Take the oldest job that is free: never begun, or abandoned by a worker that was killed."""
        now, claim = moment.now(), uuid.uuid4().hex
        free = (
            (ExportJob.state == "waiting")
            | (ExportJob.beat_at < now - LEASE)
            | (ExportJob.beat_at > now + LEASE)
        )
        waiting = (
            ExportJob.select(ExportJob.id).where(ExportJob.finished_at.is_null(), free).order_by(ExportJob.id)
        )
        id = waiting.limit(1).scalar()
        if id is None:
            return None
        with transaction():
            taken = ExportJob.update(
                state="running", claim=claim, beat_at=now, rows_done=0, total=None
            ).where((ExportJob.id == id) & ExportJob.finished_at.is_null() & free)
            if not taken.execute():
                return None
        writing = Writing(ExportJob.get_by_id(id), claim, threading.Event())
        writing.thread = threading.Thread(target=self._write, args=(writing,), name="export", daemon=True)
        writing.thread.start()
        return writing

    def _write(self, writing: Writing) -> None:
        """In the thread: the file, then the news of it."""
        try:
            database.connect(reuse_if_open=True)
            _written(self.settings, self.say, writing)
            self._finish(writing)
        except (Stopped, Busy):
            self._put_back(writing)
        except Exception as error:  # noqa: BLE001  whatever it was, the person who waits is told
            self._fail(writing, error)
        finally:
            _part_of(self.settings, writing).unlink(missing_ok=True)
            if not database.is_closed():
                database.close()

    def _finish(self, writing: Writing) -> None:
        job, now, part = writing.job, moment.now(), _part_of(self.settings, writing)
        if not part.is_file():  # swept away by who took the job over
            raise Stopped()
        with transaction():
            changes = {"state": "done", "finished_at": now, "size": part.stat().st_size, "claim": ""}
            if not ExportJob.update(**changes).where(_still(writing)).execute():
                return
            # Only now, and by nobody but who holds the job: whoever took it over may have written its file already.
            part.replace(jobs.path_of(self.settings, job))
            rows = ExportJob.get_by_id(job.id).rows_done
            words = msg(
                N_("Your list “%(list)s” with %(rows)s rows is ready. It can be fetched for a day."),
                list=job.register_label, rows=rows,
            )  # fmt: skip
            outbox.tell(
                job.person, words, f"/admin/exports/{job.uid}/", dedupe=f"export:{job.uid}", mail=False
            )

    def _fail(self, writing: Writing, error: Exception) -> None:
        full = isinstance(error, StorageFull) or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        text = StorageFull.default if full else LOST if isinstance(error, DomainError) else FAILED
        log.error("list %s of %s cannot be written", writing.job.register, writing.job.uid, exc_info=error)
        try:
            with transaction():
                changes = {"state": "failed", "finished_at": moment.now(), "error": text, "claim": ""}
                if ExportJob.update(**changes).where(_still(writing)).execute():
                    words = msg(
                        N_("Your list “%(list)s” could not be written."), list=writing.job.register_label
                    )
                    url = f"/admin/exports/{writing.job.uid}/"
                    outbox.tell(
                        writing.job.person, words, url, dedupe=f"export:{writing.job.uid}", mail=False
                    )
        except DomainError:
            log.error("nor can that be noted; it will be begun anew")

    def _put_back(self, writing: Writing) -> None:
        try:
            with transaction():
                ExportJob.update(state="waiting", claim="", beat_at=None).where(_still(writing)).execute()
        except DomainError:
            log.info("list %s is free again after its lease", writing.job.uid)

    def _tidy(self) -> None:
        now = moment.now()
        if timedelta(0) < self._tidy_at - now <= TIDY:
            return
        self._tidy_at = now + TIDY
        jobs.forget_old(self.settings)


def _still(writing: Writing) -> Any:
    """The condition that the job is still in these hands: neither cancelled nor taken over."""
    return (
        (ExportJob.id == writing.job.id) & (ExportJob.claim == writing.claim) & (ExportJob.state == "running")
    )


def _part_of(settings: Settings, writing: Writing) -> Path:
    """What is being written, apart from what another one writes who took the job over, or from whom it was taken."""
    return jobs.path_of(settings, writing.job).with_suffix(f".{writing.claim}.part")


def _written(settings: Settings, say: Say, writing: Writing) -> None:
    """Write the file. Raises ``Stopped``, ``NotAllowed``, ``OSError``."""
    job, part = writing.job, _part_of(settings, writing)
    register = jobs.register_of(job.register)
    if register is None:
        raise LookupError(job.register)
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in part.parent.glob(f"{job.uid}.*.part"):  # by a worker that was killed
        left.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.chmod(0o600)

    def words(text: str | Message) -> str:
        return say(text if isinstance(text, Message) else Message(text), job.locale)

    rows = _rows(register, writing, words)
    if job.format == "xlsx":
        heads = [
            (words(one.label), max(WIDTHS[one.type], workbooks.width_of(words(one.label)) + 2))
            for one in register.columns
        ]
        with part.open("wb") as target:
            workbooks.write(target, words(register.label), heads, rows)
    else:
        with part.open("w", encoding="utf-8", newline="") as lines:
            lines.writelines(workbooks.csv_lines([words(one.label) for one in register.columns], rows))


def _rows(register: Register, writing: Writing, words: Any) -> Iterator[Sequence[Value]]:
    """The rows in order, batch by batch; each batch asks anew who the person is and what they may see."""
    selection, mark, done = writing.job.chosen(register), None, 0
    person, labels = Person.get_by_id(writing.job.person_id), Labels()
    total = listing.count(person, register, selection)
    _note(writing, total=total)
    while True:
        person = Person.get_by_id(writing.job.person_id)
        rows, mark = listing.following(person, register, selection, mark, BATCH)
        for row in rows:
            yield [exported(column, row, words, labels) for column in register.columns]
        if mark is None:
            return
        done += len(rows)
        _note(writing, rows_done=done, total=max(total, done))


def _note(writing: Writing, **changes: int) -> None:
    """Write down how far it is. Raises ``Stopped`` where nobody waits for it any more."""
    if writing.stop.is_set():
        raise Stopped()
    with transaction():
        if not ExportJob.update(beat_at=moment.now(), **changes).where(_still(writing)).execute():
            raise Stopped()


def exported(column: Column, row: Row, words: Any, labels: Labels) -> Value:
    """A value for a file: figures and days as such, all else as text. ``words`` says a message."""
    value = value_of(column, row)
    if value is None:
        return None
    if isinstance(value, Message):
        return str(words(value))
    if column.type == "choice":
        label = labels(column.choices, value)
        return str(value) if label is None else str(words(label))
    if column.type == "yes":
        return str(words(YES if value else NO))
    if column.type == "money":
        return round(value / 100, 2)
    if isinstance(value, datetime | date):
        return value
    if column.type == "number" and isinstance(value, int | float):
        return value
    return str(value)


YES, NO = N_("Yes"), N_("No")
