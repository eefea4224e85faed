"""Translations: of the interface within a request, and of the domain's messages anywhere."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_app_context, has_request_context
from flask_babel import Babel, Domain
from markupsafe import Markup

from content import chinese, moment
from content.errors import Message, Written
from portal.web.reading import in_language, reading

_PLACEHOLDER = re.compile(r"(%\(\w+\)[sd])")
FOLDER = Path(__file__).resolve().parents[2] / "translations"


def _bracketed(message: str) -> str:
    """The words and each placeholder in brackets of their own, so that a value may be an element."""
    pieces = _PLACEHOLDER.split(message)
    return "".join(f"⟦{piece}⟧" if piece.strip() else piece for piece in pieces)


class Pseudo(NullTranslations):
    """A made-up language that puts brackets round each message; what lacks them was never marked."""

    def gettext(self, message: str) -> str:
        return _bracketed(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _bracketed(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return _bracketed(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, num: int) -> str:
        return _bracketed(msgid1 if num == 1 else msgid2)

    # Flask-Babel asks by the names of Python 2, which Babel's class would answer past ours.
    ugettext, ungettext, upgettext = gettext, ngettext, pgettext
    unpgettext = npgettext  # type: ignore[assignment]  # the same but for the names of two parameters


_PSEUDO = Pseudo()


@lru_cache(maxsize=8)
def catalogue(locale: str) -> NullTranslations:
    """The compiled messages of one locale; English source strings where there are none."""
    return Translations.load(FOLDER, [locale], "messages")


def _catalogue_for(locale: str) -> NullTranslations:
    return _PSEUDO if has_app_context() and current_app.config.get("PSEUDO") else catalogue(locale)


class PortalDomain(Domain):
    """Flask-Babel's door to our catalogues: exact locale codes, and the pseudo-locale of the tests."""

    def get_translations(self) -> NullTranslations:
        return _present()


def _present() -> NullTranslations:
    """The catalogue of this request's reader; found once, asked for a hundred times a page."""
    if not has_request_context():
        return _catalogue_for(_locale())
    found: NullTranslations | None = g.get("catalogue")
    if found is None:
        found = g.catalogue = _catalogue_for(_locale())
    return found


def _locale() -> str:
    if has_request_context():
        return reading().locale
    return str(current_app.extensions["settings"].locale) if has_app_context() else "en"


def say(message: Message | str, locale: str = "") -> str:
    """Render a domain message in a locale, nested messages first; within a request the reader's is the default.

    An id without a translation is given in English; values that do not fit leave the sentence unfilled.
    """
    if isinstance(message, str):
        message = Message(message)
    found = _catalogue_for(locale) if locale else _present()
    text = found.gettext(message.id) if message.id else ""
    if not message.values:
        return text
    values = {name: _said(value, locale) for name, value in message.values.items()}
    try:
        return text % values
    except (KeyError, TypeError, ValueError):
        return text


def _said(value: object, locale: str) -> object:
    """A value within a sentence: content in the reader's script, times as the clocks of the site show them."""
    if isinstance(value, Message):
        return say(value, locale)
    if isinstance(value, Written):
        asked = not locale and has_request_context()
        wanted = reading().script if asked else in_language(locale or _locale()).script
        written = value.script or chinese.detect_script(value.text)
        return chinese.convert(value.text, wanted) if wanted and wanted != written else value.text  # type: ignore[arg-type]
    if isinstance(value, date):
        locale = locale or _locale()
        pattern = "EEE, MMM d, y" if locale == "en" else "y年M月d日 EEE"
        here = moment.local(value) if isinstance(value, datetime) and value.tzinfo else value
        day = format_date(here, pattern, locale=locale)
        return f"{day} {here:%H:%M}" if isinstance(here, datetime) else day
    return value


@lru_cache(maxsize=4096)
def _marked_up(catalogue: NullTranslations, text: str) -> Markup:
    return Markup(catalogue.gettext(text))  # noqa: S704  source strings and translations are ours


def worded(text: str, **values: object) -> Markup:
    """``_`` of the templates: does what Jinja's own does, but formats only where there is something to fill in."""
    found = _marked_up(_present(), text)
    return found % values if values or "%" in found else found


def marked(text: str) -> str:
    """Text that Babel has worded (dates, numbers): interface, too, so the pseudo-locale brackets it."""
    return f"⟦{text}⟧" if _present() is _PSEUDO else text


def install(app: Flask) -> None:
    """Give the app and its templates their translations."""
    babel = Babel(app, configure_jinja=False, locale_selector=_locale)
    babel.domain_instance = PortalDomain()
    env: Any = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(
        gettext=lambda text: _present().gettext(text),
        ngettext=lambda one, many, n: _present().ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: _present().pgettext(context, text),
        npgettext=lambda context, one, many, n: _present().npgettext(context, one, many, n),
    )
    env.globals.update(say=say, _=worded, gettext=worded)
