"""Steps of the workflow, each asked for on a page of its own and taken by a POST."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import actions
from content.errors import Conflict, Invalid, NotAllowed
from content.items import Item, address
from content.people import audience_label
from content.permissions import effective_audience, may, workflow_of
from content.workflow import Transition
from portal.pages.work.found import item_of, sent_version, spoken
from portal.web.dates import exact
from portal.web.i18n import say
from portal.web.login import person
from portal.web.shown import item_plain

pages = Blueprint("steps", __name__)


@pages.get("/items/<int:id>/transition/<name>")
def ask(id: int, name: str) -> Response | str:
    """Ask before a step is taken, with room for a comment where it may have one."""
    item = item_of(id)
    step = next((one for one in actions.open_transitions(person(), item) if one.name == name), None)
    if step is None:
        flash(_("This step is not open any more: somebody else may have taken it."), "error")
        return redirect(back_to(item))
    return _question(item, step)


@pages.post("/items/<int:id>/transition/<name>")
def take(id: int, name: str) -> Response | tuple[str, int]:
    """Take the step and say what happened."""
    item = item_of(id)
    step = workflow_of(item).transition(name)
    comment, version = request.form.get("comment", ""), sent_version()
    try:
        done = actions.transition(person(), item, name, comment=comment, version=version)
    except Invalid as invalid:
        if step is None:
            raise
        return _question(item, step, spoken(invalid)), 422
    except Conflict as conflict:
        flash(
            _("%(who)s changed this in the meantime. Please look at it again.", who=conflict.by or "?"),
            "error",
        )
        return redirect(url_for("work.preview.look", id=id), code=303)
    except NotAllowed as refused:
        flash(say(refused.message), "error")
        return redirect(back_to(item), code=303)
    return told(done, name)


def told(item: Item, name: str) -> Response:
    """Say what a step did, and go on to where it leads."""
    step = workflow_of(item).transition(name)
    flash(outcome(item, step), "done")
    if step and workflow_of(item).state(step.target).public:
        return redirect(address(item), code=303)
    return redirect(url_for("work.desk.desk"), code=303)


def outcome(item: Item, step: Transition | None) -> str:
    """One sentence about what a step did."""
    title = item_plain(item)
    said = {
        "submit": _(
            "“%(title)s” is submitted. You hear of it as soon as somebody has looked at it.", title=title
        ),
        "publish": _("“%(title)s” is published.", title=title),
        "return": _("“%(title)s” went back to its author.", title=title),
        "refuse": _("“%(title)s” went back to its author.", title=title),
        "recall": _("“%(title)s” is a draft again.", title=title),
        "withdraw": _("“%(title)s” is taken down. Readers do not see it any more.", title=title),
        "endorse": _("“%(title)s” is endorsed and waits for approval.", title=title),
        "schedule": _("“%(title)s” will be published on its date.", title=title),
    }
    return said.get(step.name if step else "", _("Done: “%(title)s”.", title=title))


def _question(item: Item, step: Transition, errors: dict[str, list[str]] | None = None) -> str:
    return render_template(
        "parts/confirm.html",
        title=_(step.label),
        question=_("%(step)s: “%(title)s”?", step=_(step.label), title=item_plain(item)),
        consequence=_consequence(item, step),
        address=url_for("work.steps.take", id=item.id, name=step.name),
        verb=_(step.label),
        danger=step.name == "withdraw",
        back=back_to(item),
        values={"version": item.version},
        comment="" if step.comment == "no" else step.comment,
        errors=errors or {},
    )


def _consequence(item: Item, step: Transition) -> str:
    if workflow_of(item).state(step.target).public:
        readers = [say(audience_label(key)) for key in effective_audience(item)]
        return _("It can be read at once by: %(readers)s.", readers=_(", ").join(readers))
    if step.when == "ahead":
        when = actions.working_values(item).get("publish_at")
        return _("It goes live on %(day)s.", day=exact(datetime.fromisoformat(when))) if when else ""
    said = {
        "submit": _("Until somebody has looked at it, it cannot be changed. You may take it back."),
        "recall": _("You can go on writing; whoever was to look at it need not."),
        "return": _("The author finds your words in the workspace and in the inbox."),
        "refuse": _("The author finds your words in the workspace and in the inbox."),
        "withdraw": _("Readers find nothing at its address any more. It can be published again later."),
        "unschedule": _("It becomes a draft again and goes live only when somebody publishes it."),
        "revise": _("It can be written anew and published again."),
    }
    return said.get(step.name, "")


def back_to(item: Item) -> str:
    """Where a step that is not taken leads: the form, or the look at it for who may not change it now."""
    name = "work.editing.edit" if may(person(), "item:edit", item) else "work.preview.look"
    return url_for(name, id=item.id)
