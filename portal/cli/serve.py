"""``lianxi serve``: the portal for browsers, with the worker as a thread."""

from __future__ import annotations

import ctypes
import logging
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import click
from waitress.server import create_server

from content import preferences
from content.settings import Settings
from content.worker import Worker
from portal.cli import loading
from portal.cli.common import note, read_settings, reports, tell_setup_code
from portal.web import logs
from portal.web.i18n import say

_M_ARENA_MAX = -8  # malloc.h
ROOT = Path(__file__).resolve().parents[2]
log = logging.getLogger("lianxi.serve")


@click.command("serve")
@click.option("--host", help="Address to listen on (LIANXI_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (LIANXI_PORT).")
@reports
def command(host: str | None, port: int | None) -> None:
    """Serve the portal until Ctrl+C or SIGTERM; requests under way are answered first.

    The database is made or brought up to date at the start.
    """
    settings = read_settings()
    logs.configure(settings)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _share_heaps()
    listener = _listen(host or settings.host, settings.port if port is None else port)
    application = load_application()
    server: Any = create_server(
        application, sockets=[listener], threads=settings.threads, ident="Lianxi",
        # What a proxy says is believed, or not, in one place: portal.web.observing.
        clear_untrusted_proxy_headers=False,
    )  # fmt: skip
    _take_up_to(server, preferences.current(settings))
    preferences.when_changed(lambda now: _take_up_to(server, now))
    stop = threading.Event()
    worker = _start_worker(settings, stop) if settings.worker else None
    signal.signal(signal.SIGTERM, _end)
    address, number = listener.getsockname()[:2]
    where = f"http://{f'[{address}]' if ':' in address else address}:{number}"
    if settings.log_format == "json":
        log.info("serving", extra={"address": where})
    else:
        note(where)
    tell_setup_code(settings)
    try:
        server.run()  # returns on SystemExit and KeyboardInterrupt after it has answered what is under way
    finally:
        stop.set()
        server.close()
        if worker:
            worker.join(timeout=30)


def load_application() -> Any:
    """``application`` of the module ``wsgi``, by name: the command line knows no pages."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return loading.module("wsgi").application


def _share_heaps() -> None:
    """Let the threads share two heaps. glibc gives each its own, which keeps what its dearest request took."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Two servers may bind, but only one may listen: ask now, while there is a sentence to say.
        listener.listen(1024)
    except OSError as error:
        note(f"Cannot listen on {host}:{port}: {error.strerror}. Is another portal running? Set LIANXI_PORT.")
        raise SystemExit(1) from None
    return listener


def _start_worker(settings: Settings, stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=Worker(settings, say).run, args=(stop,), name="worker", daemon=True)
    thread.start()
    return thread


def _take_up_to(server: Any, settings: Settings) -> None:
    """A little more than the application accepts, so that it is the one that says what is too large."""
    server.adj.max_request_body_size = (settings.request_mb + 1) * 1024 * 1024


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
