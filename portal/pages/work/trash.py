"""Throwing away and taking out again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import actions, bulletin, links
from content.errors import DomainError, NotAllowed, NotFound
from content.items import Item, Section
from content.permissions import may, require
from portal.pages.work.found import item_of
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number
from portal.web.security import safe_path

pages = Blueprint("trash", __name__)


@pages.get("/trash/")
def listed() -> str:
    """What was thrown away, by whom and when."""
    reader = person()
    before = request.args.get("before", "")
    found = bulletin.trash(reader, before)
    return render_template(
        "work/trash.html",
        found=found,
        acts=bulletin.last_acts(found.items, "item.trashed"),
        sections=bulletin.trashed_sections(reader) if not before else [],
        may_untrash={item.id for item in found.items if may(reader, "item:trash", item)},
        older=url_for("work.trash.listed", before=found.after) if found.after else "",
    )


@pages.get("/items/<int:id>/trash")
def ask(id: int) -> Response | str:
    """Ask before throwing something away, and show which pages link to it."""
    item = item_of(id)
    require(person(), "item:trash", item)
    return question([item])


def question(items: list[Item]) -> str:
    """The page that asks; with what links to each of the items."""
    return render_template(
        "work/trash_items.html",
        listed=[(item, links.linking_to(person(), item, 20)) for item in items[:100]],
        back=safe_path(request.args.get("back"), url_for("work.sections.contents", id=items[0].section_id)),
    )


@pages.post("/trash/throw")
def throw() -> Response:
    """Throw the chosen items away; what may not be thrown away stays and is named."""
    done, absent, kept = 0, 0, []
    section_id = None
    for id in dict.fromkeys(request.form.getlist("item")):
        try:
            item = item_of(number(id) or 0)
        except NotFound:
            absent += 1
            continue
        section_id = item.section_id
        try:
            actions.trash(person(), item)
        except DomainError as refused:
            kept.append(_("“%(title)s” stays: %(reason)s", title=item.title, reason=say(refused.message)))
        else:
            done += 1
    if done:
        flash(
            _("%(count)s thrown away. You find it in the trash and can take it out again.", count=done),
            "done",
        )
    for text in kept:
        flash(text, "error")
    if section_id is None:
        raise NotFound()
    if absent:
        flash(_("Not there any more: %(count)s.", count=absent), "error")
    return redirect(url_for("work.sections.contents", id=section_id), code=303)


@pages.post("/trash/out")
def take_out() -> Response:
    """Take an item or a section out of the trash."""
    reader = person()
    section_id, item_id = number(request.form.get("section")), number(request.form.get("item"))
    try:
        if section_id is not None:
            section = Section.get_or_none(Section.id == section_id)
            if section is None or section.trashed_at is None:
                raise NotFound()
            actions.untrash_section(reader, section)
            flash(_("“%(title)s” is out of the trash again.", title=section.title), "done")
            return redirect(url_for("work.sections.contents", id=section_id), code=303)
        item = actions.untrash(reader, item_of(item_id or 0))
    except (NotFound, NotAllowed):
        raise
    except DomainError as refused:
        flash(say(refused.message), "error")
        return redirect(url_for("work.trash.listed"), code=303)
    flash(_("“%(title)s” is out of the trash again, in the state it was in.", title=item.title), "done")
    return redirect(url_for("work.sections.contents", id=item.section_id), code=303)
