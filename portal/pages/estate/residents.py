"""Who moves in and out, and the letters with codes that they get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import moment, telephones
from content.errors import Invalid, NotFound
from content.estate import acts, checks, codes, lists
from content.households import Household, HouseholdCode, Resident
from portal.pages.estate.homes import managed
from portal.pages.estate.typed import spoken, tenures, typed
from portal.web.login import person
from portal.web.numbers import number

pages = Blueprint("residents", __name__)
Answer = Response | str | tuple[str, int]
FIELDS = ("name", "address_form", "tenure", "telephone", "email", "since")


@pages.get("/homes/<int:id>/move-in")
def move_in(id: int) -> str:
    """The form for somebody who moves in or buys."""
    return _form(managed(id), None, {"since": moment.today().isoformat()}, {})


@pages.post("/homes/<int:id>/move-in")
def enter(id: int) -> Answer:
    """Enter somebody as owner or tenant of a home."""
    home = managed(id)
    values = typed(*FIELDS)
    try:
        acts.add_resident(person(), home, values)
    except Invalid as invalid:
        return _form(home, None, values, spoken(invalid)), 422
    flash(_("Entered. A letter with a code lets them make an account."), "done")
    return redirect(f"/estate/homes/{id}/", code=303)


@pages.get("/residents/<int:id>/edit")
def edit(id: int) -> str:
    """The form of a resident."""
    one, home = _resident(id)
    values = {name: getattr(one, name) or "" for name in FIELDS}
    values["telephone"] = telephones.show(one.telephone) if one.telephone else ""
    return _form(home, one, values, {})


@pages.post("/residents/<int:id>/edit")
def save(id: int) -> Answer:
    """Correct what is known of a resident."""
    one, home = _resident(id)
    values = typed(*FIELDS)
    try:
        acts.edit_resident(person(), one, values)
    except Invalid as invalid:
        return _form(home, one, values, spoken(invalid)), 422
    flash(_("The entry is saved."), "done")
    return redirect(f"/estate/homes/{home.id}/", code=303)


@pages.get("/residents/<int:id>/leave")
def ask_leave(id: int) -> str:
    """Ask for the last day of somebody who moves out."""
    one, home = _resident(id)
    return _leave_form(one, home, (one.until or moment.today()).isoformat(), {})


@pages.post("/residents/<int:id>/leave")
def leave(id: int) -> Answer:
    """Let somebody move out with a day; nothing is deleted."""
    one, home = _resident(id)
    text = typed("until")["until"]
    until = checks.read_date(text)
    if until is None and text.strip():
        return _leave_form(one, home, text, {"until": [_("Please write the day as 2026-03-16.")]}), 422
    try:
        acts.move_out(person(), one, until)
    except Invalid as invalid:
        return _leave_form(one, home, text, spoken(invalid)), 422
    flash(_("Noted. The entry stays below, among those who lived here before."), "done")
    return redirect(f"/estate/homes/{home.id}/", code=303)


def _resident(id: int) -> tuple[Resident, Household]:
    one = acts.stored_resident(id)
    return one, managed(one.household_id)


def _form(
    home: Household, one: Resident | None, values: Mapping[str, Any], errors: dict[str, list[str]]
) -> str:
    return render_template(
        "estate/resident_form.html",
        home=home,
        resident=one,
        values=values,
        errors=errors,
        tenures=tenures(),
    )


def _leave_form(one: Resident, home: Household, until: str, errors: dict[str, list[str]]) -> str:
    return render_template("estate/leave.html", resident=one, home=home, until=until, errors=errors)


# ---- codes


@pages.post("/homes/<int:id>/codes")
def letters(id: int) -> Answer:
    """Make codes and answer with the letters: their text is shown this one time, so there is no way back to it."""
    home = acts.stored_home(id)
    wanted = number(request.form.get("resident"))
    try:
        resident = _known(home, wanted) if wanted else None
        made = codes.make_codes(
            person(),
            home,
            resident.tenure if resident is not None else request.form.get("tenure", ""),
            count=1 if resident is not None else number(request.form.get("count")) or 0,
            resident=resident,
            days=g.settings.household_code_days,
        )
    except Invalid as invalid:
        found = lists.home_page(person(), id)
        errors = spoken(invalid)
        page = render_template(
            "estate/home.html", page=found, home=home, tenures=tenures(), errors=errors, typed=request.form
        )
        return page, 422
    where = (g.settings.public_url or request.host_url).rstrip("/") + "/register"
    page = render_template("estate/letters.html", home=home, resident=resident, made=made, where=where)
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _known(home: Household, id: int) -> Resident:
    found: Resident | None = Resident.get_or_none((Resident.id == id) & (Resident.household == home.id))
    if found is None:
        raise NotFound()
    return found


@pages.post("/codes/<int:id>/withdraw")
def withdraw(id: int) -> Response:
    """Let a code open nothing any more."""
    stored: HouseholdCode | None = HouseholdCode.get_or_none(HouseholdCode.id == id)
    if stored is None:
        raise NotFound()
    code = codes.withdraw(person(), stored)
    flash(_("The code opens nothing any more."), "done")
    return redirect(f"/estate/homes/{code.household_id}/", code=303)
