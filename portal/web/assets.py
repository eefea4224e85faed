"""Static files under addresses that change with their content, so that browsers may keep them for a year.

Read, slimmed and packed once per process. What a visitor's page needs of style sheets comes in one file.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import posixpath
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, request
from markupsafe import Markup
from werkzeug.utils import safe_join

from portal.web import coding, security, slimming

STATIC = Path(__file__).resolve().parents[1] / "static"
EDITOR = "editor/editor.js"
_ADDRESS = "/static/"
_YEAR = 365 * 24 * 3600
# Sheets that go out as one, in this order; after the colon, for which medium.
_FRAME = ("tokens", "base", "frame", "parts")
BUNDLES: dict[str, tuple[str, ...]] = {
    "css/site.css": (*_FRAME, "cards", "lists", "item", "found", "forms", "adapt", "print:print"),
    "css/search.css": (*_FRAME, "cards", "lists", "found", "forms", "adapt", "print:print"),
    "css/plain.css": (*_FRAME, "forms", "adapt", "print:print"),  # forms, words and telephones, but no lists
}

pages = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    body: bytes
    type: str
    version: str
    _packed: dict[str, bytes] = field(default_factory=dict)

    def packed(self, name: str) -> tuple[str, bytes]:
        """The coding and the bytes; packed at the first time. Two threads may do it at once; it is the same."""
        if not name or self.type not in coding.COMPRESSIBLE or len(self.body) < coding.LEAST:
            return "", self.body
        if name not in self._packed:
            self._packed[name] = coding.packed(self.body, name, static=True)
        return name, self._packed[name]


_kept: dict[str, Asset] = {}
_making = threading.RLock()


@lru_cache(maxsize=1)
def editor_module() -> Path | None:
    """The built editor of the package django-prose-editor, found without importing Django; ``None`` if absent."""
    spec = find_spec("django_prose_editor")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / "static" / "django_prose_editor" / "editor.js"
        if path.is_file():
            return path
    return None


def served(name: str) -> Asset | None:
    """A static file by its name, read once per process; ``None`` if there is none. Only real files are kept."""
    name = posixpath.normpath(name)
    found = _kept.get(name)
    if found is None:
        with _making:
            found = _kept.get(name) or _read(name)
            if found is not None:
                _kept[name] = found
    return found


def _read(name: str) -> Asset | None:
    if name in BUNDLES:
        body = _bundle(BUNDLES[name])
    else:
        place = str(editor_module() or "") if name == EDITOR else safe_join(str(STATIC), name)
        if not place or not os.path.isfile(place):  # which a name that no disk could hold does not upset
            return None
        body = _slim(name, Path(place).read_bytes())
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = "text/javascript" if name.endswith(".js") else kind
    return Asset(body, kind, hashlib.blake2b(body, digest_size=6).hexdigest())


def _slim(name: str, body: bytes) -> bytes:
    if name.endswith(".css"):
        return slimming.sheet(body.decode()).encode()
    if name.endswith(".js") and name != EDITOR:
        return slimming.linked(slimming.module(body.decode()), lambda other: _beside(name, other)).encode()
    return body


def _beside(name: str, other: str) -> str:
    """The address of a module that another one names; modules that name each other stay without a version."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), other))
    if target == name or target in _under_way:
        return other
    _under_way.append(name)
    try:
        return asset(target)
    finally:
        _under_way.pop()


_under_way: list[str] = []  # only touched by the thread that holds _making


def _bundle(names: tuple[str, ...]) -> bytes:
    parts = []
    for name in names:
        sheet, _, medium = name.partition(":")
        text = slimming.sheet((STATIC / "css" / f"{sheet}.css").read_text(encoding="utf-8"))
        parts.append(f"@media {medium}{{{text}}}" if medium else text)
    return "\n".join(parts).encode()


def asset(name: str) -> str:
    """The address of a static file; ``editor/editor.js`` is the editor's module."""
    found = served(name)
    return f"/static/{name}?v={found.version}" if found else f"/static/{name}"


@lru_cache(maxsize=64)
def stylesheets(*names: str) -> Markup:
    """The links to some style sheets or bundles of them, made once."""
    link = Markup('<link rel="stylesheet" href="{}">\n')
    return Markup("").join(link.format(asset(f"css/{name}.css")) for name in names)


@pages.get("/static/<path:name>")
def static_file(name: str) -> Response:
    """One static file; kept for a year when asked for by its hashed address, else for some minutes."""
    found = served(name)
    if found is None:
        abort(404)
    return _answer(found, request.environ)


def _answer(found: Asset, environ: dict[str, Any]) -> Response:
    name, body = found.packed(coding.wanted(environ.get("HTTP_ACCEPT_ENCODING", "")))
    response = Response(body, content_type=_content_type(found.type))
    if name:
        response.headers["Content-Encoding"] = name
    response.vary.add("Accept-Encoding")
    response.headers.update(security.HEADERS)
    response.set_etag(found.version, weak=True)
    response.cache_control.public = True
    if environ.get("QUERY_STRING", "") == f"v={found.version}":  # another hash is that of another content
        response.cache_control.max_age = _YEAR
        response.cache_control.immutable = True
    else:
        response.cache_control.max_age = 300
    return response.make_conditional(environ)  # type: ignore[return-value]  # it is this very response


class StaticFirst:
    """Answers for static files before anybody asks who is reading: they are the same for all."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(_ADDRESS) and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            found = served(path.removeprefix(_ADDRESS))
            if found is not None:
                environ["lianxi.route"] = f"{_ADDRESS}<path:name>"
                return _answer(found, environ)(environ, start_response)
        return self.app(environ, start_response)


def _content_type(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind in coding.COMPRESSIBLE else kind


def install(app: Flask) -> None:
    """Serve the static files and tell the templates where they are."""
    app.register_blueprint(pages)
    app.wsgi_app = StaticFirst(app.wsgi_app)  # type: ignore[method-assign]
    app.jinja_env.globals.update(asset=asset, stylesheets=stylesheets)
    app.config["EDITOR_AVAILABLE"] = editor_module() is not None
    app.jinja_env.globals["editor_available"] = app.config["EDITOR_AVAILABLE"]
