"""From what was typed to what is stored: every field of a kind checked by its declaration."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, DecimalException
from typing import Any

from content import richtext
from content.errors import N_, Invalid, Message, msg
from content.items import COMMON, ContentType, FieldSpec, new_uid
from content.people import ROLES, Community, Department

Problems = dict[str, list[Message]]

REQUIRED = msg(N_("Please fill this in."))
RICH_LIMIT = 200_000  # characters of HTML
ROWS_LIMIT = 2_000
CLAUSES_LIMIT = 5_000
EARLIEST, LATEST = 1900, 2200  # years of a date
DEAREST = 10**13  # 分
OWN_WORDS = frozenset(
    {"line", "text", "rich"}
)  # types of field that may have words of their own in the other script
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_AROUND_MONEY = str.maketrans("", "", ",元¥")
_AUDIENCE = re.compile(
    r"(everyone|signed-in|staff|residents|role:[a-z-]+|community:[0-9]{1,9}|department:[0-9]{1,9})"
)
_SLUG = re.compile(r"[\w\-]*")


def too_long(text: str, limit: int) -> Message:
    """Says how long a text is and how long it may be, in characters."""
    return msg(N_("This has %(count)s characters; at most %(limit)s fit."), count=len(text), limit=limit)


class _Bad(Exception):
    """A value that cannot be accepted, with what to tell the reader."""

    def __init__(self, message: Message) -> None:
        self.message = message


def clean(kind: ContentType, values: Mapping[str, Any]) -> dict[str, Any]:
    """All values of the form in stored form (JSON-able; times ISO in UTC).

    Missing fields take their default. Raises ``Invalid`` with the messages of every bad field.
    """
    problems: Problems = {}
    found: dict[str, Any] = {}
    for spec in (*COMMON, *kind.fields):
        try:
            found[spec.name] = clean_field(spec, values.get(spec.name, spec.default))
        except _Bad as bad:
            problems[spec.name] = [bad.message]
        except Invalid as invalid:  # rows report by "lines.0.price"
            problems.update(invalid.fields)
    own_words = _own_words(kind, values.get("scripts"), str(found.get("script", "")), problems)
    if own_words:
        found["scripts"] = own_words
    _check_dates(found, problems)
    if kind.check and not problems:
        problems.update(kind.check(found))
    if problems:
        raise Invalid(problems)
    return found


def clean_roughly(kind: ContentType, values: Mapping[str, Any]) -> dict[str, Any]:
    """As ``clean``, for a preview or a comparison: what cannot be accepted takes its default."""
    found: dict[str, Any] = {}
    for spec in (*COMMON, *kind.fields):
        try:
            found[spec.name] = _CLEANERS[spec.type](spec, values.get(spec.name, spec.default))
        except (_Bad, Invalid):
            found[spec.name] = spec.default
    own_words = _own_words(kind, values.get("scripts"), str(found.get("script", "")), {})
    return {**found, "scripts": own_words} if own_words else found


def clean_field(spec: FieldSpec, value: Any) -> Any:
    """One value by its declaration."""
    result = _CLEANERS[spec.type](spec, value)
    if spec.required and result in ("", None, []):
        raise _Bad(REQUIRED)
    if (
        spec.required
        and spec.type == "rich"
        and not richtext.plain_text(result).strip()
        and "<img" not in result
    ):
        raise _Bad(REQUIRED)
    return result


def checked(spec: FieldSpec, value: Any, problems: Problems) -> Any:
    """One value by its declaration; what is wrong with it goes to ``problems``, and ``None`` comes back."""
    try:
        return clean_field(spec, value)
    except _Bad as bad:
        problems.setdefault(spec.name, []).append(bad.message)
        return None


def _line(spec: FieldSpec, value: Any) -> str:
    text = " ".join(_CONTROL.sub("", str(value or "")).split())
    return _limited(spec, text)


def _text(spec: FieldSpec, value: Any) -> str:
    text = _CONTROL.sub("", str(value or "").replace("\r\n", "\n")).strip()
    return _limited(spec, text)


def _limited(spec: FieldSpec, text: str) -> str:
    if len(text) > spec.max_length:
        raise _Bad(too_long(text, spec.max_length))
    if spec.name == "slug" and not _SLUG.fullmatch(text.replace(" ", "-")):
        raise _Bad(msg(N_("Only letters, digits and hyphens can be part of an address.")))
    return text.replace(" ", "-") if spec.name == "slug" else text


def _rich(spec: FieldSpec, value: Any) -> str:
    if len(str(value or "")) > RICH_LIMIT:
        raise _Bad(msg(N_("This text is too long to keep in one piece. Please split it.")))
    return richtext.sanitise(str(value or ""))


def _bool(spec: FieldSpec, value: Any) -> bool:
    return value in (True, 1, "1", "on", "true", "yes")


def _choice(spec: FieldSpec, value: Any) -> str:
    if value in {name for name, _ in spec.choices}:
        return str(value)
    if not value and not spec.required:
        return str(spec.default or "")
    raise _Bad(msg(N_("Please choose one of the list.")))


def _datetime(spec: FieldSpec, value: Any) -> str | None:
    if not value:
        return None
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise _Bad(msg(N_("This is not a date and time."))) from None
    if found.tzinfo is None or not 1970 <= found.year <= LATEST:
        raise _Bad(msg(N_("This is not a date and time.")))
    return found.astimezone(UTC).isoformat()


def _date(spec: FieldSpec, value: Any) -> str | None:
    if not value:
        return None
    try:
        found = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise _Bad(msg(N_("This is not a date."))) from None
    if not EARLIEST <= found.year <= LATEST:
        raise _Bad(msg(N_("This is not a date.")))
    return found.isoformat()


def _money(spec: FieldSpec, value: Any) -> int | None:
    """Text is yuan (``1,234.50``, full-width digits too); an integer is 分 already."""
    if value is None or value == "":
        return None
    if isinstance(value, int):
        cents = Decimal(value)
    else:
        cents = _cents(unicodedata.normalize("NFKC", str(value)).translate(_AROUND_MONEY).strip())
    if not cents.is_finite() or cents != cents.to_integral_value() or not 0 <= cents <= DEAREST:
        raise _Bad(msg(N_("An amount has at most two decimals and is not negative.")))
    return int(cents)


def _cents(text: str) -> Decimal:
    try:
        return Decimal(text) * 100
    except DecimalException:  # also an exponent beyond all measure
        raise _Bad(msg(N_("This is not an amount of money."))) from None


def clean_audience(value: Any) -> str:
    """Audience keys as stored: sorted, comma-separated. Raises ``Invalid`` for an unknown one."""
    try:
        return _audience(COMMON[0], value)
    except _Bad as bad:
        raise Invalid({"audience": [bad.message]}) from None


def _audience(spec: FieldSpec, value: Any) -> str:
    keys = value if isinstance(value, list | tuple) else str(value or "").split(",")
    keys = sorted({str(key).strip() for key in keys if str(key).strip()})
    for key in keys:
        if not _AUDIENCE.fullmatch(key) or not _exists(key):
            raise _Bad(msg(N_("Please choose one of the list.")))
    return ",".join(keys)


def _exists(key: str) -> bool:
    kind, _, value = key.partition(":")
    if kind == "role":
        return value in ROLES
    if kind == "community":
        return Community.select().where(Community.id == int(value)).exists()
    if kind == "department":
        return Department.select().where(Department.id == int(value)).exists()
    return True


def _uid(spec: FieldSpec, value: Any) -> str:
    text = str(value or "").strip()
    if text and not re.fullmatch(r"[0-9a-f]{32}", text):
        raise _Bad(msg(N_("Please choose one of the list.")))
    return text


def _rows(spec: FieldSpec, value: Any) -> list[dict[str, Any]]:
    """Rows that are empty altogether are left out; problems are named ``lines.0.price``."""
    found: list[dict[str, Any]] = []
    problems: Problems = {}
    for n, raw in enumerate(value or ()):
        if not any(str(raw.get(column.name) or "").strip() for column in spec.columns):
            continue
        row: dict[str, Any] = {}
        for column in spec.columns:
            try:
                row[column.name] = clean_field(column, raw.get(column.name, column.default))
            except _Bad as bad:
                problems[f"{spec.name}.{n}.{column.name}"] = [bad.message]
        found.append(row)
    if problems:
        raise Invalid(problems)
    if len(found) > ROWS_LIMIT:
        raise _Bad(msg(N_("More than %(limit)s rows do not fit."), limit=ROWS_LIMIT))
    return found


def _clauses(spec: FieldSpec, value: Any) -> list[dict[str, Any]]:
    found = []
    if len(value or ()) > CLAUSES_LIMIT:
        raise _Bad(msg(N_("More than %(limit)s clauses do not fit."), limit=CLAUSES_LIMIT))
    for raw in value or ():
        found.append(
            {
                "uid": raw.get("uid") or new_uid(),
                "number": _CONTROL.sub("", str(raw.get("number", "")))[:40],
                "label": _CONTROL.sub("", str(raw.get("label", "")))[:120],
                "depth": max(1, min(12, int(raw.get("depth") or 1))),
                "heading": _CONTROL.sub("", str(raw.get("heading", ""))),
                "text": _CONTROL.sub("", str(raw.get("text", ""))),
            }
        )
    labels = [row["label"] for row in found]
    if len(set(labels)) != len(labels) or not all(labels):
        raise _Bad(msg(N_("Two clauses have the same number.")))
    return found


_CLEANERS: dict[str, Callable[[FieldSpec, Any], Any]] = {
    "line": _line,
    "text": _text,
    "rich": _rich,
    "bool": _bool,
    "choice": _choice,
    "date": _date,
    "datetime": _datetime,
    "money": _money,
    "audience": _audience,
    "picture": _uid,
    "item": _uid,
    "rows": _rows,
    "clauses": _clauses,
}


def _own_words(kind: ContentType, value: Any, script: str, problems: Problems) -> dict[str, dict[str, str]]:
    """An editor's own words in the other script; only texts, only what is not empty. Errors: ``scripts.title``."""
    other = {"hant": "hans", "hans": "hant"}.get(script, "")
    given = (value or {}).get(other)
    if not isinstance(given, Mapping):
        return {}
    found: dict[str, str] = {}
    for spec in (*COMMON, *kind.fields):
        if spec.type not in OWN_WORDS or spec.name == "slug" or not given.get(spec.name):
            continue
        try:
            cleaned = _CLEANERS[spec.type](spec, given[spec.name])
        except _Bad as bad:
            problems[f"scripts.{spec.name}"] = [bad.message]
            continue
        if cleaned:
            found[spec.name] = cleaned
    return {other: found} if found else {}


def _check_dates(found: Mapping[str, Any], problems: Problems) -> None:
    begin, end = found.get("publish_at"), found.get("expire_at")
    if begin and end and end <= begin:
        problems.setdefault("expire_at", [msg(N_("It would be withdrawn before it is published."))])
