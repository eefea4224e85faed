"""Pairings as the office keeps them: made, ended, handed over, put back, removed (R-131, R-136)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import liaison, moment
from content.errors import Conflict, Invalid
from content.liaison import duties, overview
from content.liaison.rights import require_office
from portal.pages.liaison.words import reader, sent_version, spoken
from portal.web.numbers import number

pages = Blueprint("pairs", __name__, url_prefix="/office/pairings")
Answer = Response | tuple[str, int]


@pages.get("/")
def pairings() -> str:
    """Who is paired with whom and for how long, who is not, and who was."""
    standing, past = overview.office_pairings(reader())
    leaders, counselors = overview.candidates(reader())
    today = moment.today()
    return render_template(
        "liaison/pairings.html",
        standing=standing,
        past=past[:60],
        free_leaders=[p for p, count in leaders if count < max(1, g.settings.leader_counselors)],
        free_counselors=[p for p, leader in counselors if not leader],
        together=lambda one: duties.together(one, today),
        reshuffle=lambda one: duties.reshuffle_standing(one, today),
        today=today,
    )


@pages.get("/new")
def ask() -> str:
    """The form for a new pairing."""
    values = {name: request.args.get(name, "") for name in ("leader", "counselor")}
    return _form({**values, "since": moment.today().isoformat()})


@pages.post("/new")
def make() -> Answer:
    """Pair the two."""
    require_office(reader())
    typed = {name: request.form.get(name, "") for name in ("leader", "counselor", "since")}
    try:
        made = liaison.pair(
            g.settings, reader(), number(typed["leader"]), number(typed["counselor"]), typed["since"]
        )
    except Invalid as invalid:
        return _form(typed, spoken(invalid)), 422
    flash(
        _("%(leader)s and %(counselor)s are paired. Both have been told.",
          leader=made.leader.name, counselor=made.counselor.name),
        "done",
    )  # fmt: skip
    return redirect(url_for("liaison.pairs.look", id=made.id), code=303)


@pages.get("/<int:id>")
def look(id: int) -> str:
    """One pairing: how long, what was held, and what the office can do with it."""
    return _page(id)


@pages.post("/<int:id>/end")
def end(id: int) -> Answer:
    """End it on a day."""
    until = request.form.get("until", "")
    return _act(id, lambda version: liaison.end_pairing(reader(), id, until, version=version),
                _("The pairing has its end. You can take that back here."))  # fmt: skip


@pages.post("/<int:id>/hand-over")
def hand_over(id: int) -> Answer:
    """Give the counselor another leader."""
    leader, since = number(request.form.get("leader")), request.form.get("since", "")
    return _act(id, lambda version: liaison.hand_over(g.settings, reader(), id, leader, since, version=version),
                _("Handed over. The three have been told."))  # fmt: skip


@pages.post("/<int:id>/reopen")
def reopen(id: int) -> Answer:
    """Take the end back."""
    return _act(id, lambda version: liaison.reopen(g.settings, reader(), id, version=version),
                _("The end is taken back; the two are paired as before."))  # fmt: skip


@pages.post("/<int:id>/remove")
def remove(id: int) -> Answer:
    """Remove one that was made by mistake."""
    version = sent_version()
    try:
        liaison.remove(reader(), id, version=version)
    except Invalid as invalid:
        return _page(id, spoken(invalid)), 422
    except Conflict:
        return _page(id, {"pairing": [_changed()]}), 409
    flash(_("The pairing is removed. Nothing had been logged in it."), "done")
    return redirect(url_for("liaison.pairs.pairings"), code=303)


def _act(id: int, act: Callable[[int], Any], said: str) -> Answer:
    version = sent_version()
    try:
        done = act(version)
    except Invalid as invalid:
        return _page(id, spoken(invalid)), 422
    except Conflict:
        return _page(id, {"pairing": [_changed()]}), 409
    flash(said, "done")
    return redirect(url_for("liaison.pairs.look", id=done.id), code=303)


def _changed() -> str:
    return _("This pairing was changed meanwhile. Please look at it again.")


def _form(values: dict[str, str], errors: dict[str, list[str]] | None = None) -> str:
    leaders, counselors = overview.candidates(reader())
    return render_template(
        "liaison/pair_form.html",
        values=values,
        leaders=leaders,
        counselors=counselors,
        errors=errors or {},
    )


def _page(id: int, errors: dict[str, list[str]] | None = None) -> str:
    pairing = liaison.find_pairing(reader(), id)
    count, last, cells, meetings = overview.pairing_summary(reader(), pairing)
    leaders, _counselors = overview.candidates(reader())
    today = moment.today()
    return render_template(
        "liaison/pairing.html",
        pairing=pairing,
        count=count,
        last=last,
        duties=list(zip(duties.OBLIGATIONS, cells, strict=True)),
        meetings=meetings,
        leaders=[(p, n) for p, n in leaders if p.id != pairing.leader_id],
        together=duties.together(pairing, today),
        reshuffle=duties.reshuffle_standing(pairing, today),
        reshuffle_on=duties.reshuffle_on(pairing),
        ended=pairing.until is not None and pairing.until < today,
        today=today,
        errors=errors or {},
    )
