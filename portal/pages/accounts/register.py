"""Making an account with the code of a home."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.wrappers import Response

from content.accounts import registering
from content.estate.homes import home, label
from portal.pages.accounts.common import me
from portal.web.cache import fresh
from portal.web.login import person
from portal.web.waiting import Errors, tried

pages = Blueprint("register", __name__)


@pages.get("/register")
def form() -> Response | str:
    """The form; who has an account already is sent to it."""
    return redirect("/account") if person() is not None else _page({})


@pages.post("/register")
def make() -> Response:
    """Make the account. The answer is the same if there is one with this telephone."""
    if person() is not None:
        return redirect("/account", code=303)
    values = {name: request.form.get(name, "") for name in registering.FIELDS}
    place = request.remote_addr or ""
    _made, refused = tried(lambda: registering.register(values, address=place), _page, "code")
    if refused is not None:
        return refused
    flash(_("Thank you. Please sign in with your telephone and the password."), "done")
    return redirect("/login", code=303)


@pages.post("/account/home")
@login_required
def add_home() -> Response:
    """Add the home of a code to one's own account."""
    place = request.remote_addr or ""
    resident, refused = tried(
        lambda: registering.add_home(me(), request.form.get("code", ""), address=place), _home_page, "code"
    )
    if refused is not None:
        return refused
    found = home(resident.household_id)
    flash(_("%(home)s is now in your account.", home=label(found) if found else ""), "done")
    return redirect("/account", code=303)


@pages.get("/account/home")
@login_required
def home_form() -> str:
    """The form for the code of another home."""
    return _home_page({})


def _page(errors: Errors) -> str:
    fresh()
    return render_template("accounts/register.html", errors=errors)


def _home_page(errors: Errors) -> str:
    fresh()
    return render_template("accounts/home.html", errors=errors)
