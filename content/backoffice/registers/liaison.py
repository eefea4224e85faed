"""Pairings, meetings and promises of the liaison scheme, for the office and for the two of a pair. Never a note."""

from __future__ import annotations

from typing import Any

from peewee import JOIN

from content import liaison, moment
from content.backoffice.declaring import Act, Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.errors import N_, Message, msg
from content.liaison.duties import ACTIVITIES, KINDS
from content.liaison.pairings import Counselor, Leader
from content.liaison.reading import COLUMNS
from content.liaison.rights import own_pairings
from content.liaison.tables import FollowUp, Meeting, Pairing
from content.people import Person
from content.permissions import may
from content.workflows import MEETING

KIND = tuple((one.name, one.label) for one in KINDS.values())
STATES = tuple((state.name, state.label) for state in MEETING.states)
OWNERS = (("leader", N_("School leader")), ("counselor", N_("Counselor")))
# What is joined of the two people: nothing that they sign in with.
_NAMES = (Leader.id, Leader.name, Leader.job, Counselor.id, Counselor.name, Counselor.job)


def _joined(query: Any) -> Any:
    return query.join_from(Pairing, Leader, JOIN.LEFT_OUTER, on=(Pairing.leader == Leader.id)).join_from(
        Pairing, Counselor, JOIN.LEFT_OUTER, on=(Pairing.counselor == Counselor.id)
    )


def _named(pairing: Any, words: str) -> Any:
    """Pairings of somebody who is called so."""
    found = finding.persons(words)
    return finding.among(pairing, pairing.leader.in_(found), pairing.counselor.in_(found))


# ---- pairings


def _pairings(person: Person) -> Any:
    rows = _joined(Pairing.select(Pairing, *_NAMES))
    return rows if may(person, "liaison:office") else rows.where(own_pairings(person))


def _now(value: Any) -> Any:
    today = moment.today()
    now = (Pairing.since <= today) & (Pairing.until.is_null() | (Pairing.until >= today))
    return now if value else ~now


def _end(person: Person, row: Row, values: Values) -> None:
    liaison.end_pairing(person, row.id, values["until"], version=row.version)


def _can_end(person: Person, row: Row) -> Message | None:
    if not may(person, "liaison:office"):
        return msg(N_("Only the liaison office ends pairings."))
    if finding.term(row) == "ended":
        return msg(N_("This pairing ended on %(day)s already."), day=row.until)
    return None


PAIRINGS = Register(
    name="pairings",
    label=N_("Pairings"),
    one=N_("Pairing"),
    group="liaison",
    permission="register:pairings",
    help=N_("Which leader keeps in touch with which counselor. The liaison office sees all, others their own."),
    key=Pairing.id,
    rows=_pairings,
    columns=(
        Column("leader", N_("School leader"), "name", value=lambda row: finding.name(row, "leader")),
        Column("counselor", N_("Counselor"), "name", value=lambda row: finding.name(row, "counselor")),
        Column("since", N_("First day"), "date"),
        Column("until", N_("Last day"), "date"),
        Column(
            "state", N_("Now"), "choice", value=finding.term, own_words=False,
            choices=(("holds", N_("Holds")), ("ahead", N_("Not begun")), ("ended", N_("Ended"))),
        ),
    ),
    order=Pairing.id,
    filters=(
        Filter("now", N_("Holds today"), "yes", condition=_now),
        Filter("since", N_("First day"), "dates", Pairing.since),
    ),
    search=lambda words: _named(Pairing, words),
    search_hint=N_("Name of a leader or counselor"),
    version=lambda row: str(row.version),
    acts=(
        Act(
            "end", N_("End with a day"), _end, _can_end, N_("Both are told. The office can take the end back."),
            inputs=(Input("until", N_("Last day"), "date", required=True),),
        ),
    ),
    address=lambda row: f"/liaison/office/pairings/{row.id}",
    title=lambda row: f"{finding.name(row, 'leader')} – {finding.name(row, 'counselor')}",
    empty=N_("There is no pairing that you may see. The liaison office makes them."),
)  # fmt: skip


# ---- meetings


def _meetings(person: Person) -> Any:
    rows = _joined(Meeting.select(*COLUMNS, Pairing, *_NAMES).join(Pairing, JOIN.LEFT_OUTER))
    rows = rows.where(Meeting.state != "withdrawn")
    return rows if may(person, "liaison:office") else rows.where(own_pairings(person))


def _of_pair(row: Row, who: str) -> str:
    pairing = getattr(row, "pairing", None)
    return finding.name(pairing, who) if pairing is not None else ""


MEETINGS = Register(
    name="meetings",
    label=N_("Meetings"),
    one=N_("Meeting of a pair"),
    group="liaison",
    permission="register:meetings",
    help=N_("Which pairs have met. What they said to each other stands nowhere in here, not in exports either."),
    key=Meeting.id,
    rows=_meetings,
    columns=(
        Column("held_on", N_("Day"), "date", sort=Meeting.held_on),
        Column("kind", N_("Kind"), "choice", choices=KIND, own_words=False),
        Column("leader", N_("School leader"), "name", value=lambda row: _of_pair(row, "leader")),
        Column("counselor", N_("Counselor"), "name", value=lambda row: _of_pair(row, "counselor")),
        Column("state", N_("State"), "choice", choices=STATES, own_words=False),
        Column(
            "activity", N_("Took part in"), "choice", choices=(("", "–"), *ACTIVITIES.items()), own_words=False,
            listed=False,
        ),
        Column("office_line", N_("Line for the office")),
    ),
    order=Meeting.held_on,
    filters=(
        Filter("kind", N_("Kind"), "choice", Meeting.kind, choices=KIND),
        Filter("state", N_("State"), "choice", Meeting.state, choices=STATES[:2]),
        Filter("held_on", N_("Day"), "dates", Meeting.held_on),
    ),
    search=lambda words: Meeting.pairing.in_(Pairing.select(Pairing.id).where(_named(Pairing, words))),
    search_hint=N_("Name of a leader or counselor"),
    version=lambda row: str(row.version),
    title=lambda row: f"{row.held_on} {_of_pair(row, 'leader')} – {_of_pair(row, 'counselor')}",
    empty=N_("There is no meeting that you may see."),
)  # fmt: skip


# ---- promises


def _follow_ups(person: Person) -> Any:
    meeting = (Meeting.id, Meeting.pairing, Meeting.held_on, Meeting.state)
    rows = FollowUp.select(FollowUp, *meeting, Pairing, *_NAMES)
    rows = rows.join(Meeting, JOIN.LEFT_OUTER).join(Pairing, JOIN.LEFT_OUTER)
    return _joined(rows).where(own_pairings(person), Meeting.state != "withdrawn")


def _with(row: Row, who: str) -> str:
    meeting = getattr(row, "meeting", None)
    return _of_pair(meeting, who) if meeting is not None else ""


def _done(value: Any) -> Any:
    return FollowUp.done_at.is_null(not value)


def _set_done(person: Person, row: Row, values: Values) -> None:
    liaison.set_done(person, row.id, True)


def _not_done(person: Person, row: Row) -> Message | None:
    return None if row.done_at is None else msg(N_("This is done already."))


FOLLOW_UPS = Register(
    name="promises",
    label=N_("Promises"),
    one=N_("Promise"),
    group="liaison",
    permission="register:promises",
    help=N_(
        "What you and your partners promised each other. Only the two of a pair see it, the office does not."
    ),
    key=FollowUp.id,
    rows=_follow_ups,
    columns=(
        Column("what", N_("What is to be done")),
        Column("owner", N_("Who keeps it"), "choice", choices=OWNERS, own_words=False),
        Column("due_on", N_("By when"), "date", sort=FollowUp.due_on),
        Column("done_at", N_("Done"), "time"),
        Column("leader", N_("School leader"), "name", value=lambda row: _with(row, "leader")),
        Column("counselor", N_("Counselor"), "name", value=lambda row: _with(row, "counselor")),
    ),
    order=FollowUp.due_on,
    filters=(
        Filter("done", N_("Done"), "yes", condition=_done),
        Filter("due_on", N_("By when"), "dates", FollowUp.due_on),
    ),
    acts=(
        Act(
            "done", N_("It is done"), _set_done, _not_done, N_("It can be taken back on the meeting’s page.")
        ),
    ),
    address=lambda row: f"/liaison/meetings/{row.meeting_id}",
    title=lambda row: str(row.what),
    empty=N_("You and your partners have promised each other nothing yet."),
)
