"""Sessions: one row per browser, listed and ended; a session ended elsewhere is out at the next click."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import pytest

from content import accounts, outbox, people
from content.accounts import sessions
from content.accounts.models import Session
from content.errors import NotFound
from content.history import AuditEntry
from content.people import Person
from tests.accounts import posted
from tests.conftest import PASSWORD, csrf
from tests.forms import counted, found_in, text_of

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1"
)


def signed_in(client: Any) -> bool:
    return bool(client.get("/inbox/").status_code == 200)


def test_devices_are_listed_in_words_and_one_is_ended(app: Any, login: Any, house: Any) -> None:
    here, there = app.test_client(), app.test_client()
    there.environ_base["HTTP_USER_AGENT"] = PHONE
    login(here, "owner")
    login(there, "owner")
    page = here.get("/account/sessions", headers={"Accept-Language": "en"})
    assert "Safari · iPhone" in text_of(page)
    other = found_in(page, "//li[contains(.,'iPhone')]//input[@name='id']/@value")[0]
    posted(here, "/account/sessions/end", "/account/sessions", id=str(other))
    assert signed_in(here)
    assert not signed_in(there)
    assert "session.ended" in {entry.verb for entry in AuditEntry.select()}


def test_all_others_are_ended_at_once(app: Any, login: Any) -> None:
    clients = [app.test_client() for _ in range(3)]
    for client in clients:
        login(client, "owner")
    posted(clients[0], "/account/sessions/end", "/account/sessions", id="others")
    assert [signed_in(client) for client in clients] == [True, False, False]


def test_nobody_ends_the_session_of_somebody_else(app: Any, login: Any, house: Any) -> None:
    mine, other = app.test_client(), app.test_client()
    login(mine, "owner")
    login(other, "tenant")
    [row] = sessions.open_sessions(house.tenant)
    posted(mine, "/account/sessions/end", "/account/sessions", id=str(row.id))
    assert signed_in(other)
    with pytest.raises(NotFound):
        sessions.end(house.owner, row.id)


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Any, login: Any) -> None:
    client, thief = app.test_client(), app.test_client()
    login(client, "owner")
    for name in ("session", "remember"):
        cookie = client.get_cookie(name)
        if cookie is not None:
            thief.set_cookie(name, cookie.value)
    assert signed_in(thief)
    client.post("/logout", data={"csrf_token": csrf(client.get("/account"))})
    assert not signed_in(thief)


@pytest.mark.parametrize("way", ["own", "command line", "hash"])
def test_a_new_password_ends_the_other_sessions(app: Any, login: Any, house: Any, way: str) -> None:
    here, there = app.test_client(), app.test_client()
    login(here, "owner")
    login(there, "owner")
    if way == "own":
        fields = {
            "password": PASSWORD,
            "new_password": "another-password",
            "again_password": "another-password",
        }
        assert posted(here, "/account/password", "/account", **fields).status_code == 303
        assert len(sessions.open_sessions(house.owner)) == 1
    elif way == "command line":
        accounts.change_password(house.owner, "another-password")
        assert sessions.open_sessions(house.owner) == []
    else:
        people.set_password(house.owner, "another-password")
    assert signed_in(here) == (way == "own")
    assert not signed_in(there)


def test_who_is_remembered_stays_so_after_changing_the_password(client: Any) -> None:
    posted(client, "/login", username="owner", password=PASSWORD, remember="1")
    fields = {"password": PASSWORD, "new_password": "another-password", "again_password": "another-password"}
    posted(client, "/account/password", "/account", **fields)
    client.delete_cookie("session")
    assert signed_in(client)


def test_the_token_is_not_kept(client: Any, login: Any, house: Any) -> None:
    made = sessions.begin(house.owner)
    assert made.digest != house.owner.session_token
    assert made.digest == sessions.digest_of(house.owner.session_token)


def test_being_seen_is_written_at_most_every_ten_minutes(
    client: Any, login: Any, house: Any, clock: Any
) -> None:
    login(client, "owner")
    begun = Session.get().seen_at
    clock(timedelta(minutes=10) - timedelta(seconds=1))
    with counted() as asked:
        client.get("/account")
    assert not [sql for sql in asked if sql.startswith("UPDATE")]
    clock(timedelta(seconds=1))
    client.get("/account")
    assert Session.get().seen_at == begun + timedelta(minutes=10)


def test_session_and_person_are_one_question(client: Any, login: Any) -> None:
    login(client, "owner")
    client.get("/account/home")
    with counted() as asked:
        client.get("/account/home")
    of_people = [sql for sql in asked if '"person"' in sql and "membership" not in sql and "inbox" not in sql]
    assert len([sql for sql in of_people if '"session"' in sql]) == 1
    assert len([sql for sql in asked if sql.startswith("SELECT") and 'FROM "person"' in sql]) == 0
    assert len(asked) <= 12


def test_a_busy_database_does_not_hold_up_a_reader(
    client: Any, login: Any, settings: Any, clock: Any
) -> None:
    login(client, "owner")
    clock(timedelta(minutes=11))
    other = sqlite3.connect(settings.data / "lianxi.db")
    other.execute("BEGIN IMMEDIATE")
    try:
        assert client.get("/account/home").status_code == 200
    finally:
        other.rollback()
        other.close()
    client.get("/account/home")
    assert Session.get().seen_at > Session.get().created_at


@pytest.mark.parametrize(("remember", "days"), [("", 30), ("1", 365)])
def test_a_session_unused_for_long_is_over(client: Any, clock: Any, remember: str, days: int) -> None:
    posted(client, "/login", username="owner", password=PASSWORD, **({"remember": "1"} if remember else {}))
    clock(timedelta(days=days) - timedelta(seconds=1))
    assert signed_in(client)
    clock(timedelta(days=days))
    assert not signed_in(client)


def test_contact_is_changed_with_the_password_and_never_takes_anothers(
    client: Any, login: Any, house: Any
) -> None:
    Person.update(phone_key="+8613900139000").where(Person.id == house.tenant.id).execute()
    login(client, "owner")
    fields = {"telephone": "138 0013 8000", "email": "O@example.org", "contact_password": "wrong"}
    assert posted(client, "/account/contact", "/account", **fields).status_code == 422
    fields["contact_password"] = PASSWORD
    answer = posted(client, "/account/contact", "/account", **fields)
    told = text_of(client.get("/account", headers={"Accept-Language": "en"}))
    assert answer.status_code == 303
    assert people.sign_in("13800138000", PASSWORD).id == house.owner.id
    assert people.sign_in("o@example.org", PASSWORD).id == house.owner.id
    again = posted(client, "/account/contact", "/account", **{**fields, "telephone": "13900139000"})
    assert again.status_code == 303
    page = client.get("/account", headers={"Accept-Language": "en"})
    assert "已儲存。若別的帳號已用" in told
    assert "已儲存。若別的帳號已用" in text_of(page)
    assert found_in(page, "//input[@name='telephone']/@value") == ["139 0013 9000"]
    # The other one goes on as before and is told; this one goes on with what it had.
    assert people.find_account("13900139000").id == house.tenant.id
    assert people.find_account("13800138000").id == house.owner.id
    assert len(outbox.inbox(house.tenant)) == 1
