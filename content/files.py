"""Files that people upload: kept by the digest of their content, seen by whoever may see what uses them."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from peewee import AutoField, BooleanField, CharField, CompositeKey, ForeignKeyField, IntegerField

from content import filetypes, history, moment, pictures
from content.db import Base, UidField, UtcDateTimeField, transaction
from content.errors import N_, NotFound, StorageFull, StorageReadOnly, TooLarge, msg
from content.filetypes import FileType
from content.items import Item, new_uid
from content.people import Person
from content.permissions import may, require, visible, workable
from content.settings import Settings

log = logging.getLogger(__name__)

MB = 1024 * 1024
CHUNK = 256 * 1024
PAGE = 40
# Errors of a disk that takes nothing more: full or over quota; and of one that is mounted or set read-only.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff<>:\"/\\|?*]+")


class StoredFile(Base):
    """One upload. The content lies under its digest; the same content may have several rows."""

    id = AutoField()
    uid = UidField(unique=True, default=new_uid)
    name = CharField(max_length=200, index=True)
    media_type = CharField(max_length=100)
    size = IntegerField(index=True)  # bytes
    sha256 = CharField(max_length=64, index=True)
    width = IntegerField(null=True)  # pixels, upright
    height = IntegerField(null=True)
    alt = CharField(max_length=400, default="")
    owner = ForeignKeyField(Person, on_delete="RESTRICT")
    created_at = UtcDateTimeField()
    trashed_at = UtcDateTimeField(null=True)
    owner_id: int

    @property
    def is_picture(self) -> bool:
        return bool(self.width)


class FileUse(Base):
    """That an item's text shows a file: the live text, or the working copy that readers do not see yet."""

    item = ForeignKeyField(Item, on_delete="CASCADE")
    file = ForeignKeyField(StoredFile, backref="uses", on_delete="RESTRICT")
    live = BooleanField(default=True)
    file_id: int

    class Meta:
        primary_key = CompositeKey("item", "file", "live")
        indexes = ((("file", "live"), False),)


@dataclass(frozen=True)
class Guard:
    """A subject that keeps files to itself. Of these it alone says who sees them; items, lists and exports of content
    have no part in it, whatever shows them and whoever uploaded them.
    """

    ids: Callable[[], Any]  # the select of the ids of its files
    may_see: Callable[[Person | None, StoredFile], bool]


_GUARDS: list[Guard] = []


def guard(one: Guard) -> None:
    """Leave the files of a subject to it, once, when it is imported."""
    _GUARDS.append(one)


def unguarded(column: Any = StoredFile.id) -> Any:
    """The condition for files that belong to content; on ``StoredFile``, or on another column that refers to it."""
    condition: Any = column.is_null(False)
    for one in _GUARDS:
        condition &= column.not_in(one.ids())
    return condition


def _guard_of(file: StoredFile) -> Guard | None:
    of_this = StoredFile.select().where(StoredFile.id == file.id)
    return next((one for one in _GUARDS if of_this.where(StoredFile.id.in_(one.ids())).exists()), None)


def is_guarded(file: StoredFile) -> bool:
    """Whether a file belongs to something with rules of its own, such as a matter."""
    return _guard_of(file) is not None


def store(
    settings: Settings, person: Person | None, stream: BinaryIO, filename: str, alt: str = ""
) -> StoredFile:
    """Keep an upload and return its row; the content, not the name, says what it is.

    Raises ``NotAllowed``, ``TooLarge`` (the message has the limit), ``Invalid`` (field ``file``) for what is
    not accepted, ``StorageFull``. After an error nothing is left behind.
    """
    require(person, "file:upload")
    assert person is not None
    return keep(settings, person, stream, filename, alt)


def keep(
    settings: Settings,
    owner: Person,
    stream: BinaryIO,
    filename: str,
    alt: str = "",
    *,
    note: Callable[[StoredFile], None] | None = None,
) -> StoredFile:
    """As ``store``, for a subject that has checked the right itself; ``note`` writes its own row in the transaction.

    With ``note`` the audit does not learn the name of the file, which may be about a resident.
    """
    with _disk_errors():
        incoming = settings.files / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=incoming)
        path = Path(temporary)
        try:
            with os.fdopen(handle, "wb") as target:
                digest, size = _receive(stream, target, settings)
            found = filetypes.recognise(path, filename)
            if found.is_picture and size > settings.photo_mb * MB:
                raise _too_large(settings.photo_mb)
            with _content_lock(settings, fcntl.LOCK_SH):
                _put_in_place(path, content_path(settings, digest))
                with transaction():
                    file = _note_stored(owner, filename, alt, found, digest, size)
                    if note is not None:
                        note(file)
                    history.record(owner, "file.stored", subject=file.name if note is None else file.uid)
        finally:
            path.unlink(missing_ok=True)
    return file


def _note_stored(
    person: Person, filename: str, alt: str, found: FileType, digest: str, size: int
) -> StoredFile:
    return StoredFile.create(
        name=clean_name(filename, found.ending),
        media_type=found.media_type,
        size=size,
        sha256=digest,
        width=found.width,
        height=found.height,
        alt=alt.strip()[:400],
        owner=person,
        created_at=moment.now(),
    )


def clean_name(filename: str, ending: str) -> str:
    """A name to show and to save under: no folders, nothing unprintable, the ending that the content has."""
    last = re.split(r"[/\\]", filename)[-1]
    stem = _UNPRINTABLE.sub(" ", unicodedata.normalize("NFC", last))
    suffix = PurePath(stem).suffix
    # Only what looks like an ending is exchanged: "v1.2 說明" keeps its name.
    if re.fullmatch(r"\.[A-Za-z0-9]{1,5}", suffix):
        stem = stem[: -len(suffix)]
    stem = " ".join(stem.split()).strip(". ")
    return f"{stem[:190] or 'file'}.{ending}"


def find_file(uid: str) -> StoredFile:
    """The file with this uid. Raises ``NotFound``."""
    file = StoredFile.get_or_none(StoredFile.uid == uid, StoredFile.trashed_at.is_null())
    if file is None:
        raise NotFound()
    return file


def may_see(person: Person | None, file: StoredFile) -> bool:
    """Whether the person uploaded the file, may read something live that shows it, or works on one."""
    if file.trashed_at is not None:
        return False
    uses = FileUse.select().join(Item).where(FileUse.file == file.id, unguarded(FileUse.file))
    if uses.where(FileUse.live == True, visible(person)).exists():  # noqa: E712  Peewee builds SQL from ==
        return True
    if (guarding := _guard_of(file)) is not None:
        return guarding.may_see(person, file)
    if person is not None and person.is_active and file.owner_id == person.id:
        return True
    if not may(person, "work:enter"):
        return False
    items = Item.select().join(FileUse).where(FileUse.file == file.id).distinct()
    return any(may(person, "item:draft-view", item) for item in items)


def listing(
    person: Person | None, *, pictures_only: bool = True, before: int | None = None
) -> list[StoredFile]:
    """A page of files to choose from, newest first: one's own and those in what one works on.

    ``before`` is the id of the last one seen.
    """
    if person is None or not may(person, "file:upload"):
        return []
    mine = StoredFile.select(StoredFile.id).where(StoredFile.owner == person)
    worked_on = FileUse.select(FileUse.file).join(Item).where(workable(person))
    rows = StoredFile.select().where(StoredFile.id.in_(mine | worked_on), StoredFile.trashed_at.is_null())
    rows = rows.where(unguarded())
    if pictures_only:
        rows = rows.where(StoredFile.width.is_null(False))
    if before is not None:
        rows = rows.where(StoredFile.id < before)
    return list(rows.order_by(StoredFile.id.desc()).limit(PAGE))


def note_uses(item: Item, uids: Iterable[str], *, live: bool = True) -> None:
    """Write down which files an item's text shows, in the transaction of the change of the text.

    ``live=False`` is for the working copy. Uids of files that do not exist are left out.
    """
    wanted = set()
    if asked := set(uids):
        wanted = {file.id for file in StoredFile.select(StoredFile.id).where(StoredFile.uid.in_(asked))}
    of_this = (FileUse.item == item.id) & (FileUse.live == live)
    held = {use.file_id for use in FileUse.select().where(of_this)}
    if held - wanted:
        FileUse.delete().where(of_this, FileUse.file.in_(held - wanted)).execute()
    if wanted - held:
        rows = [{"item": item.id, "file": one, "live": live} for one in sorted(wanted - held)]
        FileUse.insert_many(rows).execute()


def path_of(settings: Settings, file: StoredFile, rendition: str = "original") -> Path:
    """Where the bytes to deliver lie; renditions of pictures are made when first asked for.

    Also the original of a picture is one without metadata, turned upright. Raises ``NotFound`` for an unknown
    rendition or lost content, ``StorageFull`` if a rendition cannot be kept.
    """
    source = content_path(settings, file.sha256)
    if not file.is_picture:
        if rendition != "original" or not source.is_file():
            raise NotFound()
        return source
    if rendition not in pictures.SIZES:
        raise NotFound()
    made = settings.files / "renditions" / file.sha256[:2] / file.sha256[2:4] / f"{file.sha256}.{rendition}"
    if not made.is_file():
        if not source.is_file():
            raise NotFound()
        try:
            with _disk_errors():
                pictures.make(source, made, rendition)
        except pictures.Unreadable as error:
            log.error("the picture %s cannot be read: %s", file.uid, error)
            raise NotFound() from error
    return made


def type_of(file: StoredFile, rendition: str = "original") -> str:
    """The media type of what ``path_of`` gives."""
    return pictures.rendition_type(file.media_type, rendition) if file.is_picture else str(file.media_type)


def unused(settings: Settings, older_than: timedelta) -> list[Path]:
    """Contents and unfinished uploads on the disk that no row knows, if they have lain there for so long."""
    known = {row.sha256 for row in StoredFile.select(StoredFile.sha256).distinct()}
    limit = moment.now() - older_than
    found = []
    for path in sorted(settings.files.rglob("*")):
        if not path.is_file() or path.name.split(".")[0] in known:
            continue
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < limit:
            found.append(path)
    return found


def sweep(settings: Settings, older_than: timedelta) -> int:
    """Delete contents and unfinished uploads that no row has known for so long; returns how many."""
    swept = 0
    for path in unused(settings, older_than):
        # Somebody may just be uploading the same content again: it is young then, and its row comes within the lock.
        with _content_lock(settings, fcntl.LOCK_EX):
            if (
                path.is_file()
                and datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment.now() - older_than
            ):
                path.unlink()
                swept += 1
    return swept


@contextmanager
def _content_lock(settings: Settings, kind: int) -> Iterator[None]:
    """Between a content and its row nothing is swept away."""
    with open(settings.data / "files.lock", "w") as lock:
        fcntl.flock(lock, kind)
        yield


def missing(settings: Settings) -> list[StoredFile]:
    """Rows whose content is not on the disk, or has another length."""
    found = []
    for file in StoredFile.select().order_by(StoredFile.id):
        path = content_path(settings, file.sha256)
        if not path.is_file() or path.stat().st_size != file.size:
            found.append(file)
    return found


def public_names(some: list[StoredFile]) -> list[str]:
    """What files may be called in a log or at a terminal; those that a subject keeps to itself by their uid alone."""
    open_ids = StoredFile.select(StoredFile.id).where(
        StoredFile.id.in_([one.id for one in some]), unguarded()
    )
    may_be_named = {row.id for row in open_ids}
    return [one.name if one.id in may_be_named else one.uid for one in some]


def content_path(settings: Settings, digest: str) -> Path:
    """Where the content with this SHA-256 lies, or would lie. Raises ``NotFound`` for what is no digest."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise NotFound()
    return settings.files / digest[:2] / digest[2:4] / digest


def _receive(stream: BinaryIO, target: BinaryIO, settings: Settings) -> tuple[str, int]:
    """Copy an upload to the disk, no more of it than is allowed; returns its digest and size."""
    limit = max(settings.file_mb, settings.photo_mb)
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit * MB:
            raise _too_large(limit)
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest(), size


def _too_large(limit: int) -> TooLarge:
    return TooLarge(msg(N_("The file is larger than %(limit)s MB, the most that is accepted."), limit=limit))


def _put_in_place(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and target.stat().st_size == path.stat().st_size:
        os.utime(target)  # young again: not to be taken for a forgotten one before the row is written
        return
    path.chmod(0o644)
    os.replace(path, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM | _READ_ONLY:
            log.error("the folder of files takes nothing more: %s", error)
            raise (StorageFull if error.errno in _NO_ROOM else StorageReadOnly)() from error
        raise
