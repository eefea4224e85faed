"""Rows to deliver and the inboxes of people."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


class Person(Model):
    class Meta:
        table_name = "person"


class Outgoing(Model):
    channel = CharField(max_length=20)
    template = CharField(max_length=100, default="")
    recipient = ForeignKeyField(Person, null=True, on_delete="CASCADE")
    address = CharField(max_length=320, default="")
    context = TextField()
    dedupe = CharField(max_length=200, null=True, unique=True)
    created_at = DateTimeField()
    due_at = DateTimeField()
    tries = IntegerField(default=0)
    claim = CharField(max_length=32, default="")
    claimed_until = DateTimeField(null=True)
    sent_at = DateTimeField(null=True)
    failed_at = DateTimeField(null=True)
    error = TextField(default="")

    class Meta:
        table_name = "outgoing"


class InboxEntry(Model):
    person = ForeignKeyField(Person, on_delete="CASCADE")
    message_id = TextField()
    values = TextField()
    url = CharField(max_length=500, default="")
    dedupe = CharField(max_length=240, null=True, unique=True)
    created_at = DateTimeField()
    read_at = DateTimeField(null=True)

    class Meta:
        table_name = "inbox_entry"
        indexes = ((("person", "read_at"), False),)


Outgoing.add_index(
    Outgoing.index(Outgoing.channel, Outgoing.due_at, name="outgoing_open").where(
        Outgoing.sent_at.is_null(), Outgoing.failed_at.is_null()
    )
)


def up(migrator, db):
    with db.bind_ctx([Person, Outgoing, InboxEntry], bind_refs=False, bind_backrefs=False):
        db.create_tables([Outgoing, InboxEntry])
