"""Guessing a password: ten failed tries in a quarter of an hour, the same for names that do not exist."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from content import people, throttle
from tests.conftest import PASSWORD, csrf


def attempt(client: Any, username: str, password: str) -> Any:
    token = csrf(client.get("/login"))
    return client.post("/login", data={"csrf_token": token, "username": username, "password": password})


@pytest.mark.parametrize("username", ["editor", "nobody-here"])
def test_the_eleventh_try_waits_whatever_the_name(client: Any, clock: Any, username: str) -> None:
    for _ in range(10):
        assert attempt(client, username, "wrong").status_code == 422
        clock(timedelta(seconds=30))
    answer = attempt(client, username, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 601
    assert f'value="{username}"' in answer.get_data(as_text=True)


def test_it_opens_again_and_success_starts_afresh(client: Any, clock: Any) -> None:
    for _ in range(10):
        attempt(client, "editor", "wrong")
    clock(timedelta(minutes=15) - timedelta(seconds=1))
    assert attempt(client, "editor", PASSWORD).status_code == 429
    clock(timedelta(seconds=1))
    assert attempt(client, "editor", PASSWORD).status_code == 303
    assert not throttle.FailedTry.select().exists()


def test_nine_failures_do_not_lock_the_door(client: Any, clock: Any) -> None:
    for _ in range(9):
        attempt(client, "editor", "wrong")
    assert attempt(client, "EDITOR", "wrong").status_code == 422
    assert attempt(client, "editor", PASSWORD).status_code == 429


def test_somebody_else_elsewhere_is_not_locked_out(house: Any) -> None:
    for _ in range(10):
        throttle.note_failure("editor", "10.0.0.1")
    throttle.check("editor", "10.0.0.2")
    throttle.check("reviewer", "10.0.0.1")
    with pytest.raises(throttle.TooManyTries):
        throttle.check("Editor ", "10.0.0.1")


@pytest.mark.parametrize(("limit", "spread"), [(throttle.NAME, "address"), (throttle.ADDRESS, "name")])
def test_spreading_it_out_does_not_help(house: Any, limit: int, spread: str) -> None:
    def one(n: int) -> tuple[str, str]:
        return ("editor", f"10.0.0.{n}") if spread == "address" else (f"user{n}", "10.0.0.1")

    for n in range(limit):
        throttle.check(*one(n))
        throttle.note_failure(*one(n))
    with pytest.raises(throttle.TooManyTries):
        throttle.check(*one(limit))


def test_a_new_password_ends_the_other_sessions(app: Any, house: Any, login: Any) -> None:
    client = app.test_client()
    login(client, "editor")
    assert client.get("/work/").status_code == 200
    people.set_password(house.editor, "another-password")
    assert client.get("/work/").status_code in (302, 303)


def test_who_changes_his_own_password_stays_signed_in(app: Any, login: Any) -> None:
    client = app.test_client()
    login(client, "editor")
    form = {"csrf_token": csrf(client.get("/account")), "password": PASSWORD}
    form |= {"new_password": "another-password", "again_password": "another-password"}
    client.post("/account/password", data=form)
    assert client.get("/work/").status_code == 200
