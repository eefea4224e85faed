"""What a file really is, told from its content; the name only decides between kinds of plain text."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePath

from content import pictures, sounds
from content.errors import N_, Invalid, Message, msg
from content.late import Late

puremagic = Late("puremagic")

HEAD = 4096
# Of an office file, which is a zip archive.
MAX_PARTS = 10_000
MAX_UNPACKED = 1024**3
MAX_LISTING = 4 * 1024**2

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
# What the main part of an office file is called in its list of contents → (type, ending).
_MAIN_PARTS = {
    "wordprocessingml.document.main+xml": (_OFFICE + "wordprocessingml.document", "docx"),
    "spreadsheetml.sheet.main+xml": (_OFFICE + "spreadsheetml.sheet", "xlsx"),
    "presentationml.presentation.main+xml": (_OFFICE + "presentationml.presentation", "pptx"),
}
_ODF = {
    _OPEN_DOCUMENT + "text": "odt",
    _OPEN_DOCUMENT + "spreadsheet": "ods",
    _OPEN_DOCUMENT + "presentation": "odp",
}
_TEXTS = {"txt": "text/plain", "csv": "text/csv", "md": "text/markdown"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Texts that a browser, a shell or a spreadsheet would run.
_ACTIVE_STARTS = ("<!doctype", "<html", "<svg", "<?xml", "<script", "<head", "<body", "<?php", "#!", "mz")
_CONTROLS = frozenset(map(chr, (*range(9), 11, *range(14, 27), *range(28, 32), 127)))

_OLD_OFFICE = N_(
    "This file has an old office format. Please save it as DOCX, XLSX, PPTX or PDF and try again."
)
ACCEPTED = "JPEG, PNG, WebP, GIF, PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, TXT, CSV, MD, M4A, MP3, OGG, OPUS, WEBM, AMR, WAV"


@dataclass(frozen=True)
class FileType:
    """A kind of file that is accepted; width and height, in pixels as shown, for pictures only."""

    media_type: str
    ending: str
    width: int | None = None
    height: int | None = None

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")

    @property
    def is_sound(self) -> bool:
        return self.media_type.startswith("audio/")


def recognise(path: Path, name: str) -> FileType:
    """The type of an uploaded file. Raises ``Invalid`` (field ``file``): not accepted, or damaged."""
    with path.open("rb") as opened:
        head = opened.read(HEAD)
    if not head:
        raise refused(msg(N_("The file is empty.")))
    if pictures.looks_like_picture(head):
        return _picture(path)
    if sounds.looks_like_sound(head):
        return _sound(path)
    if head.startswith(b"%PDF-"):
        return _pdf(path)
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    if head.startswith(_OLE):
        raise refused(msg(_OLD_OFFICE))
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending in _TEXTS:
        return _text(path, ending)
    raise refused(_not_accepted(path))


def refused(message: Message) -> Invalid:
    """The error for a file, at the field that every upload form has."""
    return Invalid({"file": [message]}, message)


def _not_accepted(path: Path) -> Message:
    try:
        found = puremagic.from_file(str(path)).lstrip(".").upper()
    except (puremagic.PureError, ValueError, OSError):
        found = ""
    if not found:
        return msg(N_("Files of this kind are not accepted. Accepted are: %(accepted)s."), accepted=ACCEPTED)
    return msg(
        N_("Files of this kind (%(found)s) are not accepted. Accepted are: %(accepted)s."),
        found=found,
        accepted=ACCEPTED,
    )


def _damaged() -> Invalid:
    return refused(msg(N_("The file is damaged or incomplete. Please try to save it again.")))


def _picture(path: Path) -> FileType:
    try:
        found = pictures.examine(path)
    except pictures.TooManyPixels as error:
        raise refused(
            msg(
                N_("The picture has %(found)s million pixels; at most %(limit)s million are accepted."),
                found=error.pixels // 1_000_000,
                limit=pictures.MAX_PIXELS // 1_000_000,
            )
        ) from error
    except pictures.Unreadable as error:
        raise _damaged() from error
    return FileType(found.media_type, found.ending, found.width, found.height)


def _sound(path: Path) -> FileType:
    try:
        return FileType(*sounds.examine(path))
    except sounds.NotSound as error:
        raise refused(_not_accepted(path)) from error
    except sounds.Damaged as error:
        raise _damaged() from error


def _pdf(path: Path) -> FileType:
    with path.open("rb") as opened:
        opened.seek(max(0, path.stat().st_size - HEAD))
        if b"startxref" not in opened.read():
            raise _damaged()
    return FileType("application/pdf", "pdf")


def _office(path: Path) -> FileType:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise refused(msg(N_("The file is too large when it is unpacked.")))
            names = {part.filename for part in parts}
            if "[Content_Types].xml" in names:
                return _open_xml(archive, names)
            if "mimetype" in names:
                return _open_document(archive, names)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise _damaged() from error
    raise refused(_not_accepted(path))


def _read(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as part:
        # Not trusting the size that the archive states.
        return part.read(MAX_LISTING).decode("utf-8", "replace")


def _open_xml(archive: zipfile.ZipFile, names: set[str]) -> FileType:
    listing = _read(archive, "[Content_Types].xml").lower()
    if "macro" in listing or "vbaproject" in listing or any("vbaproject" in name.lower() for name in names):
        raise _has_macros()
    for main, (media_type, ending) in _MAIN_PARTS.items():
        if main in listing:
            return FileType(media_type, ending)
    raise _damaged()


def _open_document(archive: zipfile.ZipFile, names: set[str]) -> FileType:
    media_type = _read(archive, "mimetype").strip()
    if media_type not in _ODF:
        raise refused(
            msg(N_("Files of this kind are not accepted. Accepted are: %(accepted)s."), accepted=ACCEPTED)
        )
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in names):
        raise _has_macros()
    return FileType(media_type, _ODF[media_type])


def _has_macros() -> Invalid:
    return refused(msg(N_("The file contains macros. Please save it without them and try again.")))


def _text(path: Path, ending: str) -> FileType:
    content = path.read_bytes()
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.isdisjoint(text):
            if text.lstrip("\ufeff \t\r\n").lower().startswith(_ACTIVE_STARTS):
                raise refused(_not_accepted(path))
            return FileType(_TEXTS[ending], ending)
    raise refused(msg(N_("The file is named like a text, but it is none.")))


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    return ("utf-8", "gb18030", "big5")
