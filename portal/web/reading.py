"""How somebody reads: interface language, script of the content, and the large-print edition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import g, request

from content.people import Person

LOCALES: tuple[str, ...] = ("zh_Hant_TW", "zh_Hans_CN", "en")
# What <html lang> says for each interface language.
TAGS: dict[str, str] = {"zh_Hant_TW": "zh-Hant", "zh_Hans_CN": "zh-Hans", "en": "en"}
SCRIPT_TAGS: dict[str, str] = {"hant": "zh-Hant", "hans": "zh-Hans"}
COOKIE = "reading"
YEAR = 365 * 24 * 3600
_SIMPLIFIED = frozenset({"cn", "sg", "my", "hans"})
_FOLLOWS: dict[str, str] = {"zh_Hant_TW": "hant", "zh_Hans_CN": "hans", "en": ""}


@dataclass(frozen=True)
class Reading:
    """Preferences of one reader. ``script`` is hant, hans or "" (each text as its author wrote it)."""

    locale: str
    script: str
    elder: bool = False

    @property
    def tag(self) -> str:
        """The language tag of the interface, as ``<html lang>`` wants it."""
        return TAGS[self.locale]

    @property
    def key(self) -> str:
        """The same as one short text: the cookie's value and part of the page cache's key."""
        return f"{self.locale}.{self.script}.{'1' if self.elder else '0'}"


def in_language(locale: str) -> Reading:
    """Reading in a language, with the script that follows from it."""
    return Reading(locale, _FOLLOWS[locale])


def negotiate(header: str, default: str) -> str:
    """The locale that an Accept-Language header asks for.

    Simplified for cn, sg, my and hans, Traditional for any other zh with a subtag, English for en. A bare
    ``zh``, no header and any other language mean the site's default.
    """
    for tag in _by_weight(header):
        first, *rest = tag.lower().replace("_", "-").split("-")
        if first == "zh" and rest:
            return "zh_Hans_CN" if _SIMPLIFIED.intersection(rest) else "zh_Hant_TW"
        if first == "zh":
            return default
        if first == "en":
            return "en"
    return default


def _by_weight(header: str) -> list[str]:
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        if tag and quality > 0:
            weighted.append((-quality, place, tag.strip()))
    return [tag for _, _, tag in sorted(weighted)]


def from_cookie(value: str) -> Reading | None:
    """The preferences in a cookie; ``None`` if it holds anything else."""
    locale, _, rest = value.partition(".")
    script, _, elder = rest.partition(".")
    if locale not in LOCALES or script not in ("", "hant", "hans") or elder not in ("0", "1"):
        return None
    return Reading(locale, script, elder == "1")


def of_visitor(cookie: str, accept_language: str, default: str) -> Reading:
    """Preferences of a reader without an account: the cookie, else what the browser asks for."""
    return (from_cookie(cookie) if cookie else None) or in_language(negotiate(accept_language, default))


def of_person(person: Person, otherwise: Reading) -> Reading:
    """Preferences of an account; what it leaves open is taken from ``otherwise``."""
    found = in_language(person.locale) if person.locale in LOCALES else otherwise
    if person.script:
        found = replace(found, script=person.script)
    return replace(found, elder=bool(person.elder))


def reading() -> Reading:
    """Preferences of the present request's reader: account, then cookie, then Accept-Language."""
    found: Reading | None = g.get("reading")
    if found is None:
        cookie = request.cookies.get(COOKIE, "")
        found = of_visitor(cookie, request.headers.get("Accept-Language", ""), g.settings.locale)
        person = g.get("person")
        if person is not None:
            found = of_person(person, found)
        g.reading = found
    return found


def forget() -> None:
    """Look again at the reader's preferences: they were just changed."""
    g.pop("reading", None)
    g.pop("catalogue", None)


def remember(response: Any, chosen: Reading, secure: bool) -> None:
    """Keep the preferences in the reader's browser for a year."""
    response.set_cookie(
        COOKIE, chosen.key, max_age=YEAR, path="/", httponly=True, samesite="Lax", secure=secure
    )
