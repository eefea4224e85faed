"""What was typed into a register's inputs, as values for the domain; what cannot be meant is said beside its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from peewee import DoesNotExist

from content import moment
from content.backoffice.declaring import Input
from content.backoffice.selecting import LARGEST, options
from content.errors import N_, DomainError, Invalid, Message, msg
from content.people import Person

Typed = Mapping[str, Sequence[str]]  # the texts that a form sent, by input; several for "choices"
MISSING = N_("Please fill this in.")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"-?[0-9]{1,18}")


class Wrong(Exception):
    """A value that cannot be accepted, and why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


def read(person: Person, inputs: Sequence[Input], typed: Typed) -> dict[str, Any]:
    """The values of some inputs: texts, numbers, days, moments (aware), yes or no, and what was chosen.

    Texts that are empty are "", everything else that is empty is ``None``. Raises ``Invalid`` with the inputs' names.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, list[Message]] = {}
    for input in inputs:
        try:
            values[input.name] = read_one(person, input, typed.get(input.name, ()))
        except Wrong as error:
            wrong[input.name] = [error.message]
    if wrong:
        raise Invalid(wrong)
    return values


def read_one(person: Person, input: Input, texts: Sequence[str]) -> Any:
    """The value of one input. Raises ``Wrong``."""
    if input.type == "yes":
        return any(text == "1" for text in texts)
    if input.type == "choices":
        found = [_choice(person, input, text) for text in texts if text]
        if input.required and not found:
            raise Wrong(msg(MISSING))
        return found
    text = _CONTROL.sub("", texts[0]) if texts else ""
    if input.type != "password":
        text = text.replace("\r\n", "\n").strip()
    if not text:
        return _nothing(input)
    if len(text) > input.max_length and input.type in ("line", "text", "password"):
        raise Wrong(msg(N_("Please use at most %(limit)s characters."), limit=input.max_length))
    return _READERS[input.type](person, input, text)


def _nothing(input: Input) -> Any:
    blank = any(value == "" for value, _ in options(input.choices)) if input.type == "choice" else False
    if input.required and not blank:
        raise Wrong(msg(MISSING))
    return "" if blank or input.type in ("line", "text", "password") else None


def _line(person: Person, input: Input, text: str) -> str:
    return " ".join(text.split())


def _text(person: Person, input: Input, text: str) -> str:
    return text


def _number(person: Person, input: Input, text: str) -> int:
    if not _NUMBER.fullmatch(text) or abs(int(text)) > LARGEST:
        raise Wrong(msg(N_("Please type a whole number.")))
    value = int(text)
    if input.lowest is not None and value < input.lowest:
        raise Wrong(msg(N_("Please type %(limit)s or more."), limit=input.lowest))
    if input.highest is not None and value > input.highest:
        raise Wrong(msg(N_("Please type %(limit)s or less."), limit=input.highest))
    return value


def _date(person: Person, input: Input, text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Wrong(msg(N_("Please type a day like 2026-03-16."))) from None
    if not 1900 <= found.year <= 9998:
        raise Wrong(msg(N_("Please type a day like 2026-03-16.")))
    return found


def _time(person: Person, input: Input, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if not 1900 <= found.year <= 9998:
            raise ValueError(text)
    except ValueError:
        raise Wrong(msg(N_("Please type a day and time like 2026-03-16 09:30."))) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=moment.local(moment.now()).tzinfo)
    return found.astimezone(UTC)


def _choice(person: Person, input: Input, text: str) -> Any:
    for value, _label in options(input.choices):
        if str(value) == text:
            return value
    raise Wrong(msg(N_("Please choose one of the list.")))


def _pick(person: Person, input: Input, text: str) -> Any:
    """The key that was chosen, if the person may see what it belongs to."""
    key = int(text) if _NUMBER.fullmatch(text) else None
    try:
        found = input.name_of(person, key) if input.name_of and key is not None else ""
    except (DomainError, DoesNotExist, LookupError):
        found = ""
    if not found:
        raise Wrong(msg(N_("There is no such entry any more. Please look it up once more.")))
    return key


_READERS: dict[str, Callable[[Person, Input, str], Any]] = {
    "line": _line,
    "text": _text,
    "password": _text,
    "number": _number,
    "date": _date,
    "time": _time,
    "choice": _choice,
    "pick": _pick,
}


def typed_of(input: Input, value: Any) -> list[str]:
    """A value as a form holds it; the reverse of ``read_one``."""
    if value is None or value == "":
        return []
    if input.type == "choices":
        return [str(one) for one in value]
    if input.type == "yes":
        return ["1"] if value else []
    if isinstance(value, datetime):
        return [f"{moment.local(value):%Y-%m-%dT%H:%M}"]
    return [value.isoformat() if isinstance(value, date) else str(value)]
