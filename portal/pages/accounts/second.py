"""The second factor: set up, recovery codes, taken off."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from content.accounts import second
from portal.pages.accounts.common import me
from portal.web import login
from portal.web.cache import fresh
from portal.web.waiting import Errors, tried

pages = Blueprint("second", __name__)


@pages.get("/account/second")
@login_required
def page() -> str:
    """How it stands, and the next step."""
    return _page({})


@pages.post("/account/second/begin")
@login_required
def begin() -> Response:
    """Make a secret and show it."""
    _done, refused = tried(lambda: second.begin(me(), request.form.get("password", "")), _page, "password")
    return refused or redirect("/account/second", code=303)


@pages.post("/account/second/confirm")
@login_required
def confirm() -> Response:
    """Put it in force and show the recovery codes, this once."""
    now = login.present_session()
    codes, refused = tried(lambda: second.confirm(me(), request.form.get("code", ""), now), _page, "code")
    return refused or _codes(codes)


@pages.post("/account/second/recovery")
@login_required
def recovery() -> Response:
    """New recovery codes, shown this once."""
    codes, refused = tried(
        lambda: second.renew_recovery_codes(me(), request.form.get("password", "")), _page, "password"
    )
    return refused or _codes(codes)


@pages.post("/account/second/remove")
@login_required
def remove() -> Response:
    """Take it off; password and a code are asked."""
    now = login.present_session()
    sent = request.form.get("remove_password", ""), request.form.get("code", "")

    def in_its_form(errors: Errors) -> str:
        return _page(
            {"remove_password" if name == "password" else name: texts for name, texts in errors.items()}
        )

    if _demanded():
        return redirect("/account/second", code=303)
    _done, refused = tried(lambda: second.remove(me(), *sent, session=now), in_its_form, "code")
    if refused is not None:
        return refused
    flash(_("The second factor is off. Your password alone signs you in."), "done")
    return redirect("/account/second", code=303)


def _demanded() -> bool:
    return bool(g.settings.staff_second_factor and me().is_staff)


def _page(errors: Errors) -> str:
    fresh()
    reader = me()
    factor = second.factor_of(reader)
    setup = None if factor else second.setup_of(reader, g.settings.site_name)
    return render_template(
        "accounts/second.html", errors=errors, factor=factor, setup=setup, demanded=_demanded(),
        picture=Markup(setup.picture) if setup else "",  # noqa: S704  segno draws it, of digits and letters
        left=second.recovery_codes_left(reader) if factor else 0,
    )  # fmt: skip


def _codes(codes: list[str]) -> Response:
    fresh()
    return make_response(render_template("accounts/recovery.html", codes=codes))
