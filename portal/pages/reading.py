"""The switches in the header: language, script and large print."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, g, redirect, request
from werkzeug.wrappers import Response

from content.people import Person, set_reading
from portal.web.login import person
from portal.web.reading import LOCALES, Reading, in_language, reading, remember
from portal.web.security import csrf, safe_path, same_origin

pages = Blueprint("reading", __name__)


@pages.post("/reading")
@csrf.exempt  # visitors' pages come from the page cache and hold no token; the origin is checked instead
def choose() -> Response:
    """Set language, script or large print, remember it, and go back to the page it came from."""
    if not same_origin(request):
        abort(400)
    chosen = _chosen(reading())
    reader = person()
    if reader is not None:
        save(reader, chosen)
    response = redirect(safe_path(request.form.get("next")), code=303)
    remember(response, chosen, g.settings.secure_cookies)
    return response


def _chosen(now: Reading) -> Reading:
    """The present preferences with what the form changes; a language brings its script along."""
    locale, script = request.form.get("language", ""), request.form.get("script")
    if locale in LOCALES:
        now = replace(in_language(locale), elder=now.elder)
    if script in ("", "hant", "hans"):
        now = replace(now, script=script)
    if "elder" in request.form:
        now = replace(now, elder=request.form["elder"] == "1")
    return now


def save(reader: Person, chosen: Reading) -> None:
    """Remember the preferences in the account; a script that only follows the language stays open."""
    follows = in_language(chosen.locale).script
    set_reading(reader, chosen.locale, "" if chosen.script == follows else chosen.script, chosen.elder)
