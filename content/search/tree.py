"""What was typed, as a tree: words that must all match, each in one of its forms. No input is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from content.chinese import fold
from content.search.tokens import CJK, LETTER, Token, is_chinese, label_of, label_token, query_tokens

# More than anybody types; what lies beyond is not looked at, so that no query costs without bound.
MAX_LENGTH = 200
MAX_WORDS = 12

_CHUNK = re.compile(r'"([^"]*)(?:"|\Z)(\*?)|([^\s"]+)')
_EDGES = re.compile(rf"^[^\w{CJK}]+|[^\w{CJK}]+$")
# Marks that end a sentence or a member of it; 4.7.2, A/B and 2013-04 stay whole.
_STOPS = re.compile(r"[,，、。;；:：!！?？…·|&+=<>《》~]+|\.(?!\d)")


@dataclass(frozen=True)
class Form:
    """One way in which a word may stand in a text: the folded needle and the keys that it needs."""

    needle: str
    prefix: bool = False

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The keys of the index that a text with this needle has."""
        return query_tokens(self.needle, self.prefix)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The exact check: 18 is not found in 2018, but 管理 in 物业管理处."""
        before = f"(?<!{LETTER})" if re.match(LETTER, self.needle) else ""
        after = f"(?!{LETTER})" if not self.prefix and re.match(LETTER, self.needle[-1]) else ""
        return re.compile(before + re.escape(self.needle) + after)


@dataclass(frozen=True)
class Word:
    """A word or phrase as typed; it matches in any of its forms, or as the number of a clause."""

    typed: str
    forms: tuple[Form, ...]
    label: str = ""
    quoted: bool = False

    @property
    def label_key(self) -> str:
        """The key of the clause that bears this number, or ""."""
        return label_token(self.label) if self.label else ""

    def matches(self, folded: Iterable[str], label: str = "") -> bool:
        """Whether one of the folded texts contains the word, or the clause bears it as its number."""
        if self.label and label and self.label_key == label_token(label):
            return True
        return any(form.pattern.search(text) for text in folded for form in self.forms)

    def spans(self, folded: str) -> list[tuple[int, int]]:
        """Where the word stands in a folded text."""
        return [match.span() for form in self.forms for match in form.pattern.finditer(folded)]


@dataclass(frozen=True)
class Tree:
    """All words, or ``least`` of them."""

    words: tuple[Word, ...]
    least: int
    # The pieces of one long word: a miss is then a stretch of that word, not a piece.
    whole: Word | None = field(default=None)

    @property
    def exact(self) -> bool:
        """Whether each word is one key of the index, so that there is nothing left to check."""
        return all(len(form.tokens) == 1 for word in self.words for form in word.forms)

    @property
    def all(self) -> bool:
        return self.least == len(self.words)


def parse(text: str, variants: Iterable[tuple[str, str]] = ()) -> Tree:
    """Read a query: spaces join words that must all match, quotes make a phrase, a last ``*`` a prefix.

    ``variants`` are pairs of folded words that mean the same (the site's glossary).
    """
    # A lone surrogate cannot be written anywhere; a control character is nothing one searches.
    clean = text[:MAX_LENGTH].encode("utf-8", "ignore").decode().replace("\0", " ")
    pairs = [pair for pair in variants if pair[0] != pair[1]]
    words: dict[Form, Word] = {}
    for typed, quoted in _chunks(clean):
        word = _word(typed, quoted, pairs)
        if word:
            words.setdefault(word.forms[0], word)
    found = tuple(words.values())[:MAX_WORDS]
    return Tree(found, len(found))


def _chunks(text: str) -> list[tuple[str, bool]]:
    """The words and phrases of a query as typed, in order: (text, is a phrase)."""
    # Folding keeps one character for one here, so that quotes of every kind are found where they stand.
    marked = "".join('"' if fold(c) == '"' else c for c in text)
    found: list[tuple[str, bool]] = []
    for match in _CHUNK.finditer(marked):
        if match[3] is None:
            found.append((match[1] + match[2], True))
        elif label_of(fold(match[3])):
            found.append((match[3], False))
        else:
            found += [(part, False) for part in _STOPS.split(match[3]) if part]
    return found


def _word(typed: str, quoted: bool, pairs: list[tuple[str, str]]) -> Word | None:
    folded = fold(typed).strip()
    prefix = folded.endswith("*")
    needle = _EDGES.sub("", folded)
    if not query_tokens(needle):
        return None
    needles = [needle]
    for one, other in pairs:
        needles += [needle.replace(a, b) for a, b in ((one, other), (other, one)) if a in needle]
    forms = tuple(Form(text, prefix) for text in dict.fromkeys(needles))
    return Word(typed.strip().rstrip("*"), forms, "" if prefix else label_of(folded), quoted)


def most_of(tree: Tree) -> Tree | None:
    """The weaker question for when few texts have all words: at least half of them.

    Chinese is typed without spaces, so one long word is taken as its pairs of characters, and most of those
    must match. ``None`` where nothing weaker makes sense.
    """
    if len(tree.words) > 1:
        return replace(tree, least=(len(tree.words) + 1) // 2)
    if not tree.words or tree.words[0].quoted:
        return None
    word = tree.words[0]
    needle = word.forms[0].needle
    if len(needle) < 4 or not is_chinese(needle):
        return None
    pieces = tuple(Word(needle[n : n + 2], (Form(needle[n : n + 2]),)) for n in range(len(needle) - 1))
    unique = tuple({piece.typed: piece for piece in pieces}.values())
    return Tree(unique, max(2, (len(unique) * 3 + 4) // 5), whole=word)


def missing(tree: Tree, found: list[bool]) -> tuple[str, ...]:
    """What a text lacks, as typed: the words that do not match, or the stretches of the one long word."""
    if tree.whole is None:
        return tuple(word.typed for word, there in zip(tree.words, found, strict=True) if not there)
    present = {word.typed for word, there in zip(tree.words, found, strict=True) if there}
    needle, typed = tree.whole.forms[0].needle, tree.whole.typed
    covered = [False] * len(needle)
    for n in range(len(needle) - 1):
        if needle[n : n + 2] in present:
            covered[n] = covered[n + 1] = True
    shown = typed if len(typed) == len(needle) else needle
    runs = "".join("\0" if there else c for c, there in zip(shown, covered, strict=True))
    return tuple(run for run in runs.split("\0") if run)
