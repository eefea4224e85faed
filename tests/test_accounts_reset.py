"""Forgotten passwords: a link by mail for 30 minutes, a code of the service centre for 24 hours, each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import outbox, passwords, people
from content.accounts import helping, resetting
from content.accounts.models import OneTimeCode
from content.channels import configure
from content.errors import Invalid, NotAllowed, NotFound
from content.history import AuditEntry
from content.outbox import Outgoing
from content.people import Community, Person, Site
from content.settings import Settings
from tests.accounts import KEY, PHONE, body, posted
from tests.conftest import PASSWORD
from tests.forms import found_in, text_of

NEW = "drei neue Wörter"


@pytest.fixture
def by_mail(settings: Settings, house: SimpleNamespace) -> Iterator[Person]:
    """A resident with a mail address, in a portal that can send."""
    from dataclasses import replace

    configure(replace(settings, smtp_host="127.0.0.1"))
    Person.update(email="Owner@example.org", mail_key="owner@example.org", phone_key=KEY).where(
        Person.id == house.owner.id
    ).execute()
    yield Person.get_by_id(house.owner.id)
    configure(settings)


@pytest.fixture
def client(app: Any, by_mail: Person) -> Any:
    from dataclasses import replace

    configure(replace(app.config["SETTINGS"], smtp_host="127.0.0.1"))
    return app.test_client()


def ask(client: Any, email: str = "owner@example.org") -> Any:
    return posted(client, "/forgot/mail", "/forgot", email=email)


def link() -> str:
    """The address in the last letter."""
    return str(Outgoing.select().order_by(Outgoing.id.desc()).get().context["url"])


def by_code(client: Any, code: str, who: str = PHONE, password: str = NEW) -> Any:
    return posted(client, "/forgot/code", "/forgot", who=who, code=code, password=password)


def test_a_link_sets_a_new_password_once_and_signs_out_everywhere(client: Any, app: Any, login: Any) -> None:
    there = app.test_client()
    login(there, "owner")
    assert ask(client, " OWNER@example.org ").status_code == 303
    address = link()
    assert client.get(address).headers["Cache-Control"] == "no-store"
    assert posted(client, address, password="12345678").status_code == 422
    assert posted(client, address, password=NEW).location == "/login"
    assert people.sign_in("owner", NEW)
    assert not people.sign_in("owner", PASSWORD)
    assert there.get("/inbox/").status_code == 302
    assert client.get(address).status_code == 404
    assert "person.password-reset" in {entry.verb for entry in AuditEntry.select()}


def test_known_and_unknown_addresses_get_one_answer(app: Any, client: Any, by_mail: Person) -> None:
    pages = []
    for address in ("owner@example.org", "nobody@example.org"):
        reader = app.test_client()
        answer = ask(reader, address)
        pages.append((answer.status_code, answer.location, body(reader.get("/forgot"))))
    assert pages[0] == pages[1]
    assert Outgoing.select().count() == 1
    assert ask(client, "nonsense").status_code == 422


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 404)])
def test_a_link_is_good_for_half_an_hour(client: Any, clock: Any, seconds: int, status: int) -> None:
    ask(client)
    clock(timedelta(minutes=30, seconds=seconds))
    assert client.get(link()).status_code == status


def test_only_digests_are_kept(client: Any, by_mail: Person, house: Any) -> None:
    ask(client)
    code = helping.hand_out(house.receptionist, by_mail.id)
    kept = {row.digest for row in OneTimeCode.select()}
    assert len(kept) == 2
    assert not kept & {code, code.replace("-", ""), link().split("/")[-1]}


def test_letters_are_bounded(client: Any, clock: Any) -> None:
    for _ in range(10):
        assert ask(client).status_code == 303
    assert Outgoing.select().count() == resetting.LETTERS
    assert ask(client).status_code == 429
    clock(timedelta(minutes=15))
    assert ask(client).status_code == 303


def test_a_code_from_the_counter_sets_a_new_password_once(client: Any, by_mail: Person, house: Any) -> None:
    code = helping.hand_out(house.receptionist, by_mail.id)
    assert by_code(client, code.lower().replace("-", " ")).location == "/login"
    assert people.sign_in(PHONE, NEW)
    assert by_code(client, code).status_code == 422


@pytest.mark.parametrize(("seconds", "status"), [(-1, 303), (0, 422)])
def test_a_code_is_good_for_a_day(
    client: Any, by_mail: Person, house: Any, clock: Any, seconds: int, status: int
) -> None:
    code = helping.hand_out(house.receptionist, by_mail.id)
    clock(timedelta(hours=24, seconds=seconds))
    assert by_code(client, code).status_code == status


def test_a_new_code_ends_the_one_before(client: Any, by_mail: Person, house: Any) -> None:
    first, latest = (helping.hand_out(house.receptionist, by_mail.id) for _ in range(2))
    assert by_code(client, first).status_code == 422
    assert by_code(client, latest).status_code == 303


def test_unknown_people_and_wrong_and_used_codes_get_one_answer_for_the_same_work(
    app: Any, client: Any, by_mail: Person, house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str] = []
    plain = passwords.hashed
    monkeypatch.setattr(passwords, "hashed", lambda password: hashes.append("hash") or plain(password))
    used = helping.hand_out(house.receptionist, by_mail.id)
    by_code(client, used)
    helping.hand_out(house.receptionist, by_mail.id)
    hashes.clear()
    answers = []
    for who, code in ((PHONE, "WRONG"), (PHONE, used), ("13900139000", "WRONG"), ("tenant", "WRONG")):
        answer = by_code(app.test_client(), code, who)
        assert answer.status_code == 422
        answers.append(body(answer).replace(f'value="{who}"', "").replace(f'value="{code}"', ""))
    assert len(set(answers)) == 1
    assert hashes == ["hash"] * 4


def test_ten_wrong_tries_kill_the_code_whatever_their_address(app: Any, by_mail: Person, house: Any) -> None:
    code = helping.hand_out(house.receptionist, by_mail.id)
    for number in range(9):
        with pytest.raises(Invalid):
            resetting.reset_by_code(PHONE, "WRONG", NEW, address=f"10.0.0.{number}")
    assert OneTimeCode.get().tries == 9
    with pytest.raises(Invalid):
        resetting.reset_by_code(PHONE, "WRONG", NEW, address="10.0.0.10")
    with pytest.raises(Invalid):
        resetting.reset_by_code(PHONE, code, NEW, address="10.0.0.11")


def test_the_eleventh_try_waits(client: Any, by_mail: Person, house: Any, clock: Any) -> None:
    for number in range(10):  # one account, however its telephone is written
        assert (
            by_code(client, "WRONG", ("13800138000", PHONE, "+86 138-0013-8000")[number % 3]).status_code
            == 422
        )
    code = helping.hand_out(house.receptionist, by_mail.id)
    answer = by_code(client, code)
    assert answer.status_code == 429
    assert found_in(answer, f"//input[@name='who'][@value='{PHONE}']")
    clock(timedelta(minutes=15) - timedelta(seconds=1))
    assert by_code(client, code).status_code == 429
    clock(timedelta(seconds=1))
    assert by_code(client, code).status_code == 303


def test_the_helper_sees_little_and_every_code_is_written_down(
    client: Any, login: Any, by_mail: Person
) -> None:
    login(client, "receptionist")
    page = posted(client, "/accounts/help", who="138 0013 8000")
    assert "138 **** 8000" in text_of(page)
    assert "13800138000" not in page.get_data(as_text=True).replace('value="13800138000"', "")
    answer = posted(client, "/accounts/help/code", "/accounts/help", id=str(by_mail.id))
    [code] = [one.text for one in found_in(answer, "//p[@class='one-code']")]
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.verb, entry.subject, entry.by.username) == (
        "person.code-handed-out",
        "owner",
        "receptionist",
    )
    assert len(outbox.inbox(by_mail)) == 1
    assert by_code(client.application.test_client(), code).status_code == 303


@pytest.mark.parametrize(
    ("helper", "who", "may"),
    [
        ("receptionist", "tenant", True), ("receptionist", "crew", False), ("receptionist", "administrator", False),
        ("receptionist", "receptionist", False), ("administrator", "crew", True), ("administrator", "tenant", True),
        ("administrator", "scheduler", False), ("administrator", "administrator", False), ("manager", "tenant", False),
        ("owner", "tenant", False),
    ],
)  # fmt: skip
def test_who_helps_whom(house: SimpleNamespace, helper: str, who: str, may: bool) -> None:
    person = people.find_person(who)
    if may:
        assert helping.hand_out(house.people[helper], person.id)
    else:
        with pytest.raises((NotAllowed, NotFound)):
            helping.hand_out(house.people[helper], person.id)
        with pytest.raises((NotAllowed, Invalid)):
            helping.find(house.people[helper], who)
        assert OneTimeCode.select().count() == 0


def test_a_receptionist_of_one_community_helps_its_people_only(house: SimpleNamespace) -> None:
    east, west = (Community.create(site=Site.get(), name=name) for name in ("東苑", "西苑"))
    local = people.add_person("local", "東苑接待", PASSWORD)
    people.give_role(local, "receptionist", community=east)
    for name, community in (("neighbour", east), ("stranger", west)):
        people.give_role(people.add_person(name, name, PASSWORD), "owner", community=community)
    assert helping.hand_out(local, people.find_person("neighbour").id)
    with pytest.raises(NotFound):
        helping.hand_out(local, people.find_person("stranger").id)
    people.give_role(people.find_person("neighbour"), "editor")
    with pytest.raises(NotFound):
        helping.hand_out(local, people.find_person("neighbour").id)
