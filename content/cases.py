"""Matters of residents (cases): not content. They have parties instead of readers and a thread instead of revisions."""

from __future__ import annotations

import secrets

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from content.db import Base, JSONField, UidField, UtcDateTimeField
from content.households import Household
from content.items import new_uid
from content.people import Community, Department, Person

# States of a matter that is not settled yet; the indexes of the desks hold these alone.
OPEN_STATES = ("received", "assigned", "in_hand", "reopened")


def new_salt() -> str:
    """What the audit's digests of a matter are keyed with; wiped when its person is erased."""
    return secrets.token_hex(16)


class Case(Base):
    """A suggestion, complaint, repair … with its state and those who work it. The words in ``original`` never change."""

    id = AutoField()
    requester_id: int | None
    household_id: int | None
    community_id: int | None
    owner_id: int | None
    first_receiver_id: int | None
    department_id: int | None
    merged_into_id: int | None
    uid = UidField(unique=True, default=new_uid)
    number = CharField(max_length=20, unique=True)  # 20260316-007: the day and the count of that day
    code = CharField(max_length=20)  # with the number it opens the matter to a visitor without account
    intake_key = CharField(
        max_length=64, null=True, unique=True
    )  # of the form: sent twice it makes one matter
    category = CharField(max_length=20)
    desk = CharField(max_length=20)
    state = CharField(max_length=20)
    urgent = BooleanField(default=False)
    channel = CharField(max_length=20)
    community = ForeignKeyField(Community, null=True, on_delete="RESTRICT")
    household = ForeignKeyField(Household, null=True, on_delete="RESTRICT")
    place = CharField(max_length=200, default="")
    original = TextField()  # immutable; emptied only when the person is erased
    script = CharField(max_length=4, default="hant")
    requester = ForeignKeyField(Person, null=True, on_delete="RESTRICT")  # account of whose matter it is
    caller_name = CharField(max_length=100, default="")
    caller_form = CharField(max_length=20, default="")  # 先生, 阿姨
    caller_telephone = CharField(max_length=20, default="")
    caller_email = CharField(max_length=200, default="")
    reported_by = CharField(max_length=200, default="")  # who spoke for them: a son, a neighbour
    first_receiver = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    owner = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    department = ForeignKeyField(Department, null=True, on_delete="RESTRICT")
    promised_at = UtcDateTimeField(null=True)
    postponed = IntegerField(default=0)  # at most once
    opened_at = UtcDateTimeField()
    changed_at = UtcDateTimeField()
    answered_at = UtcDateTimeField(null=True)
    closed_at = UtcDateTimeField(null=True)
    merged_into = ForeignKeyField("self", null=True, on_delete="RESTRICT")
    rating = IntegerField(null=True)  # 1 to 5
    rating_words = TextField(default="")
    rated_at = UtcDateTimeField(null=True)
    words = TextField(default="")  # folded, for the search of those who work it
    salt = CharField(max_length=32, default=new_salt)
    erased_at = UtcDateTimeField(null=True)
    version = IntegerField(default=1)

    class Meta:
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
            (("state", "id"), False),
            (("category", "id"), False),
            (("opened_at",), False),
            (("promised_at",), False),
            (("caller_name",), False),
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
Case.add_index(Case.index(Case.answered_at, name="case_answered").where(Case.answered_at.is_null(False)))
Case.add_index(Case.index(Case.rated_at, name="case_rated").where(Case.rating.is_null(False)))
Case.add_index(
    Case.index(Case.category, Case.rated_at, name="case_rated_category").where(Case.rating.is_null(False))
)


class CaseDetail(Base):
    """What the form of the category asked beyond the words: one row per filled field; as immutable as the words."""

    case = ForeignKeyField(Case, backref="details", on_delete="CASCADE")
    name = CharField(max_length=40)
    value = TextField()

    class Meta:
        primary_key = CompositeKey("case", "name")


class CaseParty(Base):
    """Somebody with an account whose matter it is, and who therefore reads and answers it."""

    case_id: int
    person_id: int
    case = ForeignKeyField(Case, backref="parties", on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")

    class Meta:
        primary_key = CompositeKey("case", "person")
        indexes = ((("person", "case"), True),)


class CaseAbout(Base):
    """A person whom a matter is about. Of a complaint they learn nothing; praise and suggestions are told to them."""

    case_id: int
    person_id: int
    case = ForeignKeyField(Case, backref="about", on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    source = CharField(max_length=10, default="staff")  # stated, found (their name in the words) or staff

    class Meta:
        primary_key = CompositeKey("case", "person")
        indexes = ((("person", "case"), True),)


class CaseHelper(Base):
    """Somebody who works a matter beside its owner."""

    case_id: int
    person_id: int
    case = ForeignKeyField(Case, backref="helpers", on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")

    class Meta:
        primary_key = CompositeKey("case", "person")
        indexes = ((("person", "case"), True),)


class CaseEntry(Base):
    """One entry of a thread: words of a party, an answer, an internal note, or a step that was taken."""

    id = AutoField()
    case_id: int
    by_id: int | None
    case = ForeignKeyField(Case, backref="entries", on_delete="CASCADE")
    at = UtcDateTimeField()
    by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")  # empty: a visitor with number and code
    role = CharField(max_length=30)  # what the reader is told about who it was: resident, receptionist …
    kind = CharField(max_length=10)
    public = BooleanField()  # the parties read it
    text = TextField(default="")
    message = JSONField(null=True)  # of a step: outbox.pack'ed, said in the reader's language

    class Meta:
        indexes = ((("case", "id"), False),)
        constraints = [
            Check("kind IN ('words', 'answer', 'note', 'step')"),
            Check("kind <> 'note' OR public = 0"),
        ]


class CaseLink(Base):
    """Two matters that have to do with each other; kept once, the smaller id first."""

    case = ForeignKeyField(Case, on_delete="CASCADE")
    other = ForeignKeyField(Case, backref="linked_from", on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = UtcDateTimeField()

    class Meta:
        primary_key = CompositeKey("case", "other")
        indexes = ((("other",), False),)
        constraints = [Check("case_id < other_id")]


class CaseCounter(Base):
    """How many matters a day has had, for their numbers."""

    day = CharField(max_length=8, primary_key=True)
    last = IntegerField()
