"""Logging a meeting in under a minute, and correcting it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import liaison, moment
from content.errors import Conflict, Invalid, NotAllowed, NotFound
from content.items import new_uid
from content.liaison import Meeting
from content.permissions import ANYWHERE, may
from portal.pages.liaison.words import reader, sent_version, spoken
from portal.web.i18n import say

pages = Blueprint("logging", __name__)
FIELDS = (
    "pairing", "kind", "activity", "held_on", "place", "private_note", "office_line",
    "follow_what", "follow_owner", "follow_due",
)  # fmt: skip


@pages.get("/log")
def ask() -> str:
    """The form, filled with what is likely: the counselor, a talk, today, the last place."""
    _require_leader()
    pairings = liaison.loggable(reader())
    places = liaison.recent_places(reader())
    values = {
        "pairing": request.args.get("pairing", "") or (str(pairings[0].id) if pairings else ""),
        "kind": request.args.get("kind", "") if request.args.get("kind") in liaison.KINDS else "talk",
        "held_on": moment.today(g.settings.zone).isoformat(),
        "place": places[0] if places else "",
        "follow_owner": "leader",
    }
    return _form(values, key=new_uid())


@pages.post("/log")
def log() -> Response | tuple[str, int]:
    """Log it; the same form sent twice makes one meeting."""
    _require_leader()
    key = request.form.get("key", "")
    values = _typed()
    try:
        done = liaison.log_meeting(reader(), values, key=key)
    except Invalid as invalid:
        return _form(values, key=key, errors=spoken(invalid)), 422
    if done.again:
        flash(
            _("This meeting was logged already; it stands here once. Correct it if something changed."),
            "note",
        )
    else:
        name = done.meeting.pairing.counselor.name
        flash(_("The meeting is logged. %(name)s is asked to confirm it.", name=name), "done")
    return redirect(url_for("liaison.meeting.look", id=done.meeting.id), code=303)


@pages.get("/meetings/<int:id>/edit")
def edit(id: int) -> Response | str:
    """The form with what was logged, for its leader."""
    meeting = _correctable(id)
    if meeting.state == "withdrawn":
        flash(_("This meeting was taken back. Put it back first, then correct it."), "error")
        return redirect(url_for("liaison.meeting.look", id=id))
    values = {
        "pairing": str(meeting.pairing_id),
        "kind": meeting.kind,
        "activity": meeting.activity,
        "held_on": meeting.held_on.isoformat(),
        "place": meeting.place,
        "private_note": meeting.private_note,
        "office_line": meeting.office_line,
    }
    return _form(values, meeting=meeting, version=meeting.version)


@pages.post("/meetings/<int:id>/edit")
def change(id: int) -> Response | tuple[str, int]:
    """Correct it; the counselor is asked to confirm anew."""
    meeting = _correctable(id)
    version, values = sent_version(), _typed()
    try:
        done = liaison.correct_meeting(reader(), id, values, version=version)
    except Invalid as invalid:
        return _form(values, meeting=meeting, version=version, errors=spoken(invalid)), 422
    except Conflict as conflict:
        told = _(
            "This meeting changed while you were writing. What you typed is still here; look and save again."
        )
        return _form(values, meeting=meeting, version=conflict.version, errors={"kind": [told]}), 409
    except NotAllowed as refused:
        flash(say(refused.message), "error")
        return redirect(url_for("liaison.meeting.look", id=id), code=303)
    if done.version == version:
        flash(_("Nothing was changed."), "note")
    else:
        name = meeting.pairing.counselor.name
        flash(_("The correction is saved. %(name)s is asked to confirm it anew.", name=name), "done")
    return redirect(url_for("liaison.meeting.look", id=id), code=303)


def _require_leader() -> None:
    if not may(reader(), "liaison:log", ANYWHERE):
        raise NotFound()


def _correctable(id: int) -> Meeting:
    meeting = liaison.find_meeting(reader(), id)
    if not may(reader(), "liaison:log", meeting):  # type: ignore[arg-type]  # a record of this subject
        raise NotFound()
    return meeting


def _typed() -> dict[str, str]:
    """The fields as typed; a place that was typed stands before one that was picked."""
    values = {name: request.form.get(name, "") for name in FIELDS}
    values["place"] = values["place"].strip() or request.form.get("place_pick", "")
    return values


def _form(
    values: Mapping[str, str],
    *,
    key: str = "",
    meeting: Meeting | None = None,
    version: int = 0,
    errors: dict[str, list[str]] | None = None,
) -> str:
    pairings = [meeting.pairing] if meeting else liaison.loggable(reader())
    places = liaison.recent_places(reader())
    return render_template(
        "liaison/log.html",
        values=values,
        pairings=pairings,
        places=places,
        picked=values.get("place", "") if values.get("place", "") in places else "",
        key=key,
        meeting=meeting,
        version=version,
        today=moment.today(g.settings.zone),
        errors=errors or {},
    )
