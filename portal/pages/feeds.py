"""Atom (RFC 4287): what is new of a kind, of a section with all below it, and of everything; for everybody."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, abort, g, request
from flask_babel import gettext as _
from peewee import Expression

from content.items import ContentType, Item, Section, address
from content.late import Late
from content.permissions import visible
from portal.pages.places import tree_for
from portal.web import public
from portal.web.reading import reading
from portal.web.shown import item_plain, item_tag, plain

etree = Late("lxml.etree")
pages = Blueprint("feeds", __name__)
ATOM = "http://www.w3.org/2005/Atom"
XML = "{http://www.w3.org/XML/1998/namespace}"
MOST = 30
TYPE = "application/atom+xml"
# An empty feed was never changed, but must say when it was (RFC 4287, 4.1.1).
_NEVER = datetime(2020, 1, 1, tzinfo=UTC)
_COLUMNS = (
    Item.id, Item.uid, Item.kind, Item.title, Item.summary, Item.slug, Item.script, Item.scripts,
    Item.published_at, Item.changed_at,
)  # fmt: skip
# XML has no words for these, not even escaped.
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


class Entry(NamedTuple):
    """A row of a feed."""

    id: int
    uid: str
    kind: str
    title: str
    summary: str
    slug: str
    script: str
    scripts: dict[str, Any] | None
    published_at: datetime
    changed_at: datetime

    @property
    def updated(self) -> datetime:
        """When readers were last given something else."""
        return max(self.published_at, self.changed_at)


@pages.get("/feed.atom")
def everything() -> Response:
    """What is new anywhere."""
    public.read_as_asked()
    return _feed("all", plain(g.settings.site_name), "/", _newest(None))


@pages.get("/<kind:kind>/feed.atom")
def of_kind(kind: ContentType) -> Response:
    """What is new of one kind."""
    public.read_as_asked()
    path = f"/{kind.address}/" if kind.board or kind.name == "policy" else "/"
    return _feed(f"kind {kind.name}", _(kind.plural), path, _newest(Item.kind == kind.name))


@pages.get("/browse/<path:path>/feed.atom")
def of_section(path: str) -> Response:
    """What is new in a section that everybody may see, and below it."""
    public.read_as_asked()
    tree = tree_for(None)
    place: Section | None = tree.at(path)
    if place is None:
        abort(404)
    rows = _newest(Item.section.in_(tree.ids_below(place)))
    return _feed(f"section {place.uid}", plain(place.title, place.script), tree.address(place), rows)


def _newest(condition: Expression | None) -> Sequence[Entry]:
    query = Item.select(*_COLUMNS).where(visible(None))
    if condition is not None:
        query = query.where(condition)
    query = query.order_by(Item.published_at.desc(), Item.id.desc()).limit(MOST)
    rows: Any = query.tuples()
    return [Entry(*row) for row in rows]


def _feed(name: str, title: str, page: str, rows: Sequence[Entry]) -> Response:
    """A feed about the page at ``page``; ``name`` makes its identifier, the same for ever and in every language."""
    site = plain(g.settings.site_name)
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    root.set(f"{XML}lang", reading().tag)
    _say(root, "id", uuid.uuid5(_portal(), name).urn)
    _say(root, "title", title if page == "/" else f"{title} · {site}")
    _say(root, "updated", _stamp(max((row.updated for row in rows), default=_NEVER)))
    _say(etree.SubElement(root, f"{{{ATOM}}}author"), "name", site)
    here = request.path + (f"?lang={reading().tag}" if g.get("language_of_address") else "")
    _link(root, "self", public.absolute(here), TYPE)
    _link(root, "alternate", public.absolute(page), "text/html")
    _say(root, "icon", public.absolute("/static/img/seal.svg"))
    _entries(root, rows)
    body = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return Response(body, content_type=f"{TYPE}; charset=utf-8")


def _portal() -> uuid.UUID:
    """The space of names of this portal's feeds: the identifier of its first section, whatever its address is."""
    first: Any = Section.select(Section.uid).order_by(Section.id).limit(1).scalar()
    return uuid.UUID(first)


def _entries(root: Any, rows: Iterable[Entry]) -> None:
    for row in rows:
        one = etree.SubElement(root, f"{{{ATOM}}}entry")
        item: Any = row
        one.set(f"{XML}lang", item_tag(item))
        _say(one, "id", uuid.UUID(row.uid).urn)
        _say(one, "title", item_plain(item, "title"))
        _say(one, "updated", _stamp(row.updated))
        _say(one, "published", _stamp(row.published_at))
        _link(one, "alternate", public.absolute(address(item)), "text/html")
        words = item_plain(item, "summary")
        if words:
            _say(one, "summary", words)


def _say(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = text.translate(_FORBIDDEN)


def _link(parent: Any, rel: str, href: str, type: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "type": type, "href": href})


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
