"""What may be entered of a building, a home or a resident: read, checked, and told field by field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from content import moment, telephones
from content.errors import N_, Invalid, Message, msg
from content.estate.folding import fold_building, fold_room
from content.households import TENURES

REQUIRED = msg(N_("Please fill this in."))
EARLIEST = date(1950, 1, 1)
AHEAD = 366  # days from today that somebody's moving in or out may be entered in advance
_MAIL = re.compile(r"[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;.]{2,}")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")

BUILDING_LENGTHS = {"name": 60, "phase": 40}
HOME_LENGTHS = {"unit": 20, "room": 20}
RESIDENT_LENGTHS = {"name": 100, "address_form": 20, "telephone": 40, "email": 200}
NO_DATE = msg(N_("Please write the day as 2026-03-16."))


class Reader:
    """Reads values one after the other and gathers what is wrong with them."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.problems: dict[str, list[Message]] = {}

    def wrong(self, field: str, message: Message) -> None:
        self.problems.setdefault(field, []).append(message)

    def line(self, field: str, longest: int, *, required: bool = False, width: bool = False) -> str:
        """One line of text; ``width`` makes full-width letters and digits plain ones."""
        text = clean(self.values.get(field, ""), width=width)
        if required and not text:
            self.wrong(field, REQUIRED)
        elif len(text) > longest:
            self.wrong(field, msg(N_("At most %(limit)s characters, please."), limit=longest))
        return text

    def read(self, field: str, reading: Callable[[str], Any], unreadable: Message) -> Any:
        """A value that a function reads from its text; ``None`` for an empty one."""
        text = clean(self.values.get(field, ""))
        if not text:
            return None
        found = reading(text)
        if found is None:
            self.wrong(field, unreadable)
        return found

    def done(self) -> None:
        """Raise ``Invalid`` with everything that is wrong."""
        if self.problems:
            raise Invalid(self.problems)


def clean(value: object, *, width: bool = False) -> str:
    """A line without what cannot be seen, white space single; a date as 2026-03-16."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, date) else str(value)
    text = unicodedata.normalize("NFKC" if width else "NFC", _INVISIBLE.sub(" ", text))
    return " ".join(text.split())


def read_date(text: str) -> date | None:
    """A day written as 2026-03-16, 2026/3/16, 2026.3.16, 2026年3月16日 or 20260316."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_area(text: str) -> int | None:
    """Hundredths of a square metre from 89.5, 89.5㎡ or 89.5 平方米; ``None`` for anything else."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").replace(",", "")
    found = re.fullmatch(
        r"([0-9]{1,5})(?:\.([0-9]+))?(?:m2|m\^2|平方米|平米|平方公尺|平)?", plain, re.IGNORECASE
    )
    if not found:
        return None
    rounded = round(float(f"{found[1]}.{found[2] or 0}") * 100)
    return rounded or None


def building_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Name and phase of a building. Raises ``Invalid``."""
    reader = Reader(values)
    name = reader.line("name", BUILDING_LENGTHS["name"], required=True, width=True)
    phase = reader.line("phase", BUILDING_LENGTHS["phase"], width=True)
    key = fold_building(name)
    if name and not key:
        reader.wrong("name", msg(N_("A building needs a number or a name, such as 3 or A.")))
    reader.done()
    return {"name": name, "phase": phase, "key": key[:60]}


def home_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Unit, room and floor area of a home. Raises ``Invalid``."""
    reader = Reader(values)
    unit = reader.line("unit", HOME_LENGTHS["unit"], width=True)
    room = reader.line("room", HOME_LENGTHS["room"], required=True, width=True)
    if room and not fold_room(room):
        reader.wrong("room", msg(N_("A room needs a number or a letter, such as 501.")))
    unreadable = msg(N_("Please write the area in square metres, such as 89.5."))
    area = reader.read("floor_area", read_area, unreadable)
    reader.done()
    return {"unit": unit, "room": room, "floor_area": area}


def resident_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is entered of a resident. Raises ``Invalid`` with all that is wrong."""
    reader = Reader(values)
    found: dict[str, Any] = {
        "name": reader.line("name", RESIDENT_LENGTHS["name"], required=True),
        "address_form": reader.line("address_form", RESIDENT_LENGTHS["address_form"]),
        "tenure": clean(values.get("tenure", "")),
        "telephone": reader.read("telephone", telephones.read, telephones.NOT_A_NUMBER) or "",
        "email": reader.line("email", RESIDENT_LENGTHS["email"]),
        "since": reader.read("since", read_date, NO_DATE),
    }
    if found["tenure"] not in TENURES:
        reader.wrong("tenure", msg(N_("Please say whether this is an owner or a tenant.")))
    if found["email"] and not _MAIL.fullmatch(found["email"]):
        reader.wrong("email", msg(N_("This is not a mail address. It looks like name@example.com.")))
    check_day(reader, "since", found["since"])
    reader.done()
    return found


def check_day(reader: Reader, field: str, day: date | None) -> None:
    """A day on which somebody moves in or out is between 1950 and a year from now."""
    if day is None:
        return
    latest = moment.today() + timedelta(days=AHEAD)
    if not EARLIEST <= day <= latest:
        said = {"first": EARLIEST.isoformat(), "last": latest.isoformat()}
        reader.wrong(field, msg(N_("The day must lie between %(first)s and %(last)s."), **said))
