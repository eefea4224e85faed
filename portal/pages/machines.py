"""Addresses for machines: is the portal alive, how is it doing, and what may be crawled."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, g, jsonify, request

from content import maintenance, vitals
from content.items import content_version
from portal.web import metrics
from portal.web.cache import fresh
from portal.web.public import absolute

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
ROBOTS = "\n".join(("User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), "", ""))


@pages.get("/healthz")
def health() -> Response:
    """200 while the database answers, has had every migration, and a worker lives; else 503 and why, by word."""
    fresh()
    reasons = vitals.unwell(g.settings, current_app.extensions["begun"])
    response = jsonify(
        status="unwell" if reasons else "ok",
        reasons=reasons,
        content=content_version(),
        maintenance=maintenance.state(g.settings) is not None,
    )
    response.status_code = 503 if reasons else 200
    return response


@pages.get("/metrics")
def figures() -> Response:
    """Figures for Prometheus; there is nothing here for who may not ask."""
    fresh()
    if not metrics.may_ask(g.settings, request):
        abort(404)
    found = metrics.exposition(g.settings, current_app.extensions["tally"])
    return Response(found, content_type=metrics.CONTENT_TYPE)


@pages.get("/robots.txt")
def robots() -> Response:
    """What crawlers may leave alone, and where the list of all public pages is."""
    return Response(f"{ROBOTS}Sitemap: {absolute('/sitemap.xml')}\n", mimetype="text/plain")
