"""A fee standard: lines with item, unit, price and basis, and from when it holds (R-085, R-086, 5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peewee import AutoField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from content.db import Base
from content.errors import N_, Message, msg
from content.items import ContentType, Detail, FieldSpec, Item


class FeeDetail(Detail):
    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    in_force_from = DateField(null=True)
    in_force_until = DateField(null=True)
    approval = CharField(max_length=100, default="")
    complaint_telephone = CharField(max_length=60, default="")
    body = TextField(default="")


class FeeLine(Base):
    """One line of a tariff. The price is in 分; none means that it is agreed case by case."""

    id = AutoField()
    item = ForeignKeyField(Item, on_delete="CASCADE")
    position = IntegerField()
    name = CharField(max_length=100)
    unit = CharField(max_length=40, default="")
    price = IntegerField(null=True)
    basis = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("item", "position"), True),)


COLUMNS = (
    FieldSpec("name", N_("Item"), required=True, max_length=100),
    FieldSpec("unit", N_("Unit"), max_length=40, help=N_("For example: per m² and month")),
    FieldSpec("price", N_("Price in yuan"), "money", default=None),
    FieldSpec("basis", N_("Basis and remarks"), max_length=200),
)


def load(item: Item) -> dict[str, Any]:
    """The lines of an item as plain rows."""
    rows = FeeLine.select().where(FeeLine.item == item.id).order_by(FeeLine.position)
    return {"lines": [{c.name: getattr(row, c.name) for c in COLUMNS} for row in rows]}


def store(item: Item, values: Mapping[str, Any]) -> None:
    """Replace the lines of an item."""
    FeeLine.delete().where(FeeLine.item == item.id).execute()
    rows = [{"item": item.id, "position": n, **row} for n, row in enumerate(values.get("lines") or [])]
    if rows:
        FeeLine.insert_many(rows).execute()


def check(values: Mapping[str, Any]) -> dict[str, list[Message]]:
    """A tariff cannot end before it begins."""
    begin, end = values.get("in_force_from"), values.get("in_force_until")
    if begin and end and end < begin:
        return {"in_force_until": [msg(N_("The last day lies before the first one."))]}
    return {}


KIND = ContentType(
    name="fee",
    label=N_("Fee standard"),
    plural=N_("Fee standards"),
    address="fees",
    detail=FeeDetail,
    workflow="tariff",
    order="position",
    help=N_("A published tariff. It passes the manager and the general manager before residents see it."),
    load=load,
    store=store,
    check=check,
    fields=(
        FieldSpec("lines", N_("Lines"), "rows", required=True, columns=COLUMNS, searchable=True, default=()),
        FieldSpec("in_force_from", N_("In force from"), "date", default=None),
        FieldSpec("in_force_until", N_("In force until"), "date", default=None),
        FieldSpec("approval", N_("Approved by, number"), max_length=100, searchable=True),
        FieldSpec("complaint_telephone", N_("Telephone for complaints"), max_length=60),
        FieldSpec("body", N_("Explanation"), "rich", searchable=True),
    ),
)
