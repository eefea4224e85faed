"""My matters: all that the reader is a party of, the latest first."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_login import login_required

from content import reception
from portal.web.cache import fresh
from portal.web.login import person
from portal.web.numbers import number

pages = Blueprint("mine", __name__)


@pages.get("/matters/")
@login_required
def matters() -> str:
    """The list, a page at a time."""
    fresh()
    before = number(request.args.get("before"))
    found = reception.my_matters(person(), before=before)
    return render_template(
        "matters/mine.html",
        found=found,
        older=f"/matters/?before={found.older}" if found.older else "",
        newest="/matters/" if before else "",
    )
