"""What the liaison scheme keeps about a person: shown to them, and erased when they ask for it.

Days, kinds and the pairing stay, for the office's figures (R-141); words go.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from content import moment
from content.accounts.holdings import Fact, Holding, Record, declare
from content.errors import N_, Message, msg
from content.liaison.duties import KINDS
from content.liaison.meetings import address
from content.liaison.pairings import Counselor, Leader
from content.liaison.tables import FollowUp, Meeting, Pairing
from content.outbox import InboxEntry, Outgoing
from content.people import Person

HOME = "/liaison/"


def _show(person: Person) -> list[Record]:
    """Every meeting of one's own, with all that one may read of it. For who lost the role they are there as well."""
    rows: Any = (
        Meeting.select(Meeting, Pairing, Leader, Counselor)
        .join(Pairing)
        .join(Leader, on=(Pairing.leader == Leader.id))
        .switch(Pairing)
        .join(Counselor, on=(Pairing.counselor == Counselor.id))
        .where(_own(person))
        .order_by(Meeting.held_on, Meeting.id)
    )
    meetings = list(rows)
    promised: dict[int, list[str]] = {}
    ids = [row.id for row in meetings]
    for one in FollowUp.select().where(FollowUp.meeting.in_(ids)).order_by(FollowUp.id):
        promised.setdefault(one.meeting_id, []).append(one.what)
    return [_record(person, row, promised.get(row.id, [])) for row in meetings]


def _record(person: Person, row: Meeting, promised: list[str]) -> Record:
    pairing = row.pairing
    other = pairing.counselor if pairing.leader_id == person.id else pairing.leader
    texts = (
        ("place", N_("Place"), row.place),
        ("leader_note", N_("Words of the leader"), row.private_note),
        ("counselor_note", N_("Words of the counselor"), row.counselor_note),
        ("office_line", N_("Line for the office"), row.office_line),
        ("promised", N_("What was promised"), "\n".join(promised)),
    )
    return (
        Fact("held_on", N_("Day"), row.held_on),
        Fact("kind", N_("Kind"), msg(KINDS[row.kind].label)),
        Fact("with", N_("With"), other.name),
        *(Fact(name, label, value) for name, label, value in texts if value),
    )


def _own(person: Person) -> Any:
    return (Pairing.leader == person.id) | (Pairing.counselor == person.id)


def _hindrance(person: Person) -> Message | None:
    standing = Pairing.until.is_null() | (Pairing.until >= moment.today())
    if not Pairing.select().where(_own(person) & standing).exists():
        return None
    return msg(N_("You are paired as leader and counselor. The liaison office has to end that first."))


def _erase(person: Person) -> None:
    """What the person wrote goes, and all that was written about a counselor; then what the other one was told."""
    led = Pairing.select(Pairing.id).where(Pairing.leader == person.id)
    was_led = Pairing.select(Pairing.id).where(Pairing.counselor == person.id)
    about = Meeting.select(Meeting.id).where(Meeting.pairing.in_(was_led))
    FollowUp.delete().where(FollowUp.meeting.in_(about) | (FollowUp.made_by == person.id)).execute()
    words = {"private_note": "", "office_line": "", "place": "", "changed_at": moment.now()}
    Meeting.update(**words).where(Meeting.pairing.in_(led)).execute()
    Meeting.update(**words, counselor_note="").where(Meeting.pairing.in_(was_led)).execute()
    pairings = list(Pairing.select().where(_own(person)))
    others = {one.leader_id for one in pairings} | {one.counselor_id for one in pairings}
    meetings = Meeting.select(Meeting.id).where(Meeting.pairing.in_(pairings))
    _unsay(person.name, sorted(others), {address(row) for row in meetings})


def _unsay(name: str, people: Sequence[int], addresses: Collection[str]) -> None:
    """What the others were told of the meetings, and of the pairings by name: out of the inbox and of the post."""

    def tells(url: str, values: object) -> bool:
        return url in addresses or (url == HOME and name in json.dumps(values, ensure_ascii=False))

    entries = InboxEntry.select().where(InboxEntry.person.in_(people), InboxEntry.topic == "liaison")
    gone = [row.id for row in entries if tells(row.url, row.values)]
    InboxEntry.delete().where(InboxEntry.id.in_(gone)).execute()
    letters = Outgoing.select().where(Outgoing.recipient.in_(people))
    gone = [row.id for row in letters if tells(row.context.get("url", ""), row.context)]
    Outgoing.delete().where(Outgoing.id.in_(gone)).execute()


declare(
    Holding(
        "liaison",
        N_("Meetings of leaders and counselors"),
        N_("Your words are erased, and what was written about you as a counselor. Days and kinds stay."),
        _show,
        _erase,
        _hindrance,
    )
)
