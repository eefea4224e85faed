"""What was typed into a form, field by field, between the browser and the domain. Nothing typed is ever lost:
values the domain refuses go back into the form as they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from content import library, richtext
from content.actions.cleaning import OWN_WORDS
from content.items import COMMON, ContentType, FieldSpec
from content.markdown import to_markdown
from portal.web.numbers import number

SPARE_ROWS = 2
MOST_ROWS = 2_000
OTHER_SCRIPT = {"hant": "hans", "hans": "hant"}


@dataclass
class Rich:
    """Rich text in a form: its words and whether they are HTML or Markdown."""

    text: str = ""
    format: str = "markdown"

    @property
    def html(self) -> str:
        """Clean HTML of what was typed."""
        return (
            richtext.from_markdown(self.text) if self.format == "markdown" else richtext.sanitise(self.text)
        )

    @classmethod
    def of(cls, html: str) -> Rich:
        """Stored HTML for the form: as Markdown where that can say it, else as it is."""
        text = to_markdown(html)
        return cls(html, "html") if text is None else cls(text, "markdown")


@dataclass
class Typed:
    """All that a form holds. ``fields`` are texts, lists of keys, rows or ``Rich``; ``own`` are the words in the
    other script.
    """

    kind: ContentType
    fields: dict[str, Any] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def script(self) -> str:
        """The script that the text is written in, as chosen in the form."""
        found = self.fields.get("script", "")
        return found if found in OTHER_SCRIPT else "hant"

    @property
    def has_own_words(self) -> bool:
        """Whether anything was written by hand for the other script."""
        return any(_said(value) for value in self.own.values())

    def values(self, zone: str, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """For the domain: times in UTC, Markdown as HTML, clauses taken apart and matched with those ``before``."""
        found = {
            spec.name: _value(spec, self.fields[spec.name], zone, before or {})
            for spec in specs(self.kind)
            if spec.name in self.fields
        }
        words = {
            name: value.html if isinstance(value, Rich) else value
            for name, value in self.own.items()
            if _said(value)
        }
        found["scripts"] = {OTHER_SCRIPT[self.script]: words} if words else None
        return found


def specs(kind: ContentType) -> tuple[FieldSpec, ...]:
    """Every field of the form of a kind."""
    return (*COMMON, *kind.fields)


def own_specs(kind: ContentType) -> list[FieldSpec]:
    """The fields that may have words of their own in the other script."""
    return [spec for spec in specs(kind) if spec.type in OWN_WORDS and spec.name != "slug"]


def from_values(kind: ContentType, values: Mapping[str, Any], zone: str) -> Typed:
    """The form as it shows stored values."""
    fields = {
        spec.name: _shown(spec, values.get(spec.name, spec.default), zone)
        for spec in specs(kind)
    }  # fmt: skip
    words = (values.get("scripts") or {}).get(OTHER_SCRIPT[str(fields.get("script") or "hant")], {})
    own = {spec.name: _shown(spec, words.get(spec.name, ""), zone) for spec in own_specs(kind)}
    return Typed(kind, fields, own)


def from_form(kind: ContentType, form: MultiDict[str, str]) -> Typed:
    """The form as it was sent, also from the text that was kept while typing."""
    fields = {spec.name: _read(spec, spec.name, form) for spec in specs(kind)}
    own = {spec.name: _read(spec, f"scripts.{spec.name}", form) for spec in own_specs(kind)}
    return Typed(kind, fields, own)


def _said(value: Any) -> bool:
    return bool((value.text if isinstance(value, Rich) else str(value)).strip())


def _shown(spec: FieldSpec, value: Any, zone: str) -> Any:
    if spec.type == "rich":
        return Rich.of(str(value or ""))
    if spec.type == "datetime":
        return _local(value, zone)
    if spec.type == "money":
        return "" if value is None or value == "" else f"{int(value) // 100}.{int(value) % 100:02d}"
    if spec.type == "audience":
        return [key for key in str(value or "").split(",") if key]
    if spec.type == "bool":
        return bool(value)
    if spec.type == "rows":
        return [{c.name: _shown(c, row.get(c.name), zone) for c in spec.columns} for row in value or ()]
    if spec.type == "clauses":
        return library.outline_text(list(value or ()))
    return "" if value is None else str(value)


def _local(value: Any, zone: str) -> str:
    """A stored moment as the browser's field wants it: the clock of the site, without a zone."""
    if not value:
        return ""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def _read(spec: FieldSpec, name: str, form: MultiDict[str, str]) -> Any:
    if spec.type == "rich":
        format = form.get(f"{name}.format", "markdown")
        return Rich(form.get(name, ""), "html" if format == "html" else "markdown")
    if spec.type == "audience":
        return form.getlist(name)
    if spec.type == "bool":
        return name in form
    if spec.type == "rows":
        return list(_rows(spec, name, form))
    return form.get(name, "")


def _rows(spec: FieldSpec, name: str, form: MultiDict[str, str]) -> Iterator[dict[str, Any]]:
    """The rows in the order of their numbers, which may have gaps; taken-out ones are left behind."""
    numbers = {part[1] for key in form if (part := key.split("."))[0] == name and len(part) == 3}
    gone = set(form.getlist(f"{name}.gone"))
    for row in sorted((n for n in numbers if number(n) is not None), key=int)[:MOST_ROWS]:
        if row not in gone:
            yield {c.name: _read(c, f"{name}.{row}.{c.name}", form) for c in spec.columns}


def _value(spec: FieldSpec, typed: Any, zone: str, before: Mapping[str, Any]) -> Any:
    if isinstance(typed, Rich):
        return typed.html
    if spec.type == "datetime":
        return _utc(str(typed), zone)
    if spec.type == "clauses":
        return library.align(before.get(spec.name) or [], library.parse_outline(str(typed)))
    if spec.type == "rows":
        return [{c.name: _value(c, row.get(c.name), zone, {}) for c in spec.columns} for row in typed]
    return typed


def _utc(typed: str, zone: str) -> str:
    """ISO text in UTC of a moment on the clock of the site; what is no moment is left for the domain to refuse."""
    try:
        found = datetime.fromisoformat(typed.strip())
    except ValueError:
        return typed
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone))
    try:
        return found.astimezone(UTC).isoformat()
    except OverflowError:  # a day at either end of the calendar
        return typed
