"""Numbers that come from a browser: in addresses, queries and forms. One place reads them all."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

LARGEST = 2**63 - 1  # what the database can hold
_DIGITS = re.compile(r"[0-9]{1,19}")


def number(text: str | None) -> int | None:
    """The whole number that a text says in plain digits; ``None`` for anything else, also above ``LARGEST``."""
    if not text or not _DIGITS.fullmatch(text):
        return None
    found = int(text)
    return found if found <= LARGEST else None


class NumberConverter(BaseConverter):
    """``<int:…>`` in addresses: a number that the database can hold; there is nothing at any other."""

    regex = r"[0-9]{1,19}"
    weight = 50

    def to_python(self, value: str) -> int:
        found = number(value)
        if found is None:
            raise ValidationError()
        return found


def install(app: Flask) -> None:
    """Read the numbers of all addresses this way."""
    app.url_map.converters["int"] = NumberConverter
