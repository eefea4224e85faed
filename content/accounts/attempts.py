"""Guessing of any kind: ten wrong ones in a quarter of an hour, then the door waits (``content.throttle``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from content import history, throttle
from content.db import transaction
from content.errors import Invalid, NotFound
from content.people import Person
from content.permissions import require
from content.signing_names import canonical
from content.throttle import FailedTry


def name_of(what: str, whose: str = "") -> str:
    """Under what tries are counted: one line per kind of code and whom or what it belongs to."""
    return f"{what} {canonical(whose)}".strip()


@contextmanager
def counted(name: str, address: str) -> Iterator[None]:
    """One try. Raises ``TooManyTries`` before it if there were too many; one that ends in ``Invalid`` counts.

    It is counted outside of the transaction of the try, which is taken back.
    """
    throttle.check(name, address)
    try:
        yield
    except Invalid:
        throttle.note_failure(name, address)
        raise


def forgive(person: Person | None, id: int) -> int:
    """Forget a failed try and all others under the same name from the same place, so that the door opens again at once;
    returns how many. Raises ``NotAllowed`` or ``NotFound``.
    """
    with transaction():
        require(person, "site:administer")
        assert person is not None
        row: FailedTry | None = FailedTry.get_or_none(FailedTry.id == id)
        if row is None:
            raise NotFound()
        same = (FailedTry.name == row.name) & (FailedTry.address == row.address)
        forgotten = int(FailedTry.delete().where(same).execute())
        # Neither name nor address: either may be a resident's.
        history.record(person, "tries.forgiven", subject=f"try {id}", difference={"tries": forgotten})
    return forgotten
