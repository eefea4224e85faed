"""What may be a password (NIST SP 800-63B): long enough, not among the commonest, not the person's own name.

No rule of composition and no date of expiry: any characters, spaces and Chinese, from 8 to 128 of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from content.errors import N_, Message, msg
from content.settings import Settings

SHORTEST, LONGEST = 8, 128  # characters after normalisation
MOST_MORE = 3  # characters that a name needs beside it to be no password all the same
# Of the Chinese-speaking world; the list of the package is mostly of the English-speaking one.
_HERE = (
    "woaini1314 woaini520 woaini123 5201314520 1314521 a123456789 aa123456 qq123456 qwe123456 zxc123456 "
    "asd123456 abc123456 123456abc 123456aa 123456789a 12345678a 1qaz2wsx3edc woaiwojia wodemima mima123456 "
    "taobao123 wang1234 zhang123 password1 5845201314 7758521521 password123 admin123 admin888 88888888a"
)
COMMON_HERE = frozenset(_HERE.split())

_hasher = PasswordHasher()
_site_name = ""


def configure(settings: Settings) -> None:
    """Know the name of the site, which is no password."""
    global _site_name
    _site_name = settings.site_name


def normal(password: str) -> str:
    """The password as it is hashed and compared: the same on every keyboard (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """A password as it is kept: argon2 of its normal form."""
    return _hasher.hash(normal(password))


def matches(kept: str, password: str) -> bool:
    """Whether the password is the one kept; as slow where none is kept, which nothing matches."""
    nobody = _nobody()  # whoever comes first waits for it, known or not
    plain = normal(password[: 4 * LONGEST])  # composing makes a text shorter, and longer ones cannot be it
    try:
        _hasher.verify(kept or nobody, plain[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept) and len(plain) <= LONGEST


@cache
def _nobody() -> str:
    """Verified against where there is no account, so that both answers take the same time.

    Made at the first sign-in: at every start it would cost a tenth of a second.
    """
    return _hasher.hash("nobody has this password")


def problem(password: str, names: Iterable[str] = ()) -> Message | None:
    """Why this cannot be a password, ``None`` if it can. ``names``: what the person and the site are called."""
    plain = normal(password)
    if len(plain) < SHORTEST:
        return msg(N_("A password has at least 8 characters."))
    if len(plain) > LONGEST:
        return msg(N_("A password has at most 128 characters."))
    folded = plain.casefold()
    if _repeats(folded) or _runs(folded):
        return msg(
            N_(
                "This password is too easy to guess: it repeats itself or counts up. Please choose another one."
            )
        )
    if folded in COMMON_HERE or is_common(folded):
        return msg(N_("This password is one of the commonest and is tried first. Please choose another one."))
    if any(_is_hardly_more_than(folded, name) for name in (*names, _site_name)):
        return msg(N_("This password is too close to your own name, number or the name of the portal."))
    return None


def is_common(folded: str) -> bool:
    """Whether it is among the 30,000 commonest. Read from the package's file each time: 240 KB that need not stay."""
    if "," in folded or '"' in folded:
        return False
    path = _list()
    if path is None:
        return False
    written = folded.replace("\\", "\\\\")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            name, _, words = line.partition(": ")
            if name.strip() == '"passwords"':
                return f",{written}," in f",{words.strip().strip(',').strip(chr(34))},"
    return False


def _list() -> Path | None:
    """The data file of zxcvbn; the package itself, with all its lists in memory, is not imported."""
    spec = find_spec("zxcvbn")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / "frequency_lists.py"
        if path.is_file():
            return path
    return None


def _repeats(folded: str) -> bool:
    """A piece of one to four characters again and again."""
    return any(all(char == folded[place % size] for place, char in enumerate(folded)) for size in range(1, 5))


def _runs(folded: str) -> bool:
    """Counting up or down, or along the alphabet: 12345678, 87654321, abcdefgh."""
    steps = {ord(after) - ord(before) for before, after in pairwise(folded)}
    return steps in ({1}, {-1}) or steps in ({1, -9}, {-1, 9})


def _is_hardly_more_than(folded: str, name: str) -> bool:
    known = normal(name).casefold().strip()
    if len(known) < 2:
        return False
    return len(folded.replace(known, "")) <= MOST_MORE and known in folded
