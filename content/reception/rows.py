"""What a list shows of a matter, loaded for a whole page at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from content import estate
from content.cases import Case
from content.households import Building, Household
from content.outbox import InboxEntry
from content.people import Community, Person

EXCERPT = 120  # characters of the words that a list shows


@dataclass(frozen=True)
class Row:
    """One line of a list. ``standing`` is the state of the matter that leads, where this one was merged."""

    id: int
    number: str
    category: str
    desk: str
    state: str
    standing: str
    urgent: bool
    opened_at: datetime
    changed_at: datetime
    promised_at: datetime | None
    community: str
    household: str
    place: str  # the home and, after it, what was typed as the place
    owner: str  # who works it; empty for the parties
    excerpt: str
    rating: int | None
    unread: bool  # something of it lies unread in the reader's inbox


@dataclass(frozen=True)
class Page:
    """A part of a list, newest first. ``older`` is what ``before`` has to be for the next part."""

    cases: Sequence[Row]
    older: int | None = None


def load(person: Person | None, ids: Sequence[int], *, party: bool = False) -> list[Row]:
    """The rows with these ids, in their order; two queries however many they are.

    ``party`` leaves out what only those who work it see.
    """
    if not ids:
        return []
    found = {values["id"]: values for values in _joined().where(Case.id.in_(list(ids))).dicts()}
    unread = _unread(person, [values["number"] for values in found.values()])
    return [_row(found[id], found[id]["number"] in unread, party) for id in ids if id in found]


def _joined() -> Any:
    # Aliased, since a matter and its building both belong to a community.
    lead, owner, of_home = Case.alias(), Person.alias(), Community.alias()
    columns = (
        Case.id, Case.number, Case.category, Case.desk, Case.state, Case.urgent, Case.opened_at, Case.changed_at,
        Case.promised_at, Case.place, Case.rating, Case.household.alias("home"),
        fn.SUBSTR(Case.original, 1, EXCERPT + 1).alias("beginning"),
        Household.unit, Household.room, Building.phase, Building.name.alias("building"),
        fn.COALESCE(Community.name, of_home.name, "").alias("community_name"),
        lead.state.alias("lead_state"), owner.name.alias("owner_name"),
    )  # fmt: skip
    return (
        Case.select(*columns)
        .join(Household, JOIN.LEFT_OUTER)
        .join(Building, JOIN.LEFT_OUTER)
        .join(of_home, JOIN.LEFT_OUTER, on=(Building.community == of_home.id))
        .join_from(Case, Community, JOIN.LEFT_OUTER, on=(Case.community == Community.id))
        .join_from(Case, lead, JOIN.LEFT_OUTER, on=(Case.merged_into == lead.id))
        .join_from(Case, owner, JOIN.LEFT_OUTER, on=(Case.owner == owner.id))
    )


def _unread(person: Person | None, numbers: Sequence[str]) -> set[str]:
    if person is None or not numbers:
        return set()
    urls = {f"/cases/{number}": number for number in numbers}
    rows: Any = InboxEntry.select(InboxEntry.url).where(
        InboxEntry.person == person.id, InboxEntry.read_at.is_null(), InboxEntry.url.in_(list(urls))
    )
    return {urls[url] for (url,) in rows.tuples()}


def _row(values: Mapping[str, Any], unread: bool, party: bool) -> Row:
    home = ""
    if values["home"]:
        building = Building(phase=values["phase"], name=values["building"])
        home = estate.short_label(Household(building=building, unit=values["unit"], room=values["room"]))
    words = " ".join(values["beginning"].split())
    kept = (
        "id",
        "number",
        "category",
        "desk",
        "state",
        "urgent",
        "opened_at",
        "changed_at",
        "promised_at",
        "rating",
    )
    return Row(
        **{name: values[name] for name in kept},
        standing=values["lead_state"] or values["state"],
        community=values["community_name"],
        household=home,
        place=" · ".join(part for part in (home, values["place"]) if part),
        owner="" if party else values["owner_name"] or "",
        excerpt=f"{words[:EXCERPT]}…" if len(words) > EXCERPT else words,
        unread=unread,
    )
