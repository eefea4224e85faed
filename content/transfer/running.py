"""Papers that a preview has run together into one line: lines again, as far as their own marks carry.

What is certain decides: the headings of the paper's own list of contents, and ``1)`` ``2)`` ``3)``. Short pieces
above a sentence are headings, the last one the lowest; four and more in a row are the cells of a table and stay
one paragraph, as do the words between the sentences. Nothing is dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from content.numbering import HAN

LONG = 3000  # characters from which a line is running text
_ENTRY = re.compile(
    rf"\s*(?P<number>第[{HAN}\d]+[编編章节節]|[{HAN}]{{1,3}}、)\s*(?P<title>\S(?:[^\n]{{0,58}}?\S)?)\s+(?P<page>\d{{1,4}})(?=\s)"
)
_FEWEST = 5  # entries that make a list of contents
_END = "。！？；…!?;."
_HEADING = re.compile(r"[^\s。！？；，,:：;!?、/~\d%]{2,18}")
_LEVELS = {"编": 1, "編": 1, "章": 1, "节": 2, "節": 2}
_MOST = 3  # headings of different levels in a row; more are a table


@dataclass(frozen=True)
class Entry:
    """A line of the list of contents: the number and the title of a heading, and how deep it is."""

    number: str
    title: str
    page: int
    depth: int


def is_running(lines: list[str]) -> bool:
    """Whether one line holds most of the paper."""
    longest = max(map(len, lines), default=0)
    return longest >= LONG and longest > 0.6 * sum(map(len, lines))


def unroll(lines: list[str], title: str) -> list[str]:
    """The paper as lines that the reader of clauses understands."""
    result: list[str] = []
    for line in lines:
        result += _unroll_line(line.strip(), title) if len(line) >= LONG else [line]
    return result


def _unroll_line(line: str, title: str) -> list[str]:
    line = line.removeprefix(title).strip()
    contents, body = read_contents(line)
    pieces = body.split()
    listing = [
        f"\\{one.number}{'' if one.number[-1] == '、' else ' '}{one.title} {one.page}" for one in contents
    ]
    return listing + _Unroller(contents).unroll(pieces)


def read_contents(text: str) -> tuple[list[Entry], str]:
    """The list of contents that the text begins with, and the text behind it."""
    found: list[Entry] = []
    at = 0
    while match := _ENTRY.match(text, at):
        number, page = match["number"], int(match["page"])
        if found and page < found[-1].page:
            break
        found.append(Entry(number, match["title"], page, _LEVELS.get(number[-1], 3)))
        at = match.end()
    return (found, text[at:]) if len(found) >= _FEWEST else ([], text)


class _Unroller:
    """Walks over the pieces between the spaces of a running text."""

    def __init__(self, contents: list[Entry]) -> None:
        self.contents = contents
        self.next = 0
        self.base = max((one.depth for one in contents), default=0)
        self.lines: list[str] = []
        self.run: list[str] = []
        self.heading = ""

    def unroll(self, pieces: list[str]) -> list[str]:
        for piece in pieces:
            entry = self._entry(piece)
            if entry:
                self._flush(above_text=False)
                self.lines.append(f"{entry.number} {entry.title}")
                self.heading = entry.title
            elif piece[-1] in _END or re.match(r"\d{1,2}[)）]", piece):
                self._flush(above_text=True, numbered=piece[-1] not in _END or piece[0].isdigit())
                self.lines.append(piece if re.match(r"\d{1,2}[)）]\S", piece) else "\\" + piece)
            else:
                self.run.append(piece)
        self._flush(above_text=False)
        return self.lines

    def _entry(self, piece: str) -> Entry | None:
        """The next heading of the contents that this piece is; headings come in their order."""
        for at in range(self.next, min(self.next + 3, len(self.contents))):
            if self.contents[at].title.replace(" ", "") == piece:
                self.next = at + 1
                return self.contents[at]
        return None

    def _flush(self, *, above_text: bool, numbered: bool = False) -> None:
        """Write the short pieces that have gathered: as headings above text, else as one paragraph."""
        run, self.run = self.run, []
        caption = len(run) == 1 and run[0] == self.heading  # a picture named like the heading above it
        headings = above_text and not caption and all(map(_HEADING.fullmatch, run))
        if run and headings and len(run) <= _MOST:
            self._write_headings(run)
        elif run and numbered and _HEADING.fullmatch(run[-1]) and not caption:
            self.lines.append("\\" + " ".join(run[:-1]))
            self._write_headings(run[-1:])
        elif run:
            self.lines.append("\\" + " ".join(run))

    def _write_headings(self, run: list[str]) -> None:
        deepest = self.base + _MOST
        for at, text in enumerate(run):
            self.lines.append("+" * (deepest - len(run) + 1 + at) + " " + text)
        self.heading = run[-1]
