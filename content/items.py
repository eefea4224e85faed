"""Items of content, the tree of sections they hang in, and the table of kinds."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from content.db import Base, JSONField, UidField, UtcDateTimeField, database
from content.errors import N_, NotFound
from content.people import Person, Site


def new_uid() -> str:
    """A fresh permanent identifier."""
    return uuid.uuid4().hex


class Section(Base):
    """A place in the content tree. ``path`` holds the ids from the root, ``/1/4/``."""

    parent_id: int | None
    id = AutoField()
    uid = UidField(unique=True, default=new_uid)
    site = ForeignKeyField(Site, on_delete="RESTRICT")
    parent = ForeignKeyField("self", null=True, backref="children", on_delete="RESTRICT")
    path = CharField(max_length=200, unique=True)
    title = CharField(max_length=200)
    slug = CharField(max_length=80)
    script = CharField(max_length=4, default="")
    position = IntegerField(default=0)
    audience = TextField(default="")  # comma-separated keys; "" = as the section above
    library = BooleanField(default=False)  # part of the library's tree, not of the board's
    version = IntegerField(default=1)
    trashed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("parent", "slug"), True), (("parent", "position"), False))


class Item(Base):
    """One piece of content: what all kinds have in common. Its own fields lie in the kind's detail table."""

    id = AutoField()
    owner_id: int
    section_id: int
    uid = UidField(unique=True, default=new_uid)
    kind = CharField(max_length=20)
    title = CharField(max_length=200)
    summary = TextField(default="")
    slug = CharField(max_length=80, default="")  # words after the number in the address; may be empty
    section = ForeignKeyField(Section, backref="items", on_delete="RESTRICT")
    position = IntegerField(default=0)
    language = CharField(max_length=2, default="zh")
    script = CharField(max_length=4, default="hant")  # hant or hans: as the author wrote it
    scripts = JSONField(null=True)  # an editor's own words in the other script: {"hans": {"title": …}}
    state = CharField(max_length=20)
    stage = CharField(max_length=20, default="")  # state of the working copy of something published
    owner = ForeignKeyField(Person, on_delete="RESTRICT")
    audience = TextField(default="")  # comma-separated keys; "" = as the section
    pinned = BooleanField(default=False)
    urgent = BooleanField(default=False)
    publish_at = UtcDateTimeField(null=True)
    expire_at = UtcDateTimeField(null=True)
    published_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()
    changed_at = UtcDateTimeField()
    trashed_at = UtcDateTimeField(null=True)
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("state", "published_at", "id"), False),
            (("state", "pinned", "published_at"), False),
            (("kind", "state", "published_at", "id"), False),
            (("section", "state", "position"), False),
            (("section", "position"), False),
            (("owner", "changed_at"), False),
            (("state", "publish_at"), False),
            (("state", "expire_at"), False),
            (("stage", "changed_at"), False),
            # Of the register, whose order this is, alone or with one filter.
            (("changed_at",), False),
            (("kind", "changed_at"), False),
            (("state", "changed_at"), False),
            (("section", "changed_at"), False),
            (("title",), False),
        )
        constraints = [
            Check("script IN ('hant', 'hans')"),
            Check("state <> 'published' OR published_at IS NOT NULL"),
            Check("expire_at IS NULL OR publish_at IS NULL OR expire_at > publish_at"),
        ]


# Only what is in the trash: a whole index would lure SQLite into reading all that is not, wherever that is asked.
Item.add_index(Item.index(Item.trashed_at, name="item_trashed").where(Item.trashed_at.is_null(False)))


class ItemAudience(Base):
    """Who may read an item once it is public: rewritten when the item or a section above is re-shared."""

    item = ForeignKeyField(Item, on_delete="CASCADE")
    audience = CharField(max_length=40)

    class Meta:
        primary_key = CompositeKey("item", "audience")
        without_rowid = True


class Redirect(Base):
    """An address that something had before it was moved or renamed."""

    id = AutoField()
    section_id: int
    old_path = CharField(max_length=400, unique=True)
    section = ForeignKeyField(Section, on_delete="CASCADE")
    created_at = UtcDateTimeField(index=True)


class Detail(Base):
    """Base of the detail tables: the primary key is the item."""

    item: Any  # declared by each kind as ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")


class ContentVersion(Base):
    """One row with a number that grows whenever readers could see something else (response cache)."""

    number = IntegerField(default=1)


@dataclass(frozen=True)
class FieldSpec:
    """A field of a kind, declared once; forms, snapshots, comparison, export and search read it.

    ``type`` is one of: line, text, rich, bool, date, datetime, money (integer 分), choice, picture (a file's
    uid), item (an item's uid), rows (a table of ``columns``) and clauses (outline text of a policy).
    """

    name: str
    label: str
    type: str = "line"
    required: bool = False
    help: str = ""
    max_length: int = 200
    choices: tuple[tuple[str, str], ...] = ()
    columns: tuple[FieldSpec, ...] = ()
    searchable: bool = False
    default: object = ""


@dataclass(frozen=True)
class ContentType:
    """What a kind declares about itself; everything else is done by engines that read this."""

    name: str
    label: str
    plural: str
    address: str  # first part of its address: "notices" for /notices/12
    detail: type[Detail]
    fields: tuple[FieldSpec, ...]
    workflow: str = "publishing"
    board: bool = True  # listed on the bulletin board
    help: str = ""
    # Reads and writes what lies outside the detail row (child tables); None where there is none.
    load: Callable[[Item], dict[str, Any]] | None = None
    store: Callable[[Item, Mapping[str, Any]], None] | None = None
    # Texts beyond the item itself that search should find: (anchor, number, title, text) per part.
    parts: Callable[[Item, Mapping[str, Any]], list[SearchPart]] | None = None
    # A check over several fields: field name → messages; empty when all is well.
    check: Callable[[Mapping[str, Any]], dict[str, list[Any]]] | None = None
    # Picks of the list order: newest first, or by position (services, fees, library).
    order: str = "newest"
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SearchPart:
    """A part of an item that is found by itself: a clause, with its number as printed."""

    uid: str
    number: str
    title: str
    text: str


# Filled by content.kinds; the engines look a kind up here and never import one.
KINDS: dict[str, ContentType] = {}

# What every item has, whatever its kind, in the form and in snapshots.
COMMON: tuple[FieldSpec, ...] = (
    FieldSpec("title", N_("Title"), required=True, max_length=200, searchable=True),
    FieldSpec("summary", N_("Summary"), "text", max_length=400, searchable=True,
              help=N_("One or two sentences for lists; may stay empty.")),
    FieldSpec("slug", N_("Words in the address"), max_length=80, help=N_("Optional, after the number.")),
    FieldSpec("script", N_("Written in"), "choice", default="hant",
              choices=(("hant", N_("Traditional Chinese")), ("hans", N_("Simplified Chinese")))),
    FieldSpec("audience", N_("For whom"), "audience"),
    FieldSpec("pinned", N_("Keep at the top of lists"), "bool", default=False),
    FieldSpec("urgent", N_("Urgent"), "bool", default=False),
    FieldSpec("publish_at", N_("Publish at"), "datetime", default=None, help=N_("Empty means at once.")),
    FieldSpec("expire_at", N_("Withdraw at"), "datetime", default=None, help=N_("Empty means it stays.")),
)  # fmt: skip


def kind_of(item: Item) -> ContentType:
    """The declaration of an item's kind."""
    return KINDS[item.kind]


def kind_named(name: str) -> ContentType:
    """The kind with this name. Raises ``NotFound``."""
    try:
        return KINDS[name]
    except KeyError:
        raise NotFound() from None


def address(item: Item) -> str:
    """The address of an item: its kind, its number, and the words that the editor typed."""
    words = f"-{item.slug}" if item.slug else ""
    return f"/{KINDS[item.kind].address}/{item.id}{words}"


def by_uid(uid: str) -> Item:
    """The item with this uid, whatever its state. Raises ``NotFound``."""
    item = Item.get_or_none(Item.uid == uid)
    if item is None:
        raise NotFound()
    return item


def section_address(section: Section) -> str:
    """The address of a section: the slugs from the root."""
    ids = [int(part) for part in section.path.strip("/").split("/")]
    rows: Any = Section.select(Section.id, Section.slug).where(Section.id.in_(ids)).tuples()
    slugs: dict[int, str] = dict(rows)
    return "/browse/" + "/".join(slugs[id] for id in ids)


def bump_content_version() -> None:
    """Say, within the transaction of a change, that readers may see something else now."""
    if not ContentVersion.update(number=ContentVersion.number + 1).execute():
        ContentVersion.create(number=1)


def content_version() -> int:
    """The number that ``bump_content_version`` last wrote."""
    row = database.execute_sql(*_version_query()).fetchone()
    return int(row[0]) if row else 0


@cache
def _version_query() -> tuple[str, list[Any]]:
    """Asked before every page: its SQL is written only once."""
    sql, values = ContentVersion.select(ContentVersion.number).limit(1).sql()
    return sql, values
