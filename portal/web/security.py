"""Headers that browsers enforce, the key that signs sessions, and where a reader may be sent back to."""

from __future__ import annotations

import os
import secrets
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g
from flask_wtf.csrf import CSRFProtect

from content.settings import Settings

csrf = CSRFProtect()

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
)
HEADERS: dict[str, str] = {
    "Content-Security-Policy": _POLICY + "'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def secret_key(settings: Settings) -> str:
    """The key from the settings, else the one kept in the data folder, made at the first start (mode 0600)."""
    if settings.secret:
        return settings.secret
    path = settings.data / "secret"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key


def frame_here() -> None:
    """Let this page be shown in a frame of our own pages (a preview)."""
    g.frame_ancestors = "'self'"


def add_headers(response: Response) -> Response:
    """Set the security headers on every answer."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if g.get("frame_ancestors"):
        response.headers["Content-Security-Policy"] = _POLICY + g.frame_ancestors
    return response


def safe_path(target: str | None, otherwise: str = "/") -> str:
    """``target`` if it is an address within this site, else ``otherwise``; never another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    if any(ord(char) < 32 or char == "\\" for char in target):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target


def same_origin(request: Request) -> bool:
    """Whether a request without a token comes from our own pages, as far as the browser says."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def configure(app: Flask, settings: Settings) -> None:
    """Sessions, tokens, size limit and headers."""
    app.config.update(
        SECRET_KEY=secret_key(settings),
        MAX_CONTENT_LENGTH=settings.request_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        REMEMBER_COOKIE_NAME="remember",
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.secure_cookies,
        # A token lives as long as the session: a page left open over lunch can still be sent.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)
    app.after_request(add_headers)
