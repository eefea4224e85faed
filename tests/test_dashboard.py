"""The dashboard: every figure of it, who sees it, what it asks, and a worker that died."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, channels, last_backup, moment, outbox, pulse, search
from content.backoffice import dashboard
from content.backoffice.dashboard import DAYS, Dashboard
from content.db import database
from content.errors import NotAllowed, msg
from content.items import Item
from content.outbox import Outgoing
from content.people import Person
from content.search.misses import KEPT, MOST_A_DAY, SearchMiss
from content.settings import Settings
from content.worker import Worker
from portal.web.i18n import say
from tests.conftest import notice
from tests.forms import counted, found_in, text_of
from tests.matters import names, sent

Clock = Callable[[timedelta], None]


@pytest.fixture
def look(settings: Settings, house: SimpleNamespace) -> Callable[[], Dashboard]:
    return lambda: dashboard.dashboard(settings, house.administrator)


@pytest.mark.parametrize("role", ["owner", "editor", "reviewer", "manager", "general_manager", None])
def test_it_is_for_administrators(settings: Settings, house: SimpleNamespace, role: str | None) -> None:
    with pytest.raises(NotAllowed):
        dashboard.dashboard(settings, getattr(house, role) if role else None)


def test_what_waits_for_approval_by_step(house: SimpleNamespace, look: Callable[[], Dashboard]) -> None:
    assert {step.count for step in look().steps} == {0}
    waiting = actions.create(house.editor, "notice", house.board, notice())
    actions.transition(house.editor, waiting, "submit")
    changed = actions.create(house.administrator, "notice", house.board, notice("二"))
    actions.transition(house.administrator, changed, "publish")
    changed = Item.get_by_id(changed.id)
    changed = actions.edit(house.editor, changed, {"title": "三"}, version=changed.version)
    actions.transition(house.editor, changed, "submit")
    trashed = actions.create(house.editor, "notice", house.board, notice("四"))
    actions.transition(house.editor, trashed, "submit")
    actions.trash(house.administrator, trashed)
    found = [(step.label, step.count) for step in look().steps if step.count]
    assert found == [("Waiting for review", 2)]


def test_todays_matters(house: SimpleNamespace, look: Callable[[], Dashboard], clock: Clock) -> None:
    sent(None, "complaint")
    clock(timedelta(days=1))
    case = sent(house.owner, "repair")
    sent(None, "repair")
    case.promised_at = moment.now() + timedelta(hours=1)
    case.save()
    figures = look().matters
    assert (figures.received, figures.answered, figures.overdue, figures.open) == (2, 0, 0, 3)
    assert not figures.readable
    clock(timedelta(hours=1))
    assert look().matters.overdue == 0
    clock(timedelta(seconds=1))
    assert look().matters.overdue == 1
    case.answered_at, case.state = moment.now(), "answered"
    case.save()
    figures = look().matters
    assert (figures.answered, figures.overdue, figures.open) == (1, 0, 2)


def test_a_complaint_about_whoever_looks_is_not_counted(
    house: SimpleNamespace, look: Callable[[], Dashboard]
) -> None:
    names(sent(None, "complaint"), house.administrator)
    names(sent(None, "complaint"), house.editor)
    assert look().matters.received == 1


def test_the_calendar_of_fourteen_days(house: SimpleNamespace, look: Callable[[], Dashboard]) -> None:
    def dated(title: str, **dates: Any) -> Item:
        return actions.create(house.administrator, "notice", house.board, notice(title, **dates))

    now = moment.now()
    midnight = moment.midnight_after(now, "Asia/Shanghai") - timedelta(days=1)
    last, beyond = midnight + timedelta(days=DAYS, seconds=-1), midnight + timedelta(days=DAYS)
    for title, at in (("明天", now + timedelta(days=1)), ("最後", last), ("太遠", beyond)):
        actions.transition(house.administrator, dated(title, publish_at=at), "schedule")
    actions.transition(house.administrator, dated("下架", expire_at=now + timedelta(days=1)), "publish")
    dated("草稿", publish_at=now + timedelta(days=2))  # nobody decided on it
    found = look().calendar
    assert [day for day, _ in found] == [moment.today() + timedelta(days=n) for n in range(DAYS)]
    told = {(one.what, one.title): day for day, entries in found for one in entries}
    tomorrow = moment.today() + timedelta(days=1)
    assert told == {
        ("publish", "明天"): tomorrow,
        ("expire", "下架"): tomorrow,
        ("publish", "最後"): moment.today() + timedelta(days=DAYS - 1),
    }


def test_a_change_that_goes_live_on_a_date_is_in_the_calendar(
    house: SimpleNamespace, look: Callable[[], Dashboard]
) -> None:
    item = actions.create(house.administrator, "notice", house.board, notice())
    actions.transition(house.administrator, item, "publish")
    at = moment.now() + timedelta(days=3)
    item = Item.get_by_id(item.id)
    item = actions.edit(house.administrator, item, {"title": "改", "publish_at": at}, version=item.version)
    actions.transition(house.administrator, item, "schedule")
    told = [(one.what, one.item, one.at) for _, entries in look().calendar for one in entries]
    assert told == [("change", item.id, at)]


def test_queues(
    settings: Settings, house: SimpleNamespace, look: Callable[[], Dashboard], clock: Clock
) -> None:
    while search.index_pending(settings):
        pass
    channels.configure(replace(settings, smtp_host="mail.test"))
    Person.update(email="a@b.test").where(Person.id == house.editor.id).execute()
    for _ in range(3):
        outbox.tell(Person.get_by_id(house.editor.id), msg("x"), "/")
    [given_up] = outbox.claim("mail")
    outbox.give_up(given_up, "550 no")
    actions.transition(
        house.administrator, actions.create(house.administrator, "notice", house.board, notice()), "publish"
    )
    queues = look().queues
    assert (queues.mail, queues.failed, queues.index, queues.exports) == (2, 1, 1, 0)
    assert not queues.late
    clock(dashboard.LATE)
    assert not look().queues.late
    clock(timedelta(seconds=1))
    assert look().queues.late
    channels.configure(settings)


def test_the_worker_that_died_is_said_within_two_minutes(
    settings: Settings, house: SimpleNamespace, client: Any, login: Any, clock: Clock
) -> None:
    login(client, "administrator")

    def alarms() -> list[str]:
        return [
            one.text_content()
            for one in found_in(client.get("/admin/"), "//*[contains(@class, 'alarm-seal')]")
        ]

    assert any("lianxi work" in one for one in alarms())  # none has run yet
    pulse.beat(settings)
    assert not alarms()
    again = int(found_in(client.get("/admin/"), "//*[@id='overview']")[0].get("data-again"))
    assert dashboard.QUIET + timedelta(seconds=again) + pulse.PULSE <= timedelta(minutes=2)
    clock(dashboard.QUIET)
    assert not alarms()
    clock(timedelta(seconds=1))
    assert any("lianxi work" in one for one in alarms())
    clock(timedelta(hours=-1))  # the clock was set back: a word from the future says nothing
    assert alarms()
    worker = Worker(settings, say)
    worker._beat()
    assert not alarms()


def test_storage_and_backup(settings: Settings, look: Callable[[], Dashboard], clock: Clock) -> None:
    found = look()
    assert found.storage.database > 100_000
    assert found.storage.free > 0
    assert found.storage.used == 0
    assert found.backup_old
    last_backup.note(settings, "a.zip", 12345)
    clock(dashboard.OLD_BACKUP)
    assert not look().backup_old
    clock(timedelta(seconds=1))
    assert look().backup_old


@pytest.mark.parametrize(("quota", "little"), [(100, False), (1, True)])
def test_a_quota_that_is_nearly_used(
    settings: Settings, house: SimpleNamespace, quota: int, little: bool
) -> None:
    found = dashboard.dashboard(replace(settings, database_max_mb=quota), house.administrator).storage
    assert (found.used >= dashboard.NEARLY_FULL) == little


# ---- searches in vain


def test_what_is_looked_for_in_vain_is_counted(client: Any, look: Callable[[], Dashboard]) -> None:
    for words in ("停車 月卡", "停车  月卡", "游泳池"):
        client.get("/search", query_string={"q": words})
    assert [count for _, count in look().misses] == [2, 1]  # one word in both scripts


def test_what_is_found_or_narrowed_is_not(
    settings: Settings, house: SimpleNamespace, client: Any, look: Callable[[], Dashboard]
) -> None:
    item = actions.create(house.administrator, "notice", house.board, notice("停水通知"))
    actions.transition(house.administrator, item, "publish")
    while search.index_pending(settings):
        pass
    for query in (
        {"q": "停水"},
        {"q": "游泳池", "kind": "event"},
        {"q": "游泳池", "start": "20"},
        {"q": "x"},
        {},
    ):
        client.get("/search", query_string=query)
    assert look().misses == ()


@pytest.mark.parametrize(
    "words", ["13800138000", "138 0013 8000", "0755-2345 6789", "wang@example.org", "440301199001011234"]
)
def test_words_that_name_a_person_are_not_kept(
    settings: Settings, house: SimpleNamespace, words: str
) -> None:
    search.note_miss(settings, words)
    search.note_miss(settings, f"王 {words}")
    assert SearchMiss.select().count() == 0


def test_words_in_vain_are_bounded_and_forgotten(
    settings: Settings, house: SimpleNamespace, clock: Clock
) -> None:
    for number in range(MOST_A_DAY + 1):
        search.note_miss(settings, f"詞 {number:04d}")
    search.note_miss(settings, "詞 0000")  # what is known already still counts
    search.note_miss(settings, "長" * 500)
    assert SearchMiss.select().count() == MOST_A_DAY
    assert search.most_missed(moment.today(), 1) == [("词 0000", 2)]
    clock(KEPT)
    assert search.forget_misses() == 0
    clock(timedelta(days=1))
    assert search.forget_misses() == MOST_A_DAY


def test_a_search_never_waits_for_a_writer(settings: Settings, house: SimpleNamespace, client: Any) -> None:
    other = sqlite3.connect(settings.data / "lianxi.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.perf_counter()
    assert client.get("/search?q=nothing-here").status_code == 200
    assert time.perf_counter() - began < settings.database_wait_ms / 1000
    other.execute("ROLLBACK")
    other.close()
    assert SearchMiss.select().count() == 0
    assert database.execute_sql("PRAGMA busy_timeout").fetchone()[0] == settings.database_wait_ms


# ---- the page


def test_the_page_says_what_is_empty_and_asks_little(
    settings: Settings, client: Any, login: Any, house: SimpleNamespace
) -> None:
    login(client, "administrator")
    pulse.beat(settings)
    last_backup.note(settings, "a.zip", 12345)
    page = client.get("/admin/")
    assert len(found_in(page, "//*[@class='empty']")) == 2
    assert len(found_in(page, "//*[contains(@class, 'alarm-jade')]")) == 1
    for title in range(20):
        item = actions.create(
            house.administrator, "notice", house.board,
            notice(f"通知 {title}", publish_at=moment.now() + timedelta(days=1 + title % 9)),
        )  # fmt: skip
        actions.transition(house.administrator, item, "schedule")
        search.note_miss(settings, f"找不到 {title}")
        sent(None, "repair")
    with counted() as asked:
        page = client.get("/admin/")
    assert len(asked) <= 12, asked
    assert len(found_in(page, "//*[contains(@class, 'day-mark')]")) == 20
    # Every bar has its number beside it, and says nothing by itself.
    for bar in found_in(page, "//*[local-name()='svg'][contains(@class, 'tally')]"):
        assert bar.get("aria-hidden") == "true"
        assert bar.getparent().getparent().xpath(".//td[@class='chart-number']")[0].text_content().strip()
    assert "style=" not in page.get_data(as_text=True)


def test_nothing_personal_is_on_it(client: Any, login: Any, house: SimpleNamespace) -> None:
    login(client, "administrator")
    case = sent(None, "complaint", words="王大明的祕密")
    words = text_of(client.get("/admin/"))
    for secret in (case.number, case.caller_name, "祕密", case.caller_telephone):
        assert secret not in words


@pytest.mark.slow
def test_it_is_fast_at_200_000_items(settings: Settings, house: SimpleNamespace) -> None:
    rng = random.Random(1)
    now = moment.now()
    states = ["published"] * 90 + ["draft"] * 5 + ["review"] * 2 + ["scheduled", "expired", "withdrawn"]
    rows = []
    for number in range(200_000):
        state = rng.choice(states)
        at = now - timedelta(minutes=number)
        rows.append(
            {"uid": f"{number:032d}", "kind": "notice", "title": f"通知 {number}", "section": house.board.id,
             "owner": house.editor.id, "state": state, "created_at": at, "changed_at": at,
             "published_at": at if state == "published" else None,
             "publish_at": now + timedelta(days=rng.randrange(1, 200)) if state == "scheduled" else None,
             "expire_at": now + timedelta(days=rng.randrange(1, 900)) if state == "published" and rng.random() < 0.1 else None}
        )  # fmt: skip
    with database.atomic():
        for start in range(0, len(rows), 500):
            Item.insert_many(rows[start : start + 500]).execute()
        for _ in range(200):
            Outgoing.insert_many(
                [{"channel": "mail", "context": {}, "created_at": now, "due_at": now, "sent_at": now}] * 500
            ).execute()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        dashboard.dashboard(settings, house.administrator)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.2, times
