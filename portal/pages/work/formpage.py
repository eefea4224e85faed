"""The form page of an item, whatever its kind: everything its template needs, from one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import g, make_response, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import actions, bulletin, chinese, history, library, richtext
from content.errors import Conflict, Invalid
from content.history import Autosave, Change
from content.items import COMMON, ContentType, FieldSpec, Item, Section
from content.people import ROLES, Community, Department, audience_label
from content.permissions import effective_audience
from content.workflow import Transition
from portal.pages.work.found import places
from portal.pages.work.script_words import script_words
from portal.pages.work.typed import OTHER_SCRIPT, SPARE_ROWS, Rich, Typed, own_specs, specs
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number

# What belongs to the text stands in the middle; the rest, about the circumstances, beside it.
BESIDE = ("slug", "script", "audience", "pinned", "urgent", "publish_at", "expire_at")
DOUBTFUL = 12


@dataclass
class Form:
    """One showing of the form. ``item`` is ``None`` for something not yet saved."""

    kind: ContentType
    typed: Typed
    section: Section
    item: Item | None = None
    version: int = 0
    errors: dict[str, list[str]] = field(default_factory=dict)
    problem: str = ""
    conflict: Conflict | None = None
    unsaved: Autosave | None = None
    resumed: bool = False
    more: str = ""  # the field of rows that wants more blank ones
    status: int = 200

    @property
    def key(self) -> str:
        """The name under which what is typed here is kept."""
        return f"item:{self.item.uid}" if self.item else f"new:{self.kind.name}:{self.section.id}"

    @property
    def main(self) -> list[FieldSpec]:
        return [spec for spec in specs(self.kind) if spec.name not in BESIDE]

    @property
    def beside(self) -> list[FieldSpec]:
        return [spec for spec in COMMON if spec.name in BESIDE]

    def blank_rows(self, spec: FieldSpec) -> int:
        """How many empty rows follow those that are filled."""
        return 10 if self.more == spec.name else SPARE_ROWS


def show(form: Form) -> Response:
    """The page with the form; never kept by the browser's cache, so that going back shows what is stored."""
    reader = person()
    page = render_template(
        "work/form.html",
        form=form,
        errors=form.errors,
        labels=_labels(form),
        steps=next_steps(form),
        audiences=audience_groups(),
        inherited=[say(audience_label(key)) for key in _inherited(form)],
        places=places(reader, "item:create") if form.item is None else [],
        changes=_changes(form),
        own_specs=own_specs(form.kind),
        other=OTHER_SCRIPT[form.typed.script],
        converted=_converted(form),
        doubtful=_doubtful(form),
        outlines={
            spec.name: _outlined(str(form.typed.fields.get(spec.name, "")))
            for spec in form.kind.fields
            if spec.type == "clauses"
        },
        own_open=bool(form.conflict is None and form.typed.has_own_words)
        or any("scripts." in name for name in form.errors),
        words=script_words(),
        uploads=any(spec.type == "picture" for spec in form.kind.fields),
        tried=form.resumed or bool(form.errors or form.problem or form.conflict),
    )
    response = make_response(page, form.status)
    response.headers["Cache-Control"] = "no-store"
    return response


def next_steps(form: Form) -> list[Transition]:
    """The steps that may follow at once after saving. Of publishing now and on a date one button is shown."""
    initial = bulletin.workflow_for(form.kind.name).initial
    open_now = actions.open_transitions(person(), probe(form.kind, form.section, form.item))
    found = [step for step in open_now if initial in step.sources]
    taken: set[tuple[str, str]] = set()
    kept = []
    for step in found:
        pair = (step.permission, "dated") if step.when else (step.permission, step.name)
        if pair not in taken:
            taken.add(pair)
            kept.append(step)
    return kept


def probe(kind: ContentType, section: Section, item: Item | None) -> Item:
    """The item as it will stand once it is saved: a draft, or something published with a working copy."""
    initial = bulletin.workflow_for(kind.name).initial
    if item is None:
        return Item(kind=kind.name, section=section, owner=person(), state=initial, stage="", title="")
    if item.stage or item.state == initial:
        return item
    saved = Item(**item.__data__)
    saved.section, saved.stage = item.section, initial
    return saved


def _outlined(text: str) -> list[dict[str, Any]]:
    """The clauses of an outline; none of a text that is too long, which its field says already."""
    try:
        return library.parse_outline(text)
    except Invalid:
        return []


def _labels(form: Form) -> dict[str, str]:
    found = {"comment": _("Comment"), "section": _("Section")}
    for spec in specs(form.kind):
        found[spec.name] = _(spec.label)
        found[f"scripts.{spec.name}"] = _("%(field)s in the other script", field=_(spec.label))
        for column in spec.columns:
            for name in form.errors:
                first, _dot, rest = name.partition(".")
                row, _dot, last = rest.partition(".")
                place = number(row)
                if first == spec.name and last == column.name and place is not None:
                    found[name] = _("%(field)s, row %(row)s", field=_(column.label), row=place + 1)
    return found


def audience_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of audience keys with what they are called."""
    general = [(key, say(audience_label(key))) for key in ("everyone", "signed-in", "staff", "residents")]
    groups = [(_("General"), general)]
    groups.append((_("Roles"), [(f"role:{role.name}", _(role.label)) for role in ROLES.values()]))
    for title, model, prefix in (
        (_("Communities"), Community, "community"),
        (_("Departments"), Department, "department"),
    ):
        rows = [(f"{prefix}:{row.id}", row.name) for row in model.select().order_by(model.id)]
        if rows:
            groups.append((title, rows))
    return groups


def _inherited(form: Form) -> list[str]:
    return effective_audience(Item(kind=form.kind.name, section=form.section, audience=""))


def _changes(form: Form) -> list[Change]:
    """In a conflict: field by field what is stored now and what was typed."""
    if form.conflict is None or form.item is None:
        return []
    stored = actions.working_values(form.item)
    typed = form.typed.values(g.settings.zone, stored)
    return history.compare(form.kind, stored, actions.clean_roughly(form.kind, typed))


def _converted(form: Form) -> dict[str, str]:
    """What the automatic conversion makes of each text, shown where an editor may write other words."""
    to = OTHER_SCRIPT[form.typed.script]
    found = {}
    for spec in own_specs(form.kind):
        value = form.typed.fields.get(spec.name, "")
        if isinstance(value, Rich):
            found[spec.name] = chinese.convert_html(value.html, to)  # type: ignore[arg-type]  # hant or hans
        else:
            found[spec.name] = chinese.convert(str(value), to)  # type: ignore[arg-type]
    return found


def _doubtful(form: Form) -> list[tuple[str, str]]:
    """Characters that look like left-overs of the other script, each with the words around it."""
    found: dict[str, str] = {}
    for spec in own_specs(form.kind):
        value = form.typed.fields.get(spec.name, "")
        text = richtext.plain_text(value.html) if isinstance(value, Rich) else str(value)
        for at, character in chinese.mixed_characters(text, form.typed.script):  # type: ignore[arg-type]
            found.setdefault(character, text[max(0, at - 4) : at + 5].replace("\n", " "))
    return list(found.items())[:DOUBTFUL]
