"""The clauses of a paper: read from text with printed numbers, kept the same over its versions, written back.

The tree follows the numbers as printed, right or wrong (R-180). What stands without a number after the last
clause of a paper is a clause of its own, ``4+1`` after clause 4; in the text area of the editor it begins with
``+`` (``++`` for the second level, and so on), and a line that only looks like a clause begins with ``\\``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from content.items import new_uid
from content.numbering import read_number
from content.outline import MARKED, SENTENCE, TERMINAL, Clause, Outline, Reader, labelled, parse_paper

__all__ = ["Outline", "align", "outline_text", "parse_outline", "parse_paper"]


def parse_outline(text: str) -> list[Clause]:
    """The clauses of a text with printed numbers, in document order, ``uid`` empty.

    Text before the first number becomes an unnumbered clause, so that nothing typed is lost.
    """
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
        if parse_outline(text) == wanted:
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
    left = [clause for clause in old if clause.get("uid")]
    by_label = {clause["label"]: clause for clause in left}
    for clause in result:
        before = by_label.get(clause["label"])
        clause["uid"] = before["uid"] if before and _likeness(before, clause) >= 0.5 else ""
    used = {clause["uid"] for clause in result if clause["uid"]}
    left = [clause for clause in left if clause["uid"] not in used]
    pairs = [
        (likeness, -abs(i - j), i, j)
        for i, clause in enumerate(result) if not clause["uid"]
        for j, before in enumerate(left)
        if (likeness := _likeness(before, clause)) >= 0.6
    ]  # fmt: skip
    for _likeness_found, _distance, i, j in sorted(pairs, reverse=True):
        if not result[i]["uid"] and left[j]["uid"] not in used:
            result[i]["uid"] = left[j]["uid"]
            used.add(left[j]["uid"])
    for clause in result:
        clause["uid"] = clause["uid"] or new_uid()
    return result


def _likeness(one: Mapping[str, Any], two: Mapping[str, Any]) -> float:
    """How alike two clauses read, 0 to 1, by the pairs of characters they share."""
    first, second = (f"{clause['heading']}\n{clause['text']}" for clause in (one, two))
    if first == second:
        return 1.0
    shorter, longer = sorted((len(first), len(second)))
    if shorter * 4 < longer:
        return 0.0
    a, b = (Counter(text[at : at + 2] for at in range(len(text) - 1)) for text in (first, second))
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0
