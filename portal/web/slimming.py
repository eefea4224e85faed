"""Style sheets and modules without what only their authors need: comments, indents, blanks.

Small on purpose: what is not certain stays as it is. Names are not shortened and code is not rewritten, so an
error in a reader's browser still names the right line of thought, if not the right number.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# A string or url(…) of a sheet is kept whole; a comment goes; blanks become one.
_PIECES = re.compile(
    r"""(?P<kept>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\([^)]*\))|(?P<comment>/\*.*?\*/)|(?P<blank>\s+)""",
    re.S,
)
_AROUND = re.compile(r"\s?([{};,])\s?")
_LAST = re.compile(r";}")
_COLON = re.compile(r"(?<=[\w-]): ")
# Modules name each other by relative addresses.
_IMPORT = re.compile(r"""(\b(?:from|import)\s*)"(\.{1,2}/[^"]+)\"""")


def sheet(text: str) -> str:
    """A style sheet with the same meaning and fewer characters."""
    kept: list[str] = []

    def one(found: re.Match[str]) -> str:
        if found["kept"]:
            kept.append(found["kept"])
            return f"\0{len(kept) - 1}\0"
        return "" if found["comment"] else " "

    slim = _PIECES.sub(one, text).strip()
    slim = re.sub(r" {2,}", " ", slim)
    slim = _COLON.sub(":", _LAST.sub("}", _AROUND.sub(r"\1", slim)))
    return re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], slim)


def module(text: str) -> str:
    """A module without indents, empty lines and lines that are comments.

    A template literal that goes over several lines would change; a module that has one stays as it is.
    """
    lines = text.split("\n")
    if any(line.count("`") % 2 for line in lines) or "/*" in text:
        return text
    bare = (line.strip() for line in lines)
    return "\n".join(line for line in bare if line and not line.startswith("//")) + "\n"


def linked(text: str, address: Callable[[str], str]) -> str:
    """A module whose imports name the addresses that ``address`` gives for them."""
    return _IMPORT.sub(lambda found: f'{found[1]}"{address(found[2])}"', text)
