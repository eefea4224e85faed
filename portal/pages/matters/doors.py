"""Through which door a party comes to a matter: an account, or its number and code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import session

from content import moment
from content.cases import Case
from content.people import Person

# How long number and code open a matter to a browser.
OPEN_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Door:
    """Who looks at a matter, how, and under which address."""

    reader: Person | None
    case: Case
    via_code: bool = False

    @property
    def base(self) -> str:
        """The address of the matter's page; the acts and files lie below it."""
        return "/follow" if self.via_code else f"/cases/{self.case.number}"


def remember(name: str, case: Case) -> None:
    """Note in the signed session that this browser may look at a matter; the code is not in it."""
    session[name] = [case.id, int(moment.now().timestamp())]


def forget(name: str) -> None:
    """End that."""
    session.pop(name, None)


def remembered(name: str, lasts: timedelta = OPEN_FOR) -> Case | None:
    """The matter that ``remember`` noted, while it lasts."""
    id, at = session.get(name) or (0, 0)
    if not id or moment.now() - datetime.fromtimestamp(at, UTC) >= lasts:
        return None
    found: Case | None = Case.get_or_none(Case.id == id)
    return found
