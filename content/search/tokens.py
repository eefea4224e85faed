"""From folded text to what the index holds: overlapping pairs of Chinese characters, whole words and numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Scripts written without spaces: ideographs, kana, hangul.
CJK = r"々〆〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
_RUNS = re.compile(rf"([{CJK}]+)|(\d+(?:\.\d+)+|[^\W{CJK}]+)")
# A character of a word or number that is written with spaces around.
LETTER = rf"[^\W{CJK}]"
# 4.7.2, 四(三)2, 第三条, 附件2~2: what the number of a clause looks like when it is typed.
_LABEL = re.compile(
    r"[第(]?[\d一二三四五六七八九十百零〇](?:[\d一二三四五六七八九十百零〇.()a-z~-]|[条章节款项篇部分编])*\Z"
)


@dataclass(frozen=True)
class Token:
    """A key of the index; ``prefix`` stands for all keys that begin with it."""

    text: str
    prefix: bool = False


def index_tokens(folded: str) -> list[str]:
    """The keys under which folded text is found.

    The last character of each run is a key too, so that a single character, asked for as a prefix of pairs,
    is found wherever it stands.
    """
    found: list[str] = []
    for run, word in _RUNS.findall(folded):
        if word:
            found.append(word)
        else:
            found += [run[n : n + 2] for n in range(len(run))]
    return found


def query_tokens(needle: str, prefix: bool = False) -> tuple[Token, ...]:
    """The keys that a text must have to contain ``needle``; with ``prefix`` its last word may go on."""
    found: list[Token] = []
    matches = list(_RUNS.finditer(needle))
    for n, match in enumerate(matches):
        run, word = match[1], match[2]
        if word:
            found.append(Token(word, prefix and n == len(matches) - 1 and match.end() == len(needle)))
        elif len(run) == 1:
            found.append(Token(run, prefix=True))
        else:
            found += [Token(run[n : n + 2]) for n in range(len(run) - 1)]
    return tuple(dict.fromkeys(found))


def is_chinese(needle: str) -> bool:
    """Whether the needle is one run of characters that are written without spaces."""
    return re.fullmatch(f"[{CJK}]+", needle) is not None


def label_of(folded: str) -> str:
    """The number of a clause in the form that is compared, or "" if it cannot be one: 四（三）2. → 四(三)2."""
    plain = folded.strip(" .、")
    return plain if len(plain) <= 40 and _LABEL.match(plain) else ""


def label_token(folded: str) -> str:
    """The key of a clause's own number; no text contains it, and twins (``~2``) share it."""
    return "#" + folded.strip(" .、").partition("~")[0]
