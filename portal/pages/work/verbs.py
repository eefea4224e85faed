"""What the audit's facts, a revision's note and a state are called on the screen."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from content.history import Revision
from content.items import Item
from content.permissions import workflow_of
from content.workflow import State

VERBS = {
    "item.created": _l("began it"),
    "item.edited": _l("changed it"),
    "item.submitted": _l("submitted it"),
    "item.recalled": _l("took it back"),
    "item.returned": _l("returned it"),
    "item.endorsed": _l("endorsed it"),
    "item.published": _l("published it"),
    "item.scheduled": _l("set a date for it"),
    "item.unscheduled": _l("cancelled its date"),
    "item.withdrawn": _l("took it down"),
    "item.expired": _l("it expired"),
    "item.revised": _l("made a draft of it again"),
    "item.moved": _l("moved it"),
    "item.trashed": _l("threw it away"),
    "item.untrashed": _l("took it out of the trash"),
    "item.changes-discarded": _l("threw the unpublished changes away"),
}
_RESTORED = re.compile(r"restored from (\d+)")
_TONES = {
    "draft": "indigo",
    "review": "amber",
    "approval": "amber",
    "scheduled": "indigo",
    "published": "jade",
}


def verb_words(verb: str) -> str:
    """A fact of the audit in words; an unknown one as it is stored."""
    return str(VERBS.get(verb, verb))


def note_words(item: Item, revision: Revision) -> str:
    """The note of a revision: a step of the workflow, where it was restored from, or what was written."""
    restored = _RESTORED.fullmatch(revision.note)
    if restored:
        return _("restored from revision %(number)s", number=restored.group(1))
    step = workflow_of(item).transition(revision.note)
    return _(step.label) if step else str(revision.note)


def standing(item: Item) -> list[tuple[State, str, bool]]:
    """The chips of an item: its state and, if a newer text is on its way, where that stands (third: is it that)."""
    workflow = workflow_of(item)
    found = [(workflow.state(item.state), _TONES.get(item.state, "muted"), False)]
    if item.stage:
        found.append((workflow.state(item.stage), _TONES.get(item.stage, "muted"), True))
    return found
