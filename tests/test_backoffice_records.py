"""What the registers do with content, homes, matters, the liaison scheme and the machine: each act and its refusal."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, glossary, jobs, liaison, moment, posting, reception, throttle
from content.accounts import attempts
from content.backoffice import acting, changing, listing
from content.backoffice.acting import Outcome
from content.backoffice.values import value_of
from content.chinese import Term
from content.errors import Conflict, Invalid, NotAllowed
from content.estate import acts as estate_acts
from content.history import AuditEntry, Revision
from content.items import Item, Redirect, Section
from content.jobs import JobRun
from content.outbox import Outgoing
from content.settings import Settings
from content.throttle import FailedTry
from content.worker import Job, Worker
from tests.registers import filled, later, named


@pytest.fixture
def full(house: SimpleNamespace, settings: Settings) -> SimpleNamespace:
    return filled(house, settings)


def done(full: SimpleNamespace, register: str, act: str, key: Any, **typed: str) -> Outcome:
    """Do it with one record, as the keeper."""
    found = named(register)
    values = {name: [value] for name, value in typed.items()}
    return acting.run(full.keeper, found, acting.act_of(found, act), [key], values)


def refusal(full: SimpleNamespace, register: str, act: str, key: Any, **typed: str) -> str:
    """Why it is not done: the English source of the sentence."""
    outcome = done(full, register, act, key, **typed)
    assert outcome.done == []
    return outcome.refused[0][1].id


def version(full: SimpleNamespace, register: str, key: Any) -> str:
    found = named(register)
    assert found.version is not None
    return found.version(listing.one(full.keeper, found, key))


def typed_of(full: SimpleNamespace, register: str, key: Any, **changes: str) -> dict[str, list[str]]:
    """The form of a record, as a browser sends it, with some changes."""
    found = named(register)
    values = changing.form_values(found, listing.one(full.keeper, found, key))
    return {**changing.filled(found.inputs, values), **{name: [value] for name, value in changes.items()}}


# ---- content


def test_steps_of_the_workflow_for_many_with_refusals_for_each(full: SimpleNamespace) -> None:
    register = named("items")
    keys = [full.item.id, full.published.id]
    publish = acting.act_of(register, "publish")
    preview = acting.preview(full.keeper, register, publish, keys)
    assert [row.id for row in preview.will] == [full.item.id]
    assert [row.id for row, _ in preview.wont] == [full.published.id]
    outcome = acting.run(full.keeper, register, publish, keys)
    assert [row.id for row in outcome.done] == [full.item.id]
    assert Item.get_by_id(full.item.id).state == "published"
    assert (
        AuditEntry.select()
        .where(AuditEntry.item == full.item.id, AuditEntry.verb == "item.published")
        .exists()
    )
    assert done(full, "items", "withdraw", full.item.id).done
    assert refusal(full, "items", "withdraw", full.item.id).startswith("This step is not open")


def test_what_is_returned_needs_a_reason(full: SimpleNamespace) -> None:
    assert done(full, "items", "submit", full.item.id).done
    with pytest.raises(Invalid) as refused:
        done(full, "items", "return", full.item.id)
    assert list(refused.value.fields) == ["comment"]
    assert done(full, "items", "return", full.item.id, comment="請補日期").done
    assert Item.get_by_id(full.item.id).state == "draft"


def test_moved_handed_over_thrown_away_and_taken_out(full: SimpleNamespace) -> None:
    key = full.item.id
    assert done(full, "items", "move", key, section=str(full.section.id)).done
    assert done(full, "items", "change_owner", key, owner=str(full.house.editor.id)).done
    stored = Item.get_by_id(key)
    assert (stored.section_id, stored.owner_id) == (full.section.id, full.house.editor.id)
    assert refusal(full, "items", "change_owner", key, owner=str(full.house.tenant.id)).startswith(
        "Only somebody"
    )
    assert done(full, "items", "trash", key).done
    assert refusal(full, "items", "trash", key).startswith("It is in the trash")
    assert refusal(full, "items", "publish", key).startswith("It is in the trash")
    assert done(full, "items", "untrash", key).done
    assert refusal(full, "items", "untrash", key) == "This is not in the trash."


def test_nobody_but_an_administrator_hands_content_over(full: SimpleNamespace) -> None:
    with pytest.raises(NotAllowed):
        actions.change_owner(full.house.editor, full.item, full.house.editor.id)


def test_a_title_in_the_list_makes_a_revision_and_meets_the_site(full: SimpleNamespace) -> None:
    register, key = named("items"), full.item.id
    before = version(full, "items", key)
    changing.update_cell(full.keeper, register, key, "title", ["停電通知"], before)
    assert Item.get_by_id(key).title == "停電通知"
    assert Revision.select().where(Revision.item == key).count() == 2
    with pytest.raises(Conflict):
        changing.update_cell(full.keeper, register, key, "title", ["停氣通知"], before)
    row = listing.one(full.keeper, register, key)
    with pytest.raises(Conflict):  # nor does the domain take it, whatever the engine checked before
        register.update(full.keeper, row, {"title": "停氣通知"}, before)
    now = version(full, "items", key)
    actions.edit(full.admin, Item.get_by_id(key), {"summary": "改過"}, version=int(now))
    with pytest.raises(Conflict):  # somebody saved it in the site's editor meanwhile
        changing.update_cell(full.keeper, register, key, "title", ["停氣通知"], now)


def test_a_new_title_of_something_published_waits(full: SimpleNamespace) -> None:
    register, key = named("items"), full.published.id
    changing.update_cell(full.keeper, register, key, "title", ["改期"], version(full, "items", key))
    assert Item.get_by_id(key).title == "電梯保養"
    row = listing.one(full.keeper, register, key)
    assert (register.load(row)["title"], row.stage) == ("改期", "draft")
    assert listing.page(full.keeper, register, filters={"stage": True}).count == 1


def test_sections_are_made_renamed_and_moved(full: SimpleNamespace) -> None:
    register = named("sections")
    key = changing.create(full.keeper, register, {"title": ["保潔"], "parent": [str(full.section.id)]})
    row = listing.one(full.keeper, register, key)
    shown = {column.name: value_of(column, row) for column in register.columns}
    assert shown["tree"].endswith("物業 › 保潔")
    assert shown["slug"].endswith(f"/wuye/{key}")
    before = version(full, "sections", key)
    changing.update(full.keeper, register, key, typed_of(full, "sections", key, title="清潔"), before)
    with pytest.raises(Conflict):
        changing.update(full.keeper, register, key, typed_of(full, "sections", key, title="衛生"), before)
    assert refusal(full, "sections", "trash", full.section.id).startswith("The section is not empty")
    assert done(full, "sections", "move", key).done
    assert Section.get_by_id(key).parent_id is None
    assert done(full, "sections", "trash", key).done
    assert done(full, "sections", "untrash", key).done
    assert refusal(full, "sections", "move", full.section.id, parent=str(full.section.id)).startswith(
        "A section cannot"
    )


@pytest.mark.parametrize(
    "path", ["", "/notices/1", "/browse", "/browse/a b", "/browse/board/wuye", "/browse/board/estate"]
)
def test_an_earlier_address_that_cannot_be(full: SimpleNamespace, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.make_redirect(full.admin, path, full.section.id)
    assert list(refused.value.fields) == ["old_path"]


def test_earlier_addresses(full: SimpleNamespace) -> None:
    key, register = full.redirect.id, named("redirects")
    before = version(full, "redirects", key)
    changed = typed_of(full, "redirects", key, old_path="/browse/board/old")
    changing.update(full.keeper, register, key, changed, before)
    with pytest.raises(Conflict):
        changing.update(full.keeper, register, key, changed, before)
    assert done(full, "redirects", "remove", key).done
    assert Redirect.select().count() == 0
    with pytest.raises(NotAllowed):
        actions.make_redirect(full.house.reviewer, "/browse/x", full.section.id)


def test_the_glossary(full: SimpleNamespace) -> None:
    before = version(full, "glossary", full.term.id)
    changing.update_cell(full.keeper, named("glossary"), full.term.id, "hans", ["滑鼠标"], before)
    assert Term.get_by_id(full.term.id).hans == "滑鼠标"
    with pytest.raises(Conflict):
        glossary.edit_term(full.admin, full.term.id, "滑鼠", "鼠标", version=before)
    with pytest.raises(Invalid) as refused:
        glossary.add_term(full.admin, "滑鼠", "別的")
    assert list(refused.value.fields) == ["hant"]
    assert done(full, "glossary", "remove", full.term.id).done


def test_a_file_that_is_shown_stays(full: SimpleNamespace) -> None:
    body = f'<p><img src="file:{full.file.uid}" alt="說明"></p>'
    actions.edit(full.admin, full.item, {"body": body}, version=Item.get_by_id(full.item.id).version)
    row = listing.one(full.keeper, named("files"), full.file.id)
    assert (row.used, row.used_in) == (1, "停水通知")
    assert refusal(full, "files", "trash", full.file.id).endswith("still shown somewhere and stays.")
    fresh = Item.get_by_id(full.item.id)
    actions.edit(full.admin, fresh, {"body": "<p>沒有了</p>"}, version=fresh.version)
    assert done(full, "files", "trash", full.file.id).done


# ---- homes


def test_homes_and_buildings(full: SimpleNamespace) -> None:
    buildings, homes = named("buildings"), named("homes")
    typed = {"community": [str(full.estate.east.id)], "name": ["9棟"], "aliases": ["會所樓\n南樓"]}
    key = changing.create(full.keeper, buildings, typed)
    assert listing.page(full.keeper, buildings, words="會所樓").count == 1
    before = version(full, "buildings", key)
    changing.update(full.keeper, buildings, key, typed_of(full, "buildings", key, aliases="北樓"), before)
    with pytest.raises(Conflict):
        changing.update(full.keeper, buildings, key, typed_of(full, "buildings", key, aliases="東樓"), before)
    home = changing.create(
        full.keeper, homes, {"building": [str(key)], "room": ["101"], "floor_area": ["89.5"]}
    )
    with pytest.raises(Invalid) as refused:
        changing.create(full.keeper, homes, {"building": [str(key)], "room": ["１０１"]})
    assert list(refused.value.fields) == ["room"]
    assert [row.id for row in listing.page(full.keeper, homes, words="9-101").rows] == [home]


def test_a_resident_corrected_on_the_site_meanwhile(full: SimpleNamespace) -> None:
    register, key = named("residents"), full.estate.owner.id
    before = version(full, "residents", key)
    estate_acts.edit_resident(
        full.admin, full.estate.owner, {"name": "李望舒", "tenure": "owner", "telephone": "13900139000"}
    )
    with pytest.raises(Conflict):
        changing.update(full.keeper, register, key, typed_of(full, "residents", key, name="李望"), before)
    changing.update(
        full.keeper,
        register,
        key,
        typed_of(full, "residents", key, name="李望"),
        version(full, "residents", key),
    )
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (last.verb, last.difference) == ("resident.edited", {"fields": ["name"]})


def test_who_moves_out_is_ended_and_the_code_with_it(full: SimpleNamespace) -> None:
    assert done(full, "residents", "move_out", full.estate.owner.id, until=later(-1)).done
    assert refusal(full, "residents", "move_out", full.estate.owner.id, until=later(0)).startswith(
        "They left"
    )
    assert refusal(full, "codes", "withdraw", full.code.id) == "This code opens nothing any more."


def test_a_code_is_withdrawn_once(full: SimpleNamespace) -> None:
    assert done(full, "codes", "withdraw", full.code.id).done
    assert refusal(full, "codes", "withdraw", full.code.id) == "This code opens nothing any more."


# ---- matters and the liaison scheme


def test_steps_of_matters_with_their_refusals(full: SimpleNamespace) -> None:
    key = full.case.id
    assert refusal(full, "matters", "close", key).startswith("This step is not open")
    assert (
        refusal(full, "matters", "assign", key)
        == "Please choose a department or somebody who will see to it."
    )
    assert done(full, "matters", "assign", key, owner=str(full.house.crew.id)).done
    assert done(full, "matters", "take", key).done
    case = reception.find(full.keeper, full.case.number)
    assert (case.state, case.owner_id) == ("in_hand", full.keeper.id)
    reception.step(full.keeper, case, "answer", comment="修好了。", version=case.version)
    assert done(full, "matters", "close", key, comment="已回訪").done


def test_a_complaint_is_given_to_nobody_whom_it_is_about(full: SimpleNamespace) -> None:
    reception.add_about(full.house.receptionist, full.complaint, full.house.crew)
    text = refusal(full, "matters", "assign", full.complaint.id, owner=str(full.house.crew.id))
    assert text == "It is not there any more."  # the keeper does not even learn of it


def test_a_pairing_ends_by_the_office_alone(full: SimpleNamespace) -> None:
    assert refusal(full, "pairings", "end", full.pairing.id, until="2025-08-01").startswith(
        "The pairing began"
    )
    assert done(full, "pairings", "end", full.pairing.id, until=later(0)).done
    assert liaison.Pairing.get_by_id(full.pairing.id).until == moment.today()


def test_a_promise_is_kept_once(full: SimpleNamespace) -> None:
    [row] = listing.page(full.keeper, named("promises")).rows
    assert done(full, "promises", "done", row.id).done
    assert refusal(full, "promises", "done", row.id) == "This is done already."


# ---- the machine


def test_post_is_tried_again_or_dropped(full: SimpleNamespace) -> None:
    failed, waiting = full.letters
    assert refusal(full, "post", "drop", failed.id) == "This does not wait any more."
    assert refusal(full, "post", "try_again", waiting.id) == "Only what failed is tried again."
    assert done(full, "post", "try_again", failed.id).done
    stored = Outgoing.get_by_id(failed.id)
    assert (stored.failed_at, stored.tries, stored.error) == (None, 0, "")
    assert done(full, "post", "drop", waiting.id).done
    row = listing.page(full.keeper, named("post"), filters={"state": "dropped"}).rows[0]
    assert row.id == waiting.id
    Outgoing.update(claimed_until=moment.now() + timedelta(minutes=1)).where(
        Outgoing.id == failed.id
    ).execute()
    assert refusal(full, "post", "drop", failed.id) == "This is being sent just now."
    for act in (posting.try_again, posting.drop):
        with pytest.raises(NotAllowed):
            act(full.house.manager, failed.id)


def test_a_session_is_ended_once(full: SimpleNamespace) -> None:
    assert done(full, "sessions", "end", full.session.id).done
    assert refusal(full, "sessions", "end", full.session.id) == "This session is over."


def test_the_door_opens_again_for_who_failed_too_often(full: SimpleNamespace, clock: Any) -> None:
    for _ in range(throttle.PAIR):
        throttle.note_failure("editor", "203.0.113.5")
    with pytest.raises(throttle.TooManyTries):
        throttle.check("editor", "203.0.113.5")
    row = FailedTry.get(FailedTry.name == "editor")
    with pytest.raises(NotAllowed):
        attempts.forgive(full.house.manager, row.id)
    assert done(full, "tries", "forgive", row.id).done
    throttle.check("editor", "203.0.113.5")
    assert "editor" not in AuditEntry.select().order_by(AuditEntry.id.desc()).first().subject


def test_how_jobs_went(house: SimpleNamespace, settings: Settings, clock: Any) -> None:
    """Work is written down at once, idleness once a minute, a failure with its kind and when it is tried again."""
    answers: list[Any] = [3, 0, 0, ValueError("a secret in the text")]

    def run() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return int(answer)

    worker = Worker(settings, lambda message, locale: message.id)
    job = Job("outbox", run)
    worker.jobs = (job,)
    worker.run_once()
    first = JobRun.get(JobRun.name == "outbox")
    assert (first.done, first.worked_at) == (3, moment.now())
    clock(timedelta(seconds=59))
    worker.run_once()
    assert JobRun.get(JobRun.name == "outbox").last_at == first.last_at
    clock(timedelta(seconds=2))
    worker.run_once()
    assert JobRun.get(JobRun.name == "outbox").last_at == moment.now()
    worker.run_once()
    failed = JobRun.get(JobRun.name == "outbox")
    assert (failed.failures, failed.error) == (1, "ValueError")
    assert failed.next_at == moment.now() + timedelta(seconds=2)
    assert failed.done == 3
    jobs.note_done("outbox", 0)
    assert JobRun.get(JobRun.name == "outbox").failures == 0
