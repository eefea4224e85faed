"""Moments that a form holds, in the zone of the site."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import g

from content.errors import N_, Invalid, msg
from portal.web.dates import local

_UNREADABLE = N_("Please give a day and a time, such as 2026-03-18 17:00.")


def typed_time(name: str, text: str) -> datetime | None:
    """The moment that was typed, in UTC; ``None`` for nothing. Raises ``Invalid`` for what is none."""
    text = text.strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        there = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(g.settings.zone))
        return there.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid({name: [msg(_UNREADABLE)]}) from None


def for_field(value: datetime | None) -> str:
    """A moment as a field of type datetime-local wants it."""
    return f"{local(value):%Y-%m-%dT%H:%M}" if value else ""
