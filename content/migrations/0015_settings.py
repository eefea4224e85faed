"""Settings that were changed while the portal runs, and what was looked for in vain."""

from peewee import (
    CharField,
    Check,
    CompositeKey,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Person(Model):
    class Meta:
        table_name = "person"


class Setting(Model):
    name = CharField(max_length=40, primary_key=True)
    value = TextField(null=True)
    version = IntegerField(default=1)
    changed_at = DateTimeField()
    by = ForeignKeyField(Person, on_delete="RESTRICT")

    class Meta:
        table_name = "setting"
        indexes = ((("by",), False),)


class SearchMiss(Model):
    day = DateField()
    words = CharField(max_length=60)
    count = IntegerField(default=1)

    class Meta:
        table_name = "search_miss"
        primary_key = CompositeKey("day", "words")
        without_rowid = True
        constraints = [Check("count > 0")]


def up(migrator, db):
    with db.bind_ctx([Person, Setting, SearchMiss], bind_refs=False, bind_backrefs=False):
        db.create_tables([Setting, SearchMiss])
    db.execute_sql('CREATE INDEX case_answered ON "case" (answered_at) WHERE answered_at IS NOT NULL')
