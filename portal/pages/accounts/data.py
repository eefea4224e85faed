"""My data: what is kept, as a page and as files, and asking for erasure."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from content import moment
from content.accounts import erasing
from content.accounts.holdings import Fact, Value, kept
from content.errors import Message
from portal.pages.accounts.common import me
from portal.web import dates
from portal.web.cache import fresh
from portal.web.i18n import say
from portal.web.waiting import Errors, tried

pages = Blueprint("data", __name__)


@pages.get("/account/data")
@login_required
def page() -> str:
    """What is kept, kind by kind."""
    return _page({})


@pages.get("/account/data.json")
@login_required
def as_json() -> Response:
    """The same for machines."""
    found = {
        holding.name: [{fact.name: _plain(fact.value) for fact in record} for record in records]
        for holding, records in kept(me())
    }
    text = json.dumps({"at": moment.now().isoformat(), **found}, ensure_ascii=False, indent=2)
    return _file(text, "application/json", "my-data.json")


@pages.get("/account/data.txt")
@login_required
def as_text() -> Response:
    """The same to read and to print."""
    lines = [_("What is kept about you, %(day)s", day=dates.exact(moment.now())), ""]
    for holding, records in kept(me()):
        lines += [f"== {say(holding.label)} ==", ""]
        for record in records:
            lines += [f"{say(fact.label)}: {_words(fact.value)}" for fact in record if _words(fact.value)]
            lines.append("")
        if not records:
            lines += [_("Nothing"), ""]
    return _file("\n".join(lines), "text/plain", "my-data.txt")


@pages.post("/account/data/erasure")
@login_required
def ask() -> Response:
    """Ask for erasure."""
    sent = {"confirmed": "confirm" in request.form, "reason": request.form.get("reason", "")}
    _asked, refused = tried(lambda: erasing.ask(me(), **sent), _page, "confirm")  # type: ignore[arg-type]
    if refused is not None:
        return refused
    flash(_("Your request is with the project manager. You are told what is decided."), "done")
    return redirect("/account/data", code=303)


@pages.post("/account/data/withdraw")
@login_required
def withdraw() -> Response:
    """Take the request back."""
    erasing.withdraw(me())
    flash(_("Your request is taken back. Nothing was erased."), "done")
    return redirect("/account/data", code=303)


def _page(errors: Errors) -> str:
    fresh()
    reader = me()
    return render_template(
        "accounts/data.html", errors=errors, kept=kept(reader), words=_shown, asked=erasing.request_of(reader),
        hindrances=erasing.hindrances(reader),
    )  # fmt: skip


def _plain(value: Value) -> Any:
    """A value as JSON has it; messages in the reader's language."""
    if isinstance(value, Message):
        return say(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _words(value: Value) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Message):
        return say(value)
    if isinstance(value, date | datetime):
        return dates.exact(value)
    return str(value) if value is not None else ""


def _shown(fact: Fact) -> Markup:
    """The same on the page: what people wrote themselves is marked as such."""
    text = _words(fact.value)
    own = isinstance(fact.value, str) and text
    return Markup("<span data-content>{}</span>").format(text) if own else Markup("{}").format(text)


def _file(text: str, mimetype: str, name: str) -> Response:
    fresh()
    response = make_response(text)
    response.headers["Content-Type"] = f"{mimetype}; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
