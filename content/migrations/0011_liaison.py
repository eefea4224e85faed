"""Pairings of leaders and counselors, their meetings and follow-ups."""

from peewee import CharField, Check, DateField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


class Person(Model):
    class Meta:
        table_name = "person"


class Pairing(Model):
    leader = ForeignKeyField(Person, backref="+", on_delete="RESTRICT")
    counselor = ForeignKeyField(Person, backref="+", on_delete="RESTRICT")
    since = DateField()
    until = DateField(null=True)
    made_at = DateTimeField()
    version = IntegerField(default=1)

    class Meta:
        table_name = "pairing"
        indexes = ((("leader", "since"), False), (("counselor", "since"), False))
        constraints = [
            Check("leader_id <> counselor_id"),
            Check("until IS NULL OR until >= since"),
        ]


Pairing.add_index(
    Pairing.index(Pairing.counselor, unique=True, name="pairing_open_counselor").where(
        Pairing.until.is_null()
    )
)


class Meeting(Model):
    uid = CharField(max_length=32, unique=True)
    pairing = ForeignKeyField(Pairing, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    activity = CharField(max_length=20, default="")
    held_on = DateField()
    place = CharField(max_length=100, default="")
    private_note = TextField(default="")
    counselor_note = TextField(default="")
    office_line = CharField(max_length=120, default="")
    state = CharField(max_length=20)
    form_key = CharField(max_length=32, null=True)
    logged_by = ForeignKeyField(Person, backref="+", on_delete="RESTRICT")
    logged_at = DateTimeField()
    changed_at = DateTimeField()
    confirmed_at = DateTimeField(null=True)
    version = IntegerField(default=1)

    class Meta:
        table_name = "meeting"
        indexes = (
            (("logged_by", "form_key"), True),
            (("pairing", "held_on"), False),
            (("held_on", "id"), False),
        )
        constraints = [
            Check("state IN ('logged', 'confirmed', 'withdrawn')"),
            Check("state <> 'confirmed' OR confirmed_at IS NOT NULL"),
            Check("activity = '' OR kind = 'work'"),
        ]


Meeting.add_index(Meeting.index(Meeting.pairing, name="meeting_waiting").where(Meeting.state == "logged"))


class FollowUp(Model):
    meeting = ForeignKeyField(Meeting, backref="+", on_delete="RESTRICT")
    owner = CharField(max_length=10)
    what = CharField(max_length=200)
    due_on = DateField()
    made_by = ForeignKeyField(Person, backref="+", on_delete="RESTRICT")
    done_at = DateTimeField(null=True)
    done_by = ForeignKeyField(Person, backref="+", null=True, on_delete="RESTRICT")

    class Meta:
        table_name = "follow_up"
        indexes = ((("meeting",), False),)
        constraints = [Check("owner IN ('leader', 'counselor')")]


FollowUp.add_index(
    FollowUp.index(FollowUp.meeting, FollowUp.due_on, name="follow_up_open").where(FollowUp.done_at.is_null())
)
TABLES = (Pairing, Meeting, FollowUp)
# One leader at a time, whatever program writes: the domain asks first and explains, this is the wall behind it.
OVERLAP = """SELECT RAISE(ABORT, 'a counselor has one leader at a time') WHERE EXISTS (
    SELECT 1 FROM pairing WHERE id <> NEW.id AND counselor_id = NEW.counselor_id
    AND since <= coalesce(NEW.until, '9999-12-31') AND NEW.since <= coalesce(until, '9999-12-31'))"""
TRIGGERS = (
    f"CREATE TRIGGER pairing_one_leader AFTER INSERT ON pairing BEGIN {OVERLAP}; END",
    f"CREATE TRIGGER pairing_one_leader_still AFTER UPDATE ON pairing BEGIN {OVERLAP}; END",
    """CREATE TRIGGER meeting_no_delete BEFORE DELETE ON meeting
       BEGIN SELECT RAISE(ABORT, 'meetings are withdrawn, never deleted'); END""",
)


def up(migrator, db):
    with db.bind_ctx([Person, *TABLES], bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES)
    for trigger in TRIGGERS:
        db.execute_sql(trigger)
