"""The fields of a record of an export, each checked before anything is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from content.errors import N_, msg
from content.items import COMMON, ContentType
from content.transfer.decoding import Unreadable

Record = Mapping[str, Any]

MOST = 2**31 - 1
_TEXTUAL = {"line", "text", "rich", "choice", "audience", "picture", "item", "date", "datetime"}


def bad(field: str) -> Unreadable:
    """The refusal that names the field."""
    return Unreadable(msg(N_("The field “%(field)s” of this record is not what it should be."), field=field))


def words(record: Record, field: str, most: int, *, least: int = 0) -> str:
    """A text of ``least`` to ``most`` characters. Raises ``Unreadable``, as all of these do."""
    value = record.get(field)
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise bad(field)
    return value


def form(record: Record, field: str, pattern: str) -> str:
    """A text of a certain form."""
    value = record.get(field)
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise bad(field)
    return value


def uid(record: Record, field: str = "uid") -> str:
    """A permanent identifier."""
    return form(record, field, "[0-9a-f]{32}")


def whole(record: Record, field: str, least: int = -MOST) -> int:
    """A whole number that a column takes."""
    value = record.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
        raise bad(field)
    return value


def flag(record: Record, field: str) -> bool:
    """True or false."""
    value = record.get(field)
    if not isinstance(value, bool):
        raise bad(field)
    return value


def time(record: Record, field: str, *, needed: bool = False) -> datetime | None:
    """A moment with its zone, from 1970 to 2200, or nothing unless it is needed."""
    value = record.get(field)
    if value is None and not needed:
        return None
    try:
        found = datetime.fromisoformat(value)  # type: ignore[arg-type]  # what is no text raises
    except (TypeError, ValueError):
        raise bad(field) from None
    if found.tzinfo is None or not 1970 <= found.year <= 2200:
        raise bad(field)
    return found


def textual(kind: ContentType, values: Record) -> None:
    """Refuse what is no text where the kind has a text; what it says is for the cleaning to check."""
    for spec in (*COMMON, *kind.fields):
        if spec.type in _TEXTUAL and not isinstance(values.get(spec.name, ""), str | None):
            raise bad(spec.name)


def clause_uids(values: Record) -> None:
    """Refuse clauses whose identifiers are none, or two of which have the same."""
    clauses = values.get("clauses") or ()
    found = [uid(clause) for clause in clauses if clause.get("uid")]
    if len(set(found)) != len(found):
        raise Unreadable(msg(N_("Two clauses of this document have the same uid.")))
