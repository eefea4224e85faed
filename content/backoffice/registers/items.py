"""Content of every kind. It is written in the site's own editor; here it is found, moved on and tidied up."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, Expression

from content import actions
from content.backoffice.declaring import Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.backoffice.registers.item_acts import ACTS, STATES
from content.errors import N_, Conflict
from content.items import KINDS, Item, Section
from content.people import Person
from content.permissions import workable

TRASHED = "trashed"


def _rows(person: Person) -> Any:
    return (
        Item.select(Item, Section, Person)
        .join(Section, JOIN.LEFT_OUTER, on=(Item.section == Section.id))
        .join_from(Item, Person, JOIN.LEFT_OUTER, on=(Item.owner == Person.id))
        .where(workable(person))
    )


def _kinds() -> list[tuple[str, str]]:
    return [(kind.name, kind.label) for kind in KINDS.values()]


def _search(words: str) -> Expression:
    arms = [finding.has(Item.title, words)]
    if words.isascii() and words.isdecimal() and len(words) < 10:
        arms.append(Item.id == int(words))
    return finding.among(Item, *arms)


def _trashed(value: Any) -> Any:
    return Item.trashed_at.is_null(not value)


def _waiting(value: Any) -> Any:
    return (Item.stage != "") if value else (Item.stage == "")


def _update(person: Person, row: Row, values: Values, version: str) -> None:
    if not version.isdecimal():
        raise Conflict(row.version)
    actions.edit(person, row, {"title": values["title"]}, version=int(version))


def _load(row: Row) -> dict[str, Any]:
    return {"title": actions.working_values(row)["title"]}


ITEMS = Register(
    name="items",
    label=N_("All content"),
    one=N_("Piece of content"),
    group="content",
    permission="register:items",
    help=N_(
        "Notices, events, fees, services, rules and pages in every state. A new title of something published waits "
        "with its newer text until that is published."
    ),
    key=Item.id,
    rows=_rows,
    columns=(
        Column("title", N_("Title"), sort=Item.title, inplace="title"),
        Column("kind", N_("Kind"), "choice", choices=_kinds, own_words=False),
        Column(
            "state",
            N_("State"),
            "choice",
            value=lambda row: TRASHED if row.trashed_at else row.state,
            choices=(*STATES.items(), (TRASHED, N_("In the trash"))),
            own_words=False,
        ),
        Column(
            "stage",
            N_("Newer text"),
            "choice",
            choices=(("", "–"), *STATES.items()),
            own_words=False,
            listed=False,
        ),
        Column("section", N_("Section"), value=lambda row: finding.name(row, "section", "title")),
        Column("owner", N_("Written by"), "name", value=lambda row: finding.name(row, "owner")),
        Column("changed_at", N_("Changed"), "time", sort=Item.changed_at),
        Column("published_at", N_("Published"), "time", listed=False),
        Column("publish_at", N_("Publish at"), "time", listed=False),
        Column("expire_at", N_("Withdraw at"), "time", listed=False),
        Column("pinned", N_("Keep at the top of lists"), "yes", listed=False),
        Column("urgent", N_("Urgent"), "yes", listed=False),
        Column("uid", N_("Permanent identifier"), listed=False),
    ),
    order=Item.changed_at,
    filters=(
        Filter("kind", N_("Kind"), "choice", Item.kind, choices=_kinds),
        Filter("state", N_("State"), "choice", Item.state, choices=tuple(STATES.items())),
        Filter(
            "section", N_("Section"), "choice", Item.section, choices=finding.all_sections, own_words=True
        ),
        Filter(
            "owner",
            N_("Written by"),
            "text",
            condition=lambda words: Item.owner.in_(finding.persons(words)),
        ),
        Filter("changed_at", N_("Changed"), "dates", Item.changed_at),
        Filter("stage", N_("A newer text waits"), "yes", condition=_waiting),
        Filter("trashed", N_("In the trash"), "yes", condition=_trashed),
    ),
    search=_search,
    search_hint=N_("Title or number"),
    inputs=(Input("title", N_("Title"), required=True, max_length=200),),
    load=_load,
    version=lambda row: str(row.version),
    update=_update,
    acts=ACTS,
    address=lambda row: f"/work/items/{row.id}",
    title=lambda row: str(row.title),
    empty=N_("Nothing has been written yet. Begin in the workspace."),
)
