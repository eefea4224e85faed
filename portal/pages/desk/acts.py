"""What those who work a matter do with it: its steps, words to the resident, internal notes, the promise."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import reception
from content.cases import Case
from content.errors import N_, Conflict, Invalid, NotAllowed, NotFound, msg
from content.people import Department, Person
from content.permissions import may
from content.workflows import MATTER
from portal.pages.desk.times import for_field, typed_time
from portal.pages.matters import sent
from portal.pages.work.found import sent_version
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number as plain_number

pages = Blueprint("acts", __name__)
MOST_HELPERS = 50


def worked(number: str) -> Case:
    """The matter of this number, if the reader works it. Raises ``NotFound``."""
    case = reception.find(person(), number)
    if not may(person(), "case:work", case):
        raise NotFound()
    return case


def act(number: str, form: str, do: Callable[[Case], str], *, files: bool = False) -> Response:
    """Do something with a matter and say what happened; refused, the page comes back with all that was typed.

    ``form`` names the form on the page; ``do`` returns what to say. ``files`` holds those that came with it.
    """
    case = worked(number)
    if files:
        if sent.taken_out(sent.form_key()):
            return shown(case, form, 200)
        wrong = sent.hold_files(person(), sent.form_key())
        if wrong:
            return shown(case, form, 422, wrong)
    try:
        told = do(case)
    except Invalid as invalid:
        problem = "" if invalid.fields else say(invalid.message)
        return shown(case, form, 422, sent.spoken(invalid), problem)
    except Conflict as conflict:
        who = conflict.by or _("Somebody else")
        return shown(case, form, 409, problem=_(
            "%(who)s changed this matter in the meantime. What you typed is still below: look at what is new, "
            "then send it again.", who=who))  # fmt: skip
    except NotAllowed as refused:
        return shown(case, form, 409, problem=say(refused.message))
    flash(told, "done")
    if not may(person(), "case:view", Case.get_by_id(case.id)):
        return redirect("/desk/", code=303)  # handed on to people whose matters the reader does not see
    return redirect(f"/cases/{case.number}", code=303)


def shown(
    case: Case, form: str, status: int, errors: sent.Errors | None = None, problem: str = ""
) -> Response:
    """The page of a matter with one of its forms as it was sent."""
    key = sent.form_key()
    case = reception.find(person(), case.number)  # as it stands now, with the version to send again
    page = render_template(
        "desk/case.html",
        page=reception.page(person(), case),
        form=form,
        typed=request.form,
        errors=errors or {},
        problem=problem,
        key=key,
        held=reception.held(key),
    )
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/<number>/step/<step>")
def take_step(number: str, step: str) -> Response:
    """Take a step of the workflow; "assign" brings department, owner, helpers and the promised time."""
    if MATTER.transition(step) is None or step == "merge":
        raise NotFound()
    answers = step == "answer"

    def do(case: Case) -> str:
        more: dict[str, Any] = _hands(case) if step == "assign" else {}
        if answers:
            more["key"] = sent.form_key()
        field = "text" if answers else "comment"
        words = request.form.get(field, "")
        take = partial(reception.step, person(), case, step, comment=words, version=sent_version(), **more)
        at_field(field, "comment", take)
        return _done(step)

    return act(number, step, do, files=answers)


def at_field(field: str, name: str, do: Callable[[], object]) -> None:
    """Do it; what the domain finds wrong at ``name`` is told at the form's ``field``."""
    try:
        do()
    except Invalid as invalid:
        fields = dict(invalid.fields)
        texts = [*fields.pop(name, []), *(fields.pop(field, []) if field != name else [])]
        raise Invalid({**fields, field: texts} if texts else fields, invalid.message) from None


def _hands(case: Case) -> dict[str, Any]:
    """Into whose hands a matter is given, as the form says."""
    promised = request.form.get("promised_at", "")
    ids = [found for text in request.form.getlist("helper")[:MOST_HELPERS] if (found := plain_number(text))]
    return {
        "department": _chosen(Department, "department"),
        "owner": _chosen(Person, "owner"),
        "helpers": list(Person.select().where(Person.id.in_(ids))),
        "promised_at": None
        if promised == for_field(case.promised_at)
        else typed_time("promised_at", promised),
    }


def _chosen(model: Any, name: str) -> Any:
    text = request.form.get(name, "")
    if not text:
        return None
    id = plain_number(text)
    found = None if id is None else model.get_or_none(model.id == id)
    if found is None:
        raise Invalid({name: [msg(N_("Please choose one of the list."))]})
    return found


def _done(name: str) -> str:
    said = {
        "assign": _("It is assigned. Whoever has it now was told."),
        "take": _("It is in your hands now."),
        "answer": _("Your answer is sent. The resident was told."),
        "close": _("It is closed. It still answers at its number."),
        "reopen": _("It is open again."),
    }
    return said.get(name, _("Done."))


@pages.post("/<number>/message")
def message(number: str) -> Response:
    """Words to the resident that settle nothing yet: a question, how far it is."""

    def do(case: Case) -> str:
        reception.say_in(person(), case, request.form.get("text", ""), key=sent.form_key())
        return _("Your message is sent. The resident was told.")

    return act(number, "answer", do, files=True)


@pages.post("/<number>/note")
def note(number: str) -> Response:
    """An internal note, read by nobody but those who work the matter."""

    def do(case: Case) -> str:
        reception.note(person(), case, request.form.get("text", ""), key=sent.form_key())
        return _("The note is kept. Only those who work this matter read it.")

    return act(number, "note", do, files=True)


@pages.post("/<number>/promise")
def promise(number: str) -> Response:
    """Promise when it will be done, or put it off once (R-041, R-042)."""

    def do(case: Case) -> str:
        at = typed_time("promised_at", request.form.get("promised_at", ""))
        if at is None:
            raise Invalid({"promised_at": [msg(N_("Please say by when."))]})
        reason = request.form.get("reason", "")
        reception.set_promise(person(), case, at, reason=reason, version=sent_version())
        return _("The time is promised. The resident was told.")

    return act(number, "promise", do)


@pages.post("/<number>/move")
def move(number: str) -> Response:
    """Move it to another category, and so perhaps to another desk."""

    def do(case: Case) -> str:
        category, reason = request.form.get("category", ""), request.form.get("reason", "")
        if not category:
            raise Invalid({"category": [msg(N_("Please choose one of the list."))]})
        reception.move(person(), case, category, version=sent_version(), reason=reason)
        return _("It is moved. Its number stays the same.")

    return act(number, "move", do)
