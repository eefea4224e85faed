"""The first-run assistant: an empty portal gets its name, its telephones, its communities and its administrator.

Whoever was there first would own the portal, so it asks for a code that only the machine's keeper can read: it is
printed at the start and lies in the data folder. Once somebody can sign in, all this is gone.
"""

from __future__ import annotations

import hmac
import os
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content import accounts, history, moment, passwords, people, preferences, throttle
from content.db import database, transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.items import bump_content_version
from content.people import Community, Person, Site
from content.settings import ABOUT, Settings
from content.typed_settings import Refused, read_typed

FILE = "setup-code"
SETTINGS = ("site_name", "phone_day", "phone_night", "office_hours", "locale", "hant_variant")
FIELDS = ("code", *SETTINGS, "communities", "name", "username", "password")
MOST_COMMUNITIES = 50
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is read as another
_COUNTED_AS = "first run"  # no user name has a space
_begun: Any = None  # the database in which somebody was seen who can sign in


@dataclass(frozen=True)
class _Answers:
    settings: dict[str, Any]
    communities: tuple[str, ...]
    name: str
    username: str
    password: str


def needed() -> bool:
    """Whether nobody can sign in yet: no account has a password. Asked of the database until it is not so."""
    global _begun
    if _begun is database.obj:
        return False
    there = Person.select().where(Person.system == False, Person.password_hash != "").exists()  # noqa: E712
    if there:
        _begun = database.obj
    return not there


def setup_code(settings: Settings) -> str | None:
    """The code that the assistant asks for, made if there is none; ``None``, and no file, once it is not needed."""
    path = settings.data / FILE
    if not needed():
        path.unlink(missing_ok=True)
        return None
    if held := _read(path):
        return held
    path.unlink(missing_ok=True)  # empty, or not to be read by us: no code that is typed would be right
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path) or None
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(code + "\n")
    return code


def begin(base: Settings, typed: Mapping[str, str], *, address: str = "") -> Person:
    """Set the portal up, all or nothing, and return its first administrator.

    Raises ``NotFound`` if it is set up already, also by somebody else at the same moment; ``TooManyTries``;
    ``Invalid`` with the names of ``FIELDS``.
    """
    global _begun
    if not needed():
        raise NotFound()
    _check_code(base, typed.get("code", ""), address)
    answers = _answers(base, typed)
    hashed = passwords.hashed(answers.password)  # takes its time, so before the transaction
    with transaction():
        if not needed():
            raise NotFound()
        person = _administrator(answers, hashed)
        site = Site.select().order_by(Site.id).first()
        Site.update(name=answers.settings.get("site_name", base.site_name)).where(
            Site.id == site.id
        ).execute()
        for name in answers.communities:
            Community.create(site=site, name=name)
        for about_subject in dict.fromkeys(ABOUT[name].subject for name in answers.settings):
            mine = {
                name: one for name, one in answers.settings.items() if ABOUT[name].subject == about_subject
            }
            preferences.write(base, person, mine)
        history.record(person, "portal.begun", difference={"communities": [0, len(answers.communities)]})
        bump_content_version()
    _begun = database.obj
    (base.data / FILE).unlink(missing_ok=True)
    return person


def _check_code(base: Settings, typed: str, address: str) -> None:
    """Raise ``Invalid`` for another code; each is counted, and the answer takes as long for all."""
    throttle.check(_COUNTED_AS, address)
    right = _plain(_read(base.data / FILE))
    if right and hmac.compare_digest(_plain(typed).encode(), right.encode()):
        return
    throttle.note_failure(_COUNTED_AS, address)
    raise Invalid(
        {
            "code": [
                msg(N_("This is not the setup code. It stands in the window where the portal was started."))
            ]
        }
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _plain(code: str) -> str:
    folded = unicodedata.normalize("NFKC", code[:200]).upper()
    return "".join(char for char in folded if char.isalnum())


def _answers(base: Settings, typed: Mapping[str, str]) -> _Answers:
    """What was typed, checked all at once. Raises ``Invalid``."""
    problems: dict[str, list[Message]] = {}
    settings: dict[str, Any] = {}
    for name in SETTINGS:
        if name in base.fixed or name not in typed:
            continue
        try:
            settings[name] = read_typed(ABOUT[name], typed[name])
        except Refused as refused:
            problems[name] = [refused.message]

    def checked(field: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(typed.get(field, ""))
        except Refused as refused:
            problems[field] = [refused.message]
            return ""

    communities = checked("communities", _communities)
    name, username = checked("name", _name), checked("username", _username)
    password = typed.get("password", "")
    names = {username, name, settings.get("site_name", base.site_name)}
    wrong = passwords.problem(password, names)
    if wrong is not None:
        problems["password"] = [wrong]
    if problems:
        raise Invalid(problems)
    return _Answers(settings, communities, name, username, password)


def _communities(text: str) -> tuple[str, ...]:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    found = tuple(dict.fromkeys(line for line in lines if line))
    if len(found) > MOST_COMMUNITIES:
        raise Refused(
            msg(N_("At most %(most)s communities, please; more can be added later."), most=MOST_COMMUNITIES)
        )
    if any(len(one) > 100 for one in found):
        raise Refused(msg(N_("The name of a community has at most 100 characters.")))
    return found


def _name(text: str) -> str:
    found = " ".join(text.split())
    if not found or len(found) > 100:
        raise Refused(msg(N_("A name has 1 to 100 characters.")))
    return found


def _username(text: str) -> str:
    found = text.strip()
    if not found or len(found) > 60 or any(char.isspace() for char in found):
        raise Refused(msg(N_("A user name has 1 to 60 characters and no spaces.")))
    held = Person.get_or_none(Person.username == found)
    if held is not None and (held.system or found != accounts.FIRST):
        raise Refused(msg(N_("This user name is taken.")))
    return found


def _administrator(answers: _Answers, hashed: str) -> Person:
    """The account that ``lianxi init`` made, with a name and a password, or a new one where there is none."""
    first: Person | None = Person.get_or_none(Person.username == accounts.FIRST)
    if first is None:
        first = people.add_person(answers.username, answers.name)
    Person.update(
        username=answers.username,
        name=answers.name,
        password_hash=hashed,
        active=True,
        created_at=moment.now(),
    ).where(Person.id == first.id).execute()
    people.give_role(first, "administrator")
    found = Person.get_by_id(first.id)
    history.record(
        found, "person.added", subject=found.username, difference={"roles": [[], ["administrator"]]}
    )
    return found
