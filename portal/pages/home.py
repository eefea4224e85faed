"""The first page: the four large acts, what is pinned, what is new, what is coming."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, redirect, render_template
from werkzeug.wrappers import Response

from content import moment, outbox, reception, welcome
from content.people import Person
from content.permissions import ANYWHERE, may
from content.reception.rows import Row
from portal.pages import lists
from portal.web.login import person

pages = Blueprint("home", __name__)
LATEST = 6
COMING = 3
MESSAGES = 3
MATTERS = 3


@pages.get("/")
def home() -> Response | str:
    """The first page for everybody; of an empty portal the assistant that sets it up."""
    reader = person()
    if reader is None and welcome.needed():
        return redirect("/welcome")
    kinds = [kind.name for kind in lists.board_kinds() if kind.name != "event"]
    today: date = moment.today(g.settings.zone)
    return render_template(
        "home.html",
        today=today,
        pinned=lists.pinned(reader, kinds),
        latest=lists.newest(reader, "notice", limit=LATEST),
        coming=lists.coming_events(reader, COMING),
        may_write=may(reader, "item:create", ANYWHERE),
        messages=outbox.inbox(reader, unread=True, limit=MESSAGES) if reader is not None else [],
        matters=_open_matters(reader),
    )


def _open_matters(reader: Person | None) -> list[Row]:
    """The latest of the reader's own matters that are not at their end."""
    rows = reception.my_matters(reader).cases
    return [row for row in rows if row.standing != "closed"][:MATTERS]
