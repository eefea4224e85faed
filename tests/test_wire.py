"""What goes over the wire: packed copies, tags of what is unchanged, and the memory that packed copies take."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest

from content import actions
from portal.web import coding
from portal.web.cache import Kept, PageCache
from tests.conftest import notice

BROWSER = "gzip, deflate, br, zstd"


@pytest.fixture
def item(house: Any) -> Any:
    return actions.publish_now(house.administrator, "notice", house.board, notice("停水通知一"))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", ""),
        ("identity", ""),
        (BROWSER, "br"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("BR", "br"),
        ("*", "br"),
        ("*;q=0", ""),
        ("gzip;q=nonsense", ""),
        ("x-gzip", "gzip"),
        ("br, " + "x" * 100, ""),
    ],
)
def test_the_coding_follows_what_the_browser_reads(header: str, found: str) -> None:
    assert coding.wanted(header) == found


@pytest.mark.parametrize(
    ("header", "same"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", W/"abc" , "y"', True),
        ("*", True),
        ('"abcd"', False),
        ('"x", "y"', False),
        ("", False),
        ("abc-nonsense", False),
    ],
)
def test_tags_are_compared_weakly_and_in_lists(header: str, same: bool) -> None:
    assert coding.unchanged(header, 'W/"abc"') is same


def test_a_kept_page_is_packed_once_for_each_coding(app: Any, item: Any, monkeypatch: Any) -> None:
    packings = []
    real = coding.packed
    monkeypatch.setattr(
        coding, "packed", lambda *args, **more: packings.append(args[1]) or real(*args, **more)
    )
    plain = app.test_client().get("/notices/")
    assert "Content-Encoding" not in plain.headers
    for _ in range(3):
        small = app.test_client().get("/notices/", headers={"Accept-Encoding": BROWSER})
        assert small.headers["Content-Encoding"] == "br"
        assert brotli.decompress(small.data) == plain.data
        assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 2
        older = app.test_client().get("/notices/", headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(older.data) == plain.data
    assert sorted(packings) == ["br", "gzip"]
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_the_first_answer_is_packed_as_well(app: Any, item: Any) -> None:
    first = app.test_client().get("/notices/", headers={"Accept-Encoding": BROWSER})
    assert "停水通知一" in brotli.decompress(first.data).decode()
    assert first.headers["Vary"].count("Accept-Encoding") == 1


def test_packed_copies_count_as_memory() -> None:
    cache = PageCache(limit=200_000)
    later, now = datetime(2030, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    body = b"".join(str(number * 7919).encode() for number in range(1500))
    keys = [(f"/{number}", "", "", 1) for number in range(11)]
    for key in keys:
        cache.put(key, Kept([], body, "", later))
    assert len(cache) == 11
    cache.limit = cache.size + 4_000
    for key in keys[8:]:
        kept = cache.get(key, now)
        assert kept is not None
        cache.packed(key, kept, "gzip")
    assert cache.get(keys[0], now) is None  # made room for copies
    assert cache.size <= cache.limit
    assert cache.size == sum(kept.weight for kept in cache._kept.values())
    for number in range(100, 130):
        cache.put((f"/{number}", "", "", 1), Kept([], body, "", later))
    assert cache.size == sum(kept.weight for kept in cache._kept.values())


def test_pages_for_one_reader_are_packed_with_a_length_that_tells_nothing(
    client: Any, login: Any, item: Any
) -> None:
    login(client, "owner")
    answers = [client.get("/notices/", headers={"Accept-Encoding": BROWSER}) for _ in range(12)]
    assert {answer.headers["Content-Encoding"] for answer in answers} == {"gzip"}
    assert "停水通知一" in gzip.decompress(answers[0].data).decode()
    assert len({len(answer.data) for answer in answers}) > 3


def test_small_and_packed_things_stay_as_they_are(client: Any) -> None:
    asked = {"Accept-Encoding": BROWSER}
    assert "Content-Encoding" not in client.get("/robots.txt", headers=asked).headers
    assert "Content-Encoding" not in client.head("/healthz", headers=asked).headers


def test_pages_that_are_asked_anew_each_time_are_sent_once(client: Any, app: Any) -> None:
    for path in ("/contact", "/staff/", "/search?q=x", "/sitemap.xml", "/feed.atom", "/notices/feed.atom"):
        tag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": f'"other", {tag}', "Accept-Encoding": BROWSER})
        assert (again.status_code, again.data) == (304, b""), path
        assert "Content-Encoding" not in again.headers
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_unchanged_page_is_known_after_a_change_elsewhere(client: Any, house: Any, item: Any) -> None:
    tag = client.get(f"/notices/{item.id}").headers["ETag"]
    actions.publish_now(house.administrator, "notice", house.board, notice("另一則"))  # empties the cache
    assert client.get(f"/notices/{item.id}", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/notices/", headers={"If-None-Match": tag}).status_code == 200


def test_what_is_kept_for_one_host_is_not_shown_to_another(client: Any, item: Any) -> None:
    for host in ("one.example", "two.example", "one.example"):
        page = client.get(f"/notices/{item.id}", headers={"Host": host}).get_data(as_text=True)
        assert f'content="http://{host}/notices/{item.id}"' in page


def test_static_files_are_packed_and_told_unchanged(client: Any) -> None:
    for name in ("css/site.css", "js/site.js", "img/icons.svg", "js/work/pickers.js"):
        plain = client.get(f"/static/{name}")
        small = client.get(f"/static/{name}", headers={"Accept-Encoding": BROWSER})
        assert brotli.decompress(small.data) == plain.data
        assert small.headers["Vary"] == "Accept-Encoding"  # the same for all
        again = client.get(f"/static/{name}", headers={"If-None-Match": f'{plain.headers["ETag"]}, "x"'})
        assert again.status_code == 304


def test_a_made_up_host_puts_nothing_in_another_pages_place(client: Any, item: Any) -> None:
    """Scheme, host and path are parts of what a page is kept under, not one word."""
    home = client.get("/", headers={"Host": "localhost/notices"}).data
    assert client.get("/notices/").data != home
    client.get("/notices/", headers={"Host": "sportal.example"})
    secure = {"wsgi.url_scheme": "https", "HTTP_HOST": "portal.example"}
    page = client.get("/notices/", environ_overrides=secure).get_data(as_text=True)
    assert "https://portal.example/" in page
    assert "sportal.example" not in page.replace("https://portal", "")


@pytest.mark.parametrize("path", ["/", "/feed.atom", "/sitemap.xml", "/robots.txt"])
@pytest.mark.parametrize("host", ["a b", "x\x01y", "<b>", "\xff"])
def test_a_host_that_is_none_breaks_no_page(client: Any, item: Any, path: str, host: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code in (200, 400)
    assert host not in answer.get_data(as_text=True)
