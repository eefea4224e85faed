"""The service centre helps somebody back into their account."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.wrappers import Response

from content.accounts import helping
from content.accounts.helping import Found
from content.errors import NotFound
from content.permissions import require
from portal.pages.accounts.common import me
from portal.web.cache import fresh
from portal.web.numbers import number
from portal.web.waiting import Errors, tried

pages = Blueprint("helping", __name__)


@pages.get("/accounts/help")
@login_required
def form() -> str:
    """Whom to help."""
    require(me(), "accounts:help")
    return _page({})


@pages.post("/accounts/help")
@login_required
def find() -> Response:
    """The account that goes with a telephone or user name. Posted, so that no number is in an address."""
    found, refused = tried(lambda: helping.find(me(), request.form.get("who", "")), _page, "who")
    return refused or make_response(_page({}, found))


@pages.post("/accounts/help/code")
@login_required
def code() -> Response:
    """Hand out a code, shown this once."""
    id = _id()
    made = helping.hand_out(me(), id)
    return make_response(_page({}, helping.find_by_id(me(), id), made))


@pages.post("/accounts/help/second")
@login_required
def second() -> Response:
    """Take the second factor off for somebody who lost it."""
    helping.take_off_second(me(), _id())
    flash(_("The second factor is off. The person was told."), "done")
    return redirect("/accounts/help", code=303)


def _id() -> int:
    require(me(), "accounts:help")
    id = number(request.form.get("id"))
    if id is None:
        raise NotFound()
    return id


def _page(errors: Errors, found: Found | None = None, code: str = "") -> str:
    fresh()
    return render_template("accounts/help.html", errors=errors, found=found, code=code)
