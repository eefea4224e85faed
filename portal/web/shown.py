"""Content as the reader sees it: in the reader's script, in an element that says which script that is."""

from __future__ import annotations

from typing import Any, Protocol

from markupsafe import Markup, escape

from content.chinese import convert, detect_script
from portal.web.reading import SCRIPT_TAGS, reading


class Listable(Protocol):
    """An item, or a row of a list of items."""

    script: str
    scripts: Any


def script_of(value: str, script: str = "") -> str:
    """The script a text was written in: as stored, else as its characters show."""
    return script or detect_script(value) or "hant"


def plain(value: str, script: str = "") -> str:
    """A text in the reader's script, without an element: for titles of windows and attributes."""
    return _converted(value, script, reading().script)


def _converted(value: str, script: str, wanted: str) -> str:
    if not value or not wanted or script_of(value, script) == wanted:
        return value
    return convert(value, wanted)  # type: ignore[arg-type]  # hant or hans


def tag(value: str, script: str = "") -> str:
    """The language tag of a text as it is shown to this reader."""
    return SCRIPT_TAGS[reading().script or script_of(value, script)]


def _element(tag: str, text: str) -> Markup:
    # The tag is one of ours; escaping it, too, would cost more than the rest.
    return Markup(f'<span lang="{tag}" data-content>{escape(text)}</span>')  # noqa: S704


def shown(value: str, script: str = "") -> Markup:
    """A text of the content in the reader's script, in an element with its language."""
    if not value:
        return Markup("")
    wanted = reading().script
    written = script_of(value, script)
    return _element(SCRIPT_TAGS[wanted or written], _converted(value, written, wanted))


def name(value: str) -> Markup:
    """The name of a person: never converted, 后 and 後 are different families."""
    return _element(SCRIPT_TAGS[script_of(value)], value)


def own_words(item: Listable, field: str, wanted: str) -> str | None:
    """What an editor wrote for the reader's script in place of the conversion, if anything."""
    if not wanted or wanted == item.script or not item.scripts:
        return None
    words: Any = item.scripts.get(wanted, {}).get(field)
    return str(words) if words else None


def item_plain(item: Listable, field: str = "title") -> str:
    """A text field of an item for the reader, without an element."""
    wanted = reading().script
    return own_words(item, field, wanted) or _converted(getattr(item, field), item.script, wanted)


def item_tag(item: Listable) -> str:
    """The language tag of an item as it is shown to this reader."""
    return SCRIPT_TAGS[reading().script or item.script]


def item_shown(item: Listable, field: str = "title") -> Markup:
    """A text field of an item for the reader, in an element with its language."""
    words = item_plain(item, field)
    return _element(item_tag(item), words) if words else Markup("")
