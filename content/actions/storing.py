"""Writing the values of an item to its rows, and who may read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from content import files, links, moment, richtext, search
from content.items import (
    COMMON,
    KINDS,
    ContentType,
    FieldSpec,
    Item,
    ItemAudience,
    Section,
    bump_content_version,
)
from content.permissions import effective_audience


def to_column(spec: FieldSpec, value: Any) -> Any:
    """A cleaned value as the column wants it: ISO text back to dates."""
    if spec.type == "datetime" and isinstance(value, str):
        return datetime.fromisoformat(value)
    if spec.type == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def write_values(item: Item, values: Mapping[str, Any]) -> None:
    """Write cleaned values to the item's row, its detail row and its child rows; a new item is inserted."""
    new = item.id is None
    kind = KINDS[item.kind]
    for spec in COMMON:
        if spec.name in values:
            setattr(item, spec.name, to_column(spec, values[spec.name]))
    item.scripts = values.get("scripts") or None
    item.changed_at = moment.now()
    item.save()
    columns = {
        spec.name: to_column(spec, values.get(spec.name, spec.default))
        for spec in kind.fields
        if hasattr(kind.detail, spec.name)
    }
    if new or not columns or not kind.detail.update(**columns).where(kind.detail.item == item.id).execute():
        kind.detail.insert(item=item.id, **columns).on_conflict_ignore().execute()
    if kind.store:
        kind.store(item, values)


def after_change(item: Item) -> None:
    """What every change of what readers see brings with it: audience, search, cached pages."""
    share(item)
    search.note(item)
    bump_content_version()


def share(item: Item) -> None:
    """Rewrite the rows that say who may read the item."""
    wanted = set(effective_audience(item))
    held = {row.audience for row in ItemAudience.select().where(ItemAudience.item == item.id)}
    if wanted == held:
        return
    ItemAudience.delete().where(ItemAudience.item == item.id).execute()
    ItemAudience.insert_many([{"item": item.id, "audience": key} for key in sorted(wanted)]).execute()


def share_below(section: Section) -> Iterable[Item]:
    """Rewrite the audience of everything below a section; returns the items."""
    tree = {row.id: row for row in Section.select()}
    for row in tree.values():
        row.parent = tree.get(row.parent_id or 0)  # one query for all of them, and as they stand now
    below = [row.id for row in tree.values() if row.path.startswith(section.path)]
    found = list(Item.select().where(Item.section.in_(below)))
    for item in found:
        item.section = tree[item.section_id]
        share(item)
    return found


def file_uids(kind: ContentType, values: Mapping[str, Any]) -> set[str]:
    """The files that values of a kind refer to, in rich text and in picture fields."""
    found = _chosen(kind, values, "picture")
    return found.union(*(richtext.references(text)[1] for text in _rich_texts(kind, values)))


def link_uids(kind: ContentType, values: Mapping[str, Any]) -> set[str]:
    """The items that values of a kind refer to, in rich text and in item fields."""
    found = _chosen(kind, values, "item")
    return found.union(*(richtext.references(text)[0] for text in _rich_texts(kind, values)))


def _chosen(kind: ContentType, values: Mapping[str, Any], type: str) -> set[str]:
    return {str(values[spec.name]) for spec in kind.fields if spec.type == type and values.get(spec.name)}


def _rich_texts(kind: ContentType, values: Mapping[str, Any]) -> list[str]:
    """Every rich text among the values, also what an editor wrote for the other script."""
    sources = (values, *(values.get("scripts") or {}).values())
    names = [spec.name for spec in kind.fields if spec.type == "rich"]
    return [str(source[name]) for source in sources for name in names if source.get(name)]


def note_files(item: Item, values: Mapping[str, Any], *, live: bool) -> None:
    """Remember which files and items the live text, or the working copy, uses."""
    files.note_uses(item, file_uids(KINDS[item.kind], values), live=live)
    links.note_links(item, link_uids(KINDS[item.kind], values), live=live)
