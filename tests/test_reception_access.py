"""Who sees a matter: one rule for one matter and for lists, and above all of it whom a complaint is about."""

from __future__ import annotations

import itertools
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import moment, people, reception
from content.actions import create
from content.cases import Case, CaseAbout, CaseHelper, CaseParty
from content.errors import Message, NotAllowed, NotFound
from content.people import Community, Department, Membership, Person, Site
from content.permissions import ANYWHERE, RULES, may, require
from content.reception import entries
from content.reception.access import RIGHTS, desks_of, holders_for, mine, open_steps, rights, visible_cases
from content.reception.categories import CATEGORIES
from content.workflows import MATTER, WORKFLOWS
from tests.conftest import notice
from tests.forms import counted
from tests.matters import names, recorded, sent, staff

DESK_ROLES = ("receptionist", "head", "crew", "quality", "manager", "general-manager")


@pytest.fixture
def estate(house: Any) -> SimpleNamespace:
    """Two communities and two departments, and of each role somebody for one of each."""
    site = Site.get()
    east, west = (Community.create(site=site, name=name) for name in ("東苑", "西苑"))
    works, guards = (Department.create(site=site, name=name) for name in ("工程部", "安全部"))
    found = SimpleNamespace(house=house, east=east, west=west, works=works, guards=guards, people=[])
    for role in DESK_ROLES:
        found.people += [
            staff(f"{role}-east", role, community=east),
            staff(f"{role}-works", role, department=works),
            staff(f"{role}-of-works", role, of=works),
            staff(f"{role}-east-of-guards", role, of=guards, community=east),
            staff(f"{role}-section", role, section_path=house.board.path),
        ]
    yesterday = moment.today() - timedelta(days=1)
    found.people.append(staff("receptionist-gone", "receptionist", until=yesterday))
    found.people.append(staff("two-jobs", "crew", "editor", of=works))
    found.people[-1].__dict__.pop("grants", None)
    return found


@pytest.fixture
def matters(estate: Any) -> list[Case]:
    """Matters of every category in either community or none, of either department or none."""
    places = (None, estate.east, estate.west)
    departments = (None, estate.works, estate.guards)
    for category, place, department in itertools.product(CATEGORIES, places, departments):
        case = sent(None, category)
        Case.update(community=place, department=department).where(Case.id == case.id).execute()
    return list(Case.select())


def everybody(estate: Any) -> list[Person | None]:
    fresh = Person.select().where(Person.id.in_([one.id for one in estate.people]))
    closed = people.find_person("receptionist-east")
    closed.active = False
    return [None, people.scheduler(), people.visitors(), closed, *estate.house.people.values(), *fresh]


def agree(person: Person | None) -> set[int]:
    """The ids of what the person sees; fails unless ``may`` and the conditions for lists say the same."""
    works = {row.id for row in Case.select(Case.id).where(visible_cases(person))}
    own = {row.id for row in Case.select(Case.id).where(mine(person))}
    for case in Case.select():
        seen = case.id in works | own
        assert may(person, "case:view", case) == seen, (
            person and person.username,
            case.number,
            case.category,
        )
        assert ("case:view" in rights(person, case)) == seen
    return works


def test_one_matter_and_lists_agree_by_role_and_scope(estate: Any, matters: Any) -> None:
    seen = {person.username if person else None: len(agree(person)) for person in everybody(estate)}
    per, all_of = len(CATEGORIES), len(matters)  # one of each category for each place and department
    nobody = {
        None,
        "scheduler",
        "visitors",
        "administrator",
        "editor",
        "owner",
        "leader",
        "receptionist-section",
    }
    assert {name for name in nobody if seen[name]} == set()
    assert seen["receptionist"] == seen["manager"] == seen["general-manager"] == all_of == per * 9
    assert seen["receptionist-east"] == per * 6  # its own, and what nobody knows yet where it belongs
    assert seen["receptionist-works"] == per * 3
    assert seen["head"] == 0  # head of no department
    assert seen["head-works"] == seen["head-of-works"] == per * 3
    assert seen["head-east-of-guards"] == per * 2
    assert seen["crew-works"] == seen["crew-of-works"] == 2 * 3  # repairs and builder's defects
    assert seen["quality"] == 9
    assert seen["quality-east"] == 6
    assert seen["receptionist-gone"] == 0


def test_they_agree_for_those_with_a_hand_in_it(estate: Any, matters: Any) -> None:
    """Owners, helpers, first receivers, parties, persons named, and several of these at once."""
    everyone = [person for person in everybody(estate) if person is not None]
    for n, case in enumerate(matters):
        owner, helper, first, party, named = (
            everyone[(n * step + step) % len(everyone)] for step in (1, 3, 5, 7, 11)
        )
        Case.update(owner=owner, first_receiver=first).where(Case.id == case.id).execute()
        CaseHelper.create(case=case, person=helper)
        CaseParty.create(case=case, person=party)
        CaseAbout.create(case=case, person=named)
        if n % 3 == 0:  # the same person in all of them
            for model in (CaseHelper, CaseParty):
                model.insert(case=case, person=named).on_conflict_ignore().execute()
            Case.update(owner=named, first_receiver=named).where(Case.id == case.id).execute()
    for person in everybody(estate):
        agree(person)


@pytest.mark.parametrize("role", sorted(people.ROLES))
def test_a_complaint_about_somebody_is_absent_for_them_in_every_capacity(house: Any, role: str) -> None:
    """R-004. Whatever the role, and though they own it, help with it or received it."""
    case, person = sent(None, "complaint"), house.people[role]
    Case.update(owner=person, first_receiver=person).where(Case.id == case.id).execute()
    CaseHelper.create(case=case, person=person)
    names(case, person)
    fresh = Case.get_by_id(case.id)
    assert rights(person, fresh) == frozenset()
    assert not any(may(person, right, fresh) for right in RIGHTS)
    assert not Case.select().where(visible_cases(person)).exists()
    assert holders_for(fresh, role) == []
    assert open_steps(person, fresh) == []
    for right in ("case:view", "case:work", "case:answer"):
        with pytest.raises(NotFound):
            require(person, right, fresh)
    with pytest.raises(NotFound):
        reception.find(person, case.number)


def test_a_suggestion_about_somebody_is_not_hidden(house: Any) -> None:
    case = sent(None, "suggestion")
    names(case, house.receptionist)
    names(case, house.crew)
    assert may(house.receptionist, "case:work", case)
    assert rights(house.crew, case) == {"case:view"}


def test_who_complains_sees_it_even_where_it_is_about_them_but_not_what_is_noted(house: Any) -> None:
    case = sent(house.receptionist, "complaint", about_whom=house.receptionist.name)
    assert rights(house.receptionist, case) == {"case:view", "case:reopen", "case:say"}
    other = sent(house.manager, "complaint")
    assert "case:work" not in rights(house.manager, other)
    assert "case:work" in rights(house.general_manager, other)


def test_an_administrator_alone_reads_no_matter(house: Any) -> None:
    case = sent(house.owner)
    assert rights(house.administrator, case) == frozenset()
    people.give_role(house.administrator, "manager")
    assert may(house.administrator, "case:view", case)


def test_who_left_does_not_see_what_they_owned(house: Any) -> None:
    case = sent(None)
    Case.update(owner=house.crew, first_receiver=house.crew).where(Case.id == case.id).execute()
    fresh = Case.get_by_id(case.id)
    assert may(house.crew, "case:work", fresh)
    Membership.delete().where(Membership.person == house.crew.id).execute()
    gone = people.find_person("crew")
    assert rights(gone, fresh) == frozenset()
    assert not Case.select().where(visible_cases(gone)).exists()


PARTY = {"case:view", "case:say", "case:reopen"}
OWNER = {
    "case:view",
    "case:work",
    "case:take",
    "case:answer",
    "case:reopen",
    "case:link",
    "case:promise",
    "case:say",
}
DIRECTOR = set(RIGHTS) - {"case:rate"}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("owner", PARTY),  # the resident
        ("tenant", set()),
        ("crew", OWNER),  # the owner of the matter
        ("editor", {"case:view", "case:work", "case:say"}),  # a helper
        ("office", OWNER | {"case:close"}),  # the first receiver
        ("receptionist", DIRECTOR),
        ("quality", DIRECTOR),
        ("manager", DIRECTOR),
        ("general-manager", DIRECTOR),
        ("head", set()),
        ("administrator", set()),
    ],
)
def test_who_may_do_what(house: Any, who: str, expected: set[str]) -> None:
    case = recorded(house.office, "complaint")
    Case.update(owner=house.crew, requester=house.owner).where(Case.id == case.id).execute()
    CaseHelper.create(case=case, person=house.editor)
    CaseParty.create(case=case, person=house.owner)
    fresh = Case.get_by_id(case.id)
    found = rights(house.people[who], fresh)
    # Only who directs takes what is somebody else's.
    assert found == (expected - {"case:take"} if who == "office" else expected)
    assert found == {right for right in RIGHTS if may(house.people[who], right, fresh)}


def test_what_nobody_owns_anybody_at_work_takes(house: Any) -> None:
    works = Department.create(site=Site.get(), name="工程部")
    fitter = staff("fitter", "crew", of=works)
    case = sent(None)
    Case.update(department=works).where(Case.id == case.id).execute()
    fresh = Case.get_by_id(case.id)
    assert rights(fitter, fresh) == {"case:view", "case:work", "case:take", "case:say"}
    Case.update(owner=house.crew).where(Case.id == case.id).execute()
    assert rights(fitter, Case.get_by_id(case.id)) == frozenset()


@pytest.mark.parametrize("state", [state.name for state in MATTER.states])
def test_a_party_rates_once_there_is_an_answer(house: Any, state: str) -> None:
    """R-058."""
    case = sent(house.owner)
    case.state = state
    assert may(house.owner, "case:rate", case) == (state in ("answered", "closed"))
    assert not may(house.receptionist, "case:rate", case)


def test_steps_offered_follow_state_and_right(house: Any) -> None:
    case = sent(house.owner)
    assert [step.name for step in open_steps(house.receptionist, case)] == [
        "assign",
        "take",
        "answer",
        "merge",
    ]
    assert open_steps(house.owner, case) == []
    assert open_steps(None, case) == []
    case.state = "closed"
    assert [step.name for step in open_steps(house.owner, case)] == ["reopen"]


def test_the_workflow_is_not_one_of_content() -> None:
    """No state of a matter is ever public."""
    assert MATTER.name not in WORKFLOWS
    assert MATTER.public_states == frozenset()
    assert {step.permission for step in MATTER.transitions} <= set(RULES)
    assert all(MATTER.leaving(state.name) for state in MATTER.states if state.name != "merged")


def test_rights_on_matters_say_nothing_of_content_and_the_reverse(house: Any) -> None:
    item, case = create(house.editor, "notice", house.board, notice()), sent(None)
    for right in RIGHTS:
        assert not may(house.receptionist, right, item)
        assert not may(house.receptionist, right)
        assert not may(house.receptionist, right, ANYWHERE)
    for right in ("item:publish", "item:create", "site:administer", "section:manage"):
        assert not may(house.administrator, right, case)
    with pytest.raises(NotAllowed):
        require(house.receptionist, "case:rate", case)
    with pytest.raises(NotFound):
        require(house.tenant, "case:rate", case)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("receptionist", ["suggestions", "complaints", "repairs"]),
        ("head", ["suggestions", "complaints", "repairs"]),
        ("manager", ["suggestions", "complaints", "repairs"]),
        ("general-manager", ["suggestions", "complaints", "repairs"]),
        ("quality", ["complaints"]),
        ("crew", ["repairs"]),
        ("administrator", []),
        ("editor", []),
        ("owner", []),
    ],
)
def test_desks(house: Any, role: str, expected: list[str]) -> None:
    person = house.people[role]
    assert [desk.name for desk in desks_of(person)] == expected
    assert may(person, "desk:enter") == may(person, "desk:enter", ANYWHERE) == bool(expected)
    assert desks_of(None) == ()


def test_a_role_for_a_community_or_department_opens_the_desk(estate: Any) -> None:
    for person in estate.people:
        held = not person.username.endswith(("section", "gone"))
        assert may(person, "desk:enter", ANYWHERE) == held, person.username


def test_asking_costs_the_same_whatever_is_asked(house: Any) -> None:
    case = sent(house.owner)
    house.manager.grants  # noqa: B018  read once per person
    with counted() as asked:
        rights(house.manager, case)
    assert len(asked) == 1
    with counted() as asked:
        may(house.manager, "case:answer", case)
    assert len(asked) == 1


# ---- entries and telling


def test_entries_say_as_what_somebody_spoke(house: Any) -> None:
    case = sent(house.owner)
    roles = {
        None: "resident", house.owner: "resident", house.receptionist: "receptionist",
        people.scheduler(): "system", house.manager: "manager",
    }  # fmt: skip
    assert {person: reception.role_of(person, case) for person in roles} == roles
    own = sent(house.receptionist)
    assert reception.role_of(house.receptionist, own) == "resident"
    assert reception.role_label("receptionist") == "Receptionist"
    assert reception.role_label("resident") == "Resident"
    assert reception.role_label("") == "Staff"


def test_an_entry_moves_the_matter_to_now(house: Any, clock: Any) -> None:
    case = sent(house.owner)
    clock(timedelta(hours=1))
    entry = entries.add(case, None, "words", "還在漏", public=True)
    assert (entry.by, entry.role, entry.text) == (None, "resident", "還在漏")
    assert Case.get_by_id(case.id).changed_at == moment.now() == case.changed_at


def test_nobody_is_told_who_may_not_see_it(house: Any) -> None:
    case = sent(house.owner, "complaint")
    names(case, house.quality)
    asked = [house.quality, house.administrator, house.tenant, house.manager, None]
    message = Message("New.")
    assert entries.tell_workers(case, message, roles=["receptionist", "quality"], persons=asked) == 2
    assert entries.tell_workers(case, message, roles=["receptionist"], but=house.receptionist) == 0
    assert entries.tell_parties(case, message) == 1
    assert entries.tell_parties(case, message, but=house.owner) == 0
    assert entries.tell_parties(case, message, dedupe="once") == 1
    assert entries.tell_parties(case, message, dedupe="once") == 0
