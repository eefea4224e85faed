"""Requests to be erased, for those who decide."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.wrappers import Response

from content.accounts import erasing
from content.accounts.holdings import HOLDINGS
from portal.pages.accounts.common import me
from portal.web.cache import fresh
from portal.web.waiting import Errors, tried

pages = Blueprint("erasures", __name__)


@pages.get("/accounts/erasures")
@login_required
def listed() -> str:
    """What waits for a decision."""
    return _page(0, {})


@pages.post("/accounts/erasures/<int:id>")
@login_required
def decide(id: int) -> Response:
    """Erase, or refuse with a reason."""
    grant = request.form.get("do") == "erase"
    answer = request.form.get("answer", "")
    done, refused = tried(
        lambda: erasing.decide(me(), id, grant=grant, answer=answer),
        lambda errors: _page(id, errors),
        "answer",
    )
    if refused is not None:
        return refused
    erased = done.state == "done"
    flash(_("The person is erased.") if erased else _("Refused. The person was told why."), "done")
    return redirect("/accounts/erasures", code=303)


def _page(id: int, errors: Errors) -> str:
    fresh()
    rows = [(row, erasing.hindrances(row.person)) for row in erasing.waiting(me())]
    return render_template(
        "accounts/erasures.html", rows=rows, errors=errors, at=id, holdings=HOLDINGS.values()
    )
