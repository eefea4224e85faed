"""Voice notes are told from their content: sound alone, whole, whatever the name says."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path

import pytest

from content import filetypes
from content.errors import Invalid


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def mpeg4(*handlers: bytes, brand: bytes = b"M4A ", late: bool = False) -> bytes:
    tracks = [box(b"trak", box(b"hdlr", bytes(8), handler, bytes(12))) for handler in handlers]
    index, sound = box(b"moov", *tracks), box(b"mdat", bytes(5000))
    return box(b"ftyp", brand, bytes(4)) + (sound + index if late else index + sound)


def wav(seconds: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setparams((1, 2, 8000, 0, "NONE", ""))
        made.writeframes(bytes(16000 * seconds))
    return out.getvalue()


def ogg(start: bytes) -> bytes:
    return b"OggS" + bytes(24) + start + bytes(100)


def webm(*codecs: bytes, kind: bytes = b"webm") -> bytes:
    return b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84" + kind + bytes(20) + b"".join(codecs) + bytes(50)


FRAME = b"\xff\xfb\x90\x00" + bytes(400)
NOTES = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
# The size of notes is written in groups of seven bits.
LONG_NOTES = b"ID3\x03\x00\x00\x00\x00\x48\x08" + bytes(72 * 128 + 8)

SOUNDS = [
    (mpeg4(b"soun"), "note.m4a", "audio/mp4", "m4a"),
    (mpeg4(b"soun", late=True), "note.mp4", "audio/mp4", "m4a"),
    (mpeg4(b"soun", brand=b"isom"), "語音.m4a", "audio/mp4", "m4a"),
    (FRAME, "note.mp3", "audio/mpeg", "mp3"),
    (NOTES + FRAME, "note.mp3", "audio/mpeg", "mp3"),
    (LONG_NOTES + FRAME, "really.pdf", "audio/mpeg", "mp3"),
    (ogg(b"OpusHead"), "note.ogg", "audio/ogg", "opus"),
    (ogg(b"\x01vorbis"), "note.ogg", "audio/ogg", "ogg"),
    (webm(b"A_OPUS"), "note.webm", "audio/webm", "webm"),
    (b"#!AMR\n" + bytes(40), "note.amr", "audio/amr", "amr"),
    (b"#!AMR-WB\n" + bytes(40), "note.amr", "audio/amr-wb", "amr"),
    (wav(), "note.wav", "audio/wav", "wav"),
]
REFUSED = [
    ("video", mpeg4(b"vide", b"soun"), "film.mp4"),
    ("video named sound", mpeg4(b"soun", b"vide", late=True), "note.m4a"),
    ("moving pictures in WebM", webm(b"V_VP9", b"A_OPUS"), "note.webm"),
    ("Matroska", webm(b"A_OPUS", kind=b"matroska"), "note.webm"),
    ("no track", mpeg4(), "note.m4a"),
    ("index cut off", mpeg4(b"soun", late=True)[:-10], "note.m4a"),
    ("no end of boxes", box(b"ftyp", b"M4A ") + struct.pack(">I", 0xFFFFFFFF) + b"moov", "note.m4a"),
    ("length of nothing", box(b"ftyp", b"M4A ") + struct.pack(">I", 3) + b"free" * 9, "note.m4a"),
    ("photo of a telephone", box(b"ftyp", b"heic", bytes(4)) + bytes(50), "photo.m4a"),
    ("notes without sound", NOTES + b"<html><script>", "note.mp3"),
    ("notes of impossible size", b"ID3\x04\x00\x00\xff\xff\xff\xff" + FRAME, "note.mp3"),
    ("film in Ogg", ogg(b"\x80theora"), "note.ogg"),
    ("empty Ogg", ogg(b""), "note.ogg"),
    ("script", b"#!AMRon\nrm -rf /\n" + bytes(20), "note.amr"),
    ("wav cut short", wav()[:1000], "note.wav"),
    ("RIFF of a film", b"RIFF\x10\x00\x00\x00AVI LIST" + bytes(20), "note.wav"),
    ("page named sound", b"<html><script>alert(1)</script>", "note.mp3"),
]


@pytest.mark.parametrize(
    ("content", "name", "media_type", "ending"), SOUNDS, ids=[f"{s[1]}-{s[2]}" for s in SOUNDS]
)
def test_recordings_are_accepted(
    tmp_path: Path, content: bytes, name: str, media_type: str, ending: str
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    found = filetypes.recognise(path, name)
    assert (found.media_type, found.ending, found.is_sound, found.is_picture) == (
        media_type,
        ending,
        True,
        False,
    )


@pytest.mark.parametrize(("content", "name"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        filetypes.recognise(path, name)
    assert list(caught.value.fields) == ["file"]


@pytest.mark.parametrize("content", [one[0] for one in SOUNDS], ids=[f"{s[1]}-{s[2]}" for s in SOUNDS])
def test_a_recording_cut_anywhere_is_accepted_or_refused_and_nothing_else(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "upload"
    for length in (1, 3, 4, 7, 8, 9, 11, 12, 13, 15, 16, 17, 20, 40, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        try:
            filetypes.recognise(path, "note.bin")
        except Invalid:
            continue
