"""What others see of public pages: whole addresses, and the words under which a page is shared."""

from __future__ import annotations

from flask import Flask, g, request
from markupsafe import Markup

from portal.web.reading import TAGS, Reading, in_language, reading

# What Open Graph calls the interface languages.
OPEN_GRAPH: dict[str, str] = {"zh_Hant_TW": "zh_TW", "zh_Hans_CN": "zh_CN", "en": "en_US"}
_BY_TAG = {tag.lower(): locale for locale, tag in TAGS.items()}
_DESCRIPTION = 140  # characters
_HEAD = 1500  # characters of rich text that are enough for it


def home() -> str:
    """The portal's own address, without a slash at its end: as set, else as it was asked for."""
    return str(g.settings.public_url or request.url_root).rstrip("/")


def absolute(path: str) -> str:
    """A whole address for a path of ours."""
    return home() + path


def language_asked() -> Reading | None:
    """The way of reading that ``?lang=`` names (zh-Hant, zh-Hans, en), for readers who send no cookies."""
    locale = _BY_TAG.get(request.args.get("lang", "").lower())
    return in_language(locale) if locale else None


def read_as_asked() -> None:
    """Answer this request in the language of its address, if that names one."""
    asked = language_asked()
    if asked is not None:
        g.reading = asked
        g.language_of_address = True
        g.pop("catalogue", None)


def opening(*texts: str) -> str:
    """The first words of the first text that has some, without markup; for descriptions."""
    for text in texts:
        head = text[:_HEAD]
        cut = head[: head.rindex("<")] if head.rfind("<") > head.rfind(">") else head
        words = Markup(cut.replace(">", "> ")).striptags()  # noqa: S704  goes out escaped
        if words:
            return words if len(words) <= _DESCRIPTION else words[: _DESCRIPTION - 1].rstrip() + "…"
    return ""


def install(app: Flask) -> None:
    """Give the templates what the head of a public page needs."""
    app.jinja_env.globals.update(
        absolute=absolute, opening=opening, open_graph_locale=lambda: OPEN_GRAPH[reading().locale]
    )
