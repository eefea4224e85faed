"""Backup, restore and check: whole or not at all, also while the portal is written to."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from content import actions, files, moment, search
from content.db import MIGRATIONS, database
from content.errors import StorageFull
from content.items import Item, content_version
from content.outbox import Outgoing
from content.settings import Settings
from content.transfer import backup as backup_module
from content.transfer import restore as restore_module
from content.transfer.backup import FORMAT, MANIFEST, VERSION, BackupFailed, make_backup
from content.transfer.checking import check
from content.transfer.restore import BadArchive, IndexNotMade, restore_backup
from tests.conftest import notice


@pytest.fixture
def archive(settings: Settings, house: SimpleNamespace, tmp_path: Path) -> Path:
    """A portal with a published notice and a picture, indexed, and its archive."""
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(picture, "PNG")
    picture.seek(0)
    files.store(settings, house.administrator, picture, "海報.png")
    actions.publish_now(house.administrator, "notice", house.board, notice("停水通知"))
    while search.index_pending(settings):
        pass
    target = tmp_path / "portal.zip"
    make_backup(settings, target)
    return target


def titles() -> list[str]:
    return [item.title for item in Item.select().order_by(Item.id)]


def found(settings: Settings, text: str) -> int:
    return search.find(settings, None, search.SearchQuery(text)).total


def test_what_was_saved_comes_back_with_its_files_and_is_found(
    settings: Settings, house: SimpleNamespace, archive: Path
) -> None:
    actions.publish_now(house.administrator, "notice", house.board, notice("停電通知"))
    version = content_version()
    shutil.rmtree(settings.files)
    restored = restore_backup(settings, archive)
    assert titles() == ["停水通知"]
    assert restored.files == 1
    assert files.missing(settings) == []
    assert (found(settings, "停水"), found(settings, "停電")) == (1, 0)
    assert content_version() > version  # cached pages of what was are not shown


def test_an_archive_goes_into_an_empty_folder(archive: Path, tmp_path: Path) -> None:
    database.close()
    other = Settings(data=tmp_path / "other")
    restore_backup(other, archive)
    assert titles() == ["停水通知"]
    assert found(other, "停水") == 1
    assert check(other) == []


def test_the_index_and_the_secret_stay_out(settings: Settings, archive: Path) -> None:
    (settings.data / "secret").write_text("x")
    names = zipfile.ZipFile(archive).namelist()
    assert {name.split("/")[0] for name in names} == {"database.sqlite3", "files", MANIFEST}


def test_a_connection_that_was_open_reads_what_was_restored(
    settings: Settings, house: SimpleNamespace, archive: Path
) -> None:
    """As a running server has it: it opened the database before the archive was put back."""
    server = sqlite3.connect(settings.data / "lianxi.db")
    actions.publish_now(house.administrator, "notice", house.board, notice("停電通知"))
    assert server.execute("SELECT count(*) FROM item").fetchone() == (2,)
    restore_backup(settings, archive)
    assert server.execute("SELECT count(*) FROM item").fetchone() == (1,)
    server.execute("UPDATE item SET title = 'x'")
    server.commit()
    assert titles() == ["x"]
    server.close()


def test_a_backup_is_of_one_moment_while_others_write(
    settings: Settings, house: SimpleNamespace, tmp_path: Path
) -> None:
    """Each write is an item and its audit entry: no archive has one without the other."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            actions.create(house.editor, "notice", house.board, notice())
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(3):
            make_backup(settings, tmp_path / f"{n}.zip")
    finally:
        stop.set()
        writer.join()
    for n in range(3):
        copy = tmp_path / f"{n}.sqlite3"
        copy.write_bytes(zipfile.ZipFile(tmp_path / f"{n}.zip").read("database.sqlite3"))
        opened = sqlite3.connect(copy)
        items = opened.execute("SELECT count(*) FROM item").fetchone()
        entries = opened.execute("SELECT count(*) FROM audit_entry WHERE verb = 'item.created'").fetchone()
        assert items == entries
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        opened.close()


def rewritten(archive: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with other members, its list of members left as it is unless ``change`` changes it."""
    with zipfile.ZipFile(archive) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    change(members)
    target = archive.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    return target


def in_manifest(**values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members[MANIFEST] = json.dumps({**json.loads(members[MANIFEST]), **values}).encode()

    return change


def flipped(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("files/"))
    members[name] = b"y" * len(members[name])


def smuggled(members: dict[str, bytes]) -> None:
    members["../../outside"] = b"x"
    listed = json.loads(members[MANIFEST])
    listed["members"]["../../outside"] = {
        "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        "size": 1,
    }
    members[MANIFEST] = json.dumps(listed).encode()


def without_database(members: dict[str, bytes]) -> None:
    del members["database.sqlite3"]


def from_the_future(members: dict[str, bytes]) -> None:
    replace_database(
        members, "INSERT INTO schema_migration (name, applied) VALUES ('9999_flying', '2030-01-01')"
    )


def broken_links(members: dict[str, bytes]) -> None:
    replace_database(members, "UPDATE item SET section_id = 4711")


def replace_database(members: dict[str, bytes], statement: str) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".sqlite3") as file:
        Path(file.name).write_bytes(members["database.sqlite3"])
        opened = sqlite3.connect(file.name)
        opened.execute(statement)
        opened.commit()
        opened.close()
        data = Path(file.name).read_bytes()
    members["database.sqlite3"] = data
    listed = json.loads(members[MANIFEST])
    listed["members"]["database.sqlite3"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    members[MANIFEST] = json.dumps(listed).encode()


def replaced_by(*statements: str) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        for statement in statements:
            replace_database(members, statement)

    return change


def emptied(members: dict[str, bytes]) -> None:
    """A database with nothing but one table of migrations that claims to have had all."""
    opened = sqlite3.connect(":memory:")
    opened.execute("CREATE TABLE schema_migration (name TEXT, applied TEXT)")
    names = sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))
    opened.executemany("INSERT INTO schema_migration VALUES (?, '2026-01-01')", [(name,) for name in names])
    opened.commit()
    members["database.sqlite3"] = opened.serialize()
    opened.close()
    replace_database(members, "PRAGMA user_version = 1")


# A database that SQLite finds whole and that is none of ours all the same.
STATEMENTS = (
    "DROP TABLE content_version",
    "DELETE FROM schema_migration",
    "DROP TABLE schema_migration",
    "DROP TABLE stored_file",
    "DROP TABLE outgoing",
    "ALTER TABLE person DROP COLUMN elder",
    "DROP TRIGGER audit_entry_no_update",
    "UPDATE content_version SET number = 'many'",
    "CREATE TRIGGER theirs AFTER INSERT ON item BEGIN DELETE FROM clause; END",
    "UPDATE item SET kind = 'spell'",
)
# A trigger of the right name that guards nothing.
LOOSE = "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT 1; END"
CRAFTED = [*map(replaced_by, STATEMENTS), replaced_by("DROP TRIGGER audit_entry_no_update", LOOSE), emptied]

BAD = [flipped, smuggled, without_database, from_the_future, broken_links, in_manifest(format="other"), in_manifest(version=99),
       in_manifest(members={}), in_manifest(members=None), lambda members: members.pop(MANIFEST), *CRAFTED]  # fmt: skip


@pytest.mark.parametrize("change", BAD)
def test_a_damaged_or_foreign_archive_changes_nothing(
    settings: Settings,
    house: SimpleNamespace,
    archive: Path,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
) -> None:
    bad = rewritten(archive, change)
    actions.publish_now(house.administrator, "notice", house.board, notice("停電通知"))
    before = sorted(settings.data.rglob("*"))
    with pytest.raises(BadArchive):
        restore_backup(settings, bad)
    assert titles() == ["停水通知", "停電通知"]
    assert [p for p in sorted(settings.data.rglob("*")) if "-wal" not in p.name and "-shm" not in p.name] == [
        p for p in before if "-wal" not in p.name and "-shm" not in p.name
    ]
    assert not (tmp_path.parent / "outside").exists()


def bomb(target: Path, size: int) -> Path:
    """An archive of zeros that says of itself what is in it, as any archive does."""
    data = bytes(size)
    members = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": size}
        for name in ("database.sqlite3", f"files/{hashlib.sha256(data).hexdigest()}")
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in members:
            made.writestr(name, data)
        made.writestr(MANIFEST, json.dumps({"format": FORMAT, "version": VERSION, "members": members}))
    return target


def test_what_unpacks_to_a_hundred_times_its_size_is_not_unpacked(
    settings: Settings, house: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(restore_module, "_unpack_member", never)
    with pytest.raises(BadArchive):
        restore_backup(settings, bomb(tmp_path / "bomb.zip", 40 * 1024 * 1024))


def test_an_archive_for_which_there_is_no_room_is_not_unpacked(
    settings: Settings, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore_module.shutil, "disk_usage", lambda path: SimpleNamespace(free=100_000))
    with pytest.raises(StorageFull):
        restore_backup(settings, archive)
    assert titles() == ["停水通知"]


def test_an_archive_whose_version_row_is_gone_counts_on_all_the_same(
    settings: Settings, house: SimpleNamespace, archive: Path
) -> None:
    version = content_version()
    restore_backup(settings, rewritten(archive, replaced_by("DELETE FROM content_version")))
    assert content_version() > version


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04rest"])
def test_what_is_no_archive_is_refused(
    settings: Settings, house: SimpleNamespace, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(BadArchive):
        restore_backup(settings, tmp_path / "x.zip")


def test_a_cut_archive_is_refused(settings: Settings, archive: Path) -> None:
    cut = archive.with_name("cut.zip")
    cut.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(BadArchive):
        restore_backup(settings, cut)


def test_an_unreadable_database_is_replaced(
    settings: Settings, house: SimpleNamespace, archive: Path
) -> None:
    database.close()
    live = settings.data / "lianxi.db"
    for name in ("lianxi.db-wal", "lianxi.db-shm"):
        (settings.data / name).unlink(missing_ok=True)
    live.write_bytes(b"this is no database at all" * 400)
    restore_backup(settings, archive)
    assert titles() == ["停水通知"]


def test_an_unreadable_database_stays_until_another_is_whole(
    settings: Settings, house: SimpleNamespace, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody may yet save from it is not thrown away for one that there is no room for."""
    database.close()
    live = settings.data / "lianxi.db"
    for name in ("lianxi.db-wal", "lianxi.db-shm"):
        (settings.data / name).unlink(missing_ok=True)
    live.write_bytes(b"this is no database at all" * 400)
    before = live.read_bytes()
    write = restore_module._write_over

    def no_room(given: Settings, source: sqlite3.Connection, target: Path) -> None:
        write(given, source, target)
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(restore_module, "_write_over", no_room)
    with pytest.raises(StorageFull):
        restore_backup(settings, archive)
    assert live.read_bytes() == before
    assert not list(settings.data.glob("lianxi.db.*"))


def test_a_failed_backup_leaves_the_old_archive(
    settings: Settings, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = archive.read_bytes()

    def full(*_: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_module, "digest_of", full)
    with pytest.raises(Exception, match="storage"):
        make_backup(settings, archive)
    assert archive.read_bytes() == before
    assert [p.name for p in archive.parent.iterdir() if p.name.startswith(".")] == []


def test_there_must_be_a_portal_and_a_place(
    settings: Settings, house: SimpleNamespace, tmp_path: Path
) -> None:
    with pytest.raises(BackupFailed):
        make_backup(Settings(data=tmp_path / "none"), tmp_path / "x.zip")
    with pytest.raises(BackupFailed):
        make_backup(settings, tmp_path / "no" / "such" / "x.zip")


def test_lost_content_is_named(settings: Settings, archive: Path) -> None:
    shutil.rmtree(settings.files)
    assert make_backup(settings, archive).lost == ("海報.png",)


def test_what_was_sent_after_the_backup_is_not_sent_again(
    settings: Settings, house: SimpleNamespace, tmp_path: Path
) -> None:
    row = Outgoing.create(channel="mail", context={}, created_at=moment.now(), due_at=moment.now())
    make_backup(settings, tmp_path / "x.zip")
    Outgoing.update(sent_at=moment.now()).where(Outgoing.id == row.id).execute()
    restore_backup(settings, tmp_path / "x.zip")
    assert Outgoing.get_by_id(row.id).sent_at is not None


def test_a_whole_portal_has_no_findings(settings: Settings, archive: Path) -> None:
    assert check(settings) == []


def subjects(settings: Settings, **how: Any) -> list[tuple[str, str]]:
    return [(one.subject, one.level) for one in check(settings, **how)]


def test_an_index_that_lacks_something_is_found_and_mended(
    settings: Settings, house: SimpleNamespace, archive: Path
) -> None:
    actions.publish_now(house.administrator, "notice", house.board, notice("停電通知"))
    assert subjects(settings) == [("index", "notice")]  # on its way
    Outgoing.delete().where(Outgoing.channel == "index").execute()
    assert subjects(settings) == [("index", "problem")]
    assert [one.mended for one in check(settings, mend=True)] == [True]
    assert subjects(settings) == []
    assert found(settings, "停電") == 1


def test_lost_files_late_messages_and_a_silent_worker_are_found(
    settings: Settings, archive: Path, clock: Callable[[timedelta], None]
) -> None:
    shutil.rmtree(settings.files)
    Outgoing.create(channel="mail", context={}, created_at=moment.now(), due_at=moment.now())
    clock(timedelta(hours=1))
    assert subjects(settings, watch_worker=True) == [
        ("files", "problem"),
        ("outbox", "problem"),
        ("worker", "notice"),
    ]
    assert subjects(settings, watch_worker=True, pulse=moment.now())[-1] == ("outbox", "problem")


def test_broken_rows_and_a_missing_migration_are_found(settings: Settings, archive: Path) -> None:
    database.close()
    raw = sqlite3.connect(settings.data / "lianxi.db")
    raw.execute("UPDATE item SET section_id = 4711")
    raw.commit()
    assert ("database", "problem") in subjects(settings)
    raw.execute("DELETE FROM schema_migration WHERE name LIKE '0006%'")
    raw.commit()
    raw.close()
    assert ("schema", "problem") in subjects(settings)


def test_an_older_archive_is_brought_up_to_date(settings: Settings, archive: Path) -> None:
    def older(members: dict[str, bytes]) -> None:
        replace_database(members, "DROP TABLE import_source")
        replace_database(members, "DELETE FROM schema_migration WHERE name = '0006_transfer'")

    assert restore_backup(settings, rewritten(archive, older)).migrated == ("0006_transfer",)
    assert check(settings) == []


def test_an_index_that_cannot_be_made_is_told_apart_from_what_is_restored(
    archive: Path, tmp_path: Path
) -> None:
    other = Settings(data=tmp_path / "other")
    other.data.mkdir()
    other.index.write_text("in the way")
    with pytest.raises(IndexNotMade, match="reindex"):
        restore_backup(other, archive)
    assert titles() == ["停水通知"]
