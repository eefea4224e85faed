"""What people wish to be told, what is to be announced, and by what messages of the inbox are sorted."""

from peewee import BooleanField, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, Model


class Person(Model):
    class Meta:
        table_name = "person"


class Item(Model):
    class Meta:
        table_name = "item"


class Section(Model):
    class Meta:
        table_name = "section"


class ReaderWishes(Model):
    person = ForeignKeyField(Person, primary_key=True, on_delete="CASCADE")
    mail_mode = CharField(max_length=10, default="")
    digest_hour = IntegerField(null=True)
    digest_weekday = IntegerField(null=True)
    digest_at = DateTimeField(null=True)
    urgent = BooleanField(null=True)
    mine = BooleanField(null=True)
    mail_key = CharField(max_length=32, default="")
    calendar_token = CharField(max_length=40, null=True, unique=True)

    class Meta:
        table_name = "reader_wishes"
        constraints = [
            Check("mail_mode IN ('', 'each', 'daily', 'weekly', 'none')"),
            Check("digest_hour IS NULL OR digest_hour BETWEEN 0 AND 23"),
            Check("digest_weekday IS NULL OR digest_weekday BETWEEN 0 AND 6"),
            Check("digest_at IS NULL OR mail_mode IN ('daily', 'weekly')"),
        ]


ReaderWishes.add_index(
    ReaderWishes.index(ReaderWishes.digest_at, name="reader_wishes_digest").where(
        ReaderWishes.digest_at.is_null(False)
    )
)


class Subscription(Model):
    person = ForeignKeyField(Person, on_delete="CASCADE")
    kind = CharField(max_length=20, null=True)
    section = ForeignKeyField(Section, null=True, on_delete="CASCADE")

    class Meta:
        table_name = "subscription"
        indexes = ((("person", "kind"), True), (("person", "section"), True))
        constraints = [Check("(kind IS NULL) <> (section_id IS NULL)")]


class Announcement(Model):
    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = DateTimeField()
    reached = IntegerField(default=0)
    told_at = DateTimeField(null=True)

    class Meta:
        table_name = "announcement"


Announcement.add_index(
    Announcement.index(Announcement.at, name="announcement_open").where(Announcement.told_at.is_null())
)
TABLES = (ReaderWishes, Subscription, Announcement)


def up(migrator, db):
    with db.bind_ctx([Person, Item, Section, *TABLES], bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES)
    # Until now the inbox held nothing but the steps of the workflow.
    db.execute_sql("ALTER TABLE inbox_entry ADD COLUMN topic VARCHAR(10) NOT NULL DEFAULT 'work'")
    db.execute_sql("ALTER TABLE inbox_entry ADD COLUMN for_digest INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("CREATE INDEX inbox_entry_person_topic ON inbox_entry (person_id, topic)")
    db.execute_sql("CREATE INDEX inbox_entry_digest ON inbox_entry (person_id) WHERE for_digest = 1")
    # What hangs on the board already is known; taken down and hung up again it is no news.
    db.execute_sql(
        "INSERT INTO announcement (item_id, by_id, at, reached, told_at)"
        " SELECT id, owner_id, published_at, 0, published_at FROM item WHERE published_at IS NOT NULL"
    )
