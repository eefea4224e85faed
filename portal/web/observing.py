"""The outermost layer: each request has a number, is counted, and is a line of the log if that is JSON.

What it adds to a page from the cache is some microseconds; nothing is written to the database.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from content import moment
from content.settings import Settings
from portal.web import logs

log = logging.getLogger("lianxi.requests")

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
# Upper ends in seconds; a page from the cache is below the first, a slow one is what the last ones are for.
BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
Key = tuple[str, str, int]


class Tally:
    """Counts of requests by method, route and status; safe for threads, and cheap."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Key, list[float]] = {}
        self.under_way = 0
        self.kept = 0  # answered from the page cache
        self.made = 0  # pages that the cache could not answer

    def begin(self) -> None:
        """A request came in."""
        with self._lock:
            self.under_way += 1

    def end(self, key: Key, seconds: float, kept: bool, asked: bool) -> None:
        """It was answered; ``kept``: by the page cache, ``asked``: the cache was asked at least."""
        place = bisect_left(BUCKETS, seconds)
        with self._lock:
            self.under_way -= 1
            counts = self._counts.get(key)
            if counts is None:
                counts = self._counts[key] = [0.0] * (len(BUCKETS) + 2)
            counts[place] += 1
            counts[-1] += seconds
            if kept:
                self.kept += 1
            elif asked:
                self.made += 1

    def snapshot(self) -> list[tuple[Key, list[float]]]:
        """Key → requests for each bucket, those above the last, and the sum of seconds."""
        with self._lock:
            return [(key, list(counts)) for key, counts in self._counts.items()]


class Observed:
    """Gives each request a number, and notes what became of it."""

    def __init__(self, app: Callable[..., Iterable[bytes]], settings: Settings, tally: Tally) -> None:
        self.app, self.tally = app, tally
        self.lines = settings.log_format == "json"
        self.believes = settings.trusted_proxies > 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun = perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "") if self.believes else ""
        id = given if given and _SANE.fullmatch(given) else secrets.token_hex(6)
        environ["lianxi.request"] = id
        said = [0, False]  # status, whether the length is known

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            said[0] = int(status[:3])
            said[1] = said[0] in (204, 304) or any(name == "Content-Length" for name, _ in headers)
            return start_response(status, [*headers, (HEADER, id)], exc_info)

        token = logs.request_id.set(id)
        self.tally.begin()
        try:
            body = self.app(environ, start)
        except BaseException:
            self._note(environ, 500, begun)
            raise
        else:
            # What is made while it is sent is under way until its end.
            if said[1] or environ["REQUEST_METHOD"] == "HEAD":
                self._note(environ, int(said[0]), begun)
                return body
            return _Streamed(body, id, lambda: self._note(environ, int(said[0]), begun))
        finally:
            logs.request_id.reset(token)

    def _note(self, environ: dict[str, Any], status: int, begun: float) -> None:
        seconds = perf_counter() - begun
        method = environ["REQUEST_METHOD"]
        route, kept = environ.get("lianxi.route", ""), "lianxi.hit" in environ
        key = (method if method in _METHODS else "OTHER", route, status)
        self.tally.end(key, seconds, kept, "lianxi.cache" in environ)
        if self.lines and log.isEnabledFor(logging.INFO):
            about = {
                "method": key[0],
                "path": logs.safe_path(_path(environ)),
                "route": route,
                "status": status,
                "duration_ms": round(seconds * 1000, 2),
                "user": environ.get("lianxi.user"),
                "kept": kept or None,
            }
            # As ``log.info`` does, without looking for the line of the program that asks: it is this one.
            log.handle(log.makeRecord(log.name, logging.INFO, __file__, 0, "request", (), None, extra=about))


class _Streamed:
    """A body that is made while it is sent: its lines of the log have the number, too, and its end is noted."""

    def __init__(self, body: Iterable[bytes], id: str, ended: Callable[[], None]) -> None:
        self._body, self._id, self._ended = body, id, ended
        self._pieces = iter(body)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        token = logs.request_id.set(self._id)
        try:
            return next(self._pieces)
        finally:
            logs.request_id.reset(token)

    def close(self) -> None:
        """The server has sent all, or nobody listens any more."""
        token = logs.request_id.set(self._id)
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            ended, self._ended = self._ended, _nothing
            ended()
            logs.request_id.reset(token)


def _path(environ: dict[str, Any]) -> str:
    """The path as people write it; WSGI has each byte of it as a character."""
    path: str = environ.get("PATH_INFO", "")
    return path if path.isascii() else path.encode("latin-1", "replace").decode("utf-8", "replace")


def _nothing() -> None:
    """An end is noted once."""


def present_id() -> str:
    """The number of this request, to be said on an error page and found in the log."""
    found: str = request.environ.get("lianxi.request", "")
    return found or secrets.token_hex(6)


def _tell(response: Response) -> Response:
    """Leave for the outermost layer what only the application knows."""
    if request.url_rule is not None:
        request.environ["lianxi.route"] = request.url_rule.rule
    person = g.get("person")
    if person is not None:
        request.environ["lianxi.user"] = person.id
    return response


def install(app: Flask, settings: Settings) -> None:
    """Wrap the application once all other layers are there."""
    app.after_request(_tell)
    tally = app.extensions["tally"] = Tally()
    app.extensions["begun"] = moment.now()
    app.wsgi_app = Observed(app.wsgi_app, settings, tally)  # type: ignore[method-assign]
    if hops := settings.trusted_proxies:
        # The nearest one says how the reader came; for the reader's address each hop has added one.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=1, x_host=1)  # type: ignore[method-assign]
