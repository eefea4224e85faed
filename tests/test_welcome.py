"""The first-run assistant: who gets in, what it makes, what it refuses, and that it is gone afterwards."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from content import accounts, moment, people, preferences, setup, throttle, welcome
from content.db import database
from content.errors import Invalid, NotFound
from content.history import AuditEntry
from content.people import Community, Person, Site
from content.settings import Settings
from portal.app import create_app
from tests.conftest import NOW, PASSWORD, csrf
from tests.forms import fields_of, found_in, text_of

Clock = Callable[[timedelta], None]
ANSWERS = {
    "site_name": "東苑家園",
    "phone_day": "0755-2345 6789",
    "phone_night": "",
    "office_hours": "08:00-22:00",
    "locale": "zh_Hans_CN",
    "hant_variant": "hk",
    "communities": "東苑\n\n 西苑 \n東苑\n",
    "name": "沈若嵐",
    "username": "shen",
    "password": "three quiet herons",
}


@pytest.fixture
def empty(db: Any, clock: Clock, settings: Settings) -> Settings:
    """The settings of a portal as ``lianxi init`` leaves it."""
    accounts.first_administrator()
    return settings


@pytest.fixture
def site(empty: Settings) -> Any:
    made = create_app(empty)
    made.config["TESTING"] = True
    return made


def answers(settings: Settings, **changes: str) -> dict[str, str]:
    return {**ANSWERS, "code": welcome.setup_code(settings) or "", **changes}


def sent(client: Any, settings: Settings, **changes: str) -> Any:
    fields = fields_of(client.get("/welcome"))
    return client.post("/welcome", data={**fields, **answers(settings, **changes)})


# ---- the code


def test_the_code_is_kept_for_the_machines_keeper_alone(empty: Settings) -> None:
    code = welcome.setup_code(empty)
    path = empty.data / welcome.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert code is not None
    assert len(code.replace("-", "")) == 12
    assert path.read_text().strip() == code == welcome.setup_code(empty)


def test_no_code_once_somebody_can_sign_in(empty: Settings) -> None:
    welcome.setup_code(empty)
    accounts.change_password(
        people.find_person("administrator"), PASSWORD
    )  # lianxi user passwd administrator
    assert welcome.setup_code(empty) is None
    assert not (empty.data / welcome.FILE).exists()
    assert not welcome.needed()


@pytest.mark.parametrize("typed", ["", "AAAA-BBBB-CCCC", " ", "\u0000", "é" * 500])
def test_another_code_is_refused_and_nothing_is_made(empty: Settings, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        welcome.begin(empty, answers(empty, code=typed))
    assert list(refused.value.fields) == ["code"]
    assert welcome.needed()
    assert Community.select().count() == 0


def test_without_the_file_no_code_is_right(empty: Settings) -> None:
    typed = answers(empty)
    (empty.data / welcome.FILE).unlink()
    for code in (typed["code"], ""):
        with pytest.raises(Invalid):
            welcome.begin(empty, {**typed, "code": code})


@pytest.mark.parametrize("left", ["", "\n"])
def test_a_code_that_was_never_written_is_made_again(empty: Settings, left: str) -> None:
    """As after a disk that was full, or a start that was killed."""
    path = empty.data / welcome.FILE
    path.write_text(left)
    code = welcome.setup_code(empty)
    assert code == path.read_text().strip()
    assert len(code.replace("-", "")) == 12
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_code_may_be_typed_as_people_type(empty: Settings) -> None:
    typed = answers(empty)
    loose = " " + typed["code"].replace("-", " ").lower()
    assert welcome.begin(empty, {**typed, "code": loose}).username == "shen"


def test_guessing_is_slowed_down(empty: Settings, clock: Clock) -> None:
    right = answers(empty)
    for _ in range(throttle.PAIR):
        with pytest.raises(Invalid):
            welcome.begin(empty, {**right, "code": "AAAA-AAAA-AAAA"}, address="192.0.2.1")
    with pytest.raises(throttle.TooManyTries):
        welcome.begin(empty, right, address="192.0.2.1")
    clock(throttle.WINDOW)
    assert welcome.begin(empty, right, address="192.0.2.1")


# ---- what it makes


def test_everything_is_made_in_one_go(empty: Settings) -> None:
    person = welcome.begin(empty, answers(empty))
    assert people.sign_in("shen", ANSWERS["password"]) == person
    assert "administrator" in person.roles_at("/")
    found = preferences.current(empty)
    assert (found.site_name, found.phone_day, found.phone_night) == ("東苑家園", "0755-2345 6789", "")
    assert (found.office_hours, found.locale, found.hant_variant) == ("08:00–22:00", "zh_Hans_CN", "hk")
    assert [(one.name, one.site.name) for one in Community.select().order_by(Community.id)] == [
        ("東苑", "東苑家園"),
        ("西苑", "東苑家園"),
    ]
    assert Site.select().count() == 1
    # The account that `lianxi init` made is the one: none without a password stays behind.
    assert [one.username for one in Person.select().where(Person.system == False)] == ["shen"]  # noqa: E712
    assert not (empty.data / welcome.FILE).exists()
    told = " ".join(f"{entry.verb} {entry.subject} {entry.difference}" for entry in AuditEntry.select())
    assert "portal.begun" in told
    assert ANSWERS["password"] not in told


def test_it_works_where_nobody_has_run_init(db: Any, clock: Clock, settings: Settings) -> None:
    assert Person.select().where(Person.system == False).count() == 0  # noqa: E712
    person = welcome.begin(settings, answers(settings, username="administrator", communities=""))
    assert (person.username, person.name) == ("administrator", "沈若嵐")
    assert Community.select().count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("site_name", ""), ("phone_day", "none"), ("phone_night", "1"), ("office_hours", "always"),
        ("locale", "fr"), ("hant_variant", "x"), ("communities", "長" * 101),
        ("communities", "\n".join(f"小區 {n}" for n in range(51))), ("name", " "), ("name", "長" * 101),
        ("username", ""), ("username", "two words"), ("username", "scheduler"), ("username", "visitors"),
        ("password", "short"), ("password", "12345678"), ("password", "password1"), ("password", "沈若嵐12"),
        ("password", "x" * 129),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(empty: Settings, field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        welcome.begin(empty, answers(empty, **{field: value}))
    assert list(refused.value.fields) == [field]
    assert welcome.needed()
    assert Community.select().count() == 0
    assert preferences.current(empty) == empty
    assert people.find_person("administrator").password_hash == ""


def test_what_the_machine_fixes_is_not_asked(empty: Settings) -> None:
    fixed = replace(empty, phone_day="12345", fixed=frozenset({"phone_day"}))
    welcome.begin(fixed, answers(fixed))
    assert preferences.current(fixed).phone_day == "12345"


def test_two_who_finish_at_once_make_one_administrator(empty: Settings) -> None:
    typed, ended, start = answers(empty), [], threading.Barrier(2)

    def finish(username: str) -> None:
        start.wait()
        try:
            with moment.at(NOW):
                ended.append(welcome.begin(empty, {**typed, "username": username}).username)
        except NotFound:
            ended.append("")
        finally:
            database.close()

    threads = [threading.Thread(target=finish, args=(name,)) for name in ("first", "second")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len([name for name in ended if name]) == 1
    assert [one.username for one in Person.select().where(Person.password_hash != "")] == [max(ended)]
    assert Community.select().count() == 2


def test_a_failure_half_way_leaves_nothing(empty: Settings, monkeypatch: Any) -> None:
    typed = answers(empty)
    database.execute_sql("CREATE TRIGGER no BEFORE INSERT ON setting BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(Exception, match="no"):
        welcome.begin(empty, typed)
    database.execute_sql("DROP TRIGGER no")
    assert welcome.needed()
    assert Community.select().count() == 0
    assert (empty.data / welcome.FILE).exists()
    assert welcome.begin(empty, typed)


# ---- the pages


def test_the_first_page_leads_to_it_until_it_is_done(site: Any, empty: Settings) -> None:
    client, other = site.test_client(), site.test_client()
    assert client.get("/").location == "/welcome"
    assert other.get("/notices/").status_code == 200
    page = client.get("/welcome")
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    done = sent(client, empty)
    assert (done.status_code, done.location) == (303, "/welcome/next")
    following = client.get("/welcome/next")
    assert following.status_code == 200
    for link in ("/work/new/notice", "/estate/", "/admin/settings/mail"):
        assert found_in(following, f"//a[@href='{link}']")
        assert client.get(link).status_code == 200, link
    for visitor in (client, other):
        assert visitor.get("/").status_code == 200
        assert visitor.get("/welcome").status_code == 404
    assert other.post("/welcome", data={"csrf_token": csrf(other.get("/login"))}).status_code == 404
    assert found_in(other.get("/"), "/html/@lang") == ["zh-Hans"]
    assert "0755-2345 6789" in text_of(other.get("/"))
    assert other.get("/welcome/next").location.startswith("/login")


def test_what_was_typed_stays_but_the_password(site: Any, empty: Settings) -> None:
    client = site.test_client()
    answer = sent(client, empty, office_hours="always", password="short")
    assert answer.status_code == 422
    fields = fields_of(answer)
    for name in (
        "code",
        "site_name",
        "phone_day",
        "office_hours",
        "locale",
        "hant_variant",
        "name",
        "username",
    ):
        assert fields[name] == answers(empty, office_hours="always")[name]
    assert fields["communities"].split() == ["東苑", "西苑", "東苑"]
    assert fields["password"] == ""
    for name in ("office_hours", "password"):
        assert found_in(answer, f"//*[@id='e-{name}']")
    wrong = sent(client, empty, code="AAAA-AAAA-AAAA")
    assert wrong.status_code == 422
    assert fields_of(wrong)["site_name"] == ANSWERS["site_name"]


def test_too_many_codes_are_told_to_wait(site: Any, empty: Settings) -> None:
    client = site.test_client()
    for _ in range(throttle.PAIR):
        assert sent(client, empty, code="AAAA-AAAA-AAAA").status_code == 422
    answer = sent(client, empty)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_portal_with_people_has_no_assistant(app: Any) -> None:
    client = app.test_client()
    assert client.get("/").status_code == 200
    assert client.get("/welcome").status_code == 404


def test_another_portal_in_the_same_process_is_asked_anew(empty: Settings, tmp_path: Path) -> None:
    welcome.begin(empty, answers(empty))
    assert not welcome.needed()
    setup.open_portal(replace(empty, data=tmp_path / "second"))
    assert welcome.needed()


def test_every_word_of_it_is_marked_for_translation(site: Any, empty: Settings) -> None:
    site.config["PSEUDO"] = True
    page = site.test_client().get("/welcome")
    for element in found_in(
        page, "//main//*[self::label or self::legend or self::h1 or self::p or self::option]"
    ):
        if not element.xpath("ancestor-or-self::*[@data-content]"):
            words = (element.text or "").strip()
            assert not words or words.startswith("⟦"), words
