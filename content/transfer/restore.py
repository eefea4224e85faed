"""Putting an archive back: looked through as a whole first, then swapped in while the portal runs."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import shutil
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peewee import PeeweeException

from content import chinese, db, search
from content.db import MIGRATIONS, database, storage_errors
from content.errors import N_, DomainError, StorageFull, msg
from content.files import MB, content_path
from content.items import KINDS, ContentVersion
from content.settings import Settings
from content.transfer.backup import DATABASE, FORMAT, MANIFEST, VERSION, database_path, migrations_of
from content.transfer.schema import parts_of, wanted_parts
from content.transfer.stored import CHUNK, digest_of, put, working_folder

log = logging.getLogger(__name__)

_FILE = re.compile(r"files/[0-9a-f]{64}")
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what a backup uses
_MANIFEST_LIMIT = 64 * 1024 * 1024
# What is packed closer than this is no backup but a trap; small archives are let through whatever they say.
_CLOSEST = 100
# Beyond all numbers that the live database may come to before it is replaced.
LEAP = 1000
_SMALL = 64 * 1024 * 1024  # bytes unpacked

# What reading a damaged or made-up archive may raise.
_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, AttributeError, EOFError,
           NotImplementedError, RuntimeError, IndexError, struct.error)  # fmt: skip

Progress = Callable[[int, int], None]


class BadArchive(DomainError):
    """An archive that is damaged or not ours; nothing was touched."""

    default = N_("This archive cannot be restored. Nothing was changed.")


class IndexNotMade(DomainError):
    """Database and files are restored; the index is not of them."""

    default = N_(
        "Everything is restored, but the search index could not be made. Please make room and run “lianxi reindex”."
    )


@dataclass(frozen=True)
class Restored:
    """What came out of an archive."""

    made_at: str
    files: int  # contents that were not on the disk before
    documents: int  # in the index made anew
    migrated: tuple[str, ...]  # steps that brought an older archive up to date


def restore_backup(settings: Settings, archive: Path, progress: Progress | None = None) -> Restored:
    """Verify the whole archive in a folder of its own, then put database and files in place.

    Works beside a running server: SQLite replaces the database in one write, and the next request reads it.
    Raises ``BadArchive`` for what is damaged, foreign or newer, before anything is touched; ``IndexNotMade`` at the end.
    """
    live = database_path(settings)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with working_folder(settings, "restore") as folder:
        manifest = unpack(settings, archive, folder)
        with _sound():
            migrated = _bring_up_to_date(settings, folder)
            _check_schema(folder / DATABASE)
            _follow(live, folder / DATABASE)
        # Contents before rows: a row never lacks its content. What was there stays.
        new = sum(put(settings, path.name, path) for path in sorted((folder / "files").glob("*")))
        with _sound():
            _follow(live, folder / DATABASE)  # that took its time, in which people went on
        _swap(settings, folder / DATABASE, live)
    try:
        documents = search.rebuild(settings, progress)
    except (OSError, DomainError) as error:
        log.warning("restored, but there is no index: %s", error)
        raise IndexNotMade() from error
    return Restored(str(manifest.get("made_at", "")), new, documents, tuple(migrated))


def unpack(settings: Settings, archive: Path, folder: Path) -> dict[str, Any]:
    """Unpack into ``folder`` what the manifest lists and nothing else; every member must have its digest.

    Raises ``BadArchive``, or ``StorageFull`` before anything is unpacked for which there is no room.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            if any(info.compress_type not in _PACKINGS for info in opened.infolist()):
                raise BadArchive()
            manifest = _manifest(opened)
            members: dict[str, Any] = manifest["members"]
            names = [info.filename for info in opened.infolist()]
            if sorted(names) != sorted([*members, MANIFEST]) or DATABASE not in members:
                raise BadArchive(
                    msg(N_("The archive does not hold what its list says. Nothing was changed."))
                )
            _check_sizes(settings, archive, opened.infolist(), members)
            (folder / "files").mkdir()
            for name, member in members.items():
                _unpack_member(opened, name, member, folder)
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull() from error
        log.warning("archive %s refused: %r", archive, error)
        raise BadArchive(
            msg(N_("This is no archive of Lianxi, or it is damaged. Nothing was changed."))
        ) from error
    _check_database(folder / DATABASE)
    return manifest


def _manifest(opened: zipfile.ZipFile) -> dict[str, Any]:
    if opened.getinfo(MANIFEST).file_size > _MANIFEST_LIMIT:
        raise BadArchive()
    manifest = json.loads(opened.read(MANIFEST))
    if manifest["format"] != FORMAT:
        raise BadArchive(msg(N_("This is no archive of Lianxi. Nothing was changed.")))
    if manifest["version"] != VERSION:
        raise BadArchive(
            msg(N_("This archive is of a newer Lianxi. Please update first. Nothing was changed."))
        )
    return dict(manifest)


def _check_sizes(
    settings: Settings, archive: Path, infos: list[zipfile.ZipInfo], members: dict[str, Any]
) -> None:
    """Believe neither the list nor the headers before the disk could bear what they say."""
    total = sum(info.file_size for info in infos)
    stated = all(
        info.file_size == members[info.filename]["size"] for info in infos if info.filename != MANIFEST
    )
    if not stated or (total > _SMALL and total > _CLOSEST * archive.stat().st_size):
        raise BadArchive(msg(N_("The archive does not hold what its list says. Nothing was changed.")))
    # Beside what is unpacked the database is written once more, and every content that is not here yet.
    needed = total + members[DATABASE]["size"]
    needed += sum(
        info.file_size
        for info in infos
        if _FILE.fullmatch(info.filename)
        and not content_path(settings, info.filename.removeprefix("files/")).is_file()
    )
    if needed > shutil.disk_usage(settings.data).free:
        raise StorageFull(
            msg(
                N_("There is not enough room for this archive: it needs %(needed)s MB. Nothing was changed."),
                needed=needed // MB + 1,
            )
        )


def _unpack_member(opened: zipfile.ZipFile, name: str, member: dict[str, Any], folder: Path) -> None:
    # Names are ours or refused: none can leave the folder.
    if name != DATABASE and not _FILE.fullmatch(name):
        raise BadArchive(msg(N_("The archive does not hold what its list says. Nothing was changed.")))
    target = folder / name
    size = 0
    with opened.open(name) as source, target.open("wb") as sink:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > member["size"]:
                break
            sink.write(chunk)
    named = name == DATABASE or name.removeprefix("files/") == member["sha256"]
    if size != member["size"] or digest_of(target) != member["sha256"] or not named:
        raise BadArchive(
            msg(N_("The archive is damaged: %(name)s is not what it was. Nothing was changed."), name=name)
        )


def _check_database(path: Path) -> None:
    with _sound():
        with closing(sqlite3.connect(path)) as copy:
            whole = copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            linked = not copy.execute("PRAGMA foreign_key_check").fetchall()
        if not (whole and linked):
            raise _damaged()
        known = {path.stem for path in MIGRATIONS.glob("[0-9]*.py")}
        if not set(migrations_of(path)) <= known:
            raise BadArchive(
                msg(N_("This archive is of a newer Lianxi. Please update first. Nothing was changed."))
            )


def _damaged() -> BadArchive:
    return BadArchive(msg(N_("The database in the archive is damaged. Nothing was changed.")))


@contextmanager
def _sound() -> Iterator[None]:
    """Whatever goes wrong with the copy within means that the archive is damaged, unless there is no room."""
    try:
        with storage_errors():
            yield
    except (sqlite3.Error, PeeweeException, ValueError, OverflowError) as error:
        log.warning("the database of the archive is refused: %r", error)
        raise _damaged() from error


def _check_schema(copy: Path) -> None:
    """Hold the copy, once it is up to date, against a database made anew: the same tables, columns, triggers."""
    held, wanted = parts_of(copy), wanted_parts()
    with closing(sqlite3.connect(copy)) as opened:
        kinds = {row[0] for row in opened.execute("SELECT DISTINCT kind FROM item")}
    if (
        not held >= wanted
        or {one for one in held - wanted if one[0] in ("trigger", "view")}
        or kinds - set(KINDS)
    ):
        log.warning("the schema of the archive lacks %s", sorted(wanted - held)[:5])
        raise _damaged()


def _bring_up_to_date(settings: Settings, folder: Path) -> list[str]:
    """Apply to the copy what migrations an older archive lacks."""
    aside = replace(settings, data=folder, database=f"sqlite:///{folder / DATABASE}", database_max_mb=0)
    if database.obj is not None:
        database.close()
    try:
        db.open_database(aside)
        migrated = db.migrate(aside)
    finally:
        database.close()
        db.open_database(settings)
    return migrated


def _follow(live: Path, copy: Path) -> None:
    """Tell the copy what has happened in the live database that must not happen twice."""
    if live.is_file():
        _keep_sent(live, copy)
    _number_on(copy, _content_version(live))


def _keep_sent(live: Path, copy: Path) -> None:
    """What was waiting when the archive was made and has been sent since is not sent again."""
    with closing(sqlite3.connect(live)) as now, closing(sqlite3.connect(copy)) as then:
        try:
            sent = dict(
                now.execute("SELECT id || created_at, sent_at FROM outgoing WHERE sent_at IS NOT NULL")
            )
        except sqlite3.DatabaseError:
            return  # what is live may be broken: that is why somebody restores
        rows = then.execute(
            "SELECT id, id || created_at FROM outgoing WHERE sent_at IS NULL AND channel <> 'index'"
        )
        for id, key in rows.fetchall():
            if key in sent:
                then.execute("UPDATE outgoing SET sent_at = ? WHERE id = ?", (sent[key], id))
        then.commit()


def _swap(settings: Settings, copy: Path, live: Path) -> None:
    """Write the copy over the live database as one transaction of SQLite; readers see the old or the new."""
    with storage_errors(), closing(sqlite3.connect(copy)) as source:
        try:
            _write_over(settings, source, live)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            log.warning("the live database cannot be read (%s); the restored one takes its place", error)
            _take_place(settings, source, live)
    chinese.forget()


def _take_place(settings: Settings, source: sqlite3.Connection, live: Path) -> None:
    """Put the copy where a file lies that is no database any more; that one goes when the other is whole."""
    fresh = live.with_name(f"{live.name}.restored")
    try:
        fresh.unlink(missing_ok=True)
        _write_over(settings, source, fresh)  # its log is in it when the last connection is shut
        for ending in ("-wal", "-shm"):
            live.with_name(live.name + ending).unlink(missing_ok=True)
        os.replace(fresh, live)
    finally:
        for ending in ("", "-wal", "-shm"):
            fresh.with_name(fresh.name + ending).unlink(missing_ok=True)


def _number_on(copy: Path, live: int) -> None:
    """Give the copy a number of contents beyond the live one, and the header that the live file has."""
    with closing(sqlite3.connect(copy)) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
        row = opened.execute("SELECT max(number) FROM content_version").fetchone()
        opened.execute("DELETE FROM content_version")
        number = max(int(row[0] or 0), live) + LEAP
        opened.execute("INSERT INTO content_version (number) VALUES (?)", (number,))
        opened.commit()
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _write_over(settings: Settings, source: sqlite3.Connection, live: Path) -> None:
    with closing(sqlite3.connect(live)) as target:
        target.execute(f"PRAGMA busy_timeout = {settings.database_wait_ms}")
        target.execute("PRAGMA journal_mode = WAL")
        source.backup(target)


def _content_version(live: Path) -> int:
    """Pages that readers have cached bear this number; the restored portal counts on from it."""
    if not live.is_file():
        return 0
    table = ContentVersion._meta.table_name
    try:
        with closing(sqlite3.connect(live)) as now:
            row = now.execute(f"SELECT max(number) FROM {table}").fetchone()  # noqa: S608  a name of ours
        return int(row[0] or 0)
    except sqlite3.DatabaseError:
        return 0
