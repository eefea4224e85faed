"""Lists of one kind and the pages of single items, for every kind there is."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from werkzeug.routing import BaseConverter, ValidationError
from werkzeug.wrappers import Response

from content.items import KINDS, ContentType, Item, Section, address
from content.people import Person
from content.permissions import ANYWHERE, is_live, is_public_to, may, visible
from portal.pages import lists, showing
from portal.pages.places import Tree, tree_for
from portal.web.login import person

pages = Blueprint("items", __name__)


class KindConverter(BaseConverter):
    """The first part of an address that belongs to a kind; looked up when asked, so new kinds just work."""

    def to_python(self, value: str) -> ContentType:
        for kind in KINDS.values():
            if kind.address == value:
                return kind
        raise ValidationError()

    def to_url(self, value: ContentType | str) -> str:
        return value if isinstance(value, str) else value.address


@pages.record_once
def _know_kinds(state: Any) -> None:
    app: Flask = state.app
    app.url_map.converters["kind"] = KindConverter


def listing(kind: ContentType) -> str:
    """The list of one kind, narrowed by section, page by page; both kept in the address."""
    if not kind.board:
        abort(404)
    reader = person()
    tree = tree_for(reader)
    section = tree.wanted(request.args.get("section"))
    places = tree.ids_below(section) if section else None
    before = request.args.get("before", "")
    if kind.order == "position":
        condition = Item.kind == kind.name
        if places is not None:
            condition &= Item.section.in_(places)
        found = lists.arranged(reader, condition, before)
    else:
        found = lists.newest(reader, kind.name, places, before)
    first = before == ""
    return render_template(
        "items/list.html",
        kind=kind,
        tree=tree,
        section=section,
        places=_offered(reader, kind, tree),
        found=found,
        pinned=lists.pinned(reader, [kind.name], places) if first else lists.Listed([]),
        first=first,
        may_write=_may_write(reader, section),
        older=_page(before=found.older) if found.older else "",
        newest=_page(before=None) if not first else "",
    )


def _offered(reader: Person | None, kind: ContentType, tree: Tree) -> list[Section]:
    """The sections a list can be narrowed to; of arranged kinds, which have few items, those that hold some."""
    places = [row for row, _ in tree.walk() if not row.library]
    if kind.order != "position":
        return places
    query = Item.select(Item.section).where(visible(reader), Item.kind == kind.name).distinct()
    rows: Any = query.tuples()
    holding = {place for (place,) in rows}
    return [row for row in places if holding.intersection(tree.ids_below(row))]


def _page(**changes: str | None) -> str:
    """This list's address with some of its filters changed."""
    args = {**request.args.to_dict(), **changes}
    kept = {key: value for key, value in args.items() if value}
    return request.path + ("?" + urlencode(kept) if kept else "")


def _may_write(reader: Person | None, section: Section | None) -> bool:
    return may(reader, "item:create", section or ANYWHERE)


@pages.get("/<kind:kind>/", strict_slashes=False)
def list_of(kind: ContentType) -> str:
    """The list of a kind that is newest first or as arranged."""
    return listing(kind)


@pages.get("/<kind:kind>/<slug>")
def one(kind: ContentType, slug: str) -> Response | str:
    """The page of an item. Its number counts; other words or another kind lead to its true address."""
    number = showing.number_in(slug)
    if number is None:
        abort(404)
    reader = person()
    item = _found(reader, number)
    public = is_public_to(reader, item)
    if not public and not may(reader, "item:draft-view", item):
        return _hidden(reader, item)
    if request.path != address(item):
        return redirect(address(item), code=302)
    audience = lists.for_whom(reader, [item]).get(item.id, [])
    line = showing.line_of(reader, item.section)
    shown = showing.document(item, line=line, audience=audience, draft=not public)
    return showing.page_of(shown)


def _found(reader: Person | None, number: int) -> Item:
    """The item with this number; for a visitor its section comes from the tree kept in memory."""
    item: Item | None = next(iter(Item.raw(_item_query(), number)), None)
    if item is None:
        abort(404)
    if reader is None:
        place = tree_for(None).sections.get(item.section_id)
        if place is not None:
            item.section = place
    return item


@cache
def _item_query() -> str:
    """Every item's page begins with it: its SQL is written only once."""
    return str(Item.select().where(Item.id == 0).sql()[0])


def _hidden(reader: Person | None, item: Item) -> Response:
    """A visitor is asked to sign in for what some account may read; everything else is not there."""
    if reader is None and is_live(item):
        return redirect(url_for("sessions.login", next=request.path))
    abort(404)
