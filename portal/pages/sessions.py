"""Signing in, with a second factor where there is one, and out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import throttle
from content.accounts import second
from content.errors import Invalid
from content.people import Person, sign_in
from content.signing_names import canonical
from portal.web import login as plumbing
from portal.web.i18n import say
from portal.web.login import person
from portal.web.reading import of_person, reading, remember
from portal.web.security import safe_path
from portal.web.waiting import retry_after, told

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
    """Check name and password and go on to where the reader wanted to be, or to the second factor."""
    target = safe_path(request.form.get("next"))
    username = request.form.get("username", "").strip()
    place, name = request.remote_addr or "", canonical(username)
    try:
        throttle.check(name, place)
    except throttle.TooManyTries as refused:
        return retry_after(_form(target, username, {"username": [say(refused.message)]}, status=429), refused)
    found = sign_in(username, request.form.get("password", ""))
    if found is None:
        throttle.note_failure(name, place)
        problem = _(
            "The user name or the password is not right. Please check both, also upper and lower case."
        )
        return _form(target, username, {"username": [problem]}, status=422)
    throttle.note_success(name, place)
    remembered = "remember" in request.form
    if second.factor_of(found) is not None:
        plumbing.stand_halfway(found, remembered, target)
        return redirect("/login/second", code=303)
    return _entered(found, target, remembered=remembered)


@pages.get("/login/second")
def ask_second() -> Response:
    """The form for the second factor; who has not given the password is sent back to it."""
    if plumbing.halfway() is None:
        return redirect("/login")
    return _no_store("login_second.html", errors={})


@pages.post("/login/second")
def enter_second() -> Response:
    """Check the code and go on."""
    kept = plumbing.halfway()
    if kept is None:
        flash(_("That took too long. Please sign in once more."), "note")
        return redirect("/login", code=303)
    found, remembered, target = kept
    try:
        second.check(found, request.form.get("code", ""))
    except throttle.TooManyTries as refused:
        page = _no_store("login_second.html", status=429, errors={"code": [say(refused.message)]})
        return retry_after(page, refused)
    except Invalid as invalid:
        return _no_store("login_second.html", status=422, errors=told(invalid))
    return _entered(found, target, remembered=remembered, second=True)


@pages.post("/logout")
def leave() -> Response:
    """Sign out and return to the first page."""
    plumbing.leave()
    flash(_("You are signed out."), "done")
    return redirect("/", code=303)


def _entered(found: Person, target: str, *, remembered: bool, second: bool = False) -> Response:
    plumbing.enter(found, remembered=remembered, second=second)
    response = redirect(target, code=303)
    # Signed out again, this browser goes on in the same language and size.
    remember(response, of_person(found, reading()), g.settings.secure_cookies)
    return response


def _form(
    target: str, username: str = "", errors: dict[str, list[str]] | None = None, status: int = 200
) -> Response:
    return _no_store("login.html", status=status, target=target, username=username, errors=errors or {})


def _no_store(template: str, status: int = 200, **values: Any) -> Response:
    response = make_response(render_template(template, **values), status)
    response.headers["Cache-Control"] = "no-store"
    return response
