"""The workspace: what waits for me, what I am writing, what is coming."""

from __future__ import annotations

from flask import Blueprint, render_template

from content import bulletin
from content.actions import autosaves
from content.items import KINDS, ContentType
from content.permissions import ANYWHERE, may
from portal.pages.work.found import places
from portal.web.login import person

pages = Blueprint("desk", __name__)


def creatable() -> list[ContentType]:
    """The kinds that this person may begin somewhere."""
    reader = person()
    return list(KINDS.values()) if may(reader, "item:create", ANYWHERE) else []


@pages.get("/")
def desk() -> str:
    """What waits for me first; then what I am writing, what I changed, and what the calendar will do."""
    reader = person()
    return render_template(
        "work/desk.html",
        waiting=bulletin.waits_for(reader),
        unsaved=bulletin.my_unsaved(autosaves(reader)),
        drafts=bulletin.my_drafts(reader),
        changed=bulletin.changed_lately(reader),
        coming=bulletin.coming_up(reader),
        kinds_open=creatable(),
        places=places(reader, "item:create"),
    )
