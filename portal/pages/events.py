"""The list of events: what is coming first, what was on request."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from content.items import KINDS, Item
from content.permissions import may
from portal.pages import lists
from portal.pages.places import tree_for
from portal.web.login import person

pages = Blueprint("events", __name__)


@pages.get("/events/")
def events() -> str:
    """Coming events, or with ``?past=1`` those that were."""
    reader = person()
    tree = tree_for(reader)
    section = tree.wanted(request.args.get("section"))
    condition = Item.section.in_(tree.ids_below(section)) if section else None
    past = request.args.get("past") == "1"
    before = request.args.get("before", "")
    found = (
        lists.past_events(reader, before, condition=condition)
        if past
        else lists.coming_events(reader, condition=condition)
    )
    return render_template(
        "events.html",
        kind=KINDS["event"],
        found=found,
        past=past,
        section=section,
        older=f"/events/?past=1&before={found.older}" if found.older else "",
        newest="/events/?past=1" if before else "",
        may_write=may(reader, "item:create", section),
    )
