"""Guessing of any kind: ten wrong ones in a quarter of an hour, then the door waits (``content.throttle``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from content import throttle
from content.errors import Invalid
from content.signing_names import canonical


def name_of(what: str, whose: str = "") -> str:
    """Under what tries are counted: one line per kind of code and whom or what it belongs to."""
    return f"{what} {canonical(whose)}".strip()


@contextmanager
def counted(name: str, address: str) -> Iterator[None]:
    """One try. Raises ``TooManyTries`` before it if there were too many; one that ends in ``Invalid`` counts.

    It is counted outside of the transaction of the try, which is taken back.
    """
    throttle.check(name, address)
    try:
        yield
    except Invalid:
        throttle.note_failure(name, address)
        raise
