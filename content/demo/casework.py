"""Three months of matters of the demo: each told by somebody, worked and answered through the real actions."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from content import estate, moment, outbox, reception
from content.cases import Case
from content.demo import matters_repairs, matters_words
from content.demo.marks import instant, uid_of
from content.demo.matter_shapes import Told
from content.demo.stage import Stage
from content.households import Building, Household, Resident
from content.outbox import InboxEntry
from content.people import Department, Person
from content.reception.access import is_hidden_from

DAYS = 90
READ_UNTIL = 2  # days: older messages in the inboxes have been read
PROMISE = timedelta(days=2)
# Where in the house it is, for what is reported of shared spaces.
PLACES = ("單元門廳", "三樓走廊", "地下車庫 B1", "電梯廳", "東門旁", "樓頂", "中庭")
# Words of the first → words of somebody else who tells the same on the day after.
AGAIN = {
    "二單元電梯到七樓會頓一下": "電梯停七樓的時候抖了一下，是不是要修？",
    "樓道三樓到四樓之間的燈不亮": "三樓上去的燈壞了，晚上很黑。",
    "我的車位被佔了兩次": "17 號旁邊的車位又有人亂停，車主進不去。",
}
# Category → who sees to it and who answers.
SOLVERS = {"repair": "crew", "aftersales": "head", "complaint": "manager", "suggestion": "manager"}
THANKS = ("很快，謝謝。", "师傅很细心。", "說清楚了就好。", "", "", "修得很好，地也擦乾淨了。", "")


@dataclass
class _Matter:
    """One matter on its way; ``case`` is filled when it has been opened."""

    number: int
    told: Told
    opened: datetime
    fate: str
    leads: _Matter | None = None
    case: Case | None = field(default=None)

    @property
    def key(self) -> str:
        return uid_of(f"matter-{self.number}")

    def now(self) -> Case:
        """The matter as its last act left it."""
        assert self.case is not None
        return self.case

    def again(self) -> Case:
        """The matter as it stands in the database just now."""
        assert self.case is not None
        self.case = Case.get_by_id(self.case.id)
        return self.case


Act = tuple[datetime, int, Callable[[], Any]]


class Casework:
    """Plays the matters into a portal whose people and homes are there."""

    def __init__(self, stage: Stage, today: date, zone: str) -> None:
        self.people, self.today, self.zone = stage.people, today, zone
        # The same in every demo of one date: no secrets come from here.
        self.chance = random.Random(20260316)
        self.homes = list(Household.select(Household, Building).join(Building).order_by(Household.id))
        self.residents: dict[int, Resident] = {}
        for one in Resident.select().where(Resident.in_force()).order_by(Resident.id):
            self.residents.setdefault(one.household_id, one)

    def play(self) -> None:
        """Everything that happens, in the order of time."""
        acts = [act for matter in self._matters() for act in self._acts(matter)]
        acts.append(
            (instant(self.today - timedelta(days=READ_UNTIL), "18:45", self.zone), 99, self._read_messages)
        )
        morning = instant(self.today, "08:00", self.zone)  # what would come later has not happened yet
        for at, _, act in sorted(acts, key=lambda act: act[:2]):
            if at < morning:
                with moment.at(at):
                    act()

    def _read_messages(self) -> None:
        """What came until now; the notices were played before and have messages of later days, too."""
        for person in self.people.values():
            old = InboxEntry.select(InboxEntry.id).where(
                InboxEntry.person == person.id, InboxEntry.created_at < moment.now()
            )
            outbox.mark_read(person, [entry.id for entry in old])

    # ---- what happens

    def _matters(self) -> list[_Matter]:
        told = [*matters_repairs.REPAIRS, *matters_repairs.AFTERSALES, *matters_words.TOLD]
        self.chance.shuffle(told)
        found = []
        for number, one in enumerate(told):
            # Denser towards today: most of what is still open came in this week.
            ago = int(DAYS * ((len(told) - 1 - number) / (len(told) - 1)) ** 1.3)
            opened = self._on(ago, self.chance.randrange(8 * 60, 20 * 60))
            found.append(_Matter(number, one, opened, self._fate(ago)))
        for matter in list(found):
            words = next((words for first, words in AGAIN.items() if matter.told.words.startswith(first)), "")
            if words:
                again = Told(matter.told.category, words, "", matter.told.details)
                late = matter.opened + timedelta(minutes=50)
                found.append(_Matter(len(found), again, late, "merged", leads=matter))
        return found

    def _on(self, ago: int, minute: int) -> datetime:
        """A minute of the day so many days ago; on the demo's own day in the early morning."""
        minute = minute if ago else minute // 4
        clock = f"{minute // 60:02}:{minute % 60:02}"
        return instant(self.today - timedelta(days=ago), clock, self.zone)

    def _fate(self, ago: int) -> str:
        """How far it has come: what is old is closed, what is of today has just come in."""
        chance = self.chance.random()
        if ago > 14:
            return "reopened" if chance < 0.05 else "closed"
        if ago > 5:
            return "closed" if chance < 0.4 else "answered" if chance < 0.8 else "in_hand"
        if ago > 1:
            return "answered" if chance < 0.3 else "in_hand" if chance < 0.7 else "assigned"
        return "assigned" if chance < 0.3 else "received"

    def _acts(self, matter: _Matter) -> Iterator[Act]:
        hours = lambda count: matter.opened + timedelta(hours=count)  # noqa: E731  a word for the table below
        yield matter.opened, 0, lambda: self._open(matter)
        if matter.leads is not None:
            yield hours(0.1), 1, lambda: self._merge(matter)
            return
        reached = ("received", "assigned", "in_hand", "answered", "closed", "reopened").index(matter.fate)
        solver = SOLVERS.get(matter.told.category, "receptionist")
        steps: list[tuple[float, Callable[[], Any]]] = [
            (0.3, lambda: self._assign(matter, solver)),
            (2 + matter.number % 5, lambda: self._take(matter)),
            (20 + matter.number % 30, lambda: self._answer(matter)),
            (50 + matter.number % 40, lambda: self._close(matter)),
        ]
        for place, (after, act) in enumerate(steps[:reached], start=1):
            yield hours(after), place, act
        if matter.fate == "reopened":
            yield hours(120), 6, lambda: self._open_again(matter)
            yield hours(140), 7, lambda: self._answer(matter)
        elif reached >= 4:
            yield hours(96), 8, lambda: self._rate(matter)

    # ---- the acts

    def _open(self, matter: _Matter) -> None:
        values = {"words": matter.told.words, "place": self._place(matter), **matter.told.details}
        # Somebody with an account, a visitor, or somebody at the counter or on the telephone.
        if matter.number % 7 == 0:
            person: Person | None = self.people["owner" if matter.number % 2 else "tenant"]
            matter.case = reception.open_case(person, matter.told.category, values, key=matter.key)
            return
        home = self.homes[matter.number * 7 % len(self.homes)]
        values |= self._caller(home)
        if matter.number % 9 == 0:
            matter.case = reception.open_case(None, matter.told.category, values, key=matter.key)
            return
        channel = ("phone", "visit", "phone", "chat", "letter", "box")[matter.number % 6]
        person = self.people["head" if matter.told.about == "receptionist" else "receptionist"]
        matter.case = reception.open_case(
            person, matter.told.category, values, key=matter.key, channel=channel, on_behalf=True
        )
        if matter.told.about and matter.told.category == "complaint":
            self._point_out(matter)
            matter.again()

    def _point_out(self, matter: _Matter) -> None:
        """Whom a complaint is about, where the words do not name them."""
        person = self.people[matter.told.about]
        if person.name not in f"{matter.told.words}{matter.told.details['about_whom']}":
            reception.add_about(self.people["manager"], matter.again(), person)

    def _place(self, matter: _Matter) -> str:
        if matter.told.details.get("kind") in ("lift", "public"):
            return PLACES[matter.number % len(PLACES)]
        return "家中" if matter.told.category in ("repair", "aftersales") else ""

    def _caller(self, home: Household) -> dict[str, str]:
        resident = self.residents.get(home.id)
        return {
            "caller_name": resident.name if resident else "鄰居",
            "caller_form": resident.address_form if resident else "",
            "caller_telephone": (resident.telephone if resident else "") or "13800138000",
            "household": estate.label(home),
            "community": str(home.building.community_id),
        }

    def _directing(self, case: Case) -> Person:
        """Who decides on it: the receptionist, unless it is about them."""
        for name in ("receptionist", "head", "manager"):
            if "case:assign" in reception.rights(self.people[name], case):
                return self.people[name]
        return self.people["general-manager"]

    def _assign(self, matter: _Matter, solver: str) -> None:
        case = matter.now()
        names = [solver, "head", "manager", "general-manager"]
        owner = next(self.people[name] for name in names if not is_hidden_from(self.people[name], case))
        department: Department | None = owner.department
        matter.case = reception.step(
            self._directing(case), case, "assign", version=case.version, owner=owner,
            department=department, promised_at=moment.now() + PROMISE,
        )  # fmt: skip

    def _take(self, matter: _Matter) -> None:
        case = matter.now()
        matter.case = reception.step(case.owner, case, "take", version=case.version)

    def _answer(self, matter: _Matter) -> None:
        if matter.number % 4 == 0:
            case = matter.now()
            reception.note(case.owner, case, "已和住戶約好時間，去之前再打一次電話。")
            matter.again()
        case = matter.now()
        matter.case = reception.step(
            case.owner, case, "answer", comment=matter.told.answer, version=case.version
        )

    def _close(self, matter: _Matter) -> None:
        case = matter.now()
        matter.case = reception.step(self._directing(case), case, "close", version=case.version)

    def _open_again(self, matter: _Matter) -> None:
        case = matter.now()
        matter.case = reception.step(
            self._directing(case), case, "reopen", version=case.version,
            comment="住戶打電話來說還沒有完全好，請再去看一次。",
        )  # fmt: skip

    def _merge(self, matter: _Matter) -> None:
        case = matter.again()
        assert matter.leads is not None
        assert matter.leads.case is not None
        reception.merge(self._directing(case), case, matter.leads.case.number, case.version)
        matter.leads.again()  # it learned of the other one

    def _rate(self, matter: _Matter) -> None:
        case = matter.again()
        stars = (5, 5, 4, 5, 3, 4, 5, 2)[matter.number % 8]
        words = THANKS[matter.number % len(THANKS)] if stars > 3 else "慢了一點。"
        if case.requester is not None:
            reception.rate(case.requester, case, stars, words)
        elif case.first_receiver is None:
            reception.rate(None, case, stars, words, via_code=True)


def play(stage: Stage, today: date, zone: str) -> None:
    """Fill a demo that has people and homes with its matters."""
    Casework(stage, today, zone).play()
