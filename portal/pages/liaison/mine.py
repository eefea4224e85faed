"""The page of a leader or a counselor, and all their meetings."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from content import liaison
from content.liaison.reading import PAGE
from content.permissions import may
from portal.pages.liaison.words import reader
from portal.web import numbers

pages = Blueprint("mine", __name__)


@pages.get("/")
def home() -> Response | str:
    """My counselors or my leader, what is due, what waits; the office is led to the overview."""
    me = reader()
    roles = me.roles_somewhere()
    if may(me, "liaison:office") and not roles & {"leader", "counselor"}:
        return redirect(url_for("liaison.office.overview"))
    return render_template(
        "liaison/home.html",
        found=liaison.home(me),
        leads="leader" in roles,
        is_led="counselor" in roles,
        me=me,
    )


@pages.get("/meetings/")
def meetings() -> str:
    """All meetings of the reader's own pairings, the latest first."""
    me = reader()
    before = numbers.number(request.args.get("before"))
    found = liaison.meetings_of(me, before=before)
    older = f"/liaison/meetings/?before={found[-1].id}" if len(found) >= PAGE else ""
    return render_template(
        "liaison/meetings.html",
        found=found,
        older=older,
        newest="/liaison/meetings/" if before else "",
        me=me,
    )
