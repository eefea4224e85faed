"""History, comparison, bringing back, and the steps of the workflow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from content import actions
from content.items import Item
from content.workflows import WORKFLOWS
from portal.pages.work.verbs import VERBS
from tests.conftest import csrf, notice
from tests.forms import counted, fields_of, found_in, text_of


@pytest.fixture
def written(house: SimpleNamespace) -> Item:
    """A published notice that is being corrected."""
    item = actions.publish_now(
        house.reviewer, "notice", house.board, notice("停水通知", "<p>上午九時停水。</p>")
    )
    return actions.edit(house.editor, item, {"body": "<p>上午十時停水。</p>"}, version=item.version)


@pytest.fixture
def editor(client: Any, login: Any) -> Any:
    login(client, "editor")
    return client


def test_every_fact_of_the_audit_has_words() -> None:
    steps = {step.verb for workflow in WORKFLOWS.values() for step in workflow.transitions}
    assert steps <= VERBS.keys()


def test_history_tells_who_saved_what_and_what_went_live(
    house: SimpleNamespace, editor: Any, written: Item
) -> None:
    page = editor.get(f"/work/items/{written.id}/history")
    rows = found_in(page, "//form[@class='revisions']//tbody/tr")
    assert len(rows) == 3
    assert [bool(row.xpath(".//*[contains(@class, 'chip-jade')]")) for row in rows] == [False, True, False]
    assert house.editor.name in rows[0].text_content()


def test_history_costs_the_same_for_few_and_many(house: SimpleNamespace, editor: Any, written: Item) -> None:
    with counted() as few:
        editor.get(f"/work/items/{written.id}/history")
    for n in range(6):
        written = actions.edit(house.editor, written, {"summary": str(n)}, version=written.version)
    with counted() as many:
        editor.get(f"/work/items/{written.id}/history")
    assert len(many) == len(few)


def test_compare_marks_what_went_and_what_came_also_in_words(editor: Any, written: Item) -> None:
    page = editor.get(f"/work/items/{written.id}/compare?from=live&to=now")
    gone = found_in(page, "//dl//del")[0].text_content()
    new = found_in(page, "//dl//ins")[0].text_content()
    assert gone.endswith("九")
    assert new.endswith("十")
    assert found_in(page, "//dl//del/*[@class='unseen']")
    assert editor.get(f"/work/items/{written.id}/compare?from=99").status_code == 404


def test_bringing_an_earlier_text_back(editor: Any, written: Item) -> None:
    path = f"/work/items/{written.id}/restore/1"
    page = editor.get(path)
    assert page.status_code == 200
    assert editor.post(path, data=fields_of(page, "//main//form")).status_code == 303
    fresh = Item.get_by_id(written.id)
    assert actions.working_values(fresh)["body"] == "<p>上午九時停水。</p>"
    assert fresh.state == "published"


def test_bringing_back_over_somebody_elses_newer_text_is_refused(
    house: SimpleNamespace, editor: Any, written: Item
) -> None:
    path = f"/work/items/{written.id}/restore/1"
    fields = fields_of(editor.get(path), "//main//form")
    actions.edit(house.reviewer, written, {"summary": "新"}, version=written.version)
    answer = editor.post(path, data=fields, follow_redirects=True)
    assert found_in(answer, "//*[contains(@class, 'flash-error')]")
    assert actions.working_values(Item.get_by_id(written.id))["body"] == "<p>上午十時停水。</p>"


def test_throwing_the_unpublished_changes_away(editor: Any, written: Item) -> None:
    path = f"/work/items/{written.id}/discard"
    assert editor.post(path, data=fields_of(editor.get(path), "//main//form")).status_code == 303
    assert not Item.get_by_id(written.id).stage
    assert editor.get(path).status_code == 404


def test_the_look_before_a_decision(house: SimpleNamespace, client: Any, login: Any, written: Item) -> None:
    actions.transition(house.editor, written, "submit", comment="改了時間")
    login(client, "reviewer")
    page = client.get(f"/work/items/{written.id}/preview?in=hans&width=phone")
    assert "改了時間" in text_of(page)
    frame = found_in(page, "//iframe")[0]
    assert "paper-phone" in frame.get("class")
    inside = client.get(frame.get("src"))
    assert "上午十时停水。" in text_of(inside)
    assert "上午九時停水。" in text_of(client.get(f"/work/items/{written.id}/preview/page?text=live"))
    assert "frame-ancestors 'self'" in inside.headers["Content-Security-Policy"]


def test_returning_needs_a_reason(house: SimpleNamespace, client: Any, login: Any) -> None:
    item = actions.create(house.editor, "notice", house.board, notice())
    actions.transition(house.editor, item, "submit")
    login(client, "reviewer")
    path = f"/work/items/{item.id}/transition/return"
    fields = fields_of(client.get(path), "//main//form")
    assert client.post(path, data=fields).status_code == 422
    assert Item.get_by_id(item.id).state == "review"
    fields["comment"] = "缺少電話"
    assert client.post(path, data=fields).status_code == 303
    assert Item.get_by_id(item.id).state == "draft"


def test_a_step_that_somebody_else_took_first(house: SimpleNamespace, client: Any, login: Any) -> None:
    item = actions.create(house.editor, "notice", house.board, notice())
    actions.transition(house.editor, item, "submit")
    login(client, "reviewer")
    path = f"/work/items/{item.id}/transition/publish"
    fields = fields_of(client.get(path), "//main//form")
    actions.transition(house.editor, item, "recall")
    actions.edit(house.editor, item, {"title": "另一個"}, version=item.version)
    answer = client.post(path, data=fields, follow_redirects=True)
    assert found_in(answer, "//*[contains(@class, 'flash-error')]")
    assert Item.get_by_id(item.id).state == "draft"


def test_an_editor_cannot_publish_by_address(house: SimpleNamespace, editor: Any) -> None:
    item = actions.create(house.editor, "notice", house.board, notice())
    assert editor.get(f"/work/items/{item.id}/transition/publish").status_code == 302
    token = csrf(editor.get(f"/work/items/{item.id}/edit"))
    editor.post(f"/work/items/{item.id}/transition/publish", data={"csrf_token": token})
    assert Item.get_by_id(item.id).state == "draft"


def test_a_published_page_leads_on_to_its_address(house: SimpleNamespace, client: Any, login: Any) -> None:
    item = actions.create(house.editor, "notice", house.board, notice())
    login(client, "reviewer")
    path = f"/work/items/{item.id}/transition/publish"
    answer = client.post(path, data=fields_of(client.get(path), "//main//form"))
    assert answer.location == f"/notices/{item.id}"
