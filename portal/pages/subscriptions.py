"""What a person wishes to be told and how: the page, the buttons beside lists, the link in each mail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.wrappers import Response

from content import subscriptions, wishes
from content.errors import N_, Invalid, NotFound
from content.items import KINDS
from content.people import Person
from content.subscriptions import FOLLOWABLE, Wishes
from portal.pages.places import tree_for
from portal.web import numbers
from portal.web.cache import fresh
from portal.web.i18n import say
from portal.web.login import person
from portal.web.security import csrf, safe_path

pages = Blueprint("subscriptions", __name__)
Answer = Response | str | tuple[str, int]
PAGE = "/account/subscriptions"
UNDO = "wishes_before"
MODES: tuple[tuple[str, str], ...] = (
    ("each", N_("Each message at once")),
    ("daily", N_("One mail a day with what is unread")),
    ("weekly", N_("One mail a week with what is unread")),
    ("none", N_("No mail; I look into the inbox")),
)
WEEKDAYS: tuple[str, ...] = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


@pages.get(PAGE)
@login_required
def show() -> Answer:
    """The page with all that can be chosen."""
    return _page(subscriptions.wishes_of(_me()))


@pages.post(PAGE)
@login_required
def change() -> Answer:
    """Keep what was chosen; what held before can be had back."""
    wanted = _typed()
    try:
        before = subscriptions.set_wishes(_me(), wanted)
    except Invalid as invalid:
        errors = {field: [say(one) for one in texts] for field, texts in invalid.fields.items()}
        return _page(wanted, errors), 422
    session[UNDO] = [_me().id, subscriptions.as_plain(before)]
    flash(_("Your choice is saved."), "done")
    return redirect(PAGE, code=303)


@pages.post(f"{PAGE}/undo")
@login_required
def undo() -> Response:
    """Have back what held before the last change on this device."""
    if _may_undo():
        _whose, before = session.pop(UNDO)
        subscriptions.set_wishes(_me(), subscriptions.from_plain(before))
        flash(_("It is as it was before."), "done")
    return redirect(PAGE, code=303)


@pages.post("/account/follow")
@login_required
def follow() -> Response:
    """Follow a kind or a section, or cease to, and go back to the page of the button."""
    me, on = _me(), request.form.get("on") == "1"
    kind, number = request.form.get("kind", ""), numbers.number(request.form.get("section"))
    section = tree_for(me).sections.get(number) if number is not None else None
    if section is None and kind not in FOLLOWABLE:
        abort(404)
    subscriptions.follow(me, kind=kind, section=section, on=on)
    if on:
        flash(_("From now on you are told of what is new here, in your inbox."), "done")
    else:
        flash(_("You are not told of what is new here any more."), "done")
    return redirect(safe_path(request.form.get("next"), PAGE), code=303)


@pages.post("/account/calendar")
@login_required
def calendar() -> Response:
    """Switch the person's calendar on or off, or give it a new address."""
    do = request.form.get("do", "")
    if do not in ("on", "renew", "off"):
        abort(404)
    subscriptions.set_calendar(_me(), do != "off")
    if do == "off":
        flash(_("Your calendar is switched off; its address leads nowhere now."), "done")
    else:
        flash(_("Your calendar has its own address. Give it to your calendar program."), "done")
    return redirect(f"{PAGE}#calendar", code=303)


@pages.get("/unsubscribe/<word>")
def ask(word: str) -> Answer:
    """Where the link in a mail leads: a question, since programs open links, too."""
    fresh()
    if wishes.person_of(word) is None:
        return render_template("unsubscribe.html", state="used"), 404
    return render_template("unsubscribe.html", state="ask", word=word)


@pages.post("/unsubscribe/<word>")
@csrf.exempt
def stop(word: str) -> Answer:
    """End the mail of whom the link was sent to; also called by mail programs (RFC 8058), so without a token."""
    fresh()
    try:
        subscriptions.stop_mail(word)
    except NotFound:
        return render_template("unsubscribe.html", state="used"), 404
    return render_template("unsubscribe.html", state="done")


def _typed() -> Wishes:
    form = request.form
    hour, weekday = numbers.number(form.get("hour")), numbers.number(form.get("weekday"))
    sections = (numbers.number(one) for one in form.getlist("section"))
    return Wishes(
        mode=form.get("mode", ""),
        hour=-1 if hour is None else hour,
        weekday=-1 if weekday is None else weekday,
        urgent="urgent" in form,
        mine="mine" in form,
        kinds=frozenset(form.getlist("kind")),
        sections=frozenset(one for one in sections if one is not None),
    )


def _page(chosen: Wishes, errors: dict[str, list[str]] | None = None) -> str:
    me = _me()
    tree = tree_for(me)
    token = subscriptions.calendar_token(me)
    home = g.settings.public_url.rstrip("/") or request.url_root.rstrip("/")
    address = f"{home}/calendar/{token}.ics" if token else ""
    details: dict[str, Any] = {"chosen": replace(chosen), "errors": errors or {}, "me": me}
    return render_template(
        "subscriptions.html",
        **details,
        modes=MODES,
        weekdays=WEEKDAYS,
        kinds_offered=[KINDS[name] for name in FOLLOWABLE],
        places=list(tree.walk()),
        may_undo=_may_undo(),
        calendar=address,
        webcal="webcal://" + address.partition("://")[2] if address else "",
    )


def _may_undo() -> bool:
    """Whether the last change on this device was the reader's own; others may have signed in since."""
    kept = session.get(UNDO)
    return isinstance(kept, list) and kept[0] == _me().id


def _me() -> Person:
    found = person()
    assert found is not None, "login_required lets nobody else through"
    return found
