"""Accounts, roles and places in the back office; the last administrator, who cannot be lost in any way."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from content import accounts, moment, people
from content.accounts import places, roles, roster, sessions
from content.backoffice import acting, changing, listing
from content.errors import Conflict, Invalid, NotAllowed, NotFound
from content.history import AuditEntry
from content.people import Community, Department, Membership, Person, Site
from portal.cli import user
from tests.registers import later, named


def colleague(username: str = "second", **limits: Any) -> Person:
    person = people.add_person(username, "第二位", "a-password-for-tests", email=f"{username}@example.com")
    Membership.create(person=person, role="administrator", **limits)
    return person


def first_role(person: Person) -> Membership:
    return Membership.get((Membership.person == person.id) & (Membership.role == "administrator"))


def fresh(person: Person) -> Person:
    return Person.get_by_id(person.id)


# ---- the last administrator


WAYS = {
    "taken": lambda by, one: roles.take(by, first_role(one).id),
    "taken from the person": lambda by, one: roles.take_all(by, one.id, "administrator"),
    "ended today": lambda by, one: roles.end(by, first_role(one).id, moment.today()),
    "ended in a year": lambda by, one: roles.end(
        by, first_role(one).id, moment.today() + timedelta(days=365)
    ),
    "begins tomorrow": lambda by, one: roles.change_days(
        by, first_role(one).id, {"since": later(1)}, version=roles.version_of(first_role(one))
    ),
    "shut": lambda by, one: roster.set_active(by, one.id, False),
    "shut in the form": lambda by, one: roster.edit(
        by, one.id, {"active": False}, version=roster.version_of(fresh(one))
    ),
    "taken by hand": lambda by, one: accounts.take_role(one, "administrator"),
    "shut by hand": lambda by, one: accounts.set_active(one, False),
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))


@every_way
def test_the_last_administrator_stays(house: SimpleNamespace, way: Any) -> None:
    written = AuditEntry.select().count()
    with pytest.raises(Invalid):
        way(house.administrator, house.administrator)
    assert accounts.acting_administrator().id == house.administrator.id
    role = first_role(house.administrator)
    assert (role.since, role.until) == (None, None)
    assert AuditEntry.select().count() == written  # taken back whole


@every_way
def test_of_two_administrators_one_may_go_and_the_other_not(house: SimpleNamespace, way: Any) -> None:
    second = colleague()
    way(second, house.administrator)
    with pytest.raises(Invalid):
        way(second, second)
    assert roles.current(second, "administrator").count() == 1


@every_way
@pytest.mark.parametrize("scope", ["section", "community", "department", "past", "future", "shut"])
def test_who_administers_a_part_or_another_time_does_not_count(
    house: SimpleNamespace, way: Any, scope: str
) -> None:
    site = Site.get()
    limits: dict[str, Any] = {
        "section": {"section_path": house.board.path},
        "community": {"community": Community.create(site=site, name="東苑")},
        "department": {"department": Department.create(site=site, name="工程部")},
        "past": {"until": moment.today() - timedelta(days=1)},
        "future": {"since": moment.today() + timedelta(days=400)},
        "shut": {},
    }[scope]
    other = colleague(**limits)
    if scope == "shut":
        Person.update(active=False).where(Person.id == other.id).execute()
    with pytest.raises(Invalid):
        way(house.administrator, house.administrator)


def test_one_after_the_other_without_a_day_between(house: SimpleNamespace) -> None:
    """The first ends on the day before the second begins; a day earlier there would be nobody."""
    colleague(since=moment.today() + timedelta(days=10))
    role = first_role(house.administrator)
    with pytest.raises(Invalid) as refused:
        roles.end(house.administrator, role.id, later(8))
    assert list(refused.value.fields) == ["until"]
    assert refused.value.message.values["day"] == moment.today() + timedelta(days=9)
    roles.end(house.administrator, role.id, later(9))
    assert first_role(house.administrator).until == moment.today() + timedelta(days=9)


def test_an_end_that_was_set_may_be_put_off_but_not_brought_forward(house: SimpleNamespace) -> None:
    role = first_role(house.administrator)
    Membership.update(until=moment.today() + timedelta(days=30)).where(Membership.id == role.id).execute()
    with pytest.raises(Invalid):
        roles.end(house.administrator, role.id, later(29))
    roles.end(house.administrator, role.id, later(31))


def test_many_at_once_leave_one(house: SimpleNamespace) -> None:
    """Both are chosen in the list: the first goes, the second is refused."""
    second = colleague()
    register = named("people")
    act = acting.act_of(register, "shut")
    outcome = acting.run(house.administrator, register, act, [second.id, house.administrator.id])
    assert [row.id for row in outcome.done] == [second.id]
    assert [row.id for row, _ in outcome.refused] == [house.administrator.id]


def test_the_command_line_refuses_it_too(house: SimpleNamespace, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("LIANXI_DATA", str(settings.data))
    for arguments in (["disable", "administrator"], ["role", "administrator", "administrator", "--remove"]):
        answer = CliRunner().invoke(user.command, arguments)
        assert answer.exit_code == 1, answer.output
    assert accounts.acting_administrator().id == house.administrator.id


# ---- rights


@pytest.mark.parametrize("name", [name for name in people.ROLES if name != "administrator"])
def test_nobody_else_may(house: SimpleNamespace, name: str) -> None:
    who, other = house.people[name], house.people["crew" if name != "crew" else "editor"]
    role = Membership.get(Membership.person == other.id)
    version = roster.version_of(fresh(other))
    for act in (
        lambda: roster.make(who, {"username": "x", "name": "x"}),
        lambda: roster.edit(who, other.id, {"name": "x"}, version=version),
        lambda: roster.set_active(who, other.id, False),
        lambda: roster.end_sessions(who, other.id),
        lambda: roles.give(who, other.id, {"role": "administrator"}),
        lambda: roles.take(who, role.id),
        lambda: roles.end(who, role.id, later(1)),
        lambda: places.make_community(who, {"name": "x"}),
        lambda: places.make_department(who, {"name": "x"}),
    ):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize("scope", ["section_path", "community", "department"])
def test_an_administrator_of_a_part_may_not_give_roles(house: SimpleNamespace, scope: str) -> None:
    site = Site.get()
    limit = {
        "section_path": house.board.path,
        "community": Community.create(site=site, name="東苑"),
        "department": Department.create(site=site, name="工程部"),
    }[scope]
    local = colleague("local", **{scope: limit})
    with pytest.raises(NotAllowed):
        roles.give(local, local.id, {"role": "administrator"})
    with pytest.raises(NotAllowed):
        listing.page(local, named("people"))


# ---- accounts


def test_an_account_is_made_corrected_and_remembered(house: SimpleNamespace) -> None:
    admin, register = house.administrator, named("people")
    typed = {"username": ["wang"], "name": ["王小明"], "email": ["Wang@example.com"], "active": ["1"],
             "phone_key": ["138 0013 8000"]}  # fmt: skip
    key = changing.create(admin, register, typed)
    made = Person.get_by_id(key)
    assert (made.phone_key, made.mail_key, made.password_hash) == ("+8613800138000", "wang@example.com", "")
    version = register.version(listing.one(admin, register, key))
    changing.update(admin, register, key, {**typed, "name": ["王大明"], "job": ["電工"]}, version)
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.verb, entry.difference) == ("person.edited", {"fields": ["job", "name"]})


def test_all_that_is_wrong_is_told_beside_its_field(house: SimpleNamespace) -> None:
    roster.make(house.administrator, {"username": "one", "name": "甲", "email": "one@example.com",
                                      "phone_key": "13800138000"})  # fmt: skip
    with pytest.raises(Invalid) as refused:
        roster.make(house.administrator, {"username": "one", "name": "", "email": "ONE@example.com",
                                          "phone_key": "+86 138 0013 8000", "department": 999, "job": "x" * 101})  # fmt: skip
    assert set(refused.value.fields) == {"username", "name", "email", "phone_key", "department", "job"}
    with pytest.raises(Invalid) as refused:
        roster.make(
            house.administrator, {"username": "a b", "name": "x" * 101, "email": "no", "phone_key": "12"}
        )
    assert set(refused.value.fields) == {"username", "name", "email", "phone_key"}
    roster.make(house.administrator, {"username": "x" * 60, "name": "x" * 100})


def test_two_who_edit_one_person(house: SimpleNamespace) -> None:
    """The back office and the person's own page, and two windows of the back office."""
    admin, register, key = house.administrator, named("people"), house.editor.id
    row = listing.one(admin, register, key)
    before = register.version(row)
    typed = {name: [str(value or "")] for name, value in register.load(row).items()} | {"active": ["1"]}
    people.rename_person(house.editor, "新名字")
    with pytest.raises(Conflict):
        changing.update(admin, register, key, {**typed, "job": ["編輯"]}, before)
    with pytest.raises(Conflict):
        roster.edit(admin, key, {"job": "編輯"}, version=before)
    assert fresh(house.editor).job == ""


def test_a_shut_account_signs_in_nowhere_and_opens_again(house: SimpleNamespace) -> None:
    session = sessions.begin(house.editor)
    identity = house.editor.get_id()
    assert sessions.load(identity) is not None
    roster.set_active(house.administrator, house.editor.id, False)
    assert sessions.load(identity) is None
    assert people.sign_in("editor", "a-password-for-tests") is None
    entry = AuditEntry.get(AuditEntry.verb == "person.shut")
    assert entry.by_id == house.administrator.id
    roster.set_active(house.administrator, house.editor.id, True)
    assert people.sign_in("editor", "a-password-for-tests") is not None
    with pytest.raises(NotFound):
        roster.end_session(house.administrator, session.id)  # ended with the account


def test_sessions_are_ended_for_somebody(house: SimpleNamespace) -> None:
    one, two = sessions.begin(house.editor), sessions.begin(house.editor)
    roster.end_session(house.administrator, one.id)
    assert [row.id for row in sessions.open_sessions(house.editor)] == [two.id]
    assert roster.end_sessions(house.administrator, house.editor.id) == 1
    assert sessions.open_sessions(house.editor) == []


def test_a_link_for_a_password_needs_an_address_and_mail(house: SimpleNamespace) -> None:
    with pytest.raises(Invalid):
        roster.send_link(house.administrator, house.editor.id)
    second = colleague()
    with pytest.raises(Invalid):  # no mail server is set up
        roster.send_link(house.administrator, second.id)


# ---- roles


def test_a_role_for_one_part_only(house: SimpleNamespace) -> None:
    admin, crew = house.administrator, house.crew
    site = Site.get()
    east = Community.create(site=site, name="東苑")
    made = roles.give(admin, crew.id, {"role": "receptionist", "community": east.id, "until": later(3)})
    assert (made.community_id, made.section_path) == (east.id, "")
    with pytest.raises(Invalid) as refused:
        roles.give(admin, crew.id, {"role": "editor", "section": house.board.id, "community": east.id})
    assert list(refused.value.fields) == ["community"]
    for wrong in (
        {"role": "king"},
        {"role": "editor", "section": 9999},
        {"role": "editor", "community": "x"},
    ):
        with pytest.raises(Invalid):
            roles.give(admin, crew.id, wrong)
    with pytest.raises(Invalid) as refused:
        roles.give(admin, crew.id, {"role": "editor", "since": later(2), "until": later(1)})
    assert list(refused.value.fields) == ["until"]


def test_the_same_role_twice_on_one_day(house: SimpleNamespace) -> None:
    admin, crew = house.administrator, house.crew
    roles.give(admin, crew.id, {"role": "editor", "until": later(3)})
    with pytest.raises(Invalid):
        roles.give(admin, crew.id, {"role": "editor", "since": later(3)})
    roles.give(admin, crew.id, {"role": "editor", "since": later(4)})


def test_a_role_that_is_taken_ends_and_one_that_never_began_is_gone(house: SimpleNamespace) -> None:
    admin, crew = house.administrator, house.crew
    held = Membership.get(Membership.person == crew.id)
    roles.take(admin, held.id)
    assert Membership.get_by_id(held.id).until == moment.today() - timedelta(days=1)
    assert fresh(crew).roles_somewhere() == frozenset()
    with pytest.raises(Invalid):
        roles.take(admin, held.id)
    ahead = roles.give(admin, crew.id, {"role": "editor", "since": later(5)})
    roles.take(admin, ahead.id)
    assert Membership.get_or_none(Membership.id == ahead.id) is None
    assert AuditEntry.select().where(AuditEntry.verb == "person.role-taken").count() == 2


def test_two_who_change_the_days_of_a_role(house: SimpleNamespace) -> None:
    register, role = named("roles"), Membership.get(Membership.person == house.crew.id)
    version = register.version(listing.one(house.administrator, register, role.id))
    roles.end(house.administrator, role.id, date(2026, 12, 31))
    with pytest.raises(Conflict):
        roles.change_days(house.administrator, role.id, {"until": later(1)}, version=version)


# ---- places


def test_communities_departments_and_the_site(house: SimpleNamespace) -> None:
    admin = house.administrator
    east = places.make_community(admin, {"name": " 東苑 "})
    assert east.name == "東苑"
    for values in ({"name": "東苑"}, {"name": ""}, {"name": "x" * 101}):
        with pytest.raises(Invalid) as refused:
            places.make_community(admin, values)
        assert list(refused.value.fields) == ["name"]
    places.make_community(admin, {"name": "x" * 100})
    version = places.version_of(east)
    places.edit(admin, Community, east.id, {"name": "東園"}, version=version)
    with pytest.raises(Conflict):
        places.edit(admin, Community, east.id, {"name": "東院"}, version=version)
    assert Community.get_by_id(east.id).name == "東園"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"telephone": "1" * 41}, "telephone"),
        ({"position": "-1"}, "position"),
        ({"position": 10000}, "position"),
    ],
)
def test_limits_of_a_department(house: SimpleNamespace, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        places.make_department(house.administrator, {"name": "工程部", **values})
    assert list(refused.value.fields) == [field]
    places.make_department(house.administrator, {"name": "工程部", "telephone": "1" * 40, "position": 9999})
