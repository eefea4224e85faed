"""Several at once: what is ticked in a section is moved, copied or thrown away; and one is renamed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import actions
from content.errors import Conflict, DomainError, Invalid, NotFound
from content.items import Item, Section
from content.permissions import require
from portal.pages.work import trash
from portal.pages.work.found import item_of, places, section_of, spoken
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number

pages = Blueprint("batches", __name__)

MOST = 200


@pages.get("/batch/<any(move, copy, trash):what>")
def ask(what: str) -> Response | str:
    """Ask where the ticked items should go, or whether they should be thrown away."""
    items = _chosen(request.args.getlist("item"))
    if not items:
        flash(_("Please tick something first."), "error")
        section = number(request.args.get("from"))
        return redirect(
            url_for("work.sections.contents", id=section) if section else url_for("work.sections.tree")
        )
    if what == "trash":
        return trash.question(items)
    targets = places(person(), "item:create")
    if not targets:
        raise NotFound()
    return render_template(
        "work/batch.html",
        what=what,
        items=items,
        origin=items[0].section_id,
        places=targets,
    )


@pages.post("/batch/<any(move, copy):what>")
def act(what: str) -> Response:
    """Move or copy them; what cannot be is named, the others go."""
    target = section_of(number(request.form.get("target")) or 0, "item:create")
    done = 0
    for item in _chosen(request.form.getlist("item")):
        try:
            if what == "move":
                actions.move(person(), item, target)
            else:
                actions.copy(person(), item, target)
        except DomainError as refused:
            flash(_("“%(title)s” stays: %(reason)s", title=item.title, reason=_reason(refused)), "error")
        else:
            done += 1
    if done:
        flash(_done(what, done, target), "done")
    return redirect(url_for("work.sections.contents", id=target.id), code=303)


def _done(what: str, count: int, target: Section) -> str:
    if what == "move":
        return _("%(count)s moved to “%(title)s”. Their addresses stay.", count=count, title=target.title)
    return _("%(count)s copied to “%(title)s”, as drafts.", count=count, title=target.title)


def _reason(refused: DomainError) -> str:
    if isinstance(refused, Invalid):
        return next((text for texts in spoken(refused).values() for text in texts), say(refused.message))
    return say(refused.message)


def _chosen(ids: list[str]) -> list[Item]:
    return [item_of(number(id) or 0) for id in list(dict.fromkeys(ids))[:MOST]]


@pages.get("/items/<int:id>/rename")
def ask_rename(id: int) -> str:
    """The title alone, and the words in the address."""
    item = item_of(id)
    require(person(), "item:edit", item)
    values = actions.working_values(item)
    typed = {"title": values["title"], "slug": values["slug"], "version": item.version}
    return render_template("work/rename.html", item=item, typed=typed, errors={})


@pages.post("/items/<int:id>/rename")
def rename(id: int) -> Response | tuple[str, int]:
    """Give an item another title; its number keeps the address alive."""
    item = item_of(id)
    typed = {name: request.form.get(name, "") for name in ("title", "slug", "version")}
    try:
        values = {"title": typed["title"], "slug": typed["slug"]}
        done = actions.edit(person(), item, values, version=number(typed["version"]) or 0)
    except Invalid as invalid:
        errors = spoken(invalid)
        if not {"title", "slug"} & errors.keys():
            flash(_("Something else needs your attention first."), "error")
            return redirect(url_for("work.editing.edit", id=id), code=303)
        return render_template("work/rename.html", item=item, typed=typed, errors=errors), 422
    except Conflict as conflict:
        flash(
            _("%(who)s changed this in the meantime. Please look at it again.", who=conflict.by or "?"),
            "error",
        )
        return redirect(url_for("work.batches.ask_rename", id=id), code=303)
    said = _("The new title waits to be published.") if done.stage else _("It has its new title.")
    flash(said, "done")
    return redirect(url_for("work.sections.contents", id=item.section_id), code=303)
