"""Reading a paper into clauses: which number hangs below which, and which line goes on with the one before."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from content.errors import N_, Invalid, msg
from content.numbering import MOST_LEVELS, Printed, begins_with_unit, read_number

Clause = dict[str, Any]

TERMINAL = '。！？；：…!?;:.．」』”’")）》】〉'
SENTENCE = re.compile(r"[。！？；!?;，,]")
# With these a paper closes; they belong to the whole, not to the list before them.
_CLOSING = re.compile(
    r"特此(通知|公告|函告|说明|說明)|此致|附件|附[:：]|(本|以上)[^。]{0,12}(施行|實施|实施|解[释釋])"
    r"|[〇零一二三四五六七八九十\d*×]{2,4}\s*年[^。]{1,8}日\s*$"
)
MARKED = re.compile(r"(\++)\s+(?=\S)")
# More than any paper has. Together with the bounds on levels they keep reading in proportion to the text.
MOST_TEXT = 400_000  # characters
MOST_CLAUSES = 5_000
_LONG_PARAGRAPH = 20_000  # characters after which no page break is believed to have cut a sentence


@dataclass
class Node:
    """A clause while it is being read: its first line, then its paragraphs."""

    style: str
    parts: tuple[int, ...]
    number: str
    depth: int
    head: str
    paragraphs: list[str] = field(default_factory=list)
    base: str = ""
    elder: Node | None = None  # the clause before it at the same depth, whatever it hangs below

    @property
    def value(self) -> int:
        return self.parts[-1] if self.parts else 0

    @property
    def last(self) -> str:
        return self.paragraphs[-1] if self.paragraphs else self.head


@dataclass(frozen=True)
class Outline:
    """A paper taken apart: the paragraphs before its first clause, and the clauses in document order."""

    preamble: list[str]
    clauses: list[Clause]


def parse_paper(text: str) -> Outline:
    """Take a paper apart; unlike ``parse_outline`` the text before the first clause is its preamble.

    Raises ``Invalid`` for more than ``MOST_TEXT`` characters or ``MOST_CLAUSES`` clauses.
    """
    refuse_too_long(text)
    reader = Reader(text)
    return Outline(reader.preamble, within_bounds(labelled(reader.nodes)))


def refuse_too_long(text: str) -> None:
    """Raises ``Invalid`` (field ``clauses``) for a text that is more than one document should hold."""
    if len(text) > MOST_TEXT:
        message = N_("This has %(count)s characters; at most %(limit)s fit.")
        raise Invalid({"clauses": [msg(message, count=len(text), limit=MOST_TEXT)]})


def within_bounds(clauses: list[Clause]) -> list[Clause]:
    """The clauses, unless they are too many. Raises ``Invalid`` (field ``clauses``)."""
    if len(clauses) > MOST_CLAUSES:
        raise Invalid({"clauses": [msg(N_("More than %(limit)s clauses do not fit."), limit=MOST_CLAUSES)]})
    return clauses


class Reader:
    """Reads a paper line by line and remembers which clauses are open."""

    def __init__(self, text: str) -> None:
        self.lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        self.lines = [line for line in self.lines if line.strip(" \t\u3000\ufeff")]
        self.preamble: list[str] = []
        self.nodes: list[Node] = []
        self.stack: list[Node] = []
        self.closed: list[Node] = []  # what the last unnumbered clause closed
        self.begins = len(self.lines)  # the line of the first clause
        self.seen: set[tuple[int, ...]] = set()
        indented = sum(line[0] in " \t\u3000" for line in self.lines)
        self.indents = indented > 0.6 * len(self.lines)
        self.numbers = [read_number(line) for line in self.lines]
        self.tops = {found.parts[0] for found in self.numbers if found and found.style == "1.1"}
        # The last line that is a clause for certain, and those that may be one: asked again and again below.
        certain = [at for at, found in enumerate(self.numbers) if found and found.sure]
        certain += [at for at, line in enumerate(self.lines) if MARKED.match(line.strip())]
        self.last_certain = max(certain, default=-1)
        self.doubtful = [at for at, found in enumerate(self.numbers) if found and not found.sure]
        self.latest: dict[int, Node] = {}  # the last clause at each depth
        for at in range(len(self.lines)):
            self._read(at)
            if self.nodes:
                self.begins = min(self.begins, at)
        self._settle_headings()

    def _read(self, at: int) -> None:
        raw = self.lines[at]
        line = raw.strip(" \t\u3000\ufeff")
        marked = MARKED.match(line)
        if line.startswith("\\"):
            self._add_paragraph(line[1:].strip() or line, joinable=False, indented=True)
        elif marked:
            self._read_marked(line[marked.end() :], len(marked[1]))
        elif (found := self.numbers[at]) and (found.sure or self._plausible(found)):
            self._open(found, self._place(found))
        elif (depth := self._heading_depth(at, line)) or (depth := self._closing_depth(at, line)):
            self._open_unnumbered(line, depth)
        else:
            self._add_paragraph(line, joinable=True, indented=raw[0] in " \t\u3000")

    def _read_marked(self, line: str, depth: int) -> None:
        """A line whose level is said by its marks."""
        depth = min(depth, self.stack[-1].depth + 1 if self.stack else 1)
        found = None if line.startswith("\\") else read_number(line)
        if found:
            self._open(found, depth)
        else:
            self._open_unnumbered(line.removeprefix("\\"), depth)

    def _plausible(self, found: Printed) -> bool:
        """Whether a doubtful number continues the numbers before it."""
        if found.style == "1.1":
            return found.parts[-1] == 1 or found.parts[:-1] in self.seen
        if found.style == "1.0":
            return found.value == 1 or (found.value - 1,) in self.seen
        if found.style == "1":
            if found.value in self.tops:
                return True
            if begins_with_unit(found.rest):
                return False
        family = [node for node in self.stack if node.style == found.style or (found.plain and _plain(node))]
        if not family:
            return found.value == 1 and (found.style != "1" or bool(self.tops))
        return found.value == family[-1].parts[0] + 1

    def _open(self, found: Printed, depth: int) -> None:
        depth = min(depth, MOST_LEVELS)
        while self.stack and self.stack[-1].depth >= depth:
            self.stack.pop()
        self._append(Node(found.style, found.parts, found.number, depth, found.rest))
        self.closed = []
        if found.plain:
            self.seen.update(found.parts[:length] for length in range(1, len(found.parts) + 1))

    def _append(self, node: Node) -> None:
        node.elder = self.latest.get(node.depth)
        self.latest[node.depth] = node
        self.nodes.append(node)
        self.stack.append(node)

    def _open_unnumbered(self, text: str, depth: int) -> None:
        depth = min(depth, MOST_LEVELS)
        self.closed = []
        while self.stack and self.stack[-1].depth >= depth:
            self.closed.append(self.stack.pop())
        self._append(Node("+", (), "", depth, text))

    def _place(self, found: Printed) -> int:
        """The depth at which a number belongs among the clauses that are open."""
        if not self.stack:
            return 1
        top = self.stack[-1]
        for node in self.closed:
            if node.style == found.style and found.value > node.value and node.depth <= top.depth + 1:
                return node.depth
        if found.style == "1.1":
            return self._place_dotted(found)
        for node in reversed(self.stack):
            if node.style == found.style and len(node.parts) == len(found.parts):
                nested = found.value == 1 and node is not top and _introduces(top)
                return top.depth + 1 if nested else node.depth
        if found.plain:
            for node in reversed(self.stack):
                if _plain(node) and len(node.parts) == 1 and node.value == found.value - 1:
                    return node.depth
        if found.style[0] == "第":
            return self._place_article(found)
        if top.style == "+":
            return top.depth + 1 if _heading_like(top.head) or top.last[-1] in "：:" else top.depth
        return top.depth if top.style in ("--", "•") else top.depth + 1

    def _place_dotted(self, found: Printed) -> int:
        same = [n for n in self.stack if n.style == "1.1" and len(n.parts) == len(found.parts)]
        if same:
            return same[-1].depth
        above = [n for n in self.stack if _plain(n) and n.parts == found.parts[: len(n.parts)]]
        above = above or [n for n in self.stack if n.style == "1.1" and len(n.parts) < len(found.parts)]
        if above:
            return above[-1].depth + 1
        deeper = [n for n in self.stack if n.style == "1.1"]
        if deeper:
            return deeper[0].depth
        return self.stack[-1].depth + 1

    def _place_article(self, found: Printed) -> int:
        """Chapters hold sections, sections hold articles; everything else lies below them."""
        order = ["第编", "第章", "第节", "第条"]
        above = [
            n for n in self.stack if n.style in order and order.index(n.style) < order.index(found.style)
        ]
        return above[-1].depth + 1 if above else 1

    def _heading_depth(self, at: int, line: str) -> int:
        """The depth of a heading without a number: a short line after which an open list starts anew; else 0."""
        following = self.numbers[at + 1] if at + 1 < len(self.lines) else None
        if not following or following.value != 1 or not _heading_like(line) or line[-1] in TERMINAL[:11]:
            return 0
        depth = next((n.depth for n in self.stack if n.style == following.style and n.parts), 0)
        if depth and self.stack[-1].depth == depth and self.stack[-1].last[-1:] not in TERMINAL:
            return 0  # the line before is unfinished or a heading itself: this is its text
        return depth

    def _closing_depth(self, at: int, line: str) -> int:
        """The depth of a step without a number at the end of the paper, or 0 if the line is not one."""
        if not self.stack or not self.stack[-1].number or self.stack[-1].paragraphs:
            return 0
        last = self.stack[-1]
        if last.head[-1:] not in TERMINAL or _introduces(last) or _heading_like(last.head):
            return 0
        if self.last_certain >= at or any(self._plausible(found) for found in self._doubtful_from(at)):
            return 0
        return 1 if _CLOSING.match(line) else last.depth

    def _doubtful_from(self, at: int) -> Iterator[Printed]:
        """The doubtful numbers of this line and those below."""
        for line in self.doubtful[bisect_left(self.doubtful, at) :]:
            if found := self.numbers[line]:
                yield found

    def _add_paragraph(self, line: str, *, joinable: bool, indented: bool) -> None:
        if self.nodes and not self.nodes[-1].last:
            self.nodes[-1].head = line  # the number stands on a line of its own
            return
        paragraphs = self.nodes[-1].paragraphs if self.nodes else self.preamble
        before = self.nodes[-1].last if self.nodes else (paragraphs[-1] if paragraphs else "")
        if not (joinable and before and self._continues(before, line, indented)):
            paragraphs.append(line)
        elif paragraphs:
            paragraphs[-1] = _joined(before, line)
        else:
            self.nodes[-1].head = _joined(before, line)

    def _continues(self, before: str, line: str, indented: bool) -> bool:
        """Whether a page break cut the line before, so that this one goes on with it."""
        if before[-1] in TERMINAL or len(before) > _LONG_PARAGRAPH:
            return False
        if SENTENCE.search(before) or (self.indents and not indented and self.nodes):
            return True
        if not self.nodes or self.nodes[-1].paragraphs:
            return False
        node = self.nodes[-1]
        elder = node.elder
        # A longer line without an end among whole sentences is a cut sentence, unless the text takes it up again.
        return (
            elder is not None
            and node.value > 1
            and elder.style == node.style
            and elder.head[-1:] in ("。", "；", ";")
            and len(before) > 12
            and not line.startswith(before[:2])
        )

    def _settle_headings(self) -> None:
        """A line of its own above text or clauses is a heading; otherwise it is the clause's text."""
        for at, node in enumerate(self.nodes):
            children = at + 1 < len(self.nodes) and self.nodes[at + 1].depth > node.depth
            node.base = node.head if _heading_like(node.head) and (children or node.paragraphs) else ""


def _plain(node: Node) -> bool:
    return node.style in ("1、", "1.", "1", "1.0", "1.1")


def _introduces(node: Node) -> bool:
    """Whether what follows hangs below the clause: it ends with a colon or is a heading."""
    return node.last[-1:] in ("：", ":") or (not node.paragraphs and _heading_like(node.head))


def _heading_like(text: str) -> bool:
    if not text or len(text) > 40 or SENTENCE.search(text):
        return False
    return text[-1] not in "：:" or len(text) <= 6


def _joined(before: str, after: str) -> str:
    gap = (
        " "
        if before[-1:].isascii() and before[-1:].isalnum() and after[:1].isascii() and after[:1].isalnum()
        else ""
    )
    return before + gap + after


def labelled(nodes: Iterable[Node]) -> list[Clause]:
    """Clause dicts with their addresses: the numbers of the ancestors joined, twins told apart by ``~2``."""
    clauses: list[Clause] = []
    path: list[tuple[int, str]] = []  # (depth, address) of the open clauses
    numbered: dict[int, str] = {}  # the last address per depth that has a number
    taken: Counter[str] = Counter()
    for node in nodes:
        path = [step for step in path if step[0] < node.depth]
        above = path[-1][1] if path else ""
        numbered = {depth: address for depth, address in numbered.items() if depth <= node.depth}
        if node.number:
            label = above = numbered[node.depth] = _address(above, node.number)
        else:
            before = numbered.get(node.depth, above) + "+"
            taken[before] += 1
            label = f"{before}{taken[before]}"
        path.append((node.depth, above))
        taken[label] += 1
        heading = node.base
        text = node.paragraphs if heading else [node.head, *node.paragraphs]
        clauses.append({
            "uid": "", "number": node.number, "depth": node.depth, "heading": heading,
            "label": label if taken[label] == 1 else f"{label}~{taken[label]}",
            "text": "\n".join(line for line in text if line),
        })  # fmt: skip
    return clauses


def _address(above: str, number: str) -> str:
    # Numbers that already name their ancestors, and articles, which run through the chapters, stand alone.
    if re.fullmatch(r"\d+(\.\d+)+", number) or re.fullmatch(r"第.+[條条]", number):
        return number
    return f"{above}-{number}" if re.search(r"\d$", above) and number[0].isdigit() else above + number
