"""Homes: buildings and rooms of a community, who owns or rents them, and the codes with which they register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import AutoField, CharField, Check, DateField, ForeignKeyField, IntegerField

from content import moment
from content.db import Base, UtcDateTimeField
from content.people import Community, Person

# The legal difference decides who is billed how, so it is kept and never folded away.
TENURES = ("owner", "tenant")


class Building(Base):
    """A building of a community. ``key`` is what all spellings of its name fold to: 3幢, 3棟 and 3號樓 are "3"."""

    id = AutoField()
    community_id: int
    community = ForeignKeyField(Community, backref="buildings", on_delete="RESTRICT")
    phase = CharField(max_length=40, default="")  # 期, as its people write it
    name = CharField(max_length=60)
    key = CharField(max_length=60)
    position = IntegerField(default=0)

    class Meta:
        indexes = ((("community", "phase", "key"), True),)


class BuildingAlias(Base):
    """Another name that people use for a building: 會所樓, 南樓."""

    id = AutoField()
    building_id: int
    building = ForeignKeyField(Building, backref="aliases", on_delete="CASCADE")
    name = CharField(max_length=60)
    key = CharField(max_length=60)

    class Meta:
        indexes = ((("key",), False), (("building", "key"), True))


class Household(Base):
    """One home. ``key`` is unit and room folded, "2-501"; with the building's key before it, "3-2-501"."""

    id = AutoField()
    building_id: int
    building = ForeignKeyField(Building, backref="households", on_delete="RESTRICT")
    unit = CharField(max_length=20, default="")
    room = CharField(max_length=20)
    key = CharField(max_length=60)
    floor_area = IntegerField(null=True)  # hundredths of a square metre

    class Meta:
        indexes = ((("building", "key"), True), (("key",), False))


class Resident(Base):
    """Somebody who owns or rents a home, with an account or without one; ended, never deleted, when they leave."""

    id = AutoField()
    household_id: int
    person_id: int | None
    household = ForeignKeyField(Household, backref="residents", on_delete="RESTRICT")
    person = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    tenure = CharField(max_length=10)
    name = CharField(max_length=100)
    address_form = CharField(max_length=20, default="")
    telephone = CharField(max_length=20, default="")  # as telephones.read writes it: +8613800138000
    email = CharField(max_length=200, default="")
    since = DateField(null=True)
    until = DateField(null=True)

    class Meta:
        indexes = (
            (("household",), False),
            (("person",), False),
            (("telephone",), False),
            (("name",), False),
        )
        constraints = [
            Check("tenure IN ('owner', 'tenant')"),
            Check("until IS NULL OR since IS NULL OR until >= since"),
        ]

    @classmethod
    def in_force(cls) -> Any:
        """The condition for those who live there or own it today."""
        today = moment.today()
        return (cls.since.is_null() | (cls.since <= today)) & (cls.until.is_null() | (cls.until >= today))


class HouseholdCode(Base):
    """A code, handed out on paper, with which one person of a home makes an account; kept as a digest only."""

    id = AutoField()
    household_id: int
    household = ForeignKeyField(Household, backref="codes", on_delete="CASCADE")
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE")  # for whom, where that is known
    tenure = CharField(max_length=10)
    digest = CharField(max_length=64, unique=True)  # SHA-256 of the folded code
    made_by = ForeignKeyField(Person, on_delete="RESTRICT")
    made_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    used_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    used_at = UtcDateTimeField(null=True)
    withdrawn_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("household", "made_at"), False),)
        constraints = [Check("tenure IN ('owner', 'tenant')")]

    def is_open(self, now: datetime) -> bool:
        """Whether somebody can still register with it."""
        return self.used_at is None and self.withdrawn_at is None and self.expires_at > now
