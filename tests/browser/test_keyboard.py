"""A visitor with the keyboard alone, one at 400 % zoom, and readers who want less movement."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from content import actions
from content.cases import Case
from tests.browser.conftest import DESK
from tests.browser.looking import in_large_print, sideways
from tests.conftest import notice
from tests.samples import SAMPLES

ZOOMED = {"width": 320, "height": 256}  # 1280 × 1024 at 400 % (WCAG 1.4.10)
MOST = 120  # presses of Tab within which everything on a page is reached
_FOCUS = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  return {
    what: one === document.body ? "" : one.tagName + "#" + one.id + "." + (one.getAttribute("href") || one.name || "")
      + "=" + (one.value || "") + "@" + Math.round(box.top + scrollY) + "," + Math.round(box.left),
    // A card or a field with its button may show the focus for what is within it.
    outline: (() => {
      for (let place = one; place && place.tagName !== "MAIN" && place !== document.body; place = place.parentElement) {
        const looks = getComputedStyle(place);
        if (looks.outlineStyle !== "none" && parseFloat(looks.outlineWidth) >= 2) return true;
      }
      return false;
    })(),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    region: one.closest("footer.site-footer") ? 2 : one.closest("a.skip, header.site-header") ? 0 : 1,
    hidden: (() => {
      const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
      const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1);
      const there = document.elementFromPoint(x, y);
      return Boolean(there) && !one.contains(there) && !there.contains(one) && !there.closest("label");
    })(),
  };
}"""


def stops(page: Page) -> list[dict[str, Any]]:
    """Where Tab leads, from the address bar round the page until it leaves it."""
    page.focus("a.skip")  # the first one; a page may have put the focus into its field
    found: list[dict[str, Any]] = []
    for _ in range(MOST):
        here = page.evaluate(_FOCUS)
        page.keyboard.press("Tab")
        if not here["what"] or (found and here["what"] == found[0]["what"]):
            return found
        assert not found or here["what"] != found[-1]["what"], f"trapped at {here['what']}"
        found.append(here)
    raise AssertionError("no end")


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until an element has the focus."""
    for _ in range(MOST):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


@pytest.fixture
def items(beside: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(
        notice=actions.publish_now(
            beside.administrator,
            "notice",
            beside.board,
            notice("游泳池換水", "<p>週五換水，<a href='#'>照常</a>。</p>"),
        ),
        policy=actions.publish_now(
            beside.administrator, "policy", beside.library, {**SAMPLES["policy"], "slug": "", "audience": ""}
        ),
    )


def test_a_visitor_with_the_keyboard_alone(
    portal: SimpleNamespace, items: SimpleNamespace, open_page: Any
) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    expect(page.locator("a.skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")  # the first thing in the content, not in the header
    assert page.evaluate("Boolean(document.activeElement.closest('main'))")

    tab_to(page, f"main a[href='/notices/{items.notice.id}']")
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text("游泳池換水")

    tab_to(page, "[name=language][value=zh_Hans_CN]")
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text("游泳池换水")
    expect(page).to_have_url(f"{portal.url}/notices/{items.notice.id}")

    page.keyboard.press("/")
    expect(page.locator("#quick-q")).to_be_focused()
    page.keyboard.insert_text("4.7.2")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/search"))

    page.goto("/report")
    tab_to(page, "a[href='/report/suggestion']")
    page.keyboard.press("Enter")
    expect(page.locator("form.report-form[data-ready]")).to_be_attached()
    tab_to(page, "#f-words")
    page.keyboard.insert_text("小花園多放兩張長椅。")
    for field, words in (("caller_name", "林小姐"), ("caller_telephone", "138 0013 8000")):
        tab_to(page, f"#f-{field}")
        page.keyboard.insert_text(words)
    tab_to(page, "[data-send]")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{portal.url}/report/sent")
    number = page.locator(".big-number").first.text_content()
    assert Case.get(Case.number == number).category == "suggestion"


@pytest.mark.parametrize(
    "path", ["/", "/notices/", "POLICY", "/search?q=x", "/report", "/report/repair", "/login", "/help/"]
)
@pytest.mark.parametrize("elder", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_focus_is_seen_everywhere_and_goes_on(
    items: SimpleNamespace, open_page: Any, path: str, elder: bool
) -> None:
    page = open_page("/")
    if elder:
        in_large_print(page)
    page.goto(f"/library/{items.policy.id}" if path == "POLICY" else path)
    found = stops(page)
    assert len(found) > 10
    assert [one["what"] for one in found if not one["outline"]] == []
    assert [one["what"] for one in found if not one["seen"] or one["hidden"]] == []
    # Header, content, foot: none is come back to.
    regions = [one["region"] for one in found]
    assert regions == sorted(regions)
    assert set(regions) == {0, 1, 2}


def test_enter_chooses_a_word_and_sends_nothing_while_composing(
    portal: SimpleNamespace, open_page: Any
) -> None:
    page = open_page("/search")
    page.focus("#search-q")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "tingshui", "selectionStart": 8, "selectionEnd": 8})
    session.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229},
    )
    page.evaluate(
        """document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
           {key: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true}))"""
    )
    expect(page).to_have_url(f"{portal.url}/search")
    session.send("Input.insertText", {"text": "停水"})
    page.wait_for_timeout(100)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=%E5%81%9C%E6%B0%B4"))


@pytest.mark.parametrize("elder", [False, True])
def test_at_400_percent_nothing_runs_out_of_the_page(
    items: SimpleNamespace, open_page: Any, elder: bool
) -> None:
    page = open_page("/", size=ZOOMED)
    if elder:
        in_large_print(page)
    wide = {}
    for path in (
        "/", "/notices/", f"/notices/{items.notice.id}", "/events/", "/services/", "/fees/", "/library/",
        f"/library/{items.policy.id}", "/search", "/search?q=水", "/contact", "/staff/", "/browse/board", "/report",
        "/report/repair", "/follow", "/login", "/register", "/help/", "/help/visitor", "/nowhere",
    ):  # fmt: skip
        page.goto(path)
        if sideways(page) > 0:
            wide[path] = sideways(page)
    assert wide == {}
    # Something of the page itself is still seen below what stays on top.
    page.goto("/notices/")
    page.mouse.wheel(0, 600)
    page.wait_for_timeout(100)
    covered = page.evaluate(
        """Math.max(0, ...[...document.querySelectorAll("body *")].filter((one) =>
        ["sticky", "fixed"].includes(getComputedStyle(one).position) && one.getBoundingClientRect().top <= 0)
        .map((one) => one.getBoundingClientRect().bottom))"""
    )
    assert covered < ZOOMED["height"] / 2


def test_readers_who_want_less_movement_get_none(items: SimpleNamespace, open_page: Any) -> None:
    page = open_page("/", reduced_motion="reduce")
    for path in ("/", "/notices/", "/report/repair", f"/library/{items.policy.id}"):
        page.goto(path)
        moving = page.evaluate(
            """[...document.querySelectorAll("*")].filter((one) => {
              const style = getComputedStyle(one);
              const times = [...style.transitionDuration.split(","), ...style.animationDuration.split(",")];
              return times.some((time) => parseFloat(time) > 0.01) || style.scrollBehavior === "smooth";
            }).map((one) => one.outerHTML.slice(0, 80))"""
        )
        assert moving == [], path
    still = open_page("/", size=DESK)
    assert (
        still.evaluate("parseFloat(getComputedStyle(document.querySelector('.act')).transitionDuration)") > 0
    )


def test_on_paper_there_are_words_and_no_buttons_in_any_colours(
    items: SimpleNamespace, open_page: Any
) -> None:
    """Black on white even for who reads white on black; the telephones stay, what can be tapped goes."""
    page = open_page("/", color_scheme="dark")
    in_large_print(page)
    page.emulate_media(media="print", color_scheme="dark")
    for path in (f"/notices/{items.notice.id}", f"/library/{items.policy.id}", "/contact", "/help/visitor"):
        page.goto(path)
        assert page.evaluate("getComputedStyle(document.querySelector('main h1')).color") == "rgb(0, 0, 0)", (
            path
        )
        assert (
            page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            == "rgb(255, 255, 255)"
        )
        for hidden in (".main-nav", ".quick-search", ".utility", ".crumbs"):
            assert page.locator(f"{hidden}:visible").count() == 0, (path, hidden)
        assert page.locator("a[href^='tel:']:visible").count() >= 1, path
        assert len(page.pdf(prefer_css_page_size=True)) > 1000
