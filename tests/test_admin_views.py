"""Every page of every register: who may come, what it sends to the browser, in which words, at what cost."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from content.backoffice import listing
from content.backoffice.declaring import Register
from content.backoffice.registers import REGISTERS
from tests.backoffice import READ, SENT, shelves
from tests.conftest import csrf
from tests.forms import counted, found_in, parsed
from tests.registers import filled
from tests.test_routes import sign_in
from tests.test_translations import unmarked

__all__ = ["shelves"]
PASSWORD = "a-password-for-tests"
INLINE = "//*[@*[starts-with(name(), 'on')]] | //script[not(@src)] | //style | //*[@style]"


@pytest.fixture
def full(house: SimpleNamespace, settings: Any) -> SimpleNamespace:
    """Something in every register; the keeper sees all of it."""
    return filled(house, settings)


@pytest.fixture
def keeper(full: SimpleNamespace, app: Any, client: Any, login: Any) -> Any:
    login(client, "keeper")
    return client


def key_of(person: Any, register: Register) -> str:
    row = listing.page(person, register).rows[0]
    return str(listing.key_of(register, row))


def pages_of(person: Any, register: Register) -> dict[str, int]:
    """The addresses of a register that are read, and how each is answered."""
    base, key = f"/admin/{register.name}/", key_of(person, register)
    found = {base: 200, f"{base}?q=x": 200, f"{base}{key}/": 200}
    found[f"{base}new"] = 200 if register.create else 404
    found[f"{base}{key}/edit"] = 200 if register.update else 404
    for column in register.columns:
        if column.sort is not None:
            found[f"{base}?sort=-{column.name}"] = 200
    return found


def previews(client: Any, person: Any, register: Register) -> list[Any]:
    token = csrf(client.get("/account"))
    key = key_of(person, register)
    fields = {"csrf_token": token, "key": key}
    return [
        client.post(f"/admin/{register.name}/act", data={**fields, "act": act.name}) for act in register.acts
    ]


@pytest.mark.parametrize("register", REGISTERS, ids=lambda one: one.name)
def test_every_page_is_whole(keeper: Any, full: SimpleNamespace, register: Register) -> None:
    """STYLE 4.2 and 4.3: a language, our policy, nothing inline, nothing of Flask-Admin's, at most twelve questions."""
    policy = keeper.get("/").headers["Content-Security-Policy"]
    for path, status in pages_of(full.keeper, register).items():
        with counted() as asked:
            answer = keeper.get(path)
        assert (answer.status_code, path) == (status, path)
        if status != 200:
            continue
        assert answer.headers["Content-Security-Policy"] == policy
        assert "unsafe" not in policy
        assert parsed(answer).get("lang") in ("zh-Hant", "zh-Hant-TW")
        assert found_in(answer, INLINE) == []
        text = answer.get_data(as_text=True)
        assert re.findall(r"bootstrap|jquery|select2|/admin/static|fa-", text) == []
        assert answer.headers["Cache-Control"] == "no-store"
        assert len(asked) <= 12, (path, len(asked), asked)
    for answer in previews(keeper, full.keeper, register):
        assert answer.status_code == 200
        assert found_in(answer, INLINE) == []


@pytest.mark.parametrize("register", REGISTERS, ids=lambda one: one.name)
def test_every_word_is_translated(keeper: Any, full: SimpleNamespace, app: Any, register: Register) -> None:
    app.config["PSEUDO"] = True
    wrong = {}
    answers = {
        path: keeper.get(path) for path, status in pages_of(full.keeper, register).items() if status == 200
    }
    answers |= {f"act {n}": answer for n, answer in enumerate(previews(keeper, full.keeper, register))}
    for path, answer in answers.items():
        bare = unmarked(answer.get_data(as_text=True))
        if bare:
            wrong[path] = bare
    assert wrong == {}


@pytest.mark.parametrize(
    ("reader", "status"), [(None, 302), ("owner", 404), ("editor", 404), ("general-manager", 404)]
)
def test_nobody_else_learns_what_there_is(
    full: SimpleNamespace, app: Any, reader: str | None, status: int
) -> None:
    client = sign_in(app, reader)
    app.config["WTF_CSRF_ENABLED"] = False
    for register in REGISTERS:
        key = key_of(full.keeper, register)
        for end in READ:
            path = f"/admin/{register.name}/{end}".replace("<key>", key).replace("<name>", "x")
            answer = client.get(path)
            assert (answer.status_code, path) == (status, path)
            assert reader or "/login" in answer.headers["Location"]
        for end in SENT:
            path = (
                f"/admin/{register.name}/{end}".replace("<key>", key)
                .replace("<name>", "x")
                .replace("<int:id>", "1")
            )
            assert client.post(path, data={"act": "x", "key": key}).status_code == status, path


def test_nothing_of_flask_admin_has_an_address(app: Any) -> None:
    """STYLE 4.2, 1 and 2: its own ways to open, change and delete by number do not exist, nor do its files."""
    rules = {str(rule) for rule in app.url_map.iter_rules() if str(rule).startswith("/admin/")}
    assert [
        rule for rule in rules if re.search(r"/(static|delete|details|ajax|action)(/|$)|export/", rule)
    ] == []
    wanted = {f"/admin/{register.name}/{end}" for register in REGISTERS for end in (*READ, *SENT)}
    assert {rule for rule in rules if rule.split("/")[2] in {one.name for one in REGISTERS}} == wanted


def test_flask_admin_itself_finds_no_more_than_the_pages(
    shelves: Any, app: Any, full: SimpleNamespace
) -> None:
    from content.errors import NotFound
    from content.people import Department
    from tests.backoffice import stock

    one, other = stock(2)[-2:]
    Department.update(position=-1).where(Department.id == one.id).execute()
    view = next(view for view in app.extensions["admin"][0]._views if view.url == "/admin/shelves")
    with app.test_request_context("/"):
        from flask import g

        g.person = full.house.administrator
        assert view.get_one(str(other.id)).name == "部門2"
        with pytest.raises(NotFound):
            view.get_one(str(one.id))
        count, rows = view.get_list(0, "", False, "部門", None)
        assert (count, [row.id for row in rows]) == (1, [other.id])
        assert view.delete_model(other) is False
    assert view.can_delete is False
    assert Department.select().count() >= 2


@pytest.mark.parametrize(
    ("locale", "words"),
    [("zh_Hant_TW", "請填寫整數。"), ("zh_Hans_CN", "请填写整数。"), ("en", "Please type a whole number.")],
)
def test_messages_are_right_in_each_language(
    shelves: Any, app: Any, client: Any, login: Any, house: SimpleNamespace, locale: str, words: str
) -> None:
    """STYLE 4.4: Flask-Admin and WTForms fall to other languages than the reader's."""
    login(client, "administrator")
    page = client.get("/admin/shelves/new")
    client.post("/reading", data={"language": locale, "csrf_token": csrf(page)})
    refused = client.post(
        "/admin/shelves/new",
        data={"csrf_token": csrf(client.get("/admin/shelves/new")), "name": "x", "position": "x"},
    )
    assert refused.status_code == 422
    assert words in refused.get_data(as_text=True)
    assert (
        parsed(refused).get("lang") == {"zh_Hant_TW": "zh-Hant", "zh_Hans_CN": "zh-Hans", "en": "en"}[locale]
    )


def test_kept_lists_are_one_persons_own(
    shelves: Any, app: Any, client: Any, login: Any, full: SimpleNamespace
) -> None:
    from tests.backoffice import stock

    stock(3)
    login(client, "administrator")
    token = csrf(client.get("/admin/shelves/?q=1"))
    kept = client.post(
        "/admin/shelves/saved",
        data={"csrf_token": token, "name": " 一  號 ", "query": "q=1&f.high=0&page=3&x=y"},
    )
    assert kept.headers["Location"] == "/admin/shelves/?q=1&f.high=0&page=3"
    links = found_in(client.get("/admin/shelves/"), "//nav[contains(@class, 'office-saved')]//a")
    (link,) = [one for one in links if "一 號" in one.text_content()]
    assert link.get("href") == "/admin/shelves/?q=1&f.high=0"
    (form,) = found_in(client.get(link.get("href")), "//form[contains(@action, '/saved/')]")
    number = form.get("action").rpartition("/")[2]
    renamed = client.post(
        f"/admin/shelves/saved/{number}", data={"csrf_token": token, "name": "二", "query": ""}
    )
    assert renamed.status_code == 303
    other = app.test_client()
    login(other, "keeper")
    assert found_in(other.get("/admin/shelves/"), "//nav[contains(@class, 'office-saved')]") == []
    stolen = csrf(other.get("/admin/shelves/"))
    for act in ({"name": "我的"}, {"remove": "1"}):
        assert (
            other.post(f"/admin/shelves/saved/{number}", data={"csrf_token": stolen, **act}).status_code
            == 404
        )
    assert (
        client.post(
            "/admin/shelves/saved", data={"csrf_token": token, "name": " ", "query": "q=1"}
        ).status_code
        == 303
    )
    client.post(f"/admin/shelves/saved/{number}", data={"csrf_token": token, "remove": "1"})
    assert found_in(client.get("/admin/shelves/"), "//nav[contains(@class, 'office-saved')]") == []
