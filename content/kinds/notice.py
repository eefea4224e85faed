"""A general notice on the board (R-090, R-094)."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, TextField

from content.errors import N_
from content.items import ContentType, Detail, FieldSpec, Item


class NoticeDetail(Detail):
    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    body = TextField(default="")
    issuer = CharField(max_length=100, default="")
    document_number = CharField(max_length=60, default="")


KIND = ContentType(
    name="notice",
    label=N_("Notice"),
    plural=N_("Notices"),
    address="notices",
    detail=NoticeDetail,
    help=N_("Something residents or staff should know: water, lifts, holidays, results."),
    fields=(
        FieldSpec("body", N_("Text"), "rich", required=True, searchable=True),
        FieldSpec("issuer", N_("Issued by"), max_length=100, searchable=True),
        # notices in the manner of official documents carry a number such as 〔2026〕18號.
        FieldSpec("document_number", N_("Document number"), max_length=60, searchable=True),
    ),
)
