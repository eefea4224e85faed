"""A small register to test the back office with: departments, of which those with a negative place are hidden."""

from __future__ import annotations

from typing import Any

import pytest
from peewee import Expression

import admin
from content import history
from content.backoffice import jobs
from content.backoffice.declaring import Act, Column, Filter, Input, Register, Row, Values
from content.db import transaction
from content.errors import Conflict, Invalid, Message, msg
from content.people import Department, Person, Site

TOP = 90
# The addresses of every register, below /admin/<its name>/: those that are read, and those that something is sent to.
READ = ("", "<key>/", "<key>/edit", "find/<name>", "new")
SENT = ("<key>/cell/<name>", "<key>/edit", "act", "export", "new", "saved", "saved/<int:id>")


def _rows(person: Person) -> Any:
    return Department.select(Department, Site).join(Site).where(Department.position >= 0)


def _search(words: str) -> Expression:
    return Department.name.contains(words)


def version(row: Row) -> str:
    return f"{row.name}/{row.telephone}/{row.position}"


def _create(person: Person, values: Values) -> int:
    with transaction():
        if Department.select().where(Department.name == values["name"]).exists():
            raise Invalid({"name": [msg("It exists already.")]})
        made = Department.create(**values)
        history.record(person, "department.made", subject=values["name"])
    return int(made.id)


def _update(person: Person, row: Row, values: Values, seen: str) -> None:
    with transaction():
        if version(Department.get_by_id(row.id)) != seen:
            raise Conflict(0)
        Department.update(**values).where(Department.id == row.id).execute()
        history.record(person, "department.changed", subject=values["name"])
        if values["telephone"] == "666":
            raise Invalid({"telephone": [msg("Not this number.")]})


def _refuses(person: Person, row: Row) -> Message | None:
    return msg("It is at the top.") if row.position >= TOP else None


def _raise(person: Person, row: Row, values: Values) -> None:
    Department.update(position=Department.position + (values["by"] or 0)).where(
        Department.id == row.id
    ).execute()
    history.record(person, "department.raised", subject=row.name)
    if "壞" in row.name:
        raise Invalid({"name": [msg("Something went wrong with %(name)s.", name=row.name)]})


def _hide(person: Person, row: Row, values: Values) -> None:
    Department.update(position=-1).where(Department.id == row.id).execute()
    history.record(person, "department.hidden", subject=row.name)


def sites(person: Person, words: str) -> list[tuple[int, str]]:
    return [(site.id, site.name) for site in Site.select().where(Site.name.contains(words)).limit(20)]


def all_sites() -> list[tuple[int, str]]:
    return [(site.id, site.name) for site in Site.select()]


def site_name(person: Person, key: Any) -> str:
    return str(Site.get_by_id(key).name)


SHELVES = Register(
    name="shelves",
    label="People",  # words of the portal, so that the pages of this register speak its languages, too
    one="Person",
    group="people",
    permission="site:administer",
    help="Names",
    key=Department.id,
    rows=_rows,
    columns=(
        Column("name", "Name", sort=Department.name),
        Column("site", "Community", value=lambda row: row.site.name),
        Column("telephone", "Telephone", inplace="telephone"),
        Column("position", "Position", "number", sort=Department.position, inplace="position"),
        Column("high", "Urgent", "yes", value=lambda row: row.position > 50, listed=False),
    ),
    order=Department.id,
    filters=(
        Filter("telephone", "Telephone", "text", Department.telephone),
        Filter("position", "Position", "number", Department.position),
        Filter("site", "Community", "choice", Department.site, choices=all_sites, own_words=True),
        Filter("high", "Urgent", "yes", condition=lambda value: (Department.position > 50) == value),
    ),
    search=_search,
    search_hint="Name",
    inputs=(
        Input("name", "Name", required=True, max_length=20),
        Input("site", "Community", "pick", required=True, find=sites, name_of=site_name, only_new=True),
        Input("telephone", "Telephone"),
        Input("position", "Position", "number", lowest=0, highest=99, default=0),
    ),
    load=lambda row: {"name": row.name, "site": row.site_id, "telephone": row.telephone, "position": row.position},
    version=version,
    create=_create,
    update=_update,
    acts=(
        Act("raise", "Move", _raise, _refuses, "Note", inputs=(Input("by", "Number", "number", required=True, lowest=1),)),
        Act("hide", "Remove", _hide, lambda person, row: None, danger=True),
    ),
)  # fmt: skip


@pytest.fixture
def shelves(monkeypatch: pytest.MonkeyPatch) -> Register:
    """The register, in the back office of the application that is made after this."""
    monkeypatch.setattr(admin, "REGISTERS", (*admin.REGISTERS, SHELVES))
    monkeypatch.setattr(jobs, "REGISTERS", (*jobs.REGISTERS, SHELVES))
    return SHELVES


def stock(count: int = 3, **more: Any) -> list[Department]:
    """Departments 部門1, 部門2 … of one site, at places 0, 1 …"""
    site = Site.get_or_none() or Site.create(name="聯繫苑")
    rows = [
        {"site": site.id, "name": f"部門{n + 1}", "position": n, "telephone": "0755", **more}
        for n in range(count)
    ]
    for start in range(0, count, 500):
        Department.insert_many(rows[start : start + 500]).execute()
    return list(Department.select().order_by(Department.id))
