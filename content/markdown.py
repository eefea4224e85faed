"""Rich text as Markdown, for the plain text area that stands in where the editor cannot run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from content import pasted, richtext

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
_LINE_START = re.compile(r"^(\s*(?:\d{1,9}(?=[.)](?:\s|$)))?)([#\-+>.)=])", re.M)
_TAGS = re.compile(r"(<[^>]*>)")
_MARKS = {"strong": "**", "em": "*", "s": "~~", "code": "`"}
_HEADINGS = {"h2": "##", "h3": "###", "h4": "####"}


class _Unsayable(Exception):
    """Something that Markdown has no words for."""


def to_markdown(html: str) -> str | None:
    """Markdown that ``richtext.from_markdown`` turns back into the same clean HTML; ``None`` if there is none.

    Merged cells, captions, underlining and the like cannot be said; such a text is then edited as HTML.
    """
    if not html.strip():
        return ""
    try:
        text = _blocks(pasted.parse(html)).strip() + "\n"
    except (_Unsayable, RecursionError, pasted.TooDeep):
        return None
    back = richtext.from_markdown(text)
    return text if _bare(back) == _bare(richtext.sanitise(html)) else None


def _bare(html: str) -> str:
    """Without the white space around tags, which Markdown sets as it likes."""
    return "".join(piece.strip() for piece in _TAGS.split(html))


def _blocks(parent: HtmlElement, tight: bool = False) -> str:
    """The blocks within an element, an empty line between two of them (none in a tight list)."""
    found: list[str] = []
    if (parent.text or "").strip():
        raise _Unsayable
    for child in parent:
        found.append(_block(child))
        if (child.tail or "").strip():
            raise _Unsayable
    return ("\n" if tight else "\n\n").join(found)


def _block(element: HtmlElement) -> str:
    name = element.tag
    if name == "p":
        return _LINE_START.sub(r"\1\\\2", _inline(element))
    if name in _HEADINGS:
        return f"{_HEADINGS[name]} {_inline(element)}"
    if name in ("ul", "ol"):
        return _list(element)
    if name == "blockquote":
        return _indent("> ", "> ", _blocks(element))
    if name == "hr":
        return "---"
    if name == "table":
        return _table(element)
    raise _Unsayable


def _indent(first: str, others: str, text: str) -> str:
    lines = text.split("\n")
    return "\n".join((first if n == 0 else others) + line for n, line in enumerate(lines))


def _list(element: HtmlElement) -> str:
    number = int(element.get("start", "1")) if element.tag == "ol" else 0
    found = []
    for item in element:
        if item.tag != "li":
            raise _Unsayable
        mark = f"{number}. " if number else "- "
        number += 1 if number else 0
        found.append(_indent(mark, " " * len(mark), _list_item(item)))
    loose = any(child.tag == "p" for item in element for child in item)
    return ("\n\n" if loose else "\n").join(found)


def _list_item(item: HtmlElement) -> str:
    """An item's words, and the lists within it; loose items hold paragraphs."""
    if any(child.tag == "p" for child in item):
        return _blocks(item)
    inner = [child for child in item if child.tag in ("ul", "ol")]
    if any((child.tail or "").strip() for child in inner):
        raise _Unsayable
    for child in inner:
        item.remove(child)
    words = _LINE_START.sub(r"\1\\\2", _inline(item))
    return "\n".join([words, *(_list(child) for child in inner)])


def _table(table: HtmlElement) -> str:
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    heads = list(table.iter("thead"))
    widths = {len(row) for row in rows}
    plain = all(not cell.get("colspan") and not cell.get("rowspan") for row in rows for cell in row)
    if not heads or len(widths) != 1 or not plain or list(table.iter("caption", "tfoot")):
        raise _Unsayable
    lines = ["| " + " | ".join(_inline(cell).replace("\n", " ") for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * widths.pop())
    return "\n".join(lines)


def _inline(element: HtmlElement) -> str:
    """The words within an element, with the marks on them."""
    parts = [_escaped(element.text)]
    for child in element:
        parts.append(_mark(child))
        parts.append(_escaped(child.tail))
    return "".join(parts)


def _mark(child: HtmlElement) -> str:
    name = child.tag
    if name == "br":
        return "\n"
    if name == "img":
        return f"![{_escaped(child.get('alt'))}]({child.get('src', '')})"
    if name == "a":
        return f"[{_inline(child)}](<{child.get('href', '')}>)"
    if name == "code" and not len(child):
        return f"`{child.text or ''}`"
    if name in _MARKS:
        return f"{_MARKS[name]}{_inline(child)}{_MARKS[name]}"
    raise _Unsayable


def _escaped(text: str | None) -> str:
    return _SPECIAL.sub(r"\\\1", (text or "").replace("\n", " "))
