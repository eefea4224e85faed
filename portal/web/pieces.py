"""Pieces of pages that look the same to many readers, kept under everything that their looks depend on.

A list shows two dozen slips to every visitor, below the same header. Making them anew for each would cost
two thirds of the page; who may see which slip is asked each time, only its looks are kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from flask import Flask, current_app, g, render_template, request
from markupsafe import Markup

from content import chinese, moment, preferences
from portal.web.login import person
from portal.web.reading import reading

MOST = 1024  # pieces, of at most some kilobytes each; the oldest makes room


class Pieces:
    """What was made, by its key. Two threads may make the same piece at once; then one of the two is kept."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Markup] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Markup]) -> Markup:
        """The piece with this key, made if there is none yet."""
        found = self._made.get(key)
        if found is None:
            found = make()
            with self._lock:
                if len(self._made) >= MOST:
                    del self._made[next(iter(self._made))]
                self._made[key] = found
        return found


def _looks() -> tuple[Hashable, ...]:
    """What every piece depends on: how the reader reads, the day, the site's own words, and the test language."""
    today = moment.today(g.settings.zone)
    pseudo = bool(current_app.config.get("PSEUDO"))
    return reading().key, today, chinese.edition(), pseudo, preferences.edition()


def install(app: Flask) -> None:
    """Give the templates ``header()``, ``footer()`` and the filter ``slip``."""
    pieces = Pieces()

    def header() -> Markup:
        def make() -> Markup:
            return Markup(render_template("parts/header.html"))  # noqa: S704  a template of ours

        if person() is not None:  # holds their name, their unread messages and a token
            return make()
        return pieces.get(("header", request.method, request.full_path, *_looks()), make)

    def footer() -> Markup:
        return pieces.get(
            ("footer", *_looks()),
            lambda: Markup(render_template("parts/footer.html")),  # noqa: S704  a template of ours
        )

    def slips(cards: Sequence[Any], audiences: dict[int, list[str]], pinned: bool, show_kind: bool) -> Markup:
        macro: Any = getattr(app.jinja_env.get_template("parts/cards.html").module, "slip")  # noqa: B009  a macro
        looks = _looks()

        def one(card: Any) -> Markup:
            keys = audiences.get(card.id, [])
            if keys:
                return Markup(macro(card, keys, pinned, show_kind))  # noqa: S704  a template of ours
            # A row is its own key, but for the other script's words, which are a dictionary.
            key = ("slip", *card._replace(scripts=repr(card.scripts)), pinned, show_kind, *looks)
            return pieces.get(key, lambda: Markup(macro(card, [], pinned, show_kind)))  # noqa: S704

        return Markup("").join(one(card) for card in cards)

    app.jinja_env.globals.update(header=header, footer=footer, slip_rows=slips)
