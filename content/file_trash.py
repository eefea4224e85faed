"""The trash of files: what nothing shows any more goes there, its content stays, and it can come back."""

from __future__ import annotations

from content import files, history, moment
from content.db import transaction
from content.errors import N_, Invalid, NotAllowed, NotFound, msg
from content.files import FileUse, StoredFile
from content.people import Person
from content.permissions import may


def trash_file(person: Person | None, file: StoredFile) -> None:
    """Take a file away that nothing shows any more; for who uploaded it and for administrators.

    The content stays. Raises ``NotFound``, ``NotAllowed``, ``Invalid`` if something still shows it.
    """
    with transaction():
        who = _keeper(person, file, files.may_see(person, file))
        if FileUse.select().where(FileUse.file == file.id).exists() or files.is_guarded(file):
            message = msg(N_("“%(name)s” is still shown somewhere and stays."), name=file.name)
            raise Invalid({"file": [message]}, message)
        kept = (StoredFile.id == file.id) & StoredFile.trashed_at.is_null()
        if StoredFile.update(trashed_at=moment.now()).where(kept).execute():
            history.record(who, "file.trashed", subject=file.name)


def untrash_file(person: Person | None, file: StoredFile) -> None:
    """Take a file out of the trash again; for the same people. Raises ``NotFound``, ``NotAllowed``."""
    with transaction():
        who = _keeper(person, file, person is not None and person.is_active and file.owner_id == person.id)
        taken = StoredFile.update(trashed_at=None).where(
            StoredFile.id == file.id, StoredFile.trashed_at.is_null(False)
        )
        if taken.execute():
            history.record(who, "file.untrashed", subject=file.name)


def _keeper(person: Person | None, file: StoredFile, sees: bool) -> Person:
    """Who may put the file away or take it back."""
    keeps = may(person, "site:administer") and not files.is_guarded(file)  # sees what nothing shows, too
    if person is None or not (keeps or sees):
        raise NotFound()
    if file.owner_id != person.id and not keeps:
        raise NotAllowed()
    return person
