"""New records and changed ones: what was typed is read, then the domain writes, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from content import permissions
from content.backoffice import listing
from content.backoffice.asking import Typed, read, typed_of
from content.backoffice.declaring import Input, Register, Row
from content.db import transaction
from content.errors import Conflict, NotAllowed, NotFound
from content.people import Person


def form_values(register: Register, row: Row) -> dict[str, Any]:
    """The values that the form of a row begins with."""
    if register.load is not None:
        return register.load(row)
    names = (input.name for input in register.inputs if input.type != "password")
    return {name: getattr(row, name) for name in names if hasattr(row, name)}


def filled(inputs: Sequence[Input], values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Values as a form holds them, by input; those that are missing as they are by default."""
    return {input.name: typed_of(input, values.get(input.name, input.default)) for input in inputs}


def version_of(register: Register, row: Row) -> str:
    """What tells one state of a record from another; "" where nobody can change it."""
    return register.version(row) if register.version is not None else ""


def create(person: Person | None, register: Register, typed: Typed) -> Any:
    """Make a record and return its key. Raises ``NotAllowed``, ``Invalid`` with the inputs' names."""
    who = listing.require(person, register)
    if register.create is None:
        raise NotFound()
    permissions.require(who, register.may_create or register.permission)
    values = read(who, register.inputs, typed)
    with transaction():
        return register.create(who, values)


def update(person: Person | None, register: Register, key: Any, typed: Typed, version: str) -> Row:
    """Change a record, and return it as it is then.

    Raises ``NotAllowed``, ``NotFound`` for what the person may not see, ``Invalid`` with the inputs' names, and
    ``Conflict`` if the record is not any more what the form was filled from.
    """
    who = _allowed(person, register)
    listing.one(who, register, key)  # whoever may not see it learns nothing of its fields
    values = read(who, [input for input in register.inputs if not input.only_new], typed)
    return _write(who, register, key, values, version)


def update_cell(
    person: Person | None, register: Register, key: Any, name: str, typed: Sequence[str], version: str
) -> Row:
    """Change the one value of a record that stands in a column of the list. Raises as ``update``."""
    who = _allowed(person, register)
    inplace = {column.inplace for column in register.columns if column.inplace}
    input = next((one for one in register.inputs if one.name == name and name in inplace), None)
    if input is None or input.only_new:
        raise NotFound()
    row = listing.one(who, register, key)
    inputs = [one for one in register.inputs if not one.only_new]
    # As if the whole form had been sent with this one value changed: the domain is told of every input.
    values = read(who, inputs, {**filled(inputs, form_values(register, row)), name: list(typed)})
    return _write(who, register, key, values, version)


def _allowed(person: Person | None, register: Register) -> Person:
    who = listing.require(person, register)
    if register.update is None:
        raise NotFound()
    permissions.require(who, register.may_update or register.permission)
    return who


def _write(person: Person, register: Register, key: Any, values: Mapping[str, Any], version: str) -> Row:
    with transaction():
        row = listing.one(person, register, key)
        if register.update is None:
            raise NotAllowed()
        if version_of(register, row) != version:
            raise Conflict(0)
        register.update(person, row, values, version)
    return listing.one(person, register, key)
