"""The workspace: what waits, what was returned, what is coming; who gets in; and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, bulletin, moment
from tests.conftest import notice
from tests.forms import counted, text_of

PAGES = (
    "/work/",
    "/work/sections/",
    "/work/trash/",
    "/work/glossary/",
    "/work/new/notice",
    "/work/pick/items",
)


@pytest.mark.parametrize("path", PAGES)
def test_visitors_sign_in_and_residents_find_nothing(client: Any, login: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")
    login(client, "owner")
    assert client.get(path).status_code == 404


def test_what_waits_names_who_submitted_it_and_why(house: SimpleNamespace, client: Any, login: Any) -> None:
    item = actions.create(house.editor, "notice", house.board, notice("停電通知"))
    actions.transition(house.editor, item, "submit", comment="請核對日期")
    login(client, "reviewer")
    page = client.get("/work/")
    assert "停電通知" in text_of(page)
    assert "請核對日期" in text_of(page)
    assert f"/work/items/{item.id}/preview" in page.text


def test_a_tariff_waits_for_the_manager_and_then_for_the_general_manager(house: SimpleNamespace) -> None:
    item = actions.create(house.editor, "fee", house.board, {"title": "收費", "lines": [{"name": "疏通"}]})
    actions.transition(house.editor, item, "submit")
    assert [one.item.id for one in bulletin.waits_for(house.manager)] == [item.id]
    assert not bulletin.waits_for(house.reviewer)
    actions.transition(house.manager, item, "endorse")
    assert not bulletin.waits_for(house.manager)
    assert [one.by for one in bulletin.waits_for(house.general_manager)] == [house.manager.name]


def test_a_rewritten_notice_waits_too(house: SimpleNamespace) -> None:
    item = actions.publish_now(house.reviewer, "notice", house.board, notice())
    item = actions.edit(house.editor, item, {"title": "更正"}, version=item.version)
    actions.transition(house.editor, item, "submit")
    assert [one.item.id for one in bulletin.waits_for(house.reviewer)] == [item.id]


def test_what_was_returned_stands_first_with_the_reason(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    back = actions.create(house.editor, "notice", house.board, notice("退回的"))
    actions.transition(house.editor, back, "submit")
    actions.transition(house.reviewer, back, "return", comment="缺少電話")
    actions.create(house.editor, "notice", house.board, notice("新寫的"))
    found = bulletin.my_drafts(house.editor)
    assert [(one.item.title, one.comment) for one in found] == [("退回的", "缺少電話"), ("新寫的", "")]
    login(client, "editor")
    assert "缺少電話" in text_of(client.get("/work/"))
    actions.transition(house.editor, back, "submit")
    actions.transition(house.editor, back, "recall")
    assert all(one.at is None for one in bulletin.my_drafts(house.editor))


def test_what_the_calendar_will_do(house: SimpleNamespace, clock: Callable[[timedelta], None]) -> None:
    now = moment.now()
    soon, later = (now + timedelta(days=1)).isoformat(), (now + timedelta(days=3)).isoformat()
    dated = actions.create(house.editor, "notice", house.board, notice("明天的", publish_at=soon))
    actions.transition(house.reviewer, dated, "schedule")
    ending = actions.publish_now(house.reviewer, "notice", house.board, notice("要撤的", expire_at=later))
    correction = actions.publish_now(house.reviewer, "notice", house.board, notice("更正的"))
    correction = actions.edit(
        house.editor,
        correction,
        {"publish_at": (now + timedelta(days=2)).isoformat()},
        version=correction.version,
    )
    actions.transition(house.reviewer, correction, "schedule")
    found = [(what, item.id) for _, what, item in bulletin.coming_up(house.editor)]
    assert found == [("publish", dated.id), ("publish", correction.id), ("expire", ending.id)]


def test_the_desk_costs_the_same_for_one_and_for_many(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    def fill(count: int) -> None:
        for n in range(count):
            item = actions.create(house.editor, "notice", house.board, notice(f"草稿{n}"))
            actions.autosave(house.editor, f"item:{item.uid}", {"fields": [], "address": "/work/"})
            sent = actions.create(house.reviewer, "notice", house.board, notice(f"送審{n}"))
            actions.transition(house.reviewer, sent, "submit")

    login(client, "administrator")
    fill(1)
    client.get("/work/")
    with counted() as few:
        assert client.get("/work/").status_code == 200
    fill(8)
    client.get("/contact")  # the first page after a change looks at the site's own words again
    with counted() as many:
        assert client.get("/work/").status_code == 200
    assert len(many) == len(few)
    assert len(many) <= 18
