"""Uploaded files and what shows them."""

from peewee import BooleanField, CharField, CompositeKey, DateTimeField, ForeignKeyField, IntegerField, Model


class Person(Model):
    class Meta:
        table_name = "person"


class Item(Model):
    class Meta:
        table_name = "item"


class StoredFile(Model):
    uid = CharField(max_length=32, unique=True)
    name = CharField(max_length=200)
    media_type = CharField(max_length=100)
    size = IntegerField()
    sha256 = CharField(max_length=64, index=True)
    width = IntegerField(null=True)
    height = IntegerField(null=True)
    alt = CharField(max_length=400, default="")
    owner = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
    created_at = DateTimeField()
    trashed_at = DateTimeField(null=True)

    class Meta:
        table_name = "stored_file"


class FileUse(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+")
    file = ForeignKeyField(StoredFile, on_delete="RESTRICT", backref="+")
    live = BooleanField(default=True)

    class Meta:
        table_name = "file_use"
        primary_key = CompositeKey("item", "file", "live")
        indexes = ((("file", "live"), False),)


def up(migrator, db):
    tables = [Person, Item, StoredFile, FileUse]
    with db.bind_ctx(tables, bind_refs=False, bind_backrefs=False):
        db.create_tables([StoredFile, FileUse])
