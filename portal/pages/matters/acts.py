"""What a party does with a matter: adds words and files, rates, opens it again. The same through both doors."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import reception
from content.errors import Busy, Conflict, Invalid, NotAllowed, StorageFull
from content.throttle import TooManyTries
from portal.pages.matters import sent
from portal.pages.matters.doors import Door
from portal.web.i18n import say
from portal.web.numbers import number
from portal.web.waiting import retry_after

# Shows the page of the matter again: errors, what was typed, key of the form with held files, status.
Show = Callable[..., Response]


def do(door: Door, act: str, show: Show) -> Response:
    """Do one of ``ACTS`` and go back to the matter; refused, its page is shown with all that was typed."""
    key = sent.form_key()
    typed = {name: request.form.get(name, "") for name in ("text", "reason", "words")}
    if act == "say" and sent.taken_out(key):
        return show(typed=typed, key=key, status=200)
    try:
        errors = sent.hold_files(door.reader, key) if act == "say" else {}
        if errors:
            return show(errors=errors, typed=typed, key=key, status=422)
        ACTS[act](door, key)
    except Invalid as invalid:
        return show(errors=_named(act, sent.spoken(invalid)), typed=typed, key=key, status=422)
    except TooManyTries as refused:
        return retry_after(
            show(errors={_FIELD[act]: [say(refused.message)]}, typed=typed, key=key, status=429), refused
        )
    except (Busy, StorageFull) as failed:
        return show(errors={_FIELD[act]: [say(failed.message)]}, typed=typed, key=key, status=503)
    except Conflict:
        told = _("Something happened with this matter in the meantime. Look at it, then send yours again.")
        return show(errors={_FIELD[act]: [told]}, typed=typed, key=key, status=409)
    except NotAllowed as refused:  # who came so far sees the matter; the step is not open any more
        return show(errors={_FIELD[act]: [say(refused.message)]}, typed=typed, key=key, status=409)
    flash(_DONE[act](), "done")
    return redirect(door.base, code=303)


def _say(door: Door, key: str) -> None:
    text, place = request.form.get("text", ""), request.remote_addr or ""
    reception.say_in(door.reader, door.case, text, key=key, via_code=door.via_code, place=place)


def _rate(door: Door, key: str) -> None:
    stars = number(request.form.get("stars")) or 0
    reception.rate(door.reader, door.case, stars, request.form.get("words", ""), via_code=door.via_code)


def _reopen(door: Door, key: str) -> None:
    version = number(request.form.get("version")) or 0
    reason = request.form.get("reason", "")
    reception.step(door.reader, door.case, "reopen", comment=reason, version=version, via_code=door.via_code)


ACTS: dict[str, Callable[[Door, str], None]] = {"say": _say, "rate": _rate, "reopen": _reopen}
# The field of each act's form that problems of the whole act are told at.
_FIELD = {"say": "text", "rate": "stars", "reopen": "reason"}
_DONE: dict[str, Callable[[], str]] = {
    "say": lambda: _("Added. Those who work on it are told."),
    "rate": lambda: _("Thank you for saying so."),
    "reopen": lambda: _("It is open again. Those who work on it are told."),
}


def _named(act: str, errors: sent.Errors) -> sent.Errors:
    """Errors under the names of the form's fields; what belongs to none stands at the act's own field."""
    own = {"say": ("text", "files"), "rate": ("stars", "words"), "reopen": ("reason",)}[act]
    found: sent.Errors = {}
    for name, texts in errors.items():
        found.setdefault(name if name in own else _FIELD[act], []).extend(texts)
    return found
