"""Rendered pages for visitors, kept in memory and answered before the application is asked.

A page is kept under its address, the reader's language, script and size, and the content version, and never
beyond the next date on which it could look different. Readers with a session, pages that set a cookie (and so
all pages that hold a form's token) and pages that say no-store are never kept.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, request, session
from peewee import PeeweeException

from content import moment
from content.items import content_version
from content.settings import Settings
from portal.web.connection import ensure_connection
from portal.web.cookies import cookies_in
from portal.web.reading import COOKIE, of_visitor, reading

log = logging.getLogger(__name__)
LIMIT = 8 * 1024 * 1024  # bytes of bodies; part of the 120 MB that the process may take
LONGEST_KEY = 400
_OVERHEAD = 1500  # bytes of headers and bookkeeping per page, roughly
_SESSIONS = frozenset({"session", "remember"})
Key = tuple[str, str, str, int]


@dataclass(frozen=True)
class Kept:
    """One answer as it was sent, and until when it holds."""

    headers: list[tuple[str, str]]
    body: bytes
    etag: str
    until: datetime


class PageCache:
    """The pages most recently asked for, up to ``limit`` bytes; safe for threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, now: datetime) -> Kept | None:
        """The answer kept under a key, if it still holds."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if found.until <= now:
                self._drop(key)
                return None
            self._kept.move_to_end(key)
            return found

    def put(self, key: Key, kept: Kept) -> None:
        """Keep an answer; those not asked for longest make room."""
        if len(kept.body) + _OVERHEAD > self.limit // 8:
            return
        with self._lock:
            if key in self._kept:
                self._drop(key)
            self._kept[key] = kept
            self.size += len(kept.body) + _OVERHEAD
            while self.size > self.limit:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        self.size -= len(self._kept.pop(key).body) + _OVERHEAD

    def __len__(self) -> int:
        return len(self._kept)


def _key(environ: dict[str, Any], settings: Settings) -> Key | None:
    """What a page is kept under; ``None`` where the application must answer."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    chosen = ""
    if environ.get("HTTP_COOKIE"):
        # Read as the application reads them: what it shows must be what the page is kept under.
        cookies = cookies_in(environ["HTTP_COOKIE"])
        if not cookies.keys().isdisjoint(_SESSIONS):
            return None
        chosen = cookies.get(COOKIE, "")
    path, query = environ.get("PATH_INFO", "/"), environ.get("QUERY_STRING", "")
    if len(path) + len(query) > LONGEST_KEY or path.startswith("/static/"):
        return None
    reader = of_visitor(chosen, environ.get("HTTP_ACCEPT_LANGUAGE", ""), settings.locale)
    return path, query, reader.key, content_version()


class CacheMiddleware:
    """Answers from the cache what it can, and hands the rest to the application."""

    def __init__(self, app: Callable[..., Iterable[bytes]], settings: Settings, cache: PageCache) -> None:
        self.app, self.settings, self.cache = app, settings, cache

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            ensure_connection(self.settings)
            key = _key(environ, self.settings)
        except PeeweeException:
            key = None  # the application has a page for a database that does not answer
        if key is None:
            return self.app(environ, start_response)
        kept = self.cache.get(key, moment.now())
        if kept is None:
            environ["lianxi.cache"] = (self.cache, key)
            environ["lianxi.version"] = key[3]
            return self.app(environ, start_response)
        if kept.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 NOT MODIFIED", [h for h in kept.headers if not h[0].startswith("Content-")])
            return []
        start_response("200 OK", kept.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [kept.body]


def fresh() -> None:
    """Say that the page of this request depends on more than content and must not be kept."""
    g.fresh = True


class _Horizon:
    """Until when pages of one content version hold; asked of the database once per version and date."""

    def __init__(self, next_change: Callable[[str], datetime], zone: str) -> None:
        self._ask, self._zone = next_change, zone
        self._known: tuple[int, datetime, datetime] | None = None

    def __call__(self, version: int) -> datetime:
        now, known = moment.now(), self._known
        if known is None or known[0] != version or not known[1] <= now < known[2]:
            self._known = known = (version, now, self._ask(self._zone))
        return known[2]


def _keep(response: Response, next_change: Callable[[int], datetime]) -> Response:
    """Keep an answer for the next visitor, if it is of the kind that may be kept."""
    if g.get("fresh"):
        response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype != "text/html":
        return response
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.vary.update(("Cookie", "Accept-Language"))
    place = request.environ.get("lianxi.cache")
    may_keep = (
        request.method == "GET"
        and response.status_code == 200
        and not response.is_streamed
        and not session  # a token or a flashed message is for one reader; Flask sets its cookie after this
        and "Set-Cookie" not in response.headers
        and "no-store" not in response.headers.get("Cache-Control", "")
        and g.get("person") is None
    )
    if place is not None and may_keep and reading().key == place[1][2]:
        cache, key = place
        body = response.get_data()
        etag = '"' + hashlib.blake2b(body, digest_size=12).hexdigest() + '"'
        response.headers["ETag"] = etag
        response.headers["Content-Length"] = str(len(body))
        headers = [(name, value) for name, value in response.headers.items() if name != "Date"]
        cache.put(key, Kept(headers, body, etag, next_change(key[3])))
    return response


def install(app: Flask, settings: Settings, next_change: Callable[[str], datetime]) -> None:
    """Put the cache in front of the application. ``next_change`` says until when a page holds."""
    # Registered first, so it runs last: what is kept has all headers.
    horizon = _Horizon(next_change, settings.zone)
    app.after_request(lambda response: _keep(response, horizon))
    if settings.response_cache:
        cache = PageCache()
        app.extensions["page_cache"] = cache
        app.wsgi_app = CacheMiddleware(app.wsgi_app, settings, cache)  # type: ignore[method-assign]
