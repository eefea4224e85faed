"""How the liaison pages say things, and how they read forms."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import BadRequest

from content import moment
from content.errors import Invalid
from content.liaison import ACTIVITIES, KINDS, FollowUp, Meeting, followups
from content.liaison.duties import Due
from content.liaison.overview import MARKS, Cell
from content.people import Person
from content.workflow import State
from content.workflows import MEETING
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number

__all__ = ["ACTIVITIES", "KINDS"]

TONES = {
    "done": "jade",
    "waiting": "indigo",
    "due": "amber",
    "soon": "amber",
    "late": "seal",
    "none": "muted",
}
CELL_WORDS = {
    "done": _l("held and confirmed"),
    "waiting": _l("held, waits for the counselor"),
    "due": _l("due"),
    "soon": _l("due soon"),
    "late": _l("missed"),
    "none": _l("nothing owed"),
}


@dataclass(frozen=True)
class Look:
    """Shape, colour and word of a standing; the shape alone is enough in gray."""

    mark: str
    tone: str
    words: str = ""


def due_look(due: Due) -> Look:
    """How a duty looks on the leader's page."""
    return Look(MARKS[due.standing], TONES[due.standing])


def cell_look(cell: Cell) -> Look:
    """How a square of the matrix looks, and what it says to who cannot see it."""
    return Look(cell.mark, TONES[cell.standing], str(CELL_WORDS[cell.standing]))


def state_of(meeting: Meeting) -> State:
    """The state of a meeting as the workflow calls it."""
    return MEETING.state(meeting.state)


def is_late(follow_up: FollowUp) -> bool:
    """Whether a promise is overdue today."""
    return followups.is_late(follow_up, moment.today(g.settings.zone))


def reader() -> Person:
    """The signed-in person; the blueprint lets nobody else through."""
    found = person()
    assert found is not None, "the blueprint asks visitors to sign in"
    return found


def spoken(invalid: Invalid) -> dict[str, list[str]]:
    """The messages of an error in the reader's language, field by field."""
    return {name: [say(message) for message in messages] for name, messages in invalid.fields.items()}


def sent_version() -> int:
    """The version that a form was made from; a form without one is refused, for it would overwrite unseen."""
    found = number(request.form.get("version"))
    if found is None:
        raise BadRequest()
    return found
