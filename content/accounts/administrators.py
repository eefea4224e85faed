"""The portal is never without somebody who looks after all of it, today and on every day to come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from content import moment
from content.errors import N_, Invalid, msg
from content.people import Membership, Person

ROLE = "administrator"


@contextmanager
def one_remains(field: str = "") -> Iterator[None]:
    """What is done within must leave an administrator for every day; to be entered in the transaction of the change.

    Raises ``Invalid`` (at ``field``, if that is given) where there would be a day without one that had one before.
    """
    before = first_day_without()
    yield
    after = first_day_without()
    if after is None or (before is not None and after >= before):
        return
    text = msg(N_("This is the only administrator. Please make another one first."))
    if after > moment.today():
        later = N_("From %(day)s on nobody would be administrator. Please make another one first.")
        text = msg(later, day=after)
    raise Invalid({field: [text]} if field else {}, text)


def first_day_without() -> date | None:
    """The first day, from today on, on which nobody would be administrator of the whole portal; ``None`` if there is
    none. A role for a section, a community or a department does not count, nor does a shut account.
    """
    day = moment.today()
    for since, until in _terms(day):
        if since is not None and since > day:
            break
        if until is None:
            return None
        day = max(day, until + timedelta(days=1))
    return day


def _terms(today: date) -> Any:
    """From when till when somebody is or will be administrator, in the order of the beginnings."""
    return (
        Membership.select(Membership.since, Membership.until)
        .join(Person)
        .where(
            Membership.role == ROLE,
            Membership.section_path == "",
            Membership.community.is_null(),
            Membership.department.is_null(),
            Membership.until.is_null() | (Membership.until >= today),
            Person.active == True,  # noqa: E712  Peewee builds SQL from ==
            Person.system == False,  # noqa: E712
        )
        .order_by(Membership.since.asc(nulls="FIRST"))
        .tuples()
    )
