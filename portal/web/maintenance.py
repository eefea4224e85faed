"""The portal shut for maintenance: a page that tells where to call; administrators go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from peewee import PeeweeException

from content import maintenance
from content.maintenance import Maintenance
from content.permissions import may
from content.settings import Settings
from portal.web.errors import typed
from portal.web.login import person

# What is answered all the same: machines, the look of pages, and the way for administrators to sign in.
OPEN = ("/static/", "/healthz", "/metrics", "/login", "/logout", "/reading", "/account/second")
_SESSIONS = ("session", "remember")


class Gate:
    """Tells every layer behind it whether the portal is shut; the cache then has nothing to say."""

    def __init__(self, app: Callable[..., Iterable[bytes]], settings: Settings) -> None:
        self.app, self.settings = app, settings

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        shut = maintenance.state(self.settings)
        if shut is not None:
            environ["lianxi.maintenance"] = shut
        return self.app(environ, start_response)


def _shut() -> Maintenance | None:
    """The maintenance that this request meets, if it does."""
    found: Maintenance | None = request.environ.get("lianxi.maintenance")
    return None if found is None or request.path.startswith(OPEN) else found


def _visitors() -> Response | None:
    """Who has no session is told at once, without a look into the database: it may be what is being mended."""
    found = _shut()
    if found is None or any(name in request.cookies for name in _SESSIONS):
        return None
    return _page(found)


def _others() -> Response | None:
    """Only administrators go on."""
    found = _shut()
    if found is None or may(person(), "site:administer"):
        return None
    return _page(found)


def _page(found: Maintenance) -> Response:
    """The page in the reader's language and script; what was typed can be sent again from it."""
    if "settings" not in g:
        g.settings = current_app.extensions["settings"]  # those last known
    values: dict[str, Any] = {"found": found, "resend": typed()}
    try:
        page = render_template("errors/maintenance.html", **values)
    except PeeweeException:  # the glossary, for the message in the other script
        page = render_template("errors/maintenance.html", **values, as_written=True)
    response = make_response(page, 503)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Retry-After"] = str(found.retry_after)
    return response


def install(app: Flask, settings: Settings) -> None:
    """Put the gate in front of the cache, and ask visitors before the database is opened."""
    app.wsgi_app = Gate(app.wsgi_app, settings)  # type: ignore[method-assign]
    app.before_request(_visitors)


def guard(app: Flask) -> None:
    """Ask again once it is known who reads."""
    app.before_request(_others)
