"""Chinese: fold for finding, convert for reading. The author's text is stored once.

Conversion is OpenCC's s2tw or s2hk and t2s below the site's glossary; never s2twp, which swaps vocabulary.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal

import opencc
from peewee import AutoField, CharField

from content.db import Base, database
from content.items import content_version
from content.settings import Settings

Script = Literal["hant", "hans"]

# Characters that OpenCC exchanges only within certain words (借口 → 藉口), so that no single character shows
# it; and 帳/賬, which users mix. What one script shows must be found when it is typed in the other.
PAIRS = (
    "账借复背了夫链宁熏苏坐枪穗戚里浚具拿仇象焰琅檗澄仿豆待锄筱藤斤果吣堤沉",
    "帐藉覆揹瞭伕鍊甯薰甦座鎗繐鏚哩濬俱拏讎像燄瑯蘗澂彷荳呆耡篠籐觔菓唚隄沈",
)
# Brackets and quotes of one kind: 〔2013〕, [2013] and (2013) are the same number.
MARKS = {
    **dict.fromkeys("〔[【〖{", "("),
    **dict.fromkeys("〕]】〗}", ")"),
    **dict.fromkeys("「」『』“”„‟«»", '"'),
}
# As common in Traditional texts as the form that OpenCC prefers; no sign of a left-over.
BOTH = frozenset("台里面只才松秋")
# Longer texts are converted each time: they would fill the memory, and a page cache holds them anyway.
CACHED = 2000

DICTIONARIES = Path(opencc.__file__).parent / "clib" / "share" / "opencc"
# 550 foreign names and technical words. To search it together with the dictionary of phrases, OpenCC would copy
# both into memory, and it does so anew wherever it is named.
LEFT_OUT = "STPhrases_GeneratedFromRegionalPhrases.ocd2"


class Term(Base):
    """A word of the site's glossary: what it is in either script, where OpenCC would write it otherwise."""

    id = AutoField()
    hant = CharField(max_length=60, unique=True)
    hans = CharField(max_length=60, unique=True)


# ---- finding


@lru_cache
def _singly(config: str) -> dict[str, str]:
    """What a configuration makes of single characters, where that is another one."""
    found: dict[str, str] = {}
    for start in range(0x3400, 0xA000, 0x400):  # all ideographs at once would take some MB
        characters = [chr(code) for code in range(start, start + 0x400)]
        converted = _converter(config).convert("\n".join(characters)).split("\n")
        found.update(pair for pair in zip(characters, converted, strict=True) if pair[0] != pair[1])
    return found


def _representatives() -> dict[int, str]:
    """Character → the one that stands for it and all its other forms in the index, where that is another one."""
    parent: dict[str, str] = {}

    def root(character: str) -> str:
        while character in parent:
            character = parent[character]
        return character

    links = [pair for name in ("t2s", "s2t", "s2tw", "s2hk") for pair in _singly(name).items()]
    for one, other in (*links, *zip(*PAIRS, strict=True)):
        a, b = root(one), root(other)
        if a != b:
            parent[b] = a
    simple, groups = _singly("t2s"), defaultdict(set)
    for character in {character for pair in (*links, *zip(*PAIRS, strict=True)) for character in pair}:
        groups[root(character)].add(character)
    found: dict[int, str] = {}
    for group in groups.values():
        counts = Counter(simple.get(member, member) for member in group)
        best = max(sorted(counts), key=lambda c: (c not in PAIRS[1], counts[c]))
        found.update({ord(member): best for member in group if member != best})
    return found


class _FoldTable(dict[int, str]):
    """Code point → folded text, filled when a character is first met; what ``str.translate`` reads."""

    def __init__(self) -> None:
        super().__init__()
        self._representatives: dict[int, str] | None = None

    def __missing__(self, code: int) -> str:
        if self._representatives is None:
            self._representatives = _representatives()
        character = chr(code)
        if character.isspace():
            folded = " "
        else:
            plain = unicodedata.normalize("NFKC", character).lower()
            folded = "".join(MARKS.get(c) or self._representatives.get(ord(c)) or c for c in plain)
            if code >= 0x20000:
                folded = _converter("t2s").convert(folded)
        self[code] = folded
        return folded


_table = _FoldTable()


def fold(text: str) -> str:
    """The form in which text is found: NFKC, lower case, one character for all its forms in both scripts.

    Works character by character, so that a part of a text folds to a part of the folded text, wherever it is
    cut. White space becomes a plain space. The length stays but for few characters (``fold_map``).
    """
    return _composed(text).translate(_table)


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def fold_map(text: str) -> list[int] | None:
    """For each folded character the offset in ``text`` it comes from; ``None`` where they are the same."""
    if len(text.translate(_table)) == len(text) and unicodedata.is_normalized("NFC", text):
        return None  # no character folds to nothing, so equal length means one for one
    offsets: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        offsets += [start] * len(fold(text[start:end]))
        start = end
    return offsets


# ---- telling scripts apart


def detect_script(text: str) -> Script:
    """The script that most of the telling characters belong to; Traditional where none tells."""
    simple, traditional = _singly("t2s"), _singly("s2t")
    hant = hans = 0
    for character in text:
        if simple.get(character, character) != character:
            hant += 1
        elif traditional.get(character, character) != character:
            hans += 1
    return "hans" if hans > hant else "hant"


def mixed_characters(text: str, script: Script) -> list[tuple[int, str]]:
    """Left-overs of the other script: (offset, character), for a report; nothing is ever rewritten silently.

    A character counts if it would be another one both by itself and in its context (合格后 but not 皇后).
    """
    contextual, singly = ("s2tw", _singly("s2t")) if script == "hant" else ("t2s", _singly("t2s"))
    converted = _converter(contextual).convert(text)
    if len(converted) != len(text):
        return []
    return [
        (n, c)
        for n, (c, other) in enumerate(zip(text, converted, strict=True))
        if c != other and singly.get(c, c) != c and not (script == "hant" and c in BOTH)
    ]


# ---- reading


@lru_cache
def _converter(config: str) -> opencc.OpenCC:
    """OpenCC's converter of this name, without a small dictionary that would cost 16 MB."""
    source = DICTIONARIES / f"{config}.json"
    if not source.is_file():
        return opencc.OpenCC(config)
    lean = _without(json.loads(source.read_text("utf-8")), LEFT_OUT)
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        json.dump(lean, file)
        file.flush()
        return opencc.OpenCC(file.name)


def _without(part: Any, left_out: str) -> Any:
    """A part of a configuration without one dictionary, its files by full path; a group of one is that one."""
    if isinstance(part, list):
        return [
            _without(one, left_out)
            for one in part
            if not isinstance(one, dict) or one.get("file") != left_out
        ]
    if not isinstance(part, dict):
        return part
    found = {name: _without(value, left_out) for name, value in part.items()}
    if "file" in found:
        found["file"] = str(DICTIONARIES / found["file"])
    return found["dicts"][0] if len(found.get("dicts", ())) == 1 else found


@dataclass(eq=False)  # compared and hashed by identity: another glossary is another key of the cache
class _Glossary:
    variant: str
    rows: list[tuple[str, str]]
    words: dict[Script, dict[str, str]]
    patterns: dict[Script, re.Pattern[str] | None]
    version: int


_variant = "tw"
_glossary: _Glossary | None = None


def configure(settings: Settings) -> None:
    """Take the form of Traditional characters from the settings; the glossary is read at the next use."""
    global _variant, _glossary
    _variant, _glossary = settings.hant_variant, None


def refresh(version: int) -> None:
    """Read the glossary again if the content version moved; else nothing: call it for each request."""
    global _glossary
    held = _glossary
    if held is None or held.version == version:
        return
    rows = _rows()
    if rows == held.rows:
        held.version = version  # and keep what is cached
    else:
        _glossary = _made(rows, version)


def forget() -> None:
    """Read the glossary again at the next use: it was changed in this process."""
    global _glossary
    _glossary = None


def _rows() -> list[tuple[str, str]]:
    return [(row.hant, row.hans) for row in Term.select().order_by(Term.id)]


def _made(rows: list[tuple[str, str]], version: int) -> _Glossary:
    words: dict[Script, dict[str, str]] = {"hans": dict(rows), "hant": {hans: hant for hant, hans in rows}}
    patterns: dict[Script, re.Pattern[str] | None] = {to: _any_of(found) for to, found in words.items()}
    return _Glossary(_variant, rows, words, patterns, version)


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")") if longest_first else None


def _current() -> _Glossary:
    global _glossary
    if _glossary is None:
        bound = database.obj is not None  # before a database is open there is no glossary either
        _glossary = _made(_rows(), content_version()) if bound else _made([], 0)
    return _glossary


def edition() -> object:
    """What conversions depend on just now, to keep them under: another one after the glossary changed."""
    return _current()


def terms() -> list[tuple[str, str]]:
    """The site's glossary as (Traditional, Simplified)."""
    return list(_current().rows)


def convert(text: str, to: Script) -> str:
    """The text in the script ``to``, with the site's glossary; for text that is written in the other one."""
    if len(text) > CACHED:
        return _convert(text, to, _current())
    return _cached(text, to, _current())


@lru_cache(maxsize=4096)
def _cached(text: str, to: Script, glossary: _Glossary) -> str:
    return _convert(text, to, glossary)


# Quotation marks as the readers of a script know them. A lone ’ may be an apostrophe, so ‘’ become nothing else.
_QUOTES = {"hans": str.maketrans("「」『』", "“”‘’"), "hant": str.maketrans("“”", "「」")}


# The particle (看著 → 看着), which OpenCC leaves alone; not writing (名著, 著作) nor what stands out (顯著).
_PARTICLE = re.compile(
    r"(?<![名原编译专论巨遗拙土显卓昭所])著(?!名(?![单字额册])|作(?!业)|者|述|称|录|书立|有《)"
)


def _convert(text: str, to: Script, glossary: _Glossary) -> str:
    return _characters(text, to, glossary).translate(_QUOTES[to])


def _characters(text: str, to: Script, glossary: _Glossary) -> str:
    converter = _converter("t2s" if to == "hans" else f"s2{glossary.variant}")
    pattern = glossary.patterns[to]
    if pattern is None:
        return _mended(converter.convert(text), to)
    words = glossary.words[to]
    # The odd pieces are words of the glossary.
    return "".join(
        words[piece] if n % 2 else _mended(converter.convert(piece), to)
        for n, piece in enumerate(pattern.split(text))
    )


def _mended(text: str, to: Script) -> str:
    return _PARTICLE.sub("着", text) if to == "hans" and "著" in text else text


# A tag with its attributes, whatever they hold, a comment, or the text between two of them.
_PIECES = re.compile(r"""(<!--.*?-->|<(?:"[^"]*"|'[^']*'|[^"'>])*>)""", re.DOTALL)
_TAG = re.compile(r"</?\s*([a-zA-Z][a-zA-Z0-9]*)")
_KEPT = re.compile(r"""\sdata-no-convert\b|\slang\s*=\s*(?!["']?zh["'\s>])""", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img", "wbr", "col", "area", "input", "source"})
# Tags within a sentence: the words around them are converted as one.
_INLINE = frozenset({"a", "b", "strong", "em", "i", "u", "s", "span", "sub", "sup", "small", "mark", "abbr"})


def convert_html(html: str, to: Script) -> str:
    """HTML in the other script: text nodes only, never attributes; elements with a language of their own
    (other than plain ``zh``) or ``data-no-convert`` stay as they are."""
    pieces = _PIECES.split(html)
    kept: list[str] = []  # open elements since the one that is not converted
    sentence: list[int] = []  # text nodes with nothing but inline tags between them
    for n, piece in enumerate(pieces):
        if n % 2:
            name = _name(piece)
            _follow(kept, piece, name)
            if name not in _INLINE or kept:
                _convert_together(pieces, sentence, to)
        elif piece and not kept:
            sentence.append(n)
    _convert_together(pieces, sentence, to)
    return "".join(pieces)


def _name(tag: str) -> str:
    found = _TAG.match(tag)
    return found[1].lower() if found else ""


def _follow(kept: list[str], tag: str, name: str) -> None:
    """Note in ``kept`` which elements are open within one that stays as it is."""
    if not name or name in _VOID or tag.endswith("/>"):
        return
    if tag.startswith("</"):
        if name in kept:
            del kept[len(kept) - 1 - kept[::-1].index(name) :]
    elif kept or _KEPT.search(tag):
        kept.append(name)


def _convert_together(pieces: list[str], nodes: list[int], to: Script) -> None:
    """Convert text nodes as one sentence (<b>头</b>发 is 頭髮); one by one where lengths do not match."""
    whole = "".join(pieces[n] for n in nodes)
    for n, text in zip(nodes, convert_pieces([pieces[n] for n in nodes], to) if whole else [], strict=False):
        pieces[n] = text
    nodes.clear()


def convert_pieces(pieces: list[str], to: Script) -> list[str]:
    """Convert a text that is cut into pieces, each in the context of the whole where the lengths allow it."""
    whole = "".join(pieces)
    converted = convert(whole, to)
    if len(converted) != len(whole):
        return [convert(piece, to) for piece in pieces]
    found, start = [], 0
    for piece in pieces:
        found.append(converted[start : start + len(piece)])
        start += len(piece)
    return found
