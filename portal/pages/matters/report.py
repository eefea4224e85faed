"""Sending in a matter: which one it is, the form of its category, and the slip with its number."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from content import reception
from content.cases import Case
from content.errors import Busy, DomainError, Invalid, NotFound, StorageFull
from content.items import FieldSpec
from content.people import Person
from content.reception.categories import CATEGORIES, Category
from content.throttle import TooManyTries
from portal.pages import files
from portal.pages.matters import doors, sent
from portal.pages.matters.asked import caller_specs, known, specs
from portal.pages.matters.words import form_words
from portal.web.errors import STATUS
from portal.web.i18n import say
from portal.web.login import person
from portal.web.waiting import retry_after

pages = Blueprint("report", __name__)
# How long a browser may show the slip of what it sent.
SLIP = timedelta(minutes=30)
# whoever writes in is told that the result comes in two days.
ANSWER = timedelta(days=2)


@pages.get("/report")
def choose() -> str:
    """What would you like to tell us? Dangers lead to the telephone."""
    return render_template("matters/choose.html", categories=list(CATEGORIES.values()))


@pages.get("/report/<category>")
def form(category: str) -> Response:
    """The form of a category, empty but for what the account knows."""
    wanted = _category(category)
    return _form(wanted, sent.new_key(), known(person(), wanted))


@pages.post("/report/<category>")
def send(category: str) -> Answer:
    """Take the matter in. Refused, everything stays in the form, photos too; sent twice, it is one matter."""
    wanted, reader = _category(category), person()
    key = sent.form_key()
    values = sent.typed(spec.name for spec in (*specs(wanted), *caller_specs(reader)))
    if sent.taken_out(key):
        return _form(wanted, key, values, at_files=True)
    errors: sent.Errors = {}
    try:
        errors = sent.hold_files(reader, key)
        if errors:
            reception.check_draft(reader, wanted.name, values)  # all that is wrong is told at once
            return _form(wanted, key, values, errors, 422)
        case = reception.open_case(reader, wanted.name, values, key=key, place=request.remote_addr or "")
    except Invalid as invalid:
        told = "" if invalid.fields else say(invalid.message)
        return _form(wanted, key, values, sent.together(sent.spoken(invalid), errors), 422, told)
    except TooManyTries as refused:
        return retry_after(_form(wanted, key, values, errors, 429, say(refused.message)), refused)
    except (Busy, StorageFull) as failed:
        return _form(wanted, key, values, errors, _status(failed), say(failed.message))
    _remember(case, reader)
    return redirect("/report/sent", code=303)


@pages.get("/report/sent")
def slip() -> Answer:
    """The slip of what was sent last from this browser: its number, what happens next, and whom to call."""
    case = doors.remembered("sent", SLIP)
    if case is None:
        return redirect("/report")
    receipt = reception.receipt(case, person())
    page = render_template(
        "matters/sent.html",
        receipt=receipt,
        category=CATEGORIES[receipt.category],
        case=case,
        visitor=person() is None,
        until=case.promised_at or case.opened_at + ANSWER,
    )
    return _never_kept(make_response(page))


@pages.post("/report/<category>/similar")
def similar(category: str) -> str:
    """Matters of one's own that sound like what is being typed: a piece of a page for the script."""
    wanted = _category(category)
    found = reception.similar(
        person(), wanted.name, request.form.get("words", "")[:5000], place=request.form.get("place", "")[:200]
    )
    return render_template("matters/similar.html", similar=found)


@pages.get("/report/files/<uid>")
def held_picture(uid: str) -> Answer:
    """A small picture of a file that this browser chose for a form which is not through yet."""
    file = sent.held_here(uid)
    if not file.is_picture:
        raise NotFound()
    return files.deliver(file, "thumb")


def _category(name: str) -> Category:
    if name not in CATEGORIES:
        raise NotFound()
    return CATEGORIES[name]


def _status(failed: DomainError) -> int:
    return next(code for kind, code in STATUS.items() if isinstance(failed, kind))


def _form(
    category: Category,
    key: str,
    values: dict[str, str],
    errors: sent.Errors | None = None,
    status: int = 200,
    problem: str = "",
    at_files: bool = False,
) -> Response:
    reader = person()
    asked = specs(category)
    callers = caller_specs(reader)
    page = render_template(
        "matters/form.html",
        category=category,
        key=key,
        values=values,
        errors=errors or {},
        problem=problem,
        asked=asked,
        callers=callers,
        labels=_labels((*asked, *callers)),
        held=reception.held(key) if request.method == "POST" else [],
        similar=_similar(reader, category, values) if errors else [],
        at_files=at_files,
        draft=f"{category.name}.{reader.id if reader else 0}",
        fresh=request.method == "GET",
        form_words=form_words(),
        limits={"photo": g.settings.photo_mb, "file": g.settings.file_mb, "all": g.settings.request_mb},
    )
    return _never_kept(make_response(page, status))


def _labels(asked: tuple[FieldSpec, ...]) -> dict[str, str]:
    return {"files": _("Photos and files"), **{spec.name: _(spec.label) for spec in asked}}


def _similar(reader: Person | None, category: Category, values: dict[str, str]) -> list[reception.Similar]:
    if reader is None:
        return []
    return reception.similar(reader, category.name, values.get("words", ""), place=values.get("place", ""))


def _never_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _remember(case: Case, reader: Person | None) -> None:
    """The browser may show the slip; a visitor's may also look at the matter, without typing the code."""
    doors.remember("sent", case)
    if reader is None:
        doors.remember("follow", case)
