"""The second factor: codes of the app once each and a step early or late, recovery codes, and the setting for staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest

from content import moment, outbox
from content.accounts import second, sessions
from content.accounts.models import RecoveryCode, SecondFactor, Session
from content.errors import Invalid
from content.people import Person
from content.throttle import TooManyTries
from tests.accounts import posted
from tests.conftest import PASSWORD
from tests.forms import found_in, text_of


def code_now(person: Person, off: int = 0) -> str:
    """What the person's app shows, ``off`` half minutes from now."""
    secret = SecondFactor.get(SecondFactor.person == person.id).secret
    return pyotp.TOTP(secret).generate_otp(int(moment.now().timestamp()) // 30 + off)


@pytest.fixture
def owner(house: SimpleNamespace, clock: Callable[[timedelta], None]) -> Person:
    """A resident with a second factor that was set up a minute ago."""
    second.begin(house.owner, PASSWORD)
    second.confirm(house.owner, code_now(house.owner))
    clock(timedelta(minutes=1))
    return house.owner


def halfway(client: Any, username: str = "owner", **more: str) -> Any:
    return posted(client, "/login", username=username, password=PASSWORD, **more)


def test_it_is_set_up_with_a_picture_without_styles_and_codes_shown_once(
    client: Any, login: Any, house: Any
) -> None:
    login(client, "owner")
    assert posted(client, "/account/second/begin", "/account/second", password="wrong").status_code == 422
    posted(client, "/account/second/begin", "/account/second", password=PASSWORD)
    page = client.get("/account/second")
    assert found_in(page, "//div[@class='qr']//svg//path")
    assert "style=" not in page.get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store"
    assert second.factor_of(house.owner) is None
    assert posted(client, "/account/second/confirm", "/account/second", code="000000").status_code == 422
    answer = posted(client, "/account/second/confirm", "/account/second", code=code_now(house.owner))
    shown = [one.text for one in found_in(answer, "//ul[@class='codes']/li")]
    assert len(set(shown)) == second.RECOVERY_CODES
    assert not any(code in client.get("/account/second").get_data(as_text=True) for code in shown)
    kept = {row.digest for row in RecoveryCode.select()}
    assert not kept & set(shown)
    assert client.get("/inbox/").status_code == 200
    assert Session.get().second


def test_the_password_alone_opens_nothing(client: Any, owner: Person) -> None:
    answer = halfway(client)
    assert answer.location == "/login/second"
    assert client.get("/inbox/").status_code == 302
    assert sessions.open_sessions(owner) == []
    answer = posted(client, "/login/second", code=code_now(owner))
    assert answer.status_code == 303
    assert client.get("/inbox/").status_code == 200


def test_where_one_wanted_to_be_and_being_remembered_outlive_the_second_step(
    client: Any, owner: Person
) -> None:
    halfway(client, next="/inbox/", remember="1")
    answer = posted(client, "/login/second", code=f" {code_now(owner)[:3]} {code_now(owner)[3:]} ")
    assert answer.location == "/inbox/"
    client.delete_cookie("session")
    assert client.get("/inbox/").status_code == 200


def test_between_the_steps_are_five_minutes(client: Any, owner: Person, clock: Any) -> None:
    halfway(client)
    clock(timedelta(minutes=5) - timedelta(seconds=1))
    assert client.get("/login/second").status_code == 200
    clock(timedelta(seconds=1))
    assert client.get("/login/second").location == "/login"


def test_a_new_password_ends_the_way_between_the_steps(client: Any, owner: Person) -> None:
    from content import people

    halfway(client)
    people.set_password(Person.get_by_id(owner.id), "another-password")
    assert client.get("/login/second").location == "/login"


@pytest.mark.parametrize(("off", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_clock_may_be_off_by_one_step(owner: Person, off: int, good: bool) -> None:
    if good:
        second.check(owner, code_now(owner, off))
    else:
        with pytest.raises(Invalid):
            second.check(owner, code_now(owner, off))


def test_a_code_counts_once_and_so_do_those_before_it(owner: Person, clock: Any) -> None:
    before, now = code_now(owner, -1), code_now(owner)
    second.check(owner, now)
    for used in (now, before):
        with pytest.raises(Invalid):
            second.check(owner, used)
    clock(timedelta(seconds=30))
    second.check(owner, code_now(owner))


def test_the_code_of_the_setting_up_signs_nobody_in(house: Any, clock: Any) -> None:
    second.begin(house.owner, PASSWORD)
    code = code_now(house.owner)
    second.confirm(house.owner, code)
    with pytest.raises(Invalid):
        second.check(house.owner, code)


def test_a_recovery_code_stands_in_once(owner: Person, house: Any, clock: Any) -> None:
    codes = second.renew_recovery_codes(owner, PASSWORD)
    second.check(owner, codes[0].lower().replace("-", " "))
    assert second.recovery_codes_left(owner) == second.RECOVERY_CODES - 1
    assert outbox.inbox(owner)[0].message.values == {"count": second.RECOVERY_CODES - 1}
    with pytest.raises(Invalid):
        second.check(owner, codes[0])
    second.begin(house.tenant, PASSWORD)
    second.confirm(house.tenant, code_now(house.tenant))
    with pytest.raises(Invalid):
        second.check(house.tenant, codes[1])


def test_the_eleventh_wrong_code_waits_wherever_it_comes_from(app: Any, owner: Person, clock: Any) -> None:
    for number in range(10):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        halfway(client)
        assert posted(client, "/login/second", code="000000").status_code == 422
    halfway(client)
    answer = posted(client, "/login/second", code=code_now(owner))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 901
    clock(timedelta(minutes=15) - timedelta(seconds=1))
    with pytest.raises(TooManyTries):
        second.check(owner, code_now(owner))
    clock(timedelta(seconds=1))
    second.check(owner, code_now(owner))


def test_taking_it_off_asks_password_and_code(client: Any, owner: Person, clock: Any) -> None:
    halfway(client)
    posted(client, "/login/second", code=code_now(owner))
    clock(timedelta(seconds=30))
    page, to = "/account/second", "/account/second/remove"
    assert posted(client, to, page, remove_password="wrong", code=code_now(owner)).status_code == 422
    assert posted(client, to, page, remove_password=PASSWORD, code="000000").status_code == 422
    assert posted(client, to, page, remove_password=PASSWORD, code=code_now(owner)).status_code == 303
    assert second.factor_of(owner) is None
    assert RecoveryCode.select().count() == 0


@pytest.fixture
def strict(settings: Any, house: SimpleNamespace) -> Any:
    """A portal whose staff need a second factor."""
    from portal.app import create_app

    return create_app(replace(settings, staff_second_factor=True))


def test_staff_without_one_are_led_to_it_and_can_do_nothing_else(strict: Any, login: Any, house: Any) -> None:
    client = strict.test_client()
    login(client, "editor")
    for path in ("/", "/work/", "/inbox/", "/account", "/notices/", "/accounts/help"):
        assert client.get(path).location == "/account/second", path
    answer = posted(client, "/inbox/read", "/account/second", id="all")
    assert answer.location == "/account/second"
    posted(client, "/account/second/begin", "/account/second", password=PASSWORD)
    posted(client, "/account/second/confirm", "/account/second", code=code_now(house.editor))
    assert client.get("/work/").status_code == 200
    answer = posted(client, "/account/second/remove", "/account/second", remove_password=PASSWORD, code="1")
    assert second.factor_of(house.editor) is not None


def test_residents_need_none_and_staff_can_leave(strict: Any, login: Any) -> None:
    client = strict.test_client()
    login(client, "owner")
    assert client.get("/inbox/").status_code == 200
    client = strict.test_client()
    login(client, "editor")
    assert posted(client, "/logout", "/account/second").location == "/"
    assert client.get("/").status_code == 200


def test_an_administrator_takes_it_off_who_else_may_not(
    app: Any, login: Any, owner: Person, house: Any
) -> None:
    receptionist, administrator = app.test_client(), app.test_client()
    login(receptionist, "receptionist")
    login(administrator, "administrator")
    form = {"id": str(owner.id)}
    assert posted(receptionist, "/accounts/help/second", "/accounts/help", **form).status_code == 404
    assert second.factor_of(owner) is not None
    assert "second" not in text_of(posted(receptionist, "/accounts/help", who="owner")).lower()
    assert posted(administrator, "/accounts/help/second", "/accounts/help", **form).status_code == 303
    assert second.factor_of(owner) is None
