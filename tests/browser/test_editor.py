"""The editor's and the reviewer's day: from pasted Word text to the board, a correction, and down again."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from content import actions
from content.items import Item
from tests.browser.conftest import DESK, PHONE
from tests.conftest import notice

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang=ZH-TW style='tab-interval:24.0pt'>
<p class=MsoNormal style='margin-left:24.0pt;mso-pagination:widow-orphan'><b><span lang=ZH-TW
style='font-size:14.0pt;font-family:"新細明體",serif;color:red'>週三上午清洗水箱</span></b><o:p></o:p></p>
<p class=MsoNormal><span style='mso-fareast-font-family:標楷體'>九時起停水，約三小時。<o:p>&nbsp;</o:p></span></p>
<table class=MsoTableGrid border=1><tr><td style='width:99pt'><p class=MsoNormal>棟</p></td><td><p>時間</p></td></tr>
<tr><td><p>三棟</p></td><td><p>九時</p></td></tr></table></body></html>"""

PASTE = """(element, html) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", "x");
  element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def write(page: Page, title: str, words: str = "") -> None:
    page.fill("input[name=title]", title)
    if words:
        page.locator(".ProseMirror").first.click()
        page.keyboard.press("Control+End")
        page.keyboard.insert_text(words)


def step(page: Page, name: str) -> None:
    page.locator(f"button[value='step:{name}']").click()


@pytest.mark.parametrize(
    ("locale", "size"), [("zh-TW", DESK), ("zh-CN", PHONE)], ids=["hant-desk", "hans-phone"]
)
def test_from_word_to_the_board_corrected_and_taken_down(
    portal: SimpleNamespace, beside: SimpleNamespace, open_page: Any, locale: str, size: Any
) -> None:
    title = f"清洗水箱 {locale}"
    editor = open_page(f"/work/new/notice?section={beside.board.id}", user="editor", locale=locale, size=size)
    write(editor, title)
    area = editor.locator(".ProseMirror").first
    area.click()
    area.evaluate(PASTE, WORD)
    expect(area.locator("td").first).to_be_visible()
    step(editor, "submit")
    editor.wait_for_load_state()
    item = Item.get(Item.title == title)
    assert item.state == "review"
    address = f"/notices/{item.id}"

    reviewer = open_page("/work/", user="reviewer", locale=locale, size=size)
    reviewer.locator("main a", has_text=title).first.click()
    reviewer.goto(f"/work/items/{item.id}/transition/return")
    reviewer.fill("main textarea[name=comment]", "請寫明停水的棟號")
    reviewer.locator("main form button.button-primary, main form button.button-danger").first.click()
    reviewer.wait_for_load_state()
    assert Item.get_by_id(item.id).state == "draft"

    editor.goto("/work/")
    expect(editor.locator("main")).to_contain_text("請寫明停水的棟號")
    editor.goto(f"/work/items/{item.id}/edit")
    write(editor, title, "三棟和四棟。")
    step(editor, "submit")
    editor.wait_for_load_state()
    reviewer.goto(f"/work/items/{item.id}/transition/publish")
    reviewer.locator("main form button.button-primary").first.click()
    reviewer.wait_for_load_state()

    visitor = open_page(address, locale=locale, size=size)
    body = visitor.locator("main")
    expect(body).to_contain_text("三棟和四棟" if locale == "zh-TW" else "三栋和四栋")
    expect(body).to_contain_text("九時起停水" if locale == "zh-TW" else "九时起停水")
    html = body.inner_html()
    assert not re.search(r"mso|Mso|style=|<o:p|<font|<span style", html)
    assert visitor.locator("main table td").count() == 4

    editor.goto(f"/work/items/{item.id}/edit")
    write(editor, title + " 更正")
    step(editor, "submit")
    editor.wait_for_load_state()
    visitor.reload()
    expect(visitor.locator("h1")).not_to_contain_text("更正")
    reviewer.goto(f"/work/items/{item.id}/transition/publish")
    reviewer.locator("main form button.button-primary").first.click()
    reviewer.wait_for_load_state()
    visitor.reload()
    expect(visitor.locator("h1")).to_contain_text("更正")

    reviewer.goto(f"/work/items/{item.id}/transition/withdraw")
    reviewer.locator("main form button.button-danger, main form button.button-primary").first.click()
    reviewer.wait_for_load_state()
    with visitor.expect_response(lambda answer: address in answer.url) as caught:
        visitor.goto("/notices/")
        expect(visitor.locator("main")).not_to_contain_text(title)
        visitor.evaluate(f"fetch('{address}')")
    assert caught.value.status == 404


def test_what_was_typed_survives_a_crash(
    portal: SimpleNamespace, beside: SimpleNamespace, open_page: Any
) -> None:
    path = f"/work/new/notice?section={beside.board.id}"
    page = open_page(path, user="editor")
    with page.expect_response("**/work/autosave") as kept:
        write(page, "還沒寫完的通知", "寫到一半")
    assert kept.value.ok
    page.wait_for_timeout(500)
    context = page.context
    page.close(run_before_unload=False)  # the machine died
    again = context.new_page()
    again.goto(path)
    again.locator("[data-unsaved] a").first.click()
    expect(again.locator("input[name=title]")).to_have_value("還沒寫完的通知")
    expect(again.locator(".ProseMirror").first).to_contain_text("寫到一半")


def test_the_second_editor_is_told_and_loses_nothing(
    portal: SimpleNamespace, beside: SimpleNamespace, open_page: Any
) -> None:
    item = actions.create(beside.editor, "notice", beside.board, notice("兩人同改"))
    page = open_page(f"/work/items/{item.id}/edit", user="reviewer")
    actions.edit(beside.editor, item, {"title": "兩人同改：編輯先存"}, version=item.version)
    write(page, "兩人同改：審核後存")
    page.locator(".save-bar button[value=save]").click()
    conflict = page.locator("#conflict")
    expect(conflict).to_be_visible()
    expect(conflict.locator("del", has_text="編輯先")).to_be_visible()
    expect(conflict.locator("ins", has_text="審核後")).to_be_visible()
    expect(page.locator("input[name=title]")).to_have_value("兩人同改：審核後存")
    assert Item.get_by_id(item.id).title == "兩人同改：編輯先存"
    conflict.locator("button[name=overwrite]").click()
    page.wait_for_load_state()
    assert Item.get_by_id(item.id).title == "兩人同改：審核後存"


def test_enter_while_composing_does_not_submit(beside: SimpleNamespace, open_page: Any) -> None:
    page = open_page(f"/work/new/notice?section={beside.board.id}", user="editor")
    page.fill("input[name=title]", "ting shui")
    page.locator("input[name=title]").evaluate(
        "element => element.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, keyCode: 229, bubbles: true, cancelable: true}))"
    )
    page.wait_for_timeout(300)
    assert "/work/new/notice" in page.url
    expect(page.locator("input[name=title]")).to_have_value("ting shui")


def test_a_missing_title_is_said_beside_the_field_and_the_text_stays(
    beside: SimpleNamespace, open_page: Any
) -> None:
    page = open_page(f"/work/new/notice?section={beside.board.id}", user="editor")
    page.locator(".ProseMirror").first.click()
    page.keyboard.insert_text("正文在此")
    page.locator(".save-bar button[value=save]").click()
    expect(page.locator(".error-summary, .field-error").first).to_be_visible()
    expect(page.locator(".ProseMirror").first).to_contain_text("正文在此")


def test_without_scripts_everything_still_works(beside: SimpleNamespace, open_page: Any) -> None:
    page = open_page(f"/work/new/notice?section={beside.board.id}", user="editor", java_script_enabled=False)
    page.fill("input[name=title]", "沒有腳本")
    page.fill("textarea[name=body]", "## 小標題\n\n正文**要緊**。")
    page.locator(".save-bar button[value=save]").click()
    item = Item.get(Item.title == "沒有腳本")
    assert actions.working_values(item)["body"] == "<h2>小標題</h2><p>正文<strong>要緊</strong>。</p>"
