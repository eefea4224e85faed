"""What no browser of ours sends: numbers that are none, days beyond the calendar, halves of characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from peewee import IntegrityError
from werkzeug.datastructures import MultiDict

from content import actions, moment
from content.errors import Invalid, msg
from content.items import KINDS, Item
from content.outbox import tell
from portal.pages.work.typed import from_form
from portal.web.numbers import LARGEST, number
from tests.conftest import notice
from tests.forms import fields_of, found_in, send, text_of
from tests.samples import SAMPLES

HUGE = str(LARGEST + 1)
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def item(house: SimpleNamespace) -> Item:
    return actions.publish_now(house.administrator, "notice", house.board, notice("停水通知"))


@pytest.fixture
def boss(app: Any, login: Callable[..., Any]) -> Any:
    """A client signed in as the administrator, whose forms need no token."""
    client = app.test_client()
    login(client, "administrator")
    client.set_cookie("reading", "en..0")
    app.config["WTF_CSRF_ENABLED"] = False
    return client


def test_a_number_is_plain_digits_that_the_database_can_hold() -> None:
    assert [number(text) for text in ("0", "007", str(LARGEST))] == [0, 7, LARGEST]
    for text in (None, "", "²", "٣", "３", "-1", "+1", " 1", "1\n", "1_0", "1e3", HUGE, "9" * 100_000):
        assert number(text) is None


COOKIES = (
    "reading=en..1; reading=zh_Hant_TW.hant.0",
    'reading="en..1"',
    "reading=zh_Hant_TW.hant.0; reading=en..1",
    " reading =en..1",
    "reading=en..1\xff",
    "reading=\xff; reading=en..1",
)


def test_no_cookie_changes_what_others_read(app: Any, item: Item) -> None:
    def page(cookie: str, path: str) -> str:
        client = app.test_client(use_cookies=False)
        answer = client.get(path, headers={"Cookie": cookie, "Accept-Language": "zh-TW"})
        assert answer.status_code == 200, cookie
        text: str = answer.get_data(as_text=True)
        return text

    for place, header in enumerate(COOKIES):
        path = f"/notices/?try={place}"
        page(header, path)
        for plain in ("", "reading=zh_Hant_TW.hant.0"):
            assert '<html lang="zh-Hant"' in page(plain, path), header
            assert 'class="elder"' not in page(plain, path), header
        assert '<html lang="en" class="elder"' in page("reading=en..1", path), header


def test_a_page_is_not_kept_under_another_way_of_reading(app: Any, item: Item, monkeypatch: Any) -> None:
    monkeypatch.setattr("portal.web.cache.of_visitor", lambda *_: SimpleNamespace(key="fr..0"))
    app.test_client().get("/notices/")
    assert len(app.extensions["page_cache"]) == 0


PATHS = [
        "/notices/?section=²", "/events/?section=²", "/library/?section=²", "/notices/²", "/notices/٣",
        "/library/?before=²~1~1", "/services/?before=²~²~²", "/browse/board?before=1~²~1",
        "/notices/?before=1~²", "/events/?past=1&before=1~²", "/search?q=x&start=²",
        "/inbox/?before=²", "/inbox/?before=" + HUGE, "/work/sections/1/?after=²~1", "/work/trash/?before=1~²",
        "/work/trash/?before=nan~1", "/work/pick/files?before=²", "/work/batch/move?item=²", "/work/new/notice?section=²",
    ]  # fmt: skip


def test_digits_that_are_no_number(boss: Any, item: Item) -> None:
    found = {path: boss.get(path).status_code for path in PATHS}
    assert {path: status for path, status in found.items() if status not in (200, 302, 404)} == {}


def test_a_message_that_is_no_number_is_not_read(boss: Any, house: SimpleNamespace) -> None:
    tell(house.administrator, msg("Hello"), "/")
    assert boss.post("/inbox/read", data={"id": "²"}).status_code == 303
    assert boss.get("/inbox/" + "9" * 18).location == "/inbox/"


def test_there_is_nothing_at_a_number_beyond_the_database(app: Any, boss: Any, item: Item) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if "<int:" in str(rule)]
    assert len(rules) > 20
    for value in ("9" * 18, HUGE, "9" * 5000):
        for rule in rules:
            path = re.sub("<int:[a-z]+>", value, str(rule)).replace("<name>", "withdraw")
            answer = boss.get(path) if "GET" in rule.methods else boss.post(path)
            assert answer.status_code == 404 or path == "/inbox/" + "9" * 18, rule
        assert boss.get(f"/work/items/{item.id}/restore/{value}").status_code == 404


def test_searching_to_the_ends_of_the_calendar(client: Any, item: Item) -> None:
    for day in ("9999-12-31", "0001-01-01", "²"):
        for name in ("since", "until"):
            assert client.get(f"/search?q=停水&{name}={day}").status_code == 200


BEYOND = ("0001-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00+14:00", "9999-12-31T23:59-23:00")


@pytest.mark.parametrize("field", ["publish_at", "starts_at"])
def test_a_day_beyond_the_calendar_is_an_error_at_its_field(
    house: SimpleNamespace, boss: Any, field: str
) -> None:
    form = fields_of(boss.get(f"/work/new/event?section={house.board.id}"))
    form["title"], form["place"], form["starts_at"] = "植樹", "花園", "2026-04-04T09:00"
    for typed in BEYOND:
        form[field] = typed
        answer = boss.post("/work/new/event", data=form)
        assert answer.status_code == 422
        assert found_in(answer, f"//*[@id='e-{field}']")
        assert (fields_of(answer)["title"], fields_of(answer)[field]) == ("植樹", typed)
        assert boss.post("/work/preview", data=form).status_code == 200
    assert not Item.select().exists()


def test_a_date_without_time_has_bounds_too(house: SimpleNamespace, boss: Any) -> None:
    for typed in ("0001-01-01", "9999-12-31"):
        answer = send(boss, "/work/new/policy", title="規程", clauses="1 目的", in_force_from=typed)
        assert answer.status_code == 422
        assert found_in(answer, "//*[@id='e-in_force_from']")


def test_money_beyond_measure_is_an_error_at_its_field(house: SimpleNamespace, boss: Any) -> None:
    for typed in ("1e999999", "1e-999999", "9e99", "NaN", "sNaN", "Infinity", "-1", "9" * 9999):
        fields = {"lines.0.name": "疏通", "lines.0.price": typed}
        answer = send(boss, "/work/new/fee", title="收費", **fields)
        assert answer.status_code == 422
        assert found_in(answer, "//*[@id='e-lines.0.price']")
        assert fields_of(answer)["lines.0.price"] == typed
    assert not Item.select().exists()


def test_money_that_comes_as_a_number_has_the_same_bounds() -> None:
    for cents in (10**13 + 1, -1):
        with pytest.raises(Invalid):
            actions.clean(KINDS["fee"], {**SAMPLES["fee"], "lines": [{"name": "疏通", "price": cents}]})


def test_a_row_whose_number_is_none_is_left_out() -> None:
    form = MultiDict({"lines.².name": "甲", "lines.1.name": "乙", f"lines.{HUGE}.name": "丙"})
    assert [row["name"] for row in from_form(KINDS["fee"], form).fields["lines"]] == ["乙"]


BODIES = (
    "[" * 100_000,
    '{"a":' * 50_000,
    '{"html": "\\ud800", "items": ["\\ud800"]}',
    '{"key": "item:\\ud800", "fields": []}',
    '{"key": "item:x", "fields": [["title", "\\ud800"]]}',
    '{"key": "item:x", "version": ' + "9" * 5000 + ', "fields": []}',
    "\xff",
)


@pytest.mark.parametrize("path", ["/work/autosave", "/work/paste", "/work/sections/1/order"])
def test_json_that_cannot_be_kept_is_refused_as_json(house: SimpleNamespace, boss: Any, path: str) -> None:
    for body in BODIES:
        answer = boss.post(path, data=body.encode("latin1"), content_type="application/json")
        assert answer.status_code == 400, body[:60]
        assert answer.json["error"]


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
)
def test_half_characters_in_a_form_are_text_or_refused(
    house: SimpleNamespace, boss: Any, content_type: str
) -> None:
    half = b"\xed\xa0\x80"
    fields = {b"title": half + b"x", b"body": half + b"&#xD800;", b"audience": half, b"publish_at": half}
    if content_type.startswith("multipart"):
        parts = [
            b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair
            for pair in fields.items()
        ]
        body = b"".join(parts) + b"--b--\r\n"
    else:
        body = b"&".join(name + b"=" + value.replace(half, b"%ED%A0%80").replace(b"&", b"%26").replace(b"#", b"%23")
                         for name, value in fields.items())  # fmt: skip
    for path in ("/work/new/notice", "/work/preview", "/login", "/account", "/work/glossary/"):
        assert boss.post(path, data=body, content_type=content_type).status_code < 500, path


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("UNIQUE constraint failed: section.parent_id, section.slug", 409),
        ("FOREIGN KEY constraint failed", 409),
        ("CHECK constraint failed: script IN ('hant', 'hans')", 500),
        ("NOT NULL constraint failed: item.title", 500),
    ],
)
def test_a_broken_rule_of_the_database_is_not_told_as_a_missing_one(app: Any, text: str, status: int) -> None:
    def fail() -> str:
        raise IntegrityError(text)

    app.add_url_rule("/fail", "fail", fail)
    answer = app.test_client().get("/fail", headers=ENGLISH)
    assert answer.status_code == status
    assert "constraint" not in answer.text


def test_the_way_back_from_the_question_stays_here(boss: Any, item: Item) -> None:
    for back in ("//evil.example/", "https://evil.example/", "javascript:alert(1)"):
        answer = boss.get("/work/batch/trash", query_string={"item": item.id, "back": back})
        assert answer.status_code == 200
        assert not [link for link in found_in(answer, "//a/@href") if link.startswith(back)]
    fine = boss.get("/work/batch/trash", query_string={"item": item.id, "back": "/work/"})
    assert found_in(fine, "//main//a[@href='/work/']")


def test_own_words_of_a_rich_text_are_shown_unchanged(house: SimpleNamespace, app: Any) -> None:
    own = {"hans": {"body": "<p>软件自己的话，不轉換。</p>"}}
    values = notice("軟體", "<p>自動轉換的話。</p>", scripts=own)
    item = actions.publish_now(house.administrator, "notice", house.board, values)
    client = app.test_client()
    simplified = client.get(f"/notices/{item.id}", headers={"Accept-Language": "zh-CN"}).text
    assert "软件自己的话，不轉換。" in simplified
    assert "自动转换" not in simplified
    assert "自動轉換的話。" in client.get(f"/notices/{item.id}", headers={"Accept-Language": "zh-TW"}).text


def test_an_event_without_an_end_leaves_the_kept_list_after_six_hours(
    house: SimpleNamespace, app: Any, clock: Callable[[timedelta], None]
) -> None:
    # Begun an hour ago, so that nothing but its end is still to come before midnight.
    begins = moment.now() - timedelta(hours=1)
    values = {**SAMPLES["event"], "starts_at": begins.isoformat(), "ends_at": None}
    actions.publish_now(house.administrator, "event", house.board, values)
    client = app.test_client()
    clock(timedelta(minutes=1))
    assert "春季植樹" in client.get("/events/").text
    clock(timedelta(hours=5))
    assert "春季植樹" not in client.get("/events/").text


def test_throwing_away_names_what_is_not_there_and_goes_on(
    house: SimpleNamespace, boss: Any, item: Item
) -> None:
    other = actions.create(house.editor, "notice", house.board, notice("另一則"))
    sent = {"item": [str(item.id), HUGE, "²", str(other.id)]}
    answer = boss.post("/work/trash/throw", data=sent, follow_redirects=True)
    assert answer.status_code == 200
    assert "Not there any more: 2." in text_of(answer)
    assert not Item.select().where(Item.trashed_at.is_null()).exists()
    assert boss.post("/work/trash/throw", data={"item": [HUGE]}).status_code == 404


def test_a_step_is_taken_only_from_what_was_seen(house: SimpleNamespace, boss: Any, item: Item) -> None:
    path = f"/work/items/{item.id}"
    for data in ({}, {"version": ""}, {"version": "²"}):
        assert boss.post(f"{path}/transition/withdraw", data=data).status_code == 400
        assert boss.post(f"{path}/restore/1", data=data).status_code == 400
        assert boss.post(f"{path}/discard", data=data).status_code == 400
    assert Item.get_by_id(item.id).state == "published"
    fresh = {"version": Item.get_by_id(item.id).version}
    assert boss.post(f"{path}/transition/withdraw", data=fresh).status_code == 303
    assert Item.get_by_id(item.id).state == "withdrawn"


def test_saving_with_a_step_takes_it_from_what_was_saved(
    house: SimpleNamespace, boss: Any, monkeypatch: Any
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(actions, "transition", lambda *args, **named: seen.append((args, named)) or args[1])
    send(boss, "/work/new/notice", title="停水", body="明天", do="step:submit")
    (args, named) = seen[0]
    assert named["version"] == Item.get().version == args[1].version


def test_required_columns_are_not_called_optional(house: SimpleNamespace, boss: Any) -> None:
    page = boss.get("/work/new/fee")
    marks = {name: bool(found_in(page, f"//label[@for='f-lines.0.{name}']/*[@class='optional']"))
             for name in ("name", "unit", "price")}  # fmt: skip
    assert marks == {"name": False, "unit": True, "price": True}


def test_the_count_of_unread_messages_says_what_it_counts(house: SimpleNamespace, boss: Any) -> None:
    tell(house.administrator, msg("Hello"), "/")
    page = boss.get("/work/")
    assert "".join(found_in(page, "//a[@href='/inbox/']")[0].itertext()).split() == ["Inbox", "1", "unread"]
