"""The only door to a change: checks, versions, working copies, dates, trash, moves."""

from datetime import timedelta

import pytest
from peewee import DatabaseError

from content import actions, history, moment, outbox
from content.errors import Conflict, Invalid, NotAllowed, NotFound
from content.history import AuditEntry, Revision, WorkingCopy
from content.items import Item, Redirect, Section, section_address
from content.permissions import is_public_to
from tests.conftest import notice


def live(house, title="停水通知", **values):
    item = actions.create(house.administrator, "notice", house.board, notice(title, **values))
    return actions.transition(house.administrator, item, "publish")


def fresh(item):
    return Item.get_by_id(item.id)


def test_a_draft_is_for_those_who_work_on_it(house):
    item = actions.create(house.editor, "notice", house.board, notice())
    assert item.state == "draft"
    assert item.owner == house.editor
    assert not is_public_to(None, item)
    assert [r.number for r in item.revisions] == [1]
    assert AuditEntry.get(AuditEntry.item == item).verb == "item.created"


@pytest.mark.parametrize("who", ["owner", "crew", "manager"])
def test_who_may_not_write(house, who):
    with pytest.raises(NotAllowed):
        actions.create(house.people[who], "notice", house.board, notice())


def test_nobody_may_not_write(house):
    with pytest.raises(NotAllowed):
        actions.create(None, "notice", house.board, notice())


def test_what_is_missing_is_said_for_every_field_and_nothing_is_written(house):
    with pytest.raises(Invalid) as caught:
        actions.create(house.editor, "event", house.board, {"title": "", "poster": "x"})
    assert set(caught.value.fields) == {"title", "starts_at", "place", "poster"}
    assert not Item.select().exists()
    assert not AuditEntry.select().exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "長" * 201),
        ("slug", "a/b"),
        ("script", "latin"),
        ("audience", "role:emperor"),
        ("publish_at", "2026-03-16T10:00"),
        ("publish_at", "soon"),
    ],
)
def test_bad_values_are_refused(house, field, value):
    with pytest.raises(Invalid) as caught:
        actions.create(
            house.editor,
            "notice",
            house.board,
            notice(**{field: value}) if field != "title" else notice(value),
        )
    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("12.5", 1250), ("1,234.50", 123450), ("１２．５", 1250), ("0", 0), ("", None), ("2.5元", 250)],
)
def test_money_is_whole_fen(house, typed, stored):
    values = {"title": "收費", "lines": [{"name": "代收快遞", "unit": "件", "price": typed, "basis": ""}]}
    item = actions.create(house.editor, "fee", house.board, values)
    assert history.snapshot(item)["lines"][0]["price"] == stored


@pytest.mark.parametrize("typed", ["1.234", "-1", "abc", "NaN", "Infinity", "1e30"])
def test_bad_money_names_its_row(house, typed):
    values = {"title": "收費", "lines": [{"name": "一", "price": "1"}, {"name": "二", "price": typed}]}
    with pytest.raises(Invalid) as caught:
        actions.create(house.editor, "fee", house.board, values)
    assert list(caught.value.fields) == ["lines.1.price"]


def test_two_editors_the_second_is_told_and_nothing_is_lost(house):
    item = actions.create(house.editor, "notice", house.board, notice())
    first, second = fresh(item), fresh(item)
    actions.edit(house.editor, first, {"title": "第一"}, version=first.version)
    with pytest.raises(Conflict) as caught:
        actions.edit(house.reviewer, second, {"title": "第二"}, version=second.version)
    assert caught.value.by == house.editor.name
    assert caught.value.version == fresh(item).version
    assert fresh(item).title == "第一"
    actions.edit(house.reviewer, second, {"title": "第二"}, version=caught.value.version)
    assert fresh(item).title == "第二"


def test_from_draft_to_board_to_correction_to_withdrawal(house, clock):
    """The editor's and the reviewer's day, through the domain."""
    item = actions.create(house.editor, "notice", house.board, notice("停水"))
    actions.transition(house.editor, item, "submit", comment="請看")
    assert [e.message.values["title"].text for e in outbox.inbox(house.reviewer)] == ["停水"]
    with pytest.raises(NotAllowed):
        actions.transition(house.editor, item, "publish")
    with pytest.raises(Invalid):
        actions.transition(house.reviewer, item, "return", comment="  ")
    actions.transition(house.reviewer, item, "return", comment="請寫明時間")
    assert outbox.inbox(house.editor)[0].message.values["comment"] == "請寫明時間"
    actions.edit(house.editor, item, {"title": "明日停水"}, version=item.version)
    actions.transition(house.editor, item, "submit")
    clock(timedelta(minutes=5))
    actions.transition(house.reviewer, item, "publish")
    assert is_public_to(None, fresh(item))
    assert fresh(item).published_at == moment.now()

    actions.edit(house.editor, item, {"title": "後日停水"}, version=item.version)
    assert (fresh(item).title, fresh(item).stage) == ("明日停水", "draft")
    assert actions.working_values(fresh(item))["title"] == "後日停水"
    actions.transition(house.editor, item, "submit")
    assert fresh(item).state == "published"
    actions.transition(house.reviewer, item, "publish")
    assert (fresh(item).title, fresh(item).stage) == ("後日停水", "")
    assert not WorkingCopy.select().exists()

    actions.transition(house.reviewer, item, "withdraw")
    assert not is_public_to(None, fresh(item))
    verbs = [e.verb for e in AuditEntry.select().where(AuditEntry.item == item).order_by(AuditEntry.id)]
    assert verbs == [
        "item.created", "item.submitted", "item.returned", "item.edited", "item.submitted", "item.published",
        "item.edited", "item.submitted", "item.published", "item.withdrawn",
    ]  # fmt: skip


def test_the_reviewer_may_mend_a_word_of_what_waits(house):
    item = live(house)
    actions.edit(house.editor, item, {"title": "停木"}, version=item.version)
    actions.transition(house.editor, item, "submit")
    actions.edit(house.reviewer, item, {"title": "停水"}, version=item.version)
    assert fresh(item).stage == "review"
    with pytest.raises(NotAllowed):
        actions.edit(house.editor, item, {"title": "停電"}, version=item.version)
    actions.transition(house.reviewer, item, "publish")
    assert fresh(item).title == "停水"


def test_a_tariff_needs_both_signatures(house):
    """R-070, R-071: endorsed by the manager, approved by the general manager, and by nobody else."""
    values = {"title": "收費", "lines": [{"name": "一", "price": "1"}]}
    item = actions.create(house.editor, "fee", house.board, values)
    actions.transition(house.editor, item, "submit")
    for who in ("editor", "reviewer", "general_manager"):
        with pytest.raises(NotAllowed):
            actions.transition(getattr(house, who), item, "endorse")
    actions.transition(house.manager, item, "endorse")
    for who in ("editor", "reviewer", "manager"):
        with pytest.raises(NotAllowed):
            actions.transition(getattr(house, who), item, "publish")
    actions.transition(house.general_manager, item, "publish")
    assert is_public_to(None, fresh(item))


def test_a_date_ahead_offers_the_date_and_the_scheduler_keeps_it(house, clock):
    at = moment.now() + timedelta(hours=3)
    item = actions.create(house.editor, "notice", house.board, notice(publish_at=at.isoformat()))
    actions.transition(house.editor, item, "submit")
    assert [t.name for t in actions.open_transitions(house.reviewer, item)] == ["return", "schedule"]
    actions.transition(house.reviewer, item, "schedule")
    clock(timedelta(hours=3) - timedelta(seconds=1))
    assert actions.run_dated_transitions() == 0
    clock(timedelta(seconds=1))
    assert actions.run_dated_transitions() == 1
    assert fresh(item).state == "published"
    assert fresh(item).published_at == at
    assert actions.run_dated_transitions() == 0


def test_a_rewritten_notice_goes_live_on_its_date(house, clock):
    item = live(house)
    at = moment.now() + timedelta(days=1)
    actions.edit(house.editor, item, {"title": "新版", "publish_at": at.isoformat()}, version=item.version)
    actions.transition(house.reviewer, item, "schedule")
    assert (fresh(item).title, fresh(item).stage) == ("停水通知", "scheduled")
    clock(timedelta(days=1))
    assert actions.run_dated_transitions() == 1
    assert (fresh(item).title, fresh(item).stage) == ("新版", "")


def test_what_expires_is_gone_at_that_moment_even_with_no_worker(house, clock):
    item = live(house, expire_at=(moment.now() + timedelta(hours=1)).isoformat())
    clock(timedelta(hours=1))
    assert not is_public_to(None, fresh(item))
    assert fresh(item).state == "published"
    assert actions.run_dated_transitions() == 1
    assert fresh(item).state == "expired"


def test_withdrawing_while_being_rewritten_keeps_the_newer_text(house):
    item = live(house)
    actions.edit(house.editor, item, {"title": "更新"}, version=item.version)
    actions.transition(house.reviewer, item, "withdraw")
    assert (fresh(item).title, fresh(item).state, fresh(item).stage) == ("更新", "withdrawn", "")


def test_restore_brings_the_text_back_and_keeps_circumstances(house):
    item = actions.create(house.editor, "notice", house.board, notice("一", "<p>甲</p>", pinned=True))
    actions.edit(
        house.editor, item, {"title": "二", "body": "<p>乙</p>", "pinned": False}, version=item.version
    )
    actions.restore_revision(house.editor, item, 1, version=item.version)
    now = history.snapshot(fresh(item))
    assert (now["title"], now["body"], now["pinned"]) == ("一", "<p>甲</p>", False)
    assert Revision.select().where(Revision.item == item).count() == 3
    with pytest.raises(NotFound):
        actions.restore_revision(house.editor, item, 9, version=item.version)


def test_trash_and_out_again(house):
    item = live(house)
    actions.trash(house.reviewer, item)
    assert not is_public_to(None, fresh(item))
    with pytest.raises((NotAllowed, NotFound)):
        actions.edit(house.editor, fresh(item), {"title": "x"}, version=item.version)
    assert actions.open_transitions(house.administrator, item) == []
    actions.untrash(house.reviewer, fresh(item))
    assert is_public_to(None, fresh(item))


def test_moving_follows_the_audience_and_keeps_the_address(house):
    item = live(house)
    actions.move(house.editor, item, house.staff_room)
    assert not is_public_to(None, fresh(item))
    assert is_public_to(house.crew, fresh(item))


def test_moving_a_section_moves_all_below_and_leaves_redirects(house):
    admin = house.administrator
    water = actions.create_section(admin, house.board, "水務", "water")
    deep = actions.create_section(admin, water, "停水", "outage")
    item = actions.create(admin, "notice", deep, notice())
    actions.transition(admin, item, "publish")
    old = section_address(deep)
    assert old == "/browse/board/water/outage"
    actions.move_section(admin, water, house.staff_room)
    moved = Section.get_by_id(deep.id)
    assert section_address(moved) == "/browse/staff/water/outage"
    assert moved.path == f"{house.staff_room.path}{water.id}/{deep.id}/"
    assert Redirect.get(Redirect.old_path == old).section_id == deep.id
    assert not is_public_to(None, fresh(item))
    with pytest.raises(Invalid):
        actions.move_section(admin, Section.get_by_id(water.id), moved)


def test_resharing_a_section_reaches_what_inherits_and_nothing_else(house):
    inherits, own = live(house, "一"), live(house, "二", audience="everyone")
    board = Section.get_by_id(house.board.id)
    actions.edit_section(house.administrator, board, {"audience": "staff"}, version=board.version)
    assert not is_public_to(None, fresh(inherits))
    assert is_public_to(None, fresh(own))


def test_a_section_with_something_in_it_is_not_trashed(house):
    item = actions.create(house.administrator, "notice", house.staff_room, notice())
    with pytest.raises(Invalid):
        actions.trash_section(house.administrator, house.staff_room)
    actions.trash(house.administrator, item)
    actions.trash_section(house.administrator, Section.get_by_id(house.staff_room.id))
    with pytest.raises(Invalid):
        actions.untrash(house.administrator, fresh(item))


def test_order_is_kept(house):
    made = [actions.create(house.editor, "notice", house.board, notice(str(n))) for n in range(4)]
    actions.reorder(house.editor, house.board, [made[2].id, made[0].id, 999_999])
    rows = Item.select().where(Item.section == house.board).order_by(Item.position)
    assert [row.title for row in rows] == ["2", "0", "1", "3"]


def test_copy_is_a_draft_of_its_own(house):
    values = {
        "title": "規程",
        "clauses": [{"uid": "", "number": "1", "label": "1", "depth": 1, "heading": "", "text": "目的"}],
    }
    item = actions.create(house.editor, "policy", house.library, values)
    twin = actions.copy(house.editor, item, house.library)
    a, b = (history.snapshot(one)["clauses"][0] for one in (item, twin))
    assert a["text"] == b["text"]
    assert a["uid"] != b["uid"]
    assert twin.state == "draft"


def test_the_audit_refuses_to_be_rewritten(house):
    actions.create(house.editor, "notice", house.board, notice())
    with pytest.raises(DatabaseError, match="append-only"):
        AuditEntry.update(verb="item.nothing").execute()
    with pytest.raises(DatabaseError, match="append-only"):
        AuditEntry.delete().execute()


def test_a_failure_in_the_middle_leaves_nothing(house, monkeypatch):
    """One transaction: when remembering fails, nothing was written."""
    monkeypatch.setattr(history, "record", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.create(house.editor, "notice", house.board, notice())
    assert not Item.select().exists()
    assert not Revision.select().exists()


def test_what_was_typed_is_kept_for_its_author_alone(house):
    actions.autosave(house.editor, "item:1", {"title": "半句"})
    assert actions.autosaved(house.editor, "item:1").data == {"title": "半句"}
    assert actions.autosaved(house.reviewer, "item:1") is None
    actions.drop_autosave(house.editor, "item:1")
    assert actions.autosaved(house.editor, "item:1") is None
