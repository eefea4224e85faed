"""Codes that people read from paper and type: made, folded to one spelling, kept as a digest."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata

# Nothing that looks like something else on paper or sounds like it on the telephone: no 0 O, 1 I L, 5 S, 2 Z, 8 B, U V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"


def make(length: int, group: int) -> str:
    """A random code in groups: CH7X-M4KD."""
    plain = "".join(secrets.choice(ALPHABET) for _ in range(length))
    return "-".join(plain[place : place + group] for place in range(0, length, group))


def fold(typed: str) -> str:
    """A code as it was meant: NFKC, capitals, only letters and digits."""
    return "".join(char for char in unicodedata.normalize("NFKC", typed[:200]).upper() if char.isalnum())


def digest_of(typed: str, *, of: str = "") -> str:
    """What is kept of a code; ``of`` ties it to one person, so that equal codes of two are told apart."""
    return hashlib.sha256((of + fold(typed)).encode()).hexdigest()
