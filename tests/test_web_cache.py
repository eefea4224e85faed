"""The page cache: what is kept, for whom, until when, and what never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from content import actions, moment
from content.settings import Settings
from portal.app import create_app
from portal.web.cache import Kept, PageCache
from tests.conftest import notice
from tests.forms import counted


@pytest.fixture
def item(house: Any) -> Any:
    return actions.publish_now(house.administrator, "notice", house.board, notice("停水通知一"))


def kept(app: Any) -> PageCache:
    found: PageCache = app.extensions["page_cache"]
    return found


def test_the_second_visitor_costs_one_query(app: Any, item: Any) -> None:
    first = app.test_client().get("/notices/")
    with counted() as asked:
        second = app.test_client().get("/notices/")
    assert second.data == first.data
    assert len(asked) == 1


def test_a_change_is_seen_at_once(app: Any, house: Any, item: Any) -> None:
    assert "停水通知一" in app.test_client().get("/notices/").get_data(as_text=True)
    actions.transition(house.administrator, item, "withdraw")
    assert "停水通知一" not in app.test_client().get("/notices/").get_data(as_text=True)
    assert app.test_client().get(f"/notices/{item.id}").status_code == 404


def test_what_expires_is_gone_without_any_change(app: Any, house: Any, clock: Any) -> None:
    ends = moment.now() + timedelta(hours=1)
    values = notice("只到十一點", expire_at=ends.isoformat())
    item = actions.publish_now(house.administrator, "notice", house.board, values)
    client = app.test_client()
    for path in ("/notices/", f"/notices/{item.id}"):
        assert "只到十一點" in client.get(path).get_data(as_text=True)
    clock(timedelta(hours=1, seconds=1))
    assert "只到十一點" not in client.get("/notices/").get_data(as_text=True)
    assert client.get(f"/notices/{item.id}").status_code == 404


def test_today_becomes_yesterday_at_midnight(app: Any, item: Any, clock: Any) -> None:
    client = app.test_client()
    english = {"Accept-Language": "en"}
    assert ">today<" in client.get("/notices/", headers=english).get_data(as_text=True)
    clock(timedelta(hours=14, seconds=1))  # from 10:00 to just after midnight in Shanghai
    assert ">yesterday<" in client.get("/notices/", headers=english).get_data(as_text=True)


def test_each_way_of_reading_has_its_own_page(app: Any, item: Any) -> None:
    def page(**headers: str) -> str:
        text: str = (
            app.test_client(use_cookies=False).get("/notices/", headers=headers).get_data(as_text=True)
        )
        return text

    for _ in range(2):
        assert 'lang="zh-Hant"' in page(**{"Accept-Language": "zh-TW"})
        assert '<html lang="zh-Hans"' in page(**{"Accept-Language": "zh-CN"})
        assert '<html lang="en" class="elder"' in page(Cookie="reading=en.hant.1")
    assert len(kept(app)) == 3


def test_signed_in_readers_never_meet_the_cache(app: Any, login: Any, item: Any, house: Any) -> None:
    actions.publish_now(house.administrator, "notice", house.staff_room, notice("只給職員", audience="staff"))
    app.test_client().get("/notices/")
    before = len(kept(app))
    editor = app.test_client()
    login(editor, "editor")
    assert "只給職員" in editor.get("/notices/").get_data(as_text=True)
    assert len(kept(app)) == before
    assert "只給職員" not in app.test_client().get("/notices/").get_data(as_text=True)


def test_pages_with_a_token_or_of_the_moment_are_not_kept(app: Any, item: Any) -> None:
    for path in ("/login", "/search?q=停水", "/healthz", "/nowhere", "/contact"):
        app.test_client().get(path)
    assert len(kept(app)) == 0


def test_an_unchanged_page_is_not_sent_again(app: Any, item: Any) -> None:
    client = app.test_client()
    tag = client.get("/notices/").headers["ETag"]
    answer = client.get("/notices/", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert client.get("/notices/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_has_no_body(app: Any, item: Any) -> None:
    client = app.test_client()
    client.get("/notices/")
    assert client.head("/notices/").data == b""


def test_a_kept_page_has_the_same_headers(app: Any, item: Any) -> None:
    client = app.test_client()
    first, second = client.get("/"), client.get("/")
    for name in (
        "Content-Security-Policy",
        "Vary",
        "Cache-Control",
        "Content-Type",
        "X-Content-Type-Options",
    ):
        assert first.headers.get(name) == second.headers.get(name) is not None


def test_the_oldest_pages_make_room_and_large_ones_are_left_out() -> None:
    cache = PageCache(limit=100_000)
    later = datetime(2030, 1, 1, tzinfo=UTC)
    for number in range(30):
        cache.put((f"/{number}", "", "", 1), Kept([], b"x" * 5000, "", later))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert cache.size <= 100_000
    assert cache.get(("/0", "", "", 1), now) is None
    assert cache.get(("/29", "", "", 1), now) is not None
    cache.put(("/huge", "", "", 1), Kept([], b"x" * 50_000, "", later))
    assert cache.get(("/huge", "", "", 1), now) is None
    assert cache.get(("/29", "", "", 1), later) is None  # too old


def test_it_can_be_switched_off(settings: Settings, house: Any) -> None:
    app = create_app(replace(settings, response_cache=False))
    assert "page_cache" not in app.extensions
    assert app.test_client().get("/").status_code == 200
