"""A new password for who forgot it: by a link in a letter, or by a code that the service centre hands out."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from content import history, moment, outbox, passwords, people, throttle
from content.accounts import codes, sessions
from content.accounts.attempts import counted, name_of
from content.accounts.models import OneTimeCode
from content.db import database, transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.people import Person
from content.signing_names import mail_key_of

GOOD_FOR = {"mail": timedelta(minutes=30), "counter": timedelta(hours=24)}
TRIES = 10  # wrong ones; then the code is dead, wherever they came from
LETTERS = 3  # open links of one person at a time
KEPT = timedelta(days=30)
WRONG: Message = msg(
    N_("The telephone or user name does not go with this code, or the code is used or out of date.")
)


def send_link(typed: str, *, address: str) -> None:
    """Send a link to a mail address, if there is an account with it; nobody learns whether there is.

    Raises ``Invalid`` (email) for what is no address and ``TooManyTries`` after ten letters.
    """
    mail = mail_key_of(typed)
    if mail is None:
        raise Invalid({"email": [msg(N_("This is not a mail address. It looks like name@example.org."))]})
    name = name_of("forgot", mail)
    throttle.check(name, address)
    person = people.open_account(Person.mail_key == mail)
    with transaction():
        throttle.note_failure(name, address)
        # The same is written in either case, so that the time does not tell; for nobody it is taken back.
        nobody = people.visitors()
        hearer = person or nobody
        room = _open_codes(hearer, "mail").count() < LETTERS
        with database.atomic() as written:
            post_link(hearer)
            if person is None or not room:
                written.rollback()


def post_link(person: Person) -> None:
    """A letter with a link to set a new password, in the transaction of the caller, who has checked the right."""
    token = secrets.token_urlsafe(32)
    _keep(person, "mail", sessions.digest_of(token), None)
    text = N_(
        "With this link you set a new password, within 30 minutes and once. If you did not ask for it, do nothing."
    )
    packed = outbox.pack(msg(text))
    outbox.enqueue("mail", recipient=person, context={**packed, "url": f"/forgot/{token}"})


def owner_of(token: str) -> Person:
    """Whose link this is. Raises ``NotFound`` for one that is used, out of date, or none."""
    return _by_token(token).person


def reset_by_link(token: str, password: str) -> Person:
    """Set a new password and end all sessions. Raises ``NotFound`` (link) or ``Invalid`` (password)."""
    row = _by_token(token)
    people.check_password(row.person, password)
    with transaction():
        if not _use(row):
            raise NotFound()
        return _set(row.person, password, "mail")


def make_code(by: Person, person: Person) -> str:
    """A code for somebody at the counter or on the telephone; earlier ones end. The caller has checked the right."""
    code = codes.make(10, 5)
    with transaction():
        OneTimeCode.update(used_at=moment.now()).where(_mine_and_open(person, "counter")).execute()
        _keep(person, "counter", codes.digest_of(code, of=f"{person.id}:"), by)
        history.record(by, "person.code-handed-out", subject=person.username)
        told = msg(N_("The service centre handed out a code to set a new password for your account."))
        outbox.tell(person, told, "/account")
    return code


def reset_by_code(who: str, typed: str, password: str, *, address: str) -> Person:
    """Set a new password with a code of the service centre and end all sessions.

    Raises ``Invalid`` (code for unknown people and wrong, used and expired codes alike; password) and
    ``TooManyTries`` after ten wrong ones.
    """
    wrong = passwords.problem(password, [who])
    if wrong is not None:
        raise Invalid({"password": [wrong]})
    with counted(name_of("code", who), address):
        person = people.find_account(who)
        made = passwords.hashed(password)  # as much work whether there is a code or not
        nobody = people.visitors()  # has no codes, and is asked for them in the same steps
        row = _match(person if person is not None and person.is_active else nobody, typed)
        if row is None:
            raise Invalid({"code": [WRONG]})
        people.check_password(row.person, password)
        with transaction():
            if not _use(row):
                raise Invalid({"code": [WRONG]})
            return _set(row.person, password, "counter", made)


def end_codes(person: Person, purpose: str = "") -> None:
    """End the links and codes of a person that are out (of one purpose), in the transaction of what outdates them."""
    mine = (OneTimeCode.person == person.id) & OneTimeCode.used_at.is_null()
    if purpose:
        mine &= OneTimeCode.purpose == purpose
    OneTimeCode.update(used_at=moment.now()).where(mine).execute()


def _match(person: Person, typed: str) -> OneTimeCode | None:
    """The open code that was typed; a wrong one counts against all that are open."""
    digest = codes.digest_of(typed, of=f"{person.id}:")
    with transaction():
        row: OneTimeCode | None = _open_codes(person, "counter").where(OneTimeCode.digest == digest).first()
        if row is None:
            OneTimeCode.update(tries=OneTimeCode.tries + 1).where(_mine_and_open(person, "counter")).execute()
    return row


def _by_token(token: str) -> OneTimeCode:
    row: OneTimeCode | None = (
        OneTimeCode.select(OneTimeCode, Person)
        .join(Person, on=OneTimeCode.person)
        .where(OneTimeCode.digest == sessions.digest_of(token), OneTimeCode.purpose == "mail", _is_open())
        .first()
    )
    if row is None or not row.person.is_active:
        raise NotFound(msg(N_("This link is used or out of date. Please ask for a new one.")))
    return row


def _set(person: Person, password: str, way: str, made: str = "") -> Person:
    Person.update(password_hash=made or passwords.hashed(password)).where(Person.id == person.id).execute()
    sessions.end_others(person)
    history.record(person, "person.password-reset", subject=person.username, difference={"way": way})
    told = msg(N_("Your password was set anew. If it was not you, please call the service centre at once."))
    outbox.tell(person, told, "/account/sessions")
    return person


def _keep(person: Person, purpose: str, digest: str, by: Person | None) -> None:
    now = moment.now()
    OneTimeCode.delete().where(OneTimeCode.expires_at < now - KEPT).execute()
    OneTimeCode.create(
        person=person.id, purpose=purpose, digest=digest, made_by=by and by.id, created_at=now,
        expires_at=now + GOOD_FOR[purpose],
    )  # fmt: skip


def _use(row: OneTimeCode) -> bool:
    """Spend it; of two at once one succeeds. All the other open ones of the person end with it."""
    now = moment.now()
    spent = OneTimeCode.update(used_at=now).where((OneTimeCode.id == row.id) & _is_open()).execute()
    if spent:
        end_codes(row.person)
    return bool(spent)


def _is_open() -> Any:
    return (
        OneTimeCode.used_at.is_null() & (OneTimeCode.expires_at > moment.now()) & (OneTimeCode.tries < TRIES)
    )


def _mine_and_open(person: Person, purpose: str) -> Any:
    return (OneTimeCode.person == person.id) & (OneTimeCode.purpose == purpose) & _is_open()


def _open_codes(person: Person, purpose: str) -> Any:
    return OneTimeCode.select().where(_mine_and_open(person, purpose))
