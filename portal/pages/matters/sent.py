"""What a form about a matter brings: words, and files that are held under its key until it is sent."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import BinaryIO, cast

from flask import g, request, session
from flask_babel import gettext as _

from content import reception
from content.errors import DomainError, Invalid, NotFound, StorageFull, TooLarge
from content.files import StoredFile
from content.people import Person
from content.reception.categories import FILES_LIMIT
from portal.web.i18n import say

_KEY = re.compile(r"[0-9a-f]{32}")
# The inputs of one form that hold files: chosen pictures, the camera's, documents, a voice note.
INPUTS = ("photos", "camera", "papers", "voice")
REMEMBERED = 5  # keys of forms whose files this browser may look at
PICTURES = "image/*"
SOUNDS = "audio/*"
PAPERS = ".pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.txt,.csv,image/*"

Errors = dict[str, list[str]]


def new_key() -> str:
    """The key of a fresh form: what is sent with it twice is one matter."""
    return secrets.token_hex(16)


def form_key() -> str:
    """The key that the form was sent with, or a fresh one if that is none of ours."""
    key = request.form.get("key", "")
    return key if _KEY.fullmatch(key) else new_key()


def taken_out(key: str) -> bool:
    """Whether the button was pressed that takes a held file out again; done then."""
    what, _colon, uid = request.form.get("do", "").partition(":")
    if what != "drop":
        return False
    reception.drop_held(key, uid[:32])
    return True


def hold_files(reader: Person | None, key: str) -> Errors:
    """Hold all files that came with the form; what is wrong with some of them, under ``files``.

    Files held before (the form was refused once) count with them: at most ``FILES_LIMIT``. Raises ``TooManyTries``.
    """
    chosen = [one for name in INPUTS for one in request.files.getlist(name) if one.filename]
    if not chosen:
        return {}
    free = FILES_LIMIT - len(reception.held(key))
    problems = []
    if len(chosen) > free:
        problems.append(_("At most %(most)s files fit on one form; the rest was left out.", most=FILES_LIMIT))
    _may_look(key)
    place = request.remote_addr or ""
    for one in chosen[: max(free, 0)]:
        stream = cast(BinaryIO, one.stream)
        try:
            reception.hold_file(g.settings, reader, key, stream, one.filename or "", place=place)
        except (Invalid, TooLarge, StorageFull) as refused:
            problems.append(_("“%(name)s”: %(why)s", name=(one.filename or "")[-60:], why=_why(refused)))
    return {"files": problems} if problems else {}


def _why(refused: DomainError) -> str:
    texts = spoken(refused) if isinstance(refused, Invalid) else {}
    return next((text for found in texts.values() for text in found), "") or say(refused.message)


def spoken(invalid: Invalid) -> Errors:
    """The messages of an error in the reader's language, field by field."""
    return {name: [say(message) for message in messages] for name, messages in invalid.fields.items()}


def together(*several: Errors) -> Errors:
    """All problems of a form, field by field."""
    found: Errors = {}
    for errors in several:
        for name, texts in errors.items():
            found.setdefault(name, []).extend(texts)
    return found


def _may_look(key: str) -> None:
    keys = [one for one in session.get("held", []) if one != key]
    session["held"] = [*keys, key][-REMEMBERED:]


def held_here(uid: str) -> StoredFile:
    """A file that this browser sent with a form which is not through yet. Raises ``NotFound``."""
    for key in session.get("held", []):
        for file in reception.held(key):
            if file.uid == uid:
                return file
    raise NotFound()


def typed(names: Iterable[str]) -> dict[str, str]:
    """The fields of these names as they were typed."""
    return {name: request.form.get(name, "") for name in names}
