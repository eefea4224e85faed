"""Who is reading: the signed-in person and the session, or nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from content import moment
from content.accounts import sessions
from content.accounts.models import Session
from content.people import Person
from portal.web import browsers

manager = LoginManager()
HALFWAY = timedelta(minutes=5)  # between the password and the second factor
# Where staff without a second factor may go while the setting demands one.
_UNTIL_SECOND = ("/account/second", "/logout", "/login", "/reading", "/static/", "/healthz")


@manager.user_loader
def _load(identity: str) -> Person | None:
    found = sessions.load(identity)
    g.session = found
    return None if found is None else found.person


@manager.unauthorized_handler
def _sign_in_first() -> Response:
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("sessions.login", next=here))


def person() -> Person | None:
    """The signed-in person of this request; ``None`` is a visitor."""
    found: Person | None = g.get("person")
    return found


def present_session() -> Session | None:
    """The session of this request, if somebody is signed in."""
    found: Session | None = g.get("session") if person() is not None else None
    return found


def enter(found: Person, *, remembered: bool, second: bool = False) -> None:
    """Sign somebody in who proved who they are: a new session, in the table and in the browser."""
    before = present_session()
    if before is not None:
        sessions.leave(before)
    session.pop("halfway", None)
    agent = browsers.label(request.headers.get("User-Agent", ""))
    g.session = sessions.begin(
        found, address=request.remote_addr or "", browser=agent, remembered=remembered, second=second
    )
    login_user(found, remember=remembered)


def stay(found: Person) -> None:
    """Give the browser what it keeps anew: the password changed, the session goes on."""
    now = present_session()
    login_user(found, remember=bool(now and now.remembered))


def leave() -> None:
    """Sign out; the session ends in the table, too, so that a copied cookie is worth nothing."""
    before = present_session()
    if before is not None:
        sessions.leave(before)
    logout_user()


def stand_halfway(found: Person, remembered: bool, target: str) -> None:
    """Remember, for some minutes, who gave the right password and has yet to show the second factor."""
    found.session_token = str(found.id)
    session["halfway"] = {
        "who": found.get_id(), "until": (moment.now() + HALFWAY).isoformat(), "remember": remembered, "next": target,
    }  # fmt: skip


def halfway() -> tuple[Person, bool, str] | None:
    """Who stands between password and second factor, whether to remember them, and where they wanted to go."""
    kept: dict[str, Any] | None = session.get("halfway")
    if not kept or datetime.fromisoformat(kept["until"]) <= moment.now():
        return None
    id = kept["who"].partition(".")[0]
    found: Person | None = Person.get_or_none(Person.id == int(id))
    if found is None or not found.is_active:
        return None
    found.session_token = id
    if found.get_id() != kept["who"]:  # the password was changed meanwhile
        return None
    return found, bool(kept["remember"]), str(kept["next"])


def _know_reader() -> None:
    g.person = None
    if "_user_id" not in session and "remember" not in request.cookies:
        return
    found = current_user._get_current_object()
    g.person = found if found.is_authenticated else None
    if g.person is not None:
        sessions.note_seen(g.session)


def _second_factor_first() -> Response | None:
    """Where the setting demands it, staff without a second factor set one up before anything else."""
    reader = person()
    if reader is None or not g.settings.staff_second_factor or request.path.startswith(_UNTIL_SECOND):
        return None
    if g.session.second or not reader.is_staff:
        return None
    return redirect("/account/second", code=303)


def install(app: Flask) -> None:
    """Recognise the reader before every request."""
    manager.init_app(app)
    # The remember cookie is renewed at sign-in only; a copied session is refused from another browser.
    manager.session_protection = "basic"
    app.before_request(_know_reader)
    app.before_request(_second_factor_first)
