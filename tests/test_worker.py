"""The worker: rounds, failures that stop nothing else, one at a time, and who takes over."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, channels, moment, outbox, search
from content.errors import Busy, Message, msg
from content.items import Item
from content.outbox import Outgoing
from content.people import Person
from content.pulse import last_pulse
from content.settings import Settings
from content.worker import Job, Worker
from tests.conftest import notice
from tests.mail_sink import mail_sink

Clock = Callable[[timedelta], None]
PATIENCE = 20  # seconds until a test that waits for another thread gives up


def say(message: Message, locale: str) -> str:
    return message.id % message.values


@contextmanager
def running(worker: Worker, every: float = 0.01) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop, every))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def counting(settings: Settings) -> tuple[Worker, threading.Event]:
    """A worker whose only job says that it ran."""
    ran = threading.Event()

    def run() -> int:
        ran.set()
        return 0

    worker = Worker(settings, say)
    worker.jobs = (Job("count", run),)
    return worker, ran


def test_a_round_publishes_indexes_and_tells(
    settings: Settings, house: SimpleNamespace, clock: Clock
) -> None:
    worker = Worker(settings, say)
    worker.run_once()
    due = moment.now() + timedelta(hours=1)
    item = actions.create(house.editor, "notice", house.board, notice(publish_at=due))
    item = actions.transition(house.editor, item, "submit")
    actions.transition(house.reviewer, item, "schedule")
    worker.run_once()
    assert Item.get_by_id(item.id).state == "scheduled"
    clock(timedelta(hours=1))
    assert worker.run_once() >= 1
    assert Item.get_by_id(item.id).state == "published"
    assert [hit.item_id for hit in search.find(settings, None, search.SearchQuery("停水")).hits] == [item.id]
    assert worker.run_once() == 0


def test_a_job_that_fails_stops_no_other(
    settings: Settings, db: Any, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[str] = []

    def fail() -> int:
        tries.append("bad")
        raise ValueError("broken")

    def work() -> int:
        tries.append("good")
        return 2

    worker = Worker(settings, say)
    worker.jobs = (Job("bad", fail), Job("good", work))
    with caplog.at_level(logging.ERROR):
        assert worker.run_once() == 2
    assert "bad failed" in caplog.text
    assert "broken" in caplog.text
    worker.run_once()
    assert tries == ["bad", "good", "good"], "a failing job rests before it is tried again"
    clock(timedelta(seconds=2))
    worker.run_once()
    assert tries.count("bad") == 2
    clock(timedelta(seconds=2))
    worker.run_once()
    assert tries.count("bad") == 2, "and rests longer each time"


def test_a_busy_database_is_no_failure(settings: Settings, db: Any, caplog: pytest.LogCaptureFixture) -> None:
    answers: list[Any] = [Busy(), 3]

    def work() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return int(answer)

    worker = Worker(settings, say)
    worker.jobs = (Job("work", work),)
    with caplog.at_level(logging.WARNING):
        assert worker.run_once() == 0
        assert worker.run_once() == 3
    assert caplog.text == ""


def test_it_runs_until_it_is_stopped_and_shows_a_pulse(settings: Settings, db: Any) -> None:
    assert last_pulse(settings) is None
    worker, ran = counting(settings)
    before = moment.now()
    with running(worker):
        assert ran.wait(PATIENCE)
    pulse = last_pulse(settings)
    assert pulse is not None
    assert before <= pulse <= moment.now()
    assert [path.name for path in settings.data.glob(".worker.pulse-*")] == []


def test_a_spoilt_pulse_is_none(settings: Settings, db: Any) -> None:
    (settings.data / "worker.pulse").write_text("?")
    assert last_pulse(settings) is None


def test_only_one_works_and_the_next_takes_over(settings: Settings, db: Any) -> None:
    (first, first_ran), (second, second_ran) = counting(settings), counting(settings)
    with running(first) as stop:
        assert first_ran.wait(PATIENCE)
        with running(second):
            assert not second_ran.wait(0.2)
            stop.set()
            assert second_ran.wait(PATIENCE)


def test_it_takes_over_from_one_that_was_killed(settings: Settings, db: Any) -> None:
    script = (
        "import sys, threading; from pathlib import Path\n"
        "from content.settings import Settings; from content.worker import Job, Worker\n"
        "from content.db import open_database\n"
        f"settings = Settings(data=Path({str(settings.data)!r}))\n"
        "open_database(settings)\n"
        "worker = Worker(settings, lambda message, locale: '')\n"
        "worker.jobs = (Job('tell', lambda: print('ran', flush=True) or 0),)\n"
        "worker.run(threading.Event(), 0.05)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "ran\n"
        worker, ran = counting(settings)
        with running(worker):
            assert not ran.wait(0.2)
            other.kill()
            other.wait(PATIENCE)
            assert ran.wait(PATIENCE)
    finally:
        other.kill()
        other.wait(PATIENCE)
        if other.stdout:
            other.stdout.close()


def test_after_work_the_next_round_follows_at_once(settings: Settings, db: Any) -> None:
    left, done = [5], threading.Event()

    def work() -> int:
        if not left[0]:
            done.set()
            return 0
        left[0] -= 1
        return 1

    worker = Worker(settings, say)
    worker.jobs = (Job("work", work),)
    with running(worker, every=3600):
        assert done.wait(PATIENCE)


def test_a_round_delivers_mail(settings: Settings, house: SimpleNamespace) -> None:
    with mail_sink() as sink, channels.sending_through(channels.SmtpTransport):
        worker = Worker(replace(settings, smtp_host="127.0.0.1", smtp_port=sink.port), say)
        Person.update(email="a@b.test").where(Person.id == house.editor.id).execute()
        outbox.tell(Person.get_by_id(house.editor.id), msg("x"), "/")
        assert worker.run_once() == 1
        assert sink.recipients == ["a@b.test"]
    channels.configure(settings)


def test_a_worker_that_cannot_take_its_place_tries_again(settings: Settings, db: Any) -> None:
    """As with a data folder that nobody may write to for a while."""
    place = settings.data / "worker.lock"
    place.unlink(missing_ok=True)
    place.mkdir()
    worker, ran = counting(settings)
    with running(worker):
        assert not ran.wait(0.2)
        place.rmdir()
        assert ran.wait(PATIENCE)


def test_old_rows_are_forgotten_after_the_clock_was_set_back(
    settings: Settings, house: SimpleNamespace, clock: Clock
) -> None:
    worker = Worker(settings, say)
    worker.run_once()
    clock(timedelta(days=-100))
    search.note_miss(settings, "溫泉")
    clock(timedelta(days=91))
    worker.run_once()
    assert search.most_missed(moment.today() - timedelta(days=365)) == []


class Silent:
    """A mail server that takes ten seconds and then does not answer."""

    seconds = 0.0

    def __init__(self, settings: Settings) -> None:
        type(self).seconds = 0.0

    def send(self, message: object) -> None:
        type(self).seconds += 10
        raise channels.NotSent("timed out")

    def close(self) -> None:
        """Nothing to close."""


def test_a_silent_mail_server_does_not_hold_up_the_round(
    settings: Settings, house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty mails that each wait for half a minute would keep notices from the board, and the worker would seem dead."""
    monkeypatch.setattr(outbox, "perf_counter", lambda: Silent.seconds)
    there = replace(settings, smtp_host="mail.example")
    channels.configure(there)
    Person.update(email="a@b.test").where(Person.id == house.editor.id).execute()
    for number in range(6):
        outbox.tell(Person.get_by_id(house.editor.id), msg("x"), f"/{number}")
    with channels.sending_through(Silent):
        assert outbox.deliver(there, say) == 0
    tries = [row.tries for row in Outgoing.select().where(Outgoing.channel == "mail").order_by(Outgoing.id)]
    assert tries == [1, 1, 0, 0, 0, 0]
    channels.configure(settings)


def test_a_name_that_no_mail_server_can_have_is_a_failed_try(
    settings: Settings, house: SimpleNamespace
) -> None:
    there = replace(settings, smtp_host="mail..example")
    channels.configure(there)
    Person.update(email="a@b.test").where(Person.id == house.editor.id).execute()
    outbox.tell(Person.get_by_id(house.editor.id), msg("x"), "/")
    with channels.sending_through(channels.SmtpTransport):
        assert outbox.deliver(there, say) == 0
    row = Outgoing.get(Outgoing.channel == "mail")
    assert (row.tries, row.claimed_until) == (1, None)
    assert "UnicodeError" in row.error
    channels.configure(settings)
