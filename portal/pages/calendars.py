"""Calendars to subscribe to: one for everybody, and one for each person at an address that only they know."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, abort, g, request

from content.people import Person
from content.subscriptions import calendar_feed
from portal.web.i18n import say
from portal.web.reading import reading

pages = Blueprint("calendars", __name__)


@pages.get("/events/calendar.ics")
def events() -> Response:
    """The events that visitors may read."""
    return _file(None, reading().locale)


@pages.get("/calendar/<token>.ics")
def mine(token: str) -> Response:
    """What is in a person's calendar. A wrong address, an old one and one that never was are all the same: nothing."""
    owner = calendar_feed.owner_of(token)
    if owner is None:
        abort(404)
    return _file(owner, "")


def _file(owner: Person | None, locale: str) -> Response:
    body = calendar_feed.written(g.settings, say, owner, locale)
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="lianxi.ics"'
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.set_etag(hashlib.blake2b(body, digest_size=12).hexdigest())
    return response.make_conditional(request.environ)  # type: ignore[return-value]  # it is this very response
