"""Communities and their buildings, and finding a home among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import telephones
from content.errors import Invalid, NotFound
from content.estate import access, acts, homes, lists
from content.households import Building
from content.people import Community
from portal.pages.estate.typed import area_text, as_content, spoken, typed
from portal.web.login import person
from portal.web.numbers import number
from portal.web.shown import plain

pages = Blueprint("places", __name__)
Answer = Response | str | tuple[str, int]
FIELDS = ("name", "phase", "aliases")


@pages.record_once
def _know_words(state: Any) -> None:
    state.app.jinja_env.globals.update(area_text=area_text)
    state.app.jinja_env.filters.update(
        home_label=homes.label, spaced_telephone=telephones.show, content=as_content
    )


@pages.get("/")
def index() -> str:
    """Communities with their buildings; with ``q`` the homes that are meant."""
    reader = person()
    text = request.args.get("q", "").strip()[: lists.ANYTHING]
    found, more = lists.find_homes(reader, text) if text else ([], False)
    return render_template(
        "estate/index.html",
        text=text,
        found=found,
        more=more,
        places=lists.buildings(reader) if not text else [],
        manages={place.id for place in access.communities_of(reader, "estate:manage")},
    )


@pages.get("/buildings/<int:id>/")
def building(id: int) -> str:
    """The homes of a building, a page of them."""
    reader = person()
    one = lists.building(reader, id)
    page = max(number(request.args.get("page")) or 1, 1)
    rows, pages_ = lists.homes_of(one, page)
    if page > pages_:
        raise NotFound()
    return render_template(
        "estate/building.html",
        building=one,
        aliases=lists.other_names(one),
        rows=rows,
        page=page,
        pages=pages_,
        may_manage=access.may(reader, "estate:manage", one.community),
    )


@pages.get("/buildings/new")
def new() -> str:
    """The form of a new building of a community."""
    return _form(None, _community(request.args.get("community")), {}, {})


@pages.post("/buildings/new")
def make() -> Answer:
    """Add a building."""
    community = _community(request.values.get("community"))
    values = typed(*FIELDS)
    try:
        made = acts.make_building(person(), community, values)
    except Invalid as invalid:
        return _form(None, community, values, spoken(invalid)), 422
    flash(_("%(name)s is added. Next, add its homes.", name=plain(made.name)), "done")
    return redirect(f"/estate/buildings/{made.id}/", code=303)


def _community(wanted: str | None) -> Community:
    found: Community | None = Community.get_or_none(Community.id == (number(wanted) or 0))
    if found is None:
        raise NotFound()
    access.require(person(), "estate:manage", found)
    return found


@pages.get("/buildings/<int:id>/edit")
def edit(id: int) -> str:
    """The form of a building."""
    one = _managed(id)
    values = {"name": one.name, "phase": one.phase, "aliases": "\n".join(lists.other_names(one))}
    return _form(one, one.community, values, {})


@pages.post("/buildings/<int:id>/edit")
def save(id: int) -> Answer:
    """Change a building and its other names."""
    one = _managed(id)
    values = typed(*FIELDS)
    try:
        acts.edit_building(person(), one, values, values["aliases"].splitlines())
    except Invalid as invalid:
        return _form(one, one.community, values, spoken(invalid)), 422
    flash(_("The building is saved."), "done")
    return redirect(f"/estate/buildings/{id}/", code=303)


def _managed(id: int) -> Building:
    one = lists.building(person(), id)
    access.require(person(), "estate:manage", one.community)
    return one


def _form(
    one: Building | None, community: Community, values: Mapping[str, str], errors: dict[str, list[str]]
) -> str:
    return render_template(
        "estate/building_form.html", building=one, community=community, values=values, errors=errors
    )
