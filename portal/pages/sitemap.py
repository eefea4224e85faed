"""For search engines: every public page with the date of its last change, and what is nobody's to crawl."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort
from peewee import fn

from content.items import KINDS, Item
from content.permissions import visible
from portal.pages.places import tree_for
from portal.web import public

pages = Blueprint("sitemap", __name__)
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
# Items per part, by number; the protocol allows 50,000 addresses, but a part should be made in a moment.
PART = 10_000
FIXED = ("/", "/contact", "/staff/", "/browse/", "/report", "/help/")
Entry = tuple[str, datetime | None]


@pages.get("/sitemap.xml")
def sitemap() -> Response:
    """All addresses, or with many items the list of the parts."""
    last = Item.select(fn.MAX(Item.id)).where(visible(None)).scalar() or 0
    if last < PART:
        return _addresses([*_places(), *_items(0)])
    parts = ["/sitemap-pages.xml", *(f"/sitemap-{part}.xml" for part in range(last // PART + 1))]
    lines = [f"<sitemap><loc>{escape(public.absolute(path))}</loc></sitemap>" for path in parts]
    return _xml("sitemapindex", lines)


@pages.get("/sitemap-pages.xml")
def places() -> Response:
    """The part without items: lists and sections."""
    return _addresses(_places())


@pages.get("/sitemap-<int:part>.xml")
def items(part: int) -> Response:
    """The items with the numbers of one part; some parts are empty."""
    if part > (Item.select(fn.MAX(Item.id)).where(visible(None)).scalar() or 0) // PART:
        abort(404)
    return _addresses(_items(part))


def _places() -> list[Entry]:
    tree = tree_for(None)
    lists = [f"/{kind.address}/" for kind in KINDS.values() if kind.board or kind.name == "policy"]
    sections = [tree.address(place) for place, _depth in tree.walk()]
    return [(path, None) for path in (*FIXED, *lists, *sections)]


def _items(part: int) -> list[Entry]:
    query = Item.select(Item.id, Item.kind, Item.slug, Item.published_at, Item.changed_at).where(
        visible(None), Item.id >= part * PART, Item.id < (part + 1) * PART
    )
    rows: Any = query.order_by(Item.id).tuples()
    return [
        (f"/{KINDS[kind].address}/{id}" + (f"-{slug}" if slug else ""), max(published, changed))
        for id, kind, slug, published, changed in rows
    ]


def _addresses(entries: list[Entry]) -> Response:
    return _xml("urlset", [_entry(path, at) for path, at in entries])


def _entry(path: str, at: datetime | None) -> str:
    changed = f"<lastmod>{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if at else ""
    return f"<url><loc>{escape(public.absolute(quote(path)))}</loc>{changed}</url>"


def _xml(root: str, lines: list[str]) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {SPACE}>\n' + "\n".join(lines) + f"\n</{root}>\n"
    return Response(body, content_type="application/xml; charset=utf-8")
