"""What a leader or a counselor promised in a meeting: who, what, by when, done. Only the two of the pair know of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from content import history, moment, outbox
from content.db import transaction
from content.errors import N_, Invalid, NotFound, msg
from content.liaison.meetings import address, find_meeting, read_follow_up
from content.liaison.rights import own_pairings, require_pair
from content.liaison.tables import FollowUp, Meeting, Pairing
from content.liaison.typed import Problems, refuse
from content.people import Person

MOST = 20  # of one meeting


def add_follow_up(person: Person | None, meeting_id: int, values: Mapping[str, str]) -> FollowUp:
    """Write down what somebody promised in a meeting; the other one is told. Raises ``Invalid``, ``NotFound``."""
    with transaction():
        meeting = find_meeting(person, meeting_id)
        assert person is not None
        problems: Problems = {}
        found = read_follow_up(values, problems)
        refuse(problems)
        mine = FollowUp.select().where(FollowUp.meeting == meeting.id)
        same = mine.where(FollowUp.what == found["what"], FollowUp.owner == found["owner"],
                          FollowUp.due_on == found["due_on"]).first()  # fmt: skip
        if same is not None:  # sent twice by a nervous thumb
            return same
        if mine.count() >= MOST:
            raise Invalid({"follow_what": [msg(N_("A meeting has room for %(most)s promises."), most=MOST)]})
        made = FollowUp.create(meeting=meeting, made_by=person.id, **found)
        _record(person, "followup.added", meeting, ["what", "owner", "due_on"])
        owner = meeting.pairing.leader if made.owner == "leader" else meeting.pairing.counselor
        if owner.id != person.id:
            told = msg(
                N_("%(name)s wrote down something for you to do after your meeting."), name=person.name
            )
            outbox.tell(owner, told, address(meeting), mail=False)
    return made


def set_done(person: Person | None, id: int, done: bool) -> FollowUp:
    """Mark a promise as kept, or take that back; either of the two may. Raises ``NotFound``."""
    with transaction():
        found: FollowUp | None = FollowUp.select(FollowUp, Meeting, Pairing).join(Meeting).join(Pairing).where(
            FollowUp.id == id
        ).first()  # fmt: skip
        if found is None:
            raise NotFound()
        actor = require_pair(person, "liaison:read", found.meeting)
        if bool(found.done_at) == done:
            return found
        found.done_at = moment.now() if done else None
        FollowUp.update(done_at=found.done_at, done_by=actor.id if done else None).where(
            FollowUp.id == found.id
        ).execute()
        _record(actor, "followup.done" if done else "followup.reopened", found.meeting, ["done_at"])
    return found


def open_follow_ups(person: Person | None, limit: int = 30) -> list[FollowUp]:
    """What is still open of all the person's pairings, the most pressing first."""
    rows: Any = (
        FollowUp.select(FollowUp, Meeting, Pairing)
        .join(Meeting)
        .join(Pairing)
        .where(FollowUp.done_at.is_null(), Meeting.state != "withdrawn", own_pairings(person))
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(limit)
    )
    return list(rows)


def follow_ups_of(person: Person | None, meeting: Meeting) -> list[FollowUp]:
    """All that was promised in a meeting, what is open first."""
    require_pair(person, "liaison:read", meeting)
    rows = FollowUp.select().where(FollowUp.meeting == meeting.id)
    return list(rows.order_by(FollowUp.done_at.is_null(False), FollowUp.due_on, FollowUp.id))


def is_late(follow_up: FollowUp, today: date) -> bool:
    """Whether its day is over and it is not done."""
    return follow_up.done_at is None and follow_up.due_on < today


def _record(person: Person, verb: str, meeting: Meeting, fields: list[str]) -> None:
    history.record(person, verb, subject=f"meeting {meeting.uid}", difference={"fields": fields})
