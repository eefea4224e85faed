"""Everything out of the portal as plain records, one a line: sections, files, and items with all their fields."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from content import files, history, moment
from content.files import StoredFile
from content.history import WorkingCopy
from content.items import KINDS, Item, Section, address, section_address
from content.people import Person
from content.permissions import may
from content.settings import Settings
from content.transfer.sources import sources_of

FORMAT = "lianxi-export"
VERSION = 1
Record = dict[str, Any]


def export_items(settings: Settings, person: Person | None, *, with_files: bool = False) -> Iterator[Record]:
    """Records of all that the person may see: for an administrator everything, with drafts and the trash.

    First one that names the format, then sections, parents first, then files (their bytes in base64 only
    ``with_files``), then items. ``import_records`` reads them back.
    """
    yield {"record": "portal", "format": FORMAT, "version": VERSION, "exported_at": moment.now().isoformat()}
    for section in Section.select().order_by(Section.path):
        if may(person, "site:administer") or may(person, "section:view", section):
            yield section_record(section)
    for file in StoredFile.select().where(files.unguarded()).order_by(StoredFile.id):
        if may(person, "site:administer") or files.may_see(person, file):
            yield _file_record(settings, file, with_files)
    last = 0
    while rows := list(Item.select().where(Item.id > last).order_by(Item.id).limit(200)):
        last = rows[-1].id
        for item in rows:
            # In the trash an item is nobody's to see; a whole export has it all the same.
            if may(person, "site:administer") or may(person, "item:view", item):
                yield item_record(person, item)


def section_record(section: Section) -> Record:
    """A section as plain data."""
    return {
        "record": "section",
        "uid": section.uid,
        "parent": section.parent.uid if section.parent else None,
        "title": section.title,
        "slug": section.slug,
        "script": section.script,
        "position": section.position,
        "audience": section.audience,
        "library": section.library,
        "trashed_at": _time(section.trashed_at),
        "url": section_address(section),
    }


def item_record(person: Person | None, item: Item) -> Record:
    """An item as plain data: its live values, where it stands, and its working copy for who works on it."""
    kind = KINDS[item.kind]
    copy = WorkingCopy.get_or_none(WorkingCopy.item == item.id)
    working = None
    works_on_it = may(person, "item:draft-view", item)
    if copy and works_on_it:
        working = {
            "data": copy.data,
            "by": copy.by.username,
            "at": _time(copy.at),
            "go_live_at": _time(copy.go_live_at),
        }
    return {
        "record": "item",
        "kind": kind.name,
        "uid": item.uid,
        "url": address(item),
        **with_parents(history.snapshot(item)),
        "section": item.section.uid,
        "section_url": section_address(item.section),
        "position": item.position,
        "language": item.language,
        "state": item.state,
        "stage": item.stage,
        "owner": item.owner.username,
        "published_at": _time(item.published_at),
        "created_at": _time(item.created_at),
        "changed_at": _time(item.changed_at),
        "trashed_at": _time(item.trashed_at),
        "version": item.version,
        "working_copy": working,
        # So that the same paper, imported again where this is read back, is the same document.
        "sources": sources_of(item) if works_on_it else [],
    }


def with_parents(values: Record) -> Record:
    """The values with each clause naming the clause above it, so that the tree is in the data."""
    if not values.get("clauses"):
        return values
    path: list[tuple[int, str]] = []
    clauses = []
    for clause in values["clauses"]:
        path = [step for step in path if step[0] < clause["depth"]]
        clauses.append({**clause, "parent": path[-1][1] if path else None})
        path.append((clause["depth"], clause["uid"]))
    return {**values, "clauses": clauses}


def _file_record(settings: Settings, file: StoredFile, with_bytes: bool) -> Record:
    record: Record = {
        "record": "file",
        "uid": file.uid,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "width": file.width,
        "height": file.height,
        "alt": file.alt,
        "owner": file.owner.username,
        "created_at": _time(file.created_at),
        "trashed_at": _time(file.trashed_at),
    }
    if with_bytes:
        path = files.content_path(settings, file.sha256)
        record["content"] = base64.b64encode(path.read_bytes()).decode() if path.is_file() else None
    return record


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
