"""People, sections, items of every kind, history and audit."""

from peewee import (
    SQL,
    BooleanField,
    CharField,
    CompositeKey,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Site(Model):
    name = CharField(max_length=100)

    class Meta:
        table_name = "site"


class Community(Model):
    site = ForeignKeyField(Site, on_delete="RESTRICT", backref="+")
    name = CharField(max_length=100)

    class Meta:
        table_name = "community"


class Department(Model):
    site = ForeignKeyField(Site, on_delete="RESTRICT", backref="+")
    name = CharField(max_length=100)
    telephone = CharField(max_length=40, default="")
    position = IntegerField(default=0)

    class Meta:
        table_name = "department"


class Person(Model):
    username = CharField(max_length=60, unique=True)
    name = CharField(max_length=100)
    address_form = CharField(max_length=20, default="")
    email = CharField(max_length=200, default="")
    telephone = CharField(max_length=40, default="")
    password_hash = TextField(default="")
    active = BooleanField(default=True)
    system = BooleanField(default=False)
    department = ForeignKeyField(Department, on_delete="RESTRICT", backref="+", null=True)
    job = CharField(max_length=100, default="")
    in_directory = BooleanField(default=False)
    locale = CharField(max_length=10, default="")
    script = CharField(max_length=4, default="")
    elder = BooleanField(default=False)
    created_at = DateTimeField()

    class Meta:
        table_name = "person"


class Membership(Model):
    person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
    role = CharField(max_length=30)
    section_path = CharField(max_length=200, default="")
    community = ForeignKeyField(Community, on_delete="RESTRICT", backref="+", null=True)
    department = ForeignKeyField(Department, on_delete="RESTRICT", backref="+", null=True)
    since = DateField(null=True)
    until = DateField(null=True)

    class Meta:
        table_name = "membership"
        indexes = ((("role",), False),)
        constraints = [
            SQL(
                "CHECK ((section_path <> '') + (community_id IS NOT NULL) + (department_id IS NOT NULL) <= 1)"
            )
        ]


class Section(Model):
    uid = CharField(max_length=32, unique=True)
    site = ForeignKeyField(Site, on_delete="RESTRICT", backref="+")
    parent = ForeignKeyField("self", on_delete="RESTRICT", backref="+", null=True)
    path = CharField(max_length=200, unique=True)
    title = CharField(max_length=200)
    slug = CharField(max_length=80)
    script = CharField(max_length=4, default="")
    position = IntegerField(default=0)
    audience = TextField(default="")
    library = BooleanField(default=False)
    version = IntegerField(default=1)
    trashed_at = DateTimeField(null=True)

    class Meta:
        table_name = "section"
        indexes = ((("parent", "slug"), True), (("parent", "position"), False))


class Item(Model):
    uid = CharField(max_length=32, unique=True)
    kind = CharField(max_length=20)
    title = CharField(max_length=200)
    summary = TextField(default="")
    slug = CharField(max_length=80, default="")
    section = ForeignKeyField(Section, on_delete="RESTRICT", backref="+")
    position = IntegerField(default=0)
    language = CharField(max_length=2, default="zh")
    script = CharField(max_length=4, default="hant")
    scripts = TextField(null=True)
    state = CharField(max_length=20)
    stage = CharField(max_length=20, default="")
    owner = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
    audience = TextField(default="")
    pinned = BooleanField(default=False)
    urgent = BooleanField(default=False)
    publish_at = DateTimeField(null=True)
    expire_at = DateTimeField(null=True)
    published_at = DateTimeField(null=True)
    created_at = DateTimeField()
    changed_at = DateTimeField()
    trashed_at = DateTimeField(null=True)
    version = IntegerField(default=1)

    class Meta:
        table_name = "item"
        indexes = (
            (("state", "published_at", "id"), False),
            (("state", "pinned", "published_at"), False),
            (("kind", "state", "published_at", "id"), False),
            (("section", "state", "position"), False),
            (("owner", "changed_at"), False),
            (("state", "publish_at"), False),
            (("state", "expire_at"), False),
            (("stage", "changed_at"), False),
        )
        constraints = [
            SQL("CHECK (script IN ('hant', 'hans'))"),
            SQL("CHECK (state <> 'published' OR published_at IS NOT NULL)"),
            SQL("CHECK (expire_at IS NULL OR publish_at IS NULL OR expire_at > publish_at)"),
        ]


Item.add_index(Item.index(Item.trashed_at, name="item_trashed").where(Item.trashed_at.is_null(False)))


class ItemAudience(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+")
    audience = CharField(max_length=40)

    class Meta:
        table_name = "item_audience"
        primary_key = CompositeKey("item", "audience")
        without_rowid = True


class Redirect(Model):
    old_path = CharField(max_length=400, unique=True)
    section = ForeignKeyField(Section, on_delete="CASCADE", backref="+")
    created_at = DateTimeField()

    class Meta:
        table_name = "redirect"


class ContentVersion(Model):
    number = IntegerField(default=1)

    class Meta:
        table_name = "content_version"


class Revision(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+")
    number = IntegerField()
    data = TextField()
    by = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
    at = DateTimeField()
    note = TextField(default="")
    live = BooleanField(default=False)

    class Meta:
        table_name = "revision"
        indexes = ((("item", "number"), True),)


class WorkingCopy(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+", primary_key=True)
    data = TextField()
    by = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
    at = DateTimeField()
    go_live_at = DateTimeField(null=True, index=True)

    class Meta:
        table_name = "working_copy"


class Autosave(Model):
    person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
    key = CharField(max_length=80)
    data = TextField()
    at = DateTimeField()

    class Meta:
        table_name = "autosave"
        primary_key = CompositeKey("person", "key")


class AuditEntry(Model):
    at = DateTimeField()
    by = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
    verb = CharField(max_length=40)
    item = ForeignKeyField(Item, on_delete="RESTRICT", backref="+", null=True)
    section = ForeignKeyField(Section, on_delete="RESTRICT", backref="+", null=True)
    subject = TextField(default="")
    difference = TextField(null=True)

    class Meta:
        table_name = "audit_entry"
        indexes = ((("item", "at"), False), (("at",), False), (("by", "at"), False))


class PageDetail(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+", primary_key=True)
    body = TextField(default="")

    class Meta:
        table_name = "page_detail"


class NoticeDetail(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+", primary_key=True)
    body = TextField(default="")
    issuer = CharField(max_length=100, default="")
    document_number = CharField(max_length=60, default="")

    class Meta:
        table_name = "notice_detail"


class ServiceDetail(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+", primary_key=True)
    provider = CharField(max_length=100, default="")
    telephone = CharField(max_length=60, default="")
    hours = CharField(max_length=100, default="")
    place = CharField(max_length=100, default="")
    price = CharField(max_length=100, default="")
    steps = TextField(default="")
    papers = TextField(default="")
    body = TextField(default="")

    class Meta:
        table_name = "service_detail"


class FeeDetail(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+", primary_key=True)
    in_force_from = DateField(null=True)
    in_force_until = DateField(null=True)
    approval = CharField(max_length=100, default="")
    complaint_telephone = CharField(max_length=60, default="")
    body = TextField(default="")

    class Meta:
        table_name = "fee_detail"


class FeeLine(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+")
    position = IntegerField()
    name = CharField(max_length=100)
    unit = CharField(max_length=40, default="")
    price = IntegerField(null=True)
    basis = CharField(max_length=200, default="")

    class Meta:
        table_name = "fee_line"
        indexes = ((("item", "position"), True),)


class EventDetail(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+", primary_key=True)
    starts_at = DateTimeField(null=True, index=True)
    ends_at = DateTimeField(null=True)
    place = CharField(max_length=100, default="")
    host = CharField(max_length=100, default="")
    telephone = CharField(max_length=60, default="")
    poster = CharField(max_length=32, default="")
    poster_alt = CharField(max_length=200, default="")
    body = TextField(default="")

    class Meta:
        table_name = "event_detail"


class PolicyDetail(Model):
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+", primary_key=True)
    document_number = CharField(max_length=60, default="")
    issuer = CharField(max_length=100, default="")
    in_force_from = DateField(null=True)
    preamble = TextField(default="")

    class Meta:
        table_name = "policy_detail"


class Clause(Model):
    uid = CharField(max_length=32, unique=True)
    item = ForeignKeyField(Item, on_delete="CASCADE", backref="+")
    position = IntegerField()
    number = CharField(max_length=40, default="")
    label = CharField(max_length=120)
    depth = IntegerField()
    heading = TextField(default="")
    text = TextField(default="")

    class Meta:
        table_name = "clause"
        indexes = ((("item", "position"), True), (("item", "label"), True))


TABLES = (
    Site,
    Community,
    Department,
    Person,
    Membership,
    Section,
    Item,
    ItemAudience,
    Redirect,
    ContentVersion,
    Revision,
    WorkingCopy,
    Autosave,
    AuditEntry,
    PageDetail,
    NoticeDetail,
    ServiceDetail,
    FeeDetail,
    FeeLine,
    EventDetail,
    PolicyDetail,
    Clause,
)


# The audit says what happened and is never rewritten, whoever asks.
TRIGGERS = (
    """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
)


def up(migrator, db):
    with db.bind_ctx(TABLES, bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES)
        for trigger in TRIGGERS:
            db.execute_sql(trigger)
        ContentVersion.create(number=1)
        Site.create(name="聯繫")
