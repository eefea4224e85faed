"""The editors' side: the workspace, the tree, the form, and what leads from draft to board and back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from content.errors import NotFound
from content.permissions import may
from portal.pages.work import (
    autosaves,
    batches,
    desk,
    editing,
    past,
    picking,
    preview,
    sections,
    steps,
    trash,
    verbs,
    words,
)
from portal.web.login import person

pages = Blueprint("work", __name__, url_prefix="/work")
for _part in (desk, sections, batches, editing, autosaves, preview, steps, past, trash, picking, words):
    pages.register_blueprint(_part.pages)


@pages.record_once
def _know_words(state: Any) -> None:
    state.app.jinja_env.globals.update(standing=verbs.standing, verb_words=verbs.verb_words)


@pages.before_request
def enter() -> Response | None:
    """Visitors are asked to sign in; who has no business here learns nothing of it."""
    reader = person()
    if reader is None:
        return redirect(url_for("sessions.login", next=request.full_path.rstrip("?")))
    if not may(reader, "work:enter"):
        raise NotFound()
    return None
