"""What is published is told to those who wish it and may read it: once each, whatever happens on the way."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, moment, outbox, people, subscriptions
from content.db import database
from content.errors import Invalid, NotFound
from content.items import Item
from content.outbox import InboxEntry
from content.people import Community, Department, Person, Site
from content.subscriptions import Wishes, announcing
from content.subscriptions.announcing import Announcement
from content.subscriptions.choosing import Subscription
from content.wishes import ReaderWishes
from tests.conftest import notice
from tests.forms import counted

Clock = Callable[[timedelta], None]
EVENT = {"title": "春遊", "place": "廣場", "starts_at": "2026-04-04T09:00:00+08:00"}


def told(name: str = "live:") -> set[str]:
    """User names of those who heard of something published."""
    rows = InboxEntry.select(InboxEntry, Person).join(Person).where(InboxEntry.dedupe.startswith(name))
    return {row.person.username for row in rows}


def announce_all() -> None:
    for _ in range(500):
        if not subscriptions.announce():
            return
    raise AssertionError("it never ends")


def published(house: SimpleNamespace, kind: str = "notice", **more: Any) -> Item:
    values = notice(**more) if kind == "notice" else {**EVENT, **more}
    return actions.publish_now(house.administrator, kind, house.board, values)


def test_a_plain_notice_is_told_to_nobody_who_did_not_ask(house: SimpleNamespace) -> None:
    published(house)
    announce_all()
    assert told() == set()


def test_urgent_news_is_told_to_everybody_but_who_published_it(house: SimpleNamespace) -> None:
    published(house, urgent=True)
    announce_all()
    assert told() == set(house.people) - {"administrator"}
    [entry] = outbox.inbox(house.owner)
    assert (entry.topic, str(entry.message.values["title"])) == ("notices", "停水通知")


def test_what_is_for_my_community_or_role_is_told_to_me(house: SimpleNamespace) -> None:
    east = Community.create(site=Site.select().first(), name="東苑")
    neighbour = people.add_person("neighbour", "王")
    people.give_role(neighbour, "owner", community=east)
    published(house, audience=f"community:{east.id}")
    announce_all()
    assert told() == {"neighbour"}
    published(house, audience="role:crew")
    announce_all()
    assert told() == {"neighbour", "crew"}
    published(house, audience="residents")
    announce_all()
    assert told() == {"neighbour", "crew"}, "an audience of nobody in particular is no news for me"


def test_what_is_for_my_department_counts_too_and_can_be_declined(house: SimpleNamespace) -> None:
    department = Department.create(site=Site.select().first(), name="工程部")
    for name in ("crew", "head"):
        Person.update(department=department).where(Person.username == name).execute()
    subscriptions.set_wishes(house.head, Wishes(mine=False))
    published(house, audience=f"department:{department.id}")
    announce_all()
    assert told() == {"crew"}


def test_kinds_and_sections_are_followed(house: SimpleNamespace) -> None:
    below = actions.create_section(house.administrator, house.board, "一期", "one")
    subscriptions.follow(house.owner, kind="event")
    subscriptions.follow(house.tenant, section=house.board)
    subscriptions.follow(house.crew, section=below)
    actions.publish_now(house.administrator, "notice", below, notice())
    announce_all()
    assert told() == {"tenant", "crew"}
    published(house, "event")
    announce_all()
    assert told() == {"tenant", "crew", "owner"}
    subscriptions.follow(house.tenant, section=house.board, on=False)
    before = InboxEntry.select().where(InboxEntry.person == house.tenant).count()
    published(house)
    announce_all()
    assert InboxEntry.select().where(InboxEntry.person == house.tenant).count() == before


def test_nobody_hears_of_what_they_may_not_read(house: SimpleNamespace) -> None:
    for person in house.people.values():
        subscriptions.follow(person, kind="notice")
    published(house, audience="staff", urgent=True)
    announce_all()
    assert told() == {name for name in house.people if people.ROLES[name].staff} - {"administrator"}


def test_accounts_that_are_shut_hear_nothing(house: SimpleNamespace) -> None:
    Person.update(active=False).where(Person.id == house.owner.id).execute()
    published(house, urgent=True)
    announce_all()
    assert "owner" not in told()
    assert "scheduler" not in told()


def test_following_twice_is_following_once_and_takes_the_right(house: SimpleNamespace) -> None:
    for _ in range(2):
        subscriptions.follow(house.owner, kind="fee")
    assert Subscription.select().count() == 1
    with pytest.raises(NotFound):
        subscriptions.follow(house.owner, kind="page")
    with pytest.raises(NotFound):
        subscriptions.follow(house.owner, section=house.staff_room)
    subscriptions.follow(house.owner, kind="fee", on=False)
    subscriptions.follow(house.owner, kind="fee", on=False)
    assert Subscription.select().count() == 0


def test_corrections_and_what_is_hung_up_again_are_no_news(house: SimpleNamespace) -> None:
    item = published(house, urgent=True)
    announce_all()
    before = InboxEntry.select().where(InboxEntry.dedupe.startswith("live:")).count()
    actions.edit(house.administrator, item, {"title": "更正"}, version=item.version)
    actions.transition(house.administrator, item, "publish")
    actions.transition(house.administrator, item, "withdraw")
    actions.transition(house.administrator, item, "revise")
    actions.transition(house.administrator, item, "publish")
    announce_all()
    assert InboxEntry.select().where(InboxEntry.dedupe.startswith("live:")).count() == before


@pytest.mark.parametrize("how", ["withdraw", "trash", "expire"])
def test_what_went_before_it_was_told_is_not_told(house: SimpleNamespace, clock: Clock, how: str) -> None:
    more = {"expire_at": moment.now() + timedelta(hours=1)} if how == "expire" else {}
    item = published(house, urgent=True, **more)
    if how == "withdraw":
        actions.transition(house.administrator, item, "withdraw")
    elif how == "trash":
        actions.trash(house.administrator, item)
    else:
        clock(timedelta(hours=1))
    announce_all()
    assert told() == set()
    assert not Announcement.select().exists()


def test_taken_down_too_early_and_hung_up_again_it_is_news(house: SimpleNamespace) -> None:
    item = published(house, urgent=True)
    actions.transition(house.administrator, item, "withdraw")
    announce_all()
    actions.transition(house.administrator, item, "revise")
    actions.transition(house.administrator, item, "publish")
    announce_all()
    assert told() == set(house.people) - {"administrator"}


def test_a_date_publishes_and_tells_but_not_who_chose_it(house: SimpleNamespace, clock: Clock) -> None:
    due = moment.now() + timedelta(hours=1)
    item = actions.create(house.editor, "notice", house.board, notice(urgent=True, publish_at=due))
    actions.transition(house.editor, item, "submit")
    actions.transition(house.reviewer, item, "schedule")
    announce_all()
    assert told() == set()
    clock(timedelta(hours=1))
    actions.run_dated_transitions()
    announce_all()
    assert told() == set(house.people) - {"reviewer", "editor"}


def test_publishing_writes_one_row_however_many_there_are(house: SimpleNamespace) -> None:
    crowd(300)
    item = actions.create(house.administrator, "notice", house.board, notice(urgent=True))
    with counted() as asked:
        actions.transition(house.administrator, item, "publish")
    assert sum("announcement" in sql for sql in asked) == 1
    assert not any("subscription" in sql or "reader_wishes" in sql for sql in asked)


def crowd(size: int) -> None:
    """So many residents more, each with a role."""
    with database.atomic():
        Person.insert_many(
            {"username": f"p{n}", "name": f"住戶{n}", "created_at": moment.now(), "email": f"p{n}@b.test"}
            for n in range(size)
        ).execute()
        rows = Person.select(Person.id).where(Person.username.startswith("p")).tuples()
        people.Membership.insert_many({"person": id, "role": "tenant"} for (id,) in rows).execute()


def test_a_batch_takes_few_questions_however_many_hear_it(house: SimpleNamespace) -> None:
    crowd(450)
    published(house, urgent=True)
    batches = []
    while True:
        with counted() as asked:
            done = subscriptions.announce()
        if not done:
            break
        batches.append(len(asked))
    assert len(batches) == 3
    assert max(batches) <= 14, batches
    assert len(told()) == 450 + len(house.people) - 1


class Killed(BaseException):
    """As if the process had died."""


def test_killed_anywhere_nobody_hears_twice_and_nobody_is_left_out(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(25)
    monkeypatch.setattr(announcing, "BATCH", 10)
    published(house, urgent=True)
    plain = database.obj.execute_sql
    for fatal in range(1, 40):  # the statement at which it dies; later each time, through all batches
        left = [fatal]

        def dying(sql: str, *args: Any, left: list[int] = left, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return plain(sql, *args, **kwargs)

        monkeypatch.setattr(database.obj, "execute_sql", dying)
        with contextlib.suppress(Killed):
            subscriptions.announce(10)
        monkeypatch.setattr(database.obj, "execute_sql", plain)
        if database.in_transaction():
            database.rollback()
        heard = Counter(row.person_id for row in InboxEntry.select())
        assert set(heard.values()) <= {1}
        reached = Announcement.get().reached
        wanted = {p.id for p in Person.select().where(Person.id <= reached, Person.system == False)}  # noqa: E712
        assert set(heard) == wanted - {house.administrator.id}, "a batch is told whole or not at all"
    announce_all()
    assert len(told()) == 25 + len(house.people) - 1


def test_who_was_told_before_a_take_down_in_the_middle_hears_it_once(house: SimpleNamespace) -> None:
    crowd(20)
    item = published(house, urgent=True)
    subscriptions.announce(10)
    actions.transition(house.administrator, item, "withdraw")
    announce_all()
    half = len(told())
    assert 0 < half < 20
    actions.transition(house.administrator, item, "revise")
    actions.transition(house.administrator, item, "publish")
    announce_all()
    counts = Counter(
        row.person_id for row in InboxEntry.select().where(InboxEntry.dedupe.startswith("live:"))
    )
    assert set(counts.values()) == {1}
    assert len(counts) == 20 + len(house.people) - 1


def test_a_new_account_has_the_defaults_and_a_choice_survives(house: SimpleNamespace) -> None:
    assert subscriptions.wishes_of(house.owner) == subscriptions.DEFAULTS
    wanted = Wishes("daily", 7, 2, False, False, frozenset({"fee"}), frozenset({house.board.id}))
    before = subscriptions.set_wishes(house.owner, wanted)
    assert subscriptions.wishes_of(house.owner) == wanted
    packed = subscriptions.as_plain(before)
    subscriptions.set_wishes(house.owner, subscriptions.from_plain(packed))
    assert subscriptions.wishes_of(house.owner) == subscriptions.DEFAULTS


@pytest.mark.parametrize(
    "wrong", [{"mode": "hourly"}, {"hour": 24}, {"hour": -1}, {"weekday": 7}, {"kinds": frozenset({"page"})}]
)
def test_nonsense_is_refused(house: SimpleNamespace, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        subscriptions.set_wishes(house.owner, Wishes(**wrong))
    assert set(refused.value.fields) == set(wrong)
    assert not ReaderWishes.select().exists()


def test_a_section_one_may_not_see_cannot_be_followed_by_the_page(house: SimpleNamespace) -> None:
    subscriptions.set_wishes(house.owner, Wishes(sections=frozenset({house.staff_room.id, house.board.id})))
    assert subscriptions.wishes_of(house.owner).sections == {house.board.id}
