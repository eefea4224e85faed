"""Which addresses there are: every GET route of the application, with values for its variable parts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from content import wishes
from content.backoffice import listing
from content.backoffice.registers import REGISTERS
from content.cases import Case
from content.history import Revision
from content.households import Building, Household, Resident
from content.items import KINDS, Item, address, section_address
from content.people import Community
from content.reception.categories import CATEGORIES, DESKS
from content.settings import SUBJECTS
from portal.pages.help import TOPICS
from tests.accounts import letter_for

OFFICE = {register.name: register for register in REGISTERS}
# Not pages: machines read them, or they need a file.
NOT_PAGES = (
    "/static/",
    "/account/data.",
    "/calendar/",
    "/files/",
    "/follow/files/",
    "/report/files/",
    "/healthz",
    "/metrics",
    "/robots.txt",
    "/sitemap",
    "/welcome",  # gone once somebody can sign in: see test_welcome
    "/feed.atom",
    "/<kind:kind>/feed.atom",
    "/browse/<path:path>/feed.atom",
)


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
    if rule == "/estate/buildings/new":
        return [f"{rule}?community={place.id}" for place in Community.select()]
    if "<" not in rule:
        return [rule]
    if rule == "/browse/<path:path>":
        return [section_address(house.board), section_address(house.library)]
    if rule == "/forgot/<letter>":
        return [f"/forgot/{letter_for(house.owner)}"]
    if rule == "/unsubscribe/<word>":
        return [f"/unsubscribe/{wishes.stop_word(house.owner)}", "/unsubscribe/1.0"]
    if rule.startswith("/admin/") and rule.split("/")[2] in OFFICE:
        return _office(rule, house)
    if rule.startswith("/admin/exports/<uid>"):
        return []
    if rule == "/admin/settings/<subject>":
        return [f"/admin/settings/{name}" for name in SUBJECTS]
    if rule == "/help/<topic>":
        return [f"/help/{name}" for name in TOPICS]
    if "<kind:kind>" in rule:
        if rule == "/<kind:kind>/":
            return [f"/{kind.address}/" for kind in KINDS.values() if kind.board]
        return [address(item) for item in items]
    if rule.startswith("/estate/"):
        return _estate(rule)
    if rule == "/report/<category>":
        return [f"/report/{name}" for name in CATEGORIES]
    if rule.startswith("/desk/<desk>/"):
        return [rule.replace("<desk>", name) for name in DESKS]
    if rule == "/desk/slip/<number>":
        return [f"/desk/slip/{case.number}" for case in Case.select()]
    if rule == "/desk/new":
        return ["/desk/new", *(f"/desk/new?category={name}" for name in CATEGORIES)]
    if rule == "/cases/<number>":
        return [f"/cases/{case.number}" for case in Case.select()]
    if rule.startswith("/work/new/"):
        return [f"/work/new/{name}?section={house.board.id}" for name in KINDS]
    if rule.startswith("/work/batch/"):
        return [f"/work/batch/{what}?item={items[0].id}" for what in ("move", "copy", "trash")]
    return [_work(rule, item, house) for item in items[:6]]


def _office(rule: str, house: SimpleNamespace) -> list[str]:
    """Addresses of a register: of its first record, if there is one that an administrator sees."""
    if "/find/" in rule:
        return []
    rows = listing.page(house.administrator, OFFICE[rule.split("/")[2]]).rows
    return [rule.replace("<key>", str(row.id)) for row in rows[:1]]


def _estate(rule: str) -> list[str]:
    """Addresses of homes, where a test has made some; a list that waits to be imported is in test_estate_pages."""
    tables: dict[str, Any] = {"buildings": Building, "homes": Household, "residents": Resident}
    if "<uid>" in rule:
        return []
    rows = tables[rule.split("/")[2]].select()
    return [rule.replace("<int:id>", str(row.id)) for row in rows]


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
