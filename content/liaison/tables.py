"""Pairings of leaders with counselors, their meetings and what they promised each other."""

from __future__ import annotations

from peewee import (
    AutoField,
    CharField,
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from content.db import Base, UidField, UtcDateTimeField
from content.items import new_uid
from content.people import Person


class Pairing(Base):
    """A leader who keeps in touch with a counselor (R-131), from ``since`` to ``until``, both days included."""

    id = AutoField()
    leader_id: int
    counselor_id: int
    leader = ForeignKeyField(Person, backref="+", on_delete="RESTRICT")
    counselor = ForeignKeyField(Person, backref="+", on_delete="RESTRICT")
    since = DateField()
    until = DateField(null=True)  # empty while nobody has ended it
    made_at = UtcDateTimeField()
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("leader", "since"), False), (("counselor", "since"), False))
        constraints = [
            Check("leader_id <> counselor_id"),
            Check("until IS NULL OR until >= since"),
        ]


# Two open pairings of one counselor can never be, whoever writes; dated ones are compared in the transaction.
Pairing.add_index(
    Pairing.index(Pairing.counselor, unique=True, name="pairing_open_counselor").where(
        Pairing.until.is_null()
    )
)


class Meeting(Base):
    """A meeting of a pair (R-132–135). The two notes are read by the pair alone, the office line by the office too."""

    id = AutoField()
    pairing_id: int
    uid = UidField(unique=True, default=new_uid)
    pairing = ForeignKeyField(Pairing, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    activity = CharField(max_length=20, default="")  # of work guidance
    held_on = DateField()
    place = CharField(max_length=100, default="")
    private_note = TextField(default="")  # of the leader
    counselor_note = TextField(default="")  # of the counselor, added when confirming
    office_line = CharField(max_length=120, default="")
    state = CharField(max_length=20)
    form_key = CharField(max_length=32, null=True)  # of the form: sent twice it makes one meeting
    logged_by = ForeignKeyField(Person, backref="+", on_delete="RESTRICT")
    logged_at = UtcDateTimeField()
    changed_at = UtcDateTimeField()
    confirmed_at = UtcDateTimeField(null=True)
    version = IntegerField(default=1)

    class Meta:
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


Meeting.add_index(
    Meeting.index(Meeting.pairing, name="meeting_waiting").where(
        Meeting.state == "logged"
    )  # for confirmation
)


class FollowUp(Base):
    """Something that the leader or the counselor promised in a meeting; read by the pair alone."""

    id = AutoField()
    meeting_id: int
    meeting = ForeignKeyField(Meeting, backref="+", on_delete="RESTRICT")
    owner = CharField(max_length=10)
    what = CharField(max_length=200)
    due_on = DateField()
    made_by = ForeignKeyField(Person, backref="+", on_delete="RESTRICT")
    done_at = UtcDateTimeField(null=True)
    done_by = ForeignKeyField(Person, backref="+", null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("meeting",), False), (("due_on",), False))
        constraints = [Check("owner IN ('leader', 'counselor')")]


FollowUp.add_index(
    FollowUp.index(FollowUp.meeting, FollowUp.due_on, name="follow_up_open").where(FollowUp.done_at.is_null())
)
