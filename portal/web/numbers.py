"""Numbers that come from a browser: in addresses, queries and forms. One place reads them all."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import BaseConverter

LARGEST = 2**63 - 1  # what the database can hold
_DIGITS = re.compile(r"[0-9]{1,19}")


def number(text: str | None) -> int | None:
    """The whole number that a text says in plain digits; ``None`` for anything else, also above ``LARGEST``."""
    if not text or not _DIGITS.fullmatch(text):
        return None
    found = int(text)
    return found if found <= LARGEST else None


class NumberConverter(BaseConverter):
    """``<int:…>`` in addresses. There is nothing at a number too long for the database."""

    regex = r"[0-9]{1,18}"  # all below LARGEST, so that one more can be asked for, too
    weight = 50

    def to_python(self, value: str) -> int:
        return int(value)


def install(app: Flask) -> None:
    """Read the numbers of all addresses this way."""
    app.url_map.converters["int"] = NumberConverter
