"""Messages of the portal to the signed-in person."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.wrappers import Response

from content import outbox
from content.people import Person
from portal.web import numbers
from portal.web.login import person

pages = Blueprint("inbox", __name__)


@pages.get("/inbox/")
@login_required
def messages() -> str:
    """The messages, newest first."""
    before = numbers.number(request.args.get("before"))
    found = outbox.inbox(_reader(), before=before)
    older = f"/inbox/?before={found[-1].id}" if len(found) >= outbox.PAGE else ""
    return render_template("inbox.html", found=found, older=older, newest="/inbox/" if before else "")


@pages.post("/inbox/read")
@login_required
def read() -> Response:
    """Mark one message as read and go where it leads, or mark all."""
    wanted = request.form.get("id", "")
    id = numbers.number(wanted)
    if id is not None:
        outbox.mark_read(_reader(), [id])
    elif wanted == "all":
        outbox.mark_read(_reader(), "all")
        flash(_("All messages are marked as read."), "done")
    return redirect("/inbox/", code=303)


@pages.get("/inbox/<int:number>")
@login_required
def follow(number: int) -> Response:
    """Go where a message leads; following it is reading it."""
    entry = next(iter(outbox.inbox(_reader(), before=number + 1)), None)
    if entry is None or entry.id != number:
        return redirect("/inbox/")
    outbox.mark_read(_reader(), [number])
    return redirect(entry.url or "/inbox/")


def _reader() -> Person:
    found = person()
    assert found is not None, "login_required lets nobody else through"
    return found
