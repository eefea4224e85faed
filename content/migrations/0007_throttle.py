"""Failed tries to sign in."""

from peewee import CharField, DateTimeField, Model


class FailedTry(Model):
    name = CharField(max_length=60)
    address = CharField(max_length=64)
    at = DateTimeField()

    class Meta:
        table_name = "failed_try"
        indexes = ((("name", "at"), False), (("address", "at"), False), (("at",), False))


def up(migrator, db):
    with db.bind_ctx([FailedTry]):
        db.create_tables([FailedTry])
