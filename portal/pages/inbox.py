"""Messages of the portal to the signed-in person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask_login import login_required
from werkzeug.wrappers import Response

from content import moment, outbox
from content.errors import N_
from content.people import Person
from portal.web import numbers
from portal.web.login import person
from portal.web.security import safe_path

pages = Blueprint("inbox", __name__)
# What messages can concern, as the filter calls it; the names are those of outbox.TOPICS.
TOPICS: tuple[tuple[str, str], ...] = (
    ("notices", N_("Notices and events")),
    ("matters", N_("Matters")),
    ("liaison", N_("Liaison")),
    ("work", N_("My work")),
)


@pages.get("/inbox/")
@login_required
def messages() -> str:
    """The messages, newest first; all or unread, of everything or one concern, page by page."""
    before = numbers.number(request.args.get("before"))
    about, show = request.args.get("about", ""), request.args.get("show", "")
    about = about if about in outbox.TOPICS else ""
    found = outbox.inbox(_reader(), unread=show == "unread", before=before, topic=about)
    return render_template(
        "inbox.html",
        found=found,
        show=show,
        about=about,
        topics=TOPICS,
        address=_address,
        undo=request.args.get("undo", "") if _moment(request.args.get("undo", "")) else "",
        older=_address(before=found[-1].id) if len(found) >= outbox.PAGE else "",
        newest=_address() if before else "",
    )


def _address(**changes: Any) -> str:
    """The list with other filters; a change of them begins at the newest."""
    kept = {name: request.args.get(name, "") for name in ("show", "about")} | changes
    query = urlencode({name: value for name, value in kept.items() if value})
    return "/inbox/" + (f"?{query}" if query else "")


@pages.post("/inbox/read")
@login_required
def read() -> Response:
    """Mark one message as read, or all; all can be taken back."""
    wanted = request.form.get("id", "")
    id = numbers.number(wanted)
    if id is not None:
        outbox.mark_read(_reader(), [id])
    elif wanted == "all":
        at = moment.now()
        with_undo = outbox.mark_read(_reader(), "all", at=at)
        return redirect(f"/inbox/?undo={at.timestamp():.6f}" if with_undo else "/inbox/", code=303)
    return redirect(safe_path(request.form.get("next"), "/inbox/"), code=303)


@pages.post("/inbox/unread")
@login_required
def unread() -> Response:
    """Take reading back: of one message, or of all that were marked at one moment."""
    id, at = numbers.number(request.form.get("id")), _moment(request.form.get("at", ""))
    if id is not None:
        outbox.mark_unread(_reader(), id)
    elif at is not None:
        outbox.mark_unread(_reader(), at)
    return redirect(safe_path(request.form.get("next"), "/inbox/"), code=303)


@pages.get("/inbox/<int:number>")
@login_required
def follow(number: int) -> Response:
    """Go where a message leads; following it is reading it."""
    entry = next(iter(outbox.inbox(_reader(), before=number + 1, limit=1)), None)
    if entry is None or entry.id != number:
        return redirect("/inbox/")
    outbox.mark_read(_reader(), [number])
    return redirect(entry.url or "/inbox/")


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _reader() -> Person:
    found = person()
    assert found is not None, "login_required lets nobody else through"
    return found
