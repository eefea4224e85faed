"""Leaders and counselors: their own page, their meetings, and what the liaison office sees."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from content.errors import NotFound
from content.permissions import may
from portal.pages.liaison import logging, meeting, mine, office, pairs, words
from portal.web.login import person

pages = Blueprint("liaison", __name__, url_prefix="/liaison")
for _part in (mine, logging, meeting, office, pairs):
    pages.register_blueprint(_part.pages)


@pages.record_once
def _know_words(state: Any) -> None:
    state.app.jinja_env.globals.update(
        meeting_kinds=words.KINDS,
        meeting_activities=words.ACTIVITIES,
        meeting_state=words.state_of,
        due_look=words.due_look,
        cell_look=words.cell_look,
        is_late=words.is_late,
    )


@pages.before_request
def enter() -> Response | None:
    """Visitors are asked to sign in; who has no part in it learns nothing of it."""
    reader = person()
    if reader is None:
        return redirect(url_for("sessions.login", next=request.full_path.rstrip("?")))
    if not may(reader, "liaison:enter"):
        raise NotFound()
    return None
