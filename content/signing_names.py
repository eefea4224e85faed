"""What somebody signs in with, in one spelling: a telephone, a mail address or a user name."""

from __future__ import annotations

import unicodedata

from content import telephones


def mail_key_of(address: str) -> str | None:
    """A mail address as it is compared; ``None`` if it cannot be one."""
    plain = _plain(address)
    before, at, after = plain.rpartition("@")
    whole = before and at and "." in after.strip(".") and not any(char.isspace() for char in plain)
    return plain if whole and len(plain) <= 200 else None


def canonical(who: str) -> str:
    """The same for all spellings of a telephone, a mail address or a user name; failed tries are counted under it."""
    return telephones.read(who) or mail_key_of(who) or _plain(who)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:400]).strip().casefold()
