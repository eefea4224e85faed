"""Addresses for machines: is the portal alive, and what may be crawled."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from content.items import content_version
from portal.web.cache import fresh

pages = Blueprint("machines", __name__)
PRIVATE = (
    "/work/",
    "/admin/",
    "/account",
    "/inbox/",
    "/matters/",
    "/cases/",
    "/follow",
    "/login",
    "/search",
    "/calendar/",
    "/unsubscribe/",
)
ROBOTS = "\n".join(("User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), ""))


@pages.get("/healthz")
def health() -> Response:
    """Answers when the database does."""
    fresh()
    return jsonify(status="ok", content=content_version())


@pages.get("/robots.txt")
def robots() -> Response:
    """What crawlers may leave alone."""
    return Response(ROBOTS, mimetype="text/plain")
