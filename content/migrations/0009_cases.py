"""Matters of residents, their threads and files; the audit knows which matter a fact is about."""

from peewee import (
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

OPEN_STATES = ("received", "assigned", "in_hand", "reopened")


class Person(Model):
    class Meta:
        table_name = "person"


class Community(Model):
    class Meta:
        table_name = "community"


class Department(Model):
    class Meta:
        table_name = "department"


class Household(Model):
    class Meta:
        table_name = "household"


class StoredFile(Model):
    class Meta:
        table_name = "stored_file"


class Case(Model):
    uid = CharField(max_length=32, unique=True)
    number = CharField(max_length=20, unique=True)
    code = CharField(max_length=20)
    intake_key = CharField(max_length=64, null=True, unique=True)
    category = CharField(max_length=20)
    desk = CharField(max_length=20)
    state = CharField(max_length=20)
    urgent = BooleanField(default=False)
    channel = CharField(max_length=20)
    community = ForeignKeyField(Community, null=True, on_delete="RESTRICT")
    household = ForeignKeyField(Household, null=True, on_delete="RESTRICT")
    place = CharField(max_length=200, default="")
    original = TextField()
    script = CharField(max_length=4, default="hant")
    requester = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    caller_name = CharField(max_length=100, default="")
    caller_form = CharField(max_length=20, default="")
    caller_telephone = CharField(max_length=20, default="")
    caller_email = CharField(max_length=200, default="")
    reported_by = CharField(max_length=200, default="")
    first_receiver = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    owner = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    department = ForeignKeyField(Department, null=True, on_delete="RESTRICT")
    promised_at = DateTimeField(null=True)
    postponed = IntegerField(default=0)
    opened_at = DateTimeField()
    changed_at = DateTimeField()
    answered_at = DateTimeField(null=True)
    closed_at = DateTimeField(null=True)
    merged_into = ForeignKeyField("self", null=True, on_delete="RESTRICT")
    rating = IntegerField(null=True)
    rating_words = TextField(default="")
    rated_at = DateTimeField(null=True)
    words = TextField(default="")
    salt = CharField(max_length=32)
    erased_at = DateTimeField(null=True)
    version = IntegerField(default=1)

    class Meta:
        table_name = "case"
        indexes = (
            (("desk", "state", "id"), False),
            (("desk", "id"), False),
            (("category", "state", "id"), False),
            (("requester", "id"), False),
            (("household", "id"), False),
            (("owner", "state", "id"), False),
            (("first_receiver", "id"), False),
            (("department", "state", "id"), False),
            (("caller_telephone", "id"), False),
            (("merged_into",), False),
        )
        constraints = [
            Check("rating IS NULL OR rating BETWEEN 1 AND 5"),
            Check("state <> 'merged' OR merged_into_id IS NOT NULL"),
            Check("merged_into_id IS NULL OR merged_into_id <> id"),
            Check("state <> 'closed' OR closed_at IS NOT NULL"),
            Check("postponed BETWEEN 0 AND 1"),
        ]


_is_open = Case.state.in_(OPEN_STATES)
Case.add_index(Case.index(Case.desk, Case.id, name="case_open_desk").where(_is_open))
Case.add_index(Case.index(Case.owner, Case.id, name="case_open_owner").where(_is_open))
Case.add_index(Case.index(Case.department, Case.id, name="case_open_department").where(_is_open))


class CaseDetail(Model):
    case = ForeignKeyField(Case, on_delete="CASCADE")
    name = CharField(max_length=40)
    value = TextField()

    class Meta:
        table_name = "case_detail"
        primary_key = CompositeKey("case", "name")


class CaseParty(Model):
    case = ForeignKeyField(Case, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")

    class Meta:
        table_name = "case_party"
        primary_key = CompositeKey("case", "person")
        indexes = ((("person", "case"), True),)


class CaseAbout(Model):
    case = ForeignKeyField(Case, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    source = CharField(max_length=10, default="staff")

    class Meta:
        table_name = "case_about"
        primary_key = CompositeKey("case", "person")
        indexes = ((("person", "case"), True),)


class CaseHelper(Model):
    case = ForeignKeyField(Case, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")

    class Meta:
        table_name = "case_helper"
        primary_key = CompositeKey("case", "person")
        indexes = ((("person", "case"), True),)


class CaseEntry(Model):
    case = ForeignKeyField(Case, on_delete="CASCADE")
    at = DateTimeField()
    by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    role = CharField(max_length=30)
    kind = CharField(max_length=10)
    public = BooleanField()
    text = TextField(default="")
    message = TextField(null=True)

    class Meta:
        table_name = "case_entry"
        indexes = ((("case", "id"), False),)
        constraints = [
            Check("kind IN ('words', 'answer', 'note', 'step')"),
            Check("kind <> 'note' OR public = 0"),
        ]


class CaseLink(Model):
    case = ForeignKeyField(Case, on_delete="CASCADE")
    other = ForeignKeyField(Case, on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        table_name = "case_link"
        primary_key = CompositeKey("case", "other")
        indexes = ((("other",), False),)
        constraints = [Check("case_id < other_id")]


class CaseCounter(Model):
    day = CharField(max_length=8, primary_key=True)
    last = IntegerField()

    class Meta:
        table_name = "case_counter"


class CaseFile(Model):
    case = ForeignKeyField(Case, on_delete="CASCADE")
    file = ForeignKeyField(StoredFile, on_delete="RESTRICT")
    entry = ForeignKeyField(CaseEntry, null=True, on_delete="SET NULL")
    public = BooleanField(default=True)

    class Meta:
        table_name = "case_file"
        primary_key = CompositeKey("case", "file")
        indexes = ((("file",), False),)


class HeldFile(Model):
    key = CharField(max_length=64)
    file = ForeignKeyField(StoredFile, primary_key=True, on_delete="CASCADE")
    at = DateTimeField()

    class Meta:
        table_name = "held_file"
        indexes = ((("key",), False), (("at",), False))


TABLES = (
    Case,
    CaseDetail,
    CaseParty,
    CaseAbout,
    CaseHelper,
    CaseEntry,
    CaseFile,
    CaseLink,
    CaseCounter,
    HeldFile,
)
OTHERS = (Person, Community, Department, Household, StoredFile)
# What somebody said stays as it was said; emptying it is for the erasure of a person alone.
TRIGGERS = (
    """CREATE TRIGGER case_original_stays BEFORE UPDATE OF original ON "case"
       WHEN NEW.original <> OLD.original AND (NEW.original <> '' OR NEW.erased_at IS NULL)
       BEGIN SELECT RAISE(ABORT, 'the original words stay'); END""",
    """CREATE TRIGGER case_no_delete BEFORE DELETE ON "case"
       BEGIN SELECT RAISE(ABORT, 'matters are never deleted'); END""",
    """CREATE TRIGGER case_detail_stays BEFORE UPDATE ON case_detail WHEN NEW.value <> ''
       BEGIN SELECT RAISE(ABORT, 'the original words stay'); END""",
    """CREATE TRIGGER case_detail_no_delete BEFORE DELETE ON case_detail
       BEGIN SELECT RAISE(ABORT, 'the original words stay'); END""",
    """CREATE TRIGGER case_entry_stays BEFORE UPDATE OF text, kind, public, at ON case_entry
       WHEN NEW.text <> '' OR NEW.kind <> OLD.kind OR NEW.public <> OLD.public OR NEW.at <> OLD.at
       BEGIN SELECT RAISE(ABORT, 'entries stay'); END""",
    """CREATE TRIGGER case_entry_no_delete BEFORE DELETE ON case_entry
       BEGIN SELECT RAISE(ABORT, 'entries stay'); END""",
)


def up(migrator, db):
    with db.bind_ctx([*OTHERS, *TABLES], bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES)
    db.execute_sql(
        'ALTER TABLE audit_entry ADD COLUMN case_id INTEGER REFERENCES "case" (id) ON DELETE RESTRICT'
    )
    db.execute_sql("CREATE INDEX audit_entry_case ON audit_entry (case_id, at) WHERE case_id IS NOT NULL")
    for trigger in TRIGGERS:
        db.execute_sql(trigger)
