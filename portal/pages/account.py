"""What a signed-in person can set: name, way of reading, password."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required, login_user
from werkzeug.wrappers import Response

from content.errors import Invalid
from content.people import Person, rename_person, set_password, set_reading, sign_in
from portal.web.i18n import say
from portal.web.login import person
from portal.web.reading import LOCALES, Reading, forget, in_language, reading, remember

pages = Blueprint("account", __name__)
Answer = Response | str | tuple[str, int]


@pages.get("/account")
@login_required
def account() -> Answer:
    """The page with the three forms."""
    return _page()


@pages.post("/account")
@login_required
def change() -> Answer:
    """Change the name and the way of reading."""
    me = _me()
    try:
        rename_person(me, request.form.get("name", ""))
    except Invalid as invalid:
        return _page(_said(invalid)), 422
    locale = request.form.get("locale", "")
    script = request.form.get("script", "")
    locale = locale if locale in LOCALES else ""
    script = script if script in ("hant", "hans") else ""
    set_reading(me, locale, script, "elder" in request.form)
    forget()
    flash(_("Your settings are saved."), "done")
    response = redirect("/account", code=303)
    base = in_language(locale) if locale else reading()
    remember(response, Reading(base.locale, script or base.script, me.elder), g.settings.secure_cookies)
    return response


@pages.post("/account/password")
@login_required
def password() -> Answer:
    """Change the password; the present one must be given."""
    me = _me()
    if sign_in(me.username, request.form.get("password", "")) is None:
        return _page({"password": [_("This is not your present password.")]}), 422
    if request.form.get("new_password", "") != request.form.get("again_password", ""):
        return _page(
            {"again_password": [_("The two do not match. Please type the new password once more.")]}
        ), 422
    try:
        set_password(me, request.form.get("new_password", ""))
    except Invalid as invalid:
        return _page({"new_password": _said(invalid).get("password", [])}), 422
    login_user(me)  # all other sessions of this account end with the old password
    flash(_("Your password is changed. Other devices have to sign in again."), "done")
    return redirect("/account", code=303)


def _page(errors: dict[str, list[str]] | None = None) -> str:
    return render_template("account.html", me=_me(), errors=errors or {})


def _said(invalid: Invalid) -> dict[str, list[str]]:
    return {field: [say(message) for message in messages] for field, messages in invalid.fields.items()}


def _me() -> Person:
    found = person()
    assert found is not None, "login_required lets nobody else through"
    return found
