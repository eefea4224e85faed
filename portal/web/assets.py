"""Static files under addresses that change with their content, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, send_file, send_from_directory
from markupsafe import Markup

STATIC = Path(__file__).resolve().parents[1] / "static"
_YEAR = 365 * 24 * 3600

pages = Blueprint("assets", __name__)


@lru_cache(maxsize=1)
def editor_module() -> Path | None:
    """The built editor of the package django-prose-editor, found without importing Django; ``None`` if absent."""
    spec = find_spec("django_prose_editor")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / "static" / "django_prose_editor" / "editor.js"
        if path.is_file():
            return path
    return None


@lru_cache(maxsize=512)
def asset(name: str) -> str:
    """The address of a static file, read once per process; ``editor/editor.js`` is the editor's module."""
    path = editor_module() if name == "editor/editor.js" else STATIC / name
    if path is None or not path.is_file():
        return f"/static/{name}"
    return f"/static/{name}?v={hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()}"


@lru_cache(maxsize=16)
def stylesheets(*names: str) -> Markup:
    """The links to some style sheets, made once."""
    link = Markup('<link rel="stylesheet" href="{}">\n')
    return Markup("").join(link.format(asset(f"css/{name}.css")) for name in names)


@pages.get("/static/<path:name>")
def static_file(name: str) -> Response:
    """One static file; kept for a year when asked for by its hashed address, else for some minutes."""
    if name == "editor/editor.js":
        module = editor_module()
        if module is None:
            abort(404)
        response = send_file(module, mimetype="text/javascript", max_age=_YEAR)
    else:
        response = send_from_directory(STATIC, name, max_age=_YEAR)
    response.cache_control.public = True
    if "v" in request.args:
        response.cache_control.immutable = True
    else:
        response.cache_control.max_age = 300
    return response


def install(app: Flask) -> None:
    """Serve the static files and tell the templates where they are."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(asset=asset, stylesheets=stylesheets)
    app.config["EDITOR_AVAILABLE"] = editor_module() is not None
    app.jinja_env.globals["editor_available"] = app.config["EDITOR_AVAILABLE"]
