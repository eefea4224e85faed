"""Rich text: what may be kept of it, how it is typed, read and shown. Stored HTML is always clean."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from content import chinese, pasted
from content.late import Late

if TYPE_CHECKING:
    from lxml.html import HtmlElement

nh3, markdown_it = Late("nh3"), Late("markdown_it")

Script = Literal["hant", "hans", ""]

TAGS = set(pasted.INLINE | pasted.BLOCKS)
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
SCHEMES = {"http", "https", "mailto", "tel", "item", "file"}
# Wrongly nested tags settle when what was written is read again; sound HTML needs one pass and one look.
PASSES = 6
_ITEM = re.compile(r"^item:([0-9a-f]{32})(?:#([^\s\"'<>]{1,120}))?$")
_FILE = re.compile(r"^file:([0-9a-f]{32})$")
_OUTSIDE = re.compile(r"^(?:https?://[^\s/\\?#]+|mailto:[^\s@]+@[^\s]+|tel:[+\d][\d\-(). ]*)", re.I)
_ANCHOR = re.compile(r"^#[^\s\"'<>]{1,120}$")
_WORD_ANCHOR = re.compile(r"^#_(?:Toc|Ref|ftn|edn|Hlk)", re.I)
_STORED_ITEM = re.compile(r'<a [^>]*?href="item:([0-9a-f]{32})')
_TAG = re.compile(r"(/?)([A-Za-z][A-Za-z0-9:-]{0,30})")
_COMMENT = re.compile(r"<!--(?:(?!<!--|-->).){0,5000}-->", re.S)
# What holds no words of the author, from its tag to the closing one.
_CONTAINERS = frozenset(
    {"script", "style", "title", "head", "template", "noscript", "iframe", "svg", "math", "textarea"}
)
_STORED_FILE = re.compile(r'<img (?:[^>]*? )?src="file:([0-9a-f]{32})"')


def sanitise(html: str) -> str:
    """Clean HTML for keeping: the tags of the allow-list, safe links, own pictures, no styles.

    Cleaning what is clean changes nothing.
    """
    for _ in range(PASSES):
        if not html.strip():
            return ""
        before, html = html, _clean_once(html)
        if html == before:
            break
    return html


def _parse(html: str) -> HtmlElement:
    """The body of some HTML; of what is nested beyond all reason the words remain, as plain paragraphs."""
    try:
        return pasted.parse(html)
    except pasted.TooDeep:
        return pasted.parse(_paragraphs(html))


def _paragraphs(html: str) -> str:
    """The words of HTML as paragraphs, read from left to right without building a tree."""
    first, *pieces = _COMMENT.sub("", html).split("<")
    found, silent = [first], ""
    for piece in pieces:
        tag = _TAG.match(piece)
        end = piece.find(">")
        if tag is None or end < 0:
            found += [] if silent else ["&lt;", piece]
            continue
        name = tag[2].lower()
        if silent:
            silent = "" if tag[1] and name == silent else silent
        elif name in _CONTAINERS and not tag[1]:
            silent = name
        if not silent:
            found += ["\n" if _breaks(name) else "", piece[end + 1 :]]
    lines = (line.strip() for line in "".join(found).split("\n"))
    return "".join(f"<p>{line}</p>" for line in lines if line)


def _clean_once(html: str) -> str:
    body = _parse(html)
    _drop_bad_references(body)
    pasted.tidy(body)
    return nh3.clean(
        pasted.inner_html(body),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_kept_value,
        url_schemes=SCHEMES,
        link_rel="noopener",
    ).strip()


def _kept_value(tag: str, attribute: str, value: str) -> str | None:
    value = value.strip()
    if attribute == "href":
        return safe_link(value)
    if attribute == "src":
        return value if _FILE.match(value) else None
    if attribute in ("start", "colspan", "rowspan"):
        return value if re.fullmatch(r"[0-9]{1,3}", value) else None
    if attribute == "scope":
        return value if value in ("col", "row", "colgroup", "rowgroup") else None
    return value


def safe_link(address: str) -> str | None:
    """The address if a link may lead there: outside, to an item by uid, or within the page; else None."""
    address = address.strip()
    inside = _ITEM.match(unquote(address))
    if inside:
        return inside.group(0)
    if _OUTSIDE.match(address) or (_ANCHOR.match(address) and not _WORD_ANCHOR.match(address)):
        return address
    return None


def _drop_bad_references(body: HtmlElement) -> None:
    """A link that leads nowhere leaves its words; a picture that is not ours leaves nothing."""
    for link in list(body.iter("a")):
        if safe_link(link.get("href", "")) is None:
            link.drop_tag()
    for picture in list(body.iter("img")):
        if not _FILE.match(picture.get("src", "").strip()):
            picture.drop_tree()


@lru_cache
def _markdown() -> Any:
    md = markdown_it.MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(
        ["table", "strikethrough"]
    )
    # Its own check refuses file:, which is how our pictures are addressed; the sanitiser checks again.
    md.validateLink = lambda url: bool(safe_link(url) or _FILE.match(url))
    return md


def from_markdown(text: str) -> str:
    """Clean HTML of Markdown; HTML within it is shown as typed. ``[x](item:UID)``, ``![alt](file:UID)``."""
    return sanitise(_markdown().render(text))


def plain_text(html: str) -> str:
    """The words alone: a line per block, cells of a table row parted by tabs."""
    if "<" not in html and "&" not in html:
        return html.strip()
    body = _parse(html)
    parts: list[str] = []
    _collect(body, parts)
    lines = (re.sub(r"[ \u00a0]+", " ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _collect(body: HtmlElement, parts: list[str]) -> None:
    # Walked by hand, not by recursion: the depth is the author's.
    stack: list[tuple[HtmlElement, bool]] = [(body, False)]
    while stack:
        element, done = stack.pop()
        name = element.tag if isinstance(element.tag, str) else ""
        if done:
            parts.append("\t" if name in ("td", "th") else "\n" if _breaks(name) else "")
            parts.append(element.tail or "")
            continue
        stack.append((element, True))
        if name in pasted.GONE:
            continue
        parts.append("\n" if _breaks(name) and name not in ("td", "th") else "")
        # A line break in the source is a blank, except in text that is kept as it is typed.
        parts.append((element.text or "") if name == "pre" else (element.text or "").replace("\n", " "))
        stack.extend((child, False) for child in reversed(element))


def _breaks(name: str) -> bool:
    return name == "br" or name in pasted.BLOCKS or name in pasted.BOXES


def references(html: str) -> tuple[set[str], set[str]]:
    """The uids of the items that clean HTML links to, and of the files that it shows."""
    return set(_STORED_ITEM.findall(html)), set(_STORED_FILE.findall(html))


def render(
    html: str,
    *,
    to_script: Script,
    links: Callable[[str], tuple[str, str] | None],
    pictures: Callable[[str], str | None],
) -> str:
    """Clean HTML for a reader: addresses for links and pictures, text in the script asked for.

    ``links`` gives address and title of an item's uid, ``pictures`` the address of a file's; either gives
    ``None`` for what is gone or not for this reader: words and descriptions stay. "" keeps the script.
    """
    if "item:" in html or "file:" in html:
        body = _parse(html)
        for link in list(body.iter("a")):
            _resolve_link(link, links)
        for picture in list(body.iter("img")):
            _resolve_picture(picture, pictures)
        html = pasted.inner_html(body)
    return chinese.convert_html(html, to_script) if to_script else html


def _resolve_link(link: HtmlElement, links: Callable[[str], tuple[str, str] | None]) -> None:
    inside = _ITEM.match(unquote(link.get("href", "")))
    if inside is None:
        return
    found = links(inside.group(1))
    if found is None:
        link.tag = "span"
        link.attrib.clear()
        link.set("class", "dead-link")
        return
    address, title = found
    link.set("href", address + (f"#{inside.group(2)}" if inside.group(2) else ""))
    if title and title != link.text_content():
        link.set("title", title)


def _resolve_picture(picture: HtmlElement, pictures: Callable[[str], str | None]) -> None:
    inside = _FILE.match(picture.get("src", ""))
    address = pictures(inside.group(1)) if inside else None
    if address is not None:
        picture.set("src", address)
        picture.set("loading", "lazy")
        return
    words = picture.get("alt", "")
    picture.attrib.clear()
    if words:
        picture.tag = "span"
        picture.set("class", "missing-picture")
        picture.text = words
    else:
        picture.drop_tree()
