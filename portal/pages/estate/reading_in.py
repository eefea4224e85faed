"""Reading in a list of homes: upload, a dry run that explains each refused row, then the import."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content.errors import DomainError, Invalid, NotFound, TooLarge
from content.estate import access, importing
from content.estate.headings import COLUMNS
from content.estate.planning import Plan
from content.people import Community
from content.permissions import ANYWHERE
from portal.pages.estate.typed import spoken
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number

pages = Blueprint("reading_in", __name__)
Answer = Response | str | tuple[str, int]
SHOWN = 100  # refused rows on a page of the report


@pages.get("/import")
def ask() -> str:
    """Choose a file."""
    access.require(person(), "estate:manage", ANYWHERE)
    return _form({})


@pages.post("/import")
def upload() -> Answer:
    """Keep the file and show what importing it would do."""
    access.require(person(), "estate:manage", ANYWHERE)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _form({"file": [_("Please choose a file.")]}), 422
    try:
        uid = importing.keep(g.settings, person(), sent.stream)  # type: ignore[arg-type]  # IO[bytes] is one
    except (Invalid, TooLarge) as refused:
        return _form({"file": _said(refused)}), 422
    community = number(request.form.get("community"))
    return redirect(f"/estate/import/{uid}" + (f"?community={community}" if community else ""), code=303)


def _said(refused: DomainError) -> list[str]:
    found = spoken(refused).get("file", []) if isinstance(refused, Invalid) else []
    return found or [say(refused.message)]


def _form(errors: dict[str, list[str]]) -> str:
    return render_template(
        "estate/import.html",
        errors=errors,
        columns=COLUMNS.values(),
        communities=access.communities_of(person(), "estate:manage"),
        chosen=request.values.get("community", ""),
    )


@pages.get("/import/<uid>")
def report(uid: str) -> str:
    """The dry run: what would be made, and why rows are refused."""
    return _report(uid, _planned(uid), {})


def _planned(uid: str) -> Plan:
    sheet = importing.kept(g.settings, person(), uid)
    return importing.dry_run(person(), sheet, _community())


def _community() -> Community | None:
    wanted = number(request.values.get("community"))
    found: Community | None = Community.get_or_none(Community.id == wanted) if wanted else None
    return found


def _report(uid: str, plan: Plan, errors: dict[str, list[str]]) -> str:
    page = max(number(request.args.get("page")) or 1, 1)
    pages_ = max(1, -(-len(plan.problems) // SHOWN))
    if page > pages_:
        raise NotFound()
    return render_template(
        "estate/report.html",
        uid=uid,
        plan=plan,
        problems=[(one, say(one.message)) for one in plan.problems[(page - 1) * SHOWN : page * SHOWN]],
        columns=COLUMNS,
        page=page,
        pages=pages_,
        community=_community(),
        errors=errors,
    )


@pages.post("/import/<uid>")
def take(uid: str) -> Answer:
    """Import the list: all of it, or with ``how=good`` the rows that are in order."""
    sheet = importing.kept(g.settings, person(), uid)
    good_rows = request.form.get("how") == "good"
    try:
        plan = importing.import_sheet(person(), sheet, _community(), good_rows=good_rows)
    except Invalid as invalid:
        return _report(uid, _planned(uid), spoken(invalid)), 422
    importing.drop(g.settings, person(), uid)
    counts = plan.counts
    if any(counts.values()):
        text = _(
            "Imported. New: %(buildings)s buildings, %(households)s homes, %(residents)s residents. Changed: %(changed)s.",
            **counts,
        )
        flash(text, "done")
    else:
        flash(_("Everything in this list was there already; nothing changed."), "done")
    return redirect("/estate/", code=303)


@pages.post("/import/<uid>/drop")
def drop(uid: str) -> Response:
    """Throw the file away without importing it."""
    importing.drop(g.settings, person(), uid)
    flash(_("The file is thrown away. Nothing was imported."), "done")
    return redirect("/estate/import", code=303)
