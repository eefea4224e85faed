"""Where one is signed in, and ending that."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.wrappers import Response

from content.accounts import sessions
from content.errors import NotFound
from portal.pages.accounts.common import me
from portal.web import login
from portal.web.cache import fresh
from portal.web.numbers import number

pages = Blueprint("sittings", __name__)


@pages.get("/account/sessions")
@login_required
def listed() -> str:
    """All sessions, the one in use marked."""
    fresh()
    now = login.present_session()
    found = sessions.open_sessions(me())
    return render_template("accounts/sessions.html", found=found, present=now.id if now else 0)


@pages.post("/account/sessions/end")
@login_required
def end() -> Response:
    """End one session, or all others."""
    wanted = request.form.get("id", "")
    now = login.present_session()
    id = number(wanted)
    if wanted == "others":
        ended = sessions.end_others(me(), keep=now)
        flash(_("All other devices are signed out.") if ended else _("There was no other device."), "done")
    elif id is not None and now is not None and id == now.id:
        login.leave()
        flash(_("You are signed out."), "done")
        return redirect("/", code=303)
    elif id is not None:
        try:
            sessions.end(me(), id)
            flash(_("That device is signed out."), "done")
        except NotFound:
            flash(_("That device was signed out already."), "note")
    return redirect("/account/sessions", code=303)
