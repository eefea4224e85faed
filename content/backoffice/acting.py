"""Acts on one record or many: first what would happen to each, then each in a transaction of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import IntegrityError

from content import stamps
from content.backoffice import changing, listing
from content.backoffice.asking import Typed, read
from content.backoffice.declaring import Act, Register, Row
from content.db import transaction
from content.errors import N_, DomainError, Invalid, Message, NotFound, msg
from content.people import Person

MOST = 5_000  # records at once
GONE = N_("It is not there any more.")
CHANGED = N_("It has changed since you looked at it. Please look at it once more.")
_LOOKED_AT = re.compile(r"(.+)@([0-9a-f]{16})")


@dataclass(frozen=True)
class Preview:
    """What an act would do: with which records, with which not and why, and how many keys nobody may see."""

    will: list[Row]
    wont: list[tuple[Row, Message]]
    absent: int = 0


@dataclass
class Outcome:
    """What an act did. ``rest`` are the keys that it did not come to in its time."""

    done: list[Row] = field(default_factory=list)
    refused: list[tuple[Row | None, Message]] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)


def act_of(register: Register, name: str) -> Act:
    """The act of this name. Raises ``NotFound``."""
    found = next((act for act in register.acts if act.name == name), None)
    if found is None:
        raise NotFound()
    return found


def looked_at(register: Register, row: Row) -> str:
    """The key of a record with the state that it is shown in: an act on it is refused once the state is another."""
    return f"{listing.key_of(register, row)}@{stamps.stamp(changing.version_of(register, row))}"


def preview(person: Person | None, register: Register, act: Act, keys: Iterable[Any]) -> Preview:
    """What the act would do with the records of these keys, at most ``MOST``; changes nothing."""
    who = listing.require(person, register)
    wanted = _wanted(register, keys)
    rows = listing.rows_of(who, register, wanted)
    will: list[Row] = []
    wont: list[tuple[Row, Message]] = []
    for row in rows.values():
        why = act.refuses(who, row)
        if why is None:
            will.append(row)
        else:
            wont.append((row, why))
    return Preview(will, wont, len(wanted) - len(rows))


def run(
    person: Person | None,
    register: Register,
    act: Act,
    keys: Sequence[Any],
    typed: Typed | None = None,
    *,
    seconds: float = 8.0,
) -> Outcome:
    """Do it with each record, one transaction each, for about so many seconds; the rest is handed back.

    Each record is looked up and asked again in its transaction: what cannot be done any more is refused, and so is
    what changed at all since the preview, where its key is as ``looked_at`` gave it there.
    Raises ``Invalid`` for what was typed into the act's inputs, before anything is done.
    """
    who = listing.require(person, register)
    values = read(who, act.inputs, typed or {})
    wanted = list(_wanted(register, keys).items())
    outcome, end = Outcome(), time.monotonic() + seconds
    for place, (key, seen) in enumerate(wanted):
        if place and time.monotonic() > end:
            outcome.rest = [f"{key}@{seen}" if seen else key for key, seen in wanted[place:]]
            break
        _do(who, register, act, key, seen, values, outcome)
    return outcome


def _wanted(register: Register, keys: Iterable[Any]) -> dict[str, str]:
    """The keys, each once, with the state that they were looked at in; "" where that does not matter."""
    found: dict[str, str] = {}
    for text in map(str, keys):
        parts = _LOOKED_AT.fullmatch(text)
        key, seen = parts.groups() if parts else (text, "")
        known = listing.read_key(register, key)
        name = key if known is None else str(known)
        if name in found or len(found) < MOST:
            found[name] = found.get(name) or seen
    return found


def _do(
    person: Person,
    register: Register,
    act: Act,
    key: str,
    seen: str,
    values: dict[str, Any],
    outcome: Outcome,
) -> None:
    row: Row | None = None
    try:
        with transaction():
            row = listing.one(person, register, key)
            changed = seen and seen != stamps.stamp(changing.version_of(register, row))
            why = msg(CHANGED) if changed else act.refuses(person, row)
            if why is None:
                act.run(person, row, values)
    except NotFound:
        why = msg(GONE)
    except Invalid as error:
        why = next((message for messages in error.fields.values() for message in messages), error.message)
    except DomainError as error:
        why = error.message
    except IntegrityError:
        why = msg(N_("Something else needs it, or it would exist twice."))
    if why is None:
        outcome.done.append(row)
    else:
        outcome.refused.append((row, why))
