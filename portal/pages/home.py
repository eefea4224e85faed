"""The first page: the four large acts, what is pinned, what is new, what is coming."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, render_template

from content import moment
from content.permissions import ANYWHERE, may
from portal.pages import lists
from portal.web.login import person

pages = Blueprint("home", __name__)
LATEST = 6
COMING = 3


@pages.get("/")
def home() -> str:
    """The first page for everybody."""
    reader = person()
    kinds = [kind.name for kind in lists.board_kinds() if kind.name != "event"]
    today: date = moment.today(g.settings.zone)
    return render_template(
        "home.html",
        today=today,
        pinned=lists.pinned(reader, kinds),
        latest=lists.newest(reader, "notice", limit=LATEST),
        coming=lists.coming_events(reader, COMING),
        may_write=may(reader, "item:create", ANYWHERE),
    )
