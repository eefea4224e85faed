"""Tables of accounts: sessions, one-time codes, second factors, requests to be erased."""

from __future__ import annotations

from peewee import AutoField, BooleanField, CharField, Check, ForeignKeyField, IntegerField, TextField

from content.db import Base, UtcDateTimeField
from content.people import Person


class Session(Base):
    """A browser in which somebody is signed in. The token itself is kept by the browser alone."""

    id = AutoField()
    person_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    digest = CharField(max_length=64, unique=True)  # SHA-256 of the token
    created_at = UtcDateTimeField()
    seen_at = UtcDateTimeField()  # written at most every ten minutes
    address = CharField(max_length=64, default="")
    browser = CharField(max_length=60, default="")  # a few words: Safari · iPhone
    remembered = BooleanField(default=False)
    second = BooleanField(default=False)  # a second factor was shown
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("person", "seen_at"), False), (("seen_at",), False))


Session.add_index(Session.index(Session.seen_at, name="session_open").where(Session.ended_at.is_null()))


class OneTimeCode(Base):
    """A code with which somebody who forgot the password sets a new one, once; kept as a digest only."""

    id = AutoField()
    person_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    purpose = CharField(max_length=10)  # mail: the link of a letter; counter: told by the service centre
    digest = CharField(max_length=64, unique=True)
    made_by = ForeignKeyField(Person, null=True, backref="+", on_delete="SET NULL")
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    used_at = UtcDateTimeField(null=True)
    tries = IntegerField(default=0)  # wrong ones

    class Meta:
        constraints = [Check("purpose IN ('mail', 'counter')"), Check("tries >= 0")]


OneTimeCode.add_index(
    OneTimeCode.index(OneTimeCode.person, OneTimeCode.purpose, name="one_time_code_open").where(
        OneTimeCode.used_at.is_null()
    )
)


class SecondFactor(Base):
    """The secret that a person's telephone shares with the portal; in force once a code of it was shown."""

    person_id: int
    person = ForeignKeyField(Person, primary_key=True, on_delete="CASCADE")
    secret = CharField(max_length=64)
    created_at = UtcDateTimeField()
    confirmed_at = UtcDateTimeField(null=True)
    last_step = IntegerField(default=0)  # half-minute of the last code; it and earlier ones are used up


class RecoveryCode(Base):
    """A code on paper that stands for the second factor once."""

    id = AutoField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    digest = CharField(max_length=64)
    used_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("person", "digest"), True),)


class ErasureRequest(Base):
    """Somebody wants what is kept about them erased, and what was decided."""

    id = AutoField()
    person_id: int
    decided_by_id: int | None
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    asked_at = UtcDateTimeField()
    reason = TextField(default="")
    state = CharField(max_length=10, default="asked")
    decided_by = ForeignKeyField(Person, null=True, backref="+", on_delete="RESTRICT")
    decided_at = UtcDateTimeField(null=True)
    answer = TextField(default="")

    class Meta:
        indexes = ((("person", "id"), False), (("state", "id"), False))
        constraints = [
            Check("state IN ('asked', 'withdrawn', 'refused', 'done')"),
            Check("state = 'asked' OR decided_at IS NOT NULL"),
            Check("state <> 'refused' OR answer <> ''"),
        ]


ErasureRequest.add_index(
    ErasureRequest.index(ErasureRequest.person, name="erasure_request_open", unique=True).where(
        ErasureRequest.state == "asked"
    )
)
