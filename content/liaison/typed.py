"""Reading what somebody typed into the forms of the liaison pages: every problem told beside its field."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

from content.errors import N_, Invalid, Message, msg

EARLIEST = date(2000, 1, 1)
FURTHEST = timedelta(days=366 * 3)  # how far ahead a date may lie
Problems = dict[str, list[Message]]


def add(problems: Problems, field: str, message: Message) -> None:
    """Note a problem of a field."""
    problems.setdefault(field, []).append(message)


def refuse(problems: Problems) -> None:
    """Raise ``Invalid`` with all problems, if there are any."""
    if problems:
        raise Invalid(problems)


def read_day(value: str | date | None, field: str, problems: Problems, today: date) -> date | None:
    """A day from a date field, full-width digits and slashes too; ``None`` and a problem where there is none."""
    if isinstance(value, date):
        return value
    text = unicodedata.normalize("NFKC", value or "").strip().replace("/", "-").replace(".", "-")
    if not text:
        add(problems, field, msg(N_("Please say which day.")))
        return None
    parts = text.split("-")
    try:
        found = date(*(int(part) for part in parts)) if len(parts) == 3 else date.fromisoformat(text)
    except (ValueError, TypeError, OverflowError):
        add(
            problems,
            field,
            msg(N_("This is not a date. Please write it as year-month-day, such as 2026-03-16.")),
        )
        return None
    if not EARLIEST <= found <= today + FURTHEST:
        add(problems, field, msg(N_("This day is too far away. Please check the year.")))
        return None
    return found


def one_line(value: str, field: str, longest: int, problems: Problems) -> str:
    """A text on one line without control characters."""
    text = " ".join("".join(c if c.isprintable() else " " for c in value or "").split())
    return _fits(text, field, longest, problems)


def lines(value: str, field: str, longest: int, problems: Problems) -> str:
    """A text of several lines, without control characters but line breaks."""
    text = (value or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or c.isprintable()).strip()
    return _fits(kept, field, longest, problems)


def _fits(text: str, field: str, longest: int, problems: Problems) -> str:
    if len(text) > longest:
        message = N_("This is %(typed)s characters long; there is room for %(longest)s. Please shorten it.")
        add(problems, field, msg(message, typed=len(text), longest=longest))
    return text
