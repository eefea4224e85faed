"""`lianxi check`: what is not as it should be is named under a stable subject, and mended where that can be made again."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import ssl
import subprocess
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import SimpleNamespace

import pytest

from content import actions, files, last_backup, maintenance, moment, pulse, reception
from content.accounts.models import Session
from content.db import database
from content.settings import Settings
from content.transfer import surroundings
from content.transfer.backup import make_backup
from content.transfer.checking import check
from content.transfer.results import SUBJECTS, Finding
from content.worker import Job, Worker
from tests.conftest import notice
from tests.mail_sink import mail_sink
from tests.matters import sent
from tests.test_cli import Portal

Clock = Callable[[timedelta], None]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def private(settings: Settings, house: SimpleNamespace) -> Settings:
    settings.data.chmod(0o700)
    return settings


def of(found: list[Finding], subject: str) -> list[Finding]:
    assert {one.subject for one in found} <= set(SUBJECTS)
    return [one for one in found if one.subject == subject]


def around(settings: Settings, subject: str, mend: bool = False) -> list[tuple[str, bool]]:
    found = of(surroundings.surroundings(settings, mend), subject)
    return [(one.level, one.mended) for one in found]


# ---- files


def test_the_name_of_a_file_of_a_matter_is_told_to_nobody(private: Settings, house: SimpleNamespace) -> None:
    stored = files.store(private, house.editor, io.BytesIO(b"public\n"), "price-list.txt")
    held = reception.hold_file(
        private, house.owner, "c" * 32, io.BytesIO(b"secret\n"), "quarrel-with-wang.txt"
    )
    case = sent(house.owner, "complaint", key="c" * 32)
    assert case.id
    shutil.rmtree(private.files)
    told = [str(one.message.values["name"]) for one in of(check(private), "files")]
    assert sorted(told) == sorted([stored.name, held.uid])
    lost = make_backup(private, private.data.parent / "x.zip").lost
    assert sorted(lost) == sorted(told)


def test_a_content_that_the_disk_spoilt_is_lost(private: Settings, house: SimpleNamespace) -> None:
    """Of the right length, but not what was uploaded: a backup would leave it out, too."""
    for name in ("一.txt", "二.txt"):
        stored = files.store(private, house.editor, io.BytesIO(f"words of {name}".encode()), name)
    path = files.content_path(private, stored.sha256)
    path.chmod(0o644)
    path.write_bytes(bytes(path.stat().st_size))
    (found,) = of(check(private), "files")
    assert (found.level, found.message.values["name"]) == ("problem", "二.txt")


def test_forgotten_contents_are_named_after_a_day_and_swept_when_asked(
    private: Settings, house: SimpleNamespace
) -> None:
    stored = files.store(private, house.editor, io.BytesIO(b"kept\n"), "kept.txt")
    digest = "ab" * 32
    path = files.content_path(private, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"nobody knows me")

    def aged(by: timedelta) -> None:
        at = (moment.now() - by).timestamp()
        os.utime(path, (at, at))

    aged(timedelta(days=1) - timedelta(minutes=1))
    assert of(check(private), "orphans") == []
    aged(timedelta(days=1) + timedelta(minutes=1))
    (found,) = of(check(private), "orphans")
    assert (found.level, found.mended) == ("notice", False)
    assert path.exists()
    assert [one.mended for one in of(check(private, mend=True), "orphans")] == [True]
    assert not path.exists()
    assert files.content_path(private, stored.sha256).exists()
    assert check(private, mend=True) == []


# ---- clock


@pytest.mark.parametrize(
    ("ahead", "level"), [(timedelta(minutes=5), []), (timedelta(minutes=6), ["problem"])]
)
def test_a_clock_that_was_set_back_is_noticed(
    private: Settings, house: SimpleNamespace, ahead: timedelta, level: list[str]
) -> None:
    now = moment.now()
    with moment.at(now + ahead):
        actions.publish_now(house.reviewer, "notice", house.board, notice())
    assert [one.level for one in of(check(private), "clock")] == level


def test_a_disk_with_another_clock_is_noticed(private: Settings) -> None:
    with moment.at(datetime.now(UTC)):
        assert around(private, "clock") == []
    with moment.at(datetime.now(UTC) - timedelta(hours=1)):
        assert around(private, "clock") == [("problem", False)]


def test_a_worker_goes_on_when_the_clock_is_set_back(private: Settings, clock: Clock) -> None:
    tries: list[str] = []

    def fail() -> int:
        tries.append("x")
        raise ValueError("broken")

    worker = Worker(private, lambda message, locale: "")
    worker.jobs = (Job("bad", fail),)
    worker._beat()
    worker.run_once()
    clock(timedelta(hours=-1))
    assert not pulse.alive(pulse.last_pulse(private))  # a word from the future says nothing
    worker._beat()
    assert pulse.last_pulse(private) == moment.now()
    worker.run_once()
    assert tries == ["x", "x"]


def test_a_dead_worker_is_noticed_after_two_minutes(private: Settings, clock: Clock) -> None:
    pulse.beat(private)
    said = pulse.last_pulse(private)
    clock(timedelta(minutes=2) - timedelta(seconds=1))
    assert check(private, pulse=said, watch_worker=True) == []
    clock(timedelta(seconds=1))
    assert [one.subject for one in check(private, pulse=said, watch_worker=True)] == ["worker"]


def test_sessions_count_for_the_clock_too(private: Settings, house: SimpleNamespace) -> None:
    late = moment.now() + timedelta(days=2)
    Session.create(person=house.owner, digest="d" * 64, created_at=late, seen_at=late)
    (found,) = of(check(private), "clock")
    assert found.message.values["minutes"] == 2 * 24 * 60


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DROP TRIGGER audit_entry_no_update", "audit_entry_no_update"),
        ("DROP TABLE saved_filter", "saved_filter"),
        ("ALTER TABLE person DROP COLUMN elder", "person.elder"),
    ],
)
def test_what_is_lacking_in_the_schema_is_named(private: Settings, statement: str, name: str) -> None:
    database.execute_sql(statement)
    first = check(private)[0]
    assert (first.subject, first.level) == ("schema", "problem")
    assert name in str(first.message.values["names"]).split(", ")


# ---- disk, permissions, backup, maintenance


@pytest.mark.parametrize(
    ("free", "told"),
    [(1024, []), (1023, [("notice", False)]), (200, [("notice", False)]), (199, [("problem", False)])],
)
def test_room_on_the_disk(
    private: Settings, monkeypatch: pytest.MonkeyPatch, free: int, told: list[tuple[str, bool]]
) -> None:
    monkeypatch.setattr(surroundings.shutil, "disk_usage", lambda path: Usage(0, 0, free * 1024 * 1024))
    assert around(private, "disk") == told


def test_what_others_may_read_is_made_private(private: Settings) -> None:
    secret = private.data / "secret"
    secret.write_text("x")
    secret.chmod(0o640)
    private.data.chmod(0o755)
    assert around(private, "permissions") == [("problem", False), ("notice", False)]
    assert around(private, "permissions", mend=True) == [("problem", True), ("notice", True)]
    assert (secret.stat().st_mode & 0o777, private.data.stat().st_mode & 0o777) == (0o600, 0o700)
    assert around(private, "permissions") == []
    private.data.chmod(0o777)
    assert around(private, "permissions") == [("problem", False)]


def test_a_new_portal_is_private_from_the_start(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "var")
    assert portal.run("init").returncode == 0
    assert portal.data.stat().st_mode & 0o777 == 0o700


def test_a_backup_is_asked_for_after_a_week(private: Settings, house: SimpleNamespace, clock: Clock) -> None:
    actions.publish_now(house.reviewer, "notice", house.board, notice())
    clock(timedelta(days=7) - timedelta(seconds=1))
    assert around(private, "backup") == []
    clock(timedelta(seconds=1))
    assert around(private, "backup") == [("notice", False)]
    make_backup(private, private.data.parent / "x.zip")
    assert around(private, "backup") == []
    note = last_backup.last_backup(private)
    assert note is not None
    assert (note.at, note.file) == (moment.now(), "x.zip")
    clock(timedelta(days=7))
    assert around(private, "backup") == [("notice", False)]


def test_a_backup_dated_in_the_future_does_not_put_off_the_next(
    private: Settings, house: SimpleNamespace, clock: Clock
) -> None:
    actions.publish_now(house.reviewer, "notice", house.board, notice())
    make_backup(private, private.data.parent / "x.zip")
    clock(timedelta(minutes=-5))
    assert around(private, "backup") == []
    clock(timedelta(minutes=-1))
    assert around(private, "backup") == [("notice", False)]


def test_maintenance_that_was_forgotten_is_told(private: Settings) -> None:
    maintenance.switch_on(private)
    assert around(private, "maintenance") == [("notice", False)]


# ---- the mail server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that is good for a day, for a month, and one that has ended."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates")
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    for name, days in (("day", 1), ("month", 40)):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                f"{name}.key", "-out", f"{name}.pem", "-days", str(days), "-subj", "/CN=localhost", "-addext",
                "subjectAltName=IP:127.0.0.1")  # fmt: skip
    openssl("x509", "-in", "day.pem", "-signkey", "day.key", "-days", "-1", "-out", "over.pem")
    shutil.copy(folder / "day.key", folder / "over.key")
    return folder


@contextmanager
def tls_server(folder: Path, name: str) -> Iterator[int]:
    """A mail server that knows EHLO, STARTTLS and QUIT."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline().strip().upper():
                if line.startswith(b"EHLO"):
                    self.wfile.write(b"250-here\r\n250 STARTTLS\r\n")
                elif line == b"STARTTLS":
                    self.wfile.write(b"220 go\r\n")
                    self.wfile.flush()
                    try:
                        self.connection = context.wrap_socket(self.connection, server_side=True)
                    except OSError:
                        return
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)  # type: ignore[assignment]
                else:
                    self.wfile.write(b"221 bye\r\n" if line == b"QUIT" else b"250 ok\r\n")

        def finish(self) -> None:
            self.connection.close()

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("name", "trusted", "told", "words"),
    [
        ("month", True, [], ""),
        ("day", True, ["notice"], "ends in"),
        ("over", True, ["problem"], "has expired"),
        ("month", False, ["problem"], "not trusted"),
    ],
)
def test_the_certificate_of_the_mail_server(
    private: Settings, certificates: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool,
    told: list[str], words: str,
) -> None:  # fmt: skip
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates / f"{name}.pem"))
    with tls_server(certificates, name) as port, moment.at(datetime.now(UTC)):
        found = surroundings._mail(replace(private, smtp_host="127.0.0.1", smtp_port=port, smtp_tls=True))
    assert [one.level for one in found] == told, found
    assert all(words in one.message.id for one in found)


def test_a_mail_server_without_tls_and_one_that_is_away(private: Settings) -> None:
    with mail_sink() as sink:
        settings = replace(private, smtp_host="127.0.0.1", smtp_port=sink.port)
        assert around(settings, "mail") == []
        assert around(replace(settings, smtp_tls=True), "mail") == [("problem", False)]  # offers none
    assert around(settings, "mail") == [("problem", False)]
    assert around(replace(settings, smtp_host="mail..example"), "mail") == [("problem", False)]
    assert sink.mails == []


# ---- at the terminal


def test_subjects_are_stable_and_every_one_is_in_the_manual() -> None:
    assert SUBJECTS == (
        "schema", "database", "clock", "index", "files", "orphans", "outbox", "disk", "permissions", "backup", "mail",
        "maintenance", "worker",
    )  # fmt: skip
    manual = (Path(__file__).parents[1] / "docs" / "running.md").read_text(encoding="utf-8")
    assert [one for one in SUBJECTS if f"`{one}`" not in manual] == []


def test_json_has_subject_level_message_and_mended(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "var")
    assert portal.run("init").returncode == 0
    portal.env |= {"LIANXI_SMTP_HOST": "127.0.0.1", "LIANXI_SMTP_PORT": "1"}
    (portal.data / "secret").write_text("x")
    (portal.data / "secret").chmod(0o644)
    done = portal.run("check", "--json", "--mend")
    assert done.returncode == 1
    found = {one["subject"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert set(found) == {"permissions", "mail", "worker"}
    assert found["permissions"] | {"message": ""} == {
        "subject": "permissions", "level": "problem", "message": "", "mended": True,
    }  # fmt: skip
    assert (found["mail"]["level"], found["mail"]["mended"]) == ("problem", False)
    assert found["worker"]["level"] == "notice"


def spoilt(portal: Portal, first: int, last: int) -> None:
    """Other bytes in the middle of the database, as a dying disk leaves them."""
    with closing(sqlite3.connect(portal.data / "lianxi.db")) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for ending in ("-wal", "-shm"):
        (portal.data / f"lianxi.db{ending}").unlink(missing_ok=True)
    path = portal.data / "lianxi.db"
    data = bytearray(path.read_bytes())
    data[first:last] = b"?" * len(data[first:last])
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("first", "last"), [(0, 100_000_000), (0, 4096), (4096, 16384), (16384, 100_000_000)]
)
def test_a_damaged_database_is_a_finding_and_no_stack_trace(tmp_path: Path, first: int, last: int) -> None:
    portal = Portal(tmp_path / "var")
    assert portal.run("init").returncode == 0
    spoilt(portal, first, last)
    done = portal.run("check", "--json", "--mend")
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["subject"], one["level"], one["mended"]) for one in found][:1] == [
        ("database", "problem", False)
    ]
    for words in (["backup", str(tmp_path / "x.zip")], ["user", "list"]):
        done = portal.run(*words)
        assert "Traceback" not in done.stderr, words
        assert done.returncode == 1, words
    assert not (tmp_path / "x.zip").exists()
