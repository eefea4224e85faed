"""The lists of matters: exactly what one may see, served by indexes, the same work with few matters and with many."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import estate, moment, outbox, reception
from content.cases import OPEN_STATES, Case, CaseAbout, CaseHelper, CaseParty
from content.db import database
from content.errors import NotFound
from content.households import Building, Household
from content.items import new_uid
from content.people import Community, Department, Person, Site
from content.permissions import may
from content.reception import lists
from content.reception.access import visible_cases
from content.reception.categories import CATEGORIES, DESKS
from tests.forms import counted
from tests.matters import names, recorded, sent, staff


def numbers(page: Any) -> list[str]:
    return [row.number for row in page.cases]


def walked(person: Person, desk: str, **filters: Any) -> list[int]:
    """The ids of a whole list, page by page."""
    found, before = [], None
    while True:
        page = reception.desk_page(person, desk, before=before, **filters)
        found += [row.id for row in page.cases]
        if page.older is None:
            return found
        before = page.older


def matter(n: int, **more: Any) -> dict[str, Any]:
    """A row written without its form: lists are tested with many."""
    at = moment.now() + timedelta(minutes=n)
    values = {
        "uid": new_uid(), "number": f"20200101-{n}", "code": "x", "category": "repair", "desk": "repairs",
        "state": "received", "channel": "web", "original": "水管漏水", "words": "水管漏水", "opened_at": at, "changed_at": at,
        "salt": "x", **more,
    }  # fmt: skip
    values["desk"] = CATEGORIES[str(values["category"])].desk
    if values["state"] == "closed":
        values["closed_at"] = at
    return values


# ---- exactly what one may see


@pytest.fixture
def world(house: SimpleNamespace) -> SimpleNamespace:
    """Two communities, two departments, staff of every reach, and 300 matters in all states."""
    site = Site.get()
    east, west = (Community.create(site=site, name=name) for name in ("東苑", "西苑"))
    one, two = (Department.create(site=site, name=name) for name in ("工程部", "保潔部"))
    house.east, house.west = east, west
    house.readers = [
        house.receptionist, house.manager, house.quality, house.general_manager,
        staff("r_east", "receptionist", community=east), staff("m_west", "manager", community=west),
        staff("r_two", "receptionist", department=two), staff("h_own", "head", of=one),
        staff("h_scope", "head", department=two), staff("c_one", "crew", of=one), staff("both", "head", "crew", of=two),
        staff("q_east", "quality", community=east), staff("q_head", "quality", "head", of=one),
    ]  # fmt: skip
    house.some = [house.readers[place] for place in (0, 4, 7, 9, 11, 10)]
    dice = random.Random(7)
    people = [*house.readers, house.editor, None, None, None]
    states = [*OPEN_STATES, "answered", "closed"]
    rows = [
        matter(
            n,
            category=dice.choice(list(CATEGORIES)),
            state=dice.choice(states),
            owner=dice.choice(people),
            first_receiver=dice.choice(people),
            department=dice.choice([one, two, None]),
            community=dice.choice([east, west, None]),
        )
        for n in range(300)
    ]
    for row in rows:
        Case.create(**row)
    ids = [case.id for case in Case.select()]
    for model in (CaseHelper, CaseAbout):
        pairs = {(dice.choice(ids), dice.choice(house.readers).id) for _ in range(150)}
        model.insert_many([{"case": case, "person": person} for case, person in sorted(pairs)]).execute()
    Case.update(state="merged", merged_into=ids[0]).where(Case.id.in_(ids[250:260])).execute()
    return house


def test_a_list_is_what_may_be_seen_no_more_and_no_less(world: SimpleNamespace) -> None:
    """For every reach, desk and show: the merged arms of the indexes agree with the rights."""
    checked = 0
    for person in world.readers:
        seen = list(Case.select().where(visible_cases(person)).order_by(Case.id.desc()))
        helped = {row.case_id for row in CaseHelper.select().where(CaseHelper.person == person.id)}
        for desk in reception.desks_of(person):
            for show, states in lists.SHOWS.items():
                wanted = [
                    case.id for case in seen
                    if case.desk == desk.name and case.state in states
                    and (show != "mine" or case.owner_id == person.id or case.id in helped)
                ]  # fmt: skip
                assert walked(person, desk.name, show=show) == wanted, (person.username, desk.name, show)
                checked += len(wanted)
    assert checked > 1000


def test_every_row_of_a_list_may_be_opened(world: SimpleNamespace) -> None:
    for person in world.some:
        for desk in reception.desks_of(person):
            for id in walked(person, desk.name, show="all"):
                assert may(person, "case:view", Case.get_by_id(id))


def test_counts_are_the_lengths_of_the_lists(world: SimpleNamespace) -> None:
    for person in world.readers:
        counts = reception.desk_counts(person)
        assert list(counts) == [desk.name for desk in reception.desks_of(person)]
        for desk, found in counts.items():
            assert found == {show: len(walked(person, desk, show=show)) for show in lists.COUNTED}


@pytest.mark.parametrize(
    "filters", [{"category": "repair"}, {"q": "水管"}, {"category": "aftersales", "q": "漏水"}]
)
def test_filters_narrow_and_never_widen(world: SimpleNamespace, filters: dict[str, str]) -> None:
    kinds = {case.id: case.category for case in Case.select()}
    for person in world.some[:4]:
        for desk in reception.desks_of(person)[-2:]:
            for show in ("open", "mine", "all"):
                plain = walked(person, desk.name, show=show)
                kept = [id for id in plain if filters.get("category") in (None, kinds[id])]
                assert walked(person, desk.name, show=show, **filters) == kept


def test_by_community(world: SimpleNamespace) -> None:
    every = walked(world.manager, "repairs", show="all")
    east = [id for id in every if Case.get_by_id(id).community_id == world.east.id]
    assert walked(world.manager, "repairs", show="all", community=world.east.id) == east
    assert walked(world.manager, "repairs", show="all", community=999) == []


def test_the_export_is_the_list(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "EXPORTED", 7)
    for filters in (
        {},
        {"show": "all"},
        {"show": "closed", "category": "repair"},
        {"show": "all", "q": "漏水"},
    ):
        rows = list(reception.export_rows(world.manager, "repairs", **filters))
        assert [row["id"] for row in rows] == walked(world.manager, "repairs", **filters)


def test_no_list_for_those_without_a_desk(house: SimpleNamespace) -> None:
    for person in (None, house.owner, house.administrator, house.editor, house.leader):
        assert reception.desk_counts(person) == {}
        for desk in (*DESKS, "nowhere"):
            with pytest.raises(NotFound):
                reception.desk_page(person, desk)
            with pytest.raises(NotFound):
                list(reception.export_rows(person, desk))
    for person, desk in ((house.quality, "repairs"), (house.crew, "complaints"), (house.manager, "nowhere")):
        with pytest.raises(NotFound):
            reception.desk_page(person, desk)


# ---- searching


def test_found_by_number_telephone_and_words_in_either_script(house: SimpleNamespace) -> None:
    case = recorded(house.receptionist, words="廚房漏水，請帶梯子。", caller_name="歐陽明")
    recorded(house.receptionist, words="大門的燈不亮", caller_name="李四", caller_telephone="139 0013 9000")
    for q in (
        case.number,
        f" {case.number} ",
        "13800138000",
        "138 0013 8000",
        "漏水",
        "厨房",
        "梯子 漏水",
        "欧阳明",
        "1 3800 138000",
    ):
        assert numbers(reception.desk_page(house.receptionist, "repairs", q=q)) == [case.number], q
    for q in ("漏水 電梯", "20260316-777", "13700137000", "%", "_", "'"):
        assert numbers(reception.desk_page(house.receptionist, "repairs", q=q)) == []
    assert len(numbers(reception.desk_page(house.receptionist, "repairs", q="  "))) == 2
    # Elsewhere it is not.
    assert numbers(reception.desk_page(house.receptionist, "suggestions", q=case.number)) == []
    assert numbers(reception.desk_page(house.receptionist, "repairs", q=case.number, show="closed")) == []


def test_a_search_looks_through_so_many_and_offers_to_go_on(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LOOKED_THROUGH", 10)
    first = Case.create(**matter(0, words="梯子"))
    for n in range(1, 25):
        Case.create(**matter(n))
    page = reception.desk_page(house.receptionist, "repairs", q="梯子")
    assert page.cases == []
    assert page.older is not None
    assert walked(house.receptionist, "repairs", q="梯子") == [first.id]


# ---- other lists


def test_my_matters_are_paged_and_hide_who_works_them(house: SimpleNamespace) -> None:
    cases = [sent(house.owner) for _ in range(lists.PAGE + 2)]
    sent(house.tenant)
    Case.update(owner=house.crew).execute()
    first = reception.my_matters(house.owner)
    assert numbers(first) == [case.number for case in cases[:1:-1]]
    assert numbers(reception.my_matters(house.owner, before=first.older)) == [
        cases[1].number,
        cases[0].number,
    ]
    assert {row.owner for row in first.cases} == {""}
    assert reception.my_matters(None).cases == []


def test_a_row_says_what_a_list_needs(house: SimpleNamespace) -> None:
    community = Community.create(site=Site.get(), name="東苑")
    building = Building.create(community=community, name="3棟", key="3")
    Household.create(building=building, unit="2單元", room="501", key="2-501")
    case = recorded(house.receptionist, household="3-2-501", place="廚房", words="漏" * 200, kind="burst")
    lead = sent(house.owner)
    reception.merge(house.receptionist, case, lead.number, 1)
    (row,) = (
        row
        for row in reception.desk_page(house.receptionist, "repairs", show="all").cases
        if row.id == case.id
    )
    assert (row.community, row.household, row.place) == ("東苑", "3棟 2單元 501", "3棟 2單元 501 · 廚房")
    assert (row.state, row.standing, row.urgent) == ("merged", "received", True)
    assert row.excerpt == "漏" * 120 + "…"
    home = estate.find_household("3-2-501")
    assert home is not None
    assert [one.number for one in reception.household_matters(house.manager, home)] == [case.number]
    assert reception.household_matters(house.crew, home) == []
    assert reception.household_matters(None, home) == []


def test_unread_until_the_message_was_read(house: SimpleNamespace) -> None:
    case, other = sent(house.owner), sent(house.owner)
    outbox.mark_read(house.owner, "all")
    reception.step(house.receptionist, case, "take", version=1)
    assert {row.number: row.unread for row in reception.my_matters(house.owner).cases} == {
        case.number: True, other.number: False,
    }  # fmt: skip


def test_what_waits_for_whom(house: SimpleNamespace) -> None:
    """Own and helped with, at the counter the new ones; urgent first, then by promise, then by age."""
    now = moment.now()
    made = {
        "old": matter(1), "late": matter(2, promised_at=now - timedelta(hours=1)), "soon": matter(3, promised_at=now),
        "urgent": matter(4, urgent=True), "own": matter(5, state="in_hand", owner=house.receptionist),
        "done": matter(6, state="closed", owner=house.receptionist), "others": matter(7, state="in_hand", owner=house.crew),
        "helped": matter(8, state="in_hand", owner=house.crew),
    }  # fmt: skip
    cases = {name: Case.create(**values) for name, values in made.items()}
    CaseHelper.create(case=cases["helped"], person=house.receptionist)
    found = [row.number for row in reception.waiting_for(house.receptionist)]
    wanted = ("urgent", "late", "soon", "old", "own", "helped")
    assert found == [cases[name].number for name in wanted]
    assert [row.number for row in reception.waiting_for(house.receptionist, 2)] == found[:2]
    assert [row.id for row in reception.waiting_for(house.crew)] == [cases["others"].id, cases["helped"].id]
    for person in (None, house.owner, house.administrator):
        assert reception.waiting_for(person) == []


def test_first_receivers_keep_their_matters_in_sight(house: SimpleNamespace) -> None:
    """R-040: though others do the work; but for a complaint about themselves (R-004)."""
    case, about = recorded(house.editor), recorded(house.editor, "complaint")
    reception.step(house.receptionist, case, "take", version=1)
    names(about, house.editor)
    assert [row.number for row in reception.received_by(house.editor)] == [case.number]
    assert reception.received_by(None) == []


# ---- duplicates


def test_suggested_while_typing(house: SimpleNamespace) -> None:
    lift = recorded(house.receptionist, words="二號樓的電梯又壞了，停在四樓不動。", place="2棟電梯")
    recorded(house.receptionist, words="花園的長椅斷了一條腿。", place="花園")
    for text, place in (("电梯坏了停在四楼", ""), ("不會動了，裡面有人", "2棟電梯")):
        found = reception.similar(house.receptionist, "repair", text, place=place)
        assert [one.case.number for one in found] == [lift.number], text
        assert 0 < found[0].score <= 1
    assert reception.similar(house.receptionist, "repair", "門鎖打不開") == []
    assert reception.similar(house.receptionist, "repair", "電梯") == []  # too short to say anything
    assert reception.similar(house.receptionist, "nonsense", "電梯壞了停在四樓") == []


def test_duplicates_only_of_what_one_may_see(house: SimpleNamespace) -> None:
    own, secret = (
        sent(house.owner, "complaint", words="門衛半夜大聲說話吵人"),
        sent(house.tenant, "complaint", words="門衛半夜大聲說話吵人"),
    )
    names(secret, house.receptionist)
    typed = "門衛半夜大聲說話"
    found = {
        person: [one.case.id for one in reception.similar(person, "complaint", typed)]
        for person in (None, house.owner, house.receptionist, house.manager, house.crew, house.administrator)
    }
    assert found == {
        None: [], house.owner: [own.id], house.receptionist: [own.id], house.manager: [secret.id, own.id],
        house.crew: [], house.administrator: [],
    }  # fmt: skip


# ---- served by indexes


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """The statements of the block with their values."""
    found: list[tuple[str, Any]] = []
    plain = database.obj.execute_sql

    def noting(sql: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        found.append((sql, params))
        return plain(sql, params, *args, **kwargs)

    database.obj.execute_sql = noting
    try:
        yield found
    finally:
        del database.obj.execute_sql


def bad_plans(statements: list[tuple[str, Any]]) -> list[str]:
    """Plans that go through a whole table of matters, or sort what an index should have given in order."""
    found = []
    for sql, params in statements:
        if '"case"' not in sql and '"case_' not in sql:
            continue
        for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall():
            plan = row[3]
            name = " ".join(plan.split()[1:2])
            made = (
                name == "CONSTANT" or name.startswith("(") or f') AS "{name}"' in sql
            )  # no table: rows of another query
            scans = plan.startswith("SCAN") and not made
            if scans or "FOR ORDER BY" in plan:
                found.append(f"{plan}: {sql[:400]}")
    return found


def every_list(person: Person) -> Iterator[Any]:
    for desk in reception.desks_of(person):
        for show in lists.SHOWS:
            for filters in (
                {},
                {"category": desk.categories[-1]},
                {"q": "漏水"},
                {"q": "20200101-7"},
                {"q": "13800138000"},
            ):
                before = 200 if show == "all" else None
                yield lambda f=filters, d=desk, s=show, b=before: reception.desk_page(person, d.name, show=s, before=b, **f)  # type: ignore[misc]  # fmt: skip
    yield lambda: reception.desk_counts(person)
    yield lambda: reception.received_by(person)
    yield lambda: reception.my_matters(person)


def test_every_list_is_served_by_an_index(world: SimpleNamespace) -> None:
    for person in world.some[:5]:
        for call in every_list(person):
            with asked() as statements:
                call()
            window = any(
                "MIN(" in sql for sql, _ in statements
            )  # ids of a search are sorted: few, and bounded
            assert [bad for bad in bad_plans(statements) if not window or "FOR ORDER BY" not in bad] == []


def test_no_list_asks_a_query_per_row(world: SimpleNamespace) -> None:
    for person in world.some[:3]:
        for call in every_list(person):
            person.__dict__.pop("grants", None)
            with counted() as statements:
                call()
            assert len(statements) <= 5
    with counted() as statements:
        reception.waiting_for(world.receptionist)
    assert len(statements) <= 8


CROWD = """
WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO "case" (uid, number, code, category, desk, state, urgent, channel, place, original, script, caller_name,
  caller_form, caller_telephone, caller_email, reported_by, postponed, opened_at, changed_at, closed_at, rating_words,
  words, salt, version, department_id, owner_id)
SELECT printf('%032d', i), 'n' || i, 'x', iif(i % 20, 'repair', 'aftersales'), 'repairs',
  CASE i % 10 WHEN 0 THEN 'received' WHEN 1 THEN 'in_hand' WHEN 2 THEN 'answered' ELSE 'closed' END, 0, 'web', '',
  '水管漏水', 'hant', '', '', '', '', '', 0, '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000',
  '2026-01-01 00:00:00.000000', '', '水管漏水', 'x', 1, iif(i % 3, NULL, ?), iif(i % 7, NULL, ?) FROM n
"""


def work_of(call: Any) -> int:
    """How much SQLite does for it, in thousands of its own steps; clocks would say something of the machine."""
    steps = 0

    def tick() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = database.connection()
    connection.set_progress_handler(tick, 20)
    try:
        call()
    finally:
        connection.set_progress_handler(None, 0)
    return steps


def test_the_same_work_with_a_thousand_matters_and_a_hundred_thousand(house: SimpleNamespace) -> None:
    department = Department.create(site=Site.get(), name="工程部")
    head, crew = staff("h1", "head", of=department), staff("c1", "crew", of=department)
    resident = house.owner
    calls: dict[str, Any] = {
        f"{person.username} {show} {filters}": lambda p=person, s=show, f=filters: reception.desk_page(p, "repairs", show=s, **f)
        for person in (house.receptionist, head, crew)
        for show in lists.SHOWS
        for filters in ({}, {"category": "aftersales"}, {"q": "n77"})
        if show != "new" or not filters
    }  # fmt: skip
    calls["mine"] = lambda: reception.my_matters(resident)
    calls["similar'"] = lambda: reception.similar(house.receptionist, "repair", "水管漏水了")
    database.execute_sql(CROWD, (1, 1_000, department.id, crew.id))
    CaseParty.insert_many([{"case": case, "person": resident} for case in range(1, 101)]).execute()
    few = {name: work_of(call) for name, call in calls.items()}
    database.execute_sql(CROWD, (1_001, 100_000, department.id, crew.id))
    many = {name: work_of(call) for name, call in calls.items()}
    plain = [name for name in calls if "'" not in name]
    assert {name: (few[name], many[name]) for name in plain if many[name] > few[name] * 1.3 + 20} == {}
    # What is narrowed further is looked for in so many and no more: a million of SQLite's steps are some milliseconds.
    assert {name: many[name] for name in calls if many[name] > 50_000} == {}
    assert reception.desk_counts(house.receptionist)["repairs"]["open"] == 999
