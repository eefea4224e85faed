"""What a person wishes to be told of what is published: kinds, sections, the urgent, what is for them; and how by mail.

What somebody has not chosen is as ``DEFAULTS`` says. Matters and the steps of one's own work are always told: they are
no subscription.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from peewee import AutoField, CharField, Check, ForeignKeyField

from content import history, moment, wishes
from content.db import Base, transaction
from content.errors import N_, Invalid, NotFound, msg
from content.items import Section
from content.outbox import InboxEntry
from content.people import Person
from content.permissions import may
from content.wishes import DEFAULT_MODE, DIGESTS, MODES, ReaderWishes

# The kinds that can be followed, in the order of the page.
FOLLOWABLE = ("notice", "event", "fee", "service", "policy")
# How an audience that is meant for some begins; "everyone" and "staff" are no news for somebody in particular.
PERSONAL_AUDIENCES = ("community:", "role:", "department:")


class Subscription(Base):
    """A kind or a section (with all below it) that somebody follows."""

    id = AutoField()
    person_id: int
    section_id: int | None
    person = ForeignKeyField(Person, on_delete="CASCADE")
    kind = CharField(max_length=20, null=True)
    section = ForeignKeyField(Section, null=True, on_delete="CASCADE")

    class Meta:
        indexes = ((("person", "kind"), True), (("person", "section"), True))
        constraints = [Check("(kind IS NULL) <> (section_id IS NULL)")]


@dataclass(frozen=True)
class Wishes:
    """All that a person can choose. ``hour`` is of the site's day; ``weekday`` 0 is Monday."""

    mode: str = DEFAULT_MODE
    hour: int = 18
    weekday: int = 0
    urgent: bool = True
    mine: bool = True  # what is for one's own community, role or department
    kinds: frozenset[str] = frozenset()
    sections: frozenset[int] = frozenset()


DEFAULTS = Wishes()


def with_defaults(
    row: ReaderWishes | None, kinds: Iterable[str] = (), sections: Iterable[int] = ()
) -> Wishes:
    """The wishes that rows say, completed by the defaults."""
    if row is None:
        return replace(DEFAULTS, kinds=frozenset(kinds), sections=frozenset(sections))
    return Wishes(
        mode=row.mail_mode or DEFAULTS.mode,
        hour=DEFAULTS.hour if row.digest_hour is None else row.digest_hour,
        weekday=DEFAULTS.weekday if row.digest_weekday is None else row.digest_weekday,
        urgent=DEFAULTS.urgent if row.urgent is None else row.urgent,
        mine=DEFAULTS.mine if row.mine is None else row.mine,
        kinds=frozenset(kinds),
        sections=frozenset(sections),
    )


def wishes_of(person: Person) -> Wishes:
    """What a person wishes; two queries."""
    row = ReaderWishes.get_or_none(ReaderWishes.person == person.id)
    kinds, sections = followed(person)
    return with_defaults(row, kinds, sections)


def followed(person: Person) -> tuple[frozenset[str], frozenset[int]]:
    """The kinds and the ids of the sections that a person follows."""
    query = Subscription.select(Subscription.kind, Subscription.section)
    rows: Any = list(query.where(Subscription.person == person.id).tuples())
    return frozenset(kind for kind, _ in rows if kind), frozenset(section for _, section in rows if section)


def set_wishes(person: Person, wanted: Wishes) -> Wishes:
    """Write all that a person wishes; returns what held before, to take it back with. Raises ``Invalid``.

    Sections that the person may not see are left out.
    """
    _refuse_nonsense(wanted)
    with transaction():
        before = wishes_of(person)
        values: dict[str, Any] = {
            "mail_mode": wanted.mode,
            "digest_hour": wanted.hour,
            "digest_weekday": wanted.weekday,
            "urgent": wanted.urgent,
            "mine": wanted.mine,
        }
        if (before.mode, before.hour, before.weekday) != (wanted.mode, wanted.hour, wanted.weekday):
            values["digest_at"] = next_digest(wanted, moment.now())
        wishes.change(person.id, **values)
        if wanted.mode not in DIGESTS:  # what waited is in the inbox; no digest comes any more
            _forget_waiting(person)
        _follow_exactly(person, before, wanted)
    return before


def _refuse_nonsense(wanted: Wishes) -> None:
    problems = {
        "mode": wanted.mode not in MODES,
        "hour": wanted.hour not in range(24),
        "weekday": wanted.weekday not in range(7),
        "kinds": not wanted.kinds <= set(FOLLOWABLE),
    }
    wrong = {field: [msg(N_("Please choose one of the list."))] for field, bad in problems.items() if bad}
    if wrong:
        raise Invalid(wrong)


def _forget_waiting(person: Person) -> None:
    waiting = (InboxEntry.person == person.id) & (InboxEntry.for_digest == True)  # noqa: E712
    InboxEntry.update(for_digest=False).where(waiting).execute()


def _follow_exactly(person: Person, before: Wishes, wanted: Wishes) -> None:
    mine = Subscription.person == person.id
    gone = Subscription.kind.in_(sorted(before.kinds - wanted.kinds)) | Subscription.section.in_(
        sorted(before.sections - wanted.sections)
    )
    Subscription.delete().where(mine & gone).execute()
    more = Section.select().where(Section.id.in_(sorted(wanted.sections - before.sections)))
    rows: list[dict[str, Any]] = [{"kind": kind} for kind in sorted(wanted.kinds - before.kinds)]
    rows += [{"section": section.id} for section in more if may(person, "section:view", section)]
    for row in rows:
        Subscription.insert(person=person.id, **row).execute()


def follow(person: Person, *, kind: str = "", section: Section | None = None, on: bool = True) -> None:
    """Follow a kind or a section, or cease to. Doing it twice is doing it once. Raises ``NotFound``."""
    if section is None and kind not in FOLLOWABLE:
        raise NotFound()
    with transaction():
        if section is not None and on and not may(person, "section:view", section):
            raise NotFound()
        target = Subscription.section == section.id if section is not None else Subscription.kind == kind
        held = Subscription.select().where(Subscription.person == person.id, target).exists()
        if held and not on:
            Subscription.delete().where(Subscription.person == person.id, target).execute()
        elif on and not held:
            Subscription.insert(
                person=person.id, kind=None if section else kind, section=section.id if section else None
            ).execute()


def next_digest(wanted: Wishes, now: datetime) -> datetime | None:
    """When the next digest is due, strictly after ``now``, in UTC; ``None`` where there is none."""
    if wanted.mode not in DIGESTS:
        return None
    here = moment.local(now)
    day = here.date()
    if wanted.mode == "weekly":
        day += timedelta(days=(wanted.weekday - day.weekday()) % 7)
    due = datetime.combine(day, time(wanted.hour), tzinfo=here.tzinfo)
    if due <= now:
        day += timedelta(days=7 if wanted.mode == "weekly" else 1)
        due = datetime.combine(day, time(wanted.hour), tzinfo=here.tzinfo)
    return due.astimezone(now.tzinfo)


def stop_mail(word: str) -> Person:
    """End all mail of the person whose word it is, without signing in; the word holds once. Raises ``NotFound``."""
    person = wishes.person_of(word)
    if person is None:
        raise NotFound()
    with transaction():
        person = wishes.person_of(word)  # of two at once the second finds it used
        if person is None:
            raise NotFound()
        wishes.change(person.id, mail_mode="none", digest_at=None, mail_key="")
        _forget_waiting(person)
        history.record(person, "person.mail-stopped", subject=person.username)
    return person


def calendar_token(person: Person) -> str:
    """The word in the address of the person's calendar; "" while it is switched off."""
    row = ReaderWishes.get_or_none(ReaderWishes.person == person.id)
    return str(row.calendar_token or "") if row else ""


def set_calendar(person: Person, on: bool) -> str:
    """Give the person's calendar a new address, or switch it off; the old address is dead in both cases."""
    token = secrets.token_urlsafe(24) if on else None
    with transaction():
        wishes.change(person.id, calendar_token=token)
        verb = "person.calendar-opened" if on else "person.calendar-closed"
        history.record(person, verb, subject=person.username)
    return token or ""


def as_plain(wanted: Wishes) -> dict[str, Any]:
    """Wishes as JSON-able data, to take a change back with."""
    return {**vars(wanted), "kinds": sorted(wanted.kinds), "sections": sorted(wanted.sections)}


def from_plain(data: Mapping[str, Any]) -> Wishes:
    """The wishes that ``as_plain`` wrote."""
    return Wishes(**{**data, "kinds": frozenset(data["kinds"]), "sections": frozenset(data["sections"])})
