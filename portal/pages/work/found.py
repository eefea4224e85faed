"""What an address of the workspace names, if this person works on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import jsonify, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from content.errors import DomainError, Invalid, NotAllowed, NotFound
from content.items import Item, Section
from content.people import Person
from content.permissions import may, require
from portal.pages.places import Tree
from portal.web.errors import STATUS
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number


def item_of(id: int) -> Item:
    """The item with this number and its section, if the person works on it. Raises ``NotFound``."""
    item: Item | None = Item.select(Item, Section).join(Section).where(Item.id == id).first()
    if item is None or not may(person(), "item:draft-view", item):
        raise NotFound()
    return item


def section_of(id: int, permission: str = "item:arrange") -> Section:
    """The section with this number, if the person has the permission for it. Raises ``NotFound``."""
    section: Section | None = Section.get_or_none(Section.id == id)
    if section is None or section.trashed_at is not None:
        raise NotFound()
    require(person(), permission, section)
    return section


def places(reader: Person | None, permission: str) -> list[tuple[Section, int]]:
    """Every section, with its depth, that the person has the permission for, in reading order."""
    return [(section, depth) for section, depth in Tree(reader).walk() if may(reader, permission, section)]


def spoken(invalid: Invalid) -> dict[str, list[str]]:
    """The messages of an error in the reader's language, field by field."""
    return {name: [say(message) for message in messages] for name, messages in invalid.fields.items()}


def sent_json() -> Any:
    """The JSON that was sent; ``None`` if it cannot be read, is nested beyond measure or holds half characters."""
    try:
        sent: Any = request.get_json(silent=True)
        json.dumps(sent, ensure_ascii=False).encode()  # a lone half of a pair cannot be stored as UTF-8
    except (RecursionError, UnicodeEncodeError):
        return None
    return sent


def sent_version() -> int:
    """The version that a form was made from; a form without one is refused, for it would overwrite unseen."""
    found = number(request.form.get("version"))
    if found is None:
        raise BadRequest()
    return found


def answers_json(view: Callable[..., Any]) -> Callable[..., Any]:
    """Tell domain errors as JSON ``{"error": …, "fields": …}`` in the reader's language."""

    @wraps(view)
    def answering(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except DomainError as error:
            return _told(error)

    return answering


def _told(error: DomainError) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    fields = spoken(error) if isinstance(error, Invalid) else {}
    first = next((text for texts in fields.values() for text in texts), "")
    shown = NotFound() if isinstance(error, NotAllowed) else error
    answer = jsonify(error=first or say(shown.message), fields=fields)
    answer.status_code = status
    return answer
