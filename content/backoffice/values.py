"""What a column holds of a row, and what its coded values are called."""

from __future__ import annotations

from typing import Any

from content.backoffice.declaring import Choices, Column, Register, Row
from content.backoffice.selecting import options
from content.errors import Message


def value_of(column: Column, row: Row) -> Any:
    """The value of a column in a row; ``None`` where the row has none."""
    return column.value(row) if column.value is not None else getattr(row, column.name)


class Labels:
    """What coded values are called. Choices that are asked of the database are asked for once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Choices, dict[Any, str]]] = {}

    def __call__(self, choices: Choices, value: Any) -> str | None:
        """The label of a value; ``None`` for one that is not among the choices."""
        known = self._known.get(id(choices))
        if known is None:
            known = self._known[id(choices)] = (choices, dict(options(choices)))
        return known[1].get(value)


def title_of(register: Register, row: Row) -> str | Message:
    """What a record is called: in its own words, or a message to say."""
    if register.title is not None:
        return register.title(row)
    found = value_of(register.columns[0], row)
    return found if isinstance(found, Message) else str("" if found is None else found)
