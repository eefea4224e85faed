"""The slip that somebody takes home: number, code, and the way to follow the matter."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, render_template, request
from markupsafe import Markup

from content import reception
from content.errors import NotFound
from content.late import Late
from content.reception.categories import CATEGORIES
from portal.pages.matters import doors
from portal.web.login import person

_segno = Late("segno")
pages = Blueprint("slips", __name__)


@pages.get("/slip/<number>")
def slip(number: str) -> Response:
    """The slip of a matter, made for paper: for those of the counter, who may say its code again, and for whoever
    has just recorded it.
    """
    reader = person()
    case = reception.find(reader, number)
    page = reception.page(reader, case)
    code = page.code
    if not code and doors.remembered("slip") == case:
        code = reception.receipt(case, reader).code
    if not page.is_worker or not code:
        raise NotFound()
    address = (g.settings.public_url or request.host_url).rstrip("/") + "/follow"
    answer = make_response(
        render_template(
            "desk/slip.html",
            case=case,
            category=CATEGORIES[case.category],
            code=code,
            address=address,
            square=square(address),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def square(text: str) -> Markup:
    """A QR code as inline SVG without styles, black on white whatever the page's colours."""
    made = _segno.make(text, error="m", micro=False)
    drawn = made.svg_inline(
        scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(drawn)  # noqa: S704  drawn from an address of ours
