"""From a file to lines of text: TXT, Markdown and HTML, with the numbers that a browser would print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from content.errors import N_, TooLarge, msg
from content.late import Late
from content.numbering import read_number
from content.transfer.decoding import Decoded, Unreadable, decode

if TYPE_CHECKING:
    from lxml.html import HtmlElement

etree, lxml_html = Late("lxml.etree"), Late("lxml.html")

SUFFIXES = {".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html",
            ".htm": "html", ".xhtml": "html", "": "text"}  # fmt: skip
MB = 1024 * 1024

_SILENT = {"script", "style", "noscript", "template", "nav", "footer", "aside", "form", "button", "select",
           "iframe", "svg", "object", "canvas", "head"}  # fmt: skip
_BLOCKS = {"p", "div", "section", "article", "main", "header", "li", "ul", "ol", "dl", "dt", "dd", "table", "tr",
           "thead", "tbody", "blockquote", "pre", "figure", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6",
           "hr", "body", "center", "address", "details", "summary"}  # fmt: skip
# Bounded, so that a text made of beginnings only is not searched to its end from each of them.
_MARKS = re.compile(r"(\*\*|__|~~|`)(?=\S)(.{1,500}?)(?<=\S)\1")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,2000}(?:\s{1,9}\"[^\"]{0,500}\")?\)")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*)")
_IDEOGRAPH_GAP = re.compile(
    r"(?<=[\u2e80-\u9fff，。、；：！？（）《》])[ \t]*\n[ \t]*(?=[\u2e80-\u9fff，。、；：！？（）《》])"
)


def read_paper_file(path: Path, limit_mb: int) -> Decoded:
    """The lines of a file as plain text. Raises ``Unreadable`` or ``TooLarge`` with the reason."""
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise Unreadable(
            msg(N_("Files of this kind (%(suffix)s) cannot be imported yet."), suffix=path.suffix)
        )
    try:
        if path.stat().st_size > limit_mb * MB:
            raise TooLarge(msg(N_("The file is larger than %(limit)s MB."), limit=limit_mb))
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(
            msg(N_("The file cannot be opened: %(reason)s"), reason=error.strerror or "")
        ) from error
    found = decode(data)
    text = {"text": _from_text, "markdown": _from_markdown, "html": _from_html}[form](found.text)
    return Decoded(text, found.encoding, found.guessed)


def _from_text(text: str) -> str:
    # A plus or a backslash at the start is a mark of ours only where we have set it.
    return "\n".join(re.sub(r"^(\s*)(\\|\++\s)", r"\1\\\2", line) for line in text.splitlines())


def _heading(title: str, level: int) -> str:
    """A heading line: with its own number, or marked with its level below the title."""
    return title if level <= 1 or read_number(title) else "+" * (level - 1) + " " + title


def _from_markdown(text: str) -> str:
    text = re.sub(r"\A---\n.*?\n---\n", "", text.replace("\r\n", "\n"), count=1, flags=re.DOTALL)
    found: list[list[str]] = []  # paragraphs, each with the lines it is broken into
    after_text = False
    for raw in _without_comments(text).split("\n"):
        heading = _HEADING.match(raw)
        line = _plain_words(heading[2].rstrip().rstrip("#").rstrip() if heading else raw)
        if re.fullmatch(r"[\s|:=-]*", line):
            after_text = False
        elif heading:
            found.append([_heading(line.strip(), len(heading[1]))])
            after_text = False
        elif after_text and not read_number(line) and not raw.lstrip().startswith(("|", ">")):
            found[-1].append(line.strip())
        else:
            cells = line.strip().startswith("|")
            found.append([" ".join(line.strip().strip("|").split("|")) if cells else line])
            after_text = not raw.endswith("  ")
    lines = [_IDEOGRAPH_GAP.sub("", "\n".join(one)).replace("\n", " ") for one in found]
    return "\n".join(_shift(lines))


def _without_comments(text: str) -> str:
    """Leave out ``<!-- … -->``; one that is never closed is text."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join(parts) + text[at:]


def _plain_words(line: str) -> str:
    line = _LINK.sub(r"\1", re.sub(r"^\s*>\s?", "", line))
    for _ in range(3):
        line = _MARKS.sub(r"\2", line)
    return re.sub(r"\\([\\`*_{}\[\]()#+.!|>~-])", r"\1", line)


def _shift(lines: list[str]) -> list[str]:
    """Let the highest marked headings be of the first level."""
    levels = [len(match[1]) for line in lines if (match := re.match(r"(\++) ", line))]
    spare = min(levels, default=1) - 1
    return [line[spare:] if re.match(r"\++ ", line) else line for line in lines]


def _from_html(text: str) -> str:
    parser = lxml_html.HTMLParser()
    try:
        # An encoding that the page declares is settled already; lxml refuses it beside text.
        root = lxml_html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=parser)
    except (etree.ParserError, ValueError):
        raise Unreadable(msg(N_("This is no readable HTML page."))) from None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        # The parser has left out what lies deeper: half a paper must not pass for a whole one.
        raise Unreadable(msg(N_("This page is nested too deeply to be read.")))
    body = _main_part(root)
    lines = [line for line in _Lines().walk(body) if line.strip()]
    title = " ".join((root.findtext(".//title") or "").split())
    first = next((" ".join(h.text_content().split()) for h in body.iter("h1")), "")
    if first in lines:  # what stands above the title is the site's
        lines = lines[lines.index(first) :]
    elif title:
        lines = [title, *lines]
    return "\n".join(_shift(lines))


def _main_part(root: HtmlElement) -> HtmlElement:
    body = root.find("body")
    body = root if body is None else body
    whole = len(body.text_content())
    for name in ("article", "main"):
        found = max(body.iter(name), key=lambda one: len(one.text_content()), default=None)
        if found is not None and len(found.text_content()) > 0.5 * whole:
            return found
    return body


class _Lines:
    """Collects the text of blocks as lines; list items get the number that a browser prints."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.words: list[str] = []
        self.mark = ""

    def walk(self, element: HtmlElement) -> Iterator[str]:
        self._visit(element, 0)
        self._end()
        yield from self.done

    def _end(self) -> None:
        text = " ".join(_IDEOGRAPH_GAP.sub("", "".join(self.words)).split())
        self.words = []
        if text:
            self.done.append(
                self.mark + ("\\" + text if re.match(r"\\|\++\s", text) and not self.mark else text)
            )
            self.mark = ""

    def _visit(self, element: HtmlElement, lists: int, number: int = 0) -> None:
        """Collect an element and what is in it; ``number`` is what a numbered list prints before it."""
        name = element.tag if isinstance(element.tag, str) else ""
        if name and name not in _SILENT:
            block = name in _BLOCKS
            if block or name == "br":
                self._end()
            if name == "li":
                self.mark = _item_mark(element, lists, number)
            elif re.fullmatch(r"h[1-6]", name):
                title = " ".join(element.text_content().split())
                self.mark = _heading(title, int(name[1])).removesuffix(title) if title else ""
            self.words.append(element.text or "")
            count = _whole(element.get("start"), 1) - 1 if name == "ol" else 0
            for child in element:
                if name == "ol" and child.tag == "li":
                    count = _whole(child.get("value"), count + 1)
                self._visit(child, lists + (name in ("ol", "ul")), count)
            if block:
                self._end()
            elif name in ("td", "th"):
                self.words.append(" ")
        self.words.append(element.tail or "" if element.getparent() is not None else "")


def _whole(text: str | None, otherwise: int) -> int:
    """A number that a page gives, or the other one where it is none that a browser would print before a clause."""
    found = (text or "").strip()
    return int(found) if re.fullmatch(r"[0-9]{1,4}", found) and int(found) else otherwise


def _item_mark(item: HtmlElement, lists: int, number: int) -> str:
    """``1. `` for a numbered list, ``(1) `` and ``a) `` within one, a bullet otherwise; a typed number stays."""
    if read_number(" ".join("".join(islice(item.itertext(), 20))[:200].split())):
        return ""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "• "
    letter = chr(ord("a") + (number - 1) % 26)
    if parent.get("type") in ("a", "A"):
        return f"{letter if parent.get('type') == 'a' else letter.upper()}) "
    return (f"{number}. ", f"({number}) ", f"{letter}) ")[min(max(lists - 1, 0), 2)]
