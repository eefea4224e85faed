"""Taking back what somebody was told of a matter that they may not know of any more."""

from __future__ import annotations

from content.outbox import InboxEntry, Outgoing


def take_back(person_id: int, url: str) -> None:
    """Unsay what a person was told about an address, in the transaction of the caller: out of the inbox, and out of
    the post where it is not sent yet. For what they may not know of any more.
    """
    told = (InboxEntry.person == person_id) & (InboxEntry.url == url)
    InboxEntry.delete().where(told).execute()
    unsent = Outgoing.select().where(Outgoing.recipient == person_id, Outgoing.sent_at.is_null())
    ids = [row.id for row in unsent if row.context.get("url") == url]
    if ids:
        Outgoing.delete().where(Outgoing.id.in_(ids)).execute()
