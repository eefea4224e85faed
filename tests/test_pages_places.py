"""The tree of sections, the library with its clauses, the search, the directory and the first page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from content import actions, search
from content.items import address
from content.people import Department, Site
from content.settings import Settings
from portal.app import create_app
from tests.conftest import notice
from tests.forms import counted, found_in, text_of
from tests.samples import SAMPLES

ENGLISH = {"Accept-Language": "en"}


def test_a_place_shows_what_lies_in_it(client: Any, house: Any) -> None:
    water = actions.create_section(house.administrator, house.board, "停水停電", "water")
    actions.publish_now(house.administrator, "notice", water, notice("停水"))
    page = text_of(client.get("/browse/board"))
    assert "停水停電" in page
    inner = client.get("/browse/board/water")
    assert "停水" in text_of(inner)
    assert found_in(inner, "//nav[@class='crumbs']//a/@href") == ["/", "/browse/board"]


def test_a_place_that_moved_leaves_a_way(client: Any, house: Any) -> None:
    water = actions.create_section(house.administrator, house.board, "停水", "water")
    life = actions.create_section(house.administrator, house.board, "生活", "life")
    actions.move_section(house.administrator, water, life)
    answer = client.get("/browse/board/water")
    assert (answer.status_code, answer.location) == (302, "/browse/board/life/water")


def test_a_place_for_staff_asks_a_visitor_to_sign_in(client: Any, house: Any, login: Any, app: Any) -> None:
    assert client.get("/browse/staff").location == "/login?next=/browse/staff"
    assert client.get("/browse/nowhere").status_code == 404
    assert "/browse/staff" not in client.get("/browse/").get_data(as_text=True)
    owner = app.test_client()
    login(owner, "owner")
    assert owner.get("/browse/staff").status_code == 404
    login(client, "crew")
    assert client.get("/browse/staff").status_code == 200


def test_a_document_has_an_anchor_for_each_clause(client: Any, house: Any) -> None:
    item = actions.publish_now(house.administrator, "policy", house.library, SAMPLES["policy"])
    answer = client.get(address(item))
    for clause in SAMPLES["policy"]["clauses"]:
        [element] = found_in(answer, f"//*[@id='{clause['label']}']")
        assert clause["text"].split("\n")[0] in element.text_content()
        assert element.xpath(".//a[@class='clause-number']")
    assert found_in(answer, "//nav[@class='contents']//a/@href")


def test_the_library_lists_by_place_and_narrows(client: Any, house: Any) -> None:
    fire = actions.create_section(house.administrator, house.library, "消防", "fire")
    values = {**SAMPLES["policy"], "slug": ""}
    actions.publish_now(house.administrator, "policy", house.library, values)
    fire_rule = {**values, "title": "消防規程", "clauses": []}
    actions.publish_now(house.administrator, "policy", fire, fire_rule)
    page = text_of(client.get("/library/"))
    assert "鑰匙管理規程" in page
    assert "消防規程" in page
    narrowed = found_in(client.get(f"/library/?section={fire.id}"), "//main")[0].text_content()
    assert "消防規程" in narrowed
    assert "鑰匙管理規程" not in narrowed


@pytest.fixture
def indexed(house: Any, settings: Settings) -> Any:
    actions.publish_now(house.administrator, "policy", house.library, {**SAMPLES["policy"], "slug": ""})
    actions.publish_now(
        house.administrator, "notice", house.board, notice("電梯檢驗完成", body="<p>十二部電梯全部合格。</p>")
    )
    actions.publish_now(house.administrator, "notice", house.staff_room, notice("電梯密碼"))
    search.index_pending(settings)
    return house


def test_either_script_finds_either(client: Any, indexed: Any) -> None:
    for words, language, marked in (("电梯", "zh-TW", "電梯"), ("電梯", "zh-CN", "电梯")):
        answer = client.get("/search", query_string={"q": words}, headers={"Accept-Language": language})
        assert marked in [element.text_content() for element in found_in(answer, "//mark")]
        assert "密碼" not in text_of(answer)
        assert "密码" not in text_of(answer)


def test_what_is_found_depends_on_who_looks(client: Any, indexed: Any, login: Any) -> None:
    login(client, "crew")
    assert "電梯密碼" in text_of(client.get("/search?q=電梯", headers={"Accept-Language": "zh-TW"}))


def test_filters_narrow_the_search(client: Any, indexed: Any) -> None:
    assert found_in(client.get("/search?q=電梯&kind=notice"), "//li[@class='hit']")
    assert not found_in(client.get("/search?q=電梯&kind=policy"), "//li[@class='hit']")
    assert not found_in(client.get("/search?q=電梯&until=2020-01-01"), "//li[@class='hit']")
    assert found_in(client.get("/search?q=電梯&since=2020-01-01"), "//li[@class='hit']")


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        '"',
        "((",
        "*",
        "AND OR NOT",
        "\x00",
        "x" * 5000,
        "%",
        "'; DROP TABLE item",
        "4.7.2",
        "[",
        "~2",
    ],
)
def test_no_query_hurts(client: Any, indexed: Any, query: str) -> None:
    for more in ({}, {"kind": "nonsense", "since": "yesterday", "until": "2026-99-99", "start": "-1"}):
        assert client.get("/search", query_string={"q": query, **more}).status_code == 200


def test_nothing_found_says_what_to_do(client: Any, indexed: Any) -> None:
    page = text_of(client.get("/search?q=熊貓&kind=notice", headers=ENGLISH))
    assert "Nothing found" in page
    assert "Search everything" in page


def test_the_telephones_are_one_tap_away(settings: Settings, house: Any) -> None:
    told = replace(
        settings, phone_day="0316-555 0123", phone_night="138 0000 1111", office_hours="07:30–22:00"
    )
    client = create_app(told).test_client()
    for path in ("/", "/notices/", "/login", "/nowhere", "/contact"):
        assert 'href="tel:03165550123"' in client.get(path).get_data(as_text=True), path
    contact = text_of(client.get("/contact"))
    for words in ("0316-555 0123", "138 0000 1111", "07:30–22:00"):
        assert words in contact


def test_names_of_staff_are_for_those_with_an_account(client: Any, house: Any, login: Any) -> None:
    site = Site.select().first() or Site.create(name="翠湖")
    Department.create(site=site, name="工程部", telephone="0316-1", position=1)
    assert "工程部" in text_of(client.get("/staff/"))
    assert "editor 甲" not in text_of(client.get("/staff/"))
    login(client, "owner")
    page = text_of(client.get("/staff/"))
    assert "editor 甲" in page
    assert "scheduler" not in page


def test_the_first_page(client: Any, house: Any) -> None:
    empty = text_of(client.get("/", headers=ENGLISH))
    assert "No notices yet" in empty
    actions.publish_now(house.administrator, "notice", house.board, notice("釘住", pinned=True, urgent=True))
    actions.publish_now(house.administrator, "notice", house.board, notice("最新"))
    actions.publish_now(house.administrator, "event", house.board, {**SAMPLES["event"], "slug": ""})
    with counted() as asked:
        answer = client.get("/", headers=ENGLISH)
    assert len(asked) <= 12
    for words in ("釘住", "最新", "春季植樹", "Urgent"):
        assert words in text_of(answer)
    acts = [str(found) for found in found_in(answer, "//nav[@class='acts']/a/@href")]
    assert acts[:3] == ["/notices/", "/report", "/fees/"]
    assert found_in(client.get("/contact"), "//*[@id='report']")
