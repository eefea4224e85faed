"""A portal with something in every register, for tests of the back office."""

from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from content import actions, files, glossary, jobs, liaison, moment, outbox, people, reception, throttle
from content.accounts import places, resetting, sessions
from content.backoffice.declaring import Register
from content.backoffice.registers import REGISTERS
from content.estate.codes import make_codes
from content.outbox import Outgoing
from content.people import Person
from content.settings import Settings
from tests import estate
from tests.conftest import notice
from tests.liaison import NOTE, PROMISE, WORDS, met, paired
from tests.matters import names, recorded, sent

KEEPER = ("administrator", "general-manager", "office", "leader")
SECRET_WORDS = "昨晚有人在我門口大聲爭吵"
CALLER_NUMBER = "+8613700137000"


def named(name: str) -> Register:
    """The register of this name."""
    return next(one for one in REGISTERS if one.name == name)


def filled(house: SimpleNamespace, settings: Settings) -> SimpleNamespace:
    """Something in every register; ``keeper`` sees all of it, ``house.administrator`` is an administrator alone."""
    admin = house.administrator
    keeper = people.add_person("keeper", "管事的", "a-password-for-tests", email="keeper@example.com")
    for role in KEEPER:
        people.give_role(keeper, role)
    found = SimpleNamespace(house=house, keeper=keeper, admin=admin, secrets=set())
    _content(found, settings)
    _homes(found)
    _matters(found)
    _liaison(found)
    _machine(found)
    return found


def _content(found: SimpleNamespace, settings: Settings) -> None:
    admin, board = found.admin, found.house.board
    found.department = places.make_department(admin, {"name": "工程部", "telephone": "0755-55501010"})
    found.item = actions.create(admin, "notice", board, notice("停水通知"))
    found.published = actions.create(admin, "notice", board, notice("電梯保養"))
    actions.transition(admin, found.published, "publish")
    found.section = actions.create_section(admin, board, "物業", "wuye")
    found.redirect = actions.make_redirect(admin, "/browse/board/estate", found.section.id)
    found.term = glossary.add_term(admin, "滑鼠", "鼠标")
    found.file = files.store(settings, admin, io.BytesIO("一個檔案".encode()), "說明.txt")


def _homes(found: SimpleNamespace) -> None:
    found.estate = estate.furnished(found.admin)
    [code] = make_codes(found.admin, found.estate.home, "owner", resident=found.estate.owner)
    found.code = code.row
    found.secrets |= {code.text, code.row.digest}


def _matters(found: SimpleNamespace) -> None:
    clerk = found.house.receptionist
    found.case = recorded(clerk, "repair", caller_telephone="137 0013 7000", words=SECRET_WORDS)
    found.complaint = recorded(clerk, "complaint", words=SECRET_WORDS)
    names(found.complaint, found.keeper)  # a complaint about the very one who sees everything else
    found.answered = sent(found.house.owner, "repair")
    case = reception.step(clerk, found.answered, "answer", comment="修好了。", version=found.answered.version)
    found.rated = reception.rate(found.house.owner, case, 4, "來得很快")
    found.secrets |= {found.case.code, found.case.salt, found.complaint.number, SECRET_WORDS}


def _liaison(found: SimpleNamespace) -> None:
    keeper, house = found.keeper, found.house
    found.pairing = paired(house, leader=keeper, settings=Settings())
    promise = {"follow_what": PROMISE, "follow_owner": "leader", "follow_due": "2026-03-20"}
    found.meeting = met(house, found.pairing, by=keeper, **promise)
    liaison.confirm_meeting(house.counselor, found.meeting.id, WORDS, version=found.meeting.version)
    found.secrets |= {NOTE, WORDS}


def _machine(found: SimpleNamespace) -> None:
    keeper = found.keeper
    found.session = sessions.begin(keeper, address="203.0.113.7", browser="Firefox · Linux")
    throttle.note_failure("keeper", "203.0.113.9")
    throttle.note_failure("my-secret-password", "203.0.113.9")
    jobs.note_done("outbox", 3)
    resetting.make_code(found.admin, keeper)
    now = moment.now()
    url = "/forgot/a-token-that-opens-the-account"
    rows: list[dict[str, Any]] = [
        {"recipient": keeper, "failed_at": now, "error": "550 <keeper@example.com> unknown"},
        {"address": "somebody@example.com"},
    ]
    found.letters = [
        Outgoing.create(channel="mail", context={"id": "x", "url": url}, created_at=now, due_at=now, **row)
        for row in rows
    ]
    outbox.tell(keeper, people.audience_label("staff"), "/work/")
    stored = Person.get_by_id(keeper.id)
    found.secrets |= {
        stored.password_hash,
        found.session.digest,
        keeper.session_token,
        url,
        "my-secret-password",
    }
    found.secrets |= {"somebody@example.com", "<keeper@example.com>"}


def later(days: int) -> str:
    """A day so many days from the tests' present, as a form holds it."""
    return (moment.today() + timedelta(days=days)).isoformat()
