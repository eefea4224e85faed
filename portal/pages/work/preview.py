"""The page as its readers will see it: beside the form while typing, and on its own before a decision."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, g, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from content import actions, bulletin, library
from content.errors import Invalid
from content.items import Item, kind_named
from content.people import audience_label
from content.permissions import effective_audience, may
from portal.pages import showing
from portal.pages.work.formpage import probe
from portal.pages.work.found import item_of, section_of, spoken
from portal.pages.work.typed import from_form
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number
from portal.web.reading import Reading, reading
from portal.web.security import frame_here

pages = Blueprint("preview", __name__)


@pages.get("/items/<int:id>/preview")
def look(id: int) -> str:
    """Look at an item before deciding on it: the page, what was said, and the steps that are open."""
    item = item_of(id)
    reader = person()
    said = bulletin.audit_of(item, 6)
    return render_template(
        "work/preview.html",
        item=item,
        steps=actions.open_transitions(reader, item),
        said=said,
        readers=[say(audience_label(key)) for key in effective_audience(item)],
        may_edit=may(reader, "item:edit", item),
        script=_script(),
        width="phone" if request.args.get("width") == "phone" else "desk",
        live=request.args.get("text") == "live" and bool(item.stage),
    )


@pages.get("/items/<int:id>/preview/page")
def page(id: int) -> str:
    """The page itself, for the frame: what is being written, or what readers see now (``text=live``)."""
    item = item_of(id)
    values = None if request.args.get("text") == "live" else actions.working_values(item)
    return _page(item, values)


@pages.post("/outline")
def outline() -> str:
    """The clauses of a text as they will be taken apart, as a list to look at beside it."""
    try:
        clauses = library.parse_outline(request.form.get("text", ""))
    except Invalid as invalid:  # too long: said where the clauses would be
        said = [text for texts in spoken(invalid).values() for text in texts]
        return Markup('<p class="field-error">{}</p>').format(" ".join(said))
    return render_template("work/outline.html", clauses=clauses)


@pages.post("/preview")
def typing() -> Response | str:
    """The page of what is in the form right now; nothing is saved."""
    item_id = number(request.form.get("item"))
    item = item_of(item_id) if item_id else None
    kind = kind_named(item.kind if item else request.form.get("kind", ""))
    if item is None:
        section = section_of(number(request.form.get("section")) or 0, "item:create")
        item = probe(kind, section, None)
    before = actions.working_values(item) if item.id else {}
    values = actions.clean_roughly(kind, from_form(kind, request.form).values(g.settings.zone, before))
    return _page(item, values)


def _page(item: Item, values: dict[str, object] | None) -> str:
    """The item's own page with these values, in the script asked for, allowed within our frame."""
    frame_here()
    g.reading = _reading_as(_script())
    shown = Item(**item.__data__)
    shown.section = item.section
    if values is not None:
        for name in ("title", "summary", "script", "scripts"):
            setattr(shown, name, values.get(name))
    line, audience = showing.line_of(person(), item.section), effective_audience(item)
    g.person = None  # from here on as a visitor: without the bar and the links of those who work here
    return showing.page_of(showing.document(shown, values, line=line, audience=audience, draft=True))


def _script() -> str:
    """The script asked for: hant, hans, or "" for as it was written."""
    wanted = request.values.get("in", "")
    return wanted if wanted in ("hant", "hans") else ""


def _reading_as(script: str) -> Reading:
    return replace(reading(), script=script)
