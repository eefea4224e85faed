"""Steps of the workflow: by a person, or by the scheduler on a date."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from content import history, moment, outbox, subscriptions
from content.actions.items import claim
from content.actions.storing import after_change, note_files, write_values
from content.db import transaction
from content.errors import N_, DomainError, Invalid, Message, NotAllowed, Written, msg
from content.history import WorkingCopy
from content.items import KINDS, Item, address
from content.people import Person, holders, scheduler
from content.permissions import may, require, workflow_of
from content.workflow import Transition

log = logging.getLogger(__name__)

# What is said to those who hear of a step; a verb that is not here is told to nobody.
NEWS: dict[str, str] = {
    "item.submitted": N_("%(who)s asks you to look at “%(title)s”."),
    "item.endorsed": N_("%(who)s has endorsed “%(title)s”; it waits for your approval."),
    "item.returned": N_("%(who)s has returned “%(title)s”: %(comment)s"),
    "item.published": N_("“%(title)s” is published."),
    "item.scheduled": N_("“%(title)s” is approved and will be published on its date."),
    "item.unscheduled": N_("%(who)s has cancelled the publishing date of “%(title)s”."),
    "item.withdrawn": N_("%(who)s has taken down “%(title)s”."),
}


def open_transitions(person: Person | None, item: Item) -> list[Transition]:
    """The steps that this person may take with this item now, in the order of the definition."""
    if person is None or item.trashed_at is not None:
        return []
    return [step for step, _ in _possible(item) if not step.automatic and may(person, step.permission, item)]


def _possible(item: Item) -> Iterator[tuple[Transition, bool]]:
    """Steps from where the item stands, each with whether it moves the working copy."""
    workflow = workflow_of(item)
    ahead = _publish_at(item)
    ahead_of_now = ahead is not None and ahead > moment.now()
    for step in workflow.transitions:
        if (step.when == "ahead" and not ahead_of_now) or (step.when == "due" and ahead_of_now):
            continue
        if item.stage:
            if item.stage in step.sources:
                yield step, True
            elif item.state in step.sources:
                yield step, False
        elif item.state in step.sources:
            yield step, False


def _publish_at(item: Item) -> datetime | None:
    copy = WorkingCopy.get_or_none(WorkingCopy.item == item.id) if item.stage else None
    if copy is None:
        return item.publish_at
    value = copy.data.get("publish_at")
    return datetime.fromisoformat(value) if value else None


def transition(
    person: Person | None, item: Item, name: str, *, comment: str = "", version: int | None = None
) -> Item:
    """Take a step of the workflow.

    Raises ``NotAllowed`` when the step is not open from here, ``NotFound`` where the item is not for this
    person, ``Invalid`` when a comment is missing, ``Conflict`` when ``version`` is not the stored one.
    """
    if person is None:
        raise NotAllowed()
    require(person, "item:view", item)
    comment = comment.strip()[:2000]
    with transaction():
        claim(item, version)
        # Chosen within the transaction: somebody else may have decided a moment ago.
        require(person, "item:view", item)
        step, on_copy = _chosen(item, name)
        require(person, step.permission, item)
        if step.comment == "required" and not comment:
            raise Invalid({"comment": [msg(N_("Please say why, so that the author knows what to change."))]})
        authors = _authors(item)
        before = item.stage if on_copy else item.state
        if on_copy:
            _step_copy(person, item, step)
        else:
            _step_live(person, item, step)
        difference = {
            "state": [before, step.target],
            **({"comment": comment} if comment else {}),
        }
        history.record(person, step.verb, item=item, difference=difference)
        after_change(item)
        _announce(person, item, step, comment, authors)
    return item


def _chosen(item: Item, name: str) -> tuple[Transition, bool]:
    for step, on_copy in _possible(item):
        if step.name == name:
            return step, on_copy
    raise NotAllowed(msg(N_("This step is not open any more: somebody else may have taken it.")))


def _step_live(person: Person, item: Item, step: Transition) -> None:
    workflow = workflow_of(item)
    for name in step.clears:
        setattr(item, name, None)
    item.state = step.target
    item.changed_at = moment.now()
    if workflow.state(step.target).public:
        item.published_at = item.publish_at if step.automatic else moment.now()
        subscriptions.note_published(person, item)
        history.remember(item, person, history.snapshot(item), note=step.name, live=True)
    elif item.stage:  # taken down while being rewritten: the newer text becomes the text
        _apply_copy(item)
    item.save()


def _step_copy(person: Person, item: Item, step: Transition) -> None:
    workflow = workflow_of(item)
    if workflow.state(step.target).public:
        _apply_copy(item)
        history.remember(item, person, history.snapshot(item), note=step.name, live=True)
        return
    copy = WorkingCopy.get_by_id(item.id)
    if step.clears:
        copy.data = {**copy.data, **dict.fromkeys(step.clears)}
    copy.go_live_at = _publish_at(item) if step.target == "scheduled" else None
    copy.save()
    item.stage = step.target
    item.changed_at = moment.now()
    item.save(only=[Item.stage, Item.changed_at])


def _apply_copy(item: Item) -> None:
    """The working copy becomes the live text."""
    values: dict[str, Any] = dict(WorkingCopy.get_by_id(item.id).data)
    item.stage = ""
    write_values(item, values)
    WorkingCopy.delete().where(WorkingCopy.item == item.id).execute()
    note_files(item, values, live=True)
    note_files(item, {}, live=False)


def _authors(item: Item) -> list[Person]:
    """Who wrote what is being decided about: the owner, and whoever wrote the working copy."""
    copy = WorkingCopy.get_or_none(WorkingCopy.item == item.id) if item.stage else None
    return [item.owner, copy.by] if copy else [item.owner]


def _announce(person: Person, item: Item, step: Transition, comment: str, authors: list[Person]) -> None:
    sentence = NEWS.get(step.verb)
    if sentence is None:
        return
    title = Written(item.title, item.script)
    message = Message(sentence, {"who": person.name, "title": title, "comment": comment})
    hearers: dict[int, Person] = {}
    for group in step.tells:
        people = authors if group == "author" else holders(group, item.section.path)
        hearers.update({one.id: one for one in people})
    hearers.pop(person.id, None)
    for one in hearers.values():
        if one.is_active:
            key = f"{step.verb}:{item.uid}:{item.version}:{one.id}"
            outbox.tell(one, message, address(item), dedupe=key, topic="work")


def run_dated_transitions() -> int:
    """Take every step whose date has come, as the scheduler; returns how many. One failure stops no other."""
    now = moment.now()
    count = 0
    for column in ("publish_at", "expire_at"):
        names = {
            state
            for kind in KINDS.values()
            for step in workflow_of(Item(kind=kind.name)).transitions
            if step.automatic == column
            for state in step.sources
        }
        field = getattr(Item, column)
        due = Item.select().where(Item.state.in_(sorted(names)) & (field <= now) & Item.trashed_at.is_null())
        count += sum(_take_due(item, column) for item in due.order_by(field))
    copies = (
        Item.select().join(WorkingCopy).where((WorkingCopy.go_live_at <= now) & Item.trashed_at.is_null())
    )
    return count + sum(_take_due(item, "publish_at") for item in copies)


def _take_due(item: Item, column: str) -> bool:
    person = scheduler()
    for step, _ in _possible(item):
        if step.automatic == column:
            try:
                transition(person, item, step.name, version=item.version)
            except DomainError:
                log.warning("dated step %s of item %s failed", step.name, item.id, exc_info=True)
                return False
            return True
    return False
