"""One meeting as its two people see it: read, confirmed, added to, taken back; and what they promised each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import liaison
from content.errors import Conflict, Invalid, NotAllowed
from content.liaison import Meeting
from portal.pages.liaison.words import reader, sent_version, spoken
from portal.web.i18n import say

pages = Blueprint("meeting", __name__)
Answer = Response | tuple[str, int]


@pages.get("/meetings/<int:id>")
def look(id: int) -> str:
    """The meeting with the words of both."""
    return _page(liaison.find_meeting(reader(), id))


@pages.post("/meetings/<int:id>/confirm")
def confirm(id: int) -> Answer:
    """The counselor confirms it, with words of their own."""
    words = request.form.get("counselor_note", "")
    return _act(id, lambda version: liaison.confirm_meeting(reader(), id, words, version=version),
                _("Confirmed. Thank you; it counts now."))  # fmt: skip


@pages.post("/meetings/<int:id>/words")
def words(id: int) -> Answer:
    """The counselor changes their own words."""
    typed = request.form.get("counselor_note", "")
    return _act(id, lambda version: liaison.add_words(reader(), id, typed, version=version),
                _("Your words are saved. Only the two of you can read them."))  # fmt: skip


@pages.post("/meetings/<int:id>/withdraw")
def withdraw(id: int) -> Answer:
    """The leader takes back what was logged by mistake."""
    return _act(id, lambda version: liaison.withdraw_meeting(reader(), id, version=version),
                _("The meeting is taken back and counts no more. You can put it back here."))  # fmt: skip


@pages.post("/meetings/<int:id>/restore")
def restore(id: int) -> Answer:
    """Put it back."""
    return _act(id, lambda version: liaison.restore_meeting(reader(), id, version=version),
                _("The meeting stands again and waits for confirmation."))  # fmt: skip


@pages.post("/meetings/<int:id>/promises")
def promise(id: int) -> Answer:
    """Write down who does what by when."""
    try:
        liaison.add_follow_up(reader(), id, request.form)
    except Invalid as invalid:
        return _page(liaison.find_meeting(reader(), id), errors=spoken(invalid)), 422
    flash(_("Written down. It stays on your page until it is done."), "done")
    return redirect(url_for("liaison.meeting.look", id=id), code=303)


@pages.post("/promises/<int:id>/done")
def done(id: int) -> Response:
    """Mark a promise as kept, or take that back."""
    kept = request.form.get("done") != "0"
    found = liaison.set_done(reader(), id, kept)
    flash(_("Done. Well kept.") if kept else _("It is open again."), "done")
    if request.form.get("back") == "home":
        return redirect(url_for("liaison.mine.home"), code=303)
    return redirect(url_for("liaison.meeting.look", id=found.meeting.id), code=303)


def _act(id: int, act: Callable[[int], Any], said: str) -> Answer:
    version = sent_version()
    try:
        act(version)
    except Invalid as invalid:
        return _page(liaison.find_meeting(reader(), id), errors=spoken(invalid)), 422
    except Conflict:
        told = _("This meeting was changed meanwhile. Please read it again; what you typed is still here.")
        return _page(liaison.find_meeting(reader(), id), errors={"counselor_note": [told]}), 409
    except NotAllowed as refused:
        liaison.find_meeting(reader(), id)  # who may not read it learns nothing
        flash(say(refused.message), "error")
    else:
        flash(said, "done")
    return redirect(url_for("liaison.meeting.look", id=id), code=303)


def _page(meeting: Meeting, errors: dict[str, list[str]] | None = None) -> str:
    me = reader()
    return render_template(
        "liaison/meeting.html",
        meeting=meeting,
        promises=liaison.follow_ups_of(me, meeting),
        is_leader=meeting.pairing.leader_id == me.id,
        errors=errors or {},
    )
