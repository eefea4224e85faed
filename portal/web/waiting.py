"""Forms that were refused: what is said beside the fields, and how long to wait after too many tries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import make_response
from werkzeug.wrappers import Response

from content import moment
from content.errors import Invalid
from content.throttle import TooManyTries
from portal.web.i18n import say

Errors = dict[str, list[str]]


def told(invalid: Invalid) -> Errors:
    """Field → sentences in the reader's language."""
    return {field: [say(message) for message in messages] for field, messages in invalid.fields.items()}


def retry_after(response: Response, refused: TooManyTries) -> Response:
    """Say when the next try is listened to."""
    left = int((refused.until - moment.now()).total_seconds()) + 1
    response.headers["Retry-After"] = str(left)
    return response


def tried(act: Callable[[], Any], page: Callable[[Errors], Any], field: str) -> tuple[Any, Response | None]:
    """What an act gives, or the page that says why not: 422, or 429 after too many tries (said beside ``field``)."""
    try:
        return act(), None
    except Invalid as invalid:
        errors = told(invalid) or {field: [say(invalid.message)]}
        return None, make_response(page(errors), 422)
    except TooManyTries as refused:
        response = make_response(page({field: [say(refused.message)]}), 429)
        return None, retry_after(response, refused)
