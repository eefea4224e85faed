"""Who learns what of a matter, reader by reader and way by way. A complaint about somebody is nowhere for them (R-004)."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from content import channels, estate, files, outbox, reception
from content.cases import Case
from content.errors import DomainError, NotFound
from content.history import AuditEntry
from content.households import Building, Household, Resident
from content.items import new_uid
from content.outbox import InboxEntry, Outgoing
from content.people import Community, Department, Person, Site
from content.settings import Settings
from tests.matters import filled, recorded, sent, staff

SECRET = "暗號梧桐"
READERS = (
    "visitor", "resident", "neighbour", "receptionist", "crew", "crew_owner", "crew_elsewhere", "head",
    "head_elsewhere", "quality", "manager", "general_manager", "administrator", "editor", "leader",
    "accused", "accused_receptionist", "accused_head", "accused_manager", "accused_owner", "accused_recorder",
)  # fmt: skip
# Who works a complaint that was given to the head of a department: these, and nobody else.
AT_WORK = {"receptionist", "head", "quality", "manager", "general_manager"}
SEES = AT_WORK | {"resident"}
ACCUSED = [name for name in READERS if name.startswith("accused")]


@pytest.fixture
def posted(settings: Settings, house: SimpleNamespace) -> Any:
    """Mail is written, and never sent."""
    changed = replace(
        settings,
        smtp_host="127.0.0.1",
        smtp_port=9,
        public_url="https://portal.test/",
        mail_from="p@portal.test",
    )
    channels.configure(changed)
    yield changed
    channels.configure(settings)


@pytest.fixture
def scene(posted: Settings, house: SimpleNamespace) -> SimpleNamespace:
    """A complaint that names six of the staff, with words, a photo, a note and an answer; and a repair for the crew."""
    site = Site.get()
    ours, other = (Department.create(site=site, name=name) for name in ("工程部", "保潔部"))
    building = Building.create(community=Community.create(site=site, name="東苑"), name="3棟", key="3")
    home = Household.create(building=building, unit="2單元", room="501", key="2-501")
    Resident.create(household=home, person=house.owner, tenure="owner", name=house.owner.name)
    people: dict[str, Person | None] = {
        "visitor": None, "resident": house.owner, "neighbour": house.tenant, "receptionist": house.receptionist,
        "crew": staff("crew2", "crew", of=ours), "crew_owner": house.crew, "crew_elsewhere": staff("crew3", "crew", of=other),
        "head": staff("head2", "head", of=ours), "head_elsewhere": staff("head3", "head", of=other),
        "quality": house.quality, "manager": house.manager, "general_manager": house.general_manager,
        "administrator": house.administrator, "editor": house.editor, "leader": house.leader,
        "accused": staff("a0", "crew", name="張三豐", of=ours),
        "accused_receptionist": staff("a1", "receptionist", name="李四喜"),
        "accused_head": staff("a2", "head", name="王五福", of=ours), "accused_manager": staff("a3", "manager", name="趙六順"),
        "accused_owner": staff("a4", "crew", name="孫七寶", of=ours), "accused_recorder": staff("a5", "editor", name="周八方"),
    }  # fmt: skip
    for person in people.values():
        if person is not None:
            Person.update(email=f"{person.username}@example.test").where(Person.id == person.id).execute()
            person.email = f"{person.username}@example.test"
    accused = "、".join(
        person.name for name, person in people.items() if name in ACCUSED[:4] and person is not None
    )
    key = new_uid()
    reception.hold_file(posted, house.owner, key, io.BytesIO(b"%PDF-1.4\nstartxref\n0\n%%EOF\n"), "x.pdf")
    words = f"{SECRET}：{accused}說話很難聽。"
    case = reception.open_case(
        house.owner, "complaint", filled("complaint", caller=False, words=words, household="3-2-501"), key=key
    )
    repair = reception.open_case(
        house.owner, "repair", filled("repair", caller=False, words=SECRET), key=new_uid()
    )
    # It goes through the hands of one who then turns out to be meant, as a helper too.
    step(
        house.manager,
        case,
        "assign",
        department=ours,
        owner=people["accused_owner"],
        helpers=[people["accused_recorder"]],
    )
    reception.add_about(house.quality, case, people["accused_owner"])
    reception.add_about(house.quality, case, people["accused_recorder"])
    step(house.manager, case, "assign", department=ours, owner=people["head"], comment=SECRET)
    reception.note(people["head"], case, f"{SECRET} 內部")
    step(people["head"], case, "answer", comment=f"{SECRET} 答覆")
    reception.say_in(house.owner, case, f"{SECRET} 又說")
    step(house.receptionist, repair, "assign", department=ours, owner=house.crew)
    for one in people.values():
        if one is not None:
            one.__dict__.pop("grants", None)
    return SimpleNamespace(
        people=people, case=Case.get_by_id(case.id), repair=Case.get_by_id(repair.id), home=home
    )


def step(person: Any, case: Case, name: str, **more: Any) -> None:
    reception.step(person, case, name, version=Case.get_by_id(case.id).version, **more)


def listed(person: Person | None, case: Case) -> bool:
    """Whether any list of this person has it."""
    rows = [
        *reception.my_matters(person).cases,
        *reception.waiting_for(person, 100),
        *reception.received_by(person),
    ]
    for desk in reception.desk_counts(person):
        rows += reception.desk_page(person, desk, show="all").cases
    home = estate.find_household("3-2-501")
    assert home is not None
    rows += reception.household_matters(person, home)
    return case.number in {row.number for row in rows}


def searched(person: Person | None, case: Case) -> bool:
    found: set[str] = set()
    for desk in reception.desk_counts(person):
        for q in (SECRET, case.number, case.caller_name):
            found |= {row.number for row in reception.desk_page(person, desk, show="all", q=q).cases}
    return case.number in found


def suggested(person: Person | None, case: Case) -> bool:
    typed = {"place": case.place, "household": "3-2-501"}
    return case.id in {
        one.case.id for one in reception.similar(person, case.category, case.original, limit=50, **typed)
    }


def counted(person: Person | None, case: Case) -> bool:
    """Whether a count of this person says one more because of it."""
    counts = reception.desk_counts(person)
    return counts.get(case.desk, {}).get("answered", 0) > 0


def opened(person: Person | None, case: Case) -> bool:
    try:
        reception.page(person, case)
        reception.find(person, case.number)
    except NotFound:
        return False
    return True


def downloaded(person: Person | None, case: Case) -> bool:
    row = reception.CaseFile.get_or_none(reception.CaseFile.case == case.id)
    return row is not None and files.may_see(person, row.file)


def exported(person: Person | None, case: Case) -> bool:
    rows = [
        row
        for desk in reception.desk_counts(person)
        for row in reception.export_rows(person, desk, show="all")
    ]
    return case.number in {row["number"] for row in rows}


def heard(person: Person | None, case: Case) -> bool:
    """By the inbox, or by a mail that is written."""
    if person is None:
        return False
    boxes = InboxEntry.select().where(InboxEntry.person == person.id)
    mails = Outgoing.select().where(Outgoing.recipient == person.id)
    texts = [f"{row.url} {row.values}" for row in boxes] + [str(row.context) for row in mails]
    return any(case.number in text for text in texts)


def kept(person: Person | None, case: Case) -> bool:
    """In what the person's own data say."""
    return person is not None and case.number in {one["number"] for one in reception.matters_of(person)}


WAYS: dict[str, tuple[Callable[[Any, Case], bool], set[str]]] = {
    "list": (listed, SEES),
    "search": (searched, AT_WORK),
    "count": (counted, AT_WORK),
    "page": (opened, SEES),
    "file": (downloaded, SEES),
    "export": (exported, AT_WORK),
    "own data": (kept, {"resident"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_matrix_of_a_complaint(scene: SimpleNamespace, way: str) -> None:
    ask, wanted = WAYS[way]
    assert {name for name in READERS if ask(scene.people[name], scene.case)} == wanted


def test_no_duplicate_is_suggested_of_what_one_may_not_see(scene: SimpleNamespace) -> None:
    step(scene.people["resident"], scene.case, "reopen", comment="還不行")
    assert {name for name in READERS if suggested(scene.people[name], scene.case)} == SEES


def test_only_those_who_see_it_are_told_by_inbox_and_mail(scene: SimpleNamespace) -> None:
    """What somebody was told before it turned out to be about them is taken back, mails that wait included."""
    found = {name for name in READERS if heard(scene.people[name], scene.case)}
    assert found <= SEES
    assert {"resident", "head", "receptionist", "quality"} <= found


def test_matrix_of_a_repair(scene: SimpleNamespace) -> None:
    """Given to one of the crew: another one of the same crew does not see what is somebody's already."""
    sees = {name for name in READERS if opened(scene.people[name], scene.repair)}
    everywhere = {"receptionist", "manager", "general_manager", "accused_receptionist", "accused_manager"}
    assert sees == {"resident", "crew_owner", "head", "accused_head"} | everywhere
    assert {name for name in READERS if listed(scene.people[name], scene.repair)} == sees


@pytest.mark.parametrize("name", ["accused_receptionist", "accused_owner", "accused_recorder"])
def test_the_accused_can_do_nothing_with_it(scene: SimpleNamespace, name: str) -> None:
    person, case, version = scene.people[name], scene.case, scene.case.version
    other = scene.repair if name == "accused_receptionist" else scene.case
    acts = [
        lambda: reception.step(person, case, "close", version=version),
        lambda: reception.step(person, case, "reopen", version=version, comment="x"),
        lambda: reception.say_in(person, case, "x"),
        lambda: reception.note(person, case, "x"),
        lambda: reception.drop_about(person, case, person),
        lambda: reception.move(person, case, "other", version=version, reason="x"),
        lambda: reception.rate(person, case, 5),
        lambda: reception.page(person, case, via_code=True),
        lambda: reception.link(person, other, case.number),
    ]
    for act in acts:
        with pytest.raises(DomainError):
            act()
    assert Case.get_by_id(case.id).version == version


def test_only_those_who_work_it_read_notes_names_and_telephones(scene: SimpleNamespace) -> None:
    for name in sorted(SEES):
        page = reception.page(scene.people[name], scene.case)
        inner = repr((page.thread, page.about, page.owner, page.helpers, page.department))
        assert ("內部" in inner) == (name in AT_WORK)
        assert bool(page.about) == (name in AT_WORK)
        assert page.is_worker == (name in AT_WORK)
        whos = {entry.who for entry in page.thread if isinstance(entry.who, str)}
        assert bool(whos) == (name in AT_WORK)  # residents are told roles, not names
        assert bool(page.code) == (name in AT_WORK & {"receptionist", "manager", "general_manager"})


def test_a_telephone_is_whole_for_the_workers_and_masked_else(house: SimpleNamespace) -> None:
    case = recorded(house.receptionist, "praise", about_whom=house.crew.name)
    assert reception.page(house.receptionist, case).caller.telephone == "+8613800138000"
    assert reception.page(None, case, via_code=True).caller.telephone == "138 **** 8000"
    assert reception.page(house.crew, case).caller.telephone == ""


def test_the_code_opens_the_public_part_alone(scene: SimpleNamespace) -> None:
    page = reception.page(None, scene.case, via_code=True)
    assert page.is_party
    assert not page.is_worker
    assert "內部" not in repr(page.thread)
    assert "答覆" in repr(page.thread)
    assert page.may["case:say"]
    assert not page.may["case:work"]
    with pytest.raises(NotFound):
        reception.page(None, scene.case)


def test_who_records_a_complaint_against_himself_keeps_the_number_alone(house: SimpleNamespace) -> None:
    """R-004: no code, no page, no list, though he was the first receiver."""
    recorder = staff("rec2", "receptionist", name="錢多多")
    case = recorded(recorder, "complaint", words=f"{recorder.name}不理人")
    slip = reception.receipt(case, recorder)
    assert (slip.number, slip.code) == (case.number, "")
    assert not opened(recorder, case)
    assert [row.number for row in reception.received_by(recorder)] == []
    assert reception.waiting_for(recorder) == []
    assert all(set(counts.values()) == {0} for counts in reception.desk_counts(recorder).values())
    assert not heard(recorder, case)
    assert Case.get_by_id(case.id).owner_id not in (None, recorder.id)


def test_somebody_complaining_reads_their_own_complaint_but_no_notes(house: SimpleNamespace) -> None:
    case = sent(house.receptionist, "complaint", words="同事欺負我")
    reception.note(house.quality, case, "先找證人")
    page = reception.page(house.receptionist, case)
    assert page.is_party
    assert "證人" not in repr(page.thread)
    assert not any(page.may[name] for name in ("case:work", "case:assign", "case:answer", "case:close"))


def test_the_audit_says_nothing_of_words_and_of_whom_it_is_about(scene: SimpleNamespace) -> None:
    rows = list(AuditEntry.select().where(AuditEntry.case.is_null(False)))
    assert len(rows) >= 10
    texts = " ".join(f"{row.subject} {row.difference}" for row in rows)
    assert SECRET not in texts
    for name in ACCUSED:
        person = scene.people[name]
        assert person.name not in texts
        assert f'"about": {person.id}' not in texts


def test_messages_say_number_and_category_and_nothing_else(scene: SimpleNamespace) -> None:
    texts = " ".join(f"{row.message_id} {row.values}" for row in InboxEntry.select())
    texts += " ".join(str(row.context) for row in Outgoing.select())
    assert Outgoing.select().count() > 5
    assert SECRET not in texts
    assert not any(scene.people[name].name in texts for name in ACCUSED)


def test_absent_and_forbidden_answer_alike(scene: SimpleNamespace) -> None:
    """The same sentence for a complaint about oneself, somebody else's matter, and a number that never was."""
    said = set()
    for name in ("accused", "neighbour", "administrator"):
        for number in (scene.case.number, "20200101-001", "", "x" * 300):
            with pytest.raises(NotFound) as caught:
                reception.find(scene.people[name], number)
            said.add((caught.value.message.id, str(caught.value.message.values)))
    assert len(said) == 1


def test_telling_takes_no_account_that_is_closed(scene: SimpleNamespace) -> None:
    scene.people["resident"].active = False
    assert not opened(scene.people["resident"], scene.case)
    assert reception.my_matters(scene.people["resident"]).cases == []
    assert (
        outbox.tell(
            scene.people["resident"], reception.page(scene.people["head"], scene.case).thread[0].message, "/"
        )
        is None
    )
