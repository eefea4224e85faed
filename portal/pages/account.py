"""What a signed-in person can set: name, way of reading, telephone and mail address, password."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.wrappers import Response

from content import telephones
from content.accounts import own
from content.errors import Invalid
from content.people import Person, rename_person, set_reading
from portal.web import login
from portal.web.login import person
from portal.web.reading import LOCALES, Reading, forget, in_language, reading, remember
from portal.web.waiting import Errors, told, tried

pages = Blueprint("account", __name__)
Answer = Response | str | tuple[str, int]


@pages.get("/account")
@login_required
def account() -> Answer:
    """The page with the forms, and the way to the further ones."""
    return _page()


@pages.post("/account")
@login_required
def change() -> Answer:
    """Change the name and the way of reading."""
    me = _me()
    try:
        rename_person(me, request.form.get("name", ""))
    except Invalid as invalid:
        return _page(told(invalid)), 422
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
    me, sent = _me(), request.form
    if sent.get("new_password", "") != sent.get("again_password", ""):
        return _page(
            {"again_password": [_("The two do not match. Please type the new password once more.")]}
        ), 422
    _done, refused = tried(
        lambda: own.change_password(
            me, sent.get("password", ""), sent.get("new_password", ""), login.present_session()
        ),
        _page,
        "password",
    )
    if refused is not None:
        return refused
    login.stay(me)  # all other sessions of this account end with the old password
    flash(_("Your password is changed. Other devices have to sign in again."), "done")
    return redirect("/account", code=303)


@pages.post("/account/contact")
@login_required
def contact() -> Answer:
    """Change telephone and mail address; the password must be given."""
    me, sent = _me(), request.form

    def in_its_form(errors: Errors) -> str:
        return _page(
            {"contact_password" if name == "password" else name: texts for name, texts in errors.items()}
        )

    _done, refused = tried(
        lambda: own.change_contact(
            me, sent.get("contact_password", ""), sent.get("telephone", ""), sent.get("email", "")
        ),
        in_its_form,
        "contact_password",
    )
    if refused is not None:
        return refused
    flash(_("Saved. What another account signs in with already stays with that account."), "done")
    return redirect("/account", code=303)


def _page(errors: Errors | None = None) -> str:
    me = _me()
    # The number in the directory is the office's; the own one is what a member of staff signs in with.
    phone = telephones.show(me.phone_key or "") if me.in_directory else me.telephone
    return render_template("account.html", me=me, phone=phone, errors=errors or {})


def _me() -> Person:
    found = person()
    assert found is not None, "login_required lets nobody else through"
    return found
