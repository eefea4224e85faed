"""Registering with the code of a home: one account for one code, and answers that tell nothing."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import outbox, passwords, people
from content.accounts import registering
from content.db import database
from content.errors import Invalid
from content.estate.homes import household_of
from content.history import AuditEntry
from content.households import HouseholdCode, Resident
from content.people import Person
from content.throttle import TooManyTries
from tests.accounts import KEY, PHONE, SECRET, body, code_for, homes, posted, register
from tests.conftest import PASSWORD
from tests.forms import found_in, text_of


@pytest.fixture
def home(house: SimpleNamespace) -> Any:
    return homes(house)[0]


def accounts() -> int:
    return Person.select().where(Person.phone_key == KEY).count()


@pytest.mark.parametrize("tenure", ["owner", "tenant"])
def test_with_a_code_one_becomes_owner_or_tenant(
    client: Any, house: Any, home: Any, login: Any, tenure: str
) -> None:
    answer = register(
        client, code_for(house, home, tenure).lower().replace("-", " "), email="Wang@Example.org"
    )
    assert (answer.status_code, answer.location) == (303, "/login")
    person = people.find_account("13800138000")
    assert person is not None
    assert [(g.role, g.community) for g in person.grants] == [(tenure, home.building.community_id)]
    assert household_of(person).id == home.id
    assert (person.name, person.address_form, person.mail_key) == ("王小明", "先生", "wang@example.org")
    for who in (PHONE, "+86 13800138000", "１３８００１３８０００", "wang@example.ORG", person.username):
        assert people.sign_in(who, SECRET) is not None, who
    login(client, PHONE, SECRET)
    assert client.get("/account").status_code == 200


def test_the_code_made_for_a_resident_links_that_row(client: Any, house: Any, home: Any) -> None:
    from content.estate.codes import make_codes

    row = Resident.create(household=home, tenure="owner", name="王小明")
    [made] = make_codes(house.receptionist, home, "owner", resident=row)
    register(client, made.text)
    assert Resident.get_by_id(row.id).person.phone_key == KEY
    assert Resident.select().count() == 1


def test_the_audit_holds_nothing_of_the_resident(client: Any, house: Any, home: Any) -> None:
    register(client, code_for(house, home), email="wang@example.org")
    written = " ".join(f"{e.subject} {e.difference}" for e in AuditEntry.select())
    assert "person.registered" in {e.verb for e in AuditEntry.select()}
    for value in ("王小明", "13800138000", "8000", "wang"):
        assert value not in written


def test_wrong_used_withdrawn_and_expired_codes_get_one_answer(
    app: Any, house: Any, home: Any, clock: Any
) -> None:
    used, withdrawn, expired = (code_for(house, home) for _ in range(3))
    register(app.test_client(), used, telephone="13900139000")
    HouseholdCode.update(withdrawn_at=HouseholdCode.made_at).where(
        HouseholdCode.id == HouseholdCode.select().order_by(HouseholdCode.id)[1].id
    ).execute()
    clock(timedelta(days=90) - timedelta(seconds=1))
    still = code_for(house, home)
    clock(timedelta(seconds=1))
    answers = []
    for code in ("XXX-XXX-XXXX", used, withdrawn, expired):
        answer = register(app.test_client(), code)
        assert answer.status_code == 422
        answers.append(body(answer).replace(code, "CODE"))
    assert len(set(answers)) == 1
    assert accounts() == 0
    assert register(app.test_client(), still).status_code == 303


def test_a_code_is_good_until_its_last_second(client: Any, house: Any, home: Any, clock: Any) -> None:
    code = code_for(house, home, days=1)
    clock(timedelta(days=1) - timedelta(seconds=1))
    assert register(client, code).status_code == 303


@pytest.mark.parametrize("known", ["telephone", "email"])
def test_a_known_telephone_or_mail_gets_the_answer_of_a_new_one_and_its_owner_is_told(
    app: Any, house: Any, home: Any, known: str
) -> None:
    first, second, third = (code_for(house, home) for _ in range(3))
    register(app.test_client(), first, email="wang@example.org")
    owner = people.find_account(PHONE)
    assert owner is not None
    same = (
        {"telephone": PHONE}
        if known == "telephone"
        else {"telephone": "13900139000", "email": "WANG@example.org"}
    )
    fresh = {"telephone": "13700137000"}
    pages = []
    for code, fields in ((second, same), (third, fresh)):
        client = app.test_client()
        answer = register(client, code, **fields)
        assert (answer.status_code, answer.location) == (303, "/login")
        pages.append(body(client.get("/login", headers={"Accept-Language": "en"})))
    assert pages[0] == pages[1]
    assert "sign in with your telephone" in pages[0]
    assert people.find_account("13900139000") is None
    [message] = outbox.inbox(owner)
    assert "none was made" in message.message.id
    # The code is not spent: its owner adds the home with it.
    assert registering.add_home(owner, second, address="").person_id == owner.id


def test_all_answers_cost_one_hash_and_one_verification(
    house: Any, home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same time: argon2 is by far the dearest part of the answer, and each answer pays for it alike."""
    work: list[str] = []

    class Counting:
        def hash(self, password: str) -> str:
            work.append("hash")
            return plain.hash(password)

        def verify(self, kept: str, password: str) -> bool:
            work.append("verify")
            return plain.verify(kept, password)

    passwords.matches("", "warm")
    plain = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Counting())
    used, second, third = (code_for(house, home) for _ in range(3))
    values = {"name": "王小明", "telephone": PHONE, "password": SECRET}

    def cost(code: str, telephone: str = PHONE) -> list[str]:
        work.clear()
        with contextlib.suppress(Invalid):
            registering.register({**values, "code": code, "telephone": telephone}, address="")
        return list(work)

    costs = [cost(used), cost(used, "13900139000"), cost("wrong"), cost(second), cost(third, "13900139000")]
    assert costs == [["hash", "verify"]] * 5
    assert accounts() == 1
    work.clear()
    for who in ("nobody", "owner", PHONE, "13600136000"):
        people.sign_in(who, "not it at all")
    assert work == ["verify"] * 4


def test_a_form_sent_twice_makes_one_account_and_answers_alike(client: Any, house: Any, home: Any) -> None:
    code = code_for(house, home)
    answers = [register(client, code) for _ in range(2)]
    assert [(a.status_code, a.location) for a in answers] == [(303, "/login")] * 2
    assert accounts() == 1
    assert register(client, code, password="a different one").status_code == 422


def test_two_at_once_with_one_code_make_one_account(house: Any, home: Any) -> None:
    code, found = code_for(house, home), []
    gate = threading.Barrier(2)

    def one(telephone: str) -> None:
        gate.wait()
        try:
            values = {"code": code, "name": "王小明", "telephone": telephone, "password": SECRET}
            found.append(registering.register(values, address=telephone))
        except Invalid:
            found.append(None)
        finally:
            database.close()

    threads = [threading.Thread(target=one, args=(phone,)) for phone in ("13800138000", "13900139000")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([person for person in found if person]) == 1
    assert Person.select().where(Person.phone_key.is_null(False)).count() == 1
    assert Resident.select().count() == 1


def test_the_eleventh_try_in_a_quarter_of_an_hour_waits(
    client: Any, house: Any, home: Any, clock: Any
) -> None:
    for _ in range(10):
        assert register(client, "nonsense").status_code == 422
    code = code_for(house, home)
    answer = register(client, code)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 901
    assert found_in(answer, f"//input[@name='telephone'][@value='{PHONE}']")
    clock(timedelta(minutes=15) - timedelta(seconds=1))
    assert register(client, code).status_code == 429
    clock(timedelta(seconds=1))
    assert register(client, code).status_code == 303


def test_tries_with_a_known_telephone_count_too(house: Any, home: Any) -> None:
    people.Person.update(phone_key=KEY).where(Person.id == house.owner.id).execute()
    values = {"code": code_for(house, home), "name": "x", "telephone": PHONE, "password": SECRET}
    for _ in range(10):
        assert registering.register(values, address="10.0.0.1") is None
    with pytest.raises(TooManyTries):
        registering.register(values, address="10.0.0.1")


def test_all_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(
    client: Any, house: Any, home: Any
) -> None:
    answer = register(
        client, code_for(house, home), name="", telephone="12", email="nonsense", password="12345678"
    )
    assert answer.status_code == 422
    assert len(found_in(answer, "//*[@id='problems']//a")) == 4
    assert found_in(answer, "//input[@name='email'][@value='nonsense']")
    assert "12345678" not in answer.get_data(as_text=True)
    assert accounts() == 0


def test_another_home_is_added_to_the_account(client: Any, house: Any, login: Any) -> None:
    first, second = homes(house)
    register(client, code_for(house, first))
    login(client, PHONE, SECRET)
    answer = posted(client, "/account/home", code=code_for(house, second))
    assert answer.location == "/account"
    assert "3棟 502" in text_of(client.get("/account"))
    assert posted(client, "/account/home", code="nonsense").status_code == 422


def test_who_is_signed_in_needs_no_second_account(client: Any, login: Any) -> None:
    login(client, "owner", PASSWORD)
    assert client.get("/register").location == "/account"
