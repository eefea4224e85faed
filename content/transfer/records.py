"""Reading an export back: sections, files and items as they were, by their uids."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import logging
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from peewee import DataError, IntegrityError, InterfaceError, ProgrammingError

from content import filetypes, history, search
from content.actions import clean, create_section
from content.actions.cleaning import clean_audience
from content.actions.storing import after_change, note_files, share_below, write_values
from content.db import transaction
from content.errors import N_, DomainError, Invalid, Message, NotFound, msg
from content.files import StoredFile, content_path
from content.history import WorkingCopy
from content.items import KINDS, ContentType, Item, Section, address, bump_content_version
from content.people import Person
from content.permissions import require, workflow_of
from content.settings import Settings
from content.transfer import fields
from content.transfer.decoding import Unreadable
from content.transfer.exporting import FORMAT, VERSION, Record, item_record
from content.transfer.results import ImportResult, reason
from content.transfer.sources import restore_sources
from content.transfer.stored import put

log = logging.getLogger(__name__)

# What a made-up record may raise where no check has named its field: wrong shapes, and what no column takes.
_DAMAGE = (LookupError, TypeError, ValueError, AttributeError, StopIteration, OverflowError, RecursionError,
           IntegrityError, DataError, InterfaceError, ProgrammingError)  # fmt: skip
# What two records of the same item may differ in without the item being another.
_VOLATILE = {"url", "section_url", "version", "changed_at", "position", "owner", "record"}
_ITEM_TIMES = ("published_at", "created_at", "changed_at", "trashed_at")


def is_export(path: Path) -> bool:
    """Whether a file begins like an export of ours, whatever its name."""
    try:
        with path.open("rb") as source:
            first = source.readline(4096)
        # Looked for before it is taken apart: what any paper begins with is not worth a parser.
        head = json.loads(first) if FORMAT.encode() in first else None
    except (OSError, ValueError, RecursionError):
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
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Unreadable(msg(N_("This is no record of an export."))) from None
        takers = {"portal": self._take_head, "section": self._take_section, "file": self._take_file,
                  "item": self._take_item}  # fmt: skip
        if not isinstance(kind, str) or kind not in takers:
            raise Unreadable(msg(N_("This is no record of an export.")))
        try:
            return takers[kind](record)
        except _DAMAGE as error:
            log.warning("a record is refused: %r", error)
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
        values: Record = {
            "uid": fields.uid(record), "title": fields.words(record, "title", 200, least=1),
            "script": fields.form(record, "script", "|hant|hans"), "position": fields.whole(record, "position"),
            "audience": clean_audience(fields.words(record, "audience", 10_000)),
            "library": fields.flag(record, "library"), "trashed_at": fields.time(record, "trashed_at"),
        }  # fmt: skip
        slug = fields.words(record, "slug", 80, least=1)
        if self.dry_run or Section.get_or_none(Section.uid == values["uid"]):
            return
        parent = _section(record, "parent") if record["parent"] is not None else None
        if parent is not None and parent.trashed_at is not None and values["trashed_at"] is None:
            raise Invalid({}, msg(N_("Its section is in the trash. Please take that out first.")))
        where = Section.parent == parent.id if parent else Section.parent.is_null()
        with transaction():
            found = Section.get_or_none(where & (Section.slug == slug))
            if found is not None and values["trashed_at"] is not None and _holds_anything(found):
                raise Invalid({}, msg(N_("The section is not empty. Please move what is in it first.")))
            found = found or self._make_section(parent, slug, values)
            shared_before = found.audience
            # A fresh portal has its first sections already: they become those of the export.
            Section.update(**values, version=Section.version + 1).where(Section.id == found.id).execute()
            if values["audience"] != shared_before:
                for item in share_below(found):
                    search.note(item)
            history.record(self.person, "section.imported", section=found, subject=values["title"])
            bump_content_version()

    def _make_section(self, parent: Section | None, slug: str, values: Record) -> Section:
        if parent is None or parent.trashed_at is None:
            return create_section(self.person, parent, values["title"], slug)
        # Nothing is made in the trash; what was there before the export goes back there.
        Section.update(trashed_at=None).where(Section.id == parent.id).execute()
        parent = Section.get_by_id(parent.id)
        made = self._make_section(parent, slug, values)
        Section.update(trashed_at=values["trashed_at"]).where(Section.id == parent.id).execute()
        return made

    def _take_file(self, record: Record) -> ImportResult | None:
        uid, digest = fields.uid(record), fields.form(record, "sha256", "[0-9a-f]{64}")
        columns: Record = {
            "uid": uid, "sha256": digest, "name": fields.words(record, "name", 200, least=1),
            "media_type": fields.words(record, "media_type", 100, least=1), "size": fields.whole(record, "size", 0),
            "alt": fields.words(record, "alt", 400), "trashed_at": fields.time(record, "trashed_at"),
            "created_at": fields.time(record, "created_at", needed=True),
            **{side: fields.whole(record, side, 1) if record[side] is not None else None
               for side in ("width", "height")},
        }  # fmt: skip
        if self.dry_run or StoredFile.get_or_none(StoredFile.uid == uid):
            return None
        if record.get("content"):
            self._keep(columns, record["content"])
        elif not content_path(self.settings, digest).is_file():
            lost = msg(N_("The content of the file “%(name)s” is not in this export."), name=columns["name"])
            return ImportResult("", title=columns["name"], status="refused", error=lost)
        else:
            _recognise(content_path(self.settings, digest), columns)
        with transaction():
            StoredFile.create(**columns, owner=self._owner(record["owner"]))
            history.record(self.person, "file.imported", subject=columns["name"])
        return None

    def _keep(self, columns: Record, content: str) -> None:
        try:
            data = base64.b64decode(content, validate=True)
        except binascii.Error:
            data = b""
        if hashlib.sha256(data).hexdigest() != columns["sha256"]:
            raise Unreadable(msg(N_("This record is damaged.")))
        with tempfile.NamedTemporaryFile() as temporary:
            temporary.write(data)
            temporary.flush()
            _recognise(Path(temporary.name), columns)
            put(self.settings, columns["sha256"], Path(temporary.name))

    def _take_item(self, record: Record) -> ImportResult:
        if record["kind"] not in KINDS:
            raise NotFound(msg(N_("There is no kind “%(kind)s” here."), kind=record["kind"]))
        uid, title = fields.uid(record), fields.words(record, "title", 200, least=1)
        values = _values(KINDS[record["kind"]], record)
        columns = self._columns(record)
        found = Item.get_or_none(Item.uid == uid)
        result = ImportResult("", title=title, uid=uid, clauses=len(values.get("clauses") or ()))
        if found is not None and _same(item_record(self.person, found), record):
            return replace(result, status="unchanged", url=address(found))
        if found is not None and found.kind != record["kind"]:
            raise Invalid({}, msg(N_("There is another document with this uid.")))
        if self.dry_run:
            return replace(result, status="would-update" if found else "would-create")
        with transaction():
            item = self._write(found, record, columns, values)
        status = "updated" if found else "created"
        return replace(result, status=status, url=address(item), warnings=self._strangers(record))

    def _columns(self, record: Record) -> Record:
        """What a record says of where an item stands, checked: what readers see has been published."""
        workflow = workflow_of(Item(kind=record["kind"]))
        state = workflow.initial if self.draft else workflow.state(fields.words(record, "state", 20)).name
        columns = {
            "position": fields.whole(record, "position"), "language": fields.form(record, "language", "[a-z]{2}"),
            "version": fields.whole(record, "version", 1), "state": state,
            **{name: fields.time(record, name, needed=name in ("created_at", "changed_at")) for name in _ITEM_TIMES},
        }  # fmt: skip
        if workflow.state(state).public and columns["published_at"] is None:
            raise Unreadable(msg(N_("This document is published, but its record does not say since when.")))
        return columns

    def _strangers(self, record: Record) -> tuple[Message, ...]:
        if Person.get_or_none(Person.username == record["owner"]):
            return ()
        return (msg(N_("There is no account “%(username)s”."), username=record["owner"]),)

    def _owner(self, username: object) -> Person:
        found: Person | None = Person.get_or_none(Person.username == str(username))
        return found or self.person

    def _write(self, found: Item | None, record: Record, columns: Record, values: Record) -> Item:
        """Write an item as it was: values, state, dates, working copy; remembered as one import."""
        item = found or Item(uid=record["uid"], kind=record["kind"])
        item.section = _section(record, "section")
        if item.section.trashed_at is not None and columns["trashed_at"] is None:
            raise Invalid({}, msg(N_("Its section is in the trash. Please take that out first.")))
        item.title, item.owner = values["title"], self._owner(record["owner"])
        for name, value in columns.items():
            setattr(item, name, value)
        if found is not None:
            item.version = Item.get_by_id(found.id).version + 1
        item.save(force_insert=found is None)
        write_values(item, values)
        # Writing values dates the item to now; it is as old as it was.
        Item.update(changed_at=columns["changed_at"]).where(Item.id == item.id).execute()
        live = workflow_of(item).state(item.state).public
        history.remember(item, self.person, history.snapshot(item), note="import", live=live)
        history.record(self.person, "item.imported", item=item)
        note_files(item, values, live=True)
        self._write_copy(item, record.get("working_copy"), record.get("stage", ""))
        if "sources" in record:  # exports of an older portal have none
            restore_sources(item, record["sources"])
        after_change(item)
        return item

    def _write_copy(self, item: Item, copy: Mapping[str, Any] | None, stood: str) -> None:
        WorkingCopy.delete().where(WorkingCopy.item == item.id).execute()
        stage, data = "", {}
        if copy and not self.draft:
            data = _values(KINDS[item.kind], copy["data"])
            WorkingCopy.create(
                item=item.id, data=data, by=self._owner(copy["by"]), at=fields.time(copy, "at", needed=True),
                go_live_at=fields.time(copy, "go_live_at"),
            )  # fmt: skip
            stage = workflow_of(item).state(stood or workflow_of(item).initial).name
        note_files(item, data, live=False)
        Item.update(stage=stage).where(Item.id == item.id).execute()
        item.stage = stage


def _values(kind: ContentType, record: Record) -> Record:
    """The values of a record as ``actions.clean`` would store them; nothing else of it is kept."""
    fields.textual(kind, record)
    fields.clause_uids(record)
    return clean(kind, record)


def _recognise(path: Path, columns: Record) -> None:
    """Refuse a file whose content is not what its record says: an upload would not have been taken either."""
    if filetypes.recognise(path, columns["name"]).media_type != columns["media_type"]:
        raise fields.bad("media_type")


def _section(record: Record, field: str) -> Section:
    found: Section | None = Section.get_or_none(Section.uid == fields.uid(record, field))
    if found is None:
        raise NotFound(msg(N_("Its section is not in the portal.")))
    return found


def _holds_anything(section: Section) -> bool:
    below = Section.select(Section.id).where(Section.path.startswith(section.path))
    items = Item.select().where(Item.section.in_(below), Item.trashed_at.is_null())
    return bool(
        items.exists() or below.where(Section.id != section.id, Section.trashed_at.is_null()).exists()
    )


def _same(one: Record, two: Record) -> bool:
    apart = _VOLATILE if "sources" in two else _VOLATILE | {"sources"}
    return all(one.get(name) == two.get(name) for name in (one.keys() | two.keys()) - apart)
