"""What was: snapshots, revisions, comparison field by field, and the append-only audit."""

from __future__ import annotations

import difflib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import AutoField, BooleanField, CharField, CompositeKey, ForeignKeyField, IntegerField, TextField

from content import moment, richtext
from content.cases import Case
from content.db import Base, JSONField, UtcDateTimeField
from content.items import COMMON, KINDS, ContentType, FieldSpec, Item, Section
from content.people import Person

Snapshot = dict[str, Any]


class Revision(Base):
    """A snapshot of an item as somebody saved it; ``live`` says that readers saw it."""

    id = AutoField()
    item = ForeignKeyField(Item, backref="revisions", on_delete="CASCADE")
    number = IntegerField()
    data = JSONField()
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = UtcDateTimeField()
    note = TextField(default="")
    live = BooleanField(default=False)

    class Meta:
        indexes = ((("item", "number"), True),)


class WorkingCopy(Base):
    """What is being written for something published; readers see it when it is published."""

    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    data = JSONField()
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = UtcDateTimeField()
    go_live_at = UtcDateTimeField(null=True, index=True)


class Autosave(Base):
    """What somebody typed and has not saved: one per person and form, seen by nobody else."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    key = CharField(max_length=80)
    data = JSONField()
    at = UtcDateTimeField()

    class Meta:
        primary_key = CompositeKey("person", "key")


class AuditEntry(Base):
    """One fact: who did what to which record when. Triggers refuse every change of it."""

    id = AutoField()
    at = UtcDateTimeField()
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    verb = CharField(max_length=40)
    item = ForeignKeyField(Item, null=True, on_delete="RESTRICT")
    section = ForeignKeyField(Section, null=True, on_delete="RESTRICT")
    case = ForeignKeyField(Case, null=True, on_delete="RESTRICT")
    subject = TextField(default="")
    difference = JSONField(null=True)

    class Meta:
        indexes = (
            (("item", "at"), False),
            (("at",), False),
            (("by", "at"), False),
            (("verb",), False),
            (("subject",), False),
        )


@dataclass(frozen=True)
class Change:
    """A field that differs; ``pieces`` are (op, text) with op "same", "gone" or "new"."""

    field: str
    label: str
    old: Any
    new: Any
    pieces: Sequence[tuple[str, str]] = ()


def plain(value: Any) -> Any:
    """A value as JSON keeps it: dates as ISO text."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def snapshot(item: Item) -> Snapshot:
    """All values of the live row: what every item has, the kind's own fields and its child rows."""
    kind = KINDS[item.kind]
    detail = kind.detail.get_or_none(kind.detail.item == item.id)
    values: Snapshot = {spec.name: plain(getattr(item, spec.name)) for spec in COMMON}
    for spec in kind.fields:
        if hasattr(kind.detail, spec.name):
            values[spec.name] = plain(getattr(detail, spec.name)) if detail else spec.default
    if kind.load:
        values.update(kind.load(item))
    if item.scripts:
        values["scripts"] = item.scripts
    return values


def remember(
    item: Item, person: Person, data: Mapping[str, Any], *, note: str = "", live: bool = False
) -> Revision:
    """Keep a revision, numbered after the last one."""
    last = Revision.select(Revision.number).where(Revision.item == item.id).order_by(Revision.number.desc())
    number = (last.scalar() or 0) + 1
    return Revision.create(
        item=item.id, number=number, data=dict(data), by=person.id, at=moment.now(), note=note, live=live
    )


def record(
    person: Person,
    verb: str,
    *,
    item: Item | None = None,
    section: Section | None = None,
    case: Case | None = None,
    subject: str = "",
    difference: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write a fact into the audit, in the transaction of the change. ``verb`` is a past fact.

    Of residents and their matters ``difference`` holds names of fields and ``digest``s, never a value.
    """
    return AuditEntry.create(
        at=moment.now(),
        by=person.id,
        verb=verb,
        item=item.id if item else None,
        section=section.id if section else None,
        case=case.id if case else None,
        subject=subject
        or (case.number if case else item.title if item else section.title if section else ""),
        difference=difference,
    )


def digest(salt: str, value: object) -> str:
    """A short keyed digest of a personal value: tells whether two are the same, and nothing once the salt is gone."""
    return hmac.new(salt.encode(), str(value).encode(), "sha256").hexdigest()[:16] if salt else ""


def summary(kind: ContentType, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The difference for the audit: field → [old, new], long texts cut to 200 characters."""
    return {
        change.field: [_short(change.old), _short(change.new)]
        for change in compare(kind, old, new, pieces=False)
    }


def _short(value: Any) -> Any:
    text = value if isinstance(value, str) else None
    if isinstance(value, list):
        return f"{len(value)} rows"
    return text[:200] if text else value


def compare(
    kind: ContentType, old: Mapping[str, Any], new: Mapping[str, Any], *, pieces: bool = True
) -> list[Change]:
    """The fields in which two snapshots differ, in the order of the form."""
    specs = (*COMMON, *kind.fields)
    found = [_change(spec, spec.name, old, new, pieces) for spec in specs]
    for script in ("hant", "hans"):  # an editor's own words in the other script
        own_old = (old.get("scripts") or {}).get(script) or {}
        own_new = (new.get("scripts") or {}).get(script) or {}
        if own_old or own_new:
            found += [_change(spec, f"scripts.{spec.name}", own_old, own_new, pieces) for spec in specs]
    return [change for change in found if change is not None]


def _change(
    spec: FieldSpec, field: str, old: Mapping[str, Any], new: Mapping[str, Any], pieces: bool
) -> Change | None:
    default = "" if field.startswith("scripts.") else spec.default
    before, after = old.get(spec.name, default), new.get(spec.name, default)
    if (before or None) == (after or None):
        return None
    parts = _pieces(readable(spec, before), readable(spec, after)) if pieces else []
    return Change(field, spec.label, before, after, parts)


def readable(spec: FieldSpec, value: Any) -> str:
    """A value as text for comparison: rich text without its marks, rows and clauses line by line."""
    if value in (None, "", []):
        return ""
    if spec.type == "rich":
        return richtext.plain_text(str(value))
    if spec.type == "clauses":
        return "\n".join(
            " ".join(part for part in (row["number"], row["heading"], row["text"]) if part) for row in value
        )
    if spec.type == "rows":
        return "\n".join(" · ".join(str(row.get(c.name, "")) for c in spec.columns) for row in value)
    return str(value)


_SENTENCE = re.compile(r"[^。；！？!?;\n]*[。；！？!?;\n]|[^。；！？!?;\n]+")
_WORD = re.compile(r"[A-Za-z0-9.]+|\s+|.", re.DOTALL)
_FINE = 1500  # characters up to which a changed passage is compared word by word


def _pieces(old: str, new: str) -> list[tuple[str, str]]:
    """Runs that stay, go and come: sentence by sentence, and within what changed word by word.

    Chinese counts by character, Latin words and numbers whole. Comparing everything by character would
    cost the square of the length.
    """
    found: list[tuple[str, str]] = []
    for op, before, after in _runs(_SENTENCE.findall(old), _SENTENCE.findall(new)):
        if op == "replace" and len(before) + len(after) <= _FINE:
            for fine, left, right in _runs(_WORD.findall(before), _WORD.findall(after)):
                _add(found, fine, left, right)
        else:
            _add(found, op, before, after)
    return found


def _runs(a: list[str], b: list[str]) -> list[tuple[str, str, str]]:
    codes = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(op, "".join(a[i1:i2]), "".join(b[j1:j2])) for op, i1, i2, j1, j2 in codes]


def _add(found: list[tuple[str, str]], op: str, before: str, after: str) -> None:
    if op == "equal":
        found.append(("same", before))
        return
    if before:
        found.append(("gone", before))
    if after:
        found.append(("new", after))
