"""Homes, who owns or rents them, and the codes to register with."""

from peewee import CharField, Check, DateField, DateTimeField, ForeignKeyField, IntegerField, Model


class Community(Model):
    class Meta:
        table_name = "community"


class Person(Model):
    class Meta:
        table_name = "person"


class Building(Model):
    community = ForeignKeyField(Community, on_delete="RESTRICT")
    phase = CharField(max_length=40, default="")
    name = CharField(max_length=60)
    key = CharField(max_length=60)
    position = IntegerField(default=0)

    class Meta:
        table_name = "building"
        indexes = ((("community", "phase", "key"), True),)


class BuildingAlias(Model):
    building = ForeignKeyField(Building, on_delete="CASCADE")
    name = CharField(max_length=60)
    key = CharField(max_length=60)

    class Meta:
        table_name = "building_alias"
        indexes = ((("key",), False), (("building", "key"), True))


class Household(Model):
    building = ForeignKeyField(Building, on_delete="RESTRICT")
    unit = CharField(max_length=20, default="")
    room = CharField(max_length=20)
    key = CharField(max_length=60)
    floor_area = IntegerField(null=True)

    class Meta:
        table_name = "household"
        indexes = ((("building", "key"), True), (("key",), False))


class Resident(Model):
    household = ForeignKeyField(Household, on_delete="RESTRICT")
    person = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    tenure = CharField(max_length=10)
    name = CharField(max_length=100)
    address_form = CharField(max_length=20, default="")
    telephone = CharField(max_length=20, default="")
    email = CharField(max_length=200, default="")
    since = DateField(null=True)
    until = DateField(null=True)

    class Meta:
        table_name = "resident"
        indexes = ((("household",), False), (("person",), False), (("telephone",), False))
        constraints = [
            Check("tenure IN ('owner', 'tenant')"),
            Check("until IS NULL OR since IS NULL OR until >= since"),
        ]


class HouseholdCode(Model):
    household = ForeignKeyField(Household, on_delete="CASCADE")
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE")
    tenure = CharField(max_length=10)
    digest = CharField(max_length=64, unique=True)
    made_by = ForeignKeyField(Person, on_delete="RESTRICT")
    made_at = DateTimeField()
    expires_at = DateTimeField()
    used_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    used_at = DateTimeField(null=True)
    withdrawn_at = DateTimeField(null=True)

    class Meta:
        table_name = "household_code"
        indexes = ((("household", "made_at"), False),)
        constraints = [Check("tenure IN ('owner', 'tenant')")]


TABLES = (Building, BuildingAlias, Household, Resident, HouseholdCode)


def up(migrator, db):
    with db.bind_ctx([Community, Person, *TABLES], bind_refs=False, bind_backrefs=False):
        db.create_tables(TABLES)
