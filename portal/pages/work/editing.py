"""Writing: the form of something new, the form of something there, and saving without losing a word."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import actions, files
from content.errors import (
    Busy,
    Conflict,
    DomainError,
    Invalid,
    NotAllowed,
    NotFound,
    StorageFull,
    TooLarge,
)
from content.items import Item, Section, kind_named
from content.people import Person
from content.permissions import may, workflow_of
from portal.pages.work import formpage, steps
from portal.pages.work.autosaves import kept_form
from portal.pages.work.formpage import Form
from portal.pages.work.found import item_of, places, section_of, spoken
from portal.pages.work.typed import from_form, from_values
from portal.web.errors import STATUS
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number

pages = Blueprint("editing", __name__)


@pages.get("/items/<int:id>")
def one(id: int) -> Response:
    """The item where one can work on it: its form, or the look at it for who may not change it now."""
    return redirect(steps.back_to(item_of(id)))


@pages.get("/new/<kind>")
def new(kind: str) -> Response:
    """The empty form of a kind, in a section."""
    section = _section(request.args.get("section"))
    form = Form(
        kind_named(kind), from_values(kind_named(kind), _first_values(section), g.settings.zone), section
    )
    return _with_unsaved(form)


@pages.post("/new/<kind>")
def begin(kind: str) -> Response:
    """Save something new as a draft and take the step that was asked for."""
    section = _section(request.form.get("section"))
    form = Form(kind_named(kind), from_form(kind_named(kind), request.form), section)
    if _asks_for_rows(form):
        return formpage.show(form)
    _take_uploads(form)

    def save(values: dict[str, Any]) -> Item:
        return actions.create(person(), kind, section, values)

    return _save(form, save)


@pages.get("/items/<int:id>/edit")
def edit(id: int) -> Response:
    """The form of an item with what is stored, or with what was typed and not saved."""
    item = item_of(id)
    if not may(person(), "item:edit", item):
        flash(_why_not(item), "note")
        return redirect(url_for("work.preview.look", id=id))
    kind = kind_named(item.kind)
    typed = from_values(kind, actions.working_values(item), g.settings.zone)
    return _with_unsaved(Form(kind, typed, item.section, item, item.version))


@pages.post("/items/<int:id>/edit")
def save(id: int) -> Response:
    """Save over what is there, unless somebody else was faster."""
    item = item_of(id)
    kind = kind_named(item.kind)
    version = number(request.form.get("overwrite")) or number(request.form.get("version")) or 0
    form = Form(kind, from_form(kind, request.form), item.section, item, version)
    if _asks_for_rows(form):
        return formpage.show(form)
    _take_uploads(form)

    def store(values: dict[str, Any]) -> Item:
        return actions.edit(person(), item, values, version=version)

    return _save(form, store)


def _section(wanted: str | None) -> Section:
    """The section asked for, else the first one in which this person may begin something."""
    id = number(wanted)
    if id is not None:
        return section_of(id, "item:create")
    found = places(person(), "item:create")
    if not found:
        raise NotFound()
    return found[0][0]


def _first_values(section: Section) -> dict[str, Any]:
    return {"script": section.script} if section.script else {}


def _why_not(item: Item) -> str:
    state = workflow_of(item).state(item.stage or item.state)
    if state.waits_for:
        return _("This waits for somebody's decision; take it back before you change it.")
    if state.name == "scheduled":
        return _("This has a date to go live; cancel the date before you change it.")
    return _("You may look at this, but not change it.")


def _with_unsaved(form: Form) -> Response:
    """Say that something was typed and not saved; show it once the person wants to go on with it."""
    form.unsaved = actions.autosaved(person(), form.key)
    if form.unsaved is not None and request.args.get("unsaved") == "1":
        kept = kept_form(form.unsaved)
        form.typed = from_form(form.kind, kept.fields)
        form.version = kept.version if form.item else 0
        form.resumed, form.unsaved = True, None
    return formpage.show(form)


def _asks_for_rows(form: Form) -> bool:
    asked = request.form.get("do", "")
    form.more = asked.removeprefix("more:") if asked.startswith("more:") else ""
    form.resumed = bool(form.more)
    return bool(form.more)


def _take_uploads(form: Form) -> None:
    """Pictures sent with the form itself, without JavaScript; a refused one is an error at its field."""
    for spec in form.kind.fields:
        upload = request.files.get(f"{spec.name}.upload")
        if spec.type != "picture" or upload is None or not upload.filename:
            continue
        try:
            kept = files.store(g.settings, person(), cast(BinaryIO, upload.stream), upload.filename)
        except (TooLarge, Invalid) as refused:
            texts = (
                [text for texts in spoken(refused).values() for text in texts]
                if isinstance(refused, Invalid)
                else []
            )
            form.errors[spec.name] = texts or [say(refused.message)]
            continue
        form.typed.fields[spec.name] = kept.uid


def _save(form: Form, store: Any) -> Response:
    """Hand the values to the domain; whatever it refuses comes back with all that was typed."""
    before = actions.working_values(form.item) if form.item else {}
    try:
        values = form.typed.values(g.settings.zone, before)
        if form.errors:
            actions.clean(form.kind, values)
            raise Invalid({})
        saved = store(values)
    except Invalid as invalid:
        form.errors = {**spoken(invalid), **form.errors}
        form.problem = "" if form.errors else say(invalid.message)
        form.status = 422
    except Conflict as conflict:
        form.conflict, form.status = conflict, 409
    except NotAllowed:
        form.problem = _why_not(item_of(form.item.id)) if form.item else _("You may not write here.")
        form.status = 409
    except (Busy, StorageFull) as error:
        form.problem, form.status = say(error.message), STATUS[type(error)]
    else:
        return _saved(form, saved)
    return formpage.show(form)


def _saved(form: Form, item: Item) -> Response:
    actions.drop_autosave(person(), form.key)
    asked = request.form.get("do", "")
    if asked.startswith("step:"):
        return _step(item, asked.removeprefix("step:"))
    if item.stage:
        flash(_("Saved. Readers see the text before until this one is published."), "done")
    else:
        flash(_("Saved as a draft."), "done")
    return redirect(url_for("work.editing.edit", id=item.id), code=303)


def _step(item: Item, name: str) -> Response:
    """Take the step asked for together with saving; what is missing for it is asked on its own page."""
    chosen = _open_step(person(), item, name)
    try:
        comment = request.form.get("comment", "")
        done = actions.transition(person(), item, chosen, comment=comment, version=item.version)
    except DomainError as error:
        flash(_("It is saved, but the step was not taken: %(reason)s", reason=say(error.message)), "error")
        return redirect(url_for("work.steps.ask", id=item.id, name=chosen), code=303)
    return steps.told(done, chosen)


def _open_step(reader: Person | None, item: Item, name: str) -> str:
    """The step by its name, or its twin: "publish" becomes "schedule" where a date lies ahead, and the reverse."""
    open_now = actions.open_transitions(reader, item)
    wanted = workflow_of(item).transition(name)
    if wanted is None or any(step.name == name for step in open_now):
        return name
    twins = [
        step.name for step in open_now if step.when and wanted.when and step.permission == wanted.permission
    ]
    return twins[0] if twins else name
