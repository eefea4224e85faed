"""One archive with the database and the files, made while the portal runs. The index and the secret stay out."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from content import moment
from content.db import storage_errors
from content.errors import N_, DomainError, StorageFull, msg
from content.files import content_path
from content.settings import Settings
from content.transfer.stored import digest_of

FORMAT = "lianxi-backup"
VERSION = 1
DATABASE = "database.sqlite3"
MANIFEST = "manifest.json"

Progress = Callable[[int, int], None]  # members done, members in all


class BackupFailed(DomainError):
    """A backup that cannot be made or read; nothing was changed."""

    default = N_("The backup could not be made.")


@dataclass(frozen=True)
class Backup:
    """What went into an archive. ``lost`` names files of the portal whose content is not on the disk."""

    path: Path
    size: int
    files: int
    lost: tuple[str, ...] = field(default=())


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
    with _room(), tempfile.TemporaryDirectory(dir=settings.data, prefix="backup-") as folder:
        copy = Path(folder) / DATABASE
        copy_database(source, copy)
        contents = _contents(copy)
        handle, temporary = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}-")
        os.close(handle)
        try:
            lost = _write(settings, Path(temporary), copy, contents, progress)
            os.replace(temporary, target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    return Backup(target, target.stat().st_size, len(contents) - len(lost), tuple(lost))


def copy_database(source: Path, target: Path) -> None:
    """Copy a live database with SQLite's own means: the copy is of one moment, whatever is being written."""
    with storage_errors(), closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.execute("PRAGMA busy_timeout = 10000")
        live.backup(copy)
        # The archive's copy is one file: without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _contents(copy: Path) -> dict[str, str]:
    """Digest → name of the files that the copied database knows."""
    with closing(sqlite3.connect(copy)) as database:
        return dict(database.execute("SELECT sha256, name FROM stored_file ORDER BY id DESC"))


def migrations_of(path: Path) -> list[str]:
    """The migrations that a database file has had."""
    with closing(sqlite3.connect(path)) as database:
        return [row[0] for row in database.execute("SELECT name FROM schema_migration ORDER BY name")]


def _write(
    settings: Settings, target: Path, copy: Path, contents: dict[str, str], progress: Progress | None
) -> list[str]:
    members: dict[str, dict[str, Any]] = {}
    lost: list[str] = []
    with zipfile.ZipFile(target, "w", allowZip64=True) as archive:
        archive.write(copy, DATABASE, zipfile.ZIP_DEFLATED)
        members[DATABASE] = {"sha256": digest_of(copy), "size": copy.stat().st_size}
        for done, (digest, name) in enumerate(sorted(contents.items()), start=1):
            path = content_path(settings, digest)
            if path.is_file() and digest_of(path) == digest:
                archive.write(path, f"files/{digest}", zipfile.ZIP_STORED)
                members[f"files/{digest}"] = {"sha256": digest, "size": path.stat().st_size}
            else:
                lost.append(name)
            if progress:
                progress(done, len(contents))
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": moment.now().isoformat(),
            "migrations": migrations_of(copy),
            "lost": lost,
            "members": members,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1), zipfile.ZIP_DEFLATED)
    with target.open("rb") as written:
        os.fsync(written.fileno())
    return lost


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
