"""A plain page: about us, how to reach us."""

from __future__ import annotations

from peewee import ForeignKeyField, TextField

from content.errors import N_
from content.items import ContentType, Detail, FieldSpec, Item


class PageDetail(Detail):
    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    body = TextField(default="")


KIND = ContentType(
    name="page",
    label=N_("Page"),
    plural=N_("Pages"),
    address="pages",
    detail=PageDetail,
    board=False,
    order="position",
    help=N_("A plain page that stays, such as how to reach us."),
    fields=(FieldSpec("body", N_("Text"), "rich", required=True, searchable=True),),
)
