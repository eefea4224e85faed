"""The homes of the communities: who owns and rents them, letters with codes, lists read in."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from content.errors import NotFound
from content.permissions import may
from portal.pages.estate import homes, places, reading_in, residents
from portal.web.login import person

pages = Blueprint("estate", __name__, url_prefix="/estate")
for _part in (places, homes, residents, reading_in):
    pages.register_blueprint(_part.pages)


@pages.before_request
def enter() -> Response | None:
    """Visitors are asked to sign in; who does not look after homes learns nothing of them."""
    reader = person()
    if reader is None:
        return redirect(url_for("sessions.login", next=request.full_path.rstrip("?")))
    if not may(reader, "estate:enter"):
        raise NotFound()
    return None
