"""What the registers of the back office are sorted and filtered by; how the worker's jobs went."""

from peewee import CharField, DateTimeField, IntegerField, Model


class JobRun(Model):
    name = CharField(max_length=60, unique=True)
    last_at = DateTimeField()
    worked_at = DateTimeField(null=True)
    done = IntegerField(default=0)
    failures = IntegerField(default=0)
    failed_at = DateTimeField(null=True)
    error = CharField(max_length=100, default="")
    next_at = DateTimeField(null=True)

    class Meta:
        table_name = "job_run"


# Name, table, columns, and for which rows.
INDEXES = (
    ("item_changed_at", "item", "changed_at", ""),
    ("item_kind_changed_at", "item", "kind, changed_at", ""),
    ("item_state_changed_at", "item", "state, changed_at", ""),
    ("item_section_id_changed_at", "item", "section_id, changed_at", ""),
    ("item_title", "item", "title", ""),
    ("redirect_created_at", "redirect", "created_at", ""),
    ("person_name", "person", "name", ""),
    ("person_shut", "person", "id", "active = 0"),
    ("person_listed", "person", "id", "in_directory = 1"),
    ("resident_name", "resident", "name", ""),
    ("case_state_id", '"case"', "state, id", ""),
    ("case_category_id", '"case"', "category, id", ""),
    ("case_opened_at", '"case"', "opened_at", ""),
    ("case_promised_at", '"case"', "promised_at", ""),
    ("case_caller_name", '"case"', "caller_name", ""),
    ("case_rated", '"case"', "rated_at", "rating IS NOT NULL"),
    ("case_rated_category", '"case"', "category, rated_at", "rating IS NOT NULL"),
    ("audit_entry_verb", "audit_entry", "verb", ""),
    ("audit_entry_subject", "audit_entry", "subject", ""),
    ("outgoing_waiting", "outgoing", "id", "sent_at IS NULL AND failed_at IS NULL"),
    ("stored_file_name", "stored_file", "name", ""),
    ("stored_file_size", "stored_file", "size", ""),
    ("session_seen_at", "session", "seen_at", ""),
    ("session_open", "session", "seen_at", "ended_at IS NULL"),
    ("follow_up_due_on", "follow_up", "due_on", ""),
)


def up(migrator, db):
    with db.bind_ctx([JobRun], bind_refs=False, bind_backrefs=False):
        db.create_tables([JobRun])
    for name, table, columns, only in INDEXES:
        where = f" WHERE {only}" if only else ""
        db.execute_sql(f"CREATE INDEX {name} ON {table} ({columns}){where}")
