"""The inbox, the page of what one is told, and the buttons beside lists, as a browser without scripts uses them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, outbox, subscriptions
from content.errors import Written, msg
from content.outbox import InboxEntry
from content.people import set_reading
from content.subscriptions import Wishes
from tests.conftest import csrf, notice
from tests.forms import counted, fields_of, found_in, text_of

ENGLISH = {"Accept-Language": "en"}
Clock = Callable[[timedelta], None]


def told(house: SimpleNamespace, *urls: str) -> None:
    for number, url in enumerate(urls):
        outbox.tell(house.owner, msg("%(name)s", name=f"message {number}"), url, mail=False)


def test_messages_are_filtered_by_what_they_concern(client: Any, login: Any, house: SimpleNamespace) -> None:
    told(house, "/notices/1", "/cases/20260316-001", "/liaison/", "/work/")
    login(client, "owner")
    for about, number in (("notices", 0), ("matters", 1), ("liaison", 2), ("work", 3)):
        page = text_of(client.get(f"/inbox/?about={about}", headers=ENGLISH))
        assert [n for n in range(4) if f"message {n}" in page] == [number]
    assert all(f"message {n}" in text_of(client.get("/inbox/?about=nonsense")) for n in range(4))


def test_one_message_is_read_and_unread_again_in_its_place(
    client: Any, login: Any, house: SimpleNamespace
) -> None:
    told(house, "/notices/1", "/notices/2")
    login(client, "owner")
    where = "/inbox/?show=unread&about=notices"
    form = "//li[.//a[contains(., 'message 0')]]//form"
    answer = client.post("/inbox/read", data=fields_of(client.get(where), form))
    assert answer.location == where
    page = client.get(where, headers=ENGLISH)
    assert "message 0" not in text_of(page)
    assert "message 1" in text_of(page)
    client.post("/inbox/unread", data=fields_of(client.get("/inbox/"), form))
    assert outbox.unread_count(house.owner) == 2


def test_marking_all_can_be_taken_back_and_takes_back_no_more(
    client: Any, login: Any, house: SimpleNamespace, clock: Clock
) -> None:
    told(house, "/notices/1", "/notices/2", "/notices/3")
    outbox.mark_read(house.owner, [outbox.inbox(house.owner)[0].id])
    clock(timedelta(microseconds=1))
    login(client, "owner")
    answer = client.post("/inbox/read", data={"csrf_token": csrf(client.get("/inbox/")), "id": "all"})
    assert outbox.unread_count(house.owner) == 0
    undo = fields_of(client.get(answer.location), "//form[@action='/inbox/unread']")
    client.post("/inbox/unread", data=undo)
    assert outbox.unread_count(house.owner) == 2


def test_nobody_touches_the_messages_of_others(client: Any, login: Any, house: SimpleNamespace) -> None:
    told(house, "/notices/1")
    theirs = InboxEntry.get()
    login(client, "tenant")
    token = csrf(client.get("/inbox/"))
    client.post("/inbox/read", data={"csrf_token": token, "id": theirs.id})
    assert outbox.unread_count(house.owner) == 1
    outbox.mark_read(house.owner, "all")
    client.post("/inbox/unread", data={"csrf_token": token, "id": theirs.id})
    at = InboxEntry.get().read_at.timestamp()
    client.post("/inbox/unread", data={"csrf_token": token, "at": f"{at:.6f}"})
    assert outbox.unread_count(house.owner) == 0


def test_pages_of_an_inbox_keep_the_filter_and_ask_little(
    client: Any, login: Any, house: SimpleNamespace
) -> None:
    told(house, *[f"/notices/{n}" for n in range(outbox.PAGE + 1)], "/work/")
    login(client, "owner")
    with counted() as asked:
        first = client.get("/inbox/?about=notices&show=unread")
    assert len(asked) <= 12
    [older] = found_in(first, "//a[@rel='next']/@href")
    page = client.get(older)
    assert len(found_in(page, "//li[contains(@class,'message')]")) == 1
    assert "message 0" in text_of(page)


def test_empty_inboxes_name_the_way_on(client: Any, login: Any, house: SimpleNamespace) -> None:
    login(client, "owner")
    for path in ("/inbox/", "/inbox/?show=unread", "/inbox/?about=matters"):
        assert found_in(client.get(path), "//div[@class='empty']//a[contains(@class,'button')]"), path


def test_titles_come_in_the_readers_script(client: Any, login: Any, house: SimpleNamespace) -> None:
    outbox.tell(house.owner, msg("%(name)s", name=Written("電梯檢修", "hant")), "/notices/1", mail=False)
    login(client, "owner")
    assert "電梯檢修" in text_of(client.get("/inbox/"))
    set_reading(house.owner, "zh_Hans_CN", "", False)
    assert "电梯检修" in text_of(client.get("/inbox/"))


def test_the_page_saves_what_is_chosen_and_undoes_it(client: Any, login: Any, house: SimpleNamespace) -> None:
    login(client, "owner")
    path = "/account/subscriptions"
    fields = fields_of(client.get(path), f"//form[@action='{path}']")
    assert fields["mode"] == "each"
    assert "urgent" in fields
    fields.setlist("kind", ["notice", "event"])
    fields.setlist("section", [str(house.board.id)])
    fields.poplist("urgent")
    fields["mode"], fields["hour"], fields["weekday"] = "weekly", "7", "4"
    assert client.post(path, data=fields).status_code == 303
    wanted = Wishes("weekly", 7, 4, False, True, frozenset({"notice", "event"}), frozenset({house.board.id}))
    assert subscriptions.wishes_of(house.owner) == wanted
    shown = fields_of(client.get(path), f"//form[@action='{path}']")
    assert (shown["mode"], shown["hour"], shown["weekday"]) == ("weekly", "7", "4")
    assert shown.getlist("kind") == ["notice", "event"]
    undo = fields_of(client.get(path), f"//form[@action='{path}/undo']")
    client.post(f"{path}/undo", data=undo)
    assert subscriptions.wishes_of(house.owner) == subscriptions.DEFAULTS
    assert not found_in(client.get(path), f"//form[@action='{path}/undo']")


def test_what_is_not_offered_is_refused_beside_its_field(
    client: Any, login: Any, house: SimpleNamespace
) -> None:
    login(client, "owner")
    path = "/account/subscriptions"
    data = {
        "csrf_token": csrf(client.get(path)),
        "mode": "hourly",
        "hour": "24",
        "weekday": "9",
        "kind": "page",
    }
    answer = client.post(path, data=data)
    assert answer.status_code == 422
    problems = found_in(answer, "//*[@id='problems']//a/@href")
    assert set(problems) == {"#f-mode", "#f-hour", "#f-weekday", "#f-kinds"}
    assert subscriptions.wishes_of(house.owner) == subscriptions.DEFAULTS


def test_the_calendar_is_switched_on_renewed_and_off(client: Any, login: Any, house: SimpleNamespace) -> None:
    login(client, "owner")
    path = "/account/subscriptions"

    def press(do: str) -> str:
        form = f"//form[.//input[@name='do'][@value='{do}']]"
        client.post("/account/calendar", data=fields_of(client.get(path), form))
        return "".join(found_in(client.get(path), "//input[@id='f-calendar']/@value"))

    first = press("on")
    assert first.endswith(f"/calendar/{subscriptions.calendar_token(house.owner)}.ics")
    second = press("renew")
    assert first != second
    assert press("off") == ""
    assert (
        client.post("/account/calendar", data={"csrf_token": csrf(client.get(path)), "do": "x"}).status_code
        == 404
    )


@pytest.mark.parametrize("place", ["/notices/", "/events/", "/library/", "/browse/board", "item"])
def test_following_from_where_one_reads(client: Any, login: Any, house: SimpleNamespace, place: str) -> None:
    item = actions.publish_now(house.administrator, "notice", house.board, notice())
    path = f"/notices/{item.id}" if place == "item" else place
    assert not found_in(client.get(path), "//form[@action='/account/follow']"), "visitors have no inbox"
    login(client, "owner")
    for on in (True, False):
        fields = fields_of(client.get(path), "//form[@action='/account/follow']")
        answer = client.post("/account/follow", data=fields)
        assert answer.location == path
        kinds, sections = subscriptions.followed(house.owner)
        assert bool(kinds or sections) is on


def test_what_cannot_be_followed_is_not_there(client: Any, login: Any, house: SimpleNamespace) -> None:
    login(client, "owner")
    token = csrf(client.get("/account"))
    for wrong in ({"kind": "page"}, {"kind": ""}, {"section": str(house.staff_room.id)}, {"section": "9999"}):
        assert (
            client.post("/account/follow", data={"csrf_token": token, "on": "1", **wrong}).status_code == 404
        )
    assert subscriptions.followed(house.owner) == (frozenset(), frozenset())


def test_the_home_page_says_what_concerns_me(client: Any, login: Any, house: SimpleNamespace) -> None:
    told(house, "/notices/1", "/notices/2", "/notices/3", "/notices/4")
    assert not found_in(client.get("/"), "//*[@id='concerns']")
    login(client, "owner")
    block = found_in(client.get("/", headers=ENGLISH), "//section[.//*[@id='concerns']]")[0].text_content()
    assert [n for n in range(4) if f"message {n}" in block] == [1, 2, 3]
    outbox.mark_read(house.owner, "all")
    assert not found_in(client.get("/"), "//*[@id='concerns']")


def test_the_page_of_choices_can_be_sent_as_it_stands(
    client: Any, login: Any, house: SimpleNamespace
) -> None:
    login(client, "owner")
    fields = fields_of(client.get("/account/subscriptions"), "//form[@action='/account/subscriptions']")
    assert client.post("/account/subscriptions", data=fields).status_code == 303
    assert subscriptions.wishes_of(house.owner) == subscriptions.DEFAULTS
