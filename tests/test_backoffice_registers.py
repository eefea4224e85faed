"""What holds for every register of the back office, whatever it lists."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from babel.messages.pofile import read_po

import content
from content import permissions
from content.accounts import places
from content.backoffice import acting, changing, listing, selecting
from content.backoffice.declaring import GROUPS, Input, Register
from content.backoffice.registers import REGISTERS
from content.backoffice.registers.deeds import DEEDS, THINGS
from content.backoffice.values import value_of
from content.db import database
from content.errors import Message, NotAllowed, NotFound
from content.settings import Settings
from tests import registers
from tests.forms import counted
from tests.test_translations import LOCALES, ROOT

BY_NAME = [pytest.param(one, id=one.name) for one in REGISTERS]
HIDING = ("matters", "ratings", "pairings", "meetings", "promises", "audit")
SEARCHED = (
    "停水",
    "keeper",
    "137 0013 7000",
    "7000",
    "3-2-501",
    "%_'\"\\",
    "keeper@example.com",
    "１３７",
    "x" * 100,
)
every_register = pytest.mark.parametrize("register", BY_NAME)


@pytest.fixture
def full(house: SimpleNamespace, settings: Settings) -> SimpleNamespace:
    return registers.filled(house, settings)


def inputs_of(register: Register) -> Iterator[Input]:
    yield from register.inputs
    for act in register.acts:
        yield from act.inputs


def values_of(filter: Any) -> list[Any]:
    """Values that a reader could choose."""
    if filter.type == "choice":
        return [value for value, _ in selecting.options(filter.choices)]
    return {
        "yes": [True, False],
        "text": ["管", "administrator"],
        "number": [1],
        "dates": [(date(2026, 3, 16), None), (None, date(2026, 3, 15)), (None, None)],
    }[filter.type]


# ---- declarations


def test_names_and_permissions() -> None:
    assert len({one.name for one in REGISTERS}) == len(REGISTERS)
    assert sorted(one.name for one in REGISTERS) == sorted(permissions.REGISTERS)
    assert [one.name for one in REGISTERS if one.permission != f"register:{one.name}"] == []
    assert {one.group for one in REGISTERS} == set(GROUPS)


@every_register
def test_a_declaration_is_whole(register: Register) -> None:
    for what in (register.columns, register.filters, register.inputs, register.acts):
        assert len({one.name for one in what}) == len(what)
    names = {one.name for one in register.inputs if not one.only_new}
    assert {column.inplace for column in register.columns if column.inplace} <= names
    assert bool(register.update) == bool(register.version and register.inputs)
    assert register.help.endswith(".")
    assert register.empty.endswith((".", "?"))
    assert all(act.explains.endswith(".") for act in register.acts)
    assert bool(register.search) == bool(register.search_hint)
    for input in inputs_of(register):
        assert (input.type == "pick") == bool(input.find and input.name_of), input.name
        assert input.type not in ("choice", "choices") or input.choices, input.name
        assert 0 < input.max_length <= 5000


@pytest.mark.parametrize("locale", LOCALES)
def test_every_label_is_translated(db: Any, locale: str) -> None:
    path = ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po"
    held = {one.id: one.string for one in read_po(io.BytesIO(path.read_bytes())) if isinstance(one.id, str)}
    said: set[str] = set(GROUPS.values())
    for one in REGISTERS:
        said |= {one.label, one.one, one.help, one.empty, one.search_hint}
        for what in (*one.columns, *one.filters, *inputs_of(one), *one.acts):
            said |= {what.label, getattr(what, "help", ""), getattr(what, "explains", "")}
            choices = getattr(what, "choices", ())
            if choices and not what.own_words:
                said |= {label for _, label in selecting.options(choices)}
    words = {one for one in said if re.search("[A-Za-z]", one)}
    assert sorted(one for one in words if not held.get(one)) == []


@every_register
def test_what_is_sorted_by_has_an_index(db: Any, register: Register) -> None:
    for field in [register.order, *(one.sort for one in register.columns if one.sort is not None)]:
        if field.primary_key:
            continue
        table = field.model._meta.table_name
        first = {
            database.execute_sql(f'PRAGMA index_info("{row[1]}")').fetchone()[2]
            for row in database.execute_sql(f'PRAGMA index_list("{table}")').fetchall()
        }
        assert field.column_name in first, (register.name, field.name)


# ---- reading


@every_register
def test_there_is_something_in_it_and_each_column_sort_filter_and_search_works(
    full: SimpleNamespace, register: Register
) -> None:
    person = full.keeper
    page = listing.page(person, register, size=200)
    assert page.rows, "the tests would say nothing"
    keys = {listing.key_of(register, row) for row in page.rows}
    for column in register.columns:
        for row in page.rows:
            value_of(column, row)
        if column.sort is not None:
            for descending in (True, False):
                sorted_ = listing.page(person, register, sort=column.name, descending=descending, size=200)
                assert {listing.key_of(register, row) for row in sorted_.rows} == keys
    for filter in register.filters:
        for value in values_of(filter):
            listing.page(person, register, filters={filter.name: value})
    for words in SEARCHED:
        listing.page(person, register, words=words)


@every_register
def test_yes_and_no_of_a_filter_are_all_there_is(full: SimpleNamespace, register: Register) -> None:
    """What neither side of a filter shows is lost to who filters."""
    person = full.keeper
    whole = listing.count(person, register, listing.Selection())
    for filter in register.filters:
        if filter.type == "yes":
            parts = [
                listing.count(person, register, listing.Selection(filters={filter.name: value}))
                for value in (True, False)
            ]
            assert sum(parts) == whole, filter.name


@every_register
def test_a_page_asks_no_more_for_many_rows(full: SimpleNamespace, register: Register) -> None:
    def questions(size: int) -> int:
        with counted() as asked:
            for row in listing.page(full.keeper, register, size=size).rows:
                for column in register.columns:
                    value_of(column, row)
                for tell in (register.title, register.address):
                    if tell is not None:
                        tell(row)
        return len(asked)

    assert questions(1) >= 1
    assert questions(50) <= questions(1) <= 6


@every_register
def test_nothing_secret_is_told(full: SimpleNamespace, register: Register) -> None:
    """No digest of a password, token, code, private note, nor the words of a matter, wherever a row is shown."""
    told: list[str] = []
    for row in listing.page(full.keeper, register, size=200).rows:
        told += [str(value_of(column, row)) for column in register.columns]
        told += [
            str(register.title(row)) if register.title else "",
            str(register.load(row)) if register.load else "",
        ]
        told += [register.address(row) if register.address else ""]
    text = "\n".join(told)
    assert [secret for secret in full.secrets if secret in text] == []


@every_register
def test_acts_say_of_each_row_whether_they_would(full: SimpleNamespace, register: Register) -> None:
    for row in listing.page(full.keeper, register, size=200).rows:
        for act in register.acts:
            assert isinstance(act.refuses(full.keeper, row), Message | None)


# ---- who sees it


@every_register
def test_only_an_administrator_of_everything_sees_it(full: SimpleNamespace, register: Register) -> None:
    for role, person in full.house.people.items():
        if role != "administrator":
            with pytest.raises(NotAllowed):
                listing.page(person, register)
    with pytest.raises(NotAllowed):
        listing.page(None, register)


@pytest.mark.parametrize("name", HIDING)
def test_what_is_hidden_cannot_be_opened_changed_written_out_or_acted_upon(
    full: SimpleNamespace, name: str
) -> None:
    """An administrator's role opens neither matters nor the liaison scheme, by number either."""
    register, admin = registers.named(name), full.admin
    seen = {listing.key_of(register, row) for row in listing.page(admin, register, size=200).rows}
    hidden = {
        listing.key_of(register, row) for row in listing.page(full.keeper, register, size=200).rows
    } - seen
    assert hidden, "the tests would say nothing"
    for key in hidden:
        with pytest.raises(NotFound):
            listing.one(admin, register, key)
        with pytest.raises(NotFound):
            changing.update(admin, register, key, {}, "")
        for act in register.acts:
            preview = acting.preview(admin, register, act, [key])
            assert (preview.will, preview.wont, preview.absent) == ([], [], 1)
    rows, _ = listing.following(admin, register, listing.Selection(), None, 500)
    assert hidden.isdisjoint({listing.key_of(register, row) for row in rows})
    assert listing.count(admin, register, listing.Selection()) == len(seen)


def test_a_complaint_about_whoever_sees_everything_else_is_nowhere(full: SimpleNamespace) -> None:
    """R-004: in no list, search, filter, count, act or export, and not in the audit."""
    keeper, complaint = full.keeper, full.complaint
    matters, audit = registers.named("matters"), registers.named("audit")
    numbers = {row.number for row in listing.page(keeper, matters).rows}
    assert full.case.number in numbers
    assert complaint.number not in numbers
    for words in (complaint.number, "王大明", "138 0013 8000"):
        rows = listing.page(keeper, matters, words=words).rows
        assert complaint.number not in {row.number for row in rows}
    assert listing.page(keeper, matters, filters={"category": "complaint"}).count == 0
    assert listing.page(keeper, audit, words=complaint.number).count == 0
    assert listing.page(keeper, audit, words=full.case.number).count > 0
    for act in matters.acts:
        assert acting.run(keeper, matters, act, [complaint.id], {"owner": [str(keeper.id)]}).done == []
    head = full.house.general_manager
    with pytest.raises(NotAllowed):  # nor does the role alone that sees it open the back office
        listing.page(head, matters)


def test_rows_of_matters_hold_no_more_than_their_columns(full: SimpleNamespace) -> None:
    """Not even loaded, so that no page and no file can show it by mistake."""
    unwanted = {"original", "code", "salt", "words", "caller_name", "caller_telephone", "intake_key"}
    for name in ("matters", "ratings"):
        for row in listing.page(full.keeper, registers.named(name)).rows:
            assert unwanted.isdisjoint(row.__data__)
    for row in listing.page(full.keeper, registers.named("meetings")).rows:
        assert {"private_note", "counselor_note"}.isdisjoint(row.__data__)
    for row in listing.page(full.keeper, registers.named("post")).rows:
        assert "context" not in row.__data__
    for row in listing.page(full.keeper, registers.named("people")).rows:
        assert "password_hash" not in row.__data__


def test_every_verb_of_the_audit_has_a_name() -> None:
    """What is written down is read by people: no code without words, and no words without a code."""
    nouns = "|".join(THINGS)
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for path in Path(content.__file__).parent.rglob("*.py")
        if path.name != "deeds.py"
    )
    written = {
        *re.findall(rf'"((?:{nouns})\.[a-z_-]+)"', source),
        *(f"{one}.{what}" for one in places.VERBS.values() for what in ("made", "edited")),
    } - {"site.made"}
    assert written == set(DEEDS)
    assert {verb.partition(".")[0] for verb in DEEDS} == set(THINGS)


def test_the_audit_is_filtered_by_what_it_is_about(full: SimpleNamespace) -> None:
    audit = registers.named("audit")
    whole = listing.page(full.keeper, audit, size=200).rows
    some = listing.page(full.keeper, audit, filters={"thing": "person"}, size=200).rows
    assert {row.id for row in some} == {row.id for row in whole if row.verb.startswith("person.")}
    assert 0 < len(some) < len(whole) < 200
