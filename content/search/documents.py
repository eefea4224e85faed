"""What search knows of the content: a row per item and per clause, rewritten with every change of what is public."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from peewee import AutoField, CharField, ForeignKeyField, TextField

from content import outbox, richtext
from content.chinese import fold
from content.db import Base, UtcDateTimeField, transaction
from content.history import snapshot
from content.items import COMMON, ContentType, FieldSpec, Item, ItemAudience, Section, kind_of
from content.permissions import workflow_of
from content.search.backend import IndexDocument
from content.search.tokens import index_tokens, label_token

CHANNEL = "index"
# Keys in one row of the outbox; a policy of a thousand clauses is several commits, not one long one.
JOB = 200
# Stands between texts of one row that are found, but not across their border.
BORDER = "\x1f"


class SearchDocument(Base):
    """Something that is found by itself: an item, or one clause of it. A copy for search, never the truth."""

    id = AutoField()
    key = CharField(max_length=80, unique=True)  # the item's uid, or the uid of the part
    item = ForeignKeyField(Item, on_delete="CASCADE")
    number = CharField(max_length=120, null=True)  # of a clause, joined through its ancestors; its anchor
    kind = CharField(max_length=20)
    title = TextField()  # of the item, or the heading of the clause
    text = TextField()
    folded_title = TextField()
    folded = TextField()  # the text; behind a border what is found but not shown
    section_path = CharField(max_length=200)
    audience = TextField()
    published_at = UtcDateTimeField()
    version = CharField(max_length=32)  # digest of all columns that the index takes


def note(item: Item) -> None:
    """Rewrite what search knows of an item, within the transaction of its change, and enqueue the index work.

    What is not public, or lies in the trash, has no rows.
    """
    with transaction():
        known = SearchDocument.select(SearchDocument.key, SearchDocument.version)
        held = {row.key: row.version for row in known.where(SearchDocument.item == item.id)}
        rows = {row["key"]: row for row in (_rows(item) if _is_public(item) else ())}
        gone = [key for key in held if key not in rows]
        changed = [key for key, row in rows.items() if held.get(key) != row["version"]]
        touched = gone + changed
        for start in range(0, len(touched), JOB):
            keys = touched[start : start + JOB]
            # By key, whichever item had it: a clause may have moved here from another document.
            SearchDocument.delete().where(SearchDocument.key.in_(keys)).execute()
            outbox.enqueue(CHANNEL, context={"keys": keys})
        for start in range(0, len(changed), 50):  # SQLite takes a limited number of values
            SearchDocument.insert_many([rows[key] for key in changed[start : start + 50]]).execute()


def _is_public(item: Item) -> bool:
    return item.trashed_at is None and item.state in workflow_of(item).public_states


def _rows(item: Item) -> list[dict[str, Any]]:
    """The rows of a public item: its own, and one for each of its parts."""
    kind, values = kind_of(item), snapshot(item)
    audience = ItemAudience.select().where(ItemAudience.item == item.id)
    section: Section = item.section
    shared = {
        "item": item.id,
        "kind": item.kind,
        "section_path": section.path,
        "audience": ",".join(sorted(row.audience for row in audience)),
        "published_at": item.published_at,
    }
    own = _row(shared, item.uid, None, item.title, _text(kind, values), _own_words(item.scripts))
    parts = kind.parts(item, values) if kind.parts else []
    return [own, *(_row(shared, part.uid, part.number, part.title, part.text) for part in parts)]


def _row(
    shared: Mapping[str, Any], key: str, number: str | None, title: str, text: str, also: str = ""
) -> dict[str, Any]:
    folded = fold(text) + (BORDER + fold(also) if also else "")
    row = {
        **shared,
        "key": key,
        "number": number,
        "title": title,
        "text": text,
        "folded_title": fold(title),
        "folded": folded,
    }
    told = BORDER.join(str(row[name]) for name in sorted(row))
    return {**row, "version": hashlib.blake2b(told.encode(), digest_size=16).hexdigest()}


def _text(kind: ContentType, values: Mapping[str, Any]) -> str:
    """The searchable fields of an item as one text, but for its title."""
    specs = [spec for spec in (*COMMON, *kind.fields) if spec.searchable and spec.name != "title"]
    pieces = (_plain(spec, values.get(spec.name)) for spec in specs)
    return "\n".join(piece for piece in pieces if piece)


def _plain(spec: FieldSpec, value: Any) -> str:
    if value in (None, "", [], ()):
        return ""
    if spec.type == "rich":
        return richtext.plain_text(str(value)).strip()
    if spec.type == "rows":
        columns = [column.name for column in spec.columns if column.type in ("line", "text")]
        return "\n".join(" ".join(str(row.get(name) or "") for name in columns).strip() for row in value)
    return str(value)


def _own_words(scripts: Mapping[str, Mapping[str, Any]] | None) -> str:
    """What an editor wrote for readers of the other script: they search for what they see."""
    found = (value for words in (scripts or {}).values() for value in words.values())
    return "\n".join(richtext.plain_text(str(value)) for value in found if isinstance(value, str))


def index_documents(keys: Iterable[str] | None = None) -> Iterator[IndexDocument]:
    """The rows as the index takes them: those with these keys, or all."""
    rows = SearchDocument.select()
    if keys is not None:
        rows = rows.where(SearchDocument.key.in_(list(keys)))
    for row in rows.dicts().iterator():
        yield _document(row)


def _document(row: Mapping[str, Any]) -> IndexDocument:
    titles = index_tokens(row["folded_title"])
    if row["number"]:
        number = fold(row["number"])
        titles += [label_token(number), *index_tokens(number)]
    return IndexDocument(
        id=row["key"],
        version=row["version"],
        title_tokens=tuple(titles),
        text_tokens=tuple(index_tokens(row["folded"])),
        audiences=tuple(row["audience"].split(",")),
        kind=row["kind"],
        sections=tuple(row["section_path"].strip("/").split("/")),
        published=int(row["published_at"].timestamp()),
    )
