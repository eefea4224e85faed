"""One item made ready for its template: values with their types, rich text rendered, where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from flask import render_template
from markupsafe import Markup

from content import richtext
from content.files import StoredFile
from content.history import snapshot
from content.items import ContentType, FieldSpec, Item, Section, address, kind_of
from content.people import Person
from content.permissions import may, visible, workable, workflow_of
from content.workflow import State
from portal.pages.places import tree_for
from portal.web.login import person
from portal.web.numbers import number
from portal.web.reading import SCRIPT_TAGS, reading
from portal.web.shown import plain

MOST_CONTENTS = 40


@dataclass(frozen=True)
class Document:
    """What an item's template gets to see."""

    item: Item
    kind: ContentType
    values: Mapping[str, Any]
    state: State
    section: Section
    line: list[Section]
    audience: list[str]
    draft: bool  # not what the public reads: a preview, or something that is not public

    def rich(self, field: str) -> Markup:
        """A rich-text field for this reader: an editor's own words for the script, else the text converted."""
        words = self._own_words(field)
        if words:
            return rich(words, reading().script)
        return rich(str(self.values.get(field) or ""), self._written)

    def own(self, field: str) -> str:
        """A common text (title, summary) in the reader's script, an editor's own words first."""
        return self._own_words(field) or plain(str(self.values.get(field) or ""), self._written)

    def own_shown(self, field: str) -> Markup:
        """The same in an element that says its script."""
        tag = SCRIPT_TAGS[reading().script or self._written]
        return Markup('<span lang="{}" data-content>{}</span>').format(tag, self.own(field))

    @property
    def _written(self) -> str:
        return str(self.values.get("script") or self.item.script)

    def _own_words(self, field: str) -> str:
        """What an editor wrote for the reader's script, to be shown as it stands; "" where nothing."""
        wanted = reading().script
        if wanted == self._written:
            return ""
        return str((self.values.get("scripts") or {}).get(wanted, {}).get(field) or "")

    @property
    def contents(self) -> list[Mapping[str, Any]]:
        """The clauses that a table of contents names: the upper ones, fewer levels the more there are."""
        clauses = list(self.values.get("clauses") or [])
        for depth in (3, 2, 1):
            heads = [one for one in clauses if one["depth"] <= depth and (one["heading"] or depth == 1)]
            if len(heads) <= MOST_CONTENTS:
                return heads
        return [one for one in clauses if one["depth"] == 1]

    @property
    def facts(self) -> list[tuple[FieldSpec, Any]]:
        """The kind's own fields that hold something, in their declared order."""
        return [(spec, self.values[spec.name]) for spec in self.kind.fields if self.values.get(spec.name)]


def number_in(slug: str) -> int | None:
    """The item's number at the head of the last part of an address."""
    return number(slug.partition("-")[0])


def typed(kind: ContentType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a snapshot with dates as dates and moments as moments."""
    found = dict(values)
    for spec in kind.fields:
        value = found.get(spec.name)
        if isinstance(value, str) and value:
            if spec.type == "datetime":
                found[spec.name] = datetime.fromisoformat(value)
            elif spec.type == "date":
                found[spec.name] = date.fromisoformat(value)
    return found


def document(
    item: Item,
    values: Mapping[str, Any] | None = None,
    *,
    line: list[Section],
    audience: list[str],
    draft: bool,
) -> Document:
    """An item with its live values, or with those given (a preview of what is being written)."""
    kind = kind_of(item)
    return Document(
        item=item,
        kind=kind,
        values=typed(kind, snapshot(item) if values is None else values),
        state=workflow_of(item).state(item.state),
        section=item.section,
        line=line,
        audience=audience,
        draft=draft,
    )


def page_of(shown: Document) -> str:
    """The page of an item: its kind's template, or the one that suits any kind."""
    return render_template([f"items/{shown.kind.name}.html", "items/item.html"], doc=shown)


def line_of(reader: Person | None, section: Section) -> list[Section]:
    """The sections from the root to this one that the reader may see; at most one query."""
    if reader is None:
        return tree_for(None).line(section)
    ids = [int(part) for part in str(section.path).strip("/").split("/")]
    rows = {row.id: row for row in Section.select().where(Section.id.in_(ids))}
    line = [rows[id] for id in ids if id in rows]
    for upper, lower in pairwise(line):
        lower.parent = upper  # spares may() a query per level
    return [row for row in line if may(reader, "section:view", row)]


def rich(html: str, script: str) -> Markup:
    """Sanitised rich text for the reader: script converted, links and pictures resolved."""
    if not html:
        return Markup("")
    wanted = reading().script
    items, files = richtext.references(html)
    links = _links(items) if items else {}
    pictures = _pictures(files) if files else {}
    # Stored rich text went through richtext.sanitise on its way in.
    return Markup(  # noqa: S704
        richtext.render(
            html,
            to_script=wanted if wanted and wanted != script else "",  # type: ignore[arg-type]  # hant, hans or ""
            links=links.get,
            pictures=pictures.get,
        )
    )


def _links(uids: set[str]) -> dict[str, tuple[str, str]]:
    reader = person()
    query = Item.select().where(Item.uid.in_(uids), visible(reader) | workable(reader))
    return {item.uid: (address(item), item.title) for item in query}


def _pictures(uids: set[str]) -> dict[str, str]:
    query = StoredFile.select(StoredFile.uid).where(StoredFile.uid.in_(uids), StoredFile.trashed_at.is_null())
    rows: Any = query.tuples()
    return {uid: f"/files/{uid}/page" for (uid,) in rows}
