"""Sessions, one-time codes, second factors, requests to be erased; what people sign in with beside the user name."""

from peewee import (
    BooleanField,
    CharField,
    Check,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Person(Model):
    class Meta:
        table_name = "person"


class Session(Model):
    person = ForeignKeyField(Person, on_delete="CASCADE")
    digest = CharField(max_length=64, unique=True)
    created_at = DateTimeField()
    seen_at = DateTimeField()
    address = CharField(max_length=64, default="")
    browser = CharField(max_length=60, default="")
    remembered = BooleanField(default=False)
    second = BooleanField(default=False)
    ended_at = DateTimeField(null=True)

    class Meta:
        table_name = "session"
        indexes = ((("person", "seen_at"), False),)


class OneTimeCode(Model):
    person = ForeignKeyField(Person, on_delete="CASCADE")
    purpose = CharField(max_length=10)
    digest = CharField(max_length=64, unique=True)
    made_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    created_at = DateTimeField()
    expires_at = DateTimeField()
    used_at = DateTimeField(null=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "one_time_code"
        constraints = [Check("purpose IN ('mail', 'counter')"), Check("tries >= 0")]


OneTimeCode.add_index(
    OneTimeCode.index(OneTimeCode.person, OneTimeCode.purpose, name="one_time_code_open").where(
        OneTimeCode.used_at.is_null()
    )
)


class SecondFactor(Model):
    person = ForeignKeyField(Person, primary_key=True, on_delete="CASCADE")
    secret = CharField(max_length=64)
    created_at = DateTimeField()
    confirmed_at = DateTimeField(null=True)
    last_step = IntegerField(default=0)

    class Meta:
        table_name = "second_factor"


class RecoveryCode(Model):
    person = ForeignKeyField(Person, on_delete="CASCADE")
    digest = CharField(max_length=64)
    used_at = DateTimeField(null=True)

    class Meta:
        table_name = "recovery_code"
        indexes = ((("person", "digest"), True),)


class ErasureRequest(Model):
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    asked_at = DateTimeField()
    reason = TextField(default="")
    state = CharField(max_length=10, default="asked")
    decided_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    answer = TextField(default="")

    class Meta:
        table_name = "erasure_request"
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

TABLES = (Session, OneTimeCode, SecondFactor, RecoveryCode, ErasureRequest)


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("person", "phone_key", CharField(max_length=20, null=True)),
        migrator.add_column("person", "mail_key", CharField(max_length=200, null=True)),
        migrator.add_column("person", "erased_at", DateTimeField(null=True)),
    )
    for name in ("phone_key", "mail_key"):
        db.execute_sql(f"CREATE INDEX person_{name} ON person ({name})")
        # Of two open accounts never both are meant; a shut one keeps its number for the day it is opened again.
        db.execute_sql(f"CREATE UNIQUE INDEX person_{name}_open ON person ({name}) WHERE active = 1")
    # An address that two accounts have in common says of neither who signs in.
    db.execute_sql(
        "UPDATE person SET mail_key = lower(email) WHERE email LIKE '%@%' AND NOT EXISTS"
        " (SELECT 1 FROM person AS other WHERE other.id <> person.id AND lower(other.email) = lower(person.email))"
    )
    with db.bind_ctx([Person, *TABLES], bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES)
