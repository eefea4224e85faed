"""My data: seen, downloaded, erased; what is in the way says why, and the audit stays whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from content import accounts, outbox, people
from content.accounts import erasing, registering, sessions
from content.accounts.holdings import HOLDINGS, Holding
from content.accounts.models import ErasureRequest
from content.channels import configure
from content.errors import Invalid, NotAllowed, NotFound, msg
from content.history import AuditEntry
from content.households import HouseholdCode, Resident
from content.outbox import Outgoing
from content.people import Membership, Person
from tests.accounts import PHONE, SECRET, code_for, homes, posted
from tests.conftest import PASSWORD
from tests.forms import found_in, text_of


@pytest.fixture
def resident(house: SimpleNamespace) -> Person:
    """Somebody who registered, with all that can be kept about a resident."""
    values = {
        "name": "歐陽晴", "address_form": "女士", "telephone": PHONE, "email": "qing@example.org", "password": SECRET,
        "code": code_for(house, homes(house)[0]),
    }  # fmt: skip
    person = registering.register(values, address="")
    assert person is not None
    outbox.tell(person, msg("Hello %(name)s", name="歐陽晴"), "/", mail=False)
    sessions.begin(person, address="10.1.2.3", browser="Safari · iPhone")
    return person


PERSONAL = ("歐陽晴", "138 0013 8000", "+8613800138000", "qing@example.org", "10.1.2.3")


def test_all_that_is_kept_is_shown_and_given_out(client: Any, login: Any, resident: Person) -> None:
    login(client, PHONE, SECRET)
    page = text_of(client.get("/account/data"))
    found = client.get("/account/data.json")
    text = client.get("/account/data.txt")
    for value in ("歐陽晴", "138 0013 8000", "qing@example.org", "東苑 3棟 501", "Safari · iPhone"):
        assert value in page, value
        assert value in found.get_data(as_text=True), value
        assert value in text.get_data(as_text=True), value
    assert set(found.json) == {"at", *HOLDINGS}
    assert found.json["account"][0]["name"] == "歐陽晴"
    for answer in (found, text):
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Cache-Control"] == "no-store"


def test_nobody_sees_the_data_of_somebody_else(client: Any, login: Any, resident: Person) -> None:
    login(client, "tenant")
    assert not any(value in client.get("/account/data.json").get_data(as_text=True) for value in PERSONAL)


def test_asking_needs_the_tick_and_waits_for_a_decision(
    client: Any, login: Any, house: Any, resident: Person
) -> None:
    login(client, PHONE, SECRET)
    page, to = "/account/data", "/account/data/erasure"
    assert posted(client, to, page, reason="搬走了").status_code == 422
    assert ErasureRequest.select().count() == 0
    assert posted(client, to, page, reason="搬走了", confirm="1").status_code == 303
    assert len(outbox.inbox(house.manager)) == 1
    with pytest.raises(Invalid):
        erasing.ask(resident, confirmed=True)
    posted(client, "/account/data/withdraw", page)
    assert ErasureRequest.get().state == "withdrawn"
    assert erasing.waiting(house.manager) == []
    with pytest.raises(NotFound):
        erasing.withdraw(resident)
    erasing.ask(resident, confirmed=True)


def test_whoever_is_refused_reads_why(house: Any, resident: Person) -> None:
    asked = erasing.ask(resident, confirmed=True)
    with pytest.raises(Invalid):
        erasing.decide(house.manager, asked.id, grant=False, answer="  ")
    erasing.decide(house.manager, asked.id, grant=False, answer="還有欠費")
    assert outbox.inbox(resident)[0].message.values == {"reason": "還有欠費"}
    assert Person.get_by_id(resident.id).name == "歐陽晴"
    with pytest.raises(NotFound):
        erasing.decide(house.manager, asked.id, grant=True)


@pytest.mark.parametrize("role", ["owner", "receptionist", "editor", "general-manager"])
def test_only_manager_and_administrator_decide(house: Any, resident: Person, role: str) -> None:
    asked = erasing.ask(resident, confirmed=True)
    with pytest.raises(NotAllowed):
        erasing.decide(house.people[role], asked.id, grant=True)
    with pytest.raises(NotAllowed):
        erasing.waiting(house.people[role])
    assert ErasureRequest.get().state == "asked"


@pytest.fixture
def posting(settings: Any, house: Any) -> Iterator[None]:
    configure(replace(settings, smtp_host="127.0.0.1"))
    yield
    configure(settings)


def test_an_erased_person_is_gone_and_the_audit_is_whole(house: Any, resident: Person, posting: None) -> None:
    outbox.tell(resident, msg("A letter to %(name)s", name="歐陽晴"), "/")
    asked = erasing.ask(resident, confirmed=True, reason="歐陽晴搬走了")
    before = [(e.id, e.verb, e.subject, e.difference) for e in AuditEntry.select().order_by(AuditEntry.id)]
    erasing.decide(house.administrator, asked.id, grant=True)
    after = [(e.id, e.verb, e.subject, e.difference) for e in AuditEntry.select().order_by(AuditEntry.id)]
    assert after[: len(before)] == before
    assert after[-1][1:3] == ("person.erased", f"person {resident.id}")
    row = Person.get_by_id(resident.id)
    assert not row.is_active
    assert (row.phone_key, row.mail_key, row.password_hash) == (None, None, "")
    assert people.sign_in(PHONE, SECRET) is None
    assert sessions.open_sessions(row) == []
    assert Membership.select().where(Membership.person == row.id).count() == 0
    # The estate's register stays, without the account.
    assert [(r.name, r.person_id) for r in Resident.select()] == [("歐陽晴", None)]
    # The code stays used, but does not lead from the number in the audit to the register.
    code = HouseholdCode.get()
    assert (code.used_by_id, code.used_at is None) == (None, False)
    [letter] = Outgoing.select()
    assert (letter.address, letter.recipient_id) == ("qing@example.org", None)
    Outgoing.delete().execute()
    assert left() == []
    with pytest.raises(Invalid):
        accounts.set_active(row, True)


def left() -> list[str]:
    """Tables but the estate's register in which a personal value is still to be found."""
    from content.db import database

    found = []
    for table in database.get_tables():
        if table in ("resident",) or table.startswith(("sqlite_", "search")):
            continue
        rows = str(database.execute_sql(f'SELECT * FROM "{table}"').fetchall())
        found += [f"{table}: {value}" for value in PERSONAL if value in rows]
    return found


def test_the_number_is_free_again_afterwards(house: Any, resident: Person) -> None:
    asked = erasing.ask(resident, confirmed=True)
    erasing.decide(house.manager, asked.id, grant=True)
    code = code_for(house, HouseholdCode.get().household)
    values = {"name": "歐陽晴", "telephone": PHONE, "password": SECRET, "code": code}
    assert registering.register(values, address="") is not None


def test_staff_are_not_erased(house: Any) -> None:
    with pytest.raises(Invalid):
        erasing.ask(house.crew, confirmed=True)
    assert erasing.hindrances(house.owner) == []


@pytest.fixture
def matter() -> Iterator[dict[str, bool]]:
    """A subject that keeps something, in the way while it is open."""
    state = {"open": True, "erased": False}
    holding = Holding(
        "test-matters", "Name", "Name", lambda person: [],
        erase=lambda person: state.update(erased=True),
        hindrance=lambda person: msg("A matter is open.") if state["open"] else None,
    )  # fmt: skip
    HOLDINGS[holding.name] = holding
    yield state
    del HOLDINGS[holding.name]


def test_what_is_open_is_in_the_way_and_says_so(
    client: Any, login: Any, house: Any, resident: Person, matter: dict[str, bool]
) -> None:
    with pytest.raises(Invalid):
        erasing.ask(resident, confirmed=True)
    matter["open"] = False
    asked = erasing.ask(resident, confirmed=True)
    matter["open"] = True
    login(client, "manager", PASSWORD)
    answer = posted(client, f"/accounts/erasures/{asked.id}", "/accounts/erasures", do="erase")
    assert answer.status_code == 422
    assert "A matter is open." in text_of(answer)
    assert not found_in(answer, "//button[@value='erase']")
    assert not matter["erased"]
    assert Person.get_by_id(resident.id).name == "歐陽晴"
    matter["open"] = False
    assert (
        posted(client, f"/accounts/erasures/{asked.id}", "/accounts/erasures", do="erase").status_code == 303
    )
    assert matter["erased"]
    assert Person.get_by_id(resident.id).name != "歐陽晴"
