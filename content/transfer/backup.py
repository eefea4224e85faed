"""One archive with the database and the files, made while the portal runs. The index and the secret stay out.

Whoever writes meanwhile is not held up: the database is copied from a snapshot, and what is written goes to the disk
in small steps, so that no writer waits behind a mountain of it (docs/decisions/0017-backup.md).
"""

from __future__ import annotations

import errno
import json
import os
import re
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from peewee import PeeweeException

from content import db, files, last_backup, moment
from content import reception as _reception  # noqa: F401  importing it guards the files of matters
from content.db import database, storage_errors
from content.errors import N_, DomainError, Invalid, StorageFull, msg
from content.files import MB, StoredFile, content_path
from content.settings import Settings
from content.transfer.stored import CHUNK, digest_of, working_folder

FORMAT = "lianxi-backup"
VERSION = 1
DATABASE = "database.sqlite3"
MANIFEST = "manifest.json"
STEP = 1 * MB  # written before it must be on the disk
PAGES = 256  # of the database copied at a time
LONGEST_PAUSE = 0.05  # seconds that the disk is left to others after a step, if the step took so long
_NAMED = re.compile(r"lianxi-\d{8}-\d{6}\.zip")
_HALF = re.compile(rf"\.{_NAMED.pattern}-\w{{8}}")
ABANDONED = timedelta(hours=12)
MOST_KEPT = 1000

Progress = Callable[[int, int], None]  # members done, members in all


class BackupFailed(DomainError):
    """A backup that cannot be made or read; nothing was changed."""

    default = N_("The backup could not be made.")


@dataclass(frozen=True)
class Backup:
    """What went into an archive. ``lost`` names files of the portal whose content is not on the disk; those that
    belong to matters by their uid. ``removed`` are older archives that made room."""

    path: Path
    size: int
    files: int
    lost: tuple[str, ...] = field(default=())
    removed: tuple[Path, ...] = field(default=())


def database_path(settings: Settings) -> Path:
    """The file of the SQLite database. Raises ``BackupFailed`` where the portal keeps its data elsewhere."""
    if not settings.database_url.startswith("sqlite:///"):
        raise BackupFailed(
            msg(
                N_(
                    "Only a portal on SQLite is backed up this way. Please use the tools of your database server."
                )
            )
        )
    return Path(settings.database_url.removeprefix("sqlite:///"))


def make_backup(settings: Settings, target: Path, progress: Progress | None = None) -> Backup:
    """Write the archive; readers and writers go on meanwhile. An older archive there is replaced when all is well.

    Raises ``BackupFailed`` or ``StorageFull``; then ``target`` is as before.
    """
    source = database_path(settings)
    if not source.is_file():
        raise BackupFailed(msg(N_("There is no portal here yet.")))
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise BackupFailed(msg(N_("This is no place for a file: %(path)s"), path=str(target)))
    with _room(), working_folder(settings, "backup") as folder:
        copy = folder / DATABASE
        copy_database(source, copy)
        contents = _contents(copy)
        handle, temporary = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "w+b") as opened:
                lost = _write(settings, opened, copy, contents, progress)
            os.replace(temporary, target)
            _settle_folder(target.absolute().parent)
        finally:
            Path(temporary).unlink(missing_ok=True)
    size = target.stat().st_size
    last_backup.note(settings, target.name, size)
    return Backup(target, size, len(contents) - len(lost), tuple(lost))


def make_dated_backup(
    settings: Settings, folder: Path, keep: int, progress: Progress | None = None
) -> Backup:
    """Write an archive named by the moment into ``folder`` and then remove all but the ``keep`` newest of such a name.

    Raises as ``make_backup``, and ``Invalid`` for less than one; then nothing is removed.
    """
    if not 1 <= keep <= MOST_KEPT:
        text = msg(N_("A number from 1 to %(most)s, please."), most=MOST_KEPT)
        raise Invalid({"keep": [text]}, text)
    if not folder.is_dir():
        raise BackupFailed(msg(N_("This is no folder: %(path)s"), path=str(folder)))
    made = make_backup(settings, folder / f"lianxi-{moment.local(moment.now()):%Y%m%d-%H%M%S}.zip", progress)
    older = [path for path in _files_named(_NAMED, folder) if path != made.path]
    # A name beyond the one just made bears a date of before the clock was set back: it goes first.
    older.sort(key=lambda path: (path.name < made.path.name, path.name))
    removed = older[: max(len(older) + 1 - keep, 0)]
    with _room():
        for path in [*removed, *_unfinished(folder)]:
            path.unlink(missing_ok=True)
    return Backup(made.path, made.size, made.files, made.lost, tuple(removed))


def _unfinished(folder: Path) -> list[Path]:
    """What a backup left that was killed: an archive that nobody has written to for long."""
    limit = moment.now() - ABANDONED
    return [path for path in _files_named(_HALF, folder) if moment.of_timestamp(path.stat().st_mtime) < limit]


def _files_named(pattern: re.Pattern[str], folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if pattern.fullmatch(path.name) and path.is_file()]


def copy_database(source: Path, target: Path) -> None:
    """Copy a live database with SQLite's own means: the copy is of one moment, whatever is being written.

    Raises ``BackupFailed`` for one that is damaged: its copy is no backup, and must take no good one's place.
    """
    with (
        _whole(),
        storage_errors(),
        closing(sqlite3.connect(source)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.execute("PRAGMA busy_timeout = 10000")
        # A copy that is cut short is thrown away: it needs no journal, and nobody waits until it is on the disk.
        copy.execute("PRAGMA synchronous = OFF")
        # Reading within one transaction: no write meanwhile makes the copying start from the beginning.
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with target.open("rb") as written:
            live.backup(copy, pages=PAGES, progress=lambda *_: _settle(written), sleep=0)
        live.rollback()
        # The archive's copy is one file: without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        answers = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
        if answers != ["ok"]:
            raise _damaged("; ".join(answers))


def _damaged(what: str) -> BackupFailed:
    return BackupFailed(msg(N_("The database is damaged: %(what)s"), what=what))


@contextmanager
def _whole() -> Iterator[None]:
    """A file that SQLite cannot make sense of is damaged."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise _damaged(str(error)) from error


def _contents(copy: Path) -> dict[str, str]:
    """Digest → uid of the files that the copied database knows."""
    with closing(sqlite3.connect(copy)) as database:
        return dict(database.execute("SELECT sha256, uid FROM stored_file ORDER BY id DESC"))


def migrations_of(path: Path) -> list[str]:
    """The migrations that a database file has had."""
    with closing(sqlite3.connect(path)) as database:
        return [row[0] for row in database.execute("SELECT name FROM schema_migration ORDER BY name")]


def _write(
    settings: Settings, target: IO[bytes], copy: Path, contents: dict[str, str], progress: Progress | None
) -> list[str]:
    members: dict[str, dict[str, Any]] = {}
    missing: list[str] = []
    steady = _Steady(target)
    with zipfile.ZipFile(target, "w", allowZip64=True) as archive:
        steady.add(archive, copy, DATABASE, zipfile.ZIP_DEFLATED)
        members[DATABASE] = {"sha256": digest_of(copy), "size": copy.stat().st_size}
        for done, digest in enumerate(sorted(contents), start=1):
            path = content_path(settings, digest)
            if path.is_file() and digest_of(path) == digest:
                steady.add(archive, path, f"files/{digest}", zipfile.ZIP_STORED)
                members[f"files/{digest}"] = {"sha256": digest, "size": path.stat().st_size}
            else:
                missing.append(digest)
            if progress:
                progress(done, len(contents))
        lost = _names(settings, missing, contents)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": moment.now().isoformat(),
            "migrations": migrations_of(copy),
            "lost": lost,
            "members": members,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1), zipfile.ZIP_DEFLATED)
    steady.settle()
    return lost


class _Steady:
    """Writes members into an archive and sees to it that no more than ``STEP`` of it waits for the disk: the log of
    the database shares that disk, and each write of somebody waits until its part of the log is there.
    """

    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.waiting = target, 0

    def add(self, archive: zipfile.ZipFile, path: Path, name: str, packing: int) -> None:
        """Add a file as a member."""
        info = zipfile.ZipInfo.from_file(path, name)
        info.compress_type = packing
        with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as sink:
            while chunk := source.read(CHUNK):
                sink.write(chunk)
                self.waiting += len(chunk)
                if self.waiting >= STEP:
                    self.settle()
            _let_go(source)

    def settle(self) -> None:
        """Bring to the disk what waits."""
        self.target.flush()
        _settle(self.target)
        _let_go(self.target)
        self.waiting = 0


def _settle(opened: IO[bytes]) -> None:
    """Bring a file to the disk, and then leave the disk to others for as long as that took."""
    start = time.perf_counter()
    os.fdatasync(opened.fileno())
    time.sleep(min(time.perf_counter() - start, LONGEST_PAUSE))


def _let_go(opened: IO[bytes]) -> None:
    """What was read or written here is not wanted again soon: the memory is for the portal."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _settle_folder(folder: Path) -> None:
    """Let the new name outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _names(settings: Settings, digests: list[str], contents: dict[str, str]) -> list[str]:
    """What lost files may be called; by their uid if the portal cannot be asked."""
    if not digests:
        return []
    try:
        if database.obj is None:
            db.open_database(settings)
        rows = list(StoredFile.select().where(StoredFile.sha256.in_(digests)).order_by(StoredFile.id.desc()))
        names = dict(zip((row.sha256 for row in rows), files.public_names(rows), strict=True))
    except PeeweeException:
        names = {}
    return [names.get(digest, contents[digest]) for digest in digests]


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull() from error
        raise BackupFailed(
            msg(N_("The file cannot be written: %(reason)s"), reason=error.strerror or "")
        ) from error
