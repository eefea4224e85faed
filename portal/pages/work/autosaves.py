"""What is being typed, kept every few seconds: seen by nobody else, offered again after a crash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from content import actions
from content.errors import N_, Invalid, msg
from content.history import Autosave
from portal.pages.work.found import answers_json, sent_json
from portal.web.dates import local
from portal.web.login import person
from portal.web.security import safe_path

pages = Blueprint("autosaves", __name__)

# What belongs to the page and not to the text.
_NOT_TEXT = {"csrf_token", "do", "overwrite"}


@dataclass(frozen=True)
class Kept:
    """A form as it was kept: its fields, and the version that it was begun from."""

    fields: MultiDict[str, str]
    version: int
    address: str


def kept_form(row: Autosave) -> Kept:
    """What was kept, as a form."""
    pairs = [(str(name), str(value)) for name, value in row.data.get("fields", [])]
    return Kept(MultiDict(pairs), int(row.data.get("version") or 0), str(row.data.get("address", "")))


@pages.post("/autosave")
@answers_json
def keep() -> Response:
    """Keep what is typed into a form; JSON with ``key``, ``version``, ``address`` and ``fields`` (pairs)."""
    sent = sent_json()
    if not isinstance(sent, dict) or not _is_form(sent):
        raise Invalid({}, msg(N_("This could not be kept. Please save it with the button.")))
    fields = [[name, value] for name, value in sent["fields"] if name not in _NOT_TEXT]
    title = next((value for name, value in fields if name == "title"), "")
    data = {
        "fields": fields,
        "version": sent.get("version") or 0,
        "address": safe_path(str(sent.get("address", "")), "/work/"),
        "title": title[:200],
    }
    row = actions.autosave(person(), sent["key"], data)
    return jsonify(at=f"{local(row.at):%H:%M}")


def _is_form(sent: dict[str, Any]) -> bool:
    key, fields, version = sent.get("key"), sent.get("fields"), sent.get("version") or 0
    if not isinstance(key, str) or not key.startswith(("item:", "new:")) or not isinstance(version, int):
        return False
    return isinstance(fields, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
        for pair in fields
    )


@pages.post("/autosave/drop")
def drop() -> Response:
    """Throw away what was typed and not saved."""
    actions.drop_autosave(person(), request.form.get("key", ""))
    flash(_("What you had typed is thrown away."), "done")
    return redirect(safe_path(request.form.get("next"), "/work/"), code=303)
