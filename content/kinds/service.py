"""A service item of the service centre: what, where, when, with which papers (R-073, R-075)."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, TextField

from content.errors import N_
from content.items import ContentType, Detail, FieldSpec, Item


class ServiceDetail(Detail):
    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    provider = CharField(max_length=100, default="")
    telephone = CharField(max_length=60, default="")
    hours = CharField(max_length=100, default="")
    place = CharField(max_length=100, default="")
    price = CharField(max_length=100, default="")
    steps = TextField(default="")
    papers = TextField(default="")
    body = TextField(default="")


KIND = ContentType(
    name="service",
    label=N_("Service item"),
    plural=N_("Services"),
    address="services",
    detail=ServiceDetail,
    order="position",
    help=N_("Something the service centre does for residents, free or paid."),
    fields=(
        FieldSpec("provider", N_("Who does it"), max_length=100, searchable=True),
        FieldSpec("telephone", N_("Telephone"), max_length=60),
        FieldSpec("hours", N_("Hours"), max_length=100),
        FieldSpec("place", N_("Place"), max_length=100, searchable=True),
        FieldSpec("price", N_("Price"), max_length=100, help=N_("In words; the tariff itself is a fee standard.")),
        FieldSpec("steps", N_("How it goes"), "text", max_length=2000, searchable=True, help=N_("One step a line.")),
        FieldSpec("papers", N_("What to bring"), "text", max_length=1000, searchable=True),
        FieldSpec("body", N_("More about it"), "rich", searchable=True),
    ),
)  # fmt: skip
