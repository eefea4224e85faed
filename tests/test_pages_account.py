"""Signing in and out, the account, the inbox and stored files."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from content import actions, files, outbox
from content.errors import msg
from content.people import Person, sign_in
from content.settings import Settings
from tests.conftest import PASSWORD, csrf, notice
from tests.forms import found_in, text_of

ENGLISH = {"Accept-Language": "en"}


def test_signing_in_leads_to_where_one_wanted_to_be(client: Any) -> None:
    assert client.get("/inbox/?before=3").location == "/login?next=/inbox/?before%3D3"
    page = client.get("/login?next=/inbox/")
    data = {"csrf_token": csrf(page), "username": " editor ", "password": PASSWORD, "next": "/inbox/"}
    assert client.post("/login", data=data).location == "/inbox/"
    assert client.get("/inbox/").status_code == 200
    assert client.get("/login?next=/account").location == "/account"


def test_signing_in_never_leads_away(client: Any) -> None:
    page = client.get("/login?next=https://evil.example/")
    data = {"csrf_token": csrf(page), "username": "editor", "password": PASSWORD, "next": "//evil.example"}
    assert client.post("/login", data=data).location == "/"


@pytest.mark.parametrize(
    ("username", "password"), [("editor", "wrong"), ("nobody", "x"), ("", ""), ("scheduler", "")]
)
def test_a_wrong_password_keeps_the_name_and_tells_nothing_more(
    client: Any, username: str, password: str
) -> None:
    data = {"csrf_token": csrf(client.get("/login")), "username": username, "password": password}
    answer = client.post("/login", data=data, headers=ENGLISH)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "user name or the password is not right" in page
    assert f'value="{username}"' in page
    assert client.get("/inbox/").status_code == 302


def test_staying_signed_in_is_a_choice(client: Any) -> None:
    data = {"csrf_token": csrf(client.get("/login")), "username": "editor", "password": PASSWORD}
    assert "remember=" not in str(client.post("/login", data=data).headers.getlist("Set-Cookie"))
    client.post("/logout", data={"csrf_token": csrf(client.get("/account"))})
    data = {
        "csrf_token": csrf(client.get("/login")),
        "username": "editor",
        "password": PASSWORD,
        "remember": "1",
    }
    [cookie] = [
        c for c in client.post("/login", data=data).headers.getlist("Set-Cookie") if c.startswith("remember=")
    ]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_out_takes_a_post(client: Any, login: Any) -> None:
    login(client, "editor")
    assert client.get("/logout").status_code in (404, 405)
    assert client.get("/inbox/").status_code == 200
    client.post("/logout", data={"csrf_token": csrf(client.get("/account"))})
    assert client.get("/inbox/").status_code == 302


def test_somebody_switched_off_is_signed_out(client: Any, login: Any, house: Any) -> None:
    login(client, "editor")
    Person.update(active=False).where(Person.id == house.editor.id).execute()
    assert client.get("/inbox/").status_code == 302


def test_the_account_is_changed(client: Any, login: Any, house: Any) -> None:
    login(client, "owner")
    data = {
        "csrf_token": csrf(client.get("/account")),
        "name": "王小明",
        "locale": "zh_Hans_CN",
        "script": "hant",
    }
    assert client.post("/account", data={**data, "elder": "1"}).status_code == 303
    me = Person.get_by_id(house.owner.id)
    assert (me.name, me.locale, me.script, me.elder) == ("王小明", "zh_Hans_CN", "hant", True)
    assert '<html lang="zh-Hans" class="elder"' in client.get("/account").get_data(as_text=True)
    answer = client.post("/account", data={**data, "name": "  "})
    assert answer.status_code == 422
    assert found_in(answer, "//*[@id='problems']//a[@href='#f-name']")
    assert Person.get_by_id(house.owner.id).name == "王小明"


def test_the_password_is_changed(client: Any, login: Any) -> None:
    login(client, "owner")
    data = {"csrf_token": csrf(client.get("/account")), "password": PASSWORD}
    for wrong in (
        {"password": "nonsense", "new_password": "long-enough", "again_password": "long-enough"},
        {"new_password": "short", "again_password": "short"},
        {"new_password": "long-enough", "again_password": "other-enough"},
    ):
        assert client.post("/account/password", data={**data, **wrong}).status_code == 422
        assert sign_in("owner", PASSWORD)
    right = {**data, "new_password": "long-enough", "again_password": "long-enough"}
    assert client.post("/account/password", data=right).status_code == 303
    assert sign_in("owner", "long-enough")
    assert not sign_in("owner", PASSWORD)


def test_the_inbox(client: Any, login: Any, house: Any) -> None:
    outbox.tell(house.editor, msg("First %(name)s", name="停水"), "/notices/1", mail=False)
    outbox.tell(house.editor, msg("Second"), "/notices/2", mail=False)
    outbox.tell(house.reviewer, msg("Not yours"), "/", mail=False)
    login(client, "editor")
    answer = client.get("/inbox/")
    assert "First 停水" in text_of(answer)
    assert "Not yours" not in text_of(answer)
    assert outbox.unread_count(house.editor) == 2
    newest, _older = found_in(answer, "//li[contains(@class,'message')]//a/@href")
    assert client.get(newest).location == "/notices/2"
    assert outbox.unread_count(house.editor) == 1
    client.post("/inbox/read", data={"csrf_token": csrf(answer), "id": "all"})
    assert outbox.unread_count(house.editor) == 0
    assert client.get("/inbox/999").location == "/inbox/"


def stored(settings: Settings, person: Any, name: str = "圖 1.png") -> Any:
    held = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(held, "PNG")
    held.seek(0)
    return files.store(settings, person, held, name)


def test_a_picture_is_seen_by_who_may_see_what_shows_it(
    client: Any, house: Any, settings: Settings, login: Any, app: Any
) -> None:
    file = stored(settings, house.editor)
    assert client.get(f"/files/{file.uid}").location == f"/login?next=/files/{file.uid}"
    body = f'<p><img src="file:{file.uid}" alt="海報"></p>'
    item = actions.publish_now(house.administrator, "notice", house.board, notice(body=body))
    assert f"/files/{file.uid}/page" in client.get(f"/notices/{item.id}").get_data(as_text=True)
    answer = client.get(f"/files/{file.uid}/card")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert "public" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    again = client.get(f"/files/{file.uid}/card", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for one in (answer, again):
        one.close()
    actions.transition(house.administrator, item, "withdraw")
    assert client.get(f"/files/{file.uid}/card").status_code == 302
    owner = app.test_client()
    login(owner, "owner")
    assert owner.get(f"/files/{file.uid}/card").status_code == 404
    for wrong in (
        "/files/" + "0" * 32,
        f"/files/{file.uid}/huge",
        f"/files/{file.uid}/original",
        "/files/../x",
    ):
        assert owner.get(wrong).status_code == 404
    editor = app.test_client()
    login(editor, "editor")
    own = editor.get(f"/files/{file.uid}")
    assert own.headers["Cache-Control"] == "private, no-cache"
    own.close()


def test_other_files_are_downloads_under_their_name(
    client: Any, house: Any, settings: Settings, login: Any
) -> None:
    file = files.store(settings, house.editor, io.BytesIO("停水通知\n".encode()), "通知 一.txt")
    login(client, "editor")
    answer = client.get(f"/files/{file.uid}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''%E9%80%9A%E7%9F%A5%20%E4%B8%80.txt" in answer.headers["Content-Disposition"]
    answer.close()


def test_machines_are_answered(client: Any) -> None:
    assert client.get("/healthz").json["status"] == "ok"
    assert "Disallow: /work/" in client.get("/robots.txt").get_data(as_text=True)
