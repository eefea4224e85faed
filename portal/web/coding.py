"""What goes over the wire: compressed as the browser can read it, and not again where nothing changed.

On BREACH: the size of a compressed page may tell somebody on the line something about what is in it. Pages for
one reader are therefore packed with a name of random length in their head, tokens are signed anew every second, and
session cookies are SameSite=Lax, so that another site cannot make a browser ask for hundreds of them.
"""

from __future__ import annotations

import gzip
import hashlib
import secrets
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, g, request
from werkzeug.http import parse_etags

LEAST = 1000  # bytes; below this the head costs more than is won
LONGEST = 100  # characters of an Accept-Encoding header; browsers send thirty
QUICK = 3  # of 9, for a page that is sent once
_KEPT_GZIP, _KEPT_BROTLI = 6, 5  # for a page that is sent often and forgotten soon
_STATIC_GZIP, _STATIC_BROTLI, _LARGE = 9, 11, 100_000
_PAD = 48  # bytes at most
COMPRESSIBLE = frozenset(
    {
        "text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/calendar", "image/svg+xml",
        "application/json", "application/xml", "application/atom+xml",
    }
)  # fmt: skip


@lru_cache(maxsize=512)
def _weights(header: str) -> tuple[float, float]:
    """How much brotli and gzip are liked, in this order; 0 for not at all."""
    found: dict[str, float] = {}
    for part in header.lower().split(",")[:12]:
        name, _, weight = part.partition(";")
        try:
            found[name.strip()] = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            found[name.strip()] = 0.0
    others = found.get("*", 0.0)
    return found.get("br", others), found.get("gzip", found.get("x-gzip", others))


def wanted(header: str) -> str:
    """The coding to answer an Accept-Encoding header with: br, gzip or "" for none."""
    if not header or len(header) > LONGEST:
        return ""
    brotli_, gzip_ = _weights(header)
    if brotli_ > 0 and brotli_ >= gzip_:
        return "br"
    return "gzip" if gzip_ > 0 else ""


def reads_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header has gzip among others."""
    return bool(header) and len(header) <= LONGEST and _weights(header)[1] > 0


def packed(body: bytes, coding: str, *, static: bool = False) -> bytes:
    """A body that is packed once and sent often."""
    if coding == "br":
        quality = (_STATIC_BROTLI if len(body) < _LARGE else 7) if static else _KEPT_BROTLI
        return bytes(brotli.compress(body, quality=quality))
    return gzip.compress(body, _STATIC_GZIP if static else _KEPT_GZIP, mtime=0)


def packed_for_one(body: bytes) -> bytes:
    """A body that is sent once, as gzip; its length says nothing exact about what is in it."""
    squeeze = zlib.compressobj(QUICK, zlib.DEFLATED, -zlib.MAX_WBITS)
    name = b"p" * secrets.randbelow(_PAD)
    head = b"\x1f\x8b\x08\x08" + bytes(4) + b"\x00\xff" + name + b"\x00"
    return b"".join(
        (
            head,
            squeeze.compress(body),
            squeeze.flush(),
            struct.pack("<II", zlib.crc32(body), len(body) & 0xFFFFFFFF),
        )
    )


def etag_of(body: bytes) -> str:
    """A weak tag: the packed copies of a body are as good as the body."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def unchanged(header: str, etag: str) -> bool:
    """Whether an If-None-Match header knows the tag: a list, ``*``, and weak or strong alike."""
    known = parse_etags(header)
    return bool(known) and known.contains_weak(etag.removeprefix("W/").strip('"'))


def _send(response: Response) -> Response:
    """Pack an answer that nobody has packed yet."""
    if response.mimetype not in COMPRESSIBLE:
        return response
    response.vary.add("Accept-Encoding")
    done = "Content-Encoding" in response.headers or response.status_code in (204, 206, 304)
    if done or response.is_streamed or response.direct_passthrough:
        return response
    name, body = _pack(response, request.headers.get("Accept-Encoding", ""))
    if name:
        tag, weak = response.get_etag()
        if tag is not None and not weak:
            response.set_etag(tag, weak=True)
        response.set_data(body)
        response.headers["Content-Encoding"] = name
    return response


def _pack(response: Response, header: str) -> tuple[str, bytes]:
    ready: Callable[[str], tuple[str, bytes]] | None = g.get("packed")  # the page cache keeps what it packs
    if ready is not None:
        return ready(found) if (found := wanted(header)) else ("", b"")
    if not reads_gzip(header):
        return "", b""
    whole = response.get_data()
    return ("gzip", packed_for_one(whole)) if len(whole) >= LEAST else ("", b"")


def install(app: Flask) -> None:
    """Pack answers on their way out. Installed before everything else that looks at them, so it comes last."""
    app.after_request(_send)
