"""An event with its poster picture (R-092, R-109)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peewee import CharField, ForeignKeyField, TextField

from content.db import UtcDateTimeField
from content.errors import N_, Message, msg
from content.items import ContentType, Detail, FieldSpec, Item


class EventDetail(Detail):
    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    starts_at = UtcDateTimeField(null=True, index=True)
    ends_at = UtcDateTimeField(null=True)
    place = CharField(max_length=100, default="")
    host = CharField(max_length=100, default="")
    telephone = CharField(max_length=60, default="")
    poster = CharField(max_length=32, default="")  # uid of a stored picture
    poster_alt = CharField(max_length=200, default="")
    body = TextField(default="")


def check(values: Mapping[str, Any]) -> dict[str, list[Message]]:
    """An event cannot end before it starts, and a poster needs words for those who cannot see it."""
    problems: dict[str, list[Message]] = {}
    starts, ends = values.get("starts_at"), values.get("ends_at")
    if starts and ends and ends <= starts:
        problems["ends_at"] = [msg(N_("The end lies before the start."))]
    if values.get("poster") and not values.get("poster_alt"):
        problems["poster_alt"] = [msg(N_("Say in a few words what the poster shows."))]
    return problems


KIND = ContentType(
    name="event",
    label=N_("Event"),
    plural=N_("Events"),
    address="events",
    detail=EventDetail,
    check=check,
    help=N_("Something to come to, with date, place and poster."),
    fields=(
        FieldSpec("starts_at", N_("Starts"), "datetime", required=True, default=None),
        FieldSpec("ends_at", N_("Ends"), "datetime", default=None),
        FieldSpec("place", N_("Place"), required=True, max_length=100, searchable=True),
        FieldSpec("host", N_("Who organises it"), max_length=100, searchable=True),
        FieldSpec("telephone", N_("Telephone"), max_length=60),
        FieldSpec("poster", N_("Poster picture"), "picture"),
        FieldSpec("poster_alt", N_("What the poster shows"), max_length=200, searchable=True),
        FieldSpec("body", N_("Text"), "rich", searchable=True),
    ),
)
