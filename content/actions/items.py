"""Making and changing items: check, write, remember and announce, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peewee import fn

from content import history, moment, outbox
from content.actions.cleaning import clean
from content.actions.storing import after_change, note_files, share, write_values
from content.db import transaction
from content.errors import N_, Conflict, Invalid, NotAllowed, NotFound, Written, msg
from content.history import WorkingCopy
from content.items import KINDS, Item, Section, bump_content_version, kind_named, new_uid
from content.people import Person
from content.permissions import covers, effective_audience, may, require, workflow_of


def create(
    person: Person | None, kind: str, section: Section, values: Mapping[str, Any], *, uid: str | None = None
) -> Item:
    """Make a draft in a section. Raises ``NotAllowed``, ``NotFound`` (kind, section) or ``Invalid``."""
    declared = kind_named(kind)
    require(person, "item:create", section)
    assert person is not None
    cleaned = clean(declared, values)
    with transaction():
        section = open_section(section)
        require(person, "item:create", section)
        last = Item.select(fn.MAX(Item.position)).where(Item.section == section.id).scalar() or 0
        now = moment.now()
        item = Item(
            uid=uid or new_uid(), kind=kind, section=section, position=last + 1, owner=person,
            state=_initial_state(kind), created_at=now, changed_at=now, title=cleaned["title"],
        )  # fmt: skip
        write_values(item, cleaned)
        history.remember(item, person, history.snapshot(item))
        history.record(person, "item.created", item=item)
        note_files(item, cleaned, live=True)
        share(item)  # readers see no draft: nothing for search and the page cache
    return item


def open_section(section: Section) -> Section:
    """The section as it stands now, within the transaction. Raises ``NotFound`` if it is gone or in the trash."""
    found: Section | None = Section.get_or_none(Section.id == section.id)
    if found is None or found.trashed_at is not None:
        raise NotFound()
    return found


def _initial_state(kind: str) -> str:
    return workflow_of(Item(kind=kind)).initial


def working_values(item: Item) -> dict[str, Any]:
    """What an editor goes on writing: the working copy of something published, else the item itself."""
    copy = WorkingCopy.get_or_none(WorkingCopy.item == item.id)
    return dict(copy.data) if copy else history.snapshot(item)


def edit(
    person: Person | None, item: Item, values: Mapping[str, Any], *, version: int, note: str = ""
) -> Item:
    """Save values over what is there; fields not given stay as they are.

    Something published is not touched: a working copy is written and goes live when it is published.
    Raises ``NotAllowed``, ``NotFound``, ``Invalid``, or ``Conflict`` when ``version`` is not the stored one.
    """
    require(person, "item:edit", item)
    assert person is not None
    kind = KINDS[item.kind]
    merged = {**working_values(item), **values}
    cleaned = clean(kind, merged)
    with transaction():
        claim(item, version)
        require(person, "item:edit", item)
        if item.state == "scheduled" and not cleaned["publish_at"]:
            raise Invalid(
                {"publish_at": [msg(N_("This is scheduled. Cancel its date first, or give another one."))]}
            )
        if workflow_of(item).state(item.state).public:
            _write_copy(person, item, cleaned)
        else:
            before = history.snapshot(item)
            write_values(item, cleaned)
            history.record(
                person, "item.edited", item=item, difference=history.summary(kind, before, cleaned)
            )
            note_files(item, cleaned, live=True)
        history.remember(item, person, cleaned, note=note)
        after_change(item)
    return item


def _write_copy(person: Person, item: Item, cleaned: dict[str, Any]) -> None:
    before = working_values(item)
    now = moment.now()
    WorkingCopy.replace(item=item.id, data=cleaned, by=person.id, at=now, go_live_at=None).execute()
    workflow = workflow_of(item)
    # Whoever decides about it may mend a word without sending it back to the start.
    stage = item.stage if item.stage and workflow.state(item.stage).waits_for else workflow.initial
    Item.update(stage=stage, changed_at=now).where(Item.id == item.id).execute()
    item.stage, item.changed_at = stage, now
    history.record(
        person, "item.edited", item=item, difference=history.summary(KINDS[item.kind], before, cleaned)
    )
    note_files(item, cleaned, live=False)


def claim(item: Item, version: int | None) -> None:
    """Take the next version number, or say who was faster. ``None`` claims whatever is stored."""
    condition = Item.id == item.id
    if version is not None:
        condition &= Item.version == version
    if not Item.update(version=Item.version + 1).where(condition).execute():
        stored = Item.get_or_none(Item.id == item.id)
        if stored is None:
            raise NotFound()
        last = (
            history.Revision.select(history.Revision, Person)
            .join(Person)
            .where(history.Revision.item == item.id)
            .order_by(history.Revision.number.desc())
            .first()
        )
        raise Conflict(stored.version, last.by.name if last else "")
    fresh = Item.get_by_id(item.id)
    # What the caller holds becomes what is stored, and what it hangs in is read anew: neither a later save nor
    # a check of rights within this transaction goes by what somebody changed meanwhile.
    item.__data__.update(fresh.__data__)
    item.__rel__.clear()


def discard_working_copy(person: Person | None, item: Item, *, version: int | None = None) -> Item:
    """Throw the unpublished changes away; the revisions stay, so that they can be restored."""
    require(person, "item:edit", item)
    assert person is not None
    with transaction():
        claim(item, version)
        require(person, "item:edit", item)
        if not WorkingCopy.delete().where(WorkingCopy.item == item.id).execute():
            raise NotFound()
        Item.update(stage="").where(Item.id == item.id).execute()
        item.stage = ""
        note_files(item, {}, live=False)
        history.record(person, "item.changes-discarded", item=item)
    return item


def restore_revision(person: Person | None, item: Item, number: int, *, version: int) -> Item:
    """Bring an earlier revision back as the newest text (published: as its working copy)."""
    revision = history.Revision.get_or_none(
        (history.Revision.item == item.id) & (history.Revision.number == number)
    )
    if revision is None:
        raise NotFound()
    # Dates and audience of long ago would surprise; text comes back, circumstances stay.
    stay = {"publish_at", "expire_at", "audience", "pinned", "urgent"}
    values = {name: value for name, value in revision.data.items() if name not in stay}
    return edit(person, item, values, version=version, note=f"restored from {number}")


def copy(person: Person | None, item: Item, section: Section) -> Item:
    """Make a draft with the same text in a section."""
    require(person, "item:view", item)
    values = working_values(item)
    for name in ("publish_at", "expire_at", "slug"):
        values.pop(name, None)
    values["pinned"] = False
    if values.get("clauses"):
        values["clauses"] = [{**row, "uid": ""} for row in values["clauses"]]
    return create(person, item.kind, section, values)


def trash(person: Person | None, item: Item, *, version: int | None = None) -> Item:
    """Move an item to the trash: gone for everybody, by its address too, until it is taken out again."""
    require(person, "item:trash", item)
    assert person is not None
    with transaction():
        claim(item, version)
        require(person, "item:trash", item)
        if item.trashed_at is not None:
            raise Invalid({}, msg(N_("This is in the trash already.")))
        item.trashed_at = moment.now()
        item.save(only=[Item.trashed_at])
        history.record(person, "item.trashed", item=item)
        after_change(item)
    return item


def untrash(person: Person | None, item: Item) -> Item:
    """Take an item out of the trash, in the state in which it went there."""
    require(person, "item:trash", item)
    assert person is not None
    with transaction():
        claim(item, None)
        require(person, "item:trash", item)
        if item.trashed_at is None:
            raise Invalid({}, msg(N_("This is not in the trash.")))
        if item.section.trashed_at is not None:
            raise Invalid({}, msg(N_("Its section is in the trash. Please take that out first.")))
        item.trashed_at = None
        item.save(only=[Item.trashed_at])
        history.record(person, "item.untrashed", item=item)
        after_change(item)
    return item


def move(person: Person | None, item: Item, section: Section) -> Item:
    """Move an item to another section. Its address stays; who may read it follows the section.

    Who shows something published to more people than before publishes, and needs that right.
    """
    require(person, "item:arrange", item.section)
    require(person, "item:create", section)
    assert person is not None
    with transaction():
        claim(item, None)
        section = open_section(section)
        require(person, "item:arrange", item.section)
        require(person, "item:create", section)
        _may_widen(person, item, section)
        old = item.section.title
        last = Item.select(fn.MAX(Item.position)).where(Item.section == section.id).scalar() or 0
        item.section, item.position, item.changed_at = section, last + 1, moment.now()
        item.save(only=[Item.section, Item.position, Item.changed_at])
        history.record(person, "item.moved", item=item, difference={"section": [old, section.title]})
        after_change(item)
    return item


def change_owner(person: Person | None, item: Item, owner_id: int, *, version: int | None = None) -> Item:
    """Give an item to somebody else of the staff, who then works on it as the author and is told.

    Raises ``NotAllowed`` for anybody but an administrator of it all, ``Conflict``, and ``Invalid`` (owner).
    """
    require(person, "site:administer")
    assert person is not None
    with transaction():
        claim(item, version)
        require(person, "site:administer")
        owner = Person.get_or_none((Person.id == owner_id) & (Person.system == False))  # noqa: E712
        if owner is None or not owner.is_active or not owner.is_staff:
            raise Invalid({"owner": [msg(N_("Only somebody of the staff can own this."))]})
        if owner.id == item.owner_id:
            raise Invalid({"owner": [msg(N_("It is theirs already."))]})
        before, item.owner = item.owner_id, owner
        Item.update(owner=owner).where(Item.id == item.id).execute()
        history.record(person, "item.handed-over", item=item, difference={"owner": [before, owner.id]})
        if owner.id != person.id:
            told = msg(N_("%(who)s has handed “%(title)s” over to you."), who=person.name,
                       title=Written(item.title, item.script))  # fmt: skip
            outbox.tell(owner, told, f"/work/items/{item.id}", topic="work")
    return item


def _may_widen(person: Person, item: Item, section: Section) -> None:
    workflow = workflow_of(item)
    if item.audience or not workflow.state(item.state).public:
        return
    if covers(effective_audience(item), effective_audience(section)):
        return
    publish = workflow.transition("publish")
    if publish is not None and not may(person, publish.permission, section):
        raise NotAllowed(
            msg(N_("More people could read it there, so somebody who may publish has to move it."))
        )


def reorder(person: Person | None, section: Section, order: list[int]) -> None:
    """Arrange the items of a section. Items not named keep their place behind those named."""
    require(person, "item:arrange", section)
    assert person is not None
    with transaction():
        require(person, "item:arrange", section)
        held = [
            row.id
            for row in Item.select(Item.id).where(Item.section == section.id).order_by(Item.position, Item.id)
        ]
        known = set(held)
        wanted = [id for id in dict.fromkeys(order) if id in known]
        for position, id in enumerate([*wanted, *(id for id in held if id not in set(wanted))], start=1):
            Item.update(position=position).where(Item.id == id).execute()
        history.record(person, "section.arranged", section=section)
        bump_content_version()
