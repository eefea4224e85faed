"""Values of records as readers see them, and the navigation of the back office."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask, g
from flask_admin import Admin
from markupsafe import Markup, escape

from content.backoffice.declaring import GROUPS, Choices, Column, Register, Row
from content.backoffice.selecting import options
from content.backoffice.values import Labels, title_of, value_of
from content.errors import N_, Message
from portal.web import dates, shown
from portal.web.context import money
from portal.web.i18n import say

EXCERPT = 140  # characters of a long text in a list
YES, NO = N_("Yes"), N_("No")


def words(value: Any, own_words: bool = True) -> Markup:
    """A text: what people typed as content in the reader's script, our own words translated."""
    if isinstance(value, Message):
        return escape(say(value))
    text = str(value)
    return shown.shown(text) if own_words else escape(say(text))


def cell(column: Column, row: Row, short: bool = False) -> Markup:
    """The value of a column; ``short`` leaves the rest of a long text to the record's own page."""
    value = value_of(column, row)
    if value is None or value == "":
        return Markup("")
    if isinstance(value, Message):
        return escape(say(value))
    if column.type == "choice":
        label = _labels()(column.choices, value)
        return words(value) if label is None else escape(say(label))
    if column.type == "yes":
        mark = Markup('<span aria-hidden="true">{}</span> ').format("✓" if value else "–")
        return mark + say(YES if value else NO)
    if isinstance(value, datetime | date):
        return dates.when(value)
    if column.type in ("number", "money"):
        return escape(money(value) if column.type == "money" else value)
    if column.type == "name":
        return shown.name(str(value))
    text = str(value)
    if short and column.type == "long" and len(text) > EXCERPT:
        text = text[:EXCERPT].rstrip() + "…"
    return words(text, column.own_words)


def _labels() -> Labels:
    """The labels that this page has asked for so far."""
    if "office_labels" not in g:
        g.office_labels = Labels()
    found: Labels = g.office_labels
    return found


def record_title(register: Register, row: Row) -> Markup:
    """What a record is called."""
    first = register.columns[0]
    if register.title is None and first.type != "text":
        return cell(first, row, short=True) or escape(str(row))
    title = title_of(register, row)
    if first.type == "name" and not isinstance(title, Message):
        return shown.name(title) or Markup("—")
    return words(title) or Markup("—")


def plain_title(register: Register, row: Row) -> str:
    """The same for the title of a window."""
    return record_title(register, row).striptags()


def labelled(choices: Choices, own_words: bool) -> list[tuple[Any, str]]:
    """Choices with their labels as text."""
    return [(value, shown.plain(label) if own_words else say(label)) for value, label in options(choices)]


def navigation(office: Admin) -> list[tuple[str, list[Any]]]:
    """The views that the reader may enter, by heading; those without a heading first."""
    views = [view for view in office._views if view.in_navigation and view.is_accessible()]
    headings = ("", *GROUPS)
    found = [(say(GROUPS[name]) if name else "", [v for v in views if v.group == name]) for name in headings]
    return [(heading, some) for heading, some in found if some]


def install(app: Flask, office: Admin) -> None:
    """Give the templates of the back office what they draw with."""
    app.jinja_env.globals.update(
        office_navigation=lambda: navigation(office),
        office_cell=cell,
        office_title=record_title,
        office_plain_title=plain_title,
        office_words=words,
        office_labelled=labelled,
    )
