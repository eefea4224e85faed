"""What search knows of the content, and the site's glossary."""

from peewee import CharField, DateTimeField, ForeignKeyField, Model, TextField


class Item(Model):
    class Meta:
        table_name = "item"


class SearchDocument(Model):
    key = CharField(max_length=80, unique=True)
    item = ForeignKeyField(Item, on_delete="CASCADE")
    number = CharField(max_length=120, null=True)
    kind = CharField(max_length=20)
    title = TextField()
    text = TextField()
    folded_title = TextField()
    folded = TextField()
    section_path = CharField(max_length=200)
    audience = TextField()
    published_at = DateTimeField()
    version = CharField(max_length=32)

    class Meta:
        table_name = "search_document"


class Term(Model):
    hant = CharField(max_length=60, unique=True)
    hans = CharField(max_length=60, unique=True)

    class Meta:
        table_name = "term"


# Words of property management where OpenCC chooses a form that nobody here writes (臺賬, 瞭解, 佈置, 傢俱).
TERMS = (
    ("台帳", "台账"),
    ("業戶", "业户"),
    ("首接責任制", "首接责任制"),
    ("首接責任人", "首接责任人"),
    ("聯繫", "联系"),
    ("回訪", "回访"),
    ("了解", "了解"),
    ("布置", "布置"),
    ("家具", "家具"),
    ("公布", "公布"),
    ("發布", "发布"),
    ("周邊", "周边"),
)


def up(migrator, db):
    tables = (SearchDocument, Term)
    with db.bind_ctx((Item, *tables), bind_refs=False, bind_backrefs=False):
        db.create_tables(tables)
        Term.insert_many(TERMS, fields=[Term.hant, Term.hans]).execute()
