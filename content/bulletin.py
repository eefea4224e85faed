"""The lists of the workspace: what waits for me, what I am writing, what lies in a section, what is in the trash.

Each is a fixed number of queries served by indexes, however many items there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from peewee import JOIN, Case, Tuple

from content import chinese, moment, search
from content.history import AuditEntry, Autosave, Revision, WorkingCopy
from content.items import KINDS, Item, Section
from content.people import Person
from content.permissions import ANYWHERE, may, within_reach, workable, workflow_of
from content.search import SearchQuery
from content.settings import Settings
from content.workflow import Workflow
from content.workflows import WORKFLOWS

SHORT = 12  # entries of a list on the workspace
PAGE = 50
SOON = timedelta(days=14)


@dataclass(frozen=True)
class Waiting:
    """An item and the last thing said about it: by whom, when, with what comment."""

    item: Item
    by: str = ""
    at: datetime | None = None
    comment: str = ""


@dataclass(frozen=True)
class Page:
    """Part of a list; ``after`` says where the next part begins ("" where there is none)."""

    items: Sequence[Any]
    after: str = ""


def waits_for(person: Person | None, limit: int = PAGE) -> list[Waiting]:
    """Items that stand in a state which waits for a permission that the person holds; longest waiting first."""
    if person is None:
        return []
    # Every alternative has an index of its own.
    wanted = [
        column.in_(names) & Item.kind.in_(kinds) & within_reach(person, right)
        for right, kinds, names in _states_waiting(person)
        for column in (Item.state, Item.stage)
    ]
    if not wanted:
        return []
    rows = _with_section().where(reduce(or_, wanted), Item.trashed_at.is_null()).order_by(Item.changed_at)
    mine = [item for item in rows.limit(limit * 2) if _waits_for(person, item)]
    said = _last_said(mine, _verbs_into_waiting())
    listed = [_waiting(item, said) for item in mine]
    return sorted(listed, key=lambda one: one.at or one.item.changed_at)[:limit]


def _states_waiting(person: Person) -> list[tuple[str, list[str], list[str]]]:
    """Permission, kinds and states: what waits for something that the person may do somewhere."""
    found = []
    for workflow in WORKFLOWS.values():
        kinds = [kind.name for kind in KINDS.values() if kind.workflow == workflow.name]
        for right in sorted({state.waits_for for state in workflow.states if state.waits_for}):
            if kinds and may(person, right, ANYWHERE):
                found.append((right, kinds, sorted(workflow.waiting_states(right))))
    return found


def _waits_for(person: Person | None, item: Item) -> bool:
    right = workflow_of(item).state(item.stage or item.state).waits_for
    return bool(right) and may(person, right, item)


def _verbs_into_waiting() -> set[str]:
    return {
        step.verb
        for workflow in WORKFLOWS.values()
        for step in workflow.transitions
        if workflow.state(step.target).waits_for
    }


def _with_section() -> Any:
    return Item.select(Item, Section).join(Section)


def _last_said(items: Iterable[Item], verbs: Iterable[str]) -> dict[int, AuditEntry]:
    """The last audit entry of these verbs for each item, in one query."""
    ids = [item.id for item in items]
    if not ids:
        return {}
    rows: Any = (
        AuditEntry.select(AuditEntry, Person)
        .join(Person)
        .where(AuditEntry.item.in_(ids), AuditEntry.verb.in_(sorted(verbs)))
        .order_by(AuditEntry.id)
    )
    return {row.item_id: row for row in rows}


def _waiting(item: Item, said: dict[int, AuditEntry]) -> Waiting:
    entry = said.get(item.id)
    if entry is None:
        return Waiting(item)
    return Waiting(item, entry.by.name, entry.at, (entry.difference or {}).get("comment", ""))


def my_drafts(person: Person | None, limit: int = SHORT) -> list[Waiting]:
    """What the person is writing: own drafts and working copies; what was returned comes first, with the reason."""
    if person is None:
        return []
    initial = sorted({workflow.initial for workflow in WORKFLOWS.values()})
    copies = WorkingCopy.select(WorkingCopy.item).where(WorkingCopy.by == person.id)
    own = Item.state.in_(initial) & (Item.owner == person.id)
    begun = Item.stage.in_(initial) & ((Item.owner == person.id) | Item.id.in_(copies))
    rows = _with_section().where(own | begun, Item.trashed_at.is_null())
    items = list(rows.order_by(Item.changed_at.desc()).limit(limit))
    said = _last_said(items, _verbs_into_waiting() | {"item.returned", "item.recalled", "item.published"})
    returned = {id: entry for id, entry in said.items() if entry.verb == "item.returned"}
    listed = [_waiting(item, returned) for item in items]
    return sorted(listed, key=lambda one: one.at is None)


def my_unsaved(rows: Sequence[Autosave]) -> list[tuple[Autosave, Item | None]]:
    """What was typed and not saved, each with its item; ``None`` for something that was never saved."""
    uids = [row.key.removeprefix("item:") for row in rows if row.key.startswith("item:")]
    items = {item.uid: item for item in _with_section().where(Item.uid.in_(uids))} if uids else {}
    found = [(row, items.get(row.key.removeprefix("item:"))) for row in rows]
    return [(row, item) for row, item in found if item is not None or not row.key.startswith("item:")]


def changed_lately(person: Person | None, limit: int = SHORT) -> list[tuple[AuditEntry, Item]]:
    """Items that the person changed, each with the last thing done to it; the latest first."""
    if person is None:
        return []
    rows: Any = (
        AuditEntry.select(AuditEntry, Item, Section)
        .join(Item)
        .join(Section)
        .where(AuditEntry.by == person.id, Item.trashed_at.is_null(), workable(person))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit * 6)
    )
    latest: dict[int, Any] = {}
    for row in rows:
        latest.setdefault(row.item_id, row)
    return [(row, row.item) for row in list(latest.values())[:limit]]


def coming_up(person: Person | None, limit: int = SHORT) -> list[tuple[datetime, str, Item]]:
    """What the calendar will do: (when, "publish" or "expire", item), the next first; expiry within 14 days."""
    now = moment.now()
    mine = workable(person) & Item.trashed_at.is_null()
    when = Case(None, ((Item.state == "scheduled", Item.publish_at),), WorkingCopy.go_live_at)
    copies = WorkingCopy.select(WorkingCopy.item).where(WorkingCopy.go_live_at.is_null(False))
    dated: Any = (
        Item.select(Item, Section, when.converter(Item.publish_at.python_value).alias("goes_live_at"))
        .join(Section)
        .switch(Item)
        .join(WorkingCopy, JOIN.LEFT_OUTER)
        .where(mine, (Item.state == "scheduled") | Item.id.in_(copies), when.is_null(False))
    )
    ending = _with_section().where(
        mine, Item.state == "published", Item.expire_at > now, Item.expire_at <= now + SOON
    )
    found = [(item.goes_live_at, "publish", item) for item in dated.order_by(when).limit(limit)]
    found += [(item.expire_at, "expire", item) for item in ending.order_by(Item.expire_at).limit(limit)]
    return sorted(found, key=lambda one: one[0])[:limit]


def contents(person: Person | None, section: Section, after: str = "", limit: int = PAGE) -> Page:
    """What lies in a section, as arranged, but for the trash; ``after`` continues an earlier page."""
    rows = Item.select().where(Item.section == section.id, workable(person), Item.trashed_at.is_null())
    place = _numbers(after)
    if place is not None:
        rows = rows.where(Tuple(Item.position, Item.id) > place)
    found = list(rows.order_by(Item.position, Item.id).limit(limit + 1))
    for item in found:
        item.section = section  # spares a query per row
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], f"{last.position}~{last.id}" if last else "")


def positions(section: Section) -> list[int]:
    """The ids of all that lies in a section, as arranged."""
    rows: Any = Item.select(Item.id).where(Item.section == section.id).order_by(Item.position, Item.id)
    return [id for (id,) in rows.tuples()]


def trash(person: Person | None, before: str = "", limit: int = PAGE) -> Page:
    """What is in the trash, last thrown away first."""
    rows = _with_section().where(workable(person), Item.trashed_at.is_null(False))
    stamp, _, last_id = before.partition("~")
    if last_id.isascii() and last_id.isdigit() and len(last_id) < 16:
        then = _time(stamp)
        # Compared field by field, so that the time is written as the column keeps it.
        rows = rows.where(Item.trashed_at <= then, (Item.trashed_at < then) | (Item.id < int(last_id)))
    found = list(rows.order_by(Item.trashed_at.desc(), Item.id.desc()).limit(limit + 1))
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], f"{last.trashed_at.timestamp():.6f}~{last.id}" if last else "")


def trashed_sections(person: Person | None) -> list[Section]:
    """Sections in the trash that the person may take out again; there are few of them."""
    rows = Section.select().where(Section.trashed_at.is_null(False)).order_by(Section.trashed_at.desc())
    return [row for row in rows if may(person, "section:manage", row)]


def last_acts(items: Iterable[Item], verb: str) -> dict[int, AuditEntry]:
    """For each item the last time it was done (``item.trashed``), with the person who did it."""
    return _last_said(items, [verb])


def revisions(item: Item, before: int | None = None, limit: int = PAGE) -> list[Revision]:
    """The revisions of an item without their texts, newest first."""
    rows = Revision.select(
        Revision.id, Revision.number, Revision.by, Revision.at, Revision.note, Revision.live, Person
    ).join(Person)
    rows = rows.where(Revision.item == item.id)
    if before:
        rows = rows.where(Revision.number < before)
    return list(rows.order_by(Revision.number.desc()).limit(limit))


def audit_of(item: Item, limit: int = PAGE) -> list[AuditEntry]:
    """What was done to an item, newest first."""
    rows = AuditEntry.select(AuditEntry, Person).join(Person).where(AuditEntry.item == item.id)
    return list(rows.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit))


def pick_items(settings: Settings, person: Person | None, text: str, limit: int = 20) -> list[Item]:
    """Items to link to: by words in either script, drafts by their title; without words the latest ones."""
    text = text.strip()
    open_to_all = workable(person) & Item.trashed_at.is_null()
    if not text:
        rows = _with_section().where(open_to_all, Item.state == "published")
        return list(rows.order_by(Item.published_at.desc(), Item.id.desc()).limit(limit))
    hits = search.find(settings, person, SearchQuery(text=text, limit=limit)).hits
    ids = list(dict.fromkeys(hit.item_id for hit in hits))
    live = {item.id: item for item in _with_section().where(Item.id.in_(ids), Item.trashed_at.is_null())}
    found = [live[id] for id in ids if id in live]
    known = set(ids)
    drafts = _with_section().where(open_to_all, Item.state != "published", _titled(text))
    found += [item for item in drafts.order_by(Item.changed_at.desc()).limit(limit) if item.id not in known]
    return found[:limit]


def _titled(text: str) -> Any:
    """The title holds the text as typed, or in the other script."""
    forms = {text, chinese.convert(text, "hant"), chinese.convert(text, "hans")}
    condition = None
    for form in sorted(forms):
        one = Item.title.contains(form)
        condition = one if condition is None else condition | one
    return condition


def workflow_for(kind: str) -> Workflow:
    """The workflow that a kind obeys."""
    return WORKFLOWS[KINDS[kind].workflow]


def _numbers(cursor: str) -> tuple[int, int] | None:
    parts = cursor.split("~")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
        return None
    return int(parts[0]), int(parts[1])


def _time(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), tz=moment.now().tzinfo)
    except (ValueError, OverflowError, OSError):
        return moment.now()
