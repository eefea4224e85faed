"""The form: nothing typed is lost, two writers do not overwrite one another, what is typed is kept."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from werkzeug.datastructures import MultiDict

from content import actions
from content.db import database
from content.errors import StorageFull
from content.history import Autosave
from content.items import KINDS, Item
from content.people import add_person, give_role
from portal.pages.work.typed import Rich, from_form, from_values
from tests.conftest import PASSWORD, csrf, notice
from tests.forms import fields_of, found_in, send, text_of
from tests.samples import SAMPLES


@pytest.fixture
def editor(client: Any, login: Any) -> Any:
    login(client, "editor")
    return client


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_written_and_opened_again_unchanged(
    kind: str, house: SimpleNamespace, editor: Any
) -> None:
    item = actions.create(house.editor, kind, house.board, SAMPLES[kind])
    before = actions.working_values(item)
    answer = send(editor, f"/work/items/{item.id}/edit")
    assert answer.status_code == 303, text_of(answer)[:600]
    assert actions.working_values(Item.get_by_id(item.id)) == before


def test_a_new_notice_in_markdown(house: SimpleNamespace, editor: Any) -> None:
    answer = send(editor, "/work/new/notice", title="停水", body="## 時間\n\n明天", audience=["residents"])
    assert answer.status_code == 303
    item = Item.get()
    assert answer.location == f"/work/items/{item.id}/edit"
    values = actions.working_values(item)
    assert values["body"].replace("\n", "") == "<h2>時間</h2><p>明天</p>"
    assert values["audience"] == "residents"


def test_what_the_domain_refuses_comes_back_as_typed(house: SimpleNamespace, editor: Any) -> None:
    answer = send(
        editor, "/work/new/event", title="", place="", starts_at="2026-04-04T09:00", body="**粗** [x", slug="a/b",
        host="客服 中心", **{"scripts.title": "植树"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert not Item.select().exists()
    fields = fields_of(answer)
    assert fields["body"] == "**粗** [x"
    assert (fields["slug"], fields["host"], fields["scripts.title"]) == ("a/b", "客服 中心", "植树")
    assert fields["starts_at"] == "2026-04-04T09:00"
    links = {link.get("href") for link in found_in(answer, "//*[@id='problems']//a")}
    assert {"#f-title", "#f-place", "#f-slug"} <= links
    for link in links:
        assert found_in(answer, f"//*[@id='{link[1:]}']"), link


def test_times_are_typed_on_the_clock_of_the_site(house: SimpleNamespace, editor: Any) -> None:
    send(editor, "/work/new/event", title="植樹", place="花園", starts_at="2026-04-04T09:00")
    item = Item.get()
    assert actions.working_values(item)["starts_at"] == "2026-04-04T01:00:00+00:00"
    assert fields_of(editor.get(f"/work/items/{item.id}/edit"))["starts_at"] == "2026-04-04T09:00"


def test_rows_without_javascript(house: SimpleNamespace, editor: Any) -> None:
    path = "/work/new/fee"
    fields = fields_of(editor.get(path))
    fields["title"] = "收費"
    fields["lines.0.name"], fields["lines.0.price"] = "疏通", "一百"
    fields["do"] = "more:lines"
    more = editor.post(path, data=fields)
    assert more.status_code == 200
    fields = fields_of(more)
    assert fields["lines.0.price"] == "一百"
    assert "lines.9.name" in fields
    fields["lines.9.name"], fields["lines.9.price"] = "代裝", "1,200.50"
    refused = editor.post(path, data=fields)
    assert refused.status_code == 422
    assert found_in(refused, "//*[@id='f-lines.0.price'][@aria-invalid]")
    fields = fields_of(refused)
    fields["lines.0.price"] = "80"
    assert editor.post(path, data=fields).status_code == 303
    item = Item.get()
    rows = actions.working_values(item)["lines"]
    assert [(row["name"], row["price"]) for row in rows] == [("疏通", 8000), ("代裝", 120050)]
    gone = send(editor, f"/work/items/{item.id}/edit", **{"lines.gone": ["0"]})
    assert gone.status_code == 303
    assert [row["name"] for row in actions.working_values(item)["lines"]] == ["代裝"]


def test_clauses_keep_their_identity_when_the_text_changes(house: SimpleNamespace, editor: Any) -> None:
    item = actions.create(house.editor, "policy", house.library, SAMPLES["policy"])
    uids = {row["label"]: row["uid"] for row in actions.working_values(item)["clauses"]}
    path = f"/work/items/{item.id}/edit"
    text = fields_of(editor.get(path))["clauses"]
    assert send(editor, path, clauses=text + "\n2.1 丟失須報告。").status_code == 303
    rows = actions.working_values(item)["clauses"]
    assert [row["label"] for row in rows] == ["1", "1.1", "2", "2.1"]
    assert {row["label"]: row["uid"] for row in rows if row["label"] in uids} == uids


def test_the_second_writer_sees_the_difference_and_loses_nothing(
    house: SimpleNamespace, editor: Any, app: Any, login: Any
) -> None:
    item = actions.create(house.editor, "notice", house.board, notice("停水"))
    path = f"/work/items/{item.id}/edit"
    mine = fields_of(editor.get(path))
    actions.edit(house.reviewer, item, {"title": "停水（改期）", "summary": "周三"}, version=item.version)
    mine["summary"] = "週四起"
    answer = editor.post(path, data=mine)
    assert answer.status_code == 409
    page = text_of(answer)
    assert house.reviewer.name in page
    assert "改期" in page
    again = fields_of(answer)
    assert again["summary"] == "週四起"
    assert actions.working_values(Item.get_by_id(item.id))["summary"] == "周三"
    assert editor.post(path, data=again).status_code == 409  # not by accident
    again["overwrite"] = found_in(answer, "//button[@name='overwrite']/@value")[0]
    assert editor.post(path, data=again).status_code == 303
    assert actions.working_values(Item.get_by_id(item.id))["summary"] == "週四起"


def test_a_full_disk_keeps_what_was_typed(house: SimpleNamespace, editor: Any, monkeypatch: Any) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise StorageFull()

    monkeypatch.setattr(actions, "create", full)
    answer = send(editor, "/work/new/notice", title="停水", body="很長的文字")
    assert answer.status_code == 507
    assert fields_of(answer)["body"] == "很長的文字"
    assert found_in(answer, "//*[@id='problem']")


def test_a_locked_database_keeps_what_was_typed(house: SimpleNamespace, editor: Any) -> None:
    path = "/work/new/notice"
    fields = fields_of(editor.get(path))
    fields["title"], fields["body"] = "停水", "很長的文字"
    other = type(database.obj)(database.obj.database, timeout=0.1)
    with other.atomic("IMMEDIATE"):
        answer = editor.post(path, data=fields)
    other.close()
    assert answer.status_code == 503
    assert fields_of(answer)["body"] == "很長的文字"


def test_saving_and_submitting_in_one_go(house: SimpleNamespace, editor: Any) -> None:
    answer = send(editor, "/work/new/notice", title="停水", body="明天", do="step:submit", comment="急")
    assert answer.status_code == 303
    item = Item.get()
    assert item.state == "review"
    assert answer.location == "/work/"
    assert editor.get(f"/work/items/{item.id}/edit").status_code == 302  # locked while others look at it


def test_publish_becomes_schedule_when_a_date_lies_ahead(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    login(client, "reviewer")
    answer = send(
        client,
        "/work/new/notice",
        title="停水",
        body="明天",
        publish_at="2026-03-20T08:00",
        do="step:publish",
    )
    assert answer.status_code == 303
    assert Item.get().state == "scheduled"


def test_a_step_without_its_comment_is_asked_for_it_and_the_text_is_saved(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    item = actions.create(house.editor, "notice", house.board, notice())
    actions.transition(house.editor, item, "submit")
    login(client, "administrator")
    path = f"/work/items/{item.id}/edit"
    answer = send(client, path, title="改過的標題", do="step:return")
    assert answer.location == f"/work/items/{item.id}/transition/return"
    assert Item.get_by_id(item.id).title == "改過的標題"
    assert "comment" in fields_of(client.get(answer.location), "//main//form")


def test_own_words_for_the_other_script(house: SimpleNamespace, editor: Any) -> None:
    path = "/work/new/notice"
    assert send(editor, path, title="軟體", body="x", **{"scripts.title": "软件"}).status_code == 303
    item = Item.get()
    assert item.scripts == {"hans": {"title": "软件"}}
    path = f"/work/items/{item.id}/edit"
    assert fields_of(editor.get(path))["scripts.title"] == "软件"
    send(editor, path, **{"scripts.title": ""})
    assert Item.get_by_id(item.id).scripts is None


def test_left_overs_of_the_other_script_are_pointed_out(house: SimpleNamespace, editor: Any) -> None:
    item = actions.create(
        house.editor, "notice", house.board, notice("停電通知", "<p>明天停电，請注意。</p>")
    )
    page = editor.get(f"/work/items/{item.id}/edit")
    assert found_in(page, "//*[@class='doubtful']//b/text()") == ["电"]


def keep(client: Any, token: str, body: dict[str, Any]) -> Any:
    return client.post("/work/autosave", json=body, headers={"X-CSRFToken": token})


def test_what_is_typed_is_kept_and_offered_again(
    house: SimpleNamespace, editor: Any, clock: Callable[[timedelta], None]
) -> None:
    item = actions.create(house.editor, "notice", house.board, notice("停水"))
    path = f"/work/items/{item.id}/edit"
    page = editor.get(path)
    fields = fields_of(page)
    fields["title"] = "停水（草）"
    form = found_in(page, "//form[@data-key]")[0]
    body = {
        "key": form.get("data-key"),
        "version": int(form.get("data-version")),
        "address": form.get("data-address"),
        "fields": [list(pair) for pair in fields.items(multi=True)],
    }
    kept = keep(editor, csrf(page), body)
    assert kept.json == {"at": "10:00"}
    assert "csrf_token" not in json.dumps(Autosave.get().data)
    assert "停水（草）" in text_of(editor.get("/work/"))
    assert found_in(editor.get(path), "//*[@data-unsaved]")
    assert fields_of(editor.get(path))["title"] == "停水"
    resumed = editor.get(path + "?unsaved=1")
    assert fields_of(resumed)["title"] == "停水（草）"
    # What was begun from an older text still meets the newer one.
    actions.edit(house.reviewer, item, {"title": "別人改的"}, version=item.version)
    assert editor.post(path, data=fields_of(editor.get(path + "?unsaved=1"))).status_code == 409
    assert Autosave.select().count() == 1
    fields["version"] = str(Item.get_by_id(item.id).version)
    assert editor.post(path, data=fields).status_code == 303
    assert not Autosave.select().exists()


def test_what_was_kept_can_be_thrown_away_and_is_nobody_elses(
    house: SimpleNamespace, editor: Any, app: Any, login: Any
) -> None:
    page = editor.get("/work/new/notice")
    key = f"new:notice:{house.board.id}"
    body = {"key": key, "version": 0, "address": "//evil.example/", "fields": [["title", "秘密"]]}
    assert keep(editor, csrf(page), body).status_code == 200
    assert Autosave.get().data["address"] == "/work/"
    other = app.test_client()
    login(other, "reviewer")
    assert "秘密" not in other.get("/work/").text
    assert "秘密" not in other.get("/work/new/notice?unsaved=1").text
    editor.post("/work/autosave/drop", data={"csrf_token": csrf(page), "key": key, "next": "/work/"})
    assert not Autosave.select().exists()


@pytest.mark.parametrize(
    "body", [None, [], {"key": "x"}, {"key": "item:1", "fields": [["a"]]}, {"key": "other:1", "fields": []}]
)
def test_nonsense_is_not_kept(house: SimpleNamespace, editor: Any, body: Any) -> None:
    answer = keep(editor, csrf(editor.get("/work/new/notice")), body)
    assert answer.status_code == 400
    assert answer.json["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/work/new/notice",
        "/work/autosave",
        "/work/upload",
        "/work/preview",
        "/work/sections/1/order",
        "/work/trash/throw",
    ],
)
def test_nothing_is_done_without_the_token(house: SimpleNamespace, editor: Any, path: str) -> None:
    assert editor.post(path, data={"title": "x", "body": "y"}).status_code == 400
    assert not Item.select().exists()


def picture(kind: str = "PNG") -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "#23695a").save(made, kind)
    made.seek(0)
    return made


def test_a_poster_without_javascript_survives_an_error_elsewhere(house: SimpleNamespace, editor: Any) -> None:
    path = "/work/new/event"
    fields = fields_of(editor.get(path))
    fields.update({"title": "植樹", "poster_alt": ""})
    data = {**fields.to_dict(), "poster.upload": (picture(), "春.png")}
    refused = editor.post(path, data=data, content_type="multipart/form-data")
    assert refused.status_code == 422
    uid = fields_of(refused)["poster"]
    assert len(uid) == 32
    wrong = {**fields.to_dict(), "poster.upload": (io.BytesIO(b"not a picture"), "x.png")}
    answer = editor.post(path, data=wrong, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert found_in(answer, "//*[@id='f-poster']//*[@class='field-error']")


def test_the_preview_shows_what_is_typed_in_the_script_asked_for(house: SimpleNamespace, editor: Any) -> None:
    page = editor.get("/work/new/notice")
    fields = fields_of(page)
    fields["title"], fields["body"], fields["in"] = "停電通知", "明天停電。", "hans"
    answer = editor.post("/work/preview", data=fields)
    assert answer.status_code == 200
    assert "明天停电。" in text_of(answer)
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not Item.select().exists()


def test_the_form_works_for_an_editor_of_one_section_only(
    house: SimpleNamespace, app: Any, login: Any
) -> None:
    boss = house.administrator
    corner = actions.create_section(boss, house.board, "三期", "phase3")
    person = add_person("local", "三期編輯", PASSWORD)
    give_role(person, "editor", section_path=corner.path)
    client = app.test_client()
    login(client, "local")
    assert send(client, f"/work/new/notice?section={corner.id}", title="甲", body="乙").status_code == 303
    assert client.get(f"/work/new/notice?section={house.board.id}").status_code == 404
    item = actions.create(house.editor, "notice", house.board, notice())
    assert client.get(f"/work/items/{item.id}/edit").status_code == 404
    page = client.get("/work/new/notice")
    assert found_in(page, "//select[@name='section']/option/@value") == [str(corner.id)]


def test_forms_of_values_and_of_fields_say_the_same(house: SimpleNamespace) -> None:
    kind = KINDS["notice"]
    shown = from_values(kind, {"title": "甲", "body": "<p>乙 <u>丙</u></p>"}, "Asia/Shanghai")
    assert shown.fields["body"] == Rich("<p>乙 <u>丙</u></p>", "html")  # Markdown cannot underline
    assert shown.values("Asia/Shanghai")["body"] == "<p>乙 <u>丙</u></p>"
    typed = from_form(kind, MultiDict({"title": "甲", "body": "*乙*", "publish_at": "nonsense"}))
    assert typed.values("Asia/Shanghai")["publish_at"] == "nonsense"


def test_an_outline_that_is_too_long_is_refused_within_the_form(house: Any, client: Any, login: Any) -> None:
    login(client, "editor")
    page = client.get(f"/work/new/policy?section={house.library.id}")
    sent = fields_of(page)
    outline = "\n".join(f"{a}.{b} 某事由某人辦。" for a in range(1, 61) for b in range(1, 101))
    sent["title"], sent["clauses"], sent["do"] = "太長", outline, "save"
    answer = client.post("/work/new/policy", data=sent)
    assert answer.status_code == 422
    assert 'value="太長"' in answer.get_data(as_text=True)
