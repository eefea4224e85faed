"""The second factor: a code that changes every half minute (TOTP, RFC 6238), and codes on paper for a lost telephone."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

import pyotp

from content import history, moment, outbox
from content.accounts import codes, sessions
from content.accounts.attempts import counted, name_of
from content.accounts.models import RecoveryCode, SecondFactor, Session
from content.accounts.own import ask_password
from content.db import transaction
from content.errors import N_, Invalid, Message, msg
from content.late import Late
from content.people import Person

_segno = Late("segno")
STEP = 30  # seconds that a code is shown
DRIFT = 1  # steps by which the telephone's clock may be off, either way
RECOVERY_CODES = 10
WRONG: Message = msg(N_("This code is not right. Please type the one that the app shows now."))


@dataclass(frozen=True)
class Setup:
    """What the person's app needs: the picture for its camera, or the letters to type."""

    secret: str
    picture: str  # an <svg> without a style attribute


def factor_of(person: Person) -> SecondFactor | None:
    """The second factor that is in force, if there is one."""
    row: SecondFactor | None = SecondFactor.get_or_none(SecondFactor.person == person.id)
    return row if row is not None and row.confirmed_at is not None else None


def begin(person: Person, password: str) -> None:
    """Make a new secret, which is in force after ``confirm``. Raises ``Invalid`` (password, or there is one)."""
    ask_password(person, password)
    with transaction():
        if factor_of(person) is not None:
            raise Invalid({}, msg(N_("You have a second factor already.")))
        SecondFactor.delete().where(SecondFactor.person == person.id).execute()
        SecondFactor.create(person=person.id, secret=pyotp.random_base32(), created_at=moment.now())


def setup_of(person: Person, site: str) -> Setup | None:
    """The secret that waits for its first code; ``None`` if none does. ``site`` names it in the app."""
    row = SecondFactor.get_or_none((SecondFactor.person == person.id) & SecondFactor.confirmed_at.is_null())
    if row is None:
        return None
    address = pyotp.TOTP(row.secret).provisioning_uri(name=person.username, issuer_name=site)
    picture = _segno.make(address, error="m").svg_inline(scale=5, light="#fff", omitsize=True)
    return Setup(" ".join(row.secret[place : place + 4] for place in range(0, len(row.secret), 4)), picture)


def confirm(person: Person, code: str, session: Session | None = None) -> list[str]:
    """Put the waiting secret in force and end the other sessions; returns recovery codes, shown this once.

    Raises ``Invalid`` for a wrong code and ``TooManyTries`` after ten.
    """
    with counted(name := name_of("second", str(person.id)), name), transaction():
        row = SecondFactor.get_or_none(
            (SecondFactor.person == person.id) & SecondFactor.confirmed_at.is_null()
        )
        step = _step_of(row, code) if row is not None else None
        if step is None:
            raise Invalid({"code": [WRONG]})
        SecondFactor.update(confirmed_at=moment.now(), last_step=step).where(
            SecondFactor.person == person.id
        ).execute()
        history.record(person, "person.second-factor-on", subject=person.username)
        if session is not None:
            Session.update(second=True).where(Session.id == session.id).execute()
        sessions.end_others(person, keep=session)
        return _new_recovery_codes(person)


def renew_recovery_codes(person: Person, password: str) -> list[str]:
    """New codes in place of the old ones, shown this once. Raises ``Invalid``."""
    ask_password(person, password)
    with transaction():
        if factor_of(person) is None:
            raise Invalid({}, msg(N_("You have no second factor.")))
        history.record(person, "person.recovery-codes-made", subject=person.username)
        return _new_recovery_codes(person)


def recovery_codes_left(person: Person) -> int:
    """How many of the codes on paper are unused."""
    mine = (RecoveryCode.person == person.id) & RecoveryCode.used_at.is_null()
    return int(RecoveryCode.select().where(mine).count())


def check(person: Person, code: str) -> None:
    """Accept a code of the app, each once, or one of the recovery codes.

    Raises ``Invalid`` for a wrong or used one, ``TooManyTries`` after ten, wherever they came from.
    """
    # Who gets here knows the password: all tries at one account count together, whatever their address.
    with counted(name := name_of("second", str(person.id)), name), transaction():
        row = factor_of(person)
        step = _step_of(row, code) if row is not None else None
        if step is None:
            if not _use_recovery_code(person, code):
                raise Invalid({"code": [WRONG]})
        elif not _advance(person, step):
            raise Invalid({"code": [msg(N_("This code was used already. Please wait for the next one."))]})


def remove(person: Person, password: str, code: str, session: Session | None = None) -> None:
    """Take one's own second factor off. Raises ``Invalid`` (password, code) or ``TooManyTries``."""
    ask_password(person, password)
    check(person, code)
    with transaction():
        _drop(person)
        if session is not None:
            Session.update(second=False).where(Session.id == session.id).execute()
        sessions.end_others(person, keep=session)
        history.record(person, "person.second-factor-off", subject=person.username)


def take_off(by: Person, person: Person) -> None:
    """Take somebody's second factor off who lost telephone and paper; the caller has checked the right."""
    with transaction():
        if _drop(person):
            sessions.end_others(person)
            history.record(by, "person.second-factor-off", subject=person.username)
            told = msg(N_("Your second factor was taken off at the service centre. Please set it up anew."))
            outbox.tell(person, told, "/account/second")


def _drop(person: Person) -> bool:
    RecoveryCode.delete().where(RecoveryCode.person == person.id).execute()
    return bool(SecondFactor.delete().where(SecondFactor.person == person.id).execute())


def _step_of(row: SecondFactor, code: str) -> int | None:
    """The half minute to which a code belongs, within the drift; ``None`` if it is wrong."""
    typed = codes.fold(code)
    if len(typed) != 6 or not typed.isascii() or not typed.isdecimal():
        return None
    totp, now = pyotp.TOTP(row.secret), int(moment.now().timestamp()) // STEP
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step), typed):
            found = step
    return found


def _advance(person: Person, step: int) -> bool:
    """Use up a code and all before it; one statement, so that of two at once only one succeeds."""
    fresh = (SecondFactor.person == person.id) & (SecondFactor.last_step < step)
    return bool(SecondFactor.update(last_step=step).where(fresh).execute())


def _new_recovery_codes(person: Person) -> list[str]:
    RecoveryCode.delete().where(RecoveryCode.person == person.id).execute()
    made = [codes.make(12, 4) for _ in range(RECOVERY_CODES)]
    for code in made:
        RecoveryCode.create(person=person.id, digest=codes.digest_of(code, of=f"{person.id}:"))
    return made


def _use_recovery_code(person: Person, code: str) -> bool:
    mine = (RecoveryCode.person == person.id) & RecoveryCode.used_at.is_null()
    digest = codes.digest_of(code, of=f"{person.id}:")
    if not RecoveryCode.update(used_at=moment.now()).where(mine, RecoveryCode.digest == digest).execute():
        return False
    history.record(person, "person.recovery-code-used", subject=person.username)
    told = msg(
        N_("A recovery code of yours was used to sign in. %(count)s are left."),
        count=recovery_codes_left(person),
    )
    outbox.tell(person, told, "/account/second")
    return True
