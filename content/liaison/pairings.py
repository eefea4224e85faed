"""Pairings: made, ended, handed over and put back by the office (R-131, R-136)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from peewee import fn

from content import history, moment, outbox
from content.db import transaction
from content.errors import N_, Conflict, Invalid, NotFound, msg
from content.liaison.rights import require_office
from content.liaison.tables import Meeting, Pairing
from content.liaison.typed import Problems, add, read_day, refuse
from content.people import Person
from content.settings import Settings

Leader = Person.alias()
Counselor = Person.alias()


def joined() -> object:
    """The query for pairings together with their two people."""
    return (
        Pairing.select(Pairing, Leader, Counselor)
        .join(Leader, on=(Pairing.leader == Leader.id))
        .switch(Pairing)
        .join(Counselor, on=(Pairing.counselor == Counselor.id))
    )


def find_pairing(person: Person | None, id: int) -> Pairing:
    """A pairing with its people, for the office. Raises ``NotAllowed`` or ``NotFound``."""
    require_office(person)
    return _load(id)


def pair(
    settings: Settings,
    person: Person | None,
    leader: int | None,
    counselor: int | None,
    since: str | date,
) -> Pairing:
    """Pair a leader with a counselor from a day on (R-131), both given by their account's number.

    Raises ``Invalid``: a second leader for the counselor, more counselors than ``leader_counselors`` for the
    leader, a leader with himself, somebody without the role, a day that is none.
    """
    with transaction():
        office = require_office(person)
        problems: Problems = {}
        day = read_day(since, "since", problems, moment.today())
        first = _somebody(leader, "leader", problems)
        second = _somebody(counselor, "counselor", problems)
        refuse(problems)
        assert day
        assert first
        assert second
        found = _make(settings, office, first, second, day)
    return found


def end_pairing(person: Person | None, id: int, until: str | date, *, version: int) -> Pairing:
    """End a pairing; ``until`` is its last day. Raises ``Invalid`` before its begin or its last meeting, ``Conflict``."""
    with transaction():
        office = require_office(person)
        pairing = _current(id, version)
        problems: Problems = {}
        day = read_day(until, "until", problems, moment.today())
        refuse(problems)
        assert day
        _end(office, pairing, day, "until")
        _tell(pairing, msg(N_("The pairing of %(leader)s and %(counselor)s has an end: %(day)s."),
                           **_names(pairing), day=day))  # fmt: skip
    return pairing


def hand_over(
    settings: Settings, person: Person | None, id: int, leader: int | None, since: str | date, *, version: int
) -> Pairing:
    """Give the counselor another leader from a day on; the old pairing ends the day before. Returns the new one."""
    with transaction():
        office = require_office(person)
        pairing = _current(id, version)
        problems: Problems = {}
        day = read_day(since, "since", problems, moment.today())
        first = _somebody(leader, "leader", problems)
        if first is not None and first.id == pairing.leader_id:
            add(problems, "leader", msg(N_("This is the present leader. Please choose another one.")))
        refuse(problems)
        assert day
        assert first
        if day <= pairing.since:
            message = N_("The present pairing began on %(day)s. Please choose a later day.")
            raise Invalid({"since": [msg(message, day=pairing.since)]})
        _end(office, pairing, day - timedelta(days=1), "since")
        return _make(settings, office, first, pairing.counselor, day)


def reopen(settings: Settings, person: Person | None, id: int, *, version: int) -> Pairing:
    """Take back the end of a pairing. Raises ``Invalid`` (field ``until``) if somebody has taken the place since."""
    with transaction():
        office = require_office(person)
        pairing = _load(id)
        _same_version(pairing, version)
        if pairing.until is None:
            return pairing
        problems: Problems = {}
        _check_roles(pairing.leader, pairing.counselor, problems)
        _check_free(settings, pairing.leader, pairing.counselor, pairing.since, problems, but=pairing.id)
        refuse({"until": [one for texts in problems.values() for one in texts]} if problems else {})
        _change(pairing, until=None)
        history.record(
            office, "pairing.reopened", subject=_subject(pairing), difference={"fields": ["until"]}
        )
    return pairing


def remove(person: Person | None, id: int, *, version: int) -> None:
    """Remove a pairing that was made by mistake. Raises ``Invalid`` once a meeting was logged."""
    with transaction():
        office = require_office(person)
        pairing = _load(id)
        _same_version(pairing, version)
        if Meeting.select().where(Meeting.pairing == pairing.id).exists():
            raise Invalid({"pairing": [msg(N_("The two have met already: please end the pairing instead."))]})
        history.record(office, "pairing.removed", subject=_subject(pairing))
        pairing.delete_instance()


def _make(settings: Settings, office: Person, leader: Person, counselor: Person, since: date) -> Pairing:
    problems: Problems = {}
    if leader.id == counselor.id:
        add(problems, "counselor", msg(N_("Nobody is paired with himself. Please choose somebody else.")))
    _check_roles(leader, counselor, problems)
    refuse(problems)
    _check_free(settings, leader, counselor, since, problems)
    refuse(problems)
    made = Pairing.create(leader=leader, counselor=counselor, since=since, made_at=moment.now())
    history.record(office, "pairing.made", subject=_subject(made),
                   difference={"fields": ["leader", "counselor", "since"]})  # fmt: skip
    _tell(made, msg(N_("From %(day)s on %(leader)s is the leader who keeps in touch with %(counselor)s."),
                    **_names(made), day=since))  # fmt: skip
    return made


def _check_roles(leader: Person, counselor: Person, problems: Problems) -> None:
    """Both can sign in and hold their role today."""
    for person, role, text in (
        (leader, "leader", N_("%(name)s does not hold the role of a leader.")),
        (counselor, "counselor", N_("%(name)s does not hold the role of a counselor.")),
    ):
        if not person.is_active or role not in person.roles_somewhere():
            add(problems, role, msg(text, name=person.name))


def _check_free(
    settings: Settings, leader: Person, counselor: Person, since: date, problems: Problems, but: int = 0
) -> None:
    """One leader for a counselor, and no more counselors than allowed for a leader, from ``since`` on (R-131)."""
    still = (Pairing.until.is_null() | (Pairing.until >= since)) & (Pairing.id != but)
    taken = joined().where(Pairing.counselor == counselor.id, still).order_by(Pairing.since).first()  # type: ignore[attr-defined]
    if taken is not None:
        message = (
            N_("%(name)s already has a leader then: %(leader)s until %(day)s.")
            if taken.until
            else N_("%(name)s already has a leader: %(leader)s. End or hand over that pairing first.")
        )
        add(problems, "counselor",
            msg(message, name=counselor.name, leader=taken.leader.name, day=taken.until or ""))  # fmt: skip
    others = list(Pairing.select().where(Pairing.leader == leader.id, still))
    limit = max(1, settings.leader_counselors)
    if most_at_once(others, since) + 1 > limit:
        message = N_("%(name)s has as many counselors already as a leader may have here (%(limit)s).")
        add(problems, "leader", msg(message, name=leader.name, limit=limit))


def most_at_once(pairings: Iterable[Pairing], since: date) -> int:
    """How many of the pairings stand on one and the same day, at most, from ``since`` on (R-131)."""
    found = list(pairings)
    days = {since} | {one.since for one in found if one.since > since}
    return max(
        sum(one.since <= day and (one.until is None or day <= one.until) for one in found) for day in days
    )


def _end(office: Person, pairing: Pairing, until: date, field: str) -> None:
    if until < pairing.since:
        message = N_("The pairing began on %(day)s; it cannot end before that.")
        raise Invalid({field: [msg(message, day=pairing.since)]})
    last = (
        Meeting.select(fn.MAX(Meeting.held_on))
        .where(Meeting.pairing == pairing.id, Meeting.state != "withdrawn")
        .scalar()
    )
    last = date.fromisoformat(last) if isinstance(last, str) else last
    if last is not None and until < last:
        message = N_("The two met on %(day)s; the pairing cannot have ended before that.")
        raise Invalid({field: [msg(message, day=last)]})
    if pairing.until is not None and until > pairing.until:
        raise Invalid(
            {field: [msg(N_("It ends on %(day)s already. Take that end back first."), day=pairing.until)]}
        )
    _change(pairing, until=until)
    history.record(office, "pairing.ended", subject=_subject(pairing), difference={"fields": ["until"]})


def _change(pairing: Pairing, **changes: object) -> None:
    pairing.version += 1
    Pairing.update(**changes, version=pairing.version).where(Pairing.id == pairing.id).execute()
    for name, value in changes.items():
        setattr(pairing, name, value)


def _load(id: int) -> Pairing:
    found: Pairing | None = joined().where(Pairing.id == id).first()  # type: ignore[attr-defined]
    if found is None:
        raise NotFound()
    return found


def _current(id: int, version: int) -> Pairing:
    pairing = _load(id)
    _same_version(pairing, version)
    if pairing.until is not None and pairing.until < moment.today():
        raise Invalid({"until": [msg(N_("This pairing ended on %(day)s already."), day=pairing.until)]})
    return pairing


def _same_version(pairing: Pairing, version: int) -> None:
    if pairing.version != version:
        raise Conflict(pairing.version)


def _somebody(id: int | None, field: str, problems: Problems) -> Person | None:
    found: Person | None = Person.get_or_none(Person.id == id) if id else None
    if found is None or found.system:
        add(problems, field, msg(N_("Please choose somebody.")))
        return None
    return found


def _names(pairing: Pairing) -> dict[str, object]:
    return {"leader": pairing.leader.name, "counselor": pairing.counselor.name}


def _tell(pairing: Pairing, message: object) -> None:
    for person in (pairing.leader, pairing.counselor):
        outbox.tell(person, message, "/liaison/")  # type: ignore[arg-type]


def _subject(pairing: Pairing) -> str:
    """What the audit calls a pairing; names stay in the pairing itself."""
    return f"pairing {pairing.id}"
