"""The tree of sections: what lies in a place, and the places below it."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from content.items import Item, Redirect, Section, section_address
from content.permissions import may
from portal.pages import lists
from portal.pages.places import Tree, tree_for
from portal.web.login import person

pages = Blueprint("sections", __name__)


@pages.get("/browse/")
def roots() -> str:
    """The places at the root."""
    tree = tree_for(person())
    return render_template("sections/roots.html", tree=tree)


@pages.get("/browse/<path:path>")
def section(path: str) -> Response | str:
    """One place: its sections and its items. An address from before a move leads to the present one."""
    reader = person()
    tree = tree_for(reader)
    place = tree.at(path)
    if place is None:
        return _moved_or_hidden(tree, path)
    after = request.args.get("before", "")
    found = lists.arranged(reader, Item.section == place.id, after)
    return render_template(
        "sections/section.html",
        tree=tree,
        section=place,
        found=found,
        older=f"{request.path}?before={found.older}" if found.older else "",
        newest=request.path if after else "",
        may_write=may(reader, "item:create", place),
    )


def _moved_or_hidden(tree: Tree, path: str) -> Response:
    moved = Redirect.get_or_none(Redirect.old_path == f"/browse/{path.strip('/')}")
    if moved is not None and moved.section_id in tree.sections:
        return redirect(tree.address(tree.sections[moved.section_id]), code=302)
    if person() is None and _exists(path):
        return redirect(url_for("sessions.login", next=request.path))
    abort(404)


def _exists(path: str) -> bool:
    address = "/browse/" + path.strip("/")
    rows = Section.select().where(Section.slug == address.rpartition("/")[2], Section.trashed_at.is_null())
    return any(section_address(row) == address for row in rows)
