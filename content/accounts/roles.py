"""Roles and for what they hold: given, limited in time and taken by an administrator of the whole portal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from content import history, moment, people, stamps
from content.accounts import roster
from content.accounts.administrators import one_remains
from content.db import transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.items import Section
from content.people import ROLES, Community, Department, Membership, Person
from content.permissions import require

SCOPES = ("section", "community", "department")
CHOOSE: Message = msg(N_("Please choose one of the list."))
EARLIEST, LATEST = 1950, 2200  # years
Problems = dict[str, list[Message]]


def version_of(row: Membership) -> str:
    """What a form about a role was filled from."""
    return stamps.stamp(row.role, row.since, row.until)


def give(by: Person | None, person_id: int, values: Mapping[str, Any]) -> Membership:
    """Give somebody a role: ``role``, for everything or for one of ``section`` (its number), ``community`` and
    ``department``, from ``since`` to ``until``, both days included and either empty.

    Raises ``NotAllowed``, ``NotFound`` and ``Invalid``, also where they hold it already.
    """
    with transaction():
        require(by, "site:administer")
        assert by is not None
        person = roster.stored(person_id)
        problems: Problems = {}
        if not person.active:
            problems["person"] = [msg(N_("The account is shut. Please open it first."))]
        role = str(values.get("role") or "")
        if role not in ROLES:
            problems["role"] = [CHOOSE]
        scope = _scope(values, problems)
        since, until = _days(values, problems)
        if not problems and _held(person, role, scope, since, until):
            problems["role"] = [msg(N_("%(name)s holds this role there already."), name=person.name)]
        if problems:
            raise Invalid(problems)
        made = people.give_role(person, role, since=since, until=until, **scope)
        history.record(by, "person.role-given", subject=_subject(made))
    return made


def change_days(by: Person | None, id: int, values: Mapping[str, Any], *, version: str) -> Membership:
    """Change from when and till when a role holds. Raises ``NotAllowed``, ``NotFound``, ``Conflict`` and ``Invalid``
    (since, until), also where no administrator would be left.
    """
    with transaction():
        require(by, "site:administer")
        assert by is not None
        row = stored(id)
        stamps.check(version, row.role, row.since, row.until)
        problems: Problems = {}
        given = {"since": row.since, "until": row.until, **values}
        since, until = _days(given, problems)
        if problems:
            raise Invalid(problems)
        field = "until" if until != row.until else "since"
        with one_remains(field):
            Membership.update(since=since, until=until).where(Membership.id == row.id).execute()
        changed = [
            name for name, value in (("since", since), ("until", until)) if getattr(row, name) != value
        ]
        if changed:
            difference = {"fields": changed}
            history.record(by, "person.role-dated", subject=_subject(row), difference=difference)
    return stored(id)


def end(by: Person | None, id: int, until: Any) -> Membership:
    """Let a role end with a day, its last one. Raises as ``change_days`` does."""
    with transaction():
        row = stored(id)
        if until in (None, ""):
            raise Invalid({"until": [msg(N_("Please fill this in."))]})
        return change_days(by, id, {"until": until}, version=version_of(row))


def take(by: Person | None, id: int) -> None:
    """Take a role away at once: yesterday was its last day. One that has not begun before today leaves only its trace
    in the audit. Raises ``NotAllowed``, ``NotFound``, and ``Invalid`` for the only administrator.
    """
    with transaction(), one_remains():
        require(by, "site:administer")
        assert by is not None
        row = stored(id)
        yesterday = moment.today() - timedelta(days=1)
        if row.until is not None and row.until <= yesterday:
            raise Invalid({}, msg(N_("This role ended on %(day)s already."), day=row.until))
        if row.since is not None and row.since > yesterday:
            Membership.delete().where(Membership.id == row.id).execute()
        else:
            Membership.update(until=yesterday).where(Membership.id == row.id).execute()
        history.record(by, "person.role-taken", subject=_subject(row))


def take_all(by: Person | None, person_id: int, role: str) -> None:
    """Take a role from somebody wherever they hold it. Raises as ``take`` does, and ``NotFound`` if they do not."""
    with transaction():
        person = roster.stored(person_id)
        held = list(current(person, role))
        if not held:
            text = N_("“%(username)s” does not hold the role “%(role)s”.")
            raise NotFound(msg(text, username=person.username, role=role))
        for row in held:
            take(by, row.id)


def current(person: Person, role: str) -> Any:
    """The memberships of a role that hold today or will."""
    lasts = Membership.until.is_null() | (Membership.until >= moment.today())
    return Membership.select().where(Membership.person == person.id, Membership.role == role, lasts)


def stored(id: int) -> Membership:
    """The membership with this number and its person. Raises ``NotFound``, also for the portal's own accounts."""
    rows = Membership.select(Membership, Person).join(Person).where(Membership.id == id)
    found: Membership | None = rows.first()
    if found is None or found.person.system:
        raise NotFound()
    return found


def _scope(values: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    given = [name for name in SCOPES if values.get(name) not in (None, "")]
    for name in given[1:]:
        problems[name] = [msg(N_("A role holds for one of these only. Please leave the others empty."))]
    if not given or problems:
        return {}
    name = given[0]
    number = str(values[name])
    id = int(number) if number.isdecimal() and len(number) < 10 else 0
    model: Any = {"section": Section, "community": Community, "department": Department}[name]
    row = model.get_or_none(model.id == id)
    if row is None or (name == "section" and row.trashed_at is not None):
        problems[name] = [CHOOSE]
        return {}
    return {"section_path": row.path} if name == "section" else {name: id}


def _days(values: Mapping[str, Any], problems: Problems) -> tuple[date | None, date | None]:
    since, until = (_day(name, values.get(name), problems) for name in ("since", "until"))
    if since is not None and until is not None and until < since:
        problems["until"] = [msg(N_("This is before the first day."))]
    return since, until


def _day(name: str, value: Any, problems: Problems) -> date | None:
    if value in (None, "") or isinstance(value, date):
        return value or None
    try:
        found = date.fromisoformat(str(value))
    except ValueError:
        found = date.min
    if not EARLIEST <= found.year <= LATEST:
        problems[name] = [msg(N_("This is not a date."))]
        return None
    return found


def _held(
    person: Person, role: str, scope: Mapping[str, Any], since: date | None, until: date | None
) -> bool:
    """Whether the same role for the same part holds on one of these days."""
    same = current(person, role).where(Membership.section_path == scope.get("section_path", ""))
    for name, column in (("community", Membership.community), ("department", Membership.department)):
        same = same.where(column == scope[name] if name in scope else column.is_null())
    if since is not None:
        same = same.where(Membership.until.is_null() | (Membership.until >= since))
    if until is not None:
        same = same.where(Membership.since.is_null() | (Membership.since <= until))
    return bool(same.exists())


def _subject(row: Membership) -> str:
    parts = (
        row.section_path,
        f"community {row.community_id}" if row.community_id else "",
        f"department {row.department_id}" if row.department_id else "",
    )
    return f"{row.person.username}: {row.role} {''.join(parts)}".strip()
