"""What the tests of the liaison scheme share: pairs and meetings made through the domain."""

from __future__ import annotations

from datetime import date
from typing import Any

from content import liaison, people
from content.liaison import Meeting, Pairing
from content.people import Person
from content.settings import Settings

# Monday 16 March 2026 is the tests' present: first quarter, spring term.
TODAY = date(2026, 3, 16)
NOTE = "只給兩人的秘密甲"
WORDS = "輔導員的秘密乙"
LINE = "給辦公室的一句話"
PROMISE = "約定的秘密丙"


def another(role: str, number: int = 2) -> Person:
    person = people.add_person(f"{role}-{number}", f"{role} {number} 號", "a-password-for-tests")
    people.give_role(person, role)
    return person


def paired(house: Any, since: str | date = "2025-09-01", **more: Any) -> Pairing:
    leader, counselor = more.get("leader", house.leader), more.get("counselor", house.counselor)
    settings = more.get("settings", Settings())
    return liaison.pair(settings, house.office, leader.id, counselor.id, since)


def typed(pairing: Pairing, **changes: str) -> dict[str, str]:
    return {
        "pairing": str(pairing.id), "kind": "talk", "held_on": TODAY.isoformat(), "place": "辦公室",
        "private_note": NOTE, "office_line": LINE, **changes,
    }  # fmt: skip


def met(house: Any, pairing: Pairing, key: str = "a" * 32, **changes: str) -> Meeting:
    person = changes.pop("by", None) or house.leader  # type: ignore[arg-type]
    return liaison.log_meeting(person, typed(pairing, **changes), key=key).meeting
