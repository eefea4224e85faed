"""The first-run assistant of an empty portal, and what to do next."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.wrappers import Response

from content import welcome
from content.errors import NotFound
from content.permissions import require
from content.settings import ABOUT
from portal.web import login as plumbing
from portal.web.cache import fresh
from portal.web.connection import base_settings
from portal.web.login import person
from portal.web.reading import reading
from portal.web.waiting import Errors, tried

pages = Blueprint("welcome", __name__)


@pages.get("/welcome")
def form() -> str:
    """The questions of the assistant, while nobody can sign in."""
    if not welcome.needed():
        raise NotFound()
    typed = {name: str(getattr(g.settings, name, "")) for name in welcome.FIELDS}
    if "locale" not in base_settings().fixed:
        typed["locale"] = reading().locale  # who sets it up reads as most of its readers will
    return _page({}, {**typed, "username": "administrator"})


@pages.post("/welcome")
def begin() -> Response:
    """Set the portal up and sign its first administrator in."""
    if not welcome.needed():
        raise NotFound()
    typed = {name: request.form[name] for name in welcome.FIELDS if name in request.form}
    found, refused = tried(
        lambda: welcome.begin(base_settings(), typed, address=request.remote_addr or ""),
        lambda errors: _page(errors, typed),
        "code",
    )
    if refused is not None:
        return refused
    plumbing.enter(found, remembered=False)
    flash(_("The portal is set up, and you are signed in."), "done")
    return redirect("/welcome/next", code=303)


@pages.get("/welcome/next")
@login_required
def what_next() -> str:
    """The first steps of an administrator."""
    require(person(), "site:administer")
    fresh()
    return render_template("welcome/next.html")


def _page(errors: Errors, typed: dict[str, str]) -> str:
    fresh()
    return render_template(
        "welcome/form.html",
        errors=errors,
        typed=typed,
        about=ABOUT,
        fixed=base_settings().fixed,
        values=g.settings,
    )
