"""The rehearsal: back up while people work, restore elsewhere, and find every record, file and permission again."""

from __future__ import annotations

import hashlib
import io
import os
import random
import sqlite3
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from content import actions, files, liaison, moment, reception
from content.cases import Case
from content.db import database, open_database
from content.errors import Busy, StorageFull
from content.files import StoredFile
from content.items import Item, Section, content_version, new_uid
from content.outbox import Outgoing
from content.people import Person
from content.permissions import RULES, may
from content.settings import Settings
from content.transfer import restore as restore_module
from content.transfer.backup import make_backup, make_dated_backup
from content.transfer.checking import check
from content.transfer.restore import BadArchive, restore_backup
from content.transfer.stored import put, working_folder
from tests.conftest import notice
from tests.estate import furnished
from tests.liaison import met, paired
from tests.matters import filled, sent
from tests.wholeness import broken

Rows = dict[str, set[tuple[Any, ...]]]
# What a restore changes on purpose: pages that readers have kept are not to be taken for new ones, and the tables
# of SQLite's own. All else must be as it was.
CHANGED = {"content_version"}
LEAST = 3  # writes of each writer while the backup runs


def rows_of(settings: Settings) -> Rows:
    """Every row of every table."""
    with closing(sqlite3.connect(settings.data / "lianxi.db")) as opened:
        names = [row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        wanted = [name for name in names if name not in CHANGED and not name.startswith("sqlite_")]
        return {name: set(opened.execute(f'SELECT * FROM "{name}"')) for name in wanted}


def contents_of(settings: Settings) -> dict[str, str]:
    """Digest of every content that a row names, as it lies on the disk."""
    return {
        file.sha256: hashlib.sha256(files.content_path(settings, file.sha256).read_bytes()).hexdigest()
        for file in StoredFile.select()
    }


def answers(settings: Settings) -> dict[tuple[Any, ...], bool]:
    """What everybody may do with everything, and which files they may see; visitors, too."""
    readers: list[Person | None] = [None, *Person.select().order_by(Person.id)]
    records = [*Item.select(), *Section.select(), *Case.select()]
    found: dict[tuple[Any, ...], bool] = {}
    for reader in readers:
        who = reader.username if reader else None
        for permission in RULES:
            found[who, permission, "site"] = may(reader, permission, None)
            for record in records:
                found[who, permission, type(record).__name__, record.id] = may(reader, permission, record)
        for file in StoredFile.select():
            found[who, "file", file.uid] = files.may_see(reader, file)
    return found


def picture(colour: int) -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), (colour % 256, colour // 256 % 256, 90)).save(made, "PNG")
    made.seek(0)
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """As in a real portal: a writer waits for another one."""
    return Settings(data=tmp_path / "var", worker=False)


@pytest.fixture
def full(settings: Settings, house: SimpleNamespace) -> Settings:
    """A portal with some of everything: texts in all states, homes, matters with files, leaders and counselors."""
    furnished(house.administrator)
    for number in range(4):
        actions.publish_now(house.reviewer, "notice", house.board, notice(f"第{number}號"))
    stored = files.store(settings, house.editor, picture(1), "海報.png")
    body = f'<p>見圖</p><p><img src="file:{stored.uid}" alt="花"></p>'
    item = actions.publish_now(house.reviewer, "notice", house.board, notice(body=body))
    actions.edit(house.editor, item, {"title": "更正"}, version=item.version)
    actions.create(house.administrator, "notice", house.staff_room, notice("內部"))
    reception.hold_file(settings, house.owner, "c" * 32, picture(2), "走廊.png")
    sent(house.owner, "complaint", key="c" * 32)
    sent(None, "repair")
    met(house, paired(house))
    return settings


class Load:
    """People who go on working: one writes notices, one matters, one uploads pictures."""

    def __init__(self, settings: Settings, house: SimpleNamespace) -> None:
        self.settings, self.house = settings, house
        self.stop = threading.Event()
        self.done = [0, 0, 0]
        self.failures: list[BaseException] = []
        acts = (self.write, self.report, self.upload)
        self.threads = [threading.Thread(target=self.run, args=(n, act)) for n, act in enumerate(acts)]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()
        assert self.failures == []

    def run(self, number: int, act: Callable[[], Any]) -> None:
        try:
            while not self.stop.is_set():
                with suppress(Busy):  # three who write without a pause: now and then one is told to try again
                    act()
                    self.done[number] += 1
                time.sleep(0.01)
        except Exception as error:  # noqa: BLE001  said by the test
            self.failures.append(error)
        finally:
            database.close()

    def write(self) -> None:
        actions.publish_now(self.house.reviewer, "notice", self.house.board, notice(f"號外{self.done[0]}"))

    def report(self) -> None:
        reception.open_case(None, "repair", filled("repair"), key=new_uid())

    def upload(self) -> None:
        files.store(self.settings, self.house.editor, picture(1000 + self.done[2]), f"{self.done[2]}.png")

    def wait_for_more(self) -> None:
        """Until each of them has done something since now."""
        wanted, end = [n + LEAST for n in self.done], time.monotonic() + 60
        while any(n < w for n, w in zip(self.done, wanted, strict=True)) and time.monotonic() < end:
            assert not self.failures, self.failures
            time.sleep(0.01)
        assert all(n >= w for n, w in zip(self.done, wanted, strict=True))


def test_restored_elsewhere_everything_is_equal(
    full: Settings, house: SimpleNamespace, tmp_path: Path
) -> None:
    make_backup(full, tmp_path / "quiet.zip")
    before = rows_of(full), contents_of(full), answers(full)
    other = replace(full, data=tmp_path / "elsewhere")
    restore_backup(other, tmp_path / "quiet.zip")
    restored = rows_of(other)
    assert {name: rows ^ before[0][name] for name, rows in restored.items() if rows != before[0][name]} == {}
    assert set(restored) == set(before[0])
    assert contents_of(other) == before[1]
    assert all(digest == found for digest, found in before[1].items())
    assert answers(other) == before[2]
    assert any(before[2].values())
    assert not all(before[2].values())
    assert broken() == []
    assert [one for one in check(other) if one.level == "problem"] == []


def test_a_backup_under_load_is_of_one_moment_and_restores_whole(
    full: Settings, house: SimpleNamespace, tmp_path: Path
) -> None:
    stood = rows_of(full)
    archive = tmp_path / "busy.zip"
    with Load(full, house) as load:
        load.wait_for_more()
        acknowledged = rows_of(full)
        made = make_backup(full, archive, lambda done, total: time.sleep(0.002))
        load.wait_for_more()
    after, granted, kept = rows_of(full), answers(full), contents_of(full)
    other = replace(full, data=tmp_path / "elsewhere")
    restore_backup(other, archive)
    restored = rows_of(other)
    assert made.lost == ()
    assert broken() == []
    # What stood before the work began is there unchanged, and so is what was said to be saved before the backup began.
    growing = [name for name in restored if name not in ("case_counter", "outgoing")]
    for name in growing:
        assert stood[name] <= restored[name], name
        assert acknowledged[name] <= restored[name], name
        assert restored[name] <= after[name], name  # and nothing that never was
    assert len(restored["item"]) < len(after["item"])  # work went on meanwhile and is not half in it
    found = contents_of(other)
    assert all(digest == content for digest, content in found.items())
    assert found.items() <= kept.items()
    mine = answers(other)
    assert {key: answer for key, answer in mine.items() if granted[key] != answer} == {}
    assert [one for one in check(other) if one.level == "problem"] == []


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a data folder, but for the log that SQLite keeps beside its database."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


def refused(settings: Settings, archive: Path) -> bool:
    """Whether an archive is refused; then not a byte of the data folder is another."""
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    before = snapshot(settings.data)
    try:
        restore_backup(settings, archive)
    except BadArchive:
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert snapshot(settings.data) == before
        return True
    return False


def test_an_archive_with_a_byte_flipped_anywhere_is_refused_or_was_not_damaged(
    full: Settings, tmp_path: Path
) -> None:
    """A flip where nothing is read from (the date of a member) does no harm; then all is as it was saved."""
    make_backup(full, tmp_path / "good.zip")
    good, saved = (tmp_path / "good.zip").read_bytes(), rows_of(full)
    rng, bad, whole = random.Random(4), tmp_path / "bad.zip", 0
    for place in [rng.randrange(len(good)) for _ in range(24)] + [0, 30, len(good) - 1, len(good) - 22]:
        flipped = bytearray(good)
        flipped[place] ^= 0x55
        bad.write_bytes(flipped)
        if not refused(full, bad):
            whole += 1
            assert rows_of(full) == saved, place
    assert whole <= 8


@pytest.mark.parametrize("left", [0, 1, 21, 0.25, 0.5, 0.99])
def test_a_cut_archive_is_refused(full: Settings, tmp_path: Path, left: float) -> None:
    make_backup(full, tmp_path / "good.zip")
    data = (tmp_path / "good.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: int(left * len(data)) if left < 1 else int(left)])
    assert refused(full, tmp_path / "cut.zip")


def test_a_zip_of_somebody_else_is_refused(full: Settings, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "theirs.zip", "w") as theirs:
        theirs.writestr("photos/cat.jpg", b"miaow")
        theirs.writestr("/etc/passwd", b"root")
        theirs.writestr("../../outside", b"x")
    assert refused(full, tmp_path / "theirs.zip")
    assert not (tmp_path.parent / "outside").exists()


def test_where_there_is_no_portal_yet_a_refused_archive_leaves_none(full: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    other = replace(full, data=tmp_path / "none")
    with pytest.raises(BadArchive):
        restore_backup(other, tmp_path / "x.zip")
    assert list(other.data.iterdir()) == []


# ---- archives named by date


def test_so_many_archives_are_kept_and_nothing_else_is_touched(
    full: Settings, tmp_path: Path, clock: Callable[[timedelta], None]
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "lianxi-holiday.zip").write_text("of somebody")
    (folder / "notes.txt").write_text("of somebody")
    (folder / "lianxi-20200101-000000.zip").mkdir()  # of somebody who unpacked one
    names = []
    for _ in range(4):
        names.append(make_dated_backup(full, folder, 3).path.name)
        clock(timedelta(days=1))
    assert names[0] == "lianxi-20260316-100000.zip"  # as the clocks of the site show it
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*names[1:], "lianxi-20200101-000000.zip", "lianxi-holiday.zip", "notes.txt"]
    )
    last = make_dated_backup(full, folder, 1)
    assert [path.name for path in last.removed] == names[1:]


def test_a_backup_that_fails_removes_no_older_one(
    full: Settings, tmp_path: Path, clock: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    first = make_dated_backup(full, folder, 1)
    clock(timedelta(days=1))

    def no_room(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", no_room)
    with pytest.raises(StorageFull):
        make_dated_backup(full, folder, 1)
    assert [path.name for path in folder.iterdir()] == [first.path.name]
    assert list(full.data.glob(".lianxi-*")) == []


def test_the_counselors_of_the_restored_portal_are_theirs(full: Settings, tmp_path: Path) -> None:
    """What only a pair reads is for that pair alone afterwards as well."""
    make_backup(full, tmp_path / "x.zip")
    other = replace(full, data=tmp_path / "elsewhere")
    restore_backup(other, tmp_path / "x.zip")
    open_database(other)
    assert liaison.Pairing.select().count() == 1
    assert liaison.Meeting.select().count() == 1


# ---- what an archive may be, and what may happen meanwhile


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_members_that_are_packed_as_no_backup_packs_them_are_refused(
    full: Settings, tmp_path: Path, packing: int
) -> None:
    make_backup(full, tmp_path / "good.zip")
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(tmp_path / "good.zip") as good, zipfile.ZipFile(bad, "w") as made:
        for name in good.namelist():
            made.writestr(name, good.read(name), packing)
        first = made.infolist()[0].header_offset + 200
    assert refused(full, bad)
    data = bytearray(bad.read_bytes())
    data[first : first + 2000] = b"?" * 2000
    bad.write_bytes(data)
    assert refused(full, bad)


def test_a_content_that_the_disk_spoilt_is_put_back(full: Settings, tmp_path: Path) -> None:
    make_backup(full, tmp_path / "x.zip")
    row = StoredFile.select().order_by(StoredFile.id).get()
    path = files.content_path(full, row.sha256)
    path.chmod(0o644)
    path.write_bytes(bytes(path.stat().st_size))
    assert restore_backup(full, tmp_path / "x.zip").files == 1
    assert all(digest == found for digest, found in contents_of(full).items())


def test_a_content_that_nobody_knew_is_not_swept_while_it_is_restored(full: Settings, tmp_path: Path) -> None:
    """It lies there forgotten until its row comes back; who sweeps in between finds it young."""
    make_backup(full, tmp_path / "x.zip")
    row = StoredFile.select().order_by(StoredFile.id).get()
    path = files.content_path(full, row.sha256)
    os.utime(path, (1, 1))
    restore_backup(full, tmp_path / "x.zip")
    assert path.stat().st_mtime > time.time() - 60


def test_what_happens_while_files_are_put_in_place_is_reckoned_with(
    full: Settings, house: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People work on until the databases are swapped: mail goes out, and pages are kept under numbers."""
    row = Outgoing.create(channel="mail", context={}, created_at=moment.now(), due_at=moment.now())
    make_backup(full, tmp_path / "x.zip")
    numbers = [content_version()]

    def meanwhile(*given: Any) -> bool:
        actions.publish_now(house.reviewer, "notice", house.board, notice("其間"))
        Outgoing.update(sent_at=moment.now()).where(Outgoing.id == row.id).execute()
        numbers.append(content_version())
        return put(*given)

    monkeypatch.setattr(restore_module, "put", meanwhile)
    restore_backup(full, tmp_path / "x.zip")
    assert len(numbers) > 2
    assert content_version() > max(numbers)
    assert Outgoing.get_by_id(row.id).sent_at is not None


def test_what_a_killed_backup_or_restore_left_is_cleared_away(full: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for left in (full.data / ".lianxi-backup-abcd1234", full.data / ".lianxi-restore-abcd1234"):
        left.mkdir()
        (left / "database.sqlite3").write_bytes(b"half")
    for name, age in (("20200101-000000", 13), ("20200101-000001", 11)):
        half = folder / f".lianxi-{name}.zip-abcd1234"
        half.write_bytes(b"half")
        at = (moment.now() - timedelta(hours=age)).timestamp()
        os.utime(half, (at, at))
    (folder / ".lianxi-of-somebody.zip-abcd1234").write_bytes(b"theirs")
    with working_folder(full, "backup") as busy:
        (busy / "database.sqlite3").write_bytes(b"of one that is at work")
        made = make_dated_backup(full, folder, 2)
        assert (busy / "database.sqlite3").exists()
    with working_folder(full, "restore"):
        assert list(full.data.glob(".lianxi-*-abcd1234")) == []
    assert list(full.data.glob(".lianxi-*")) == []
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lianxi-20200101-000001.zip-abcd1234", ".lianxi-of-somebody.zip-abcd1234", made.path.name,
    ]  # fmt: skip


def test_archives_of_a_wrong_clock_do_not_drive_out_the_right_ones(
    full: Settings, tmp_path: Path, clock: Callable[[timedelta], None]
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    clock(timedelta(days=300))
    wrong = [make_dated_backup(full, folder, 3).path]
    clock(timedelta(days=-300))
    right = []
    for _ in range(3):
        right.append(make_dated_backup(full, folder, 3).path)
        clock(timedelta(days=1))
    assert sorted(folder.iterdir()) == right
    assert wrong[0] not in right
