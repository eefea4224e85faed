"""The desks of those who work matters: what waits, the lists, recording for somebody, and the acts on a matter."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from content.cases import OPEN_STATES
from content.errors import NotFound
from content.permissions import may
from portal.pages.desk import (
    acts,
    asides,
    choices,
    exports,
    intake,
    listing,
    marks,
    overview,
    slips,
    ties,
    times,
    words,
)
from portal.web.login import person

pages = Blueprint("desk", __name__)
for _part in (overview, intake, asides, slips, exports, listing):
    pages.register_blueprint(_part.pages, url_prefix="/desk")
for _part in (acts, ties):
    pages.register_blueprint(_part.pages, url_prefix="/cases")


@pages.record_once
def _know_words(state: Any) -> None:
    state.app.jinja_env.globals.update(
        desk_choices=choices.of_case,
        due_mark=marks.due_mark,
        open_states=OPEN_STATES,
        field_time=times.for_field,
        show_words=words.show_words,
        capped=words.capped,
        desks_here=words.desks_here,
        labelled=words.labelled,
        choices_of=words.choices_of,
        channel_label=words.channel_label,
        staff_options=words.staff_options,
        department_options=words.department_options,
        category_options=words.category_options,
    )
    state.app.jinja_env.filters["telephone"] = marks.telephone


@pages.before_request
def enter() -> Response | None:
    """Visitors are asked to sign in; who is not staff learns nothing of it. Any staff member may record (R-004)."""
    reader = person()
    if reader is None:
        return redirect(url_for("sessions.login", next=_way_back()))
    if not may(reader, "case:record"):
        raise NotFound()
    return None


def _way_back() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else "/desk/"
