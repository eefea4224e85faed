"""Every error is a page of ours, in the reader's language, without a stack trace."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from peewee import OperationalError

from content.errors import Busy, Conflict, Invalid, NotAllowed, NotFound, StorageFull, TooLarge, msg

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def failing(app: Any) -> Any:
    """A page that raises what it is told to, and its client."""
    raised: list[BaseException] = []

    def fail() -> str:
        raise raised[0]

    app.add_url_rule("/fail", "fail", fail, methods=["GET", "POST"])
    app.view_functions["fail"] = fail

    def get(error: BaseException, **options: Any) -> Any:
        raised[:] = [error]
        return app.test_client().get("/fail", headers=ENGLISH, **options)

    return get


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFound(), 404, "nothing at this address"),
        (Conflict(3), 409, "Somebody else changed"),
        (TooLarge(msg("Larger than 50 MB.")), 413, "Larger than 50 MB."),
        (Busy(), 503, "busy just now"),
        (StorageFull(), 507, "no storage left"),
        (Invalid({"title": [msg("Please fill this in.")]}), 400, "need your attention"),
        (OperationalError("database is locked"), 503, "busy just now"),
        (OperationalError("database or disk is full"), 507, "no storage left"),
        (OperationalError("unable to open database file"), 503, "cannot be reached"),
    ],
)
def test_errors_of_the_domain(failing: Any, error: Exception, status: int, words: str) -> None:
    answer = failing(error)
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert words in page
    assert "Traceback" not in page
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_visitor_without_the_right_is_asked_to_sign_in(failing: Any) -> None:
    answer = failing(NotAllowed())
    assert (answer.status_code, answer.location) == (302, "/login?next=/fail")


def test_somebody_signed_in_without_the_right_finds_nothing(app: Any, client: Any, login: Any) -> None:
    def refuse() -> str:
        raise NotAllowed()

    app.add_url_rule("/refuse", "refuse", refuse)
    login(client, "owner")
    assert client.get("/refuse").status_code == 404


def test_a_mistake_of_ours_is_logged_and_not_shown(failing: Any, caplog: Any) -> None:
    with caplog.at_level(logging.ERROR):
        answer = failing(ZeroDivisionError("secret detail"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret detail" not in page
    assert "Traceback" not in page
    reference = caplog.records[-1].getMessage().split("[")[1].split("]")[0]
    assert reference in page
    assert "secret detail" in caplog.text


def test_a_wrong_way_of_asking(client: Any) -> None:
    answer = client.post("/notices/", headers=ENGLISH)
    assert answer.status_code in (400, 405)
    answer = client.put("/healthz", headers=ENGLISH)
    assert answer.status_code in (400, 405)


def test_an_unknown_address_offers_the_search(client: Any) -> None:
    answer = client.get("/nowhere/at/all", headers=ENGLISH)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert 'action="/search"' in page
    assert '<html lang="en"' in page
