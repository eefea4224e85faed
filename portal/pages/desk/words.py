"""Small words and lists for the templates of the desks."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from content.items import FieldSpec
from content.people import Department, Person
from content.reception.access import desks_of
from content.reception.categories import CHANNELS, Category, Desk
from content.reception.lists import MOST
from portal.web.login import person
from portal.web.shown import plain

Option = tuple[object, str, bool]  # value, what is said, whether that is content


def show_words(show: str) -> str:
    """What a list is called."""
    return {
        "open": _("Still open"),
        "new": _("New ones"),
        "mine": _("Mine"),
        "answered": _("Answered, not closed"),
        "closed": _("Closed"),
        "all": _("All"),
    }[show]


def capped(many: int) -> str:
    """A count as the desk shows it; it is counted no further than ``lists.MOST``."""
    return f"{many}+" if many >= MOST else str(many)


def desks_here() -> tuple[Desk, ...]:
    """The desks of which the reader has a list."""
    return desks_of(person())


def labelled(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices with their labels in the reader's language."""
    return [(key, _(label)) for key, label in pairs]


def choices_of(spec: FieldSpec) -> list[tuple[str, str]]:
    """The choices of a field in the reader's language."""
    return labelled(spec.choices)


def channel_label(channel: str) -> str:
    """How a matter reached us (R-002), to be translated."""
    return dict(CHANNELS).get(channel, channel)


def staff_options(people: Iterable[Person], without: Iterable[Person] = ()) -> list[Option]:
    """People to choose from; whom a complaint is about is never offered it."""
    out = {one.id for one in without}
    return [
        (one.id, f"{one.name} · {plain(one.job)}" if one.job else one.name, True)
        for one in people
        if one.id not in out
    ]


def department_options(departments: Iterable[Department]) -> list[Option]:
    """Departments to choose from."""
    return [(one.id, plain(one.name), True) for one in departments]


def category_options(categories: Iterable[Category]) -> list[Option]:
    """Categories to choose from."""
    return [(one.name, _(one.label), False) for one in categories]
