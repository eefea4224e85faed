"""One home: its people and codes; adding and changing homes."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content.errors import Invalid
from content.estate import access, acts, lists
from content.households import Building, Household
from portal.pages.estate.typed import area_text, spoken, tenures, typed
from portal.web.login import person

pages = Blueprint("homes", __name__)
Answer = Response | str | tuple[str, int]
FIELDS = ("unit", "room", "floor_area")


@pages.get("/homes/<int:id>/")
def home(id: int) -> str:
    """A home: who owns and rents it, who did, and the codes that are out."""
    found = lists.home_page(person(), id)
    return render_template("estate/home.html", page=found, home=found.home, tenures=tenures(), errors={})


@pages.get("/buildings/<int:id>/new")
def new(id: int) -> str:
    """The form of a new home in a building."""
    return _form(_building(id), None, {}, {})


@pages.post("/buildings/<int:id>/new")
def make(id: int) -> Answer:
    """Add a home to a building."""
    building = _building(id)
    values = typed(*FIELDS)
    try:
        made = acts.make_household(person(), building, values)
    except Invalid as invalid:
        return _form(building, None, values, spoken(invalid)), 422
    flash(_("The home is added. Next, enter who lives there."), "done")
    return redirect(f"/estate/homes/{made.id}/", code=303)


def _building(id: int) -> Building:
    found = lists.building(person(), id)
    access.require(person(), "estate:manage", found.community)
    return found


@pages.get("/homes/<int:id>/edit")
def edit(id: int) -> str:
    """The form of a home."""
    one = managed(id)
    values = {"unit": one.unit, "room": one.room, "floor_area": area_text(one.floor_area)}
    return _form(one.building, one, values, {})


@pages.post("/homes/<int:id>/edit")
def save(id: int) -> Answer:
    """Change a home."""
    one = managed(id)
    values = typed(*FIELDS)
    try:
        acts.edit_household(person(), one, values)
    except Invalid as invalid:
        return _form(one.building, one, values, spoken(invalid)), 422
    flash(_("The home is saved."), "done")
    return redirect(f"/estate/homes/{id}/", code=303)


def managed(id: int) -> Household:
    """A home that the reader may change. Raises ``NotFound``."""
    one = acts.stored_home(id)
    access.require(person(), "estate:manage", one.building.community)
    return one


def _form(
    building: Building, one: Household | None, values: Mapping[str, str], errors: dict[str, list[str]]
) -> str:
    return render_template("estate/home_form.html", building=building, home=one, values=values, errors=errors)
