"""The site's glossary: words that the automatic conversion between the scripts should write otherwise."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import chinese, glossary
from content.chinese import Term
from content.errors import Invalid
from content.permissions import require
from portal.pages.work.found import spoken
from portal.web.login import person

pages = Blueprint("words", __name__)


@pages.get("/glossary/")
def listed() -> str:
    """All words of the glossary, and the form for another one."""
    require(person(), "glossary:edit")
    return _page({}, {})


@pages.post("/glossary/")
def put() -> Response | tuple[str, int]:
    """Add a word or change what it is in the other script."""
    typed = {"hant": request.form.get("hant", ""), "hans": request.form.get("hans", "")}
    try:
        term = glossary.put_term(person(), typed["hant"], typed["hans"])
    except Invalid as invalid:
        return _page(typed, spoken(invalid)), 422
    flash(
        _("From now on “%(hant)s” and “%(hans)s” stand for each other.", hant=term.hant, hans=term.hans),
        "done",
    )
    return redirect(url_for("work.words.listed"), code=303)


@pages.post("/glossary/<int:id>/remove")
def drop(id: int) -> Response:
    """Take a word out; it can be added again at once."""
    term = Term.get_or_none(Term.id == id)
    glossary.drop_term(person(), id)
    if term is not None:
        flash(_("“%(hant)s” / “%(hans)s” is taken out.", hant=term.hant, hans=term.hans), "done")
    return redirect(url_for("work.words.listed"), code=303)


def _page(typed: dict[str, str], errors: dict[str, list[str]]) -> str:
    tried = request.args.get("try", "")
    return render_template(
        "work/glossary.html",
        terms=list(Term.select().order_by(Term.hant)),
        typed=typed,
        errors=errors,
        tried=tried,
        as_hant=chinese.convert(tried, "hant"),
        as_hans=chinese.convert(tried, "hans"),
    )
