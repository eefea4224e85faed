"""Papers as web sites and offices hand them out: several in one file, each with its title, taken apart."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from content.library import parse_paper
from content.numbering import HAN, han_value, read_number
from content.transfer.furniture import without_furniture
from content.transfer.running import is_running, unroll

_NUMBER = rf"(?P<number>\d{{1,3}}|[{HAN}]{{1,3}})"
# "篇2:題目" · "第二篇 題目" · "題目 篇二"
_MARKERS = (
    re.compile(rf"篇\s*{_NUMBER}\s*[:：、.]\s*(?P<title>\S.{{1,100}})"),
    re.compile(rf"第\s*{_NUMBER}\s*篇\s*[:：\s]\s*(?P<title>\S.{{1,100}})"),
    re.compile(rf"(?P<title>[^。；;]{{2,80}}?)\s*[（(【\[]?篇\s*{_NUMBER}[)）】\]]?"),
)
_SITE = re.compile(r"(?P<title>.{2,}?)\s*[-_|–—]\s*\S{2,12}")
_SUFFIX = re.compile(r"\.(docx?|pdf|txt|wps|md|html?)$", re.IGNORECASE)
_SENTENCE = re.compile(r"[。；;]")
_OWN_NUMBER = re.compile(
    r"(?:文[号號]|编号|編號|文件编号|文件編號)\s*[:：]\s*(?P<named>\S{2,40})"
    r"|(?P<bare>[\u4e00-\u9fff]{1,12}\s?[〔\[［(（【](?:19|20)[\d*×]{2}[〕\]］)）】]\s?第?\s?\d{1,4}\s?[号號])"
)
TITLE_LIMIT = 200


@dataclass(frozen=True)
class Paper:
    """One document of a file: ``part`` counts from 1."""

    part: int
    title: str
    text: str
    document_number: str = ""


@dataclass(frozen=True)
class Document:
    """A paper as the library keeps it: rich text before the first clause, and the clauses."""

    title: str
    preamble: str
    clauses: list[dict[str, Any]] = field(default_factory=list)
    document_number: str = ""


def split_papers(text: str, name: str) -> list[Paper]:
    """The documents of a file, without the furniture of the page; ``name`` is the title where the text has none."""
    lines = without_furniture(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    lines, page_title = _page_title(lines, name)
    markers = _markers(lines)
    if not markers:
        return [_paper(1, page_title, lines, {page_title})]
    starts = [(1, page_title, 0, 0)] if markers[0][0] == 2 else []
    starts += [(number, title, at, at + 1) for number, title, at in markers]
    ends = [start[2] for start in starts[1:]] + [len(lines)]
    papers = []
    for part, ((_, title, _, begin), end) in enumerate(zip(starts, ends, strict=True), start=1):
        body = lines[begin:end]
        if part == 1 and begin:
            # Above "篇一" a page says who put it there; what speaks in sentences is kept.
            body = [line for line in lines[: begin - 1] if _SENTENCE.search(line)] + body
        papers.append(_paper(part, title, body, {title, page_title}))
    return papers


def to_document(paper: Paper) -> Document:
    """A paper with its clauses; text before the first of them becomes the preamble."""
    outline = parse_paper(paper.text)
    preamble = "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in outline.preamble)
    return Document(paper.title, preamble, outline.clauses, paper.document_number)


def _page_title(lines: list[str], name: str) -> tuple[list[str], str]:
    """The title that a file begins with, and the lines without it; the name of the file where none does."""
    if not lines or not _title_like(lines[0]):
        return lines, name
    first = lines[0].strip()
    site = _SITE.fullmatch(first)
    if site and any(line.strip() == site["title"] for line in lines[1:10]):
        first = site["title"]
    return lines[1:], _clean_title(first)


def _title_like(line: str) -> bool:
    line = line.strip()
    return len(line) <= 100 and not _SENTENCE.search(line) and not read_number(line) and _marker(line) is None


def _clean_title(title: str) -> str:
    title = _SUFFIX.sub("", " ".join(title.split()))
    whole = re.fullmatch(r"《([^《》]+)》", title)
    return (whole[1] if whole else title)[:TITLE_LIMIT]


def _marker(line: str) -> tuple[int, str] | None:
    """The number and title of a line that begins a paper within a file."""
    line = line.strip()
    for at, form in enumerate(_MARKERS):
        match = form.fullmatch(line)
        if match:
            number = int(match["number"]) if match["number"].isdigit() else han_value(match["number"])
            # "題目 篇二" is a title as it stands: without its number the papers would be called alike.
            return (number, _clean_title(match["title"] if at < 2 else line)) if number else None
    return None


def _markers(lines: list[str]) -> list[tuple[int, str, int]]:
    """Markers in sequence, from 1 or from 2 (the first paper then stands above it): number, title, line."""
    found: list[tuple[int, str, int]] = []
    for at, line in enumerate(lines):
        marker = _marker(line)
        if marker and marker[0] in ((found[-1][0] + 1,) if found else (1, 2)):
            found.append((*marker, at))
    return found if len(found) > 1 or (found and found[0][0] == 2) else []


def _paper(part: int, title: str, lines: list[str], titles: set[str]) -> Paper:
    lines = [line for line in lines if _clean_title(line) not in titles]
    number = next((_number_in(line) for line in lines[:6] if _number_in(line)), "")
    if is_running(lines):
        lines = unroll(lines, title)
    return Paper(part, title, "\n".join(lines), number)


def _number_in(line: str) -> str:
    """The paper's own number, on a line of its own; a number cited in a sentence belongs to another paper."""
    match = _OWN_NUMBER.fullmatch(line.strip())
    return (match["named"] or match["bare"]) if match else ""


def titles_alike(one: str, two: str) -> bool:
    """Whether two titles name the same paper: little words, marks and the number of a sample apart."""
    first, second = _core(one), _core(two)
    if first == second:
        return bool(first)
    shared = (Counter(first) & Counter(second)).total()
    return shared >= 0.9 * max(len(first), len(second)) and min(len(first), len(second)) > 5


@lru_cache(maxsize=50_000)
def _core(title: str) -> str:
    title = re.sub(r"(范例|範例|范文|範文|样本|樣本)\s*\d*$", "", title.strip())
    return re.sub(r"[\s、，,·《》“”\"'()（）与與及和的之]|关于|關於|标准|標準|作业|作業", "", title)
