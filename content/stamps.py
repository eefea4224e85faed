"""Versions of records that keep no number: a digest of what a form shows, compared when it is saved."""

from __future__ import annotations

import hashlib

from content.errors import Conflict


def stamp(*values: object) -> str:
    """A short digest of some values; the same as long as none of them changed."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def check(given: str, *values: object) -> None:
    """Raise ``Conflict`` if the values are others than those from which ``given`` was made. To be called in the
    transaction of the change, with the values as they are stored now.
    """
    if given != stamp(*values):
        raise Conflict(0)
