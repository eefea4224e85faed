"""Making an account with the code of a home, and adding a home to an account.

Wrong, used and expired codes get one answer. With a good code the answer does not tell whether the telephone or
mail address has an account already: then none is made, and its owner is told (docs/decisions/0013-accounts.md).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from content import history, moment, outbox, passwords, people, telephones, throttle
from content.accounts import codes
from content.accounts.attempts import counted, name_of
from content.db import transaction
from content.errors import N_, Invalid, Message, msg
from content.estate.codes import WRONG_CODE, fold_code, redeem, use
from content.households import HouseholdCode, Resident
from content.people import Person
from content.signing_names import mail_key_of

FIELDS = ("code", "name", "address_form", "telephone", "email", "password")
AGAIN = timedelta(minutes=15)  # in which the same form sent again is no try
EMPTY: Message = msg(N_("Please fill this in."))
NOT_MAIL: Message = msg(N_("This is not a mail address. It looks like name@example.org."))


def register(values: Mapping[str, str], *, address: str) -> Person | None:
    """Make the account of a resident: owner or tenant as the code says, linked to the home.

    Returns the person, or ``None`` where the telephone or mail address has an account; the web must answer the same.
    Raises ``Invalid`` (fields) and ``TooManyTries`` after ten tries in a quarter of an hour.
    """
    read = {name: values.get(name, "").strip() for name in FIELDS} | {"password": values.get("password", "")}
    phone, mail = _checked(read)
    spent = HouseholdCode.get_or_none(HouseholdCode.digest == _digest(read["code"]))
    used_by = _just_used_by(spent)
    name = name_of("register", address)
    with counted(name, address):
        # Both cost the same whatever comes of it.
        made = passwords.hashed(read["password"])
        twice = people.verify(used_by, read["password"])
        if twice and used_by is not None and used_by.phone_key == phone:
            return None  # a nervous thumb sent the form again
        with transaction():
            code = redeem(read["code"])
            if code is None:
                raise Invalid({"code": [WRONG_CODE]})
            known = _known(phone, mail)
            if known is None:
                return _make(code, read, phone, made)
            _tell(code, known)
    throttle.note_failure(name, address)  # or the count itself would tell
    return None


def add_home(person: Person, code: str, *, address: str) -> Resident:
    """Add the home of a code to one's own account. Raises ``Invalid`` (code) and ``TooManyTries``."""
    name = name_of("register", address)
    with counted(name, address), transaction():
        found = redeem(code)
        if found is None:
            raise Invalid({"code": [WRONG_CODE]})
        resident = use(found, person)
        history.record(person, "person.home-added", subject=person.username)
        person.__dict__.pop("grants", None)
        return resident


def _just_used_by(code: HouseholdCode | None) -> Person | None:
    """Who made an account with the code a moment ago; later the paper must not tell whether a password is right."""
    if code is None or code.used_at is None or code.used_at < moment.now() - AGAIN:
        return None
    found: Person | None = code.used_by
    return found


def _digest(typed: str) -> str:
    return hashlib.sha256(fold_code(typed).encode()).hexdigest()


def _checked(read: Mapping[str, str]) -> tuple[str, str | None]:
    """Telephone and mail key of what was typed. Raises ``Invalid`` with all that is wrong; says nothing of the code."""
    problems: dict[str, list[Message]] = {}
    if not fold_code(read["code"]):
        problems["code"] = [EMPTY]
    if not read["name"]:
        problems["name"] = [EMPTY]
    elif len(read["name"]) > 100:
        problems["name"] = [msg(N_("A name has 1 to 100 characters."))]
    if len(read["address_form"]) > 20:
        problems["address_form"] = [msg(N_("At most 20 characters, please."))]
    phone = telephones.read(read["telephone"])
    if phone is None:
        problems["telephone"] = [telephones.NOT_A_NUMBER]
    mail = mail_key_of(read["email"])
    if read["email"] and mail is None:
        problems["email"] = [NOT_MAIL]
    names = [
        read["name"],
        read["telephone"],
        phone or "",
        (phone or "")[3:],
        read["email"],
        (mail or "").split("@")[0],
    ]
    wrong = passwords.problem(read["password"], names)
    if wrong is not None:
        problems["password"] = [wrong]
    if problems or phone is None:
        raise Invalid(problems)
    return phone, mail


def _known(phone: str, mail: str | None) -> Person | None:
    found = people.open_account(Person.phone_key == phone)
    if found is None and mail is not None:
        found = people.open_account(Person.mail_key == mail)
    return found


def _make(code: HouseholdCode, read: Mapping[str, str], phone: str, password_hash: str) -> Person:
    person = people.add_person(
        _user_name(), read["name"], address_form=read["address_form"], telephone=telephones.show(phone),
        phone_key=phone, email=read["email"],
    )  # fmt: skip
    Person.update(password_hash=password_hash).where(Person.id == person.id).execute()
    person.password_hash = password_hash
    use(code, person)
    history.record(person, "person.registered", subject=person.username)
    return person


def _user_name() -> str:
    """A name of no meaning: the audit repeats it, and it must not say whose it was once the person is erased."""
    while True:
        name = "r" + "".join(secrets.choice(codes.ALPHABET.lower()) for _ in range(7))
        if not Person.select().where(Person.username == name).exists():
            return name


def _tell(code: HouseholdCode, owner: Person) -> None:
    text = N_(
        "Somebody with the code of a home tried to make an account with your telephone or mail address. "
        "You have one already, so none was made. If it was you, add the home here under “My account”."
    )
    outbox.tell(owner, msg(text), "/account", dedupe=f"register:{code.id}")
