"""Choosing what to link to and which picture to show; and uploading one."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import bulletin, files, richtext
from content.errors import N_, Invalid, TooLarge, msg
from content.files import StoredFile
from content.items import KINDS, Item, address
from content.permissions import require
from portal.pages.work.found import answers_json, sent_json, spoken
from portal.pages.work.verbs import standing
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number
from portal.web.shown import item_plain

pages = Blueprint("picking", __name__)


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


@pages.get("/pick/items")
def items() -> Response | str:
    """Items to link to, by words in either script; JSON for the editor, a page with the codes without it."""
    text = request.args.get("q", "")[:200]
    found = bulletin.pick_items(g.settings, person(), text)
    if _wants_json():
        return jsonify(items=[_item(item) for item in found])
    return render_template("work/pick_items.html", text=text, found=found)


def _item(item: Item) -> dict[str, Any]:
    state = standing(item)[0][0]
    return {
        "uid": item.uid,
        "title": item_plain(item),
        "kind": _(KINDS[item.kind].label),
        "state": _(state.label),
        "public": state.public,
        "address": address(item),
    }


@pages.get("/pick/files")
def stored() -> Response | str:
    """Pictures to choose from, the latest first; narrowed by a part of the name or the description."""
    require(person(), "file:upload")
    text = request.args.get("q", "").strip()[:100]
    before = number(request.args.get("before"))
    page = files.listing(person(), before=before)
    older = page[-1].id if len(page) == files.PAGE else 0
    found = [file for file in page if text.lower() in f"{file.name} {file.alt}".lower()]
    if _wants_json():
        return jsonify(files=[_file(file) for file in found], older=older)
    next_page = url_for("work.picking.stored", q=text, before=older) if older else ""
    return render_template("work/pick_files.html", text=text, found=found, older=next_page, errors={})


def _file(file: StoredFile) -> dict[str, Any]:
    return {
        "uid": file.uid,
        "name": file.name,
        "alt": file.alt,
        "width": file.width,
        "height": file.height,
        "thumb": f"/files/{file.uid}/thumb" if file.is_picture else "",
        "card": f"/files/{file.uid}/card" if file.is_picture else "",
    }


@pages.post("/upload")
@answers_json
def upload() -> Response:
    """Keep an uploaded picture (field ``file``, optional ``alt``) and say how to refer to it."""
    return jsonify(_file(_kept()))


@pages.post("/pick/files")
def upload_plainly() -> Response | tuple[str, int]:
    """The same without JavaScript: back to the page with the codes."""
    try:
        file = _kept()
    except (Invalid, TooLarge) as refused:
        texts = spoken(refused).get("file", []) if isinstance(refused, Invalid) else []
        page = files.listing(person())
        errors = {"file": texts or [say(refused.message)]}
        return render_template("work/pick_files.html", text="", found=page, older="", errors=errors), 422
    flash(_("“%(name)s” is uploaded.", name=file.name), "done")
    return redirect(url_for("work.picking.stored"), code=303)


@pages.post("/paste")
@answers_json
def paste() -> Response:
    """What was pasted from Word or a web page, in the shape that the portal keeps; JSON ``{"html": …}`` both ways."""
    sent = sent_json()
    html = sent.get("html") if isinstance(sent, dict) else None
    if not isinstance(html, str):
        raise Invalid({}, msg(N_("What was pasted could not be read.")))
    return jsonify(html=richtext.sanitise(html))


def _kept() -> StoredFile:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid({"file": [msg(N_("Please choose a file."))]})
    return files.store(
        g.settings, person(), cast(BinaryIO, sent.stream), sent.filename, request.form.get("alt", "")
    )
