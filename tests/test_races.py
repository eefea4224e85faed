"""Two at once, and old knowledge: what was read before the transaction never decides within it.

An object loaded before somebody else's change stands for a request that was slower.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from content import actions, moment, outbox, people, search
from content.errors import Conflict, Invalid, NotAllowed, NotFound
from content.items import Item, ItemAudience, Section
from content.people import Department, Site
from content.permissions import ANYWHERE, is_public_to, may, visible, within_reach, workable
from tests.conftest import notice


def joined(item: Item) -> Item:
    """As a request loads it: with its section."""
    return Item.select(Item, Section).join(Section).where(Item.id == item.id).get()


def published(house: Any, section: Section, **more: Any) -> Item:
    return actions.publish_now(house.administrator, "notice", section, notice(**more))


def keys(item: Item) -> set[str]:
    return {row.audience for row in ItemAudience.select().where(ItemAudience.item == item.id)}


def test_a_section_closed_meanwhile_stays_closed(house: Any) -> None:
    item = actions.create(house.editor, "notice", house.board, notice())
    stale = joined(item)
    board = Section.get_by_id(house.board.id)
    actions.edit_section(house.administrator, board, {"audience": "staff"}, version=board.version)
    actions.edit(house.editor, stale, {"title": "改"}, version=stale.version)
    assert keys(item) == {"staff"}
    actions.transition(house.reviewer, stale, "publish")
    assert keys(item) == {"staff"}


def test_what_was_moved_meanwhile_follows_its_new_section(house: Any) -> None:
    item = published(house, house.board)
    stale = joined(item)
    actions.move(house.administrator, item, house.staff_room)
    actions.trash(house.administrator, stale)
    assert keys(item) == {"staff"}


def test_of_two_decisions_the_first_holds(house: Any) -> None:
    item = actions.create(house.editor, "notice", house.board, notice())
    actions.transition(house.editor, item, "submit")
    stale = joined(item)
    actions.transition(house.reviewer, item, "return", comment="再想想")
    with pytest.raises(NotAllowed):
        actions.transition(house.reviewer, stale, "return", comment="我也說")
    with pytest.raises(Conflict):
        actions.transition(house.administrator, joined(item), "publish", version=1)
    assert Item.get_by_id(item.id).state == "draft"


def test_a_copy_discarded_meanwhile_is_not_published(house: Any) -> None:
    item = published(house, house.board)
    actions.edit(house.editor, item, {"title": "新"}, version=item.version)
    stale = joined(item)
    actions.discard_working_copy(house.editor, item)
    with pytest.raises(NotAllowed):
        actions.transition(house.reviewer, stale, "publish")


def test_two_sections_cannot_move_into_each_other(house: Any) -> None:
    one = actions.create_section(house.administrator, house.board, "一")
    two = actions.create_section(house.administrator, house.board, "二")
    slow_one, slow_two = Section.get_by_id(one.id), Section.get_by_id(two.id)
    actions.move_section(house.administrator, one, two)
    with pytest.raises(Invalid):
        actions.move_section(house.administrator, slow_two, slow_one)


def test_nothing_goes_into_a_section_trashed_meanwhile(house: Any) -> None:
    stale = Section.get_by_id(house.staff_room.id)
    actions.trash_section(house.administrator, house.staff_room)
    item = published(house, house.board)
    with pytest.raises(NotFound):
        actions.create(house.editor, "notice", stale, notice())
    with pytest.raises(NotFound):
        actions.move(house.editor, item, stale)
    with pytest.raises(NotFound):
        actions.create_section(house.administrator, stale, "下級")


def test_showing_something_to_more_people_is_publishing(house: Any) -> None:
    item = published(house, house.staff_room)
    with pytest.raises(NotAllowed):
        actions.move(house.editor, item, house.board)
    assert not is_public_to(None, Item.get_by_id(item.id))
    actions.move(house.reviewer, item, house.board)
    assert is_public_to(None, Item.get_by_id(item.id))
    actions.move(house.editor, item, house.staff_room)  # to fewer people, anybody who arranges may


def scoped(role: str, **scope: Any) -> people.Person:
    person = people.add_person(f"{role}-scoped", role, "password-1")
    people.give_role(person, role, **scope)
    return person


def test_a_role_for_a_department_says_nothing_about_content(house: Any) -> None:
    department = Department.create(site=Site.get(), name="工程部")
    person = scoped("reviewer", department=department)
    item = actions.create(house.editor, "notice", house.board, notice())
    for right in ("item:publish", "item:edit", "item:view"):
        assert not may(person, right, item)
    assert not may(person, "work:enter")
    assert not Item.select().where(workable(person)).exists()
    assert person not in people.holders("reviewer", house.board.path)
    assert may(people.find_person("editor"), "work:enter")


def test_a_role_in_one_section_is_none_for_the_site(house: Any) -> None:
    local = scoped("administrator", section_path=house.staff_room.path)
    assert may(local, "section:manage", house.staff_room)
    assert may(local, "section:manage", ANYWHERE)
    for right in ("section:manage", "glossary:edit", "site:administer", "item:arrange"):
        assert not may(local, right), right
    with pytest.raises(NotAllowed):
        actions.create_section(local, None, "我的根")
    with pytest.raises(NotAllowed):
        actions.move_section(local, house.staff_room, None)
    with pytest.raises(NotAllowed):
        actions.reorder_sections(local, None, [house.staff_room.id])


def test_reach_and_may_agree(house: Any) -> None:
    local = scoped("reviewer", section_path=house.staff_room.path)
    here, there = (
        actions.create(house.administrator, "notice", s, notice()) for s in (house.staff_room, house.board)
    )
    found = {item.id for item in Item.select().where(within_reach(local, "item:publish"))}
    assert found == {here.id}
    assert (may(local, "item:publish", here), may(local, "item:publish", there)) == (True, False)


def test_who_is_no_editor_any_more_hears_nothing(house: Any, clock: Any) -> None:
    """Days begin at midnight of the site: 16:00 UTC in Shanghai."""
    today = moment.today()
    person = people.add_person("until-today", "直到今天", "password-1")
    people.give_role(person, "reviewer", until=today)
    clock(timedelta(hours=13, minutes=59))  # 23:59 in Shanghai
    assert person in people.holders("reviewer", house.board.path)
    clock(timedelta(minutes=1))
    assert moment.today() == date(2026, 3, 17)
    assert person not in people.holders("reviewer", house.board.path)
    assert not may(people.find_person("until-today"), "work:enter")


def test_whoever_rewrote_it_hears_that_it_was_returned(house: Any) -> None:
    item = actions.publish_now(house.administrator, "notice", house.board, notice())
    actions.edit(house.editor, item, {"title": "改寫"}, version=item.version)
    actions.transition(house.editor, item, "submit")
    actions.transition(house.reviewer, item, "return", comment="請補日期")
    for who in (house.editor, house.administrator):
        assert outbox.inbox(who)[0].message.values["comment"] == "請補日期"


def test_what_is_scheduled_keeps_a_date(house: Any) -> None:
    at = (moment.now() + timedelta(days=1)).isoformat()
    item = actions.create(house.administrator, "notice", house.board, notice(publish_at=at))
    actions.transition(house.administrator, item, "schedule")
    with pytest.raises(Invalid) as caught:
        actions.edit(house.administrator, item, {"publish_at": None}, version=item.version)
    assert list(caught.value.fields) == ["publish_at"]


def test_what_is_not_in_the_trash_is_not_taken_out(house: Any) -> None:
    item = published(house, house.board)
    with pytest.raises(Invalid):
        actions.untrash(house.reviewer, item)


@pytest.mark.parametrize(
    "key", ["department:999999999999999999999", "department:4711", "community:²", "role:king"]
)
def test_an_audience_that_does_not_exist_is_refused(house: Any, key: str) -> None:
    with pytest.raises(Invalid):
        actions.create(house.editor, "notice", house.board, notice(audience=f"staff,{key}"))
    assert people.audience_label(key).id


def test_an_empty_address_word_never_clashes(house: Any) -> None:
    first = actions.create_section(house.administrator, house.board, "一", "x")
    actions.create_section(house.administrator, house.board, "二", str(first.id + 2))
    with pytest.raises(Invalid):
        actions.create_section(house.administrator, house.board, "三")


def test_everybody_reads_only_what_search_and_lists_agree_on(house: Any, settings: Any) -> None:
    item = published(house, house.staff_room)
    while search.index_pending(settings):
        pass
    for reader in (None, house.owner, house.crew):
        listed = {row.id for row in Item.select().where(visible(reader))}
        found = {hit.item_id for hit in search.find(settings, reader, search.SearchQuery("停水")).hits}
        assert found == listed == ({item.id} if reader == house.crew else set())
