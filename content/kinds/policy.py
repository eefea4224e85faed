"""A policy or procedure with numbered clauses (R-180, R-181)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peewee import AutoField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from content.db import Base, UidField
from content.errors import N_
from content.items import ContentType, Detail, FieldSpec, Item, SearchPart, new_uid


class PolicyDetail(Detail):
    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    document_number = CharField(max_length=60, default="")
    issuer = CharField(max_length=100, default="")
    in_force_from = DateField(null=True)
    preamble = TextField(default="")


class Clause(Base):
    """A clause: its uid stays whatever its number becomes. ``label`` is the number joined through its ancestors.

    Order and depth make the tree; a parent column would say the same a second time.
    """

    id = AutoField()
    uid = UidField(unique=True)
    item = ForeignKeyField(Item, backref="clauses", on_delete="CASCADE")
    position = IntegerField()
    number = CharField(max_length=40, default="")
    label = CharField(max_length=120)
    depth = IntegerField()
    heading = TextField(default="")
    text = TextField(default="")

    class Meta:
        indexes = ((("item", "position"), True), (("item", "label"), True))


KEYS = ("uid", "number", "label", "depth", "heading", "text")


def load(item: Item) -> dict[str, Any]:
    """The clauses of an item in document order, as plain rows."""
    columns = [getattr(Clause, key) for key in KEYS]
    return {
        "clauses": list(
            Clause.select(*columns).where(Clause.item == item.id).order_by(Clause.position).dicts()
        )
    }


def store(item: Item, values: Mapping[str, Any]) -> None:
    """Replace the clauses of an item; uids given are kept unless they belong to another document."""
    rows = list(values.get("clauses") or [])
    Clause.delete().where(Clause.item == item.id).execute()
    given = [row["uid"] for row in rows if row["uid"]]
    foreign = {uid for start in range(0, len(given), 500) for uid in _taken(given[start : start + 500])}
    prepared = []
    for n, row in enumerate(rows):
        one = {"item": item.id, "position": n, **{key: row[key] for key in KEYS}}
        if not one["uid"] or one["uid"] in foreign:
            one["uid"] = new_uid()
        prepared.append(one)
    for start in range(0, len(prepared), 100):  # SQLite takes 999 values a statement at worst
        Clause.insert_many(prepared[start : start + 100]).execute()


def _taken(uids: list[str]) -> list[str]:
    return [row.uid for row in Clause.select(Clause.uid).where(Clause.uid.in_(uids))]


def parts(item: Item, values: Mapping[str, Any]) -> list[SearchPart]:
    """Each clause is found by itself."""
    return [
        SearchPart(row["uid"], row["label"], row["heading"], row["text"])
        for row in values.get("clauses") or []
    ]


KIND = ContentType(
    name="policy",
    label=N_("Policy or procedure"),
    plural=N_("Library"),
    address="library",
    detail=PolicyDetail,
    board=False,
    order="position",
    load=load,
    store=store,
    parts=parts,
    help=N_("A document with numbered clauses that staff and residents can look up."),
    fields=(
        FieldSpec("document_number", N_("Document number"), max_length=60, searchable=True),
        FieldSpec("issuer", N_("Issued by"), max_length=100, searchable=True),
        FieldSpec("in_force_from", N_("In force from"), "date", default=None),
        FieldSpec("preamble", N_("Before the first clause"), "rich", searchable=True),
        FieldSpec(
            "clauses", N_("Clauses"), "clauses", default=(), help=N_("Each clause starts with its number.")
        ),
    ),
)
