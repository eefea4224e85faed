"""The audit: who did what to which record when. Nobody changes it."""

from __future__ import annotations

import re
from typing import Any

from peewee import JOIN, SQL, fn

from content import reception
from content.backoffice.declaring import Column, Filter, Register, Row
from content.backoffice.registers import finding
from content.backoffice.registers.deeds import DEEDS, THINGS
from content.cases import Case
from content.errors import N_, Message, msg
from content.history import AuditEntry
from content.people import Person

_KIND = re.compile(r"^(?:meeting|letter|household|try|pairing) ")


def _rows(person: Person) -> Any:
    """All entries but those of matters that the person may know nothing of, an administrator included."""
    # Asked of each entry that is looked at, which are few; a list of all matters would be made first.
    seen = Case.select(SQL("1")).where(Case.id == AuditEntry.case, reception.visible_cases(person))
    return (
        AuditEntry.select(AuditEntry, Person.id, Person.name, Person.username)
        .join(Person, JOIN.LEFT_OUTER, on=(AuditEntry.by == Person.id))
        .where(AuditEntry.case.is_null() | fn.EXISTS(seen))
    )


def _fields(row: Row) -> str:
    """Which fields were changed; never from what to what, which may be personal."""
    difference = row.difference or {}
    named = difference.get("fields")
    names = named if isinstance(named, list) else [name for name in difference if name != "digests"]
    return ", ".join(str(name) for name in names)


def _subject(row: Row) -> str:
    """What it was done to; the kind of record in front is said by the verb already."""
    return _KIND.sub("", str(row.subject))


def _about(thing: str) -> Any:
    # A range, so that the index serves it; "/" comes after the full stop.
    return (AuditEntry.verb > f"{thing}.") & (AuditEntry.verb < f"{thing}/")


def _deed(row: Row) -> str | Message:
    return msg(DEEDS[row.verb]) if row.verb in DEEDS else str(row.verb)


AUDIT = Register(
    name="audit",
    label=N_("Audit"),
    one=N_("Audit entry"),
    group="machine",
    permission="register:audit",
    help=N_("Who did what to which record when. Entries are written with every change and stay as they are."),
    key=AuditEntry.id,
    rows=_rows,
    columns=(
        Column("at", N_("When"), "time", sort=AuditEntry.at),
        Column("by", N_("By"), "name", value=lambda row: finding.name(row, "by")),
        Column("verb", N_("What"), "choice", choices=tuple(DEEDS.items()), own_words=False),
        Column("subject", N_("To what"), value=_subject),
        Column("fields", N_("Changed fields"), "name", value=_fields, listed=False),
    ),
    order=AuditEntry.id,
    filters=(
        Filter("by", N_("By"), "text", condition=lambda words: AuditEntry.by.in_(finding.persons(words))),
        Filter("thing", N_("To do with"), "choice", choices=tuple(THINGS.items()), condition=_about),
        Filter("verb", N_("What"), "choice", AuditEntry.verb, choices=tuple(DEEDS.items())),
        Filter("at", N_("When"), "dates", AuditEntry.at),
    ),
    search=lambda words: finding.among(AuditEntry, finding.has(AuditEntry.subject, words)),
    search_hint=N_("Title, number or user name of the record"),
    title=_deed,
    empty=N_("Nothing has been changed yet."),
)
