"""What the pages round the account have in common."""

from __future__ import annotations

from content.people import Person
from portal.web.login import person


def me() -> Person:
    """The signed-in person of a page that asks for one."""
    found = person()
    assert found is not None, "login_required lets nobody else through"
    return found
