"""Lists that people keep in the back office, and lists that are written into files for them."""

from peewee import CharField, Check, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


class Person(Model):
    class Meta:
        table_name = "person"


class SavedFilter(Model):
    person = ForeignKeyField(Person, on_delete="CASCADE")
    register = CharField(max_length=40)
    name = CharField(max_length=60)
    query = CharField(max_length=2000)
    created_at = DateTimeField()

    class Meta:
        table_name = "saved_filter"
        indexes = ((("person", "register", "name"), True),)


class ExportJob(Model):
    uid = CharField(max_length=32, unique=True)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    register = CharField(max_length=40)
    format = CharField(max_length=4)
    selection = TextField()
    locale = CharField(max_length=10)
    state = CharField(max_length=10, default="waiting")
    total = IntegerField(null=True)
    rows_done = IntegerField(default=0)
    size = IntegerField(null=True)
    claim = CharField(max_length=32, default="")
    beat_at = DateTimeField(null=True)
    error = TextField(default="")
    created_at = DateTimeField()
    finished_at = DateTimeField(null=True)

    class Meta:
        table_name = "export_job"
        indexes = ((("person", "created_at"), False),)
        constraints = [
            Check("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')"),
            Check("format IN ('xlsx', 'csv')"),
            Check("(state IN ('waiting', 'running')) = (finished_at IS NULL)"),
            Check("rows_done >= 0"),
        ]


def up(migrator, db):
    with db.bind_ctx([Person, SavedFilter, ExportJob], bind_refs=False, bind_backrefs=False):
        db.create_tables([SavedFilter, ExportJob])
    # Few are ever open: finding the next one costs the same however many there were.
    db.execute_sql("CREATE INDEX export_job_open ON export_job (id) WHERE finished_at IS NULL")
