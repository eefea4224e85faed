"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from content import moment, throttle
from content.people import sign_in
from portal.web.i18n import say
from portal.web.login import person
from portal.web.reading import of_person, reading, remember
from portal.web.security import safe_path

pages = Blueprint("sessions", __name__)


@pages.get("/login")
def login() -> Response:
    """The form to sign in; who is signed in already is sent on."""
    target = safe_path(request.args.get("next"))
    if person() is not None:
        return redirect(target)
    return _form(target)


@pages.post("/login")
def enter() -> Response:
    """Check name and password and go on to where the reader wanted to be."""
    target = safe_path(request.form.get("next"))
    username = request.form.get("username", "").strip()
    place = request.remote_addr or ""
    try:
        throttle.check(username, place)
    except throttle.TooManyTries as refused:
        answer = _form(target, username, {"username": [say(refused.message)]}, status=429)
        answer.headers["Retry-After"] = str(int((refused.until - moment.now()).total_seconds()) + 1)
        return answer
    found = sign_in(username, request.form.get("password", ""))
    if found is None:
        throttle.note_failure(username, place)
        problem = _(
            "The user name or the password is not right. Please check both, also upper and lower case."
        )
        return _form(target, username, {"username": [problem]}, status=422)
    throttle.note_success(username, place)
    login_user(found, remember="remember" in request.form)
    response = redirect(target, code=303)
    # Signed out again, this browser goes on in the same language and size.
    remember(response, of_person(found, reading()), g.settings.secure_cookies)
    return response


@pages.post("/logout")
def leave() -> Response:
    """Sign out and return to the first page."""
    logout_user()
    flash(_("You are signed out."), "done")
    return redirect("/", code=303)


def _form(
    target: str, username: str = "", errors: dict[str, list[str]] | None = None, status: int = 200
) -> Response:
    page = render_template("login.html", target=target, username=username, errors=errors or {})
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
