"""What was: the revisions of an item, what changed between two of them, and bringing one back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import actions, bulletin, history
from content.errors import Conflict, NotFound
from content.history import Revision
from content.items import Item, kind_named
from content.permissions import may, require
from portal.pages.work.found import item_of, sent_version
from portal.pages.work.verbs import note_words
from portal.web.login import person
from portal.web.numbers import number
from portal.web.shown import item_plain

pages = Blueprint("past", __name__)


@pages.get("/items/<int:id>/history")
def revisions(id: int) -> str:
    """Who saved what when, which of it readers saw, and what else was done."""
    item = item_of(id)
    found = bulletin.revisions(item, number(request.args.get("before")))
    older = found[-1].number if len(found) == bulletin.PAGE and found[-1].number > 1 else 0
    return render_template(
        "work/history.html",
        item=item,
        revisions=found,
        older=url_for("work.past.revisions", id=id, before=older) if older else "",
        audit=bulletin.audit_of(item),
        may_edit=may(person(), "item:edit", item),
        note_words=note_words,
    )


@pages.get("/items/<int:id>/compare")
def compare(id: int) -> str:
    """Two revisions side by side in words: what went, what came. ``to=now`` is what is being written."""
    item = item_of(id)
    old = _revision(item, request.args.get("from"))
    new = None if request.args.get("to", "now") == "now" else _revision(item, request.args.get("to"))
    if new is not None and new.number < old.number:
        old, new = new, old
    later: dict[str, Any] = dict(new.data) if new else actions.working_values(item)
    return render_template(
        "work/compare.html",
        item=item,
        old=old,
        new=new,
        changes=history.compare(kind_named(item.kind), old.data, later),
        may_edit=may(person(), "item:edit", item),
    )


def _revision(item: Item, wanted: str | None) -> Revision:
    """The revision with this number; "live" is the last one that readers saw, and no number the one before the last."""
    rows = Revision.select().where(Revision.item == item.id).order_by(Revision.number.desc())
    if wanted == "live":
        rows = rows.where(Revision.live == True)  # noqa: E712  Peewee builds SQL from ==
    elif number(wanted) is not None:
        rows = rows.where(Revision.number == number(wanted))
    found: Revision | None = rows.first()
    if found is None:
        raise NotFound()
    return found


@pages.get("/items/<int:id>/restore/<int:revision>")
def ask_restore(id: int, revision: int) -> str:
    """Ask before an earlier text is brought back."""
    item = item_of(id)
    require(person(), "item:edit", item)
    _revision(item, str(revision))
    public = item.stage or item.state == "published"
    return render_template(
        "parts/confirm.html",
        title=_("Bring back"),
        question=_("Bring back revision %(number)s of “%(title)s”?", number=revision, title=item_plain(item)),
        consequence=_("Its text becomes a new draft; readers see it once it is published.")
        if public
        else _("Its text becomes the newest one. What is there now stays in the history."),
        address=url_for("work.past.restore", id=id, revision=revision),
        verb=_("Bring back"),
        back=url_for("work.past.revisions", id=id),
        values={"version": item.version},
    )


@pages.post("/items/<int:id>/restore/<int:revision>")
def restore(id: int, revision: int) -> Response:
    """Bring the text of an earlier revision back."""
    item = item_of(id)
    try:
        actions.restore_revision(person(), item, revision, version=sent_version())
    except Conflict as conflict:
        flash(
            _("%(who)s changed this in the meantime. Please look at it again.", who=conflict.by or "?"),
            "error",
        )
        return redirect(url_for("work.past.revisions", id=id), code=303)
    flash(
        _("The text of revision %(number)s is back. Save or publish it when it is right.", number=revision),
        "done",
    )
    return redirect(url_for("work.editing.edit", id=id), code=303)


@pages.get("/items/<int:id>/discard")
def ask_discard(id: int) -> str:
    """Ask before unpublished changes are thrown away."""
    item = item_of(id)
    require(person(), "item:edit", item)
    if not item.stage:
        raise NotFound()
    return render_template(
        "parts/confirm.html",
        title=_("Throw the changes away"),
        question=_("Throw away the unpublished changes of “%(title)s”?", title=item_plain(item)),
        consequence=_("Readers keep seeing the published text. The changes stay in the history."),
        address=url_for("work.past.discard", id=id),
        verb=_("Throw the changes away"),
        danger=True,
        back=url_for("work.editing.edit", id=id),
        values={"version": item.version},
    )


@pages.post("/items/<int:id>/discard")
def discard(id: int) -> Response:
    """Throw the working copy away."""
    item = item_of(id)
    actions.discard_working_copy(person(), item, version=sent_version())
    actions.drop_autosave(person(), f"item:{item.uid}")
    flash(_("The unpublished changes are thrown away."), "done")
    return redirect(url_for("work.editing.edit", id=id), code=303)
