"""Server, worker and a writing process killed in the middle of their work, twenty times: nothing said to be done is
lost, nothing is half there, and index and outbox agree with the database.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from lxml.html import document_fromstring

from content import moment, people, search, setup
from content.db import database
from content.history import AuditEntry, Revision
from content.items import Item
from content.outbox import InboxEntry, Outgoing
from content.settings import Settings
from tests.conftest import PASSWORD
from tests.mail_sink import Sink, mail_sink
from tests.wholeness import broken, undelivered

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
CALL = [sys.executable, "-c", "from portal.cli import main; main(prog_name='lianxi')"]
ROUNDS = 20


class Portal:
    """A data folder, the processes that work on it, and what they said was done."""

    def __init__(self, data: Path, mail_port: int) -> None:
        self.settings = Settings(
            data=data, smtp_host="127.0.0.1", smtp_port=mail_port, mail_from="portal@example.org"
        )
        self.port = free_port()
        self.environment = {
            **os.environ,
            "LIANXI_DATA": str(data),
            "LIANXI_PORT": str(self.port),
            "LIANXI_LOCALE": "en",
            "LIANXI_SMTP_HOST": "127.0.0.1",
            "LIANXI_SMTP_PORT": str(mail_port),
            "LIANXI_MAIL_FROM": "portal@example.org",
            "PYTHONUNBUFFERED": "1",
        }
        self.by_writer: list[dict[str, Any]] = []
        self.by_browser: list[tuple[int, str]] = []

    def start(self, *command: str, **changes: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=self.environment | changes,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def await_server(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if ask(self.port, "GET", "/healthz").status == 200:
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the server does not answer")


class Answer:
    """What came back over HTTP."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.location = response.headers.get("Location", "")
        self.cookies = response.headers.get_all("Set-Cookie") or []
        self.text = response.read().decode()


def ask(port: int, method: str, path: str, fields: dict[str, str] | None = None, cookie: str = "") -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        body = urlencode(fields) if fields is not None else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, path, body, headers | ({"Cookie": cookie} if cookie else {}))
        return Answer(connection.getresponse())
    finally:
        connection.close()


class Browser(threading.Thread):
    """A reviewer at a browser who publishes notice after notice until the server is gone."""

    def __init__(self, portal: Portal, name: str) -> None:
        super().__init__(daemon=True)
        self.portal, self.label = portal, name
        self.jar: SimpleCookie = SimpleCookie()
        self.problems: list[str] = []
        # Set when the form is in front of the reviewer: a kill is to meet writing, not loading.
        self.at_work = threading.Event()

    def run(self) -> None:
        try:
            self.send("/login", username="reviewer", password=PASSWORD)
            self.ask("GET", "/work/new/notice")
            self.at_work.set()
            for number in range(10_000):
                title = f"{self.label}-{number}"
                answer = self.send("/work/new/notice", title=title, body="明天上午停水。", do="step:publish")
                if answer.status == 303 and answer.location.startswith("/notices/"):
                    self.portal.by_browser.append((int(answer.location.rpartition("/")[2]), title))
                elif answer.status != 503:  # 503: the writing process was faster; said so, nothing stored
                    self.problems.append(f"{answer.status} {answer.location} {answer.text[:300]}")
        except (OSError, http.client.HTTPException):
            return  # killed in the middle, as wanted

    def send(self, path: str, **changes: str) -> Answer:
        form = document_fromstring(self.ask("GET", path).text).xpath(
            "//form[.//input[@name='title' or @name='username']]"
        )[0]
        fields = {name: value or "" for name, value in form.form_values()}
        return self.ask("POST", path, fields | changes)

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        cookie = "; ".join(f"{name}={one.value}" for name, one in self.jar.items())
        answer = ask(self.portal.port, method, path, fields, cookie)
        for line in answer.cookies:
            self.jar.load(line)
        return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_sink() as found:
        yield found


@pytest.fixture
def portal(tmp_path: Path, sink: Sink) -> Portal:
    made = Portal(tmp_path / "var", sink.port)
    with opened(made.settings):
        for role in ("editor", "reviewer"):
            person = people.add_person(role, role, PASSWORD, email=f"{role}@example.org")
            people.give_role(person, role)
    return made


@contextmanager
def opened(settings: Settings) -> Iterator[None]:
    setup.open_portal(settings)
    try:
        yield
    finally:
        search.close(settings)
        database.close()


def test_twenty_kills_lose_nothing_that_was_said_to_be_done(portal: Portal, sink: Sink) -> None:
    chance = random.Random()
    problems: list[str] = []
    for number in range(ROUNDS):
        problems += killed_once(portal, f"r{number}", chance.uniform(0.2, 1.2), inside=number % 2 == 0)
    assert not problems
    assert len(portal.by_writer) > ROUNDS
    assert len(portal.by_browser) > ROUNDS / 2, len(portal.by_browser)
    run_to_rest(portal)
    checked = subprocess.run(
        [*CALL, "check"], env=portal.environment, cwd=ROOT, capture_output=True, check=False
    )
    with opened(portal.settings):
        assert broken() == []
        assert lost(portal) == []
        assert search.compare(portal.settings)
        assert undelivered() == []
        once_each(sink)
    assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()


def killed_once(portal: Portal, name: str, after: float, inside: bool) -> list[str]:
    """Let all write, kill all at one moment, take down what was acknowledged."""
    processes = [portal.start(*CALL, "serve", LIANXI_WORKER="1" if inside else "0")]
    if not inside:
        processes.append(portal.start(*CALL, "work"))
    try:
        portal.await_server()
        writer = portal.start(sys.executable, "-m", "tests.writer", name)
        processes.append(writer)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        browser = Browser(portal, name)
        browser.start()
        assert browser.at_work.wait(30), "the reviewer could not begin"
        time.sleep(after)
    finally:
        for process in processes:
            process.kill()
    said = [process.communicate()[0] for process in processes][-1]
    browser.join(timeout=30)
    # The last line may be cut off; what was not said in full was not said.
    lines = (first + said).split(b"\n")[:-1]
    portal.by_writer += [json.loads(line) for line in lines]
    return browser.problems


def run_to_rest(portal: Portal) -> None:
    """Start once more as an administrator would, and let the worker do what is left."""
    server = portal.start(*CALL, "serve")
    try:
        portal.await_server()
        end = time.monotonic() + 120
        with opened(portal.settings):
            while time.monotonic() < end and unclaimed():
                time.sleep(0.2)
    finally:
        server.terminate()
        server.communicate(timeout=60)
    # A mail whose deliverer was killed is free again when its lease has run out; let that be now.
    with opened(portal.settings):
        Outgoing.update(claimed_until=moment.now()).where(Outgoing.claimed_until.is_null(False)).execute()
    subprocess.run([*CALL, "work", "--once"], env=portal.environment, cwd=ROOT, timeout=120, check=True)


def unclaimed() -> bool:
    waiting = Outgoing.select().where(Outgoing.sent_at.is_null(), Outgoing.claim == "")
    return bool(waiting.exists())


def lost(portal: Portal) -> list[str]:
    """What was acknowledged and is not there."""
    found = []
    said: Counter[tuple[str, str]] = Counter()
    for one in portal.by_writer:
        said[one["uid"], one["verb"]] += 1
        item = Item.get_or_none(Item.uid == one["uid"])
        if item is None:
            found.append(f"no item {one}")
            continue
        kept = Revision.get_or_none(Revision.item == item.id, Revision.number == one["revision"])
        if kept is None or kept.data["title"] != one["title"]:
            found.append(f"no revision {one}")
    for (uid, verb), times in said.items():
        held = AuditEntry.select().join(Item).where(Item.uid == uid, AuditEntry.verb == verb).count()
        if held < times:
            found.append(f"audit has {held} of {times} {verb} of {uid}")
    for id, title in portal.by_browser:
        if not Item.select().where(Item.id == id, Item.title == title, Item.state == "published").exists():
            found.append(f"no notice {id} {title}")
    return found


def once_each(sink: Sink) -> None:
    """Everybody heard of every step exactly once. A mail repeated by a kill bears the same Message-ID."""
    steps = AuditEntry.select(AuditEntry.id, AuditEntry.by, Item.owner).join(Item)
    by = {person.username: person.id for person in people.Person.select()}
    told_reviewer = steps.where(AuditEntry.verb == "item.submitted").count()
    told_editor = steps.where(AuditEntry.verb == "item.published", Item.owner == by["editor"]).count()
    inbox = Counter(entry.person_id for entry in InboxEntry.select())
    assert inbox == Counter({by["reviewer"]: told_reviewer, by["editor"]: told_editor})
    mails = list(Outgoing.select().where(Outgoing.channel == "mail"))
    assert len(mails) == told_reviewer + told_editor
    letters: dict[str, str] = {}
    for mail in sink.mails:
        assert letters.setdefault(mail["Message-ID"], mail["Subject"]) == mail["Subject"]
    assert len(letters) == len(mails)
    assert len(sink.mails) - len(letters) <= ROUNDS
