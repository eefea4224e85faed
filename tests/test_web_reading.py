"""How somebody reads: what the browser asks for, the cookie, the account, and the switch in the header."""

from __future__ import annotations

from typing import Any

import pytest

from content import actions
from content.people import Person
from portal.web.reading import Reading, from_cookie, in_language, negotiate, of_visitor
from tests.conftest import notice


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_Hans_CN"),
        ("zh-SG", "zh_Hans_CN"),
        ("zh-MY", "zh_Hans_CN"),
        ("zh-Hans-HK", "zh_Hans_CN"),
        ("zh-TW", "zh_Hant_TW"),
        ("zh-HK,en;q=0.9", "zh_Hant_TW"),
        ("zh-Hant-CN", "zh_Hans_CN"),  # a region of the list decides, as STYLE 4.4 has it
        ("zh-MO", "zh_Hant_TW"),
        ("zh", "en"),  # bare: the site's default
        ("", "en"),
        ("fr-FR,de;q=0.8", "en"),
        ("en-GB,zh-CN;q=0.9", "en"),
        ("fr,zh-CN;q=0.5,zh-TW;q=0.8", "zh_Hant_TW"),  # by weight, not by place
        ("zh-CN;q=0, zh-TW", "zh_Hant_TW"),  # not wanted at all
        ("zh-CN;q=nonsense, zh-TW", "zh_Hant_TW"),
        (";;;,,,q=1", "en"),
    ],
)
def test_what_a_browser_asks_for(header: str, found: str) -> None:
    assert negotiate(header, "en") == found


def test_bare_chinese_means_the_sites_default() -> None:
    assert negotiate("zh", "zh_Hans_CN") == "zh_Hans_CN"
    assert negotiate("zh", "zh_Hant_TW") == "zh_Hant_TW"


def test_script_follows_the_language_unless_chosen() -> None:
    assert in_language("zh_Hans_CN") == Reading("zh_Hans_CN", "hans")
    assert in_language("en").script == ""


def test_cookie_wins_over_the_browser_and_nonsense_is_ignored() -> None:
    chosen = Reading("en", "hans", True)
    assert from_cookie(chosen.key) == chosen
    assert of_visitor(chosen.key, "zh-TW", "en") == chosen
    for nonsense in ("", "en", "fr.hant.0", "en.hanx.0", "en.hant.2", "../../etc"):
        assert from_cookie(nonsense) is None
        assert of_visitor(nonsense, "zh-TW", "en").locale == "zh_Hant_TW"


def test_the_switch_sets_language_and_script_and_goes_back(client: Any) -> None:
    answer = client.post("/reading", data={"language": "zh_Hans_CN", "next": "/notices/?section=1"})
    assert (answer.status_code, answer.location) == (303, "/notices/?section=1")
    page = client.get("/").get_data(as_text=True)
    assert '<html lang="zh-Hans"' in page


def test_large_print_is_kept_beside_the_language(client: Any) -> None:
    client.post("/reading", data={"language": "en"})
    client.post("/reading", data={"elder": "1"})
    page = client.get("/").get_data(as_text=True)
    assert '<html lang="en" class="elder"' in page
    client.post("/reading", data={"elder": "0"})
    assert 'class="elder"' not in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\r\nX: y", ""]
)
def test_the_switch_never_leads_away(client: Any, target: str) -> None:
    assert client.post("/reading", data={"elder": "1", "next": target}).location == "/"


def test_the_switch_is_refused_from_another_site(client: Any) -> None:
    answer = client.post("/reading", data={"elder": "1"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    answer = client.post("/reading", data={"elder": "1"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400


def test_the_account_wins_over_the_cookie(client: Any, login: Any, house: Any) -> None:
    login(client, "owner")
    client.post("/reading", data={"language": "zh_Hans_CN"})
    stored = Person.get_by_id(house.owner.id)
    assert (stored.locale, stored.script) == ("zh_Hans_CN", "")
    client.set_cookie("reading", "en.hant.1")
    assert '<html lang="zh-Hans">' in client.get("/").get_data(as_text=True)


def test_content_is_shown_in_the_readers_script_and_says_so(client: Any, house: Any) -> None:
    item = actions.publish_now(house.administrator, "notice", house.board, notice("電梯檢驗", script="hant"))
    hans = client.get(f"/notices/{item.id}", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert '<span lang="zh-Hans" data-content>电梯检验</span>' in hans
    assert "電梯檢驗" not in hans
    client.post("/reading", data={"language": "en", "script": "hant"})
    assert '<span lang="zh-Hant" data-content>電梯檢驗</span>' in client.get(f"/notices/{item.id}").get_data(
        as_text=True
    )


def test_an_editors_own_words_win_over_conversion(client: Any, house: Any) -> None:
    values = notice("電腦教室", script="hant", scripts={"hans": {"title": "计算机教室"}})
    item = actions.publish_now(house.administrator, "notice", house.board, values)
    if not (item.scripts or {}).get("hans"):
        pytest.skip("the actions take the other script's words elsewhere")
    page = client.get("/notices/", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert "计算机教室" in page
