"""The tree and what lies in a section: looking, making, renaming, moving, arranging."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import actions, bulletin
from content.errors import N_, Conflict, DomainError, Invalid, msg
from content.items import Section
from content.people import audience_label
from content.permissions import effective_audience, may, require
from portal.pages.places import Tree
from portal.pages.work.desk import creatable
from portal.pages.work.formpage import audience_groups
from portal.pages.work.found import answers_json, places, section_of, sent_json, spoken
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number

pages = Blueprint("sections", __name__)

# Beyond this nobody arranges by hand; such a section is read newest first.
ARRANGED = 1000


@pages.get("/sections/")
def tree() -> str:
    """The whole tree."""
    reader = person()
    return render_template(
        "work/tree.html",
        rows=list(Tree(reader).walk()),
        may_manage=may(reader, "section:manage"),
        may_root=may(reader, "section:manage", None),
    )


@pages.get("/sections/<int:id>/")
def contents(id: int) -> str:
    """What lies in a section: sections first, then items as arranged, with their states."""
    section = section_of(id, "section:view")
    reader = person()
    whole = Tree(reader)
    after = request.args.get("after", "")
    page = bulletin.contents(reader, section, after)
    return render_template(
        "work/contents.html",
        section=section,
        line=whole.line(section),
        below=whole.below(section) if not after else [],
        page=page,
        next_page=url_for("work.sections.contents", id=id, after=page.after) if page.after else "",
        first_page=url_for("work.sections.contents", id=id) if after else "",
        address=whole.address(section),
        kinds_open=creatable() if may(reader, "item:create", section) else [],
        may_arrange=may(reader, "item:arrange", section),
        may_manage=may(reader, "section:manage", section),
        readers=[say(audience_label(key)) for key in effective_audience(section)],
    )


@pages.post("/sections/<int:id>/")
def arrange(id: int) -> Response:
    """One step up or down for an item or a section (buttons ``up``, ``down``, ``section-up``, ``section-down``)."""
    section = section_of(id)
    for button, step in (("up", -1), ("down", 1)):
        item = number(request.form.get(button))
        if item is not None:
            actions.reorder(person(), section, _shifted(_held(section), item, step))
        below = number(request.form.get(f"section-{button}"))
        if below is not None:
            ids = [row.id for row in Tree(person()).below(section)]
            actions.reorder_sections(person(), section, _shifted(ids, below, step))
    return redirect(_here(id), code=303)


@pages.post("/sections/<int:id>/order")
@answers_json
def order(id: int) -> Response:
    """The order of some items after they were dragged, as JSON ``{"items": [ids]}``; the others keep their places."""
    section = section_of(id)
    sent = sent_json()
    wanted = sent.get("items") if isinstance(sent, dict) else None
    if not isinstance(wanted, list) or not all(isinstance(one, int) for one in wanted):
        raise Invalid({}, msg(N_("This order could not be read.")))
    held = _held(section)
    moved = [one for one in dict.fromkeys(wanted) if one in set(held)]
    fresh = iter(moved)
    among = set(moved)
    actions.reorder(person(), section, [next(fresh) if one in among else one for one in held])
    return jsonify(saved=True)


def _held(section: Section) -> list[int]:
    held = bulletin.positions(section)
    if len(held) > ARRANGED:
        raise Invalid({}, msg(N_("There is too much in this section to arrange it by hand.")))
    return held


def _shifted(ids: list[int], one: int, step: int) -> list[int]:
    if one in ids:
        at = ids.index(one)
        to = min(max(at + step, 0), len(ids) - 1)
        ids[at], ids[to] = ids[to], ids[at]
    return ids


def _here(id: int) -> str:
    return url_for("work.sections.contents", id=id, after=request.args.get("after") or None)


@pages.get("/sections/new")
def new() -> str:
    """The form of a new section below another one, or at the root."""
    parent = _parent(request.args.get("parent"))
    require(person(), "section:manage", parent)
    return _form(None, parent, {}, {})


@pages.post("/sections/new")
def make() -> Response | tuple[str, int]:
    """Make a section."""
    parent = _parent(request.form.get("parent"))
    typed = _typed()
    library = "library" in request.form
    try:
        made = actions.create_section(
            person(),
            parent,
            typed["title"],
            typed["slug"],
            audience=",".join(typed["audience"]),
            library=library,
        )
    except Invalid as invalid:
        return _form(None, parent, typed, spoken(invalid), say(invalid.message)), 422
    flash(_("“%(title)s” is made.", title=made.title), "done")
    return redirect(url_for("work.sections.contents", id=made.id), code=303)


def _parent(wanted: str | None) -> Section | None:
    return section_of(number(wanted) or 0, "section:manage") if wanted else None


@pages.get("/sections/<int:id>/edit")
def edit(id: int) -> str:
    """The form of a section: title, words in the address, audience."""
    section = section_of(id, "section:manage")
    audience = str(section.audience).split(",") if section.audience else []
    typed = {"title": section.title, "slug": section.slug, "audience": audience, "version": section.version}
    return _form(section, section.parent, typed, {})


@pages.post("/sections/<int:id>/edit")
def save(id: int) -> Response | tuple[str, int]:
    """Rename or re-share a section; its old address leads on to the new one."""
    section = section_of(id, "section:manage")
    typed = _typed()
    version = number(request.form.get("overwrite")) or number(request.form.get("version")) or 0
    values = {"title": typed["title"], "slug": typed["slug"], "audience": ",".join(typed["audience"])}
    try:
        actions.edit_section(person(), section, values, version=version)
    except Invalid as invalid:
        return _form(section, section.parent, {**typed, "version": version}, spoken(invalid)), 422
    except Conflict as conflict:
        stored = Section.get_by_id(id)
        return _form(
            section, section.parent, {**typed, "version": version}, {}, stored=stored, now=conflict.version
        ), 409
    flash(_("“%(title)s” is saved.", title=values["title"]), "done")
    return redirect(url_for("work.sections.contents", id=id), code=303)


def _typed() -> dict[str, Any]:
    return {
        "title": request.form.get("title", ""),
        "slug": request.form.get("slug", ""),
        "audience": request.form.getlist("audience"),
        "library": "library" in request.form,
    }


def _form(
    section: Section | None,
    parent: Section | None,
    typed: dict[str, Any],
    errors: dict[str, list[str]],
    problem: str = "",
    stored: Section | None = None,
    now: int = 0,
) -> str:
    above = Section(parent=parent, audience="", path=parent.path if parent else "/")
    return render_template(
        "work/section_form.html",
        section=section,
        parent=parent,
        typed=typed,
        errors=errors,
        problem=problem if not errors else "",
        stored=stored,
        now=now,
        audiences=audience_groups(),
        inherited=[say(audience_label(key)) for key in effective_audience(above)],
    )


@pages.get("/sections/<int:id>/move")
def ask_move(id: int) -> str:
    """Choose where a section goes; it cannot go below itself."""
    section = section_of(id, "section:manage")
    free = [
        (row, depth)
        for row, depth in places(person(), "section:manage")
        if not str(row.path).startswith(str(section.path))
    ]
    return render_template(
        "work/section_move.html", section=section, places=free, may_root=may(person(), "section:manage")
    )


@pages.post("/sections/<int:id>/move")
def move(id: int) -> Response:
    """Move a section with all that is below it."""
    section = section_of(id, "section:manage")
    try:
        actions.move_section(person(), section, _parent(request.form.get("target")))
    except Invalid as invalid:
        flash(_first_text(invalid), "error")
        return redirect(url_for("work.sections.ask_move", id=id), code=303)
    flash(_("“%(title)s” is moved. Its old addresses lead here.", title=section.title), "done")
    return redirect(url_for("work.sections.contents", id=id), code=303)


@pages.get("/sections/<int:id>/trash")
def ask_trash(id: int) -> str:
    """Ask before an empty section is thrown away."""
    section = section_of(id, "section:manage")
    return render_template(
        "parts/confirm.html",
        title=_("Throw away"),
        question=_("Throw the section “%(title)s” away?", title=section.title),
        consequence=_("Only an empty section can go. It can be taken out of the trash again."),
        address=url_for("work.sections.trash", id=id),
        verb=_("Throw away"),
        danger=True,
        back=url_for("work.sections.contents", id=id),
    )


@pages.post("/sections/<int:id>/trash")
def trash(id: int) -> Response:
    """Throw an empty section away."""
    section = section_of(id, "section:manage")
    try:
        actions.trash_section(person(), section)
    except DomainError as refused:
        flash(say(refused.message), "error")
        return redirect(url_for("work.sections.contents", id=id), code=303)
    flash(_("“%(title)s” is in the trash.", title=section.title), "done")
    above = section.parent
    there = url_for("work.sections.contents", id=above.id) if above else url_for("work.sections.tree")
    return redirect(there, code=303)


def _first_text(invalid: Invalid) -> str:
    return next((text for texts in spoken(invalid).values() for text in texts), say(invalid.message))
