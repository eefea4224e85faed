"""Files of matters: held under the key of a form until it is sent, and seen only by whoever may see the matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, BinaryIO

from peewee import JOIN, BooleanField, CharField, CompositeKey, ForeignKeyField

from content import files, history, moment, people, throttle
from content.cases import Case, CaseEntry, CaseParty
from content.db import Base, UtcDateTimeField, transaction
from content.errors import N_, Invalid, Message, NotAllowed, NotFound, msg
from content.files import FileUse, StoredFile
from content.people import Person
from content.permissions import may
from content.reception.access import is_hidden_from
from content.reception.categories import FILES_LIMIT, HELD
from content.settings import Settings

HELD_FOR = timedelta(days=1)
_KEY = re.compile(r"[0-9a-f]{32}")


class CaseFile(Base):
    """A file of a matter: of its first words, or of an entry; ``public`` says that the parties see it."""

    case_id: int
    file_id: int
    entry_id: int | None
    case = ForeignKeyField(Case, backref="files", on_delete="CASCADE")
    file = ForeignKeyField(StoredFile, on_delete="RESTRICT")
    entry = ForeignKeyField(CaseEntry, null=True, on_delete="SET NULL")
    public = BooleanField(default=True)

    class Meta:
        primary_key = CompositeKey("case", "file")
        indexes = ((("file",), False),)


class HeldFile(Base):
    """A file that was uploaded with a form which is not sent yet."""

    key = CharField(max_length=64)
    file = ForeignKeyField(StoredFile, primary_key=True, on_delete="CASCADE")
    at = UtcDateTimeField()
    file_id: int

    class Meta:
        indexes = ((("key",), False), (("at",), False))


def checked_key(key: str) -> str:
    """The key of a form, 32 hexadecimal digits. Raises ``Invalid`` for anything else."""
    if not _KEY.fullmatch(key):
        raise Invalid(
            {}, msg(N_("This form is too old or incomplete. Please open it again; copy what you wrote."))
        )
    return key


def too_many() -> Message:
    """Says how many files go with one sending."""
    return msg(N_("At most %(limit)s files can be sent at once."), limit=FILES_LIMIT)


def hold_file(
    settings: Settings,
    person: Person | None,
    key: str,
    stream: BinaryIO,
    filename: str,
    *,
    place: str = "",
) -> StoredFile:
    """Keep a file until the form with this key is sent; by anybody, as anybody may send a form (R-002). ``place`` is
    the remote address of a visitor.

    Raises ``Invalid`` (field ``file``) for what is not accepted or one too many, ``TooLarge``, ``StorageFull``,
    ``TooManyTries`` where too many came from an address without an account.
    """
    checked_key(key)
    if person is not None and not person.is_active:
        raise NotAllowed()
    _check_room(key)  # before the upload is read, and again where it counts

    def note(file: StoredFile) -> None:
        _check_room(key)
        if person is None:
            throttle.spend(HELD, place)
        HeldFile.create(key=key, file=file, at=moment.now())

    owner = person if person is not None else people.visitors()
    return files.keep(settings, owner, stream, filename, note=note)


def _check_room(key: str) -> None:
    if HeldFile.select().where(HeldFile.key == key).count() >= FILES_LIMIT:
        raise Invalid({"file": [too_many()]}, too_many())


def held(key: str) -> list[StoredFile]:
    """The files that are held for a form, in the order in which they came. Who has the key has the form."""
    rows = StoredFile.select().join(HeldFile).where(HeldFile.key == key)
    return list(rows.order_by(StoredFile.id))


def drop_held(key: str, uid: str) -> None:
    """Take a file out of a form that is not sent yet; nothing happens if it is not there."""
    with transaction():
        _forget([file for file in held(key) if file.uid == uid])


def forget_held(settings: Settings) -> int:
    """Delete what was uploaded for forms that nobody sent within a day, contents included; returns how many."""
    limit = moment.now() - HELD_FOR
    with transaction():
        old = list(StoredFile.select().join(HeldFile).where(HeldFile.at < limit))
        _forget(old)
    files.sweep(settings, HELD_FOR)
    return len(old)


def _forget(stored: Iterable[StoredFile]) -> None:
    for file in stored:
        history.record(file.owner, "file.dropped", subject=file.uid)
        HeldFile.delete().where(HeldFile.file == file.id).execute()
        if FileUse.select().where(FileUse.file == file.id).exists():
            continue  # an editor has typed its address into a text of theirs
        StoredFile.delete().where(StoredFile.id == file.id).execute()


def attach_held(
    case: Case, key: str, *, entry: CaseEntry | None = None, public: bool = True
) -> list[StoredFile]:
    """Make the files held under a key files of a matter, in the transaction of the caller, who has checked the right.

    Whoever uploaded them: somebody may sign in between the photo and the words. A key that is none has no files.
    """
    if not _KEY.fullmatch(key):
        return []
    found = held(key)
    for file in found:
        CaseFile.create(case=case.id, file=file.id, entry=entry.id if entry else None, public=public)
    HeldFile.delete().where(HeldFile.file.in_([file.id for file in found])).execute()
    return found


def file_of(case: Case, uid: str) -> StoredFile:
    """A file of a matter that its parties see, for a visitor who has shown number and code. Raises ``NotFound``."""
    rows = StoredFile.select().join(CaseFile).join(CaseEntry, JOIN.LEFT_OUTER)
    answers = (CaseFile.case == case.merged_into_id) & (CaseEntry.kind == "answer")
    file = rows.where(
        (CaseFile.case == case.id) | answers,
        CaseFile.public == True,  # noqa: E712  Peewee builds SQL from ==
        StoredFile.uid == uid,
        StoredFile.trashed_at.is_null(),
    ).first()
    if file is None:
        raise NotFound()
    return file


def _may_see(person: Person | None, file: StoredFile) -> bool:
    """A file of a matter: whoever may see the matter, of an internal note whoever works it. A held one: who sent it.

    Having uploaded it gives no right: whom a complaint is about may have recorded it (R-004).
    """
    rows: Any = CaseFile.select(CaseFile, Case).join(Case).where(CaseFile.file == file.id)
    uses = list(rows)
    if not uses:
        return person is not None and person.is_active and file.owner_id == person.id
    if any(may(person, "case:view" if use.public else "case:work", use.case) for use in uses):
        return True
    return any(_joined(person, use) for use in uses if use.public)


def _joined(person: Person | None, use: CaseFile) -> bool:
    """What staff sent with an answer is also for the parties of the matters that were joined to it."""
    entry = use.entry
    if person is None or not person.is_active or entry is None or entry.kind != "answer":
        return False
    if is_hidden_from(person, use.case):
        return False
    joined = Case.select().join(CaseParty).where(Case.merged_into == use.case_id)
    return bool(joined.where(CaseParty.person == person.id).exists())


def _kept() -> Any:
    return CaseFile.select(CaseFile.file).union_all(HeldFile.select(HeldFile.file))


files.guard(files.Guard(_kept, _may_see))
