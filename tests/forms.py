"""Forms as a browser without JavaScript sends them, and counting what the database is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lxml.html import HtmlElement, document_fromstring
from werkzeug.datastructures import MultiDict

from content.db import database


def parsed(answer: Any) -> HtmlElement:
    """The page of an answer."""
    return document_fromstring(answer.get_data(as_text=True))


def found_in(answer: Any, xpath: str) -> list[HtmlElement]:
    """The elements of a page that an XPath names."""
    found: list[HtmlElement] = parsed(answer).xpath(xpath)
    return found


def fields_of(answer: Any, form: str = "//form[@data-key]") -> MultiDict[str, str]:
    """What a browser would send of a form: only what is not disabled, ticked boxes, chosen options."""
    found: MultiDict[str, str] = MultiDict()
    for field in found_in(answer, f"({form})[1]//*[self::input or self::textarea or self::select][@name]"):
        if field.get("disabled") is not None or field.get("type") in ("submit", "file"):
            continue
        if any(parent.tag == "template" for parent in field.iterancestors()):
            continue
        if field.get("type") in ("checkbox", "radio"):
            if field.get("checked") is not None:
                found.add(field.get("name"), field.get("value", "on"))
        elif field.tag == "select":
            chosen = field.xpath(".//option[@selected]") or field.xpath(".//option")[:1]
            found.add(field.get("name"), chosen[0].get("value") if chosen else "")
        elif field.tag == "textarea":
            # As a browser: the first line break after the tag is not part of the text.
            found.add(field.get("name"), (field.text or "").removeprefix("\n"))
        else:
            found.add(field.get("name"), field.get("value", ""))
    return found


def send(client: Any, path: str, **changes: Any) -> Any:
    """Open a form, change some fields as a person would, and send it."""
    fields = fields_of(client.get(path))
    for name, value in changes.items():
        fields.setlist(name, value if isinstance(value, list) else [value])
    return client.post(path.split("?")[0], data=fields)


def text_of(answer: Any) -> str:
    """The words of a page."""
    return " ".join(parsed(answer).text_content().split())


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the database is asked within the block."""
    asked: list[str] = []
    plain = database.obj.execute_sql

    def noting(sql: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(sql)
        return plain(sql, *args, **kwargs)

    database.obj.execute_sql = noting
    try:
        yield asked
    finally:
        del database.obj.execute_sql
