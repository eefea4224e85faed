"""What goes live is told to those who follow it: a row when it is published, the telling by the worker in batches.

The first publication tells; corrections do not, nor does hanging up again what was taken down after it was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peewee import ForeignKeyField, IntegerField

from content import moment, outbox
from content.db import Base, UtcDateTimeField, transaction
from content.errors import N_, Message, Written, msg
from content.history import AuditEntry
from content.items import KINDS, Item, ItemAudience, Section, address
from content.people import Grant, Membership, Person, audiences
from content.permissions import is_live
from content.subscriptions.choosing import (
    FOLLOWABLE,
    PERSONAL_AUDIENCES,
    Subscription,
    Wishes,
    with_defaults,
)
from content.wishes import ReaderWishes

BATCH = 200  # accounts looked at in one transaction


class Announcement(Base):
    """Something that went live; ``reached`` is the last account that was looked at, ``told_at`` when all had been."""

    by_id: int
    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = UtcDateTimeField()
    reached = IntegerField(default=0)
    told_at = UtcDateTimeField(null=True)


Announcement.add_index(
    Announcement.index(Announcement.at, name="announcement_open").where(Announcement.told_at.is_null())
)


def note_published(person: Person, item: Item) -> None:
    """Write down, in the transaction of the publication, that it is to be told; only the first one is."""
    if item.kind not in FOLLOWABLE:
        return
    by = person.id
    if person.system:  # who chose the date is who published it
        chosen = AuditEntry.select(AuditEntry.by).where(
            AuditEntry.item == item.id, AuditEntry.verb == "item.scheduled"
        )
        by = chosen.order_by(AuditEntry.id.desc()).limit(1).scalar() or by
    Announcement.insert(item=item.id, by=by, at=moment.now()).on_conflict_ignore().execute()


def announce(limit: int = BATCH) -> int:
    """Tell the next batch of accounts of the oldest thing to tell; returns how many accounts were looked at, or 1.

    One transaction: killed at any point it either told this batch or nobody of it. What is not public any more is
    dropped, so that it is told when it comes back.
    """
    if not Announcement.select().where(Announcement.told_at.is_null()).exists():
        return 0
    with transaction():
        row = (
            Announcement.select(Announcement, Item, Section)
            .join(Item)
            .join(Section)
            .where(Announcement.told_at.is_null())
            .order_by(Announcement.at, Announcement.item)
            .first()
        )
        if row is None:
            return 0
        mine = Announcement.item == row.item.id
        if not is_live(row.item):
            Announcement.delete().where(mine).execute()
            return 1
        people = _next_people(row.reached, limit)
        hearers = [one for one in _hearers(row.item, people) if one.id not in (row.by_id, row.item.owner_id)]
        outbox.tell_many(
            hearers, sentence(row.item), address(row.item),
            dedupe=f"live:{row.item.uid}", topic="notices", urgent=row.item.urgent,
        )  # fmt: skip
        done: dict[str, Any] = {"told_at": moment.now()} if len(people) < limit else {}
        reached = people[-1].id if people else row.reached
        Announcement.update(reached=reached, **done).where(mine).execute()
    return len(people) or 1


def sentence(item: Item) -> Message:
    """What is said of something new on the board."""
    title = Written(item.title, item.script)
    if item.urgent:
        return msg(N_("Urgent: “%(title)s”"), title=title)
    return msg(N_("%(kind)s: “%(title)s”"), kind=msg(KINDS[item.kind].label), title=title)


def _next_people(after: int, limit: int) -> list[Person]:
    rows = Person.select().where(Person.id > after, Person.active == True, Person.system == False)  # noqa: E712
    return list(rows.order_by(Person.id).limit(limit))


def _hearers(item: Item, people: Sequence[Person]) -> list[Person]:
    """Those of these people who wish to hear of it and may read it; four queries for all of them."""
    ids = [person.id for person in people]
    rows = {row.person_id: row for row in ReaderWishes.select().where(ReaderWishes.person.in_(ids))}
    kinds: dict[int, set[str]] = {}
    sections: dict[int, set[int]] = {}
    for one in Subscription.select().where(Subscription.person.in_(ids)):
        if one.kind:
            kinds.setdefault(one.person_id, set()).add(one.kind)
        elif one.section_id is not None:
            sections.setdefault(one.person_id, set()).add(one.section_id)
    audience: Any = ItemAudience.select(ItemAudience.audience).where(ItemAudience.item == item.id).tuples()
    keys = {key for (key,) in audience}
    _know_grants(people, ids)
    found = []
    for person in people:
        wanted = with_defaults(rows.get(person.id), kinds.get(person.id, ()), sections.get(person.id, ()))
        theirs = audiences(person) & keys
        if theirs and _wishes_for(wanted, item, theirs):
            found.append(person)
    return found


def _know_grants(people: Sequence[Person], ids: Sequence[int]) -> None:
    """Read the roles of all of them at once."""
    held: dict[int, list[Grant]] = {}
    for one in Membership.select().where(Membership.person.in_(ids), Membership.in_force()):
        grant = Grant(one.role, one.section_path, one.community_id, one.department_id)
        held.setdefault(one.person_id, []).append(grant)
    for person in people:
        person.__dict__["grants"] = tuple(held.get(person.id, ()))


def _wishes_for(wanted: Wishes, item: Item, theirs: frozenset[str] | set[str]) -> bool:
    """Whether these wishes cover the item; ``theirs`` are the audiences through which the person may read it."""
    places = {int(part) for part in str(item.section.path).strip("/").split("/")}
    return (
        (wanted.urgent and bool(item.urgent))
        or item.kind in wanted.kinds
        or bool(places & wanted.sections)
        or (wanted.mine and any(key.startswith(PERSONAL_AUDIENCES) for key in theirs))
    )
