"""Pickers, uploads, paste, and the glossary."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from content import actions, files
from content.chinese import Term
from content.files import StoredFile
from content.settings import Settings
from tests.conftest import csrf, notice
from tests.forms import found_in, text_of

JSON = {"Accept": "application/json"}


@pytest.fixture
def editor(client: Any, login: Any) -> Any:
    login(client, "editor")
    return client


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "#23695a").save(made, "PNG")
    made.seek(0)
    return made


def send_file(client: Any, content: io.BytesIO, name: str, locale: str = "") -> Any:
    token = csrf(client.get("/work/new/notice"))
    headers = {"X-CSRFToken": token, **({"Accept-Language": locale} if locale else {})}
    data = {"file": (content, name), "alt": "春天"}
    return client.post("/work/upload", data=data, headers=headers, content_type="multipart/form-data")


def test_items_to_link_to_in_either_script_also_drafts(house: SimpleNamespace, editor: Any) -> None:
    live = actions.publish_now(house.reviewer, "notice", house.board, notice("電梯保養"))
    draft = actions.create(house.editor, "notice", house.board, notice("電梯檢修（草稿）"))
    found = editor.get("/work/pick/items?q=电梯", headers=JSON).json["items"]
    assert {one["uid"]: one["public"] for one in found}[draft.uid] is False
    latest = editor.get("/work/pick/items", headers=JSON).json["items"]
    assert [one["uid"] for one in latest] == [live.uid]
    page = editor.get("/work/pick/items?q=电梯")
    assert f"item:{draft.uid}" in text_of(page)


def test_an_upload_is_kept_and_found_again(house: SimpleNamespace, editor: Any) -> None:
    answer = send_file(editor, picture(), "春.png")
    assert answer.status_code == 200
    uid = answer.json["uid"]
    assert answer.json["alt"] == "春天"
    assert [one["uid"] for one in editor.get("/work/pick/files?q=春天", headers=JSON).json["files"]] == [uid]
    assert editor.get("/work/pick/files?q=秋", headers=JSON).json["files"] == []
    assert f"file:{uid}" in text_of(editor.get("/work/pick/files"))


def test_refused_uploads_say_why_in_the_readers_language(
    house: SimpleNamespace, editor: Any, monkeypatch: Any, settings: Settings
) -> None:
    wrong = send_file(editor, io.BytesIO(b"MZ\x90\x00 not a picture"), "x.exe")
    assert wrong.status_code == 400
    assert wrong.json["error"]
    assert wrong.json["fields"]["file"]
    none = editor.post("/work/upload", headers={"X-CSRFToken": csrf(editor.get("/work/new/notice"))})
    assert none.status_code == 400
    monkeypatch.setattr(files, "MB", 1)
    large = send_file(editor, picture(), "春.png")
    assert large.status_code == 413
    assert str(settings.file_mb) in large.json["error"] or str(settings.photo_mb) in large.json["error"]
    assert not StoredFile.select().exists()


def test_uploading_without_javascript(house: SimpleNamespace, editor: Any) -> None:
    token = csrf(editor.get("/work/pick/files"))
    good = {"csrf_token": token, "file": (picture(), "春.png")}
    assert editor.post("/work/pick/files", data=good, content_type="multipart/form-data").status_code == 303
    bad = {"csrf_token": token, "file": (io.BytesIO(b"nothing"), "x.png")}
    answer = editor.post("/work/pick/files", data=bad, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert found_in(answer, "//*[@id='problems']")


def test_what_is_pasted_comes_back_clean(house: SimpleNamespace, editor: Any) -> None:
    word = (
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·&nbsp;</span>三號樓</p>"
        "<p class=MsoNormal style='color:red' onclick='x()'>甲<script>bad()</script></p>"
    )
    headers = {"X-CSRFToken": csrf(editor.get("/work/new/notice"))}
    answer = editor.post("/work/paste", json={"html": word}, headers=headers)
    assert answer.json["html"] == "<ul><li>三號樓</li></ul><p>甲</p>"
    assert editor.post("/work/paste", json=[], headers=headers).status_code == 400


def test_the_outline_of_a_text(house: SimpleNamespace, editor: Any) -> None:
    headers = {"X-CSRFToken": csrf(editor.get("/work/new/policy"))}
    answer = editor.post("/work/outline", data={"text": "1 目的\n1.1 登記。"}, headers=headers)
    assert found_in(answer, "//ol/li/b/text()") == ["1", "1.1"]


def test_the_glossary(house: SimpleNamespace, editor: Any) -> None:
    token = csrf(editor.get("/work/glossary/"))
    bad = editor.post("/work/glossary/", data={"csrf_token": token, "hant": "龍華", "hans": ""})
    assert bad.status_code == 422
    assert "龍華" in bad.text
    good = {"csrf_token": token, "hant": "電梯房", "hans": "升降机房"}
    assert editor.post("/work/glossary/", data=good).status_code == 303
    assert "升降机房" in text_of(editor.get("/work/glossary/?try=電梯房在左"))
    editor.post("/work/glossary/", data={**good, "hans": "电梯间"})
    term = Term.get(Term.hant == "電梯房")
    assert (term.hant, term.hans) == ("電梯房", "电梯间")
    editor.post(f"/work/glossary/{term.id}/remove", data={"csrf_token": token})
    assert not Term.select().where(Term.hant == "電梯房").exists()


def test_the_manager_decides_but_neither_uploads_nor_keeps_the_glossary(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    login(client, "manager")
    assert client.get("/work/").status_code == 200
    assert client.get("/work/pick/files").status_code == 404
    assert client.get("/work/glossary/").status_code == 404
