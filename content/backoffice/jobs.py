"""Lists that are to be written into a file: who asked for which, how far it is, and where the file lies for a day."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from peewee import AutoField, CharField, Check, ForeignKeyField, IntegerField, TextField

from content import history, moment
from content.backoffice import listing
from content.backoffice.declaring import Register
from content.backoffice.registers import REGISTERS
from content.backoffice.selecting import read_filters
from content.db import Base, JSONField, UtcDateTimeField, transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.people import Person
from content.settings import Settings

FORMATS = ("xlsx", "csv")
KEPT = timedelta(days=1)  # a file
LISTED = timedelta(days=30)  # a line about it
AT_ONCE = 3  # of one person
LEASE = timedelta(seconds=30)  # after which a job that says nothing is taken for abandoned
FOLDER = "exports"
OPEN_STATES = ("waiting", "running")


class ExportJob(Base):
    """A list being written into a file for one person, by the worker."""

    id = AutoField()
    person_id: int
    uid = CharField(max_length=32, unique=True)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    register = CharField(max_length=40)
    format = CharField(max_length=4)
    selection = JSONField()  # words, filters as typed, sort, descending
    locale = CharField(max_length=10)
    state = CharField(max_length=10, default="waiting")
    total = IntegerField(null=True)
    rows_done = IntegerField(default=0)
    size = IntegerField(null=True)  # bytes of the file
    claim = CharField(max_length=32, default="")
    beat_at = UtcDateTimeField(null=True)
    error = TextField(default="")
    created_at = UtcDateTimeField()
    finished_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("person", "created_at"), False),)
        constraints = [
            Check("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')"),
            Check("format IN ('xlsx', 'csv')"),
            Check("(state IN ('waiting', 'running')) = (finished_at IS NULL)"),
            Check("rows_done >= 0"),
        ]

    @property
    def open(self) -> bool:
        """Whether it is still to be written."""
        return self.state in OPEN_STATES

    @property
    def there(self) -> bool:
        """Whether its file can be fetched."""
        return (
            self.state == "done" and self.finished_at is not None and moment.now() - self.finished_at < KEPT
        )

    @property
    def share(self) -> int | None:
        """How much of it is written, in hundredths; ``None`` while nobody knows."""
        return min(100, self.rows_done * 100 // self.total) if self.total else None

    @property
    def register_label(self) -> Message:
        """What is written, as a message."""
        register = register_of(self.register)
        return msg(register.label) if register else Message(self.register)

    def chosen(self, register: Register) -> listing.Selection:
        """Which rows, in which order."""
        kept = self.selection
        filters = read_filters(register, kept["filters"])
        return listing.Selection(
            kept["words"], filters, kept["sort"], kept["descending"] if kept["sort"] else None
        )


def register_of(name: str) -> Register | None:
    """The register of this name."""
    return next((one for one in REGISTERS if one.name == name), None)


def ask(
    person: Person | None,
    register: Register,
    format: str,
    *,
    words: str,
    typed: dict[str, str],
    sort: str,
    descending: bool,
    locale: str,
) -> ExportJob:
    """Have the rows of a list written into a file, exactly those that it shows on all its pages.

    Raises ``NotAllowed``, ``NotFound`` for a register that is not written down, ``Invalid`` for too many at once.
    """
    who = listing.require(person, register)
    if not register.export or format not in FORMATS:
        raise NotFound()
    selection = {"words": words, "filters": typed, "sort": sort, "descending": descending}
    with transaction():
        waiting = ExportJob.select().where(ExportJob.person == who, ExportJob.finished_at.is_null()).count()
        if waiting >= AT_ONCE:
            text = N_(
                "You have %(limit)s lists being written already. Please wait until one is ready, or cancel it."
            )
            raise Invalid({}, msg(text, limit=AT_ONCE))
        made = ExportJob.create(
            uid=uuid.uuid4().hex, person=who.id, register=register.name, format=format, selection=selection,
            locale=locale, created_at=moment.now(),
        )  # fmt: skip
        # Who took which list away is remembered, but not what was searched for: that may be a name.
        history.record(
            who,
            "list.exported",
            subject=register.name,
            difference={"fields": sorted(typed), "format": format},
        )
    return made


def mine(person: Person | None) -> list[ExportJob]:
    """What this person asked for within the last month, newest first."""
    if person is None:
        return []
    since = moment.now() - LISTED
    found = ExportJob.select().where(ExportJob.person == person, ExportJob.created_at > since)
    return list(found.order_by(ExportJob.created_at.desc()).limit(50))


def one(person: Person | None, uid: str) -> ExportJob:
    """One that this person asked for and whose list they may still see. Raises ``NotFound`` for all others."""
    found: ExportJob | None = None
    if person is not None:
        found = ExportJob.get_or_none(ExportJob.uid == uid, ExportJob.person == person)
    register = register_of(found.register) if found else None
    if found is None or register is None:
        raise NotFound()
    listing.require(person, register)
    return found


def cancel(person: Person | None, uid: str) -> ExportJob:
    """Write it no further; nothing happens to one that is written. Raises ``NotFound``."""
    with transaction():
        found = one(person, uid)
        mine = (ExportJob.id == found.id) & ExportJob.finished_at.is_null()
        ExportJob.update(state="cancelled", finished_at=moment.now(), claim="").where(mine).execute()
    return one(person, uid)


def file_of(settings: Settings, person: Person | None, uid: str) -> Path:
    """The file of one that is written. Raises ``NotFound`` for another person's, and after a day."""
    found = one(person, uid)
    path = path_of(settings, found)
    if not found.there or not path.is_file():
        raise NotFound()
    return path


def path_of(settings: Settings, job: ExportJob) -> Path:
    """Where the file of a job lies, or will lie."""
    return settings.data / FOLDER / f"{job.uid}.{job.format}"


def forget_old(settings: Settings) -> int:
    """Throw away files of which a day is over, and lines of which a month is; returns how many files there were."""
    now, folder = moment.now(), settings.data / FOLDER
    recent: Any = ExportJob.select(ExportJob.uid).where(
        ExportJob.finished_at.is_null() | (ExportJob.finished_at > now - KEPT)
    )
    kept = {job.uid for job in recent}
    old = [path for path in folder.iterdir() if path.name[:32] not in kept] if folder.is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    with transaction():
        ExportJob.delete().where(ExportJob.finished_at < now - LISTED).execute()
    return len(old)
