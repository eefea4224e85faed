"""The workspace of those who work matters: what waits for me first, then what I received, then each desk."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from content import reception
from content.cases import OPEN_STATES
from content.errors import NotFound
from content.reception.categories import DESKS
from portal.pages.desk.listing import LONGEST
from portal.pages.desk.words import desks_here
from portal.web.login import person

pages = Blueprint("overview", __name__)
# What each desk counts on the workspace; every one leads to the list that it counts.
COUNTED = ("new", "mine", "open", "answered")
# whoever received it first follows it until it is closed.
_FOLLOWED = (*OPEN_STATES, "answered")


@pages.get("/")
def overview() -> str:
    """By promised time what waits for me; then what I was the first to receive (R-040); then the desks."""
    reader = person()
    counts = reception.desk_counts(reader)
    return render_template(
        "desk/overview.html",
        waiting=reception.waiting_for(reader),
        received=[row for row in reception.received_by(reader) if row.state in _FOLLOWED],
        counts=counts,
        desks=[DESKS[name] for name in counts],
        counted=COUNTED,
    )


@pages.get("/find")
def find() -> Response:
    """A number leads to its matter, anything else to the first desk where it is found."""
    reader, q = person(), request.args.get("q", "").strip()[:LONGEST]
    desks = desks_here()
    try:
        return redirect(f"/cases/{reception.find(reader, q).number}")
    except NotFound:
        pass
    if not q or not desks:
        return redirect("/desk/")
    hit = next(
        (one for one in desks if reception.desk_page(reader, one.name, show="all", q=q).cases), desks[0]
    )
    return redirect(f"/desk/{hit.name}/?{urlencode({'show': 'all', 'q': q})}")
