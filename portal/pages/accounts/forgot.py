"""A forgotten password: a link by mail, or a code from the service centre."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import channels
from content.accounts import resetting
from content.errors import NotFound
from portal.web.cache import fresh
from portal.web.waiting import Errors, tried

pages = Blueprint("forgot", __name__)


@pages.get("/forgot")
def ways() -> str:
    """Both ways back."""
    return _page({})


@pages.post("/forgot/mail")
def mail() -> Response:
    """Send a link, if there is an account with this address; the answer does not tell."""
    place = request.remote_addr or ""
    _sent, refused = tried(
        lambda: resetting.send_link(request.form.get("email", ""), address=place), _page, "email"
    )
    if refused is not None:
        return refused
    flash(
        _(
            "If there is an account with this address, a letter with a link is on its way. It is good for 30 minutes."
        ),
        "done",
    )
    return redirect("/forgot", code=303)


@pages.post("/forgot/code")
def code() -> Response:
    """Set a new password with a code of the service centre."""
    sent = {name: request.form.get(name, "") for name in ("who", "code", "password")}
    place = request.remote_addr or ""
    _done, refused = tried(
        lambda: resetting.reset_by_code(sent["who"], sent["code"], sent["password"], address=place),
        _page,
        "code",
    )
    return _set() if refused is None else refused


@pages.get("/forgot/<letter>")
def link(letter: str) -> Response:
    """The form for a new password, if the link is still good."""
    try:
        resetting.owner_of(letter)
    except NotFound:
        return _over()
    return make_response(_link_page({}))


@pages.post("/forgot/<letter>")
def by_link(letter: str) -> Response:
    """Set the new password."""
    try:
        _done, refused = tried(
            lambda: resetting.reset_by_link(letter, request.form.get("password", "")), _link_page, "password"
        )
    except NotFound:
        return _over()
    return _set() if refused is None else refused


def _set() -> Response:
    flash(_("Your new password is set, and all devices are signed out. Please sign in with it."), "done")
    return redirect("/login", code=303)


def _page(errors: Errors) -> str:
    fresh()
    return render_template("accounts/forgot.html", errors=errors, mail=channels.is_open("mail"))


def _link_page(errors: Errors) -> str:
    fresh()
    return render_template("accounts/forgot_link.html", errors=errors)


def _over() -> Response:
    fresh()
    return make_response(render_template("accounts/forgot_over.html"), 404)
