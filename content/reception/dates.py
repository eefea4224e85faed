"""Promised times in the calendars of those to whom and by whom they were promised (R-041); no word of the matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from content.cases import OPEN_STATES, Case
from content.errors import N_, msg
from content.people import Person
from content.reception.access import mine, visible_cases
from content.reception.entries import address
from content.subscriptions.calendar_feed import Entry, contribute

MOST = 100
TO_THEM = N_("Promised to you for now: matter %(number)s")
BY_US = N_("Promised for now: matter %(number)s")


@contribute
def promised_times(person: Person) -> Iterator[Entry]:
    """Of open matters the times promised to the person, and those of which the person is the owner."""
    open_ones = Case.promised_at.is_null(False) & Case.state.in_(OPEN_STATES) & Case.merged_into.is_null()
    theirs = (Case.owner == person.id) & visible_cases(person)
    rows: Any = Case.select().where(open_ones, mine(person) | theirs)
    for case in rows.order_by(Case.promised_at, Case.id).limit(MOST):
        title = BY_US if case.owner_id == person.id else TO_THEM
        yield Entry(
            uid=f"matter-{case.uid}", title=msg(title, number=case.number), starts=case.promised_at,
            changed_at=case.changed_at, version=case.version, url=address(case),
        )  # fmt: skip
