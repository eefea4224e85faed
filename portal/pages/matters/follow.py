"""Following a matter without an account: its number and code, typed in, open it to this browser for an hour."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import moment, reception, throttle
from content.errors import NotFound
from content.files import StoredFile
from portal.pages import files
from portal.pages.matters import acts, doors
from portal.pages.matters.case import show
from portal.pages.matters.doors import Door
from portal.web.i18n import say

pages = Blueprint("follow", __name__)
Answers = dict[str, list[str]]


@pages.get("/follow")
def follow() -> Response:
    """The matter that is open to this browser, else the form for number and code."""
    case = doors.remembered("follow")
    return _form() if case is None else show(Door(None, case, via_code=True))


@pages.post("/follow")
def enter() -> Response:
    """Open the matter; a wrong number and a wrong code are answered alike, and only so often."""
    number, code = request.form.get("number", ""), request.form.get("code", "")
    try:
        case = reception.follow(number, code, place=request.remote_addr or "")
    except throttle.TooManyTries as refused:
        answer = _form(number, {"number": [say(refused.message)]}, 429)
        answer.headers["Retry-After"] = str(int((refused.until - moment.now()).total_seconds()) + 1)
        return answer
    except NotFound:
        problem = _("There is no matter with this number and this code. Both stand on your slip.")
        return _form(number, {"number": [problem]}, 422)
    doors.remember("follow", case)
    return redirect("/follow", code=303)


@pages.post("/follow/leave")
def leave() -> Response:
    """Close the matter to this browser: for whoever uses somebody else's."""
    doors.forget("follow")
    doors.forget("sent")
    return redirect("/follow", code=303)


@pages.post("/follow/<any(say, rate, reopen):act>")
def do(act: str) -> Response:
    """Add words and files, rate, or open it again. After the hour number and code are asked anew."""
    case = doors.remembered("follow")
    if case is None:
        told = _("The hour is over. Please type number and code once more; what you wrote stands below.")
        return _form(
            "", {"number": [told]}, 422, typed=request.form.get("text") or request.form.get("reason", "")
        )
    door = Door(None, case, via_code=True)
    return acts.do(door, act, partial(show, door))


@pages.get("/follow/files/<uid>")
def original(uid: str) -> Response:
    """A file of the matter that is open to this browser."""
    return files.deliver(_file(uid))


@pages.get("/follow/files/<uid>/<rendition>")
def rendition(uid: str, rendition: str) -> Response:
    """A picture of it in another size."""
    return files.deliver(_file(uid), rendition)


def _file(uid: str) -> StoredFile:
    case = doors.remembered("follow")
    if case is None:
        raise NotFound()
    return reception.file_of(case, uid)


def _form(number: str = "", errors: Answers | None = None, status: int = 200, typed: str = "") -> Response:
    """The form; the code is never put back into it."""
    page = render_template("matters/follow.html", number=number, errors=errors or {}, typed=typed)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
