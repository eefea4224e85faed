"""What people change of their own account: password, telephone and mail address."""

from __future__ import annotations

from peewee import CharField

from content import history, outbox, passwords, people, telephones
from content.accounts import resetting, sessions
from content.accounts.attempts import counted, name_of
from content.accounts.models import Session
from content.accounts.registering import NOT_MAIL
from content.db import transaction
from content.errors import N_, Invalid, Message, msg
from content.people import Person
from content.signing_names import mail_key_of


def change_password(person: Person, present: str, new: str, session: Session | None = None) -> None:
    """Change one's own password; all other sessions, links and codes end, the present one (``session``) stays.

    Raises ``Invalid`` (password: the present one, new_password) and ``TooManyTries``.
    """
    ask_password(person, present)
    try:
        people.check_password(person, new)
    except Invalid as invalid:
        raise Invalid({"new_password": invalid.fields["password"]}) from None
    made = passwords.hashed(new)
    with transaction():
        Person.update(password_hash=made).where(Person.id == person.id).execute()
        person.password_hash = made
        sessions.end_others(person, keep=session)
        resetting.end_codes(person)
        history.record(person, "person.password-changed", subject=person.username)


def change_contact(person: Person, present: str, telephone: str, email: str) -> None:
    """Change the telephone and mail address with which one signs in and is reached.

    What another account signs in with stays with that one, which is told. Then one is only reached there and goes on
    signing in with what one had; the answer is the same. Raises ``Invalid`` (password, telephone, email) and
    ``TooManyTries``.
    """
    ask_password(person, present)
    phone, mail = telephones.read(telephone), mail_key_of(email)
    problems: dict[str, list[Message]] = {}
    if telephone.strip() and phone is None:
        problems["telephone"] = [telephones.NOT_A_NUMBER]
    if email.strip() and mail is None:
        problems["email"] = [NOT_MAIL]
    if not phone and person.phone_key and not person.is_staff:
        problems["telephone"] = [msg(N_("You sign in with your telephone, so there has to be one."))]
    if problems:
        raise Invalid(problems)
    with transaction():
        changes: dict[str, object] = {
            "email": email.strip(),
            "phone_key": _free(person, Person.phone_key, phone),
            "mail_key": _free(person, Person.mail_key, mail),
        }
        if not person.in_directory:  # the number of the directory is the office's
            changes["telephone"] = telephones.show(phone) if phone else ""
        changed = sorted(
            name for name, value in changes.items() if (getattr(person, name) or "") != (value or "")
        )
        if changed:
            Person.update(changes).where(Person.id == person.id).execute()
            if "email" in changed:  # what was sent to the old address opens nothing any more
                resetting.end_codes(person, "mail")
            history.record(
                person, "person.contact-changed", subject=person.username, difference={"fields": changed}
            )
            told = msg(N_("The telephone or mail address of your account was changed."))
            outbox.tell(person, told, "/account")
    for name, value in changes.items():
        setattr(person, name, value)


def ask_password(person: Person, present: str) -> None:
    """Raise ``Invalid`` (password) unless this is the person's password; ``TooManyTries`` after ten."""
    with counted(name := name_of("own", str(person.id)), name):
        if not people.verify(person, present):
            raise Invalid({"password": [msg(N_("This is not your present password."))]})


def _free(person: Person, key: CharField, value: str | None) -> str | None:
    """The value if no other open account signs in with it; else what the person had, and its owner is told."""
    other = people.open_account((key == value) & (Person.id != person.id)) if value else None
    if other is None:
        return value
    text = N_(
        "Somebody else gave your telephone or mail address for an account. It stays yours; nothing was changed."
    )
    outbox.tell(other, msg(text), "/account", dedupe=f"contact:{person.id}")
    kept: str | None = getattr(person, key.name)
    return kept
