"""Pages are made one after the other: several at once only get in each other's way.

Python runs one thread at a time. Threads that make pages side by side hand the interpreter to and fro at every
question to the database, which costs up to a fifth of what they could do (docs/decisions/0011-turns.md).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

PATIENCE = 0.03  # seconds; who waited so long goes ahead, so a slow page holds nobody up for longer


class Turns:
    """Lets readings of pages take turns. What writes does not queue: it may have to wait for the database."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self._turn = threading.Semaphore()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self.app(environ, start_response)
        mine = self._turn.acquire(timeout=PATIENCE)
        try:
            return self.app(environ, start_response)
        finally:
            if mine:
                self._turn.release()


def install(app: Flask) -> None:
    """Put the queue in front of the application, behind the cache."""
    app.wsgi_app = Turns(app.wsgi_app)  # type: ignore[method-assign]
