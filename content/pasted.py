"""Turn what people paste from Word, WPS, Google Docs and web pages into the plain structure we keep.

Tidiness only. Safety is the allow-list of ``content.richtext``, which runs afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from content.late import Late

etree, lxml_html = Late("lxml.etree"), Late("lxml.html")
HtmlElement = Any  # lxml's

# Dropped with all they contain: none of it is the author's text.
GONE = frozenset({
    "script", "style", "title", "head", "meta", "link", "xml", "template", "noscript", "iframe",
    "object", "embed", "applet", "svg", "math", "canvas", "audio", "video", "textarea", "select",
    "button", "input", "option", "col", "colgroup", "base", "frame", "frameset", "noframes",
    "noembed", "xmp", "plaintext",
})  # fmt: skip
INLINE = frozenset({
    "strong", "em", "u", "s", "sub", "sup", "a", "img", "br", "code",
})  # fmt: skip
BLOCKS = frozenset({
    "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "hr", "figure", "figcaption",
    "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th",
})  # fmt: skip
# Blocks that hold words, not other blocks; boxes of the page become one of these or go.
BOXES = frozenset({
    "div", "section", "article", "main", "header", "footer", "nav", "aside", "center", "address",
    "form", "fieldset", "details", "summary", "dl", "dt", "dd", "hgroup", "legend", "dir", "menu",
    "body", "html",
})  # fmt: skip
RENAMED = {
    "b": "strong",
    "i": "em",
    "strike": "s",
    "del": "s",
    "ins": "u",
    "h1": "h2",
    "h5": "h4",
    "h6": "h4",
    "dir": "ul",
    "menu": "ul",
    "listing": "pre",
    "tt": "code",
    "kbd": "code",
    "samp": "code",
}
_HEADINGS = ("h2", "h3", "h4")
# What a style means that a tag can say; the rest of a style is dropped.
_STYLES = (
    (re.compile(r"(?:^|;)\s*font-weight\s*:\s*(?:bold|bolder|[6-9]00)", re.I), "strong"),
    (re.compile(r"(?:^|;)\s*font-style\s*:\s*(?:italic|oblique)", re.I), "em"),
    (re.compile(r"(?:^|;)\s*text-decoration(?:-line)?\s*:[^;]*underline", re.I), "u"),
    (re.compile(r"(?:^|;)\s*text-decoration(?:-line)?\s*:[^;]*line-through", re.I), "s"),
    (re.compile(r"(?:^|;)\s*vertical-align\s*:\s*super", re.I), "sup"),
    (re.compile(r"(?:^|;)\s*vertical-align\s*:\s*sub", re.I), "sub"),
)
_NOT_BOLD = re.compile(r"font-weight\s*:\s*(?:normal|[1-4]00)", re.I)
# Bounded, so that a text made of beginnings only is not searched to its end from each of them.
_HIDDEN_START = re.compile(r"<!--\[if [^\]>]{0,200}\]>", re.I)
_HIDDEN_END = re.compile(r"<!\[endif\]-->", re.I)
_SHOWN_COMMENT = re.compile(r"<!\[(?:if|endif)[^>]{0,200}>", re.I)
DEEPEST = 60  # nobody nests so deeply by hand; of what lies deeper the words are kept
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_MSO_LIST = re.compile(r"mso-list\s*:\s*l\d+\s+level(\d+)", re.I)
_MSO_IGNORE = re.compile(r"mso-list\s*:\s*Ignore", re.I)
_TYPED_MARKER = re.compile(r"^\s*(\S{1,8}?)(?:[\s\u00a0]{2,}|\t|\u00a0)")
_BULLET = re.compile(r"^[·•●○◦■□▪▫◆◇➢✓§Øüonlvwuq\-–—*\uf000-\uf0ff]$")
_DECIMAL = re.compile(r"^(\d{1,3})[.．、]$")
_CJK = "\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_CJK_BREAK = re.compile(rf"(?<=[{_CJK}])[ \t]*[\r\n]+[ \t]*(?=[{_CJK}])")
_BLANKS = re.compile(r"[ \t\r\n\u00a0]+")
_EDGE = " \t\r\n\u00a0\u3000\u200b\ufeff"


@dataclass
class Marker:
    """What stood before a paragraph of a Word list: its level, and the number if it was one."""

    level: int
    ordered: bool
    number: int


class TooDeep(Exception):
    """HTML nested deeper than the parser follows: it would leave out the rest without a word."""


def parse(html: str) -> HtmlElement:
    """The body of some HTML, however bad, without comments. Nothing in it is safe yet. Raises ``TooDeep``."""
    html = _SHOWN_COMMENT.sub("", _without_hidden(_UNREADABLE.sub("", html)))
    # Bytes with a stated encoding: a <meta charset> or <?xml encoding?> inside must not be believed.
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    page = lxml_html.document_fromstring(f"<html><body>{html}</body></html>".encode(), parser=parser)
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise TooDeep
    body = page.find("body")
    return body if body is not None else page


def _without_hidden(html: str) -> str:
    """Leave out what Word writes for other programs only: ``<!--[if gte mso 9]>…<![endif]-->``."""
    parts, at = [], 0
    while start := _HIDDEN_START.search(html, at):
        end = _HIDDEN_END.search(html, start.end())
        if end is None:
            break
        parts.append(html[at : start.start()])
        at = end.end()
    return "".join(parts) + html[at:]


def inner_html(body: HtmlElement) -> str:
    """The HTML of what an element contains."""
    lead = etree.Element("i")
    lead.text = body.text
    start = etree.tostring(lead, encoding="unicode", method="html")[3:-4]
    return start + "".join(etree.tostring(child, encoding="unicode", method="html") for child in body)


def tidy(body: HtmlElement) -> None:
    """Bring pasted HTML into the shape that the portal keeps, in place."""
    _drop_foreign(body)
    _level_depths(body)
    _make_lists(body)
    _speak_plain_tags(body)
    _flatten(body)
    _wrap_loose(body)
    _mend_lists(body)
    _tidy_blanks(body)
    _drop_empty(body)


def _elements(body: HtmlElement, bottom_up: bool = False) -> Iterator[HtmlElement]:
    """The elements below, as a list made beforehand, since the tree changes while we walk."""
    found = [e for e in body.iter() if e is not body and isinstance(e.tag, str)]
    yield from (reversed(found) if bottom_up else found)


def _drop_foreign(body: HtmlElement) -> None:
    for element in _elements(body, bottom_up=True):
        name = element.tag.lower()
        if name in GONE or (":" in name and name.split(":")[0] == "v"):
            element.drop_tree()


def _level_depths(body: HtmlElement) -> None:
    level = [body]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return
    for element in level:
        words = element.text_content()
        element.clear(keep_tail=True)
        element.text = words


def _make_lists(body: HtmlElement) -> None:
    """Word writes lists as paragraphs with a marker in front; make real lists of bullets and 1. 2. 3.

    Other markers (一、 （一） a) 4.2.1) stay as the text they are: others refer to them as printed.
    """
    stack: list[tuple[int, HtmlElement]] = []
    for paragraph in [p for p in body.iter("p") if p.getparent() is not None]:
        marker = _take_marker(paragraph)
        if marker is None:
            stack.clear()
            continue
        if stack and not _follows(paragraph, stack[0][1]):
            stack.clear()
        _put_into_list(paragraph, marker, stack)


def _take_marker(paragraph: HtmlElement) -> Marker | None:
    level = _MSO_LIST.search(paragraph.get("style", ""))
    if level is None and not paragraph.get("class", "").startswith("MsoListParagraph"):
        return None
    signs = [s for s in paragraph.iter("span") if _MSO_IGNORE.search(s.get("style", ""))]
    if signs:
        sign = signs[0].text_content().strip(_EDGE)
    else:
        typed = _TYPED_MARKER.match(paragraph.text_content())
        sign = typed.group(1) if typed else ""
    number = _DECIMAL.match(sign)
    if number is None and not _BULLET.match(sign):
        if signs:  # keep what is printed, one blank behind it
            _replace_text(signs[0], sign if sign[-1:] in "、）．" else sign + " ")
        return None
    if signs:
        signs[0].drop_tree()
    elif not _cut_front(paragraph, sign):
        return None
    return Marker(
        int(level.group(1)) if level else 1, number is not None, int(number.group(1)) if number else 1
    )


def _replace_text(element: HtmlElement, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = text


def _cut_front(paragraph: HtmlElement, sign: str) -> bool:
    """Cut a typed marker; it is only known to be one if it stands whole in one text node."""
    for element in paragraph.iter():
        for holder in ("text", "tail"):
            text = getattr(element, holder)
            if text and text.strip(_EDGE) and (element is not paragraph or holder == "text"):
                if not text.strip(_EDGE).startswith(sign):
                    return False
                setattr(element, holder, text.lstrip(_EDGE)[len(sign) :].lstrip(_EDGE))
                return True
    return False


def _follows(paragraph: HtmlElement, first: HtmlElement) -> bool:
    """Whether nothing but blanks stands between a list and the next paragraph."""
    before = paragraph.getprevious()
    return before is first and not (first.tail or "").strip(_EDGE)


def _put_into_list(paragraph: HtmlElement, marker: Marker, stack: list[tuple[int, HtmlElement]]) -> None:
    name = "ol" if marker.ordered else "ul"
    while stack and (
        stack[-1][0] > marker.level or (stack[-1][0] == marker.level and stack[-1][1].tag != name)
    ):
        stack.pop()
    if not stack or stack[-1][0] < marker.level:
        made = etree.SubElement(stack[-1][1][-1], name) if stack else _before(paragraph, name)
        if marker.ordered and marker.number != 1:
            made.set("start", str(marker.number))
        stack.append((marker.level, made))
    tail, paragraph.tail = paragraph.tail, None
    stack[-1][1].append(paragraph)
    paragraph.tag = "li"
    for key in list(paragraph.attrib):
        del paragraph.attrib[key]
    root = stack[0][1]
    root.tail = (root.tail or "") + (tail or "") if (tail or "").strip(_EDGE) else root.tail


def _before(paragraph: HtmlElement, name: str) -> HtmlElement:
    made = paragraph.makeelement(name)
    paragraph.addprevious(made)
    return made


def _speak_plain_tags(body: HtmlElement) -> None:
    for element in _elements(body, bottom_up=True):
        name = element.tag.lower()
        style = element.get("style", "")
        if name == "p" and element.get("class", "") == "MsoTitle":
            name = "h2"
        if name in ("b", "strong") and _NOT_BOLD.search(style):
            name = "span"  # Google Docs wraps everything it copies into such a <b>
        name = RENAMED.get(name, name)
        if name in ("span", "font"):
            _say_style_with_tags(element, style)
        if name not in INLINE | BLOCKS | BOXES:
            element.drop_tag()
        elif name != element.tag:
            element.tag = name


def _say_style_with_tags(element: HtmlElement, style: str) -> None:
    """Put the meaning of a span's style around its content: bold, italic, struck, raised."""
    for pattern, name in _STYLES:
        if pattern.search(style) and not any(a.tag in (name, *_HEADINGS) for a in element.iterancestors()):
            inner = element.makeelement(name)
            inner.text, element.text = element.text, None
            inner.extend(list(element))
            element.append(inner)


def _flatten(body: HtmlElement) -> None:
    """Boxes with words only become paragraphs; boxes around blocks go."""
    for element in _elements(body, bottom_up=True):
        if element.tag not in BOXES:
            continue
        if any(child.tag in BLOCKS for child in element):
            _wrap_loose(element)
            element.drop_tag()
        elif element.getparent() is not None and any(
            a.tag in ("p", *_HEADINGS) for a in element.iterancestors()
        ):
            element.drop_tag()
        else:
            element.tag = "p"
    for heading in [e for e in _elements(body) if e.tag in _HEADINGS]:
        for strong in list(heading.iter("strong")):
            strong.drop_tag()
    for element in _elements(body, bottom_up=True):
        if element.tag in INLINE and any(a.tag == element.tag for a in element.iterancestors()):
            element.drop_tag()


def _wrap_loose(box: HtmlElement) -> None:
    """Words that stand between blocks become paragraphs of their own."""
    run: HtmlElement | None = None
    if (box.text or "").strip(_EDGE):
        run = box.makeelement("p")
        run.text, box.text = box.text, None
        box.insert(0, run)
    for child in list(box):
        if child is run:
            continue
        if child.tag in BLOCKS or child.tag in BOXES:
            run = None
            if (child.tail or "").strip(_EDGE):
                run = box.makeelement("p")
                run.text, child.tail = child.tail, None
                child.addnext(run)
            continue
        if run is None:
            run = box.makeelement("p")
            child.addprevious(run)
        run.append(child)  # takes its tail along


def _mend_lists(body: HtmlElement) -> None:
    for element in _elements(body):
        parent = element.getparent()
        if element.tag in ("ul", "ol") and parent is not None and parent.tag in ("ul", "ol"):
            before = element.getprevious()
            if before is not None and before.tag == "li":
                before.append(element)
            else:
                element.drop_tag()
        elif element.tag == "li" and parent is not None and parent.tag not in ("ul", "ol"):
            element.tag = "p"
    for element in _elements(body):
        if element.tag in ("li", "td", "th"):
            _unwrap_single_paragraph(element)


def _unwrap_single_paragraph(box: HtmlElement) -> None:
    """A cell or list entry with one paragraph needs no paragraph; a list below it may stay."""
    if not len(box):
        return
    first = box[0]
    alone = first.tag == "p" and not (box.text or "").strip(_EDGE)
    if alone and all(child.tag in ("ul", "ol") for child in box[1:]) and not (first.tail or "").strip(_EDGE):
        first.drop_tag()


def _tidy_blanks(body: HtmlElement) -> None:
    """One blank between words, none at the edges of a block; underlined blanks (to be filled in) stay."""
    for element in body.iter():
        if any(a.tag == "pre" for a in (element, *element.iterancestors())):
            element.tail = _one_blank(element.tail) if element.tag == "pre" else element.tail
            continue
        fill_in = element.tag == "u" and not element.text_content().strip(_EDGE)
        if not fill_in:
            element.text = _one_blank(element.text)
        element.tail = _one_blank(element.tail)
    for element in list(body.iter()):
        if element is body or (element.tag in BLOCKS and element.tag != "pre"):
            _trim(element)


def _one_blank(text: str | None) -> str | None:
    return _BLANKS.sub(" ", _CJK_BREAK.sub("", text)) if text else text


def _trim(block: HtmlElement) -> None:
    if block.text:
        block.text = block.text.lstrip(_EDGE)
    for child in block:
        if child.tag in BLOCKS and child.tail:
            child.tail = child.tail.strip(_EDGE) or None
    first = block[0] if len(block) else None
    if first is not None and not block.text and first.tag in INLINE - {"u", "img", "br"} and first.text:
        first.text = first.text.lstrip(_EDGE)
    while len(block) and block[-1].tag == "br" and not (block[-1].tail or "").strip(_EDGE):
        block.remove(block[-1])
    if len(block):
        block[-1].tail = (block[-1].tail or "").rstrip(_EDGE) or None
    elif block.text:
        block.text = block.text.rstrip(_EDGE)


def _drop_empty(body: HtmlElement) -> None:
    for element in _elements(body, bottom_up=True):
        if element.tag in ("img", "br", "hr", "td", "th", "tr", "pre") or len(element):
            continue
        text = element.text or ""
        if element.tag == "u" and len(text) > 1:
            continue
        if not text.strip(_EDGE):
            if element.tag in BLOCKS or not text:
                element.drop_tree()
            else:
                element.drop_tag()
