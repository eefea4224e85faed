"""One record and lists agree, forbidden looks like absent, and nobody at all is nobody."""

from datetime import timedelta

import pytest

from content import actions, moment, people
from content.db import transaction
from content.errors import NotAllowed, NotFound
from content.items import Item
from content.people import Membership
from content.permissions import RULES, is_public_to, may, require, visible, workable
from content.workflows import DATED
from tests.conftest import notice


@pytest.fixture
def shelf(house):
    """Items of every state and audience."""
    admin = house.administrator

    def made(title, section=None, **values):
        return actions.create(admin, "notice", section or house.board, notice(title, **values))

    soon = moment.now() + timedelta(hours=1)
    found = {
        "draft": made("草稿"),
        "public": made("公開"),
        "staff": made("內部", house.staff_room),
        "residents": made("住戶", audience="residents"),
        "owners": made("業主", audience="role:owner"),
        "brief": made("短期", expire_at=soon.isoformat()),
        "later": made("以後", publish_at=soon.isoformat()),
        "trashed": made("丟棄"),
        "withdrawn": made("撤下"),
        "rewritten": made("改寫"),
        "review": made("送審"),
    }
    for name in ("public", "staff", "residents", "owners", "brief", "trashed", "withdrawn", "rewritten"):
        actions.transition(admin, found[name], "publish")
    actions.transition(admin, found["later"], "schedule")
    actions.transition(admin, found["withdrawn"], "withdraw")
    actions.transition(admin, found["review"], "submit")
    actions.trash(admin, found["trashed"])
    actions.edit(admin, found["rewritten"], {"title": "改寫中"}, version=found["rewritten"].version)
    mine = actions.create(house.editor, "notice", house.board, notice("我的"))
    return {**found, "mine": mine}


def test_one_record_and_lists_agree_for_everybody(house, shelf, clock):
    """``may(item:view)`` ⟺ in the public list or in the workspace's list."""
    local = people.add_person("local-editor", "local", "password-1")
    people.give_role(local, "editor", section_path=house.staff_room.path)
    everybody = [None, *house.people.values(), local, people.scheduler()]
    for wait in (timedelta(0), timedelta(hours=2)):
        clock(wait)
        for person in everybody:
            public = {row.id for row in Item.select(Item.id).where(visible(person))}
            works = {row.id for row in Item.select(Item.id).where(workable(person))}
            for item in Item.select():
                assert is_public_to(person, item) == (item.id in public), (person, item.title)
                assert may(person, "item:view", item) == (item.id in public | works), (person, item.title)


def test_a_visitor_sees_what_is_for_everyone_now(shelf, clock):
    def titles():
        return {item.title for item in Item.select().where(visible(None))}

    assert titles() == {"公開", "短期", "改寫"}
    clock(timedelta(minutes=59))
    assert "短期" in titles()
    clock(timedelta(minutes=1))
    assert "短期" not in titles()


@pytest.mark.parametrize(
    ("role", "seen"),
    [("owner", {"住戶", "業主"}), ("tenant", {"住戶"}), ("crew", {"內部"}), ("leader", {"內部"})],
)
def test_audiences(house, shelf, role, seen):
    titles = {item.title for item in Item.select().where(visible(house.people[role]))}
    assert titles - {"公開", "短期", "改寫"} == seen


@pytest.mark.parametrize("permission", sorted(RULES))
def test_a_visitor_holds_no_permission(shelf, house, permission):
    assert not may(None, permission)
    assert not may(None, permission, shelf["public"])


@pytest.mark.parametrize("permission", sorted(set(RULES) - {DATED}))
def test_a_disabled_account_holds_no_permission(shelf, house, permission):
    house.administrator.active = False
    assert not may(house.administrator, permission, shelf["public"])


def test_forbidden_looks_absent_only_where_it_is_private(house, shelf):
    with pytest.raises(NotFound):
        require(house.owner, "item:edit", shelf["draft"])
    with pytest.raises(NotAllowed):
        require(house.owner, "item:edit", shelf["public"])


def test_a_local_role_ends_at_its_section(house, shelf):
    local = people.add_person("local-editor", "local", "password-1")
    people.give_role(local, "editor", section_path=house.staff_room.path)
    assert may(local, "item:edit", shelf["staff"])
    assert not may(local, "item:edit", shelf["draft"])
    assert not may(local, "item:create", house.board)


def test_a_role_holds_from_its_first_to_its_last_day(house, clock):
    person = people.add_person("guest-editor", "guest", "password-1")
    today = moment.now().date()
    people.give_role(person, "editor", since=today, until=today)
    assert may(people.find_person("guest-editor"), "work:enter")
    clock(timedelta(days=1))
    assert not may(people.find_person("guest-editor"), "work:enter")


def test_what_waits_for_review_is_locked_for_its_author(house, shelf):
    """The reviewer decides about the text that was submitted, not about another one."""
    mine = shelf["mine"]
    assert may(house.editor, "item:edit", mine)
    actions.transition(house.editor, mine, "submit")
    assert not may(house.editor, "item:edit", mine)
    assert may(house.editor, "item:recall", mine)


def test_an_unknown_permission_is_our_mistake(house):
    with pytest.raises(KeyError):
        may(house.editor, "item:fly")


def test_a_right_taken_away_meanwhile_decides_nothing_in_the_transaction(house):
    """The person was loaded at the beginning of the request; the role ends before the act begins."""
    person = house.editor
    assert may(person, "item:create", house.board)
    Membership.delete().where(Membership.person == person.id).execute()
    assert may(person, "item:create", house.board), "known since the beginning of the request"
    with transaction():
        assert not may(person, "item:create", house.board)
    with pytest.raises(NotAllowed):
        actions.create(person, "notice", house.board, notice())
