"""The leader's day on a phone, in Simplified: log a talk in few taps, the counselor confirms, the office looks."""

from __future__ import annotations

import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import expect

from content import liaison, moment
from content.liaison import Meeting, Pairing
from tests.browser.conftest import DESK, PHONE

SECRET = "两个人之间的话"


@pytest.fixture
def pair(beside: SimpleNamespace, portal: SimpleNamespace) -> Pairing:
    found = Pairing.get_or_none(Pairing.counselor == beside.counselor.id)
    since = moment.today() - timedelta(days=200)
    return found or liaison.pair(portal.settings, beside.office, beside.leader.id, beside.counselor.id, since)


def test_a_talk_from_the_corridor_to_the_overview(pair: Pairing, open_page: Any) -> None:
    page = open_page("/", size=PHONE, locale="zh-CN", user="leader")
    page.click("a[href='/liaison/']")
    expect(page.locator("main")).to_contain_text("本季度约谈")
    started = time.monotonic()
    taps = page.locator("a.log-button")
    expect(taps).to_have_text("记一次谈话")
    box = taps.bounding_box()
    assert box
    assert box["height"] >= 60
    taps.click()
    page.fill("[name=place]", "操场")
    page.fill("[name=private_note]", SECRET)
    page.fill("[name=office_line]", "工作量偏大")
    save = page.get_by_role("button", name="记下")
    expect(save).to_be_in_viewport()
    save.dblclick()  # a nervous thumb
    expect(page.locator(".meeting-head")).to_contain_text("定期约谈")
    expect(page.locator(".chip").first).to_contain_text("待辅导员确认")
    assert time.monotonic() - started < 60
    assert Meeting.select().where(Meeting.pairing == pair.id).count() == 1

    other = open_page("/inbox/", size=PHONE, locale="zh-CN", user="counselor")
    other.locator(".message a", has_text="请您确认").first.click()
    expect(other.locator("main")).to_contain_text(SECRET)
    other.fill("[name=counselor_note]", "谢谢您")
    other.get_by_role("button", name="对，确认").click()
    expect(other.locator(".chip").first).to_contain_text("双方已确认")

    office = open_page("/liaison/", size=DESK, locale="zh-CN", user="office")
    square = office.locator("td.square-cell.now .square")
    expect(square).to_contain_text("✓")
    expect(square).to_contain_text("谈")
    expect(office.locator("main")).not_to_contain_text("未谈")
    office.get_by_role("link", name="谈话", exact=True).click()
    expect(office.locator(".meeting-line")).to_have_text("工作量偏大")
    expect(office.locator("body")).not_to_contain_text(SECRET)


def test_the_second_talk_takes_two_taps(pair: Pairing, open_page: Any) -> None:
    before = Meeting.select().where(Meeting.pairing == pair.id).count()
    page = open_page("/liaison/", size=PHONE, locale="zh-CN", user="leader")
    page.click("a.log-button")
    page.get_by_role("button", name="记下").click()
    expect(page.locator(".flash")).to_contain_text("已请")
    assert Meeting.select().where(Meeting.pairing == pair.id).count() == before + 1


def test_work_guidance_asks_what_it_was_and_forgets_nothing(pair: Pairing, open_page: Any) -> None:
    page = open_page("/liaison/log", size=PHONE, locale="zh-CN", user="leader")
    expect(page.locator("#f-activity")).to_be_hidden()
    page.locator("#f-kind").get_by_label("工作指导").check()
    expect(page.locator("#f-activity")).to_be_visible()
    page.fill("[name=private_note]", "先写好的话")
    page.get_by_role("button", name="记下").click()
    expect(page.locator("#problems")).to_contain_text("参加了哪项工作")
    expect(page.locator("[name=private_note]")).to_have_value("先写好的话")
    page.locator("#f-activity").get_by_label("班会").check()
    page.get_by_role("button", name="记下").click()
    expect(page.locator(".meeting-head h1")).to_contain_text("工作指导：班会")


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_sticks_out_at_the_side(pair: Pairing, open_page: Any, size: Any, elder: bool) -> None:
    for user, paths in (
        ("leader", ("/liaison/", "/liaison/log", "/liaison/meetings/")),
        ("office", ("/liaison/office/", "/liaison/office/meetings/", "/liaison/office/pairings/",
                    f"/liaison/office/pairings/{pair.id}", "/liaison/office/pairings/new")),
    ):  # fmt: skip
        page = open_page("/", size=size, user=user)
        if elder:
            page.click("button.elder-switch")
        for path in paths:
            page.goto(path)
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, path
