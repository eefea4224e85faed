"""The tree, what lies in a section, several at once, and the trash."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, bulletin, links
from content.items import Item, Section
from content.kinds.notice import NoticeDetail
from tests.conftest import csrf, notice
from tests.forms import counted, fields_of, found_in, parsed, send, text_of


@pytest.fixture
def reviewer(client: Any, login: Any) -> Any:
    login(client, "reviewer")
    return client


@pytest.fixture
def three(house: SimpleNamespace) -> list[Item]:
    return [actions.create(house.editor, "notice", house.board, notice(f"第{n}條")) for n in "甲乙丙"]


def titles(section: Section) -> list[str]:
    rows = Item.select(Item.title).where(Item.section == section.id).order_by(Item.position, Item.id)
    return [row.title for row in rows]


def press(client: Any, path: str, **buttons: Any) -> Any:
    """Press a button of the folder's form."""
    return client.post(path, data={"csrf_token": csrf(client.get(path)), **buttons})


def test_contents_show_states_and_buttons_move_one_step(
    house: SimpleNamespace, reviewer: Any, three: list[Item]
) -> None:
    path = f"/work/sections/{house.board.id}/"
    actions.transition(house.editor, three[0], "submit")
    assert found_in(
        reviewer.get(path), f"//li[@data-item='{three[0].id}']//*[contains(@class, 'chip-amber')]"
    )
    assert press(reviewer, path, up=three[2].id).status_code == 303
    assert titles(house.board) == ["第甲條", "第丙條", "第乙條"]
    press(reviewer, path, down=three[0].id)
    assert titles(house.board) == ["第丙條", "第甲條", "第乙條"]
    press(reviewer, path, up=three[2].id)  # the first one stays the first
    assert titles(house.board) == ["第丙條", "第甲條", "第乙條"]


def test_dragging_orders_what_is_shown_and_leaves_the_rest_in_place(
    house: SimpleNamespace, reviewer: Any, three: list[Item]
) -> None:
    token = csrf(reviewer.get(f"/work/sections/{house.board.id}/"))
    path = f"/work/sections/{house.board.id}/order"

    def drop(items: Any) -> Any:
        return reviewer.post(path, json={"items": items}, headers={"X-CSRFToken": token})

    assert drop([three[2].id, three[1].id]).json == {"saved": True}
    assert titles(house.board) == ["第甲條", "第丙條", "第乙條"]
    assert drop(["x"]).status_code == 400
    assert drop([10**9]).status_code == 200
    assert titles(house.board) == ["第甲條", "第丙條", "第乙條"]


def test_sections_are_ordered_too(house: SimpleNamespace, reviewer: Any) -> None:
    one = actions.create_section(house.reviewer, house.board, "一期", "p1")
    two = actions.create_section(house.reviewer, house.board, "二期", "p2")
    press(reviewer, f"/work/sections/{house.board.id}/", **{"section-up": two.id})
    order = Section.select(Section.id).where(Section.parent == house.board.id).order_by(Section.position)
    assert [row.id for row in order] == [two.id, one.id]


def test_a_large_section_comes_in_parts_without_a_query_per_row(
    house: SimpleNamespace, reviewer: Any, monkeypatch: Any
) -> None:
    path = f"/work/sections/{house.board.id}/"
    actions.create(house.editor, "notice", house.board, notice("第0條"))
    with counted() as few:
        reviewer.get(path)
    for n in range(1, 7):
        actions.create(house.editor, "notice", house.board, notice(f"第{n}條"))
    with counted() as many:
        reviewer.get(path)
    assert len(many) == len(few)
    seen, after = [], ""
    while True:
        page = bulletin.contents(house.reviewer, house.board, after, limit=3)
        seen += [item.title for item in page.items]
        after = page.after
        if not after:
            break
    assert seen == [f"第{n}條" for n in range(7)]
    plan = "EXPLAIN QUERY PLAN " + next(sql for sql in many if "position" in sql and "item" in sql)
    assert "USING INDEX" in str(
        NoticeDetail._meta.database.execute_sql(plan, (house.board.id, 0, 51)).fetchall()
    )


def test_making_renaming_and_moving_a_section(house: SimpleNamespace, reviewer: Any) -> None:
    new = f"/work/sections/new?parent={house.board.id}"
    refused = send_section(reviewer, new, title="")
    assert refused.status_code == 422
    made = send_section(reviewer, new, title="三期", slug="phase3", audience=["residents"])
    assert made.status_code == 303
    section = Section.get(Section.slug == "phase3")
    edit = f"/work/sections/{section.id}/edit"
    assert fields_of(reviewer.get(edit), "//main//form").getlist("audience") == ["residents"]
    twin = send_section(reviewer, new, title="又一個", slug="phase3")
    assert twin.status_code == 422
    assert fields_of(twin, "//main//form")["title"] == "又一個"
    assert send_section(reviewer, edit, title="三期公告", slug="p3").status_code == 303
    token = csrf(reviewer.get(f"/work/sections/{section.id}/move"))
    target = {"csrf_token": token, "target": house.staff_room.id}
    assert reviewer.post(f"/work/sections/{section.id}/move", data=target).status_code == 303
    assert Section.get_by_id(section.id).parent_id == house.staff_room.id
    assert "三期公告" in text_of(reviewer.get("/work/sections/"))


def send_section(client: Any, path: str, **changes: Any) -> Any:
    fields = fields_of(client.get(path), "//main//form")
    for name, value in changes.items():
        fields.setlist(name, value if isinstance(value, list) else [value])
    return client.post(path.split("?")[0], data=fields)


def test_two_people_change_a_section(house: SimpleNamespace, reviewer: Any) -> None:
    section = actions.create_section(house.reviewer, house.board, "三期", "phase3")
    path = f"/work/sections/{section.id}/edit"
    mine = fields_of(reviewer.get(path), "//main//form")
    actions.edit_section(house.administrator, section, {"title": "第三期"}, version=section.version)
    mine["title"] = "三期公告"
    answer = reviewer.post(path, data=mine)
    assert answer.status_code == 409
    assert "第三期" in text_of(answer)
    again = fields_of(answer, "//main//form")
    assert again["title"] == "三期公告"
    again["overwrite"] = found_in(answer, "//button[@name='overwrite']/@value")[0]
    assert reviewer.post(path, data=again).status_code == 303
    assert Section.get_by_id(section.id).title == "三期公告"


def test_a_section_that_is_not_empty_stays(house: SimpleNamespace, reviewer: Any, three: list[Item]) -> None:
    path = f"/work/sections/{house.board.id}/trash"
    answer = reviewer.post(path, data={"csrf_token": csrf(reviewer.get(path))}, follow_redirects=True)
    assert found_in(answer, "//*[contains(@class, 'flash-error')]")
    empty = actions.create_section(house.reviewer, house.board, "空的", "empty")
    path = f"/work/sections/{empty.id}/trash"
    reviewer.post(path, data={"csrf_token": csrf(reviewer.get(path))})
    assert Section.get_by_id(empty.id).trashed_at is not None
    token = csrf(reviewer.get("/work/trash/"))
    assert (
        reviewer.post("/work/trash/out", data={"csrf_token": token, "section": empty.id}).status_code == 303
    )
    assert Section.get_by_id(empty.id).trashed_at is None


def test_what_is_ticked_is_moved_and_copied(house: SimpleNamespace, reviewer: Any, three: list[Item]) -> None:
    chosen = "&".join(f"item={item.id}" for item in three[:2])
    for what in ("move", "copy"):
        page = reviewer.get(f"/work/batch/{what}?{chosen}")
        fields = fields_of(page, "//main//form")
        assert fields.getlist("item") == [str(item.id) for item in three[:2]]
        fields["target"] = str(house.staff_room.id)
        assert reviewer.post(f"/work/batch/{what}", data=fields).status_code == 303
    assert titles(house.board) == ["第丙條"]
    assert titles(house.staff_room) == ["第甲條", "第乙條", "第甲條", "第乙條"]
    nothing = reviewer.get(f"/work/batch/move?from={house.board.id}", follow_redirects=True)
    assert found_in(nothing, "//*[contains(@class, 'flash-error')]")


def test_renaming(house: SimpleNamespace, reviewer: Any, three: list[Item]) -> None:
    path = f"/work/items/{three[0].id}/rename"
    assert send_section(reviewer, path, title="").status_code == 422
    assert send_section(reviewer, path, title="新的名字", slug="xin").status_code == 303
    assert Item.get_by_id(three[0].id).title == "新的名字"


def test_the_trash_says_what_links_there_and_gives_back(
    house: SimpleNamespace, reviewer: Any, three: list[Item]
) -> None:
    target = three[0]
    body = f'<p>見<a href="item:{target.uid}">第甲條</a></p>'
    source = actions.publish_now(house.reviewer, "notice", house.board, notice("指著它的", body))
    page = reviewer.get(f"/work/items/{target.id}/trash")
    assert "指著它的" in text_of(page)
    assert reviewer.post("/work/trash/throw", data=fields_of(page, "//main//form")).status_code == 303
    assert Item.get_by_id(target.id).trashed_at is not None
    listed = reviewer.get("/work/trash/")
    assert "第甲條" in text_of(listed)
    assert house.reviewer.name in text_of(listed)
    out = {"csrf_token": csrf(listed), "item": target.id}
    assert reviewer.post("/work/trash/out", data=out).status_code == 303
    assert Item.get_by_id(target.id).trashed_at is None
    # A link that is only in the working copy counts; one that was taken out does not.
    source = actions.edit(house.editor, source, {"body": "<p>沒有了</p>"}, version=source.version)
    assert [item.id for item in links.linking_to(house.reviewer, target)] == [source.id]
    actions.transition(house.reviewer, source, "publish")
    assert not links.linking_to(house.reviewer, target)


def test_the_trash_costs_the_same_for_one_and_for_many(
    house: SimpleNamespace, reviewer: Any, three: list[Item]
) -> None:
    actions.trash(house.reviewer, three[0])
    with counted() as few:
        reviewer.get("/work/trash/")
    for item in three[1:]:
        actions.trash(house.reviewer, item)
    with counted() as many:
        assert len(parsed(reviewer.get("/work/trash/")).xpath("//main//ul[@class='rows']/li")) == 3
    assert len(many) == len(few)
    first = bulletin.trash(house.reviewer, limit=2)
    rest = bulletin.trash(house.reviewer, first.after, limit=2)
    assert {item.id for item in [*first.items, *rest.items]} == {item.id for item in three}


def test_an_editor_may_not_manage_sections(house: SimpleNamespace, client: Any, login: Any) -> None:
    login(client, "editor")
    for path in ("new", f"{house.board.id}/edit", f"{house.board.id}/move", f"{house.board.id}/trash"):
        assert client.get(f"/work/sections/{path}").status_code == 404
    assert send(client, "/work/new/notice", title="甲", body="乙").status_code == 303
