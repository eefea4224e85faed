"""The portal shut for maintenance: who is told, in which words, who goes on, and what stays reachable."""

from __future__ import annotations

import html.parser
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, maintenance, marks, moment, preferences
from content.db import database
from content.errors import Invalid
from content.items import address
from content.settings import Settings
from portal.app import create_app
from portal.web.standing import standing_page
from tests.conftest import csrf, notice
from tests.test_cli import Portal

Clock = Callable[[timedelta], None]
DAY, NIGHT = "0755-55501000", "0755-55501024"
WORDS = {"zh-TW": "正在維護", "zh-CN": "正在维护", "en": "being looked after"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "var", worker=False, database_wait_ms=500, phone_day=DAY, phone_night=NIGHT
    )


@pytest.mark.parametrize("language", list(WORDS))
def test_visitors_are_told_in_their_language_where_to_call(
    app: Any, settings: Settings, language: str
) -> None:
    client = app.test_client()
    assert client.get("/").status_code == 200
    maintenance.switch_on(settings)
    answer = client.get("/", headers={"Accept-Language": language})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "600"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in answer.headers
    assert WORDS[language] in page
    assert f'href="tel:{DAY.replace("-", "")}"' in page
    assert NIGHT in page
    assert maintenance.switch_off(settings)
    assert client.get("/").status_code == 200


def test_telephones_that_were_set_in_the_back_office_are_known_from_the_start(
    settings: Settings, house: SimpleNamespace
) -> None:
    """As after the restart of an upgrade, when nobody has asked the database for anything yet."""
    bare = replace(settings, phone_day="", phone_night="")
    preferences.write(bare, house.administrator, {"phone_day": "0755-55509999"})
    maintenance.switch_on(bare)
    page = create_app(bare).test_client().get("/").get_data(as_text=True)
    assert "0755-55509999" in page


def test_a_page_from_the_cache_is_shut_and_comes_back(
    app: Any, house: SimpleNamespace, settings: Settings
) -> None:
    item = actions.publish_now(house.reviewer, "notice", house.board, notice())
    statuses = []
    for act in (None, None, maintenance.switch_on, None, maintenance.switch_off, None):
        if act:
            act(settings)
        statuses.append(app.test_client().get(address(item)).status_code)
    assert statuses == [200, 200, 503, 503, 200, 200]


def test_only_administrators_go_on_and_can_sign_in(app: Any, settings: Settings, login: Any) -> None:
    before = {who: app.test_client() for who in ("owner", "editor", "manager")}
    for who, client in before.items():
        login(client, who)
    maintenance.switch_on(settings)
    assert {client.get("/notices/").status_code for client in before.values()} == {503}
    boss, editor = app.test_client(), app.test_client()
    login(boss, "administrator")
    login(editor, "editor")
    for path in ("/", "/notices/", "/work/", "/admin/"):
        assert boss.get(path).status_code == 200, path
        assert editor.get(path).status_code == 503, path


def test_machines_and_the_look_of_pages_are_answered(app: Any, settings: Settings) -> None:
    maintenance.switch_on(settings)
    client = app.test_client()
    health = client.get("/healthz")
    assert (health.status_code, health.json["status"], health.json["maintenance"]) == (200, "ok", True)
    assert client.get("/metrics").status_code == 200
    assert client.get("/static/css/base.css").status_code == 200
    assert client.get("/login").status_code == 200


def test_what_was_typed_is_still_there(
    app: Any, settings: Settings, house: SimpleNamespace, login: Any
) -> None:
    client = app.test_client()
    login(client, "owner")
    token = csrf(client.get("/report/repair"))
    maintenance.switch_on(settings)
    answer = client.post(
        "/report/repair", data={"csrf_token": token, "words": "廚房漏水", "password": "geheim"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "廚房漏水" in page
    assert "geheim" not in page
    assert 'action="/report/repair"' in page


def test_the_message_is_shown_in_the_readers_script_and_is_no_markup(app: Any, settings: Settings) -> None:
    maintenance.switch_on(settings, "數據庫升級 <b>半小時</b>", 30)
    page = app.test_client().get("/", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert "升级 &lt;b&gt;半小时&lt;/b&gt;" in page
    assert "<b>" not in page


def test_how_long_it_takes_is_told_and_counts_down(app: Any, settings: Settings, clock: Clock) -> None:
    maintenance.switch_on(settings, minutes=30)
    client = app.test_client()
    assert client.get("/").headers["Retry-After"] == "1800"
    clock(timedelta(minutes=29))
    assert client.get("/").headers["Retry-After"] == "60"
    clock(timedelta(hours=3))
    assert client.get("/").headers["Retry-After"] == "60"


@pytest.mark.parametrize(("message", "minutes"), [("x" * 501, 0), ("", -1), ("", 7 * 24 * 60 + 1)])
def test_bounds(settings: Settings, db: Any, message: str, minutes: int) -> None:
    with pytest.raises(Invalid):
        maintenance.switch_on(settings, message, minutes)
    assert maintenance.state(settings) is None
    maintenance.switch_on(settings, "x" * 500, 7 * 24 * 60)
    assert maintenance.state(settings) is not None


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"since": 7}', "\x00", '{"since": "2026-03-16T10:00:00+08:00", "until": "2026-03-17"}'],
)
def test_a_note_that_cannot_be_read_shuts_as_well(app: Any, settings: Settings, content: str) -> None:
    marks.path_of(settings, "maintenance").write_text(content)
    assert app.test_client().get("/").status_code == 503


def test_visitors_are_told_while_the_database_is_away(app: Any, settings: Settings) -> None:
    maintenance.switch_on(settings, "資料庫搬家")
    database.close()
    for path in settings.data.glob("lianxi.db*"):
        path.rename(path.with_suffix(path.suffix + ".aside"))
    answer = app.test_client().get("/notices/")
    assert answer.status_code == 503
    assert "資料庫搬家" in answer.get_data(as_text=True)
    assert not (settings.data / "lianxi.db").exists()
    database.close()


class Tags(html.parser.HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_standing_page_needs_nothing_else(settings: Settings, db: Any) -> None:
    page = standing_page(replace(settings, site_name="青禾 <東苑>"))
    tags = Tags(page)
    assert tags.open == []
    assert set(tags.addresses) == {"tel:075555501000", "tel:075555501024"}
    assert all(words in page for words in WORDS.values())
    assert "<東苑>" not in page
    assert page.index('lang="zh-Hant"') < page.index("zh-Hans")
    assert standing_page(replace(settings, locale="en")).startswith('<!doctype html>\n<html lang="en">')
    assert "tel:" not in standing_page(replace(settings, phone_day="", phone_night=""))


def test_at_the_terminal(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "var")
    portal.env |= {"LIANXI_PHONE_DAY": DAY}
    assert portal.run("maintenance", "on").returncode == 1  # there is no portal
    assert not portal.data.exists()
    assert portal.run("init").returncode == 0
    assert portal.json("maintenance", "status") == [
        {"shut": False, "since": None, "until": None, "message": ""}
    ]
    assert portal.run("maintenance", "on", "--message", "搬機房", "--minutes", "45").returncode == 0
    (found,) = portal.json("maintenance", "status")
    assert (found["shut"], found["message"]) == (True, "搬機房")
    assert [one["subject"] for one in portal.json("check")] == ["maintenance", "worker"]
    assert portal.run("maintenance", "off").returncode == 0
    assert "was open" in portal.run("maintenance", "off").stderr
    assert portal.run("maintenance", "on", "--minutes", "-5").returncode == 1
    file = tmp_path / "away.html"
    assert portal.run("maintenance", "page", str(file)).returncode == 0
    assert DAY in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o644
    assert portal.run("maintenance", "page", str(tmp_path / "no" / "such.html")).returncode == 1


def test_the_clock_of_the_note_is_ours(settings: Settings, db: Any, clock: Clock) -> None:
    maintenance.switch_on(settings)
    found = maintenance.state(settings)
    assert found is not None
    assert found.since == moment.now()
