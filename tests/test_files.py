"""Files: what is accepted, what it really is, who sees it, and what a full disk or a trick does."""

from __future__ import annotations

import errno
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from content import actions, file_trash, files, filetypes, moment, pictures
from content.db import database, transaction
from content.errors import Invalid, NotAllowed, NotFound, StorageFull, TooLarge
from content.files import FileUse, StoredFile
from content.history import AuditEntry
from content.settings import Settings
from tests.conftest import notice

SECRET = b"GPS-of-the-house"


def picture(
    format: str = "JPEG",
    size: tuple[int, int] = (400, 300),
    orientation: int = 1,
    mode: str = "RGB",
    **more: Any,
) -> bytes:
    """A picture with a red left and a blue right half and a secret in its metadata."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    image = image.convert(mode)
    out = io.BytesIO()
    if format in ("JPEG", "PNG", "WEBP"):
        exif = Image.Exif()
        exif[0x010E] = SECRET.decode()
        exif[0x0112] = orientation
        exif.get_ifd(0x8825)[1] = "N"
        more = {"exif": exif, **more}
    if format == "JPEG":
        more = {"comment": SECRET, **more}
    if format == "GIF":
        more = {"comment": SECRET, **more}
    image.save(out, format, **more)
    return out.getvalue()


def archive(entries: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def office(main: str, **more: str | bytes) -> bytes:
    listing = f'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.{main}"/></Types>'
    return archive({"[Content_Types].xml": listing, "_rels/.rels": "x", **more})


DOCX = office("wordprocessingml.document.main+xml")
XLSX = office("spreadsheetml.sheet.main+xml")
PPTX = office("presentationml.presentation.main+xml")
ODT = archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"})
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


def keep(settings: Settings, person: Any, content: bytes, name: str = "x.bin", **more: Any) -> StoredFile:
    return files.store(settings, person, io.BytesIO(content), name, **more)


def everything_on_disk(settings: Settings) -> list[Path]:
    return [path for path in settings.files.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "name", "media_type", "stored_as"),
    [
        (picture("JPEG"), "IMG_1.JPG", "image/jpeg", "IMG_1.jpg"),
        (picture("PNG"), "圖.png", "image/png", "圖.png"),
        (picture("WEBP"), "a.webp", "image/webp", "a.webp"),
        (picture("GIF"), "a.gif", "image/gif", "a.gif"),
        (picture("PNG"), "really.pdf", "image/png", "really.png"),
        (picture("JPEG"), "evil.php.exe", "image/jpeg", "evil.php.jpg"),
        (picture("JPEG", mode="CMYK"), "print.jpg", "image/jpeg", "print.jpg"),
        (PDF, "規程.pdf", "application/pdf", "規程.pdf"),
        (DOCX, "表.docx", filetypes._OFFICE + "wordprocessingml.document", "表.docx"),
        (XLSX, "a.zip", filetypes._OFFICE + "spreadsheetml.sheet", "a.xlsx"),
        (PPTX, "a.pptx", filetypes._OFFICE + "presentationml.presentation", "a.pptx"),
        (ODT, "a.odt", "application/vnd.oasis.opendocument.text", "a.odt"),
        ("說明".encode(), "讀我.txt", "text/plain", "讀我.txt"),
        ("姓名,樓棟\n".encode("gb18030"), "a.csv", "text/csv", "a.csv"),
        ("標題".encode("utf-16"), "a.md", "text/markdown", "a.md"),
        (b"v", "v1.2 說明", None, None),
    ],
)  # fmt: skip
def test_the_content_says_what_a_file_is(
    settings: Settings,
    house: SimpleNamespace,
    content: bytes,
    name: str,
    media_type: str | None,
    stored_as: str | None,
) -> None:
    if media_type is None:
        with pytest.raises(Invalid):
            keep(settings, house.editor, content, name)
        return
    file = keep(settings, house.editor, content, name)
    assert (file.media_type, file.name, file.size) == (media_type, stored_as, len(content))
    assert files.find_file(file.uid) == file
    assert files.path_of(settings, file).is_file()
    assert AuditEntry.select().where(AuditEntry.verb == "file.stored").count() == 1


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


REFUSED = [
    (b"", "a.txt"),
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg"),
    (b"<svg onload='alert(1)'/>", "a.png"),
    (b"<svg onload='alert(1)'/>", "a.txt"),
    (b"\xef\xbb\xbf  <!DOCTYPE html><script>x</script>", "a.txt"),
    (b"<html></html>", "a.html"),
    (b"<?xml version='1.0'?><svg/>", "a.md"),
    (b"MZ\x90\x00" + b"\0" * 100, "setup.exe"),
    (b"MZ\x90\x00" + b"\0" * 100, "setup.txt"),
    (b"\x7fELF" + b"\0" * 100, "a.jpg"),
    (b"#!/bin/sh\nrm -rf /\n", "a.txt"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.doc"),
    (b"\x00\x00\x00\x18ftypheic" + b"\0" * 100, "a.heic"),
    (b"abc\x00def", "a.txt"),
    (b"%PDF-1.7 cut off", "a.pdf"),
    (picture("JPEG")[:3000], "a.jpg"),
    (picture("PNG")[:-20], "a.png"),
    (b"\x89PNG\r\n\x1a\nrubbish", "a.png"),
    (b"GIF89a" + b"\xff" * 30, "a.gif"),
    (png_header(60000, 60000), "bomb.png"),
    (archive({"a.txt": "x"}), "a.zip"),
    (archive({"a.txt": "x"}), "a.docx"),
    (DOCX[:-30], "a.docx"),
    (b"PK\x03\x04rubbish", "a.docx"),
    (office("wordprocessingml.document.main+xml", **{"word/vbaProject.bin": b"x"}), "a.docx"),
    (office("ms-word.document.macroEnabled.main+xml"), "a.docm"),
    (office('spreadsheetml.sheet.main+xml"/><Override ContentType="application/vnd.ms-excel.macrosheet+xml'), "a.xlsx"),
    (archive({"mimetype": "application/vnd.oasis.opendocument.text", "Basic/Standard/M.xml": "x"}), "a.odt"),
    (archive({"mimetype": "application/epub+zip"}), "a.epub"),
    (office("wordprocessingml.document.main+xml", big=b"\0" * 3_000_000), "bomb.docx"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "name"), REFUSED)
def test_what_is_refused_leaves_nothing_behind(
    settings: Settings, house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str
) -> None:
    monkeypatch.setattr(filetypes, "MAX_UNPACKED", 2_000_000)
    with pytest.raises(Invalid) as error:
        keep(settings, house.editor, content, name)
    assert error.value.fields["file"] == [error.value.message]
    assert everything_on_disk(settings) == []
    assert StoredFile.select().count() == 0


def test_a_bomb_says_how_many_pixels_are_too_many(settings: Settings, house: SimpleNamespace) -> None:
    with pytest.raises(Invalid) as error:
        keep(settings, house.editor, png_header(60000, 60000), "bomb.png")
    assert error.value.message.values == {"found": 3600, "limit": 64}


@pytest.mark.parametrize(
    ("content", "limit"),
    [(picture("PNG") + b"\0" * (1024 * 1024 + 1), 1), (b"a" * (2 * 1024 * 1024 + 1), 2)],
    ids=["picture", "file"],
)  # fmt: skip
def test_above_its_limit_the_figure_is_said(
    settings: Settings, house: SimpleNamespace, content: bytes, limit: int
) -> None:
    settings = replace(settings, photo_mb=1, file_mb=2)
    with pytest.raises(TooLarge) as error:
        keep(settings, house.editor, content, "a.txt")
    assert error.value.message.values["limit"] == limit
    assert everything_on_disk(settings) == []


def test_an_upload_without_end_is_not_read_to_its_end(settings: Settings, house: SimpleNamespace) -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            self.taken += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(TooLarge):
        files.store(replace(settings, file_mb=1, photo_mb=1), house.editor, stream, "a.txt")  # type: ignore[arg-type]
    assert stream.taken < 2 * 1024 * 1024


def test_exactly_at_the_limit_is_accepted(settings: Settings, house: SimpleNamespace) -> None:
    assert (
        keep(replace(settings, file_mb=1, photo_mb=1), house.editor, b"a" * 1024 * 1024, "a.txt").size
        == 1024**2
    )


def test_the_same_content_is_kept_once(settings: Settings, house: SimpleNamespace) -> None:
    first = keep(settings, house.editor, PDF, "a.pdf")
    second = keep(settings, house.reviewer, PDF, "b.pdf")
    assert first.uid != second.uid
    assert [path.name for path in everything_on_disk(settings)] == [first.sha256]
    assert files.content_path(settings, first.sha256).read_bytes() == PDF


@pytest.mark.parametrize("who", [None, "owner", "tenant", "receptionist"])
def test_only_who_works_on_content_may_upload(
    settings: Settings, house: SimpleNamespace, who: str | None
) -> None:
    with pytest.raises(NotAllowed):
        keep(settings, house.people[who] if who else None, PDF, "a.pdf")
    assert everything_on_disk(settings) == []


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\boot.ini", "boot.pdf"),
        ("/", "file.pdf"),
        ("", "file.pdf"),
        ("..", "file.pdf"),
        ("a\x00b\r\nc.pdf", "a b c.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ('a"<b>.pdf', "a b.pdf"),
        ("第1.2條 說明", "第1.2條 說明.pdf"),
        ("長" * 400 + ".pdf", "長" * 190 + ".pdf"),
    ],
)  # fmt: skip
def test_names_are_names_and_never_paths(given_name: str, kept: str) -> None:
    assert files.clean_name(given_name, "pdf") == kept


@given(st.text(max_size=300))
def test_any_name_becomes_a_harmless_one(name: str) -> None:
    kept = files.clean_name(name, "txt")
    assert kept.endswith(".txt")
    assert len(kept) <= 200
    assert not set(kept) & set('/\\\0\r\n"<>')
    assert not kept.startswith(".")


@pytest.mark.parametrize("digest", ["../../../../etc/passwd", "", "a" * 63, "A" * 64, "a" * 64 + "/.."])
def test_no_row_leads_out_of_the_folder(settings: Settings, house: SimpleNamespace, digest: str) -> None:
    file = keep(settings, house.editor, PDF, "a.pdf")
    file.sha256 = digest
    with pytest.raises(NotFound):
        files.path_of(settings, file)


@pytest.mark.parametrize("rendition", ["../x", "", "huge", "card/../page"])
def test_unknown_renditions_are_not_found(settings: Settings, house: SimpleNamespace, rendition: str) -> None:
    for content in (PDF, picture()):
        with pytest.raises(NotFound):
            files.path_of(settings, keep(settings, house.editor, content), rendition)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize(
    ("rendition", "side"), [("thumb", 200), ("card", 640), ("page", 1600), ("original", 2000)]
)
def test_renditions_are_small_enough_and_say_nothing_of_the_camera(
    settings: Settings, house: SimpleNamespace, format: str, rendition: str, side: int
) -> None:
    content = picture(format, (2000, 1000))
    assert SECRET in content
    file = keep(settings, house.editor, content)
    path = files.path_of(settings, file, rendition)
    assert SECRET not in path.read_bytes()
    with Image.open(path) as shown:
        assert shown.size == (side, side // 2)
        assert not dict(shown.getexif())
        assert Image.MIME[str(shown.format)] == files.type_of(file, rendition)
    assert path.parent.parts[-3:] == ("renditions", file.sha256[:2], file.sha256[2:4])


def test_xmp_and_text_notes_go_too(settings: Settings, house: SimpleNamespace) -> None:
    notes = PngInfo()
    notes.add_text("Author", SECRET.decode())
    notes.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET.decode()}</x>")
    for content in (
        picture("PNG", pnginfo=notes),
        picture("JPEG", xmp=b"<x>" + SECRET + b"</x>"),
        picture("WEBP", xmp=b"<x>" + SECRET + b"</x>"),
    ):
        file = keep(settings, house.editor, content)
        for rendition in pictures.SIZES:
            assert SECRET not in files.path_of(settings, file, rendition).read_bytes(), (
                content[:8],
                rendition,
            )


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("rendition", ["thumb", "original"])
def test_pictures_stand_upright(
    settings: Settings, house: SimpleNamespace, format: str, rendition: str
) -> None:
    file = keep(settings, house.editor, picture(format, (400, 200), orientation=6))  # to be turned right
    assert (file.width, file.height) == (200, 400)
    with Image.open(files.path_of(settings, file, rendition)) as shown:
        assert shown.height == 2 * shown.width
        colours = shown.convert("RGB")
        top, bottom = (
            colours.getpixel((shown.width // 2, 5)),
            colours.getpixel((shown.width // 2, shown.height - 5)),
        )
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]  # the left half, red, is on top now
    assert bottom[2] > 200 > 60 > bottom[0]


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "I;16"),
        ("PNG", "1"),
        ("PNG", "LA"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
    ],
)
def test_every_mode_of_picture_can_be_shown(
    settings: Settings, house: SimpleNamespace, format: str, mode: str
) -> None:
    file = keep(
        settings,
        house.editor,
        picture(format, mode="L" if mode == "I;16" else mode) if mode != "I;16" else deep(),
    )
    for rendition in pictures.SIZES:
        with Image.open(files.path_of(settings, file, rendition)) as shown:
            shown.load()


def deep() -> bytes:
    out = io.BytesIO()
    Image.new("I;16", (300, 300), 30000).save(out, "PNG")
    return out.getvalue()


def test_see_through_stays_see_through(settings: Settings, house: SimpleNamespace) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (800, 800), (0, 0, 0, 0)).save(out, "PNG")
    path = files.path_of(settings, keep(settings, house.editor, out.getvalue()), "card")
    with Image.open(path) as shown:
        assert shown.convert("RGBA").getpixel((5, 5)) == (0, 0, 0, 0)


def test_an_animation_still_moves_in_the_original_only(settings: Settings, house: SimpleNamespace) -> None:
    out = io.BytesIO()
    steps = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue", "green")]
    steps[0].save(out, "GIF", save_all=True, append_images=steps[1:], duration=70, loop=0, comment=SECRET)
    file = keep(settings, house.editor, out.getvalue())
    with Image.open(files.path_of(settings, file)) as shown:
        assert (getattr(shown, "n_frames", 1), shown.info["duration"]) == (3, 70)
    assert SECRET not in files.path_of(settings, file).read_bytes()
    with Image.open(files.path_of(settings, file, "card")) as shown:
        assert (shown.format, getattr(shown, "n_frames", 1)) == ("PNG", 1)


def test_a_rendition_is_made_once(settings: Settings, house: SimpleNamespace) -> None:
    file = keep(settings, house.editor, picture())
    first = files.path_of(settings, file, "card")
    stamp = first.stat().st_mtime_ns
    assert files.path_of(settings, file, "card") == first
    assert first.stat().st_mtime_ns == stamp


def test_a_rendition_that_fails_leaves_no_half_one(
    settings: Settings, house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = keep(settings, house.editor, picture())

    def full(source: Path, target: Any, rendition: str) -> None:
        target.write(b"half")
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(pictures, "_write", full)
    with pytest.raises(StorageFull):
        files.path_of(settings, file, "card")
    assert [path.name for path in everything_on_disk(settings)] == [file.sha256]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_no_more_is_said_so(
    settings: Settings, house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        keep(settings, house.editor, PDF)
    assert everything_on_disk(settings) == []
    assert StoredFile.select().count() == 0


def test_lost_content_is_not_found(settings: Settings, house: SimpleNamespace) -> None:
    kept = [keep(settings, house.editor, content) for content in (PDF, picture())]
    for file in kept:
        files.content_path(settings, file.sha256).unlink()
        with pytest.raises(NotFound):
            files.path_of(settings, file)
    assert files.missing(settings) == kept


def test_check_finds_what_lies_about(settings: Settings, house: SimpleNamespace) -> None:
    file = keep(settings, house.editor, picture())
    files.path_of(settings, file, "card")
    stray = settings.files / "ab" / "cd" / ("ab" * 32)
    unfinished = settings.files / "incoming" / "tmpx"
    for path in (stray, unfinished):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    long_ago = (moment.now() - timedelta(days=2)).timestamp()
    for path in everything_on_disk(settings):
        os.utime(path, (long_ago, long_ago))
    assert set(files.unused(settings, timedelta(days=1))) == {stray, unfinished}
    assert files.unused(settings, timedelta(days=3)) == []
    assert files.missing(settings) == []


def make_item(house: SimpleNamespace, file: StoredFile, state: str = "draft", **more: Any) -> Any:
    values = notice(body=f'<p><img src="file:{file.uid}" alt="x"></p>', **more)
    make = actions.create if state == "draft" else actions.publish_now
    return make(house.administrator, "notice", house.board, values)


def test_a_file_nobody_shows_is_its_owners(settings: Settings, house: SimpleNamespace) -> None:
    file = keep(settings, house.editor, PDF)
    assert [p for p in (None, *house.people.values()) if files.may_see(p, file)] == [house.editor]


def test_a_draft_shows_its_pictures_to_who_works_on_it(settings: Settings, house: SimpleNamespace) -> None:
    file = keep(settings, house.administrator, picture())
    make_item(house, file)
    assert files.may_see(house.editor, file)
    assert files.may_see(house.reviewer, file)
    assert not files.may_see(None, file)
    assert not files.may_see(house.owner, file)
    assert not files.may_see(house.receptionist, file)


@pytest.mark.parametrize(
    ("audience", "seen_by"), [("", {None, "owner", "receptionist"}), ("residents", {"owner"}), ("staff", {"receptionist"})]
)  # fmt: skip
def test_a_published_item_shows_its_pictures_to_its_readers(
    settings: Settings, house: SimpleNamespace, audience: str, seen_by: set[str | None]
) -> None:
    file = keep(settings, house.administrator, picture())
    make_item(house, file, "published", audience=audience)
    people = {None: None, "owner": house.owner, "receptionist": house.receptionist}
    assert {name for name, person in people.items() if files.may_see(person, file)} == seen_by


def test_pictures_go_when_the_item_goes(
    settings: Settings, house: SimpleNamespace, clock: Callable[[timedelta], None]
) -> None:
    file = keep(settings, house.editor, picture())
    expiry = moment.now() + timedelta(days=1)
    make_item(house, file, "published", expire_at=expiry)
    assert files.may_see(None, file)
    clock(timedelta(days=1))
    assert not files.may_see(None, file), "expired, even before the worker came by"


def test_a_trashed_items_pictures_are_not_public(settings: Settings, house: SimpleNamespace) -> None:
    file = keep(settings, house.editor, picture())
    item = make_item(house, file, "published")
    actions.trash(house.administrator, item)
    assert not files.may_see(None, file)
    assert not files.may_see(house.owner, file)


def test_a_working_copys_pictures_are_for_editors_until_it_goes_live(
    settings: Settings, house: SimpleNamespace
) -> None:
    old, new = keep(settings, house.editor, picture()), keep(settings, house.editor, picture(size=(20, 20)))
    item = make_item(house, old, "published")
    values = {**actions.working_values(item), "body": f'<p><img src="file:{new.uid}" alt="y"></p>'}
    item = actions.edit(house.administrator, item, values, version=item.version)
    assert files.may_see(None, old)
    assert not files.may_see(None, new)
    assert files.may_see(house.reviewer, new)
    actions.transition(house.administrator, item, "publish")
    assert files.may_see(None, new)
    assert not files.may_see(None, old)


def test_uses_are_rewritten_and_unknown_ones_left_out(settings: Settings, house: SimpleNamespace) -> None:
    one, two = keep(settings, house.editor, picture()), keep(settings, house.editor, PDF)
    item = make_item(house, one)
    with transaction():
        files.note_uses(item, [two.uid, "f" * 32])
    assert [use.file for use in FileUse.select().where(FileUse.item == item)] == [two]
    with transaction():
        files.note_uses(item, [])
    assert FileUse.select().count() == 0


def test_the_choice_of_pictures_is_ones_own_and_those_one_works_with(
    settings: Settings, house: SimpleNamespace
) -> None:
    mine = keep(settings, house.editor, picture())
    theirs = keep(settings, house.administrator, picture(size=(20, 20)))
    keep(settings, house.editor, PDF)
    assert files.listing(house.editor) == [mine]
    make_item(house, theirs)
    assert files.listing(house.editor) == [theirs, mine]
    assert files.listing(house.editor, before=theirs.id) == [mine]
    assert len(files.listing(house.editor, pictures_only=False)) == 3
    assert files.listing(house.owner) == files.listing(None) == []


def test_what_is_shown_somewhere_cannot_be_taken_away(settings: Settings, house: SimpleNamespace) -> None:
    file = keep(settings, house.editor, picture())
    item = make_item(house, file)
    with pytest.raises(Invalid):
        file_trash.trash_file(house.editor, file)
    with pytest.raises(NotAllowed):
        file_trash.trash_file(house.reviewer, file)
    with pytest.raises(NotFound):
        file_trash.trash_file(house.owner, file)
    files.note_uses(item, [])
    file_trash.trash_file(house.editor, file)
    with pytest.raises(NotFound):
        files.find_file(file.uid)
    gone = StoredFile.get_by_id(file.id)
    assert not files.may_see(house.editor, gone)
    with pytest.raises(NotFound):
        file_trash.untrash_file(house.owner, gone)
    file_trash.untrash_file(house.editor, gone)
    assert files.may_see(house.editor, files.find_file(file.uid))
    verbs = [
        entry.verb
        for entry in AuditEntry.select().order_by(AuditEntry.id).where(AuditEntry.subject == file.name)
    ]
    assert verbs[-2:] == ["file.trashed", "file.untrashed"]


def test_what_visitors_load_costs_few_queries(settings: Settings, house: SimpleNamespace) -> None:
    file = keep(settings, house.editor, picture())
    make_item(house, file, "published")
    with counted() as queries:
        found = files.find_file(file.uid)
        assert files.may_see(None, found)
        files.path_of(settings, found, "card")
    assert len(queries) == 2


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SQL statements run meanwhile."""
    queries: list[str] = []
    connection = database.connection()
    connection.set_trace_callback(queries.append)
    try:
        yield queries
    finally:
        connection.set_trace_callback(None)
