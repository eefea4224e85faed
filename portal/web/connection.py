"""One database connection per serving thread, opened when first needed and looked after at each request's end."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from flask import Flask, current_app, g, request
from peewee import SqliteDatabase

from content import chinese, preferences
from content.db import database
from content.items import content_version
from content.settings import Settings

log = logging.getLogger(__name__)
_thread = threading.local()


def base_settings() -> Settings:
    """The settings of the environment, without what was changed in the back office."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def _file_of(settings: Settings) -> Path | None:
    return settings.data / "lianxi.db" if not settings.database else None


def ensure_connection(settings: Settings) -> None:
    """Open this thread's connection; open it anew if the file was replaced (a restore) meanwhile."""
    path = _file_of(settings)
    if path is not None:
        try:
            seen = os.stat(path).st_ino
        except FileNotFoundError:
            seen = None
        if not database.is_closed() and getattr(_thread, "file", seen) != seen:
            database.close()
        _thread.file = seen
    database.connect(reuse_if_open=True)


def _after(error: BaseException | None) -> None:
    """Never leave a transaction open for the next request of this thread."""
    if not database.is_closed() and database.in_transaction():
        log.error("a request left a transaction open; rolled back")
        database.rollback()
        database.close()
    elif not isinstance(database.obj, SqliteDatabase):
        database.close()


def install(app: Flask, base: Settings) -> None:
    """Connect before each request, tidy up after it. ``base``: the settings of the environment."""
    # Telephones set in the back office stand on the page of maintenance even if nobody has asked for another since.
    app.extensions["settings"] = preferences.current(base)

    @app.before_request
    def connect() -> None:
        g.settings = app.extensions[
            "settings"
        ]  # those last known, for the page of a database that does not answer
        ensure_connection(base)
        version = content_version()
        g.settings = app.extensions["settings"] = preferences.current(base, version)
        request.max_content_length = g.settings.request_mb * 1024 * 1024
        chinese.refresh(version)  # another process may have changed the glossary

    app.teardown_request(_after)
