"""Rendered pages for visitors, kept in memory and answered before the application is asked.

A page is kept under its address, the reader's language, script and size, and the content version, and never
beyond the next date on which it could look different. Readers with a session, pages that set a cookie (and so
all pages that hold a form's token) and pages that say no-store are never kept.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, request, session
from peewee import PeeweeException

from content import moment, preferences
from content.items import content_version
from content.settings import Settings
from portal.web import coding
from portal.web.connection import ensure_connection
from portal.web.cookies import cookies_in
from portal.web.reading import COOKIE, of_visitor, reading

log = logging.getLogger(__name__)
LIMIT = (
    8 * 1024 * 1024
)  # bytes of bodies, packed copies included; part of the 120 MB that the process may take
LONGEST_KEY = 400
_OVERHEAD = 1500  # bytes of headers and bookkeeping per page, roughly
_SESSIONS = frozenset({"session", "remember"})
_KEPT_TYPES = frozenset({"text/html", "application/atom+xml", "application/xml"})
Key = tuple[str, str, str, int]
Headers = list[tuple[str, str]]
_OF_BODY = frozenset({"Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition"})


@dataclass(frozen=True)
class Kept:
    """One answer as it was sent, and until when it holds; beside it the packed copies that were asked for."""

    headers: Headers
    body: bytes
    etag: str
    until: datetime
    route: str = ""  # for the figures
    packed: dict[str, tuple[Headers, bytes]] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """What it takes of the memory, in bytes."""
        return len(self.body) + _OVERHEAD + sum(len(body) + _OVERHEAD for _, body in self.packed.values())


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
            self._grow(kept.weight)

    def packed(self, key: Key, kept: Kept, name: str) -> tuple[Headers, bytes]:
        """A kept answer in a coding (br or gzip), packed when first asked for; small ones go as they are."""
        found = kept.packed.get(name)
        if found is not None:
            return found
        if len(kept.body) < coding.LEAST:
            return kept.headers, kept.body
        body = coding.packed(kept.body, name)
        headers = [pair for pair in kept.headers if pair[0] != "Content-Length"]
        made = ([*headers, ("Content-Encoding", name), ("Content-Length", str(len(body)))], body)
        with self._lock:
            if self._kept.get(key) is kept and name not in kept.packed:
                kept.packed[name] = made
                self._grow(len(body) + _OVERHEAD)
        return made

    def _grow(self, more: int) -> None:
        self.size += more
        while self.size > self.limit:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        self.size -= self._kept.pop(key).weight

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
    # Pages name their own address as they were asked for: what is kept for one host is not for another.
    # A header has no line end: no made-up host reads like another scheme, host and path together.
    place = f"{environ['wsgi.url_scheme']}\n{environ.get('HTTP_HOST', '')}\n{path}"
    if len(place) + len(query) > LONGEST_KEY or path.startswith("/static/"):
        return None
    version = content_version()
    default = preferences.current(settings, version).locale
    reader = of_visitor(chosen, environ.get("HTTP_ACCEPT_LANGUAGE", ""), default)
    return place, query, reader.key, version


class CacheMiddleware:
    """Answers from the cache what it can, and hands the rest to the application."""

    def __init__(self, app: Callable[..., Iterable[bytes]], settings: Settings, cache: PageCache) -> None:
        self.app, self.settings, self.cache = app, settings, cache

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "lianxi.maintenance" in environ:  # the database may be away
            return self.app(environ, start_response)
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
        environ["lianxi.hit"], environ["lianxi.route"] = True, kept.route
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and coding.unchanged(known, kept.etag):
            start_response("304 NOT MODIFIED", [h for h in kept.headers if h[0] not in _OF_BODY])
            return []
        name = coding.wanted(environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers, body = self.cache.packed(key, kept, name) if name else (kept.headers, kept.body)
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def fresh() -> None:
    """Say that the page of this request depends on more than content and must not be kept."""
    g.fresh = True


class _Horizon:
    """Until when pages of one content version hold; asked of the database once per version and date."""

    def __init__(self, next_change: Callable[[str], datetime]) -> None:
        self._ask = next_change
        self._known: tuple[int, datetime, datetime] | None = None

    def __call__(self, version: int) -> datetime:
        now, known = moment.now(), self._known
        if known is None or known[0] != version or not known[1] <= now < known[2]:
            self._known = known = (version, now, self._ask(g.settings.zone))
        return known[2]


def unkept() -> None:
    """Say that the page of this request depends on more than content: asked anew each time, sent if it changed."""
    g.unkept = True


def _keep(response: Response, next_change: Callable[[int], datetime]) -> Response:
    """Keep an answer for the next visitor, if it is of the kind that may be kept."""
    if g.get("fresh"):
        response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype not in _KEPT_TYPES:
        return response
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.vary.update(("Cookie", "Accept-Language"))
    if not _for_any_visitor(response):
        return response
    # Before anything is kept: an unchanged page is told by this tag from whoever has it already.
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    etag = coding.etag_of(body)
    response.headers["ETag"] = etag
    response.headers["Content-Length"] = str(len(body))
    place = request.environ.get("lianxi.cache")
    if place is not None and request.method == "GET" and _as_asked(place[1]):
        cache, key = place
        headers = [(name, value) for name, value in response.headers.items() if name != "Date"]
        kept = Kept(headers, body, etag, next_change(key[3]), str(request.url_rule))
        cache.put(key, kept)
        g.packed = lambda name: _packed(cache, key, kept, name)
    return response.make_conditional(request.environ)  # type: ignore[return-value]  # it is this very response


def _for_any_visitor(response: Response) -> bool:
    """Whether every visitor who reads alike gets this very answer."""
    return (
        request.method in ("GET", "HEAD")
        and response.status_code == 200
        and not response.is_streamed
        and not session  # a token or a flashed message is for one reader; Flask sets its cookie after this
        and "Set-Cookie" not in response.headers
        and "no-store" not in response.headers.get("Cache-Control", "")
        and g.get("person") is None
    )


def _as_asked(key: Key) -> bool:
    """Whether the answer is what its key says; a language that is part of the address is in the key already."""
    return not g.get("unkept") and (bool(g.get("language_of_address")) or reading().key == key[2])


def _packed(cache: PageCache, key: Key, kept: Kept, name: str) -> tuple[str, bytes]:
    headers, body = cache.packed(key, kept, name)
    return (name if headers is not kept.headers else ""), body


def install(app: Flask, settings: Settings, next_change: Callable[[str], datetime]) -> None:
    """Put the cache in front of the application. ``next_change`` says until when a page holds."""
    # Registered first, so it runs last: what is kept has all headers.
    horizon = _Horizon(next_change)
    app.after_request(lambda response: _keep(response, horizon))
    if settings.response_cache:
        cache = PageCache()
        app.extensions["page_cache"] = cache
        app.wsgi_app = CacheMiddleware(app.wsgi_app, settings, cache)  # type: ignore[method-assign]
