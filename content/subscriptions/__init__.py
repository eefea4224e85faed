"""Who wishes to hear of what, the telling of it, the digest by mail, and the calendar to subscribe to."""

from __future__ import annotations

from content.subscriptions.announcing import announce, note_published
from content.subscriptions.choosing import (
    DEFAULTS,
    FOLLOWABLE,
    Wishes,
    as_plain,
    calendar_token,
    follow,
    followed,
    from_plain,
    set_calendar,
    set_wishes,
    stop_mail,
    wishes_of,
)
from content.subscriptions.digest import post_digests

__all__ = [
    "DEFAULTS",
    "FOLLOWABLE",
    "Wishes",
    "announce",
    "as_plain",
    "calendar_token",
    "follow",
    "followed",
    "from_plain",
    "note_published",
    "post_digests",
    "set_calendar",
    "set_wishes",
    "stop_mail",
    "wishes_of",
]
