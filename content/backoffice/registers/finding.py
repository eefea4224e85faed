"""How registers are searched and how records are looked up for a form: each way of finding is served by an index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import add, or_
from typing import Any

from peewee import Expression

from content import chinese, moment, telephones
from content.backoffice.declaring import Row
from content.errors import N_, Message, msg
from content.items import Section
from content.people import Community, Department, Person, Site
from content.signing_names import mail_key_of

FOUND = 20  # records that are offered
FEW = 2_000  # records that are named one by one
FEWEST_DIGITS = 4  # of the end of a telephone number
Found = Sequence[tuple[Any, str]]


def among(model: Any, *arms: Any) -> Any:
    """The condition for rows that one of the arms finds.

    Few are looked for arm by arm, each in its index, and named by their numbers. What finds many is met soon by
    whoever walks through the table; a list of them all would have to be made first.
    """
    each = reduce(
        add, [model.select(model.id).where(arm) for arm in arms]
    )  # one after the other, until enough
    found = {key for (key,) in each.limit(FEW + 1).tuples()}
    return reduce(or_, arms) if len(found) > FEW else model.id.in_(sorted(found))


def spellings(words: str) -> list[str]:
    """Words in either script, since everybody writes in their own."""
    return list(dict.fromkeys((words, chinese.convert(words, "hant"), chinese.convert(words, "hans"))))


def has(column: Any, words: str) -> Any:
    """That a text holds the words, in either script; small and capital letters are the same."""
    return reduce(or_, [column.contains(one) for one in spellings(words)])


def called(column: Any, words: str) -> Any:
    """That a name holds what was typed. Names of people are never converted."""
    return column.contains(words)


def reached(column: Any, words: str) -> Any | None:
    """That a telephone is the one that was typed, or ends so; ``None`` if no number was typed."""
    number = telephones.read(words)
    if number is not None:
        return column == number
    digits = re.sub(r"[\s\-().+]", "", words)
    if digits.isascii() and digits.isdecimal() and len(digits) >= FEWEST_DIGITS:
        return column.endswith(digits)
    return None


def persons(words: str) -> Any:
    """The numbers of the accounts that are called so, sign in so or are reached so."""
    return Person.select(Person.id).where(known_as(words))


def known_as(words: str) -> Expression:
    """The condition on ``Person`` for a name, a user name, a mail address or a telephone."""
    arms = [called(Person.name, words), Person.username == words]
    mail, telephone = mail_key_of(words), reached(Person.phone_key, words)
    if mail is not None:
        arms.append(Person.mail_key == mail)
    if telephone is not None:
        arms.append(telephone)
    return among(Person, *arms)


# ---- looked up for a form


def staff_named(person: Person, words: str) -> Found:
    """Open accounts that are called so."""
    rows = Person.select().where(known_as(words), Person.active == True, Person.system == False)  # noqa: E712
    return [(row.id, _titled(row)) for row in rows.order_by(Person.id).limit(FOUND)]


def name_of_person(person: Person, key: Any) -> str:
    """What somebody is called; "" for nobody."""
    row = Person.get_or_none((Person.id == key) & (Person.system == False))  # noqa: E712
    return _titled(row) if row is not None else ""


def _titled(row: Person) -> str:
    return " · ".join(part for part in (row.name, row.job, row.username) if part)


def sections_named(person: Person, words: str) -> Found:
    """Sections whose title holds the words, with those above them."""
    rows = Section.select().where(has(Section.title, words), Section.trashed_at.is_null())
    found = list(rows.order_by(Section.path).limit(FOUND))
    titles = _titles(found)
    return [(row.id, _path_of(row, titles)) for row in found]


def name_of_section(person: Person, key: Any) -> str:
    """A section with those above it; "" for none, or one in the trash."""
    row = Section.get_or_none((Section.id == key) & Section.trashed_at.is_null())
    return _path_of(row, _titles([row])) if row is not None else ""


def all_sections() -> Found:
    """Every section that is not in the trash, as the tree has them."""
    rows = list(Section.select().where(Section.trashed_at.is_null()).order_by(Section.path))
    titles = _titles(rows)
    return sorted(((row.id, _path_of(row, titles)) for row in rows), key=lambda one: one[1])


def _titles(rows: Sequence[Section]) -> dict[int, str]:
    ids = {int(part) for row in rows for part in row.path.strip("/").split("/")}
    found: Any = Section.select(Section.id, Section.title).where(Section.id.in_(ids)).tuples()
    return dict(found)


def _path_of(row: Section, titles: dict[int, str]) -> str:
    return " › ".join(titles.get(int(part), "?") for part in row.path.strip("/").split("/"))


def communities() -> Found:
    """All communities."""
    return [(row.id, row.name) for row in Community.select().order_by(Community.id)]


def departments() -> Found:
    """All departments, in the order of the directory."""
    rows = Department.select().order_by(Department.position, Department.id)
    return [(row.id, row.name) for row in rows]


def sites() -> Found:
    """All sites."""
    return [(row.id, row.name) for row in Site.select().order_by(Site.id)]


# ---- of a row


def name(row: Row, attribute: str, of: str = "name") -> str:
    """A value of a record that a row is joined with; "" where there is none."""
    joined = getattr(row, attribute, None)
    return str(getattr(joined, of, "") or "") if joined is not None else ""


# ---- what several registers say of a row


def term(row: Row) -> str:
    """Where today lies in what a row lasts, from ``since`` until ``until``: "ahead", "holds" or "ended"."""
    today = moment.today()
    if row.until is not None and row.until < today:
        return "ended"
    return "ahead" if row.since is not None and row.since > today else "holds"


def not_trashed(person: Person, row: Row) -> Message | None:
    """Why a row cannot be taken out of the trash."""
    return msg(N_("This is not in the trash.")) if row.trashed_at is None else None
