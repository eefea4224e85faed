"""Accounts as the back office keeps them: made, corrected, shut and opened, signed out. For administrators of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content import history, outbox, people, stamps, telephones
from content.accounts import keeping, resetting, sessions
from content.accounts.access import require as require_help
from content.accounts.models import Session
from content.accounts.registering import NOT_MAIL
from content.db import transaction
from content.errors import N_, Invalid, Message, NotAllowed, NotFound, msg
from content.people import Department, Person
from content.permissions import require
from content.signing_names import mail_key_of

LENGTHS = {"name": 100, "address_form": 20, "email": 200, "telephone": 40, "job": 100}
Problems = dict[str, list[Message]]


def version_of(person: Person) -> str:
    """What a form about somebody was filled from; another one as soon as any of it has changed."""
    return stamps.stamp(*_shown(person))


def make(by: Person | None, values: Mapping[str, Any]) -> Person:
    """Make an account, with which nobody signs in before a password is set by a link or a code.

    Raises ``NotAllowed`` and ``Invalid`` with all that is wrong.
    """
    with transaction():
        require(by, "site:administer")
        assert by is not None
        username = str(values.get("username") or "").strip()
        problems: Problems = {}
        cleaned = _cleaned(values, None, problems)
        if not username or len(username) > 60 or any(char.isspace() for char in username):
            problems["username"] = [msg(N_("A user name has 1 to 60 characters and no spaces."))]
        elif Person.select().where(Person.username == username).exists():
            problems["username"] = [msg(N_("This user name is taken."))]
        if problems:
            raise Invalid(problems)
        cleaned.pop("mail_key")  # add_person makes it
        made = people.add_person(username, cleaned.pop("name"), **cleaned)
        history.record(by, "person.added", subject=made.username)
        if not values.get("active", True):
            keeping.set_active(made, False, by)
    return made


def edit(by: Person | None, id: int, values: Mapping[str, Any], *, version: str) -> Person:
    """Correct what is known of somebody; values that are not given stay. ``active`` shuts or opens the account.

    Raises ``NotAllowed``, ``NotFound``, ``Conflict`` and ``Invalid``, also for the only administrator.
    """
    with transaction():
        require(by, "site:administer")
        assert by is not None
        person = stored(id)
        stamps.check(version, *_shown(person))
        if person.erased_at is not None:
            raise NotAllowed(msg(N_("This account was erased at the wish of its owner.")))
        problems: Problems = {}
        cleaned = _cleaned({**_as_typed(person), **values}, person, problems)
        if problems:
            raise Invalid(problems)
        changed = sorted(name for name, value in cleaned.items() if getattr(person, _column(name)) != value)
        if changed:
            Person.update(cleaned).where(Person.id == person.id).execute()
            _after_contact(person, changed)
            history.record(by, "person.edited", subject=person.username, difference={"fields": changed})
        if "active" in values and bool(values["active"]) != bool(person.active):
            keeping.set_active(stored(id), bool(values["active"]), by)
    return stored(id)


def _shown(person: Person) -> tuple[object, ...]:
    return (
        person.name, person.address_form, person.email, person.telephone, person.phone_key,
        person.department_id, person.job, bool(person.in_directory), bool(person.active),
    )  # fmt: skip


def _column(name: str) -> str:
    return "department_id" if name == "department" else name


def _as_typed(person: Person) -> dict[str, Any]:
    names = (*LENGTHS, "phone_key", "in_directory")
    return {**{name: getattr(person, name) for name in names}, "department": person.department_id}


def _cleaned(values: Mapping[str, Any], person: Person | None, problems: Problems) -> dict[str, Any]:
    """What can be stored of what was typed; what is wrong with it goes to ``problems``."""
    found: dict[str, Any] = {}
    for name, limit in LENGTHS.items():
        found[name] = " ".join(str(values.get(name) or "").split())
        if len(found[name]) > limit:
            problems[name] = [msg(N_("At most %(limit)s characters, please."), limit=limit)]
    if not found["name"]:
        problems["name"] = [msg(N_("A name has 1 to 100 characters."))]
    found["in_directory"] = bool(values.get("in_directory"))
    found["department"] = _department(values.get("department"), problems)
    typed = str(values.get("phone_key") or "").strip()
    found["phone_key"] = telephones.read(typed) if typed else None
    if typed and found["phone_key"] is None:
        problems["phone_key"] = [telephones.NOT_A_NUMBER]
    found["mail_key"] = mail_key_of(found["email"])
    if found["email"] and found["mail_key"] is None:
        problems.setdefault("email", [NOT_MAIL])
    _refuse_taken(found, person, problems)
    return found


def _department(value: Any, problems: Problems) -> int | None:
    if value in (None, ""):
        return None
    id = int(value) if str(value).isdecimal() and len(str(value)) < 10 else 0
    if not Department.select().where(Department.id == id).exists():
        problems["department"] = [msg(N_("Please choose one of the list."))]
    return id


def _refuse_taken(found: Mapping[str, Any], person: Person | None, problems: Problems) -> None:
    """Of the open accounts no two sign in with the same telephone or mail address."""
    if person is not None and not person.active:
        return
    own = person.id if person is not None else 0
    taken = (
        ("phone_key", "phone_key", N_("Another account has this telephone.")),
        ("mail_key", "email", N_("Another account has this mail address.")),
    )
    for key, field, text in taken:
        if found[key] and people.open_account((getattr(Person, key) == found[key]) & (Person.id != own)):
            problems.setdefault(field, [msg(text)])


def _after_contact(person: Person, changed: list[str]) -> None:
    """What was sent to an address that is no longer theirs opens nothing any more, and they are told there."""
    if not {"email", "phone_key"} & set(changed):
        return
    if "email" in changed:
        resetting.end_codes(person, "mail")
    outbox.tell(person, msg(N_("The telephone or mail address of your account was changed.")), "/account")


def stored(id: int) -> Person:
    """The person with this number as stored now, but for the portal's own. Raises ``NotFound``."""
    found: Person | None = Person.get_or_none((Person.id == id) & (Person.system == False))  # noqa: E712
    if found is None:
        raise NotFound()
    return found


def set_active(by: Person | None, id: int, active: bool) -> None:
    """Shut or open an account. Raises ``NotAllowed``, ``NotFound`` and ``Invalid``, also for the only administrator."""
    with transaction():
        require(by, "site:administer")
        keeping.set_active(stored(id), active, by)


def end_sessions(by: Person | None, id: int) -> int:
    """Sign somebody out everywhere; returns of how many sessions. Raises ``NotAllowed`` or ``NotFound``."""
    with transaction():
        require(by, "site:administer")
        assert by is not None
        return sessions.end_all(by, stored(id))


def end_session(by: Person | None, id: int) -> None:
    """End one session of anybody. Raises ``NotAllowed``, or ``NotFound`` if it is over."""
    with transaction():
        require(by, "site:administer")
        assert by is not None
        row: Session | None = Session.get_or_none((Session.id == id) & Session.ended_at.is_null())
        if row is None:
            raise NotFound()
        sessions.end_all(by, stored(row.person_id), Session.id == id)


def send_link(by: Person | None, id: int) -> None:
    """Send a link to set a new password to somebody's own mail address; who sends it never sees it.

    Raises ``NotAllowed``, ``NotFound`` and ``Invalid`` where there is no address or no mail server.
    """
    with transaction():
        helper = require_help(by, "accounts:help")
        person = stored(id)
        reason = no_link_for(person)
        if reason is not None:
            raise Invalid({}, reason)
        require_help(by, "accounts:help", person)
        resetting.post_link(person)
        history.record(helper, "person.link-sent", subject=person.username)


def no_link_for(person: Person) -> Message | None:
    """Why no link can be sent to this person; ``None`` if one can."""
    if not person.is_active:
        return msg(N_("The account is shut. Please open it first."))
    if not person.mail_key:
        return msg(N_("This account has no mail address. Please hand out a code instead."))
    if not outbox.channels.is_open("mail"):
        return msg(N_("The portal sends no mail yet. Please hand out a code instead."))
    return None
