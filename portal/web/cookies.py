"""Cookies as they came, read in one way by the page cache and by the application."""

from __future__ import annotations

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.http import parse_cookie
from werkzeug.utils import cached_property


def cookies_in(header: str) -> MultiDict[str, str]:
    """The cookies of a header; none if it is not UTF-8 (no browser of ours was given such a one)."""
    try:
        return parse_cookie(header)
    except UnicodeDecodeError:
        return MultiDict()


class PortalRequest(Request):
    """A request whose cookies can be read whatever was sent."""

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """All cookies; of several with one name the first counts."""
        return ImmutableMultiDict(cookies_in(self.environ.get("HTTP_COOKIE", "")))


def install(app: Flask) -> None:
    """Read cookies this way in every request."""
    app.request_class = PortalRequest
