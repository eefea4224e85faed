"""The resident's day: phone width, elder mode, Traditional: reads, complains with a photo, follows, opens again, rates."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from content import actions, reception
from content.cases import Case
from content.reception.attachments import CaseFile
from tests.browser.conftest import DESK, PHONE
from tests.conftest import notice

ELDER = "[name=elder][value='1']"


def picture(color: str = "#8a5a00") -> dict[str, Any]:
    made = io.BytesIO()
    Image.new("RGB", (800, 600), color).save(made, "JPEG")
    return {"name": "IMG_2034.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def ready(page: Page) -> None:
    expect(page.locator("form.report-form[data-ready]")).to_be_attached()


def next_question(page: Page) -> None:
    page.locator(".step-acts .button-primary").click()


def small_targets(page: Page, least: int = 48) -> list[str]:
    """Buttons and tiles on the screen that a thumb could miss."""
    return page.locator(
        "main button:visible, main a.button:visible, main a.tile:visible, main .pick:visible"
    ).evaluate_all(
        "(all, least) => all.filter((one) => one.getBoundingClientRect().height < least && !one.matches('.unseen'))"
        ".map((one) => one.outerHTML.slice(0, 80))",
        least,
    )


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_the_residents_day_in_large_print(
    portal: SimpleNamespace, beside: SimpleNamespace, open_page: Any
) -> None:
    item = actions.publish_now(beside.administrator, "notice", beside.board, notice("二號電梯週三檢修"))
    page = open_page("/", size=PHONE, user="owner")
    page.locator(ELDER).click()
    expect(page.locator("html.elder")).to_be_attached()
    page.locator("main a", has_text="二號電梯週三檢修").first.click()
    expect(page).to_have_url(f"{portal.url}/notices/{item.id}")

    page.goto("/")
    page.locator("a.act[href='/report']").click()
    expect(page.locator(".danger a[href^='tel:']").first).to_be_visible()
    assert small_targets(page) == []
    assert sideways(page) <= 0
    page.locator("a.tile[href='/report/complaint']").click()
    ready(page)
    # One question at a time, with a bar; what is required is asked for before it goes on.
    expect(page.locator(".step:visible")).to_have_count(1)
    next_question(page)
    expect(page.locator("#f-words")).to_be_visible()
    page.fill("#f-words", "三棟樓道的燈壞了一個星期,晚上摔了一跤。")
    next_question(page)
    expect(page.locator("#f-words")).to_be_hidden()
    page.locator(".step-acts .button-secondary").click()
    expect(page.locator("#f-words")).to_have_value("三棟樓道的燈壞了一個星期,晚上摔了一跤。")
    next_question(page)
    page.press("#f-when_where", "Enter")  # goes on, and sends nothing
    expect(page.locator("#f-about_whom")).to_be_focused()
    while not page.locator("#f-files").is_visible():
        assert small_targets(page) == []
        next_question(page)
    page.set_input_files("input[name=photos]", picture())
    expect(page.locator(".chosen img")).to_be_visible()
    assert sideways(page) <= 0
    next_question(page)  # this account knows no telephone, so it is asked for
    page.fill("#f-caller_telephone", "138 0013 8000")
    page.press("#f-caller_telephone", "Enter")
    expect(page).to_have_url(f"{portal.url}/report/sent")
    case = Case.select().order_by(Case.id.desc()).get()
    expect(page.locator(".big-number")).to_have_text(case.number)
    assert CaseFile.select().where(CaseFile.case == case.id).count() == 1
    assert (
        page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('lianxi.draft')).length")
        == 0
    )

    page.locator("main a.button-primary").click()
    expect(page.locator("main h1")).to_contain_text(case.number)
    expect(page.locator(".stop-now")).to_contain_text("已收到")
    expect(page.locator(".own-words").first).to_contain_text("三棟樓道的燈壞了一個星期")
    picture_here = page.locator(".sent-picture img").first
    picture_here.scroll_into_view_if_needed()
    expect(picture_here).to_have_js_property("complete", True)
    assert picture_here.evaluate("image => image.naturalWidth") > 0

    now = Case.get_by_id(case.id)
    reception.step(beside.receptionist, now, "take", version=now.version)
    now = Case.get_by_id(case.id)
    reception.step(beside.receptionist, now, "answer", comment="燈已換新。", version=now.version)
    page.goto("/")
    page.locator("#my-open a").last.click()
    page.goto(f"/cases/{case.number}")
    expect(page.locator(".entry-answer")).to_contain_text("燈已換新。")
    assert small_targets(page) == []
    assert sideways(page) <= 0

    page.locator("#reopen summary").click()
    page.fill("#f-reason", "三樓的還沒亮。")
    page.locator("#reopen button.button").click()
    expect(page.locator(".stop-now")).to_contain_text("重新")
    now = Case.get_by_id(case.id)
    assert now.state == "reopened"
    reception.step(beside.receptionist, now, "answer", comment="三樓也換了。", version=now.version)
    page.reload()
    page.locator("button.star[value='5']").click()
    expect(page.locator("#rate")).to_contain_text("非常滿意")
    assert Case.get_by_id(case.id).rating == 5


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_visitor_in_simplified_loses_nothing_and_comes_back_with_the_code(
    portal: SimpleNamespace, beside: SimpleNamespace, open_page: Any, size: Any
) -> None:
    page = open_page("/report/repair", size=size, locale="zh-CN")
    ready(page)
    page.check("input[name=kind][value=lift]")
    page.fill("#f-words", "2号梯关门时有异响。")
    page.fill("#f-place", "五栋二号梯")
    page.fill("#f-caller_name", "王女士")
    page.fill("#f-caller_telephone", "123")
    page.set_input_files("input[name=photos]", [picture(), {**picture("red"), "name": "IMG_2035.jpg"}])
    page.locator("[data-send]").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".held li")).to_have_count(2)
    expect(page.locator(".held img").first).to_have_js_property("complete", True)
    expect(page.locator("#f-words")).to_have_value("2号梯关门时有异响。")
    page.locator(".held button").first.click()
    expect(page.locator(".held li")).to_have_count(1)
    page.fill("#f-caller_telephone", "138 0013 8000")
    page.locator("[data-send]").click()
    expect(page.locator(".big-number")).to_have_count(2)
    number, code = page.locator(".big-number").all_text_contents()
    assert sideways(page) <= 0

    other = open_page("/follow", size=size, locale="zh-CN")
    other.fill("#f-number", number)
    other.fill("#f-code", code.lower())
    other.locator("main button.button-primary").click()
    expect(other.locator(".own-words").first).to_contain_text("2号梯关门时有异响")
    assert code not in other.url
    assert number not in other.url
    other.fill("#f-text", "今天更响了。")
    other.locator("#add button.button-primary").click()
    expect(other.locator(".entries-of")).to_contain_text("今天更响了。")
    assert sideways(other) <= 0


def test_what_was_typed_is_still_there_after_the_browser_was_closed(open_page: Any) -> None:
    page = open_page("/report/suggestion", size=PHONE)
    ready(page)
    page.fill("#f-words", "花園可以放兩張長椅。")
    page.goto("/")
    page.goto("/report/suggestion")
    ready(page)
    expect(page.locator("#f-words")).to_have_value("花園可以放兩張長椅。")
    page.locator(".flash button").click()
    expect(page.locator("#f-words")).to_have_value("")
    page.reload()
    ready(page)
    expect(page.locator("#f-words")).to_have_value("")


def test_enter_while_composing_sends_nothing(open_page: Any) -> None:
    page = open_page("/report/suggestion", size=DESK)
    ready(page)
    page.fill("#f-words", "多放長椅")
    page.fill("#f-caller_name", "王")
    stopped = page.locator("#f-caller_name").evaluate(
        "field => !field.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true}))"
    )
    assert stopped
    assert page.url.endswith("/report/suggestion")


def test_a_matter_like_it_is_suggested_while_writing(beside: SimpleNamespace, open_page: Any) -> None:
    words = "五棟門禁刷卡沒有反應,要等別人開門。"
    case = reception.open_case(
        beside.tenant, "repair", {"kind": "doors", "words": words, "place": "五棟"}, key="a" * 32
    )
    page = open_page("/report/repair", user="tenant")
    ready(page)
    page.fill("#f-words", "五棟門禁刷卡又沒有反應了")
    page.locator("#f-words").dispatch_event("input")
    expect(page.locator(f".similar a[href='/cases/{case.number}']")).to_be_visible()
