"""Meetings of a pair: logged by the leader, confirmed by the counselor (R-132–135), corrected, taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from content import history, moment, outbox
from content.db import transaction
from content.errors import N_, Conflict, NotAllowed, NotFound, msg
from content.items import new_uid
from content.liaison.duties import ACTIVITIES, KINDS
from content.liaison.pairings import Counselor, Leader
from content.liaison.rights import require_pair
from content.liaison.tables import FollowUp, Meeting, Pairing
from content.liaison.typed import Problems, add, lines, one_line, read_day, refuse
from content.people import Person
from content.workflows import MEETING

PLACE, NOTE, OFFICE_LINE, WHAT = 100, 5000, 60, 200  # characters
OWNERS = ("leader", "counselor")
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Logged:
    """What logging gave: the meeting, and whether the same form had made it before."""

    meeting: Meeting
    again: bool


def find_meeting(person: Person | None, id: int) -> Meeting:
    """A meeting with its private notes, for the two of its pair. Raises ``NotFound`` for everybody else."""
    meeting = _load(id)
    require_pair(person, "liaison:read", meeting)
    return meeting


def log_meeting(person: Person | None, values: Mapping[str, str], *, key: str) -> Logged:
    """Log a meeting of one of the leader's own pairings; the counselor is asked to confirm it.

    ``values``: pairing, kind, activity, held_on, place, private_note, office_line, and what was promised:
    follow_what, follow_owner, follow_due. The same ``key`` (32 hexadecimal digits) again gives the same meeting.
    Raises ``Invalid`` with every problem at once: a day that lies ahead, before the pairing or after its end.
    """
    key = key if _KEY.fullmatch(key) else new_uid()
    with transaction():
        pairing = _own_pairing(person, values.get("pairing", ""))
        leader = require_pair(person, "liaison:log", pairing)
        known = Meeting.get_or_none(Meeting.logged_by == leader.id, Meeting.form_key == key)
        if known is not None:
            return Logged(_load(known.id), again=True)
        problems: Problems = {}
        fields = _fields(pairing, values, problems)
        promised = read_follow_up(values, problems) if _promises(values) else None
        refuse(problems)
        now = moment.now()
        made = Meeting.create(
            pairing=pairing, state=MEETING.initial, form_key=key, logged_by=leader.id, logged_at=now,
            changed_at=now, **fields,
        )  # fmt: skip
        if promised:
            FollowUp.create(meeting=made, made_by=leader.id, **promised)
        _record(leader, "meeting.logged", made, [name for name, value in fields.items() if value])
        _ask(made)
    return Logged(made, again=False)


def correct_meeting(person: Person | None, id: int, values: Mapping[str, str], *, version: int) -> Meeting:
    """Correct a meeting; one that was confirmed asks the counselor again. Raises ``Invalid``, ``Conflict``."""
    with transaction():
        meeting = _taking("correct", person, id, version)
        problems: Problems = {}
        fields = _fields(meeting.pairing, values, problems)
        refuse(problems)
        changed = [name for name, value in fields.items() if getattr(meeting, name) != value]
        if not changed:
            return meeting
        _change(meeting, **fields, state="logged", confirmed_at=None)
        assert person is not None
        _record(person, "meeting.corrected", meeting, changed)
        _ask(meeting)
    return meeting


def confirm_meeting(person: Person | None, id: int, words: str, *, version: int) -> Meeting:
    """The counselor confirms a meeting, with own words for the two if they like (R-132). Raises ``Conflict``."""
    with transaction():
        meeting = _taking("confirm", person, id, version)
        problems: Problems = {}
        note = lines(words, "counselor_note", NOTE, problems)
        refuse(problems)
        changed = ["counselor_note"] if note != meeting.counselor_note else []
        _change(meeting, state="confirmed", confirmed_at=moment.now(), counselor_note=note)
        assert person is not None
        _record(person, "meeting.confirmed", meeting, [*changed, "state"])
        told = msg(N_("%(counselor)s confirmed your meeting of %(day)s."),
                   counselor=meeting.pairing.counselor.name, day=meeting.held_on)  # fmt: skip
        outbox.tell(meeting.pairing.leader, told, address(meeting), mail=False)
    return meeting


def add_words(person: Person | None, id: int, words: str, *, version: int) -> Meeting:
    """The counselor changes their own words, before or after confirming. Raises ``Conflict``."""
    with transaction():
        meeting = _load(id)
        counselor = require_pair(person, "liaison:confirm", meeting)
        _check(meeting, version)
        problems: Problems = {}
        note = lines(words, "counselor_note", NOTE, problems)
        refuse(problems)
        if note != meeting.counselor_note:
            _change(meeting, counselor_note=note)
            _record(counselor, "meeting.words_added", meeting, ["counselor_note"])
    return meeting


def withdraw_meeting(person: Person | None, id: int, *, version: int) -> Meeting:
    """The leader takes back a meeting that was logged by mistake; it counts no more and can be put back."""
    return _step(person, id, "withdraw", version)


def restore_meeting(person: Person | None, id: int, *, version: int) -> Meeting:
    """Put a meeting back that was taken back; the counselor is asked to confirm it."""
    with transaction():
        meeting = _step(person, id, "restore", version)
        problems: Problems = {}
        _check_day(meeting.pairing, meeting.held_on, moment.today(), problems)  # it may have ended meanwhile
        refuse(problems)
    return meeting


def read_follow_up(values: Mapping[str, str], problems: Problems) -> dict[str, Any]:
    """What somebody promised, who, and by when, from the fields follow_what, follow_owner, follow_due."""
    found: dict[str, Any] = {"what": one_line(values.get("follow_what", ""), "follow_what", WHAT, problems)}
    if not found["what"]:
        add(problems, "follow_what", msg(N_("Please say what is to be done.")))
    found["owner"] = values.get("follow_owner", "")
    if found["owner"] not in OWNERS:
        add(problems, "follow_owner", msg(N_("Please say who does it.")))
    today = moment.today()
    found["due_on"] = read_day(values.get("follow_due", ""), "follow_due", problems, today)
    if found["due_on"] is not None and found["due_on"] < today:
        add(problems, "follow_due", msg(N_("This day is over. Please choose today or a later day.")))
    return found


def address(meeting: Meeting) -> str:
    """Where the two of the pair read it."""
    return f"/liaison/meetings/{meeting.id}"


def _promises(values: Mapping[str, str]) -> bool:
    """Whether a promise was typed; who and by when alone are only what the form proposed."""
    return bool(values.get("follow_what", "").strip())


def _fields(pairing: Pairing, values: Mapping[str, str], problems: Problems) -> dict[str, Any]:
    kind = KINDS.get(values.get("kind", ""))
    if kind is None:
        add(problems, "kind", msg(N_("Please choose what kind of meeting it was.")))
    activity = values.get("activity", "") if kind is not None and kind.active else ""
    if kind is not None and kind.active and activity not in ACTIVITIES:
        add(problems, "activity", msg(N_("Please choose what you took part in.")))
    today = moment.today()
    held_on = read_day(values.get("held_on", ""), "held_on", problems, today)
    if held_on is not None:
        _check_day(pairing, held_on, today, problems)
    return {
        "kind": values.get("kind", ""),
        "activity": activity,
        "held_on": held_on,
        "place": one_line(values.get("place", ""), "place", PLACE, problems),
        "private_note": lines(values.get("private_note", ""), "private_note", NOTE, problems),
        "office_line": one_line(values.get("office_line", ""), "office_line", OFFICE_LINE, problems),
    }


def _check_day(pairing: Pairing, day: date, today: date, problems: Problems) -> None:
    if day > today:
        add(problems, "held_on", msg(N_("This day lies ahead. A meeting is logged when it has taken place.")))
    elif day < pairing.since:
        message = N_("You two are paired since %(day)s; this day is before that.")
        add(problems, "held_on", msg(message, day=pairing.since))
    elif pairing.until is not None and day > pairing.until:
        message = N_("Your pairing ended on %(day)s; this day is after that.")
        add(problems, "held_on", msg(message, day=pairing.until))


def _own_pairing(person: Person | None, id: str) -> Pairing:
    """The pairing that a form names, if it is the leader's; anything else is absent."""
    number = int(id) if id.isascii() and id.isdecimal() and len(id) < 18 else 0
    rows: Any = (
        Pairing.select(Pairing, Leader, Counselor)
        .join(Leader, on=(Pairing.leader == Leader.id))
        .switch(Pairing)
        .join(Counselor, on=(Pairing.counselor == Counselor.id))
        .where(Pairing.id == number)
    )
    found: Pairing | None = rows.first()
    if found is None:
        raise NotFound()
    require_pair(person, "liaison:log", found)
    return found


def _load(id: int) -> Meeting:
    rows: Any = (
        Meeting.select(Meeting, Pairing, Leader, Counselor)
        .join(Pairing)
        .join(Leader, on=(Pairing.leader == Leader.id))
        .switch(Pairing)
        .join(Counselor, on=(Pairing.counselor == Counselor.id))
        .where(Meeting.id == id)
    )
    found: Meeting | None = rows.first()
    if found is None:
        raise NotFound()
    return found


def _taking(step: str, person: Person | None, id: int, version: int) -> Meeting:
    """The meeting, if this person may take this step of the workflow in its present state."""
    meeting = _load(id)
    transition = MEETING.transition(step)
    assert transition is not None, step
    require_pair(person, transition.permission, meeting)
    _check(meeting, version)
    if meeting.state not in transition.sources:
        raise NotAllowed(msg(N_("This is not possible any more: please look at the meeting again.")))
    return meeting


def _step(person: Person | None, id: int, name: str, version: int) -> Meeting:
    with transaction():
        meeting = _taking(name, person, id, version)
        step = MEETING.transition(name)
        assert step is not None
        assert person is not None
        _change(meeting, state=step.target, confirmed_at=None)
        _record(person, step.verb, meeting, ["state"])
        if "counselor" in step.tells:
            _ask(meeting)
    return meeting


def _check(meeting: Meeting, version: int) -> None:
    if meeting.version != version:
        raise Conflict(meeting.version)


def _change(meeting: Meeting, **changes: object) -> None:
    changes |= {"version": meeting.version + 1, "changed_at": moment.now()}
    Meeting.update(**changes).where(Meeting.id == meeting.id).execute()
    for name, value in changes.items():
        setattr(meeting, name, value)


def _record(person: Person, verb: str, meeting: Meeting, fields: list[str]) -> None:
    """Names of fields, never a word of what was talked about."""
    history.record(person, verb, subject=f"meeting {meeting.uid}", difference={"fields": sorted(fields)})


def _ask(meeting: Meeting) -> None:
    told = msg(N_("%(leader)s logged a meeting with you on %(day)s. It waits for your confirmation."),
               leader=meeting.pairing.leader.name, day=meeting.held_on)  # fmt: skip
    outbox.tell(meeting.pairing.counselor, told, address(meeting), dedupe=f"{meeting.uid}:{meeting.version}")
