"""Accounts as whoever keeps the portal handles them: made, given and deprived of roles, shut and opened."""

from __future__ import annotations

from content import history, people
from content.accounts import resetting, sessions
from content.accounts.administrators import one_remains
from content.db import transaction
from content.errors import N_, Invalid, NotFound, msg
from content.people import Membership, Person, scheduler

FIRST = "administrator"


def first_administrator() -> Person | None:
    """Make the account of the first administrator, without a password, in a portal that has no people yet.

    Nobody can sign in with it before a password is set. ``None`` if there are people already.
    """
    with transaction():
        if Person.select().where(Person.system == False).exists():  # noqa: E712  Peewee builds SQL from ==
            return None
        person = people.add_person(FIRST, FIRST)
        people.give_role(person, "administrator")
        history.record(scheduler(), "person.added", subject=person.username)
    return person


def acting_administrator() -> Person:
    """The first active person who holds the role of administrator everywhere. Raises ``NotFound``."""
    for person in Person.select().where(Person.active == True, Person.system == False).order_by(Person.id):  # noqa: E712
        if _administers(person):
            return person
    raise NotFound(
        msg(N_("The portal has no administrator. Please make one: lianxi user add NAME --role administrator"))
    )


def add(username: str, name: str, password: str, roles: tuple[str, ...], *, email: str = "") -> Person:
    """Make an account with its roles, all or nothing. Raises ``Invalid`` or ``NotFound`` (role)."""
    with transaction():
        person = people.add_person(username, name or username, email=email)
        if password:
            people.set_password(person, password)
        for role in roles:
            people.give_role(person, role)
        history.record(
            scheduler(), "person.added", subject=person.username, difference={"roles": [[], list(roles)]}
        )
    return person


def change_password(person: Person, password: str) -> None:
    """Set a password; the audit says that, not what. Raises ``Invalid``."""
    with transaction():
        people.set_password(person, password)
        sessions.end_others(person)
        resetting.end_codes(person)
        history.record(scheduler(), "person.password-set", subject=person.username)


def give_role(person: Person, role: str, section_path: str = "") -> None:
    """Give a role everywhere or at a section. Raises ``NotFound`` for an unknown role."""
    with transaction():
        people.give_role(person, role, section_path=section_path)
        history.record(
            scheduler(), "person.role-given", subject=f"{person.username}: {role} {section_path}".strip()
        )


def take_role(person: Person, role: str, section_path: str = "") -> None:
    """Take a role away. Raises ``NotFound`` if the person does not hold it."""
    held = (
        (Membership.person == person.id)
        & (Membership.role == role)
        & (Membership.section_path == section_path)
    )
    with transaction(), one_remains():
        if not Membership.delete().where(held).execute():
            raise NotFound(
                msg(
                    N_("“%(username)s” does not hold the role “%(role)s”."),
                    username=person.username,
                    role=role,
                )
            )
        person.__dict__.pop("grants", None)
        history.record(
            scheduler(), "person.role-taken", subject=f"{person.username}: {role} {section_path}".strip()
        )


def set_active(person: Person, active: bool, by: Person | None = None) -> None:
    """Shut an account, or open it again; what the person did stays. Raises ``Invalid``.

    ``by`` is who did it, whose right the caller has checked; nobody at the command line.
    """
    if person.system:
        raise Invalid({}, msg(N_("This account belongs to the portal itself.")))
    if active and person.erased_at is not None:
        raise Invalid({}, msg(N_("This account was erased at the wish of its owner.")))
    with transaction(), one_remains():
        if not active:
            sessions.end_others(person)
            resetting.end_codes(person)
        changes: dict[str, object] = {"active": active}
        if active:  # what another account signs in with by now stays with that one
            for key in (Person.phone_key, Person.mail_key):
                kept = getattr(person, key.name)
                if kept and people.open_account((key == kept) & (Person.id != person.id)):
                    changes[key.name] = None
        Person.update(changes).where(Person.id == person.id).execute()
        verb = "person.opened" if active else "person.shut"
        history.record(by or scheduler(), verb, subject=person.username)
    person.active = active


def _administers(person: Person) -> bool:
    """Whether the person can act as administrator everywhere: active, with a role in force that has no scope."""
    stored = Person.get_by_id(person.id)  # the roles that an object has read may be of yesterday
    return stored.is_active and any(
        grant.role == "administrator"
        and not grant.section_path
        and grant.community is None
        and grant.department is None
        for grant in stored.grants
    )
