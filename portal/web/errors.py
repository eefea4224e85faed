"""Error pages: what happened, what was kept, and the way on; in the reader's language, never a stack trace."""

from __future__ import annotations

import logging
import re
from typing import Any

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from peewee import DatabaseError, IntegrityError, InterfaceError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from content.db import storage_errors
from content.errors import (
    Busy,
    Conflict,
    DomainError,
    Invalid,
    NotAllowed,
    NotFound,
    StorageFull,
    StorageReadOnly,
    TooLarge,
)
from portal.web.i18n import say
from portal.web.login import person
from portal.web.logs import safe_path
from portal.web.observing import present_id
from portal.web.security import same_origin

log = logging.getLogger(__name__)
# What SQLite and PostgreSQL say when a row that was free, or there, a moment ago is not any more.
_RACE = re.compile(r"unique|duplicate key|foreign key", re.IGNORECASE)

# Status → what happened and what to do now. Others are told as 400 (below 500) or 500.
PAGES: dict[int, tuple[Any, Any]] = {
    400: (_l("We could not read this request."), _l("Please go back and try once more.")),
    404: (
        _l("There is nothing at this address."),
        _l("It may have been taken down or moved. Search for it, or start from the home page."),
    ),
    405: (_l("This address cannot be used like that."), _l("Please go back and use the button on the page.")),
    409: (_l("Somebody else changed this first."), _l("Go back, copy what you typed, and open it again.")),
    413: (_l("That is too large to send."), _l("Choose a smaller file, or send several one after another.")),
    429: (_l("Too many tries."), _l("Please wait a while, or call the service centre.")),
    500: (
        _l("Something went wrong on our side."),
        _l("It has been written down for the administrator. Please try again, or call the service centre."),
    ),
    503: (_l("The portal is busy just now."), _l("Please try again in a moment.")),
    507: (_l("There is no storage left."), _l("Nothing was saved. Please tell the administrator.")),
}
# What a domain error is over HTTP. Who lacks a right does not learn what is there.
STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    NotAllowed: 404,
    Conflict: 409,
    TooLarge: 413,
    Busy: 503,
    StorageFull: 507,
    StorageReadOnly: 507,
    Invalid: 400,
}


def error_page(status: int, heading: str = "", advice: str = "", reference: str = "") -> Response:
    """The page for an error; what was typed can be sent again from it where that may help."""
    title, way_on = PAGES[status if status in PAGES else (500 if status >= 500 else 400)]
    page = render_template(
        "errors/error.html",
        status=status,
        heading=heading or str(title),
        advice=advice or str(way_on),
        reference=reference,
        resend=typed() if status in (400, 503, 507) else [],
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def typed() -> list[tuple[str, str]]:
    """The fields of a form that came from our own page, without passwords and the spent token."""
    if request.method != "POST" or not same_origin(request) or request.files:
        return []
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]


def _csrf(error: CSRFError) -> Response:
    return error_page(
        400,
        _("This page was open too long."),
        _(
            "Nothing was lost: what you typed is still here. Send it again, or go back; your browser keeps it."
        ),
    )


def _too_large(error: HTTPException) -> Response:
    advice = _(
        "A picture may have up to %(photo)s MB, a file %(file)s MB, and everything sent at once %(all)s MB.",
        photo=g.settings.photo_mb,
        file=g.settings.file_mb,
        all=g.settings.request_mb,
    )
    return error_page(413, "", advice)


def _http(error: HTTPException) -> Answer:
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect of the routing
    if error.code == 413:
        return _too_large(error)
    response = error_page(404 if error.code == 403 else error.code)
    if error.code == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _domain(error: DomainError) -> Answer:
    if isinstance(error, NotAllowed) and person() is None:
        return redirect(url_for("sessions.login", next=request.full_path.rstrip("?")))
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    if isinstance(error, NotAllowed):
        return error_page(404)
    heading = _("Nothing can be saved just now.") if isinstance(error, StorageReadOnly) else ""
    return error_page(status, heading, say(error.message) if status not in (404,) else "")


def _storage(error: DatabaseError) -> Answer:
    """A locked or full database is told as such; anything else means that it cannot be used at all."""
    try:
        with storage_errors():
            raise error
    except DomainError as known:
        return _domain(known)
    except DatabaseError:
        return _unavailable(error)


def _integrity(error: IntegrityError) -> Response:
    """Two at once wanted the same, or one took away what the other needs; any other broken rule is our mistake."""
    if not _RACE.search(str(error)):
        return _unexpected(error)
    log.warning("lost a race %s %s", request.method, safe_path(request.path), exc_info=error)
    return error_page(409)


def _unavailable(error: BaseException) -> Response:
    reference, path = present_id(), safe_path(request.path)
    log.error("database unavailable [%s] %s %s", reference, request.method, path, exc_info=error)
    if request.path == "/healthz":  # a machine asks
        return make_response({"status": "unwell", "reasons": ["database"]}, 503)
    response = make_response(render_template("errors/unavailable.html", reference=reference), 503)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Retry-After"] = "30"
    return response


def _unexpected(error: Exception) -> Response:
    reference, path = present_id(), safe_path(request.path)
    log.error("unexpected error [%s] %s %s", reference, request.method, path, exc_info=error)
    return error_page(500, reference=reference)


def install(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(DatabaseError, _storage)
    app.register_error_handler(IntegrityError, _integrity)
    app.register_error_handler(InterfaceError, _unavailable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
