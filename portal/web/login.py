"""Who is reading: the signed-in person, or nobody."""

from __future__ import annotations

from flask import Flask, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from content.people import Person
from portal.web.numbers import number

manager = LoginManager()


@manager.user_loader
def _load(identity: str) -> Person | None:
    id = number(identity.partition(".")[0])
    found: Person | None = None if id is None else Person.get_or_none(Person.id == id)
    return found if found is not None and found.is_active and found.get_id() == identity else None


@manager.unauthorized_handler
def _sign_in_first() -> Response:
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("sessions.login", next=here))


def person() -> Person | None:
    """The signed-in person of this request; ``None`` is a visitor."""
    found: Person | None = g.get("person")
    return found


def _know_reader() -> None:
    g.person = None
    if "_user_id" not in session and "remember" not in request.cookies:
        return
    found = current_user._get_current_object()
    g.person = found if found.is_authenticated else None


def install(app: Flask) -> None:
    """Recognise the reader before every request."""
    manager.init_app(app)
    # The remember cookie is renewed at sign-in only; a copied session is refused from another browser.
    manager.session_protection = "basic"
    app.before_request(_know_reader)
