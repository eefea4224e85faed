"""What the tests of accounts share: a home with codes, and forms sent as a browser sends them."""

from __future__ import annotations

import secrets
from types import SimpleNamespace
from typing import Any

from content.accounts import resetting, sessions
from content.estate.codes import make_codes
from content.households import Building, Household
from content.people import Community, Person, Site
from tests.conftest import csrf

PHONE = "138 0013 8000"
KEY = "+8613800138000"
SECRET = "梅雨 後的 晴天 很好"


def homes(house: SimpleNamespace) -> list[Household]:
    """Two homes of one community."""
    community = Community.create(site=Site.get(), name="東苑")
    building = Building.create(community=community, name="3棟", key="3")
    return [Household.create(building=building, room=room, key=room) for room in ("501", "502")]


def code_for(house: SimpleNamespace, home: Household, tenure: str = "owner", days: int = 90) -> str:
    """A code of a home, as the paper says it."""
    [made] = make_codes(house.receptionist, home, tenure, days=days)
    return made.text


def posted(client: Any, path: str, page: str = "", **fields: str) -> Any:
    """Send a form with its token, in English."""
    token = csrf(client.get(page or path))
    return client.post(path, data={"csrf_token": token, **fields}, headers={"Accept-Language": "en"})


def register(client: Any, code: str, **changes: str) -> Any:
    """Send the form of /register."""
    fields = {"code": code, "name": "王小明", "address_form": "先生", "telephone": PHONE, "password": SECRET}
    return posted(client, "/register", **{**fields, **changes})


def body(answer: Any) -> str:
    """The page without its token and without what was typed, to compare two answers."""
    text = answer.get_data(as_text=True)
    for start in ('name="csrf_token" value="',):
        while start in text:
            before, _, rest = text.partition(start)
            text = before + "TOKEN" + rest.partition('"')[2]
    return text


def letter_for(person: Person) -> str:
    """The last part of the address in a letter with which somebody sets a new password."""
    token = secrets.token_urlsafe(16)
    resetting._keep(person, "mail", sessions.digest_of(token), None)
    return token
