"""What a leader or a counselor promised, in the calendar they subscribe to. The words stay on the portal: whoever keeps
a calendar for somebody is not one of the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from content.errors import N_, msg
from content.liaison.followups import open_follow_ups
from content.liaison.meetings import address
from content.people import Person
from content.subscriptions.calendar_feed import Entry, contribute

TITLE = N_("To do after a talk")


@contribute
def promised_days(person: Person) -> Iterator[Entry]:
    """The open promises of the person's own, each on its day."""
    for one in open_follow_ups(person):
        pairing = one.meeting.pairing
        if person.id == (pairing.leader_id if one.owner == "leader" else pairing.counselor_id):
            yield Entry(
                uid=f"follow-up-{one.id}", title=msg(TITLE), starts=one.due_on,
                changed_at=one.meeting.changed_at, url=address(one.meeting),
            )  # fmt: skip
