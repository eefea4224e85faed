"""The page of a matter at its number: for its parties here, for those who work it on the desk's page."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, make_response, redirect, render_template
from flask_login import login_required
from werkzeug.wrappers import Response

from content import reception
from content.cases import Case
from content.permissions import may
from portal.pages.matters import acts, doors, sent
from portal.pages.matters.doors import Door
from portal.web.login import person

pages = Blueprint("case", __name__)


@pages.get("/cases/<number>")
def case(number: str) -> Response:
    """A matter for who is a party or works it. A visitor who came in with the code is led to ``/follow``."""
    reader = person()
    if reader is None:
        opened = doors.remembered("follow")
        if opened is not None and opened.number == number:
            return redirect("/follow")
    return _page(number)


@login_required
def _page(number: str) -> Response:
    page = reception.page_at(person(), number)
    if page.case.number != number:
        return redirect(f"/cases/{page.case.number}")  # typed with spaces around it
    return show(Door(person(), page.case), page)


@pages.post("/cases/<number>/<any(say, rate, reopen):act>")
@login_required
def do(number: str, act: str) -> Response:
    """Add words and files, rate, or open it again."""
    door = Door(person(), reception.find(person(), number))
    return acts.do(door, act, partial(show, door))


def show(
    door: Door,
    page: reception.CasePage | None = None,
    *,
    errors: sent.Errors | None = None,
    typed: dict[str, str] | None = None,
    key: str = "",
    status: int = 200,
) -> Response:
    """The page of a matter through one of the doors; after a refusal with what was typed and what is wrong."""
    page = page or reception.page(door.reader, door.case, via_code=door.via_code)
    words: dict[str, Any] = {
        "page": page,
        "leads": _leading(door, page),
        "door": door,
        "errors": errors or {},
        "typed": typed or {},
        "form": "",
        "problem": "",
        "key": key or sent.new_key(),
        "held": reception.held(key) if key else [],
    }
    template = "desk/case.html" if page.is_worker else "matters/case.html"
    response = make_response(render_template(template, **words), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _leading(door: Door, page: reception.CasePage) -> Case | None:
    """The matter that this one goes on with, if the reader may see that one, too."""
    lead: Case | None = page.case.merged_into if page.case.merged_into_id else None
    return lead if lead is not None and may(door.reader, "case:view", lead) else None
