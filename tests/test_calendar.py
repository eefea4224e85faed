"""Calendars to subscribe to, read back as another program reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from icalendar import Calendar

from content import actions, moment, subscriptions
from content.errors import msg
from content.items import Item
from content.people import Person
from content.settings import Settings
from content.subscriptions import calendar_feed
from content.subscriptions.calendar_feed import CONTRIBUTORS, Entry
from portal.web.i18n import say
from tests.forms import counted, text_of

Clock = Callable[[timedelta], None]
LONG = (
    "清明節社區踏青暨垃圾分類宣傳活動（請自備水壺、帽子與雨具，集合時間以現場廣播為準，遇雨順延一週另行通知）"
)


def event(house: SimpleNamespace, title: str = "春遊", **more: Any) -> Item:
    values = {
        "title": title, "place": "三號樓前, 廣場；東側", "starts_at": "2026-04-04T09:00:00+08:00",
        "ends_at": "2026-04-04T11:30:00+08:00", **more,
    }  # fmt: skip
    return actions.publish_now(house.administrator, "event", house.board, values)


def read(body: bytes) -> dict[str, Any]:
    """The entries by their titles."""
    return {str(one["summary"]): one for one in Calendar.from_ical(body).walk("VEVENT")}


def feed(settings: Settings, person: Person | None, locale: str = "zh_Hant_TW") -> bytes:
    return calendar_feed.written(settings, say, person, locale)


@pytest.fixture
def contributing() -> Iterator[Callable[[list[Entry]], None]]:
    """Adds entries for everybody while a test runs."""
    before = list(CONTRIBUTORS)
    yield lambda entries: CONTRIBUTORS.append(lambda person: entries)
    CONTRIBUTORS[:] = before


def test_instants_zone_and_words_survive(settings: Settings, house: SimpleNamespace) -> None:
    item = event(house, LONG)
    body = feed(settings, None)
    one = read(body)[LONG]
    assert one["dtstart"].dt.astimezone(UTC) == datetime(2026, 4, 4, 1, 0, tzinfo=UTC)
    assert one["dtend"].dt.astimezone(UTC) == datetime(2026, 4, 4, 3, 30, tzinfo=UTC)
    assert one["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert str(one["location"]) == "三號樓前, 廣場；東側"
    assert str(one["uid"]).startswith(item.uid)
    [zone] = Calendar.from_ical(body).walk("VTIMEZONE")
    assert str(zone["tzid"]) == "Asia/Shanghai"


def test_lines_fold_at_75_octets_and_cut_no_character(settings: Settings, house: SimpleNamespace) -> None:
    event(house, LONG)
    lines = feed(settings, None).split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert sum(line.startswith(b" ") for line in lines) >= 2
    for line in lines:
        line.decode("utf-8")


def test_a_whole_day_is_a_date(settings: Settings, house: SimpleNamespace, contributing: Any) -> None:
    contributing([
        Entry("due-1", msg("%(name)s", name="回訪"), date(2026, 3, 20), moment.now(), version=3),
    ])  # fmt: skip
    one = read(feed(settings, house.crew))["回訪"]
    assert one["dtstart"].dt == date(2026, 3, 20)
    assert not isinstance(one["dtstart"].dt, datetime)
    assert one["dtstart"].params["VALUE"] == "DATE"
    assert one["sequence"] == 3
    assert "回訪" not in read(feed(settings, None)), "what concerns a person is in no calendar for everybody"


def test_words_come_in_the_readers_script(settings: Settings, house: SimpleNamespace) -> None:
    event(house, "廣場舞會")
    assert "广场舞会" in read(feed(settings, None, "zh_Hans_CN"))
    Person.update(locale="zh_Hans_CN").where(Person.id == house.owner.id).execute()
    assert "广场舞会" in read(feed(settings, Person.get_by_id(house.owner.id), ""))


def test_it_holds_what_one_may_read(settings: Settings, house: SimpleNamespace) -> None:
    event(house, "大家")
    event(house, "員工", audience="staff")
    event(house, "業主", audience="role:owner")
    actions.create(house.administrator, "event", house.board,
                   {"title": "草稿", "place": "x", "starts_at": "2026-04-05T09:00:00+08:00"})  # fmt: skip
    assert set(read(feed(settings, None))) == {"大家"}
    assert set(read(feed(settings, house.crew))) == {"大家", "員工"}
    assert set(read(feed(settings, house.owner))) == {"大家", "業主"}


def test_a_change_keeps_the_uid_and_raises_the_sequence(
    settings: Settings, house: SimpleNamespace, clock: Clock
) -> None:
    item = event(house)
    before = read(feed(settings, None))["春遊"]
    assert feed(settings, None) == feed(settings, None)
    clock(timedelta(hours=1))
    actions.edit(house.administrator, item, {"starts_at": "2026-04-05T09:00:00+08:00",
                                             "ends_at": "2026-04-05T11:00:00+08:00"}, version=item.version)  # fmt: skip
    actions.transition(house.administrator, item, "publish")
    after = read(feed(settings, None))["春遊"]
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["last-modified"].dt == moment.now().replace(microsecond=0)
    assert after["dtstart"].dt.astimezone(UTC) == datetime(2026, 4, 5, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("how", ["withdraw", "trash", "revise"])
def test_what_was_taken_down_is_called_off_in_its_last_public_words(
    settings: Settings, house: SimpleNamespace, how: str
) -> None:
    item = event(house)
    before = read(feed(settings, None))["春遊"]["sequence"]
    actions.edit(house.administrator, item, {"title": "未公開的新題"}, version=item.version)
    if how == "trash":
        actions.trash(house.administrator, item)
    else:
        actions.transition(house.administrator, item, "withdraw")
        if how == "revise":
            actions.transition(house.administrator, item, "revise")
    found = read(feed(settings, None))
    assert set(found) == {"春遊"}
    assert str(found["春遊"]["status"]) == "CANCELLED"
    assert found["春遊"]["sequence"] > before


def test_what_one_could_not_read_is_not_called_off_either(settings: Settings, house: SimpleNamespace) -> None:
    item = event(house, "員工", audience="staff")
    actions.edit(house.administrator, item, {"audience": "everyone"}, version=item.version)
    actions.transition(house.administrator, item, "withdraw")
    assert read(feed(settings, None)) == {}
    assert str(read(feed(settings, house.crew))["員工"]["status"]) == "CANCELLED"


@pytest.mark.parametrize(("age", "there"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_the_past_is_kept_for_a_while(
    settings: Settings, house: SimpleNamespace, clock: Clock, age: timedelta, there: bool
) -> None:
    event(house, starts_at=(moment.now() + timedelta(seconds=1)).isoformat(), ends_at=None)
    clock(calendar_feed.KEPT + age)
    assert ("春遊" in read(feed(settings, None))) is there


def test_no_question_per_event(settings: Settings, house: SimpleNamespace) -> None:
    def asked() -> int:
        with counted() as found:
            feed(settings, Person.get_by_id(house.owner.id))
        return len(found)

    event(house)
    few = asked()
    for number in range(12):
        event(house, f"活動{number}")
    assert asked() == few <= 8


def test_the_public_address(client: Any, house: SimpleNamespace) -> None:
    event(house)
    answer = client.get("/events/calendar.ics", headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert set(read(answer.data)) == {"春游"}
    again = client.get("/events/calendar.ics",
                       headers={"Accept-Language": "zh-CN", "If-None-Match": answer.headers["ETag"]})  # fmt: skip
    assert (again.status_code, again.data) == (304, b"")
    event(house, "另一個")
    headers = {"Accept-Language": "zh-CN", "If-None-Match": answer.headers["ETag"]}
    assert client.get("/events/calendar.ics", headers=headers).status_code == 200


def test_the_address_of_ones_own_is_renewed_and_switched_off(client: Any, house: SimpleNamespace) -> None:
    event(house, "業主會", audience="role:owner")
    first = subscriptions.set_calendar(house.owner, True)
    answer = client.get(f"/calendar/{first}.ics")
    assert set(read(answer.data)) == {"業主會"}
    assert "private" in answer.headers["Cache-Control"]
    second = subscriptions.set_calendar(house.owner, True)
    assert first != second
    assert client.get(f"/calendar/{first}.ics").status_code == 404
    assert client.get(f"/calendar/{second}.ics").status_code == 200
    subscriptions.set_calendar(house.owner, False)
    third = subscriptions.set_calendar(house.tenant, True)
    Person.update(active=False).where(Person.id == house.tenant.id).execute()
    never = client.get("/calendar/never-was-an-address.ics")
    for gone in (first, second, third, third[:-1], "停"):
        answer = client.get(f"/calendar/{gone}.ics")
        assert answer.status_code == 404
        assert text_of(answer) == text_of(never)
