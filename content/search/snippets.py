"""The passage of a text that answers a query, with marks, in the reader's script. Made from the database row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from content.chinese import Script, convert_pieces, fold, fold_map
from content.search.tree import Word

# Characters of a passage, and of the text shown before its first match.
LENGTH = 120
BEFORE = 20

Marked = list[tuple[bool, str]]
Span = tuple[int, int, int]  # from, to, which word

_SPACE = re.compile(r"\s+")
_STOP = "。！？；!?;\n"


def passage(text: str, words: Sequence[Word], to: Script | None = None, length: int = LENGTH) -> Marked:
    """The best passage as (is a match, text) pieces; the beginning where nothing matches.

    ``to`` is the script to convert to, None for the text as it was written. Pieces are plain text.
    """
    spans = _spans(text, words)
    start, end = _window(text, spans, length)
    pieces = [(marked, _SPACE.sub(" ", piece)) for marked, piece in _cut(text, _joined(spans), start, end)]
    if start > 0:
        pieces.insert(0, (False, "…"))
    if end < len(text.rstrip()):
        pieces.append((False, "…"))
    if to is not None:
        converted = convert_pieces([piece for _, piece in pieces], to)
        pieces = [(marked, new) for (marked, _), new in zip(pieces, converted, strict=True)]
    return [piece for piece in pieces if piece[1]]


def _spans(text: str, words: Sequence[Word]) -> list[Span]:
    """Where words stand in the text itself, found in its folded form."""
    folded, offsets = fold(text), fold_map(text)
    found: list[Span] = []
    for which, word in enumerate(words):
        for start, end in word.spans(folded):
            if offsets is not None:
                # A character that folds to several is marked whole.
                start, end = offsets[start], _end_of(offsets, end - 1, len(text))
            found.append((start, end, which))
    return sorted(found)


def _end_of(offsets: list[int], last: int, length: int) -> int:
    return next((offset for offset in offsets[last:] if offset > offsets[last]), length)


def _window(text: str, spans: list[Span], length: int) -> tuple[int, int]:
    """The stretch that shows most of the words; it starts at a sentence where one starts nearby."""
    if not spans or len(text) <= length:
        return 0, _end_near(text, length)
    best, most = spans[0][0], (0, 0)
    for n, (first, _, _) in enumerate(spans):
        inside = [which for start, end, which in spans[n : n + 50] if end <= first + length - BEFORE]
        score = (len(set(inside)), len(inside))
        if score > most:
            best, most = first, score
    lowest = max(0, best - BEFORE)
    stops = [n + 1 for n in range(lowest, best) if text[n] in _STOP]
    start = 0 if best <= BEFORE else stops[-1] if stops else lowest
    return start, _end_near(text, start + length)


def _end_near(text: str, end: int) -> int:
    return len(text) if end + BEFORE // 2 >= len(text) else end


def _joined(spans: Iterable[Span]) -> list[tuple[int, int]]:
    """Spans without their words, overlapping and touching ones made one."""
    found: list[tuple[int, int]] = []
    for start, end, _ in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _cut(text: str, spans: list[tuple[int, int]], start: int, end: int) -> Marked:
    pieces: Marked = []
    at = start
    for first, last in spans:
        first, last = max(first, at), min(last, end)
        if first < last:
            pieces += [(False, text[at:first]), (True, text[first:last])]
            at = last
    return [*pieces, (False, text[at:end])]
