"""Whether anything in the database is half there: what a kill or a full disk must never leave behind."""

from __future__ import annotations

from content import history
from content.db import database
from content.history import AuditEntry, Revision, WorkingCopy
from content.items import KINDS, Item, ItemAudience
from content.outbox import Outgoing
from content.permissions import effective_audience, is_live
from content.search import SearchDocument


def broken() -> list[str]:
    """What is not whole, one line each; empty when all is well. Asks the database only, not the index."""
    found = [str(row) for row in database.execute_sql("PRAGMA foreign_key_check").fetchall()]
    found += [row[0] for row in database.execute_sql("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
    for item in Item.select():
        found += [f"item {item.id} ({item.title}): {what}" for what in _of(item)]
    public = {item.uid for item in Item.select() if is_live(item)}
    shown = {row.key for row in SearchDocument.select().where(SearchDocument.number.is_null())}
    found += [f"search knows {key}, which is not public" for key in shown - public]
    return found


def _of(item: Item) -> list[str]:
    detail = KINDS[item.kind].detail
    if not detail.select().where(detail.item == item.id).exists():
        return ["no detail"]
    found = []
    revisions = list(Revision.select().where(Revision.item == item.id).order_by(Revision.number))
    if [one.number for one in revisions] != list(range(1, len(revisions) + 1)) or not revisions:
        found.append(f"revisions {[one.number for one in revisions]}")
    verbs = [one.verb for one in AuditEntry.select().where(AuditEntry.item == item.id)]
    if verbs.count("item.created") != 1:
        found.append(f"audit {verbs}")
    changes = sum(verb in ("item.created", "item.edited", "item.published") for verb in verbs)
    if changes != len(revisions):
        found.append(f"{len(revisions)} revisions for {verbs}")
    audience = {one.audience for one in ItemAudience.select().where(ItemAudience.item == item.id)}
    if audience != set(effective_audience(item)):
        found.append(f"audience {sorted(audience)}")
    if bool(item.stage) != WorkingCopy.select().where(WorkingCopy.item == item.id).exists():
        found.append(f"stage {item.stage!r} and working copy differ")
    if item.state == "published":
        live = [one for one in revisions if one.live]
        if not live or live[-1].data != history.snapshot(item):
            found.append("what is live is not the last live revision")
        if not SearchDocument.select().where(SearchDocument.item == item.id).exists():
            found.append("search does not know it")
    return found


def undelivered() -> list[Outgoing]:
    """Rows of the outbox that nobody has dealt with, and those that were given up."""
    return list(Outgoing.select().where(Outgoing.sent_at.is_null()))
