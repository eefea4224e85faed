"""A clerk looks up a clause while somebody waits at the counter: in both scripts, at a desk and on a phone."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import expect

from content import actions, search
from content.library import parse_outline
from tests.browser.conftest import DESK, PHONE

TEXT = """1 目的
使每一件投訴都有人管，有期限，有回音。
4 程序要點
4.1 登記
4.1.1 接到投訴先致歉，再登記時間、地點和訴求。
4.2 時限
4.2.1 輕微投訴兩日內辦結，逾期須經項目經理同意。
4.2.2 重要投訴三日內辦結，逾期須經總經理同意。
"""


@pytest.fixture(scope="module")
def procedure(portal: SimpleNamespace) -> Any:
    from content import db, people, setup

    setup.open_portal(portal.settings)
    values = {"title": "投訴辦理規程", "clauses": parse_outline(TEXT)}
    item = actions.publish_now(people.find_person("administrator"), "policy", setup.root("library"), values)
    while search.index_pending(portal.settings):
        pass
    db.database.close()
    return item


@pytest.mark.parametrize(
    ("locale", "size", "typed", "seen"),
    [
        ("zh-TW", DESK, "重要投訴", "重要投訴三日內辦結"),
        ("zh-TW", PHONE, "重要投诉", "重要投訴三日內辦結"),
        ("zh-CN", DESK, "重要投訴", "重要投诉三日内办结"),
        ("zh-CN", PHONE, "重要投诉", "重要投诉三日内办结"),
    ],
)
def test_the_clause_is_found_in_seconds(
    procedure: Any, open_page: Any, locale: str, size: Any, typed: str, seen: str
) -> None:
    page = open_page("/", locale=locale, size=size)
    if size is PHONE:
        page.click("a.search-link")
    box = page.locator("main input[type=search]") if size is PHONE else page.locator("#quick-q")
    box.fill(typed)
    started = time.monotonic()
    box.press("Enter")
    hit = page.locator("main a", has_text="4.2.2").first
    expect(hit).to_be_visible()
    expect(page.locator("main mark").first).to_be_visible()
    hit.click()
    clause = page.locator('[id="4.2.2"]')
    expect(clause).to_be_in_viewport()
    expect(clause).to_contain_text(seen)
    assert time.monotonic() - started < 10
    assert page.url.endswith("#4.2.2")


def test_the_number_alone_leads_there(procedure: Any, open_page: Any) -> None:
    page = open_page("/search?q=4.2.1")
    expect(page.locator("main a", has_text="4.2.1").first).to_be_visible()


def test_nothing_found_says_what_to_do(procedure: Any, open_page: Any) -> None:
    page = open_page("/search?q=火星基地")
    expect(page.locator("main input[type=search]")).to_have_value("火星基地")
    expect(page.locator("main")).to_contain_text("沒有找到")
    expect(page.locator("main a[href^='tel:']")).to_contain_text("0755-1234 5678")


def test_the_switch_changes_the_script_and_not_the_address(procedure: Any, open_page: Any) -> None:
    page = open_page(f"/library/{procedure.id}")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page.locator("h1")).to_have_text("投訴辦理規程")
    page.click("button[value=zh_Hans_CN]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("h1")).to_have_text("投诉办理规程")
    assert page.url.endswith(f"/library/{procedure.id}")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_sticks_out_at_the_side(procedure: Any, open_page: Any, size: Any) -> None:
    page = open_page("/", size=size)
    for path in ("/", f"/library/{procedure.id}", "/search?q=投訴", "/notices/", "/contact", "/login"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
