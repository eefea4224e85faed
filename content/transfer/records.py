"""Reading an export back: sections, files and items as they were, by their uids."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from content import history, moment
from content.actions import clean, create_section
from content.actions.storing import after_change, note_files, write_values
from content.db import transaction
from content.errors import N_, DomainError, Invalid, Message, NotFound, msg
from content.files import StoredFile
from content.history import WorkingCopy
from content.items import KINDS, Item, Section, address, bump_content_version
from content.people import Person
from content.permissions import require, workflow_of
from content.settings import Settings
from content.transfer.decoding import Unreadable
from content.transfer.exporting import FORMAT, VERSION, Record, item_record
from content.transfer.results import ImportResult, reason
from content.transfer.stored import place_of, put

# What two records of the same item may differ in without the item being another.
_VOLATILE = {"url", "section_url", "version", "changed_at", "position", "owner", "record"}
_ITEM_TIMES = ("published_at", "created_at", "changed_at", "trashed_at")


def is_export(path: Path) -> bool:
    """Whether a file begins like an export of ours, whatever its name."""
    try:
        with path.open("rb") as source:
            first = source.readline(4096)
        head = json.loads(first)
    except (OSError, ValueError):
        return False
    return isinstance(head, dict) and head.get("format") == FORMAT


def import_records(
    settings: Settings, person: Person | None, path: Path, *, draft: bool = False, dry_run: bool = False
) -> Iterator[ImportResult]:
    """Bring the records of an export in; yields a result per item, and one for each record that is refused.

    Items keep uid, state and dates; ``draft`` makes drafts of all. Only administrators may do this: it writes
    what others own. Raises ``NotAllowed``.
    """
    require(person, "site:administer")
    assert person is not None
    reader = _Reader(settings, person, draft, dry_run)
    with path.open(encoding="utf-8", errors="replace") as source:
        for number, line in enumerate(source, start=1):
            if not line.strip():
                continue
            try:
                result = reader.take(line)
            except DomainError as error:
                message = msg(N_("Line %(line)s: %(reason)s"), line=number, reason=reason(error))
                result = ImportResult(str(path), number, status="refused", error=message)
            if result:
                yield replace(result, source=str(path), part=number)


class _Reader:
    """Takes one record after the other; remembers nothing but what is to be done."""

    def __init__(self, settings: Settings, person: Person, draft: bool, dry_run: bool) -> None:
        self.settings, self.person, self.draft, self.dry_run = settings, person, draft, dry_run

    def take(self, line: str) -> ImportResult | None:
        try:
            record = json.loads(line)
            kind = record["record"]
        except (ValueError, TypeError, KeyError):
            raise Unreadable(msg(N_("This is no record of an export."))) from None
        takers = {"portal": self._take_head, "section": self._take_section, "file": self._take_file,
                  "item": self._take_item}  # fmt: skip
        if kind not in takers:
            raise Unreadable(msg(N_("This is no record of an export.")))
        try:
            return takers[kind](record)
        except (KeyError, TypeError, ValueError, AttributeError, StopIteration):
            raise Unreadable(msg(N_("This record is damaged."))) from None

    def _take_head(self, record: Record) -> None:
        if record["version"] != VERSION:
            raise Unreadable(
                msg(
                    N_("This export is of version %(version)s, which is unknown here."),
                    version=record["version"],
                )
            )

    def _take_section(self, record: Record) -> None:
        if self.dry_run or Section.get_or_none(Section.uid == record["uid"]):
            return
        parent = _section(record["parent"]) if record["parent"] else None
        where = Section.parent == parent.id if parent else Section.parent.is_null()
        with transaction():
            found = Section.get_or_none(where & (Section.slug == record["slug"]))
            if found is None:
                found = create_section(
                    self.person, parent, record["title"], record["slug"], audience=record["audience"],
                    library=record["library"], uid=record["uid"],
                )  # fmt: skip
            # A fresh portal has its first sections already: they become those of the export.
            Section.update(
                uid=record["uid"], title=record["title"], script=record["script"], position=record["position"],
                audience=record["audience"], trashed_at=_time(record["trashed_at"]),
            ).where(Section.id == found.id).execute()  # fmt: skip
            history.record(self.person, "section.imported", section=found, subject=record["title"])
            bump_content_version()

    def _take_file(self, record: Record) -> ImportResult | None:
        if self.dry_run or StoredFile.get_or_none(StoredFile.uid == record["uid"]):
            return None
        if record.get("content"):
            self._keep(record["sha256"], record["content"])
        elif not place_of(self.settings, record["sha256"]).is_file():
            lost = msg(N_("The content of the file “%(name)s” is not in this export."), name=record["name"])
            return ImportResult("", title=record["name"], status="refused", error=lost)
        columns = ("uid", "name", "media_type", "size", "sha256", "width", "height", "alt")
        with transaction():
            StoredFile.create(
                **{name: record[name] for name in columns}, owner=self._owner(record["owner"]),
                created_at=_time(record["created_at"]) or moment.now(), trashed_at=_time(record["trashed_at"]),
            )  # fmt: skip
            history.record(self.person, "file.imported", subject=record["name"])
        return None

    def _keep(self, digest: str, content: str) -> None:
        try:
            data = base64.b64decode(content, validate=True)
        except binascii.Error:
            data = b""
        if hashlib.sha256(data).hexdigest() != digest:
            raise Unreadable(msg(N_("This record is damaged.")))
        with tempfile.NamedTemporaryFile() as temporary:
            temporary.write(data)
            temporary.flush()
            put(self.settings, digest, Path(temporary.name))

    def _take_item(self, record: Record) -> ImportResult:
        if record["kind"] not in KINDS:
            raise NotFound(msg(N_("There is no kind “%(kind)s” here."), kind=record["kind"]))
        found = Item.get_or_none(Item.uid == record["uid"])
        uid, clauses = str(record["uid"]), len(record.get("clauses") or ())
        result = ImportResult("", title=str(record["title"]), uid=uid, clauses=clauses)
        if found is not None and _same(item_record(self.person, found), record):
            return replace(result, status="unchanged", url=address(found))
        if self.dry_run:
            return replace(result, status="would-update" if found else "would-create")
        if found is not None and found.kind != record["kind"]:
            raise Invalid({}, msg(N_("There is another document with this uid.")))
        with transaction():
            item = self._write(found, record)
        status = "updated" if found else "created"
        return replace(result, status=status, url=address(item), warnings=self._strangers(record))

    def _strangers(self, record: Record) -> tuple[Message, ...]:
        if Person.get_or_none(Person.username == record["owner"]):
            return ()
        return (msg(N_("There is no account “%(username)s”."), username=record["owner"]),)

    def _owner(self, username: str) -> Person:
        found: Person | None = Person.get_or_none(Person.username == username)
        return found or self.person

    def _write(self, found: Item | None, record: Record) -> Item:
        """Write an item as it was: values, state, dates, working copy; remembered as one import."""
        kind = KINDS[record["kind"]]
        values = {**clean(kind, record), "scripts": record.get("scripts")}
        item = found or Item(uid=record["uid"], kind=kind.name, created_at=moment.now())
        item.section = _section(record["section"])
        item.title, item.position, item.language = values["title"], record["position"], record["language"]
        item.owner = self._owner(record["owner"])
        item.state = (
            workflow_of(item).initial if self.draft else workflow_of(item).state(record["state"]).name
        )
        item.version = (found.version + 1) if found else record["version"]
        for name in _ITEM_TIMES:
            setattr(
                item,
                name,
                _time(record[name]) or (moment.now() if name in ("created_at", "changed_at") else None),
            )
        item.save(force_insert=found is None)
        write_values(item, values)
        # Writing values dates the item to now; it is as old as it was.
        Item.update(changed_at=_time(record["changed_at"])).where(Item.id == item.id).execute()
        live = workflow_of(item).state(item.state).public
        history.remember(item, self.person, history.snapshot(item), note="import", live=live)
        history.record(self.person, "item.imported", item=item)
        note_files(item, values, live=True)
        self._write_copy(item, record.get("working_copy"), record.get("stage", ""))
        after_change(item)
        return item

    def _write_copy(self, item: Item, copy: Mapping[str, Any] | None, stood: str) -> None:
        WorkingCopy.delete().where(WorkingCopy.item == item.id).execute()
        stage = ""
        if copy and not self.draft:
            data = {**copy["data"], **clean(KINDS[item.kind], copy["data"])}
            WorkingCopy.create(
                item=item.id, data=data, by=self._owner(copy["by"]), at=_time(copy["at"]),
                go_live_at=_time(copy["go_live_at"]),
            )  # fmt: skip
            stage = workflow_of(item).state(stood or workflow_of(item).initial).name
            note_files(item, data, live=False)
        Item.update(stage=stage).where(Item.id == item.id).execute()
        item.stage = stage


def _section(uid: str) -> Section:
    found: Section | None = Section.get_or_none(Section.uid == uid)
    if found is None:
        raise NotFound(msg(N_("Its section is not in the portal.")))
    return found


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _same(one: Record, two: Record) -> bool:
    return all(one.get(name) == two.get(name) for name in (one.keys() | two.keys()) - _VOLATILE)
