"""Messages of the domain are rendered anywhere; the pseudo-locale brackets everything that was marked."""

from __future__ import annotations

from typing import Any

from content.errors import msg
from portal.web.i18n import say


def test_a_message_is_said_outside_of_a_request_nested_ones_first() -> None:
    message = msg("%(who)s did it to %(what)s", who=msg("Everyone-that-has-no-translation"), what="停水")
    assert say(message, "en") == "Everyone-that-has-no-translation did it to 停水"
    assert say(message, "zh_Hant_TW").endswith("停水")


def test_values_that_do_not_fit_leave_the_sentence() -> None:
    assert say(msg("100 % of %(x)s", x=1), "en") == "100 % of %(x)s"
    assert say(msg("Hello %(name)s", other=1), "en") == "Hello %(name)s"
    assert say(msg(""), "en") == ""


def test_percent_without_values_stays() -> None:
    assert say(msg("93.8 % in time"), "en") == "93.8 % in time"


def test_within_a_request_the_readers_language_is_meant(app: Any) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        app.preprocess_request()
        assert say(msg("Home")) == say(msg("Home"), "zh_Hans_CN")


def test_the_pseudo_locale_brackets_words_and_places(app: Any) -> None:
    app.config["PSEUDO"] = True
    with app.test_request_context():
        app.preprocess_request()
        assert say(msg("Valid until %(day)s", day="x")) == "⟦Valid until ⟧⟦x⟧"
        assert say(msg("Home")) == "⟦Home⟧"
