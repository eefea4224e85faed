"""Which items a text links to: kept beside the text, so that nobody trashes a page unawares of who points at it."""

from __future__ import annotations

from collections.abc import Iterable

from peewee import BooleanField, CompositeKey, ForeignKeyField

from content.db import Base, UidField
from content.items import Item
from content.people import Person
from content.permissions import visible, workable


class ItemLink(Base):
    """That the live text of an item, or its working copy, links to the item with the uid ``target``."""

    item = ForeignKeyField(Item, on_delete="CASCADE")
    target = UidField()  # not a foreign key: a link may be written before its target is imported
    live = BooleanField(default=True)

    class Meta:
        primary_key = CompositeKey("item", "target", "live")
        indexes = ((("target", "live"), False),)


def note_links(item: Item, uids: Iterable[str], *, live: bool = True) -> None:
    """Write down what an item's text links to, in the transaction of the change of the text.

    ``live=False`` is for the working copy. A link to oneself is no link.
    """
    wanted = {uid for uid in uids if uid != item.uid}
    of_this = (ItemLink.item == item.id) & (ItemLink.live == live)
    held = {link.target for link in ItemLink.select().where(of_this)}
    if held - wanted:
        ItemLink.delete().where(of_this, ItemLink.target.in_(held - wanted)).execute()
    if wanted - held:
        rows = [{"item": item.id, "target": uid, "live": live} for uid in sorted(wanted - held)]
        ItemLink.insert_many(rows).execute()


def linking_to(person: Person | None, item: Item, limit: int = 50) -> list[Item]:
    """The items whose live text or working copy links to this one, of those the person may see; newest first."""
    sources = ItemLink.select(ItemLink.item).where(ItemLink.target == item.uid)
    seen = visible(person) | workable(person)
    rows = Item.select().where(Item.id.in_(sources), Item.trashed_at.is_null(), seen)
    return list(rows.order_by(Item.changed_at.desc()).limit(limit))
