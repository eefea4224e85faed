"""Where imported documents came from."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


class Item(Model):
    class Meta:
        table_name = "item"


class ImportSource(Model):
    path = TextField()
    part = IntegerField()
    title = CharField(max_length=200)
    digest = CharField(max_length=64, index=True)
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+")
    version = IntegerField()
    at = DateTimeField()

    class Meta:
        table_name = "import_source"
        indexes = ((("path", "part"), True),)


def up(migrator, db):
    with db.bind_ctx([Item, ImportSource], bind_refs=False, bind_backrefs=False):
        db.create_tables([ImportSource])
