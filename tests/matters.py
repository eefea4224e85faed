"""Matters for tests: a form as somebody fills it in, sent under a fresh key."""

from __future__ import annotations

from typing import Any

from content import people, reception
from content.cases import Case, CaseAbout
from content.items import new_uid
from content.people import Person

FORMS: dict[str, dict[str, str]] = {
    "repair": {"words": "廚房的水管漏水，地上都是水。", "place": "3棟2單元501", "kind": "water"},
    "complaint": {"words": "昨晚施工到十一點，沒有人管。", "when_where": "昨晚，北門", "wish": "請按時停工"},
    "suggestion": {"words": "中心花園可以多放兩張椅子。"},
    "praise": {"words": "下雨天幫我把菜提到門口。", "about_whom": "門崗"},
    "service": {"words": "想約一次擦窗。", "wanted": "擦窗"},
    "aftersales": {"words": "陽台的瓷磚空鼓。", "place": "3棟2單元501", "kind": "tiles"},
    "other": {"words": "在滑梯旁邊撿到一串鑰匙。"},
}
CALLER = {"caller_name": "王大明", "caller_form": "先生", "caller_telephone": "138 0013 8000"}


def filled(category: str = "repair", *, caller: bool = True, **changes: str) -> dict[str, str]:
    """A form of a category, filled in."""
    return {**FORMS[category], **(CALLER if caller else {}), **changes}


def sent(person: Person | None, category: str = "repair", *, key: str = "", **changes: str) -> Case:
    """A matter that somebody sends in: a resident from the account, a visitor with name and telephone."""
    values = filled(category, caller=person is None, **changes)
    return reception.open_case(person, category, values, key=key or new_uid())


def recorded(person: Person, category: str = "repair", channel: str = "phone", **changes: str) -> Case:
    """A matter that staff record for somebody."""
    values = filled(category, **changes)
    return reception.open_case(person, category, values, key=new_uid(), channel=channel, on_behalf=True)


def staff(username: str, *roles: str, name: str = "", **scope: Any) -> Person:
    """Another one of the staff, with roles for the site or for a part of it."""
    department = scope.pop("of", None)
    person = people.add_person(username, name or username, "a-password-for-tests", department=department)
    for role in roles:
        people.give_role(person, role, **scope)
    return person


def names(case: Case, person: Person) -> None:
    """Say that a matter is about somebody."""
    CaseAbout.create(case=case.id, person=person.id)
