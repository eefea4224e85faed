"""The receptionist's day at the desk, in Simplified: a walk-in by keyboard alone, a call that is a duplicate, an answer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from content import people, reception
from content.cases import Case
from content.households import Building, Household, Resident
from content.items import new_uid
from content.people import Community, Site
from tests.browser.conftest import PHONE


@pytest.fixture
def home(beside: SimpleNamespace) -> Household:
    """A home with its owner; the same for every test of the module."""
    known = Household.select().join(Building).where(Building.name == "9幢").first()
    if known is not None:
        return known
    site = Site.select().first() or Site.create(name="测试")
    community = Community.create(site=site, name="南苑")
    building = Building.create(community=community, name="9幢", key="9")
    made: Household = Household.create(building=building, unit="1单元", room="302", key="1-302")
    Resident.create(
        household=made, tenure="owner", name="陆小梅", address_form="女士", telephone="+8613900139000"
    )
    return made


def recorded(words: str, home: Household) -> Case:
    values = {"words": words, "place": "一楼大厅", "kind": "doors", "caller_name": "陆小梅",
              "caller_telephone": "13900139000", "household": "9-1-302"}  # fmt: skip
    receptionist = people.find_person("receptionist")
    return reception.open_case(receptionist, "repair", values, key=new_uid(), channel="phone", on_behalf=True)


def ready(page: Page) -> None:
    expect(page.locator("form.intake[data-ready]")).to_be_attached()


def test_a_walk_in_is_recorded_with_the_keyboard_alone(
    beside: SimpleNamespace, home: Household, open_page: Callable[..., Page]
) -> None:
    page = open_page("/desk/new", locale="zh-CN", user="receptionist")
    ready(page)
    keys = page.keyboard
    expect(page.locator("#f-household")).to_be_focused()
    keys.type("9-1-302")
    expect(page.locator("[data-part=home]")).to_contain_text("南苑 9幢 1单元 302")
    keys.press("Tab")  # the one who lives there
    keys.press("Enter")
    expect(page.locator("#f-caller_name")).to_have_value("陆小梅")
    expect(page.locator("#f-caller_name")).to_be_focused()
    for _ in range(5):  # form of address, telephone, mail, who speaks for them, then the category
        keys.press("Tab")
    keys.press("Space")
    expect(page.locator("#f-kind")).to_be_visible()  # the form of a repair came by itself
    for _ in range(6):
        keys.press("ArrowRight")
    expect(page.locator("input[name=category][value=other]")).to_be_checked()
    expect(page.locator("#f-kind")).to_have_count(0)
    keys.press("Home")
    for _ in range(6):
        keys.press("ArrowLeft")
    expect(page.locator("#f-kind")).to_be_visible()
    keys.press("Tab")
    keys.type("d")  # doors, by the first letters of the list; or by arrows
    keys.press("ArrowDown")
    keys.press("Tab")  # when they are in
    keys.press("Tab")
    keys.type("单元门口")
    keys.press("Tab")
    keys.type("单元门锁打不开，早上出不了门。")
    keys.press("Enter")  # within the words a new line, and nothing is sent
    keys.press("Control+Enter")
    page.wait_for_url("**/desk/sent")
    number = page.locator("main h1").inner_text()
    case = Case.get(Case.number == number)
    assert (case.caller_name, case.household_id) == ("陆小梅", home.id)
    assert case.channel == "visit"
    assert case.original.startswith("单元门锁打不开")
    page.get_by_role("link", name="打印回执").press("Enter")
    expect(page.locator(".paper-slip .qr")).to_be_visible()
    expect(page.locator(".paper-slip")).to_contain_text(case.code)


def test_a_call_about_the_same_is_found_while_typing_and_merged(
    beside: SimpleNamespace, home: Household, open_page: Callable[..., Page]
) -> None:
    first = recorded("大厅的自动门一直开着关不上，风很大。", home)
    page = open_page("/desk/new?category=repair", locale="zh-CN", user="receptionist")
    ready(page)
    page.click("label:has(input[name=channel][value=phone])")
    page.fill("#f-caller_name", "陈国华")
    page.fill("#f-caller_telephone", "13700137000")
    page.select_option("#f-kind", "doors")
    page.fill("#f-place", "一楼大厅")
    page.fill("#f-words", "大厅自动门关不上，冷得很")
    same = page.locator(f"input[name=same_as][value='{first.number}']")
    expect(same).to_be_visible()
    same.check()
    page.click("button[value=record]")
    page.wait_for_url("**/desk/sent")
    case = Case.select().order_by(Case.id.desc()).get()
    assert (case.state, case.merged_into_id) == ("merged", first.id)
    page.click("text=查看事项")
    expect(page.locator(".merged")).to_contain_text(first.number)


def test_an_answer_goes_to_the_resident_and_a_note_stays_with_us(
    beside: SimpleNamespace, home: Household, open_page: Callable[..., Page]
) -> None:
    case = recorded("信箱锁坏了，打不开。", home)
    page = open_page("/desk/", locale="zh-CN", user="receptionist")
    page.fill("#f-q", case.number)
    page.press("#f-q", "Enter")
    page.wait_for_url(f"**/cases/{case.number}")
    expect(page.locator(".paper-in")).to_contain_text("住户永远看不到")
    page.fill(".paper-in textarea", "锁芯要换，备件在库房。")
    page.click(".paper-in button.button-note")
    note = page.locator(".thread-note")
    expect(note).to_contain_text("锁芯要换")
    shades: list[Any] = [
        page.evaluate(f"getComputedStyle(document.querySelector('{where}')).backgroundColor")
        for where in (".paper-in", ".paper-out", ".thread-note")
    ]
    assert shades[0] == shades[2] != shades[1]
    page.fill(".paper-out textarea", "锁芯已经换好，钥匙在客服中心领取。")
    page.click(".paper-out .button-primary")
    expect(page.locator(".flash-done")).to_contain_text("已通知住户")
    expect(page.locator(".page-head .chip").first).to_contain_text("已答复")


@pytest.mark.parametrize("size", [PHONE, None], ids=["phone", "desk"])
def test_nothing_sticks_out_at_the_side(
    beside: SimpleNamespace, home: Household, open_page: Callable[..., Page], size: Any
) -> None:
    case = recorded("楼道窗户玻璃裂了一道缝。", home)
    page = open_page("/desk/", locale="zh-CN", user="receptionist", **({"size": size} if size else {}))
    own = (f"/cases/{case.number}", f"/desk/slip/{case.number}")
    for path in ("/desk/", "/desk/repairs/", "/desk/new?category=complaint", *own):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
