"""Which addresses there are: every GET route of the application, with values for its variable parts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from content.history import Revision
from content.items import KINDS, Item, address, section_address

# Not pages: machines read them, or they need a file.
NOT_PAGES = ("/static/", "/files/", "/healthz", "/robots.txt")


def pages_to_look_at(app: Any, house: SimpleNamespace) -> list[str]:
    """One address per route and item; a route whose parts are unknown here raises ``KeyError``."""
    items = list(Item.select())
    found: list[str] = []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or str(rule).startswith(NOT_PAGES):
            continue
        found += _filled(str(rule), items, house)
    return sorted(set(found))


def _filled(rule: str, items: list[Item], house: SimpleNamespace) -> list[str]:
    if "<" not in rule:
        return [rule]
    if rule == "/browse/<path:path>":
        return [section_address(house.board), section_address(house.library)]
    if "<kind:kind>" in rule:
        if rule == "/<kind:kind>/":
            return [f"/{kind.address}/" for kind in KINDS.values() if kind.board]
        return [address(item) for item in items]
    if rule.startswith("/work/new/"):
        return [f"/work/new/{name}?section={house.board.id}" for name in KINDS]
    if rule.startswith("/work/batch/"):
        return [f"/work/batch/{what}?item={items[0].id}" for what in ("move", "copy", "trash")]
    return [_work(rule, item, house) for item in items[:6]]


def _work(rule: str, item: Item, house: SimpleNamespace) -> str:
    values = {
        "item_id": item.id,
        "section_id": house.board.id,
        "id": item.id,
        "name": "withdraw",
        "revision": 1,
        "number": Revision.select().where(Revision.item == item.id).count(),
    }
    parts = []
    for part in rule.split("/"):
        parts.append(str(values[part.strip("<>").split(":")[-1]]) if part.startswith("<") else part)
    path = "/".join(parts)
    return f"{path}?from=1&to=2" if rule.endswith("/compare") else path
