"""Lists and pages of items: addresses, filters, paging, what is hidden, and each kind's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from jinja2 import FunctionLoader

from content import actions, moment
from content.items import KINDS, address
from tests.conftest import notice
from tests.forms import counted, found_in, text_of
from tests.samples import SAMPLES

ENGLISH = {"Accept-Language": "en"}


def publish(house: Any, title: str, section: Any = None, **more: Any) -> Any:
    return actions.publish_now(house.administrator, "notice", section or house.board, notice(title, **more))


def titles(answer: Any) -> list[str]:
    return [element.text_content().strip() for element in found_in(answer, "//main//li//h3")]


def test_the_newest_stand_first_page_by_page(client: Any, house: Any, clock: Any) -> None:
    for number in range(45):
        publish(house, f"第 {number} 則")
        if number % 3:
            clock(timedelta(seconds=1))  # some were published at the same moment
    seen: list[str] = []
    path = "/notices/"
    for _ in range(5):
        answer = client.get(path)
        seen += titles(answer)
        older = found_in(answer, "//nav[contains(@class,'pager')]//a[@rel='next']/@href")
        if not older:
            break
        path = str(older[0])
    assert seen == [f"第 {number} 則" for number in reversed(range(45))]


def test_what_is_pinned_stays_on_top_and_is_not_shown_twice(client: Any, house: Any, clock: Any) -> None:
    publish(house, "釘住的", pinned=True)
    clock(timedelta(seconds=1))
    publish(house, "新的")
    assert titles(client.get("/notices/")) == ["釘住的", "新的"]


def test_a_section_narrows_the_list_with_all_below_it(client: Any, house: Any) -> None:
    water = actions.create_section(house.administrator, house.board, "停水", "water")
    deep = actions.create_section(house.administrator, water, "東區", "east")
    publish(house, "全部的")
    publish(house, "停水的", water)
    publish(house, "東區的", deep)
    assert sorted(titles(client.get(f"/notices/?section={water.id}"))) == ["停水的", "東區的"]
    assert len(titles(client.get("/notices/?section=nonsense"))) == 3


@pytest.mark.parametrize("cursor", ["x", "1~", "~1", "1e400~1", "nan~1", "-1~1", "9" * 30 + "~1", "1~2~3"])
def test_a_malformed_cursor_is_harmless(client: Any, house: Any, cursor: str) -> None:
    publish(house, "在")
    for path in ("/notices/", "/services/", "/events/?past=1"):
        joiner = "&" if "?" in path else "?"
        assert client.get(f"{path}{joiner}before={cursor}").status_code == 200


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_page_of_each_kind(client: Any, house: Any, kind: str) -> None:
    section = house.library if kind == "policy" else house.board
    values = {**SAMPLES[kind], "audience": "", "slug": ""}
    item = actions.create(house.administrator, kind, section, values)
    for step in ("submit", "endorse", "publish"):
        if step in {one.name for one in actions.open_transitions(house.administrator, item)}:
            item = actions.transition(house.administrator, item, step)
    with counted() as asked:
        answer = client.get(address(item))
    assert answer.status_code == 200
    assert len(asked) <= 12
    page = text_of(answer)
    assert values["title"] in page
    for spec in KINDS[kind].fields:
        if isinstance(values.get(spec.name), str) and spec.type == "line" and values[spec.name]:
            assert values[spec.name] in page, spec.name


def test_a_kind_without_a_template_of_its_own_is_shown_field_by_field(
    client: Any, house: Any, app: Any
) -> None:
    item = actions.publish_now(house.administrator, "service", house.board, SAMPLES["service"])
    given = app.jinja_env.loader

    def load(name: str) -> Any:
        return None if name == "items/service.html" else given.get_source(app.jinja_env, name)

    app.jinja_env.loader = FunctionLoader(load)
    page = text_of(client.get(address(item), headers=ENGLISH))
    for words in ("家電維修", "維修班", "0755-1234 5678", "電話預約", "先報價，同意後才動工。"):
        assert words in page


def test_the_number_counts_and_other_words_lead_to_the_true_address(client: Any, house: Any) -> None:
    item = publish(house, "停水", slug="water")
    assert client.get(f"/notices/{item.id}-water").status_code == 200
    for wrong in (f"/notices/{item.id}", f"/notices/{item.id}-wine", f"/fees/{item.id}-water"):
        answer = client.get(wrong)
        assert (answer.status_code, answer.location) == (302, f"/notices/{item.id}-water")
    for nothing in ("/notices/0", "/notices/x", f"/notices/{'9' * 40}", f"/notices/{item.id}x", "/nokind/1"):
        assert client.get(nothing).status_code == 404


def test_who_may_not_see_it(client: Any, house: Any, login: Any, app: Any) -> None:
    draft = actions.create(house.editor, "notice", house.board, notice("草稿"))
    inner = publish(house, "內部", house.staff_room)
    assert client.get(address(draft)).status_code == 404
    answer = client.get(address(inner))
    assert (answer.status_code, answer.location) == (302, f"/login?next=/notices/{inner.id}")
    owner, editor = app.test_client(), app.test_client()
    login(owner, "owner")
    login(editor, "editor")
    assert owner.get(address(draft)).status_code == 404
    assert owner.get(address(inner)).status_code == 404
    assert editor.get(address(inner)).status_code == 200
    assert editor.get(address(draft)).status_code == 200


def test_what_was_taken_down_expired_or_trashed_is_gone(client: Any, house: Any, clock: Any) -> None:
    taken = publish(house, "撤下的")
    actions.transition(house.administrator, taken, "withdraw")
    trashed = publish(house, "丟掉的")
    actions.trash(house.administrator, trashed)
    ends = (moment.now() + timedelta(hours=1)).isoformat()
    expiring = publish(house, "過期的", expire_at=ends)
    clock(timedelta(hours=2))
    for item in (taken, trashed, expiring):
        assert client.get(address(item)).status_code == 404
    assert titles(client.get("/notices/")) == []


def test_staff_see_for_whom_a_notice_is(client: Any, house: Any, login: Any) -> None:
    publish(house, "內部", house.staff_room)
    login(client, "editor")
    client.post("/reading", data={"language": "en"})
    assert "Staff" in [
        one.text_content()[1:]
        for one in found_in(client.get("/notices/"), "//li//*[@class='chip chip-amber']")
    ]


def test_editors_get_the_bar_and_readers_do_not(client: Any, house: Any, login: Any, app: Any) -> None:
    item = publish(house, "停水")
    assert "/work/items/" not in client.get(address(item)).get_data(as_text=True)
    login(client, "editor")
    page = client.get(address(item)).get_data(as_text=True)
    assert f"/work/items/{item.id}/edit" in page
    assert f"/work/items/{item.id}/history" in page


def test_an_empty_list_offers_the_first_step_to_those_who_may(client: Any, login: Any, house: Any) -> None:
    for kind in KINDS.values():
        if kind.board:
            assert "/work/new/" not in client.get(f"/{kind.address}/").get_data(as_text=True)
    login(client, "editor")
    for kind in KINDS.values():
        if kind.board:
            assert f"/work/new/{kind.name}" in client.get(f"/{kind.address}/").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/", "/notices/", "/events/", "/services/", "/fees/", "/library/"])
def test_lists_ask_few_questions_however_long_they_are(
    client: Any, house: Any, login: Any, path: str
) -> None:
    for number in range(25):
        for kind in ("notice", "event", "service", "policy"):
            section = house.library if kind == "policy" else house.board
            values = {**SAMPLES[kind], "title": f"{kind} {number}", "audience": "", "slug": ""}
            actions.publish_now(house.administrator, kind, section, {**values, "pinned": number < 2})
    with counted() as asked:
        assert client.get(path).status_code == 200
    assert len(asked) <= 12
    login(client, "editor")
    with counted() as asked:
        assert client.get(path).status_code == 200
    assert len(asked) <= 12


def test_events_that_are_over_stand_under_past_events(client: Any, house: Any, clock: Any) -> None:
    values = {**SAMPLES["event"], "slug": ""}
    actions.publish_now(house.administrator, "event", house.board, values)
    assert "春季植樹" in client.get("/events/").get_data(as_text=True)
    assert "春季植樹" not in client.get("/events/?past=1").get_data(as_text=True)
    clock(timedelta(days=60))
    assert "春季植樹" not in client.get("/events/").get_data(as_text=True)
    assert "春季植樹" in client.get("/events/?past=1").get_data(as_text=True)


def test_links_and_pictures_in_a_text(client: Any, house: Any) -> None:
    target = publish(house, "去處")
    inner = publish(house, "內部", house.staff_room)
    body = (
        f'<p><a href="item:{target.uid}">看這裡</a> <a href="item:{inner.uid}">看那裡</a></p>'
        f'<p><img src="file:{"0" * 32}" alt="沒有的圖"></p>'
    )
    item = publish(house, "有連結", body=body)
    page = client.get(address(item)).get_data(as_text=True)
    assert f'href="/notices/{target.id}"' in page
    assert f"/notices/{inner.id}" not in page
    assert "看那裡" in page
    assert "沒有的圖" in page
    assert "item:" not in page


def test_text_is_escaped(client: Any, house: Any) -> None:
    item = publish(house, "<script>alert(1)</script>", summary='"><img src=x onerror=alert(1)>')
    for path in ("/", "/notices/", address(item)):
        page = client.get(path).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
