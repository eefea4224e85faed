"""Where a document came from, so that the same file again is the same document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from content import moment
from content.db import Base, UtcDateTimeField
from content.items import Item
from content.transfer import fields
from content.transfer.papers import Paper


class ImportSource(Base):
    """One part of an imported file and the item it became. ``version`` is the item's after the import."""

    path = TextField()
    part = IntegerField()
    title = CharField(max_length=200)
    digest = CharField(max_length=64, index=True)
    item = ForeignKeyField(Item, on_delete="CASCADE")
    version = IntegerField()
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("path", "part"), True),)


def match_parts(path: str, papers: list[tuple[Paper, str]]) -> dict[int, ImportSource]:
    """Which earlier import each part continues: same text, else same title, else same place in the file.

    ``papers`` are with their digests; the result is by part. Documents in the trash are left alone.
    """
    held = _alive(ImportSource.select().where(ImportSource.path == path))
    held = held or _moved(path, papers)
    found: dict[int, ImportSource] = {}
    rules = (
        lambda paper, digest, row: row.digest == digest,
        lambda paper, digest, row: row.title == paper.title,
        lambda paper, digest, row: row.part == paper.part,
    )
    for rule in rules:
        for paper, digest in papers:
            if paper.part not in found:
                row = next((row for row in held if rule(paper, digest, row)), None)
                if row is not None:
                    found[paper.part] = row
                    held.remove(row)
    for paper, digest in papers:  # the same words under another name are no second document
        if paper.part not in found:
            twins = _alive(ImportSource.select().where(ImportSource.digest == digest))
            if twins:
                found[paper.part] = twins[0]
    return found


def _moved(path: str, papers: list[tuple[Paper, str]]) -> list[ImportSource]:
    """What a file of the same name left that is gone from its place: it was moved, if a title agrees."""
    name = Path(path).name
    rows = _alive(ImportSource.select().where(ImportSource.path.endswith("/" + name)))
    places = {row.path for row in rows}
    if len(places) != 1 or Path(places.pop()).exists():
        return []
    titles = {paper.title for paper, _ in papers}
    return rows if any(row.title in titles for row in rows) else []


def _alive(query: object) -> list[ImportSource]:
    return [row for row in query if row.item.trashed_at is None]  # type: ignore[attr-defined]  # a peewee query


def note_source(path: str, paper: Paper, digest: str, item: Item) -> None:
    """Write down what this part of a file has become."""
    ImportSource.delete().where((ImportSource.item == item.id) & (ImportSource.digest != digest)).execute()
    ImportSource.replace(
        path=path, part=paper.part, title=paper.title, digest=digest, item=item.id, version=item.version,
        at=moment.now(),
    ).execute()  # fmt: skip


def sources_of(item: Item) -> list[dict[str, Any]]:
    """Where a document came from, as plain data; ``changed`` says that it was changed in the portal since."""
    rows = (
        ImportSource.select()
        .where(ImportSource.item == item.id)
        .order_by(ImportSource.path, ImportSource.part)
    )
    return [
        {"path": row.path, "part": row.part, "title": row.title, "digest": row.digest,
         "changed": row.version != item.version, "at": row.at.isoformat()}
        for row in rows
    ]  # fmt: skip


def restore_sources(item: Item, sources: Iterable[Mapping[str, Any]]) -> None:
    """Write down what ``sources_of`` told, in the transaction of the import. Raises ``Unreadable``."""
    ImportSource.delete().where(ImportSource.item == item.id).execute()
    for source in sources:
        changed = fields.flag(source, "changed")
        ImportSource.replace(
            path=fields.words(source, "path", 4096, least=1), part=fields.whole(source, "part", 1),
            title=fields.words(source, "title", 200), digest=fields.form(source, "digest", "[0-9a-f]{64}"),
            item=item.id, version=item.version - changed, at=fields.time(source, "at", needed=True),
        ).execute()  # fmt: skip
