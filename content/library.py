"""The clauses of a paper: read from text with printed numbers, kept the same over its versions, written back.

The tree follows the numbers as printed, right or wrong (R-180). What stands without a number after the last
clause of a paper is a clause of its own, ``4+1`` after clause 4; in the text area of the editor it begins with
``+`` (``++`` for the second level, and so on), and a line that only looks like a clause begins with ``\\``.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from content.items import new_uid
from content.numbering import read_number
from content.outline import (
    MARKED,
    SENTENCE,
    TERMINAL,
    Clause,
    Outline,
    Reader,
    labelled,
    parse_paper,
    refuse_too_long,
    within_bounds,
)

__all__ = ["Outline", "align", "outline_text", "parse_outline", "parse_paper"]


def parse_outline(text: str) -> list[Clause]:
    """The clauses of a text with printed numbers, in document order, ``uid`` empty.

    Text before the first number becomes an unnumbered clause, so that nothing typed is lost. Raises ``Invalid``
    for more than 400,000 characters or 5,000 clauses.
    """
    refuse_too_long(text)
    return within_bounds(_parsed(text))


def _parsed(text: str) -> list[Clause]:
    reader = Reader(text)
    if reader.preamble:
        first, *more = reader.preamble
        kept = reader.lines[reader.begins :]
        reader = Reader("\n".join(["+ " + first, *("\\" + line for line in more), *kept]))
    return labelled(reader.nodes)


def _escaped(line: str) -> str:
    looks_like_a_clause = read_number(line) or MARKED.match(line) or line.startswith("\\")
    return "\\" + line if looks_like_a_clause else line


def outline_text(clauses: Sequence[Mapping[str, Any]]) -> str:
    """The clauses as text for the editor; ``parse_outline`` reads it back to the same clauses.

    Where the numbers alone would be read to another tree, every line says its level with ``+``.
    """
    wanted = [{**clause, "uid": ""} for clause in clauses]
    text = ""
    for levels, escapes in ((False, False), (False, True), (True, True)):
        text = _written(clauses, levels=levels, escapes=escapes)
        if _parsed(text) == wanted:
            break
    return text


def _written(clauses: Sequence[Mapping[str, Any]], *, levels: bool, escapes: bool) -> str:
    lines: list[str] = []
    open_numbers: list[tuple[int, str]] = []
    for clause in clauses:
        depth, number = int(clause["depth"]), str(clause["number"])
        open_numbers = [one for one in open_numbers if one[0] < depth]
        outer = sum(one.isdigit() for _, one in open_numbers)
        open_numbers.append((depth, number))
        body = [line for line in str(clause["text"]).split("\n") if line]
        head = str(clause["heading"]) or (body.pop(0) if body else "")
        marks = "+" * depth + " " if levels or not number else ""
        lines.append(marks + (_mark(number, outer) + head if number else _escaped(head)))
        for before, line in zip([head, *body], body, strict=False):
            # Without the mark this line would be taken for the rest of the one before.
            cut = before[-1:] not in TERMINAL and (SENTENCE.search(before) or len(before) > 12)
            cut = escapes or (cut and before != clause["heading"])
            lines.append("\\" + line if cut else _escaped(line))
    return "\n".join(lines)


def _mark(number: str, outer: int) -> str:
    """The number as it begins a line; bare numbers inside bare numbers take another point than those outside."""
    if number.isdigit():
        return number + (". " if outer % 2 else "、")
    if number[-1] in ")" or number in ("--", "•"):
        return number + " "
    if number[0] == "第" or "." in number or not number.isalpha():
        return number + " "
    return number + (". " if number.isascii() else "、")


def align(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[Clause]:
    """Give the clauses of ``new`` the uids of the same clauses of ``old``; others get fresh ones.

    A clause is the same if it has the same address and similar words; else if its words are found elsewhere.
    """
    result = [dict(clause) for clause in new]
    texts = [_Words(clause) for clause in result]
    held = [(clause, _Words(clause)) for clause in old if clause.get("uid")]
    by_label = {clause["label"]: (clause, words) for clause, words in held}
    for clause, words in zip(result, texts, strict=True):
        before = by_label.get(clause["label"])
        clause["uid"] = before[0]["uid"] if before and words.likeness(before[1]) >= _SAME_PLACE else ""
    used = {clause["uid"] for clause in result if clause["uid"]}
    left = [(clause["uid"], words) for clause, words in held if clause["uid"] not in used]
    open_places = [at for at, clause in enumerate(result) if not clause["uid"]]
    pairs = _likely_pairs([(at, texts[at]) for at in open_places], [words for _, words in left])
    for _likeness, _distance, i, j in sorted(pairs, reverse=True):
        if not result[i]["uid"] and left[j][0] not in used:
            result[i]["uid"] = left[j][0]
            used.add(left[j][0])
    for clause in result:
        clause["uid"] = clause["uid"] or new_uid()
    return result


_SAME_PLACE, _ELSEWHERE = 0.5, 0.6  # how alike clauses must read to be the same one
_ASKED = 600  # old clauses that are counted for a new one, by the rarest of its pairs of characters
_LOOKED_AT = 12  # old clauses that a new one is compared with, likeliest first
_NEAR = 3  # neighbours that it is compared with in any case


class _Words:
    """The words of a clause for comparison: each pair of characters, numbered where it occurs again."""

    def __init__(self, clause: Mapping[str, Any]) -> None:
        self.text = f"{clause['heading']}\n{clause['text']}"
        seen: Counter[str] = Counter()
        pairs: set[str] = set()
        for at in range(len(self.text) - 1):
            pair = self.text[at : at + 2]
            seen[pair] += 1
            pairs.add(pair if seen[pair] == 1 else f"{pair}{seen[pair]}")
        self.pairs = frozenset(pairs)

    def likeness(self, other: _Words) -> float:
        """How alike two clauses read, 0 to 1, by the pairs of characters they share."""
        if self.text == other.text:
            return 1.0
        shorter, longer = sorted((len(self.text), len(other.text)))
        if shorter * 4 < longer:
            return 0.0
        total = len(self.pairs) + len(other.pairs)
        return 2 * len(self.pairs & other.pairs) / total if total else 0.0


def _likely_pairs(new: list[tuple[int, _Words]], old: list[_Words]) -> Iterator[tuple[float, int, int, int]]:
    """Pairs that read alike: (likeness, nearness, place among the new ones, place among the old ones).

    Not every pair is compared, which would cost the product of their numbers: only equal texts, texts that
    share rare pairs of characters, and neighbours.
    """
    index: dict[str, list[int]] = {}
    equal: dict[str, deque[int]] = {}
    for j, words in enumerate(old):
        equal.setdefault(words.text, deque()).append(j)
        for pair in words.pairs:
            index.setdefault(pair, []).append(j)
    for at, (i, words) in enumerate(new):
        near = round(at * len(old) / len(new))
        candidates = set(range(max(0, near - _NEAR), min(len(old), near + _NEAR + 1)))
        candidates.update(_sharing(words, old, index))
        if twins := equal.get(words.text):
            candidates.add(twins.popleft())
        for j in candidates:
            likeness = words.likeness(old[j])
            if likeness >= _ELSEWHERE:
                yield likeness, -abs(i - j), i, j


def _sharing(words: _Words, old: list[_Words], index: Mapping[str, list[int]]) -> list[int]:
    """The old clauses that share most with these words, by what few others have."""
    shared: Counter[int] = Counter()
    asked = 0
    for found in sorted((index[pair] for pair in words.pairs if pair in index), key=len):
        asked += len(found)
        if asked > _ASKED:
            break
        shared.update(found)
    own = len(words.pairs)
    likeliest = sorted(shared, key=lambda j: (shared[j] / (own + len(old[j].pairs)), -j), reverse=True)
    return likeliest[:_LOOKED_AT]
