"""Feeds (RFC 4287), the sitemap, and the words under which public pages are shared."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from content import actions
from content.items import Item
from portal.app import create_app
from portal.pages import sitemap
from tests.conftest import notice
from tests.forms import counted, found_in
from tests.samples import SAMPLES, tariff

A = "{http://www.w3.org/2005/Atom}"
S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def publish(house: Any, title: str, section: Any = None, **more: Any) -> Any:
    return actions.publish_now(house.administrator, "notice", section or house.board, notice(title, **more))


def feed(client: Any, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    return etree.fromstring(answer.data)


def titles(root: Any) -> list[str]:
    return [entry.findtext(f"{A}title") for entry in root.findall(f"{A}entry")]


def check(root: Any) -> None:
    """What RFC 4287 demands of a feed (4.1.1) and of an entry (4.1.2)."""
    assert root.tag == f"{A}feed"
    for one in (root, *root.findall(f"{A}entry")):
        for name in ("id", "title", "updated"):
            assert len(one.findall(f"{A}{name}")) == 1, name
        assert uuid.UUID(one.findtext(f"{A}id").removeprefix("urn:uuid:"))
        assert STAMP.fullmatch(one.findtext(f"{A}updated"))
        assert one.findtext(f"{A}title")
        alternates = [link for link in one.findall(f"{A}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1  # an entry without content needs one; two alike are forbidden
        assert alternates[0].get("href").startswith("http://")
    assert root.findtext(f"{A}author/{A}name")  # for all entries
    assert len([link for link in root.findall(f"{A}link") if link.get("rel") == "self"]) == 1
    ids = [entry.findtext(f"{A}id") for entry in root.findall(f"{A}entry")]
    assert len(ids) == len(set(ids))
    stamps = [entry.findtext(f"{A}updated") for entry in root.findall(f"{A}entry")]
    assert not stamps or root.findtext(f"{A}updated") == max(stamps)


def test_each_kind_and_section_has_a_feed_that_is_valid(client: Any, house: Any) -> None:
    tariff(house)
    for kind, values in SAMPLES.items():
        if kind != "fee":
            place = house.library if kind == "policy" else house.board
            actions.publish_now(house.administrator, kind, place, {**values, "audience": ""})
    paths = ["/feed.atom", "/browse/board/feed.atom", "/browse/library/feed.atom"]
    for path in [
        *paths,
        *(f"/{name}/feed.atom" for name in ("notices", "events", "services", "fees", "library")),
    ]:
        root = feed(client, path)
        check(root)
        assert titles(root), path


def test_an_empty_feed_is_valid_too(client: Any) -> None:
    root = feed(client, "/events/feed.atom")
    check(root)
    assert titles(root) == []


def test_feeds_hold_what_everybody_may_read_whoever_asks(client: Any, house: Any, login: Any) -> None:
    publish(house, "給大家的", pinned=True)
    publish(house, "給職員的", audience="staff")
    publish(house, "給業主的", house.staff_room)
    actions.create(house.editor, "notice", house.board, notice("草稿"))
    login(client, "administrator")
    for path in ("/feed.atom", "/notices/feed.atom", "/browse/board/feed.atom"):
        assert titles(feed(client, path)) == ["給大家的"]
    hidden = "/browse/" + house.staff_room.slug + "/feed.atom"
    assert client.get(hidden).status_code == 404
    assert client.get("/browse/nothing/feed.atom").status_code == 404


def test_a_feed_speaks_the_script_of_its_address_or_of_its_reader(client: Any, house: Any) -> None:
    publish(house, "電梯維修")
    assert titles(feed(client, "/notices/feed.atom?lang=zh-Hans")) == ["电梯维修"]
    assert titles(feed(client, "/notices/feed.atom?lang=zh-Hant")) == ["電梯維修"]
    english = feed(client, "/notices/feed.atom?lang=en")
    assert titles(english) == ["電梯維修"]  # as it was written
    assert english.findtext(f"{A}title").startswith("Notices")
    assert english.findall(f"{A}entry")[0].get("{http://www.w3.org/XML/1998/namespace}lang") == "zh-Hant"
    assert titles(feed(client, "/notices/feed.atom?lang=nonsense")) == ["電梯維修"]
    simplified = client.get("/notices/feed.atom", headers={"Accept-Language": "zh-CN"})
    assert "电梯维修" in simplified.get_data(as_text=True)


def test_the_language_of_an_address_is_nobody_elses(client: Any, house: Any) -> None:
    publish(house, "電梯維修")
    for _ in range(2):  # the second one comes from the cache
        assert titles(feed(client, "/notices/feed.atom?lang=zh-Hans")) == ["电梯维修"]
        assert titles(feed(client, "/notices/feed.atom")) == ["電梯維修"]
        assert "電梯維修" in client.get("/notices/").get_data(as_text=True)


def test_identifiers_stay_and_updates_show(client: Any, house: Any, clock: Any) -> None:
    item = publish(house, "電梯維修")
    before = feed(client, "/notices/feed.atom")
    clock(timedelta(minutes=5))
    draft = actions.edit(house.administrator, item, {"title": "電梯維修改期"}, version=item.version)
    actions.transition(house.administrator, draft or Item.get_by_id(item.id), "publish")
    after = feed(client, "/notices/feed.atom?lang=zh-Hans")
    assert after.findtext(f"{A}id") == before.findtext(f"{A}id")
    assert after.findtext(f"{A}entry/{A}id") == before.findtext(f"{A}entry/{A}id")
    assert after.findtext(f"{A}entry/{A}updated") > before.findtext(f"{A}entry/{A}updated")


def test_a_feed_is_bounded_and_kept(client: Any, house: Any) -> None:
    for number in range(35):
        publish(house, f"第 {number} 則")
    with counted() as asked:
        assert len(titles(feed(client, "/notices/feed.atom"))) == 30
    assert len(asked) <= 12
    with counted() as asked:
        feed(client, "/notices/feed.atom")
    assert len(asked) == 1


def test_characters_that_xml_cannot_hold_break_no_feed(client: Any, house: Any) -> None:
    item = publish(house, "鈴")
    Item.update(title="鈴\x07響 <b>&").where(Item.id == item.id).execute()
    assert titles(feed(client, "/feed.atom")) == ["鈴響 <b>&"]


def test_lists_name_their_feeds(client: Any, house: Any) -> None:
    publish(house, "電梯維修")
    for path in ("/", "/notices/", "/events/", "/fees/", "/library/", "/browse/board"):
        links = found_in(client.get(path), "//link[@rel='alternate'][@type='application/atom+xml']/@href")
        assert len(links) == 1, path
        check(feed(client, str(links[0])))
    calendar = found_in(client.get("/events/"), "//link[@type='text/calendar']/@href")
    assert client.get(str(calendar[0])).mimetype == "text/calendar"


# ---- sitemap


def addresses(client: Any, path: str = "/sitemap.xml") -> list[str]:
    answer = client.get(path)
    assert answer.mimetype == "application/xml"
    return [loc.text for loc in etree.fromstring(answer.data).iter(f"{S}loc")]


def test_the_sitemap_holds_public_pages_only_and_all_of_them_answer(client: Any, house: Any) -> None:
    item = publish(house, "電梯維修", slug="電梯")
    publish(house, "給職員的", audience="staff")
    found = addresses(client)
    assert len(found) == len(set(found))
    paths = [address.removeprefix("http://localhost") for address in found]
    assert [path for path in paths if path.startswith("/notices/")] == [
        "/notices/",
        f"/notices/{item.id}-%E9%9B%BB%E6%A2%AF",
    ]
    assert not [path for path in paths if "staff-" in path or path.startswith(("/work", "/account"))]
    for path in paths:
        assert client.get(path).status_code == 200, path
    root = etree.fromstring(client.get("/sitemap.xml").data)
    stamps = [
        url.findtext(f"{S}lastmod") for url in root if "/notices/" + str(item.id) in url.findtext(f"{S}loc")
    ]
    assert STAMP.fullmatch(stamps[0] or "")


def test_with_many_items_the_sitemap_comes_in_parts(client: Any, house: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(sitemap, "PART", 2)
    made = [publish(house, f"第 {number} 則") for number in range(5)]
    root = etree.fromstring(client.get("/sitemap.xml").data)
    assert root.tag == f"{S}sitemapindex"
    parts = [loc.text.removeprefix("http://localhost") for loc in root.iter(f"{S}loc")]
    found = [address for part in parts for address in addresses(client, part)]
    for item in made:
        assert found.count(f"http://localhost/notices/{item.id}") == 1
    assert client.get("/sitemap-99.xml").status_code == 404


def test_robots_are_told_where_it_is(client: Any, settings: Any, house: Any) -> None:
    assert "Sitemap: http://localhost/sitemap.xml" in client.get("/robots.txt").get_data(as_text=True)
    named = create_app(replace(settings, public_url="https://estate.example/")).test_client()
    assert "Sitemap: https://estate.example/sitemap.xml" in named.get("/robots.txt").get_data(as_text=True)


# ---- Open Graph


def graph(answer: Any) -> dict[str, str]:
    pairs = [(one.get("property"), one.get("content")) for one in found_in(answer, "//meta[@property]")]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def test_public_pages_say_how_they_are_shared(client: Any, house: Any) -> None:
    item = publish(house, "電梯維修", body="<p>明天<b>上午</b> &lt;三號樓&gt;。</p>")
    found = graph(client.get(f"/notices/{item.id}", headers={"Accept-Language": "zh-CN"}))
    assert found["og:title"] == "电梯维修"
    assert found["og:description"].replace(" ", "") == "明天上午<三号楼>。"
    assert found["og:url"] == f"http://localhost/notices/{item.id}"
    assert (found["og:type"], found["og:locale"]) == ("article", "zh_CN")
    assert "og:image" not in found
    for path in ("/", "/notices/", "/events/", "/library/", "/contact", "/browse/board", "/help/"):
        found = graph(client.get(path, headers={"Accept-Language": "en"}))
        assert found["og:locale"] == "en_US"
        assert found["og:url"] == f"http://localhost{path}"
        assert found["og:title"]


def test_addresses_are_those_that_people_type(settings: Any, house: Any) -> None:
    client = create_app(replace(settings, public_url="https://estate.example/")).test_client()
    assert graph(client.get("/notices/"))["og:url"] == "https://estate.example/notices/"


def test_nothing_is_shared_of_a_signed_in_readers_page_or_a_preview(
    client: Any, house: Any, login: Any
) -> None:
    item = publish(house, "給職員的", audience="staff")
    login(client, "editor")
    assert graph(client.get(f"/notices/{item.id}")) == {}
    assert graph(client.get(f"/work/items/{item.id}/preview/page")) == {}


@pytest.mark.parametrize("length", [139, 140, 141])
def test_a_description_is_short(client: Any, house: Any, length: int) -> None:
    item = publish(house, "長", body="<p>" + "字" * length + "</p>")
    found = graph(client.get(f"/notices/{item.id}"))["og:description"]
    assert found == ("字" * length if length <= 140 else "字" * 139 + "…")
