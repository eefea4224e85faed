"""The whole life of matters, by many hands in any order: whatever happens, these things stay true."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from content import db, moment, people, reception, setup
from content.cases import OPEN_STATES, Case, CaseAbout, CaseDetail, CaseEntry, CaseHelper
from content.errors import Conflict, DomainError, NotFound
from content.history import AuditEntry
from content.items import new_uid
from content.people import Department, Person, Site
from content.permissions import may
from content.reception import lists
from content.reception.categories import CATEGORIES
from content.settings import Settings
from content.workflows import MATTER
from tests.conftest import NOW
from tests.matters import filled, staff

RESIDENTS = ("甲戶", "乙戶")
WORKERS = ("counter", "counter2", "crew", "head", "quality", "manager", "boss")
STEPS = [step.name for step in MATTER.transitions if step.name != "merge"]
# Every verb of the audit that changes the state, in the order in which it happened, is a way through the workflow.
VERBS = {step.verb: step for step in MATTER.transitions}
ACTS = [
    *["step"] * 9, *["party"] * 3, *["merge"] * 3, *["name"] * 3,
    "send", "wait", "late", "erase", "unname", "say", "note", "rate", "promise", "move",
]  # fmt: skip
WORDS = st.sampled_from(["漏水了", "阿強 很兇", "小芳 不接電話", "主任 不理人", "謝謝"])


@cache
def empty() -> str:
    """The folder of a portal in which nobody is yet; made once and copied, since making it takes a second."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    setup.open_portal(Settings(data=Path(folder), worker=False))
    db.database.close()
    return folder


class Life(RuleBasedStateMachine):
    """Matters sent in, worked, joined, named and rated by persons who may, and by persons who may not."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = moment.at(NOW)
        self.advance: Callable[[timedelta], None] = self.clock.__enter__()
        shutil.copytree(empty(), self.folder.name, dirs_exist_ok=True)
        db.open_database(Settings(data=Path(self.folder.name), worker=False))
        self.originals: dict[int, tuple[str, str]] = {}
        self.turn = 0
        self.people_come()

    def teardown(self) -> None:
        db.database.close()
        self.clock.__exit__(None, None, None)
        self.folder.cleanup()

    def people_come(self) -> None:
        department = Department.create(site=Site.get(), name="工程部")
        self.residents = [people.add_person(f"r{n}", name) for n, name in enumerate(RESIDENTS)]
        for one in self.residents:
            people.give_role(one, "owner")
        self.workers = [
            staff("w0", "receptionist", name="小芳"), staff("w1", "receptionist", name="小明"),
            staff("w2", "crew", name="阿強", of=department), staff("w3", "head", name="主任", of=department),
            staff("w4", "quality", name="品質"), staff("w5", "manager", name="經理"), staff("w6", "general-manager", name="老總"),
        ]  # fmt: skip
        self.department = department
        self.everybody: list[Person | None] = [None, *self.residents, *self.workers]
        for who in (1, 2, 0, 2):
            self.sends(who, "漏水了")

    def tried(self, act: Callable[[], Any]) -> bool:
        """Do it, or be told why not: never another error, and nothing half done."""
        before = AuditEntry.select().count(), CaseEntry.select().count()
        try:
            act()
        except DomainError:
            assert (AuditEntry.select().count(), CaseEntry.select().count()) == before
            return False
        return True

    # ---- what happens

    def sends(self, who: int, words: str) -> None:
        """A matter of a visitor, a resident, or one that staff record, perhaps against themselves."""
        category = ("complaint", "repair", "complaint", "praise")[who % 4]
        person = self.everybody[who]
        values = filled(category, caller=who not in (1, 2), words=words)
        self.opened(reception.open_case(person, category, values, key=new_uid(), on_behalf=who > 2))

    def opened(self, case: Case) -> None:
        details = str(list(CaseDetail.select().where(CaseDetail.case == case.id).tuples()))
        self.originals[case.id] = case.original, details

    @rule(
        nth=st.integers(0, 99),
        what=st.sampled_from(ACTS),
        who=st.one_of(st.just(8), st.integers(0, 9)),
        some=st.integers(0, 999),
        words=WORDS,
    )
    def somebody_acts(self, nth: int, what: str, who: int, some: int, words: str) -> None:
        """One rule for all acts, so that none crowds out the others. Most often it is the manager, who may do most."""
        cases = list(Case.select().order_by(Case.id))
        other = cases[some % len(cases)]
        person, case = self.everybody[who], cases[nth % len(cases)]
        one = self.workers[some % 7]
        version = case.version
        acts: dict[str, Callable[[], Any]] = {
            "send": lambda: len(cases) < 8 and self.sends(who, words),
            "wait": lambda: self.advance(timedelta(hours=some % 100)),
            "late": lambda: self.comes_too_late(person, case),
            "erase": self.erases,
            "step": lambda: self.step(person, case, some, words),
            "party": lambda: self.step(self.party_of(case), case, some, words),
            "merge": lambda: reception.merge(person, case, other.number, version),
            "name": lambda: reception.add_about(person, case, one),
            "unname": lambda: reception.drop_about(person, case, one),
            "say": lambda: reception.say_in(person, case, words, via_code=person is None),
            "note": lambda: reception.note(person, case, words),
            "rate": lambda: reception.rate(self.party_of(case), case, some % 7, via_code=True),
            "promise": lambda: reception.set_promise(
                person, case, moment.now() + timedelta(days=some % 9), reason=words, version=version
            ),
            "move": lambda: reception.move(
                person, case, list(CATEGORIES)[some % 7], version=version, reason=words
            ),
        }
        self.tried(acts[what])

    def step(self, person: Person | None, case: Case, some: int, words: str) -> None:
        """Mostly one that is open from here."""
        likely = [step.name for step in MATTER.leaving(case.state) if step.name != "merge"]
        names = likely if likely and some % 5 else STEPS
        name = names[some % len(names)]
        given: dict[str, Any] = {}
        if name == "assign":
            given = {"owner": self.workers[some % 7] if some % 2 else None, "department": self.department}
            given["helpers"] = [self.workers[(some + 1) % 7]] if some % 3 else None
        reception.step(person, case, name, comment=words, version=case.version, via_code=True, **given)

    def party_of(self, case: Case) -> Person | None:
        return next((one for one in self.residents if one.id == case.requester_id), None)

    def comes_too_late(self, person: Person | None, case: Case) -> None:
        with pytest.raises((Conflict, NotFound)):
            reception.step(person, case, "take", version=case.version - 1)

    def erases(self) -> None:
        """Only when all is settled; from then on nothing can be done with it."""
        person = self.residents[0]
        mine = [case.id for case in Case.select().where(Case.requester == person.id)]
        reception.erase_matters(person)
        for id in mine:
            self.originals[id] = "", ""

    # ---- what stays true

    @invariant()
    def states_are_possible(self) -> None:
        for case in Case.select():
            assert case.desk == CATEGORIES[case.category].desk
            assert (case.state == "closed") == (case.closed_at is not None)
            assert (case.state in ("answered", "closed")) <= (case.answered_at is not None)
            assert case.state != "reopened" or case.answered_at is None
            assert (case.state == "merged") == (case.merged_into_id is not None)
            assert case.postponed in (0, 1)
            assert case.state != "in_hand" or case.owner_id or case.category == "complaint"

    @invariant()
    def what_was_said_stays(self) -> None:
        for case in Case.select():
            details = str(list(CaseDetail.select().where(CaseDetail.case == case.id).tuples()))
            assert case.original == self.originals[case.id][0]
            assert case.erased_at or details == self.originals[case.id][1]

    @invariant()
    def the_joined_lead_to_one_that_leads(self) -> None:
        for case in Case.select().where(Case.merged_into.is_null(False)):
            assert case.merged_into.merged_into_id is None

    @invariant()
    def whom_it_is_about_learns_nothing(self) -> None:
        rows: Any = CaseAbout.select(CaseAbout, Case).join(Case).where(Case.category == "complaint")
        for row in rows:
            person = Person.get_by_id(row.person_id)
            assert not may(person, "case:view", row.case)
            if row.case.state in OPEN_STATES:
                assert row.case.owner_id != row.person_id
            assert (
                not CaseHelper.select()
                .where(CaseHelper.case == row.case_id, CaseHelper.person == row.person_id)
                .exists()
            )

    @invariant()
    def counts_are_lists_and_numbers_answer(self) -> None:
        """For one reader, now and then, since asking for all of them each time would take long."""
        self.turn += 1
        if self.turn % 4:
            return
        person = Person.get_by_id(self.workers[self.turn // 4 % len(self.workers)].id)
        counts = reception.desk_counts(person)
        listed: set[str] = set()
        for desk in list(counts)[self.turn // 4 % 2 :][:2]:
            show = lists.COUNTED[self.turn // 4 % len(lists.COUNTED)]
            assert counts[desk][show] == len(reception.desk_page(person, desk, show=show).cases)
            listed |= {row.number for row in reception.desk_page(person, desk, show="all").cases}
        for case in Case.select():
            sees = may(person, "case:view", case)
            assert sees or case.number not in listed
            if case.id % 2 == self.turn // 4 % 2:
                self.is_found_by_who_sees_it(person, case, sees)

    def is_found_by_who_sees_it(self, person: Person, case: Case, sees: bool) -> None:
        try:
            page = reception.page(person, reception.find(person, case.number))
        except NotFound:
            assert not sees
        else:
            assert sees
            assert all(may(person, step.permission, case) for step in page.steps)

    @invariant()
    def the_audit_is_a_way_through_the_workflow(self) -> None:
        for case in Case.select():
            state = "received"
            for row in AuditEntry.select().where(AuditEntry.case == case.id).order_by(AuditEntry.id):
                before, after = (row.difference or {}).get("state", (state, state))
                assert before == state
                if row.verb in VERBS:
                    assert before in VERBS[row.verb].sources
                    assert after == VERBS[row.verb].target
                state = after
            assert state == case.state


Life.TestCase.settings = settings(
    max_examples=7,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
TestLife = Life.TestCase
