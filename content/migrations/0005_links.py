"""Links between items, and the order of a section's contents."""

from peewee import BooleanField, CharField, CompositeKey, ForeignKeyField, Model


class Item(Model):
    class Meta:
        table_name = "item"


class ItemLink(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+")
    target = CharField(max_length=32)
    live = BooleanField(default=True)

    class Meta:
        table_name = "item_link"
        primary_key = CompositeKey("item", "target", "live")
        indexes = ((("target", "live"), False),)


def up(migrator, db):
    tables = [Item, ItemLink]
    with db.bind_ctx(tables, bind_refs=False, bind_backrefs=False):
        db.create_tables([ItemLink])
    # Folder contents are read in this order, however many items a section holds.
    db.execute_sql('CREATE INDEX "item_section_id_position" ON "item" ("section_id", "position")')
