"""The library: rules and procedures by their place in its tree. A document's own page is an item's page."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from content.items import Item
from content.permissions import may
from portal.pages import lists
from portal.pages.places import tree_for
from portal.web.login import person

pages = Blueprint("library", __name__)


@pages.get("/library/")
def library() -> str:
    """Search first, the tree beside, the documents place by place."""
    reader = person()
    tree = tree_for(reader)
    section = tree.wanted(request.args.get("section"))
    condition = Item.kind == "policy"
    if section:
        condition &= Item.section.in_(tree.ids_below(section))
    after = request.args.get("before", "")
    found = lists.arranged(reader, condition, after)
    kept = f"section={section.id}&" if section else ""
    return render_template(
        "library.html",
        tree=tree,
        section=section,
        found=found,
        older=f"/library/?{kept}before={found.older}" if found.older else "",
        newest=f"/library/?{kept}" if after else "",
        may_write=may(reader, "item:create", section),
    )
