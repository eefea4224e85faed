"""Accounts: the first administrator, roles given and taken, and the last administrator who cannot be lost."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import accounts, moment, people
from content.errors import Invalid, NotFound
from content.history import AuditEntry
from content.people import Community, Membership, Person, Site


def verbs() -> list[str]:
    return [entry.verb for entry in AuditEntry.select().order_by(AuditEntry.id)]


def test_the_first_administrator_is_made_once_and_cannot_sign_in_before_a_password_is_set(db: Any) -> None:
    with pytest.raises(NotFound):
        accounts.acting_administrator()
    first = accounts.first_administrator()
    assert first is not None
    assert accounts.first_administrator() is None
    assert accounts.acting_administrator().id == first.id
    assert people.sign_in(first.username, "") is None
    accounts.change_password(first, "long-enough")
    assert people.sign_in(first.username, "long-enough") is not None


def test_the_first_active_administrator_acts(house: SimpleNamespace) -> None:
    second = accounts.add("second", "", "", ("administrator",))
    assert accounts.acting_administrator().id == house.administrator.id
    accounts.set_active(house.administrator, False)
    assert accounts.acting_administrator().id == second.id


def test_the_only_administrator_stays(house: SimpleNamespace) -> None:
    with pytest.raises(Invalid):
        accounts.set_active(house.administrator, False)
    with pytest.raises(Invalid):
        accounts.take_role(house.administrator, "administrator")
    assert accounts.acting_administrator().id == house.administrator.id


@pytest.mark.parametrize("scope", ["section", "community", "ended", "not yet", "shut"])
def test_who_administers_only_a_part_or_not_today_does_not_count(house: SimpleNamespace, scope: str) -> None:
    other = people.add_person("other", "Other", active=scope != "shut")
    today = moment.now().date()
    community = Community.create(site=Site.get(), name="東園")
    limits: dict[str, dict[str, Any]] = {
        "section": {"section_path": house.board.path},
        "community": {"community": community},
        "ended": {"until": today - timedelta(days=2)},
        "not yet": {"since": today + timedelta(days=2)},
        "shut": {},
    }
    Membership.create(person=other, role="administrator", **limits[scope])
    with pytest.raises(Invalid):
        accounts.set_active(house.administrator, False)
    with pytest.raises(Invalid):
        accounts.take_role(house.administrator, "administrator")
    accounts.give_role(other, "administrator")
    if scope == "shut":
        accounts.set_active(other, True)
    accounts.set_active(house.administrator, False)


def test_a_scoped_role_is_taken_from_the_only_administrator_too(house: SimpleNamespace) -> None:
    accounts.give_role(house.administrator, "administrator", house.board.path)
    accounts.take_role(house.administrator, "administrator", house.board.path)
    assert accounts.acting_administrator().id == house.administrator.id


def test_roles_are_given_and_taken_and_all_is_remembered(house: SimpleNamespace) -> None:
    accounts.give_role(house.editor, "reviewer", house.board.path)
    assert Person.get_by_id(house.editor.id).roles_at(house.board.path) == {"editor", "reviewer"}
    accounts.take_role(house.editor, "reviewer", house.board.path)
    assert Person.get_by_id(house.editor.id).roles_at(house.board.path) == {"editor"}
    with pytest.raises(NotFound):
        accounts.take_role(house.editor, "reviewer")
    assert verbs() == ["person.role-given", "person.role-taken"]


def test_an_account_is_made_with_its_roles_or_not_at_all(house: SimpleNamespace) -> None:
    with pytest.raises(NotFound):
        accounts.add("new", "New", "long-enough", ("editor", "king"))
    with pytest.raises(Invalid):
        accounts.add("new", "New", "short", ("editor",))
    assert Person.get_or_none(Person.username == "new") is None


def test_who_is_shut_out_cannot_sign_in_until_opened(house: SimpleNamespace) -> None:
    accounts.change_password(house.editor, "long-enough")
    accounts.set_active(house.editor, False)
    assert people.sign_in("editor", "long-enough") is None
    accounts.set_active(house.editor, True)
    assert people.sign_in("editor", "long-enough") is not None


def test_the_scheduler_is_nobodys_to_shut(db: Any) -> None:
    with pytest.raises(Invalid):
        accounts.set_active(people.scheduler(), False)
