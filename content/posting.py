"""What whoever keeps the portal does with the post: tries again what failed, drops what shall not go out."""

from __future__ import annotations

from content import history, moment
from content.db import transaction
from content.errors import N_, Invalid, NotFound, msg
from content.outbox import Outgoing
from content.people import Person
from content.permissions import require

DROPPED = "dropped"  # what is kept as the reason of what nobody wants sent

# What they look for, however much was sent.
WAITING = Outgoing.sent_at.is_null() & Outgoing.failed_at.is_null()
FAILED = Outgoing.failed_at.is_null(False)
Outgoing.add_index(Outgoing.index(Outgoing.id, name="outgoing_waiting").where(WAITING))


def try_again(person: Person | None, id: int) -> None:
    """Send what was given up after all; it is due at once. Raises ``NotAllowed``, ``NotFound`` and ``Invalid``."""
    with transaction():
        row = _stored(person, id)
        if row.failed_at is None:
            raise Invalid({}, msg(N_("Only what failed is tried again.")))
        now = moment.now()
        fresh = {
            "failed_at": None,
            "error": "",
            "tries": 0,
            "due_at": now,
            "claim": "",
            "claimed_until": None,
        }
        Outgoing.update(fresh).where(Outgoing.id == id).execute()
        _record(person, "letter.tried-again", row)


def drop(person: Person | None, id: int) -> None:
    """Let a letter that waits not go out. Raises ``NotAllowed``, ``NotFound``, and ``Invalid`` once it is sent, failed
    or just being sent.
    """
    with transaction():
        row = _stored(person, id)
        now = moment.now()
        if row.sent_at is not None or row.failed_at is not None:
            raise Invalid({}, msg(N_("This does not wait any more.")))
        if row.claimed_until is not None and row.claimed_until > now:
            raise Invalid({}, msg(N_("This is being sent just now.")))
        Outgoing.update(failed_at=now, error=DROPPED).where(Outgoing.id == id).execute()
        _record(person, "letter.dropped", row)


def _stored(person: Person | None, id: int) -> Outgoing:
    require(person, "site:administer")
    row: Outgoing | None = Outgoing.get_or_none(Outgoing.id == id)
    if row is None:
        raise NotFound()
    return row


def _record(person: Person | None, verb: str, row: Outgoing) -> None:
    assert person is not None  # visitors hold no permission
    history.record(person, verb, subject=f"letter {row.id}")
