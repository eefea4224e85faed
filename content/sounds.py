"""Voice notes: what a recording is, told from its content. Only sound is accepted, no moving pictures."""

from __future__ import annotations

import struct
from pathlib import Path

HEAD = 4096
MOST_BOXES = 1_000  # of an MPEG-4 file
MAX_INDEX = 4 * 1024**2
# An MP3 begins with its notes (ID3), or with a frame: layer III of MPEG 1, 2 or 2.5.
_LAYER_3 = frozenset({0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2})
_OGG_SOUNDS = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
_STILL = (
    b"heic",
    b"heix",
    b"heim",
    b"hevc",
    b"mif1",
    b"msf1",
    b"avif",
    b"avis",
)  # photos in the same container
_EBML = b"\x1a\x45\xdf\xa3"


class Damaged(Exception):
    """It claims to be a recording and is none, or is cut short."""


class NotSound(Exception):
    """It is of the same container, but not a recording of sound alone."""


def looks_like_sound(head: bytes) -> bool:
    """Whether a file that begins so claims to be M4A, MP3, Ogg, WebM, AMR or WAV."""
    return (
        head[4:8] == b"ftyp"
        or head.startswith((b"ID3", b"OggS", _EBML, b"#!AMR"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WAVE")
        or _is_frame(head)
    )


def _is_frame(head: bytes) -> bool:
    return len(head) > 3 and head[0] == 0xFF and head[1] in _LAYER_3 and head[2] >> 4 not in (0, 15)


def examine(path: Path) -> tuple[str, str]:
    """The media type and ending of a recording. Raises ``Damaged`` or ``NotSound``."""
    with path.open("rb") as opened:
        head = opened.read(HEAD)
    if head[4:8] == b"ftyp":
        if head[8:12] in _STILL:
            raise NotSound()
        return _mpeg4(path)
    if head.startswith(_EBML):
        return _webm(head)
    if head.startswith(b"OggS"):
        return _ogg(head)
    if head.startswith(b"#!AMR"):
        return _amr(head)
    if head.startswith(b"RIFF"):
        return _wav(path, head)
    return _mp3(path, head)


def _mpeg4(path: Path) -> tuple[str, str]:
    """The index of its tracks (``moov``) has a track of sound and none of pictures."""
    index = _index_of(path)
    if b"vide" in index:
        raise NotSound()
    if b"soun" not in index:
        raise Damaged()
    return "audio/mp4", "m4a"


def _index_of(path: Path) -> bytes:
    size = path.stat().st_size
    place = 0
    with path.open("rb") as opened:
        for _ in range(MOST_BOXES):
            opened.seek(place)
            start = opened.read(16)
            if len(start) < 8:
                break
            length, kind, skip = int(struct.unpack(">I", start[:4])[0]), start[4:8], 8
            if length == 1 and len(start) == 16:
                length, skip = int(struct.unpack(">Q", start[8:])[0]), 16
            if length == 0:
                length = size - place
            if length < skip or place + length > size:
                break
            if kind == b"moov":
                if length > MAX_INDEX:
                    break
                opened.seek(place + skip)
                return opened.read(length - skip)
            place += length
    raise Damaged()


def _webm(head: bytes) -> tuple[str, str]:
    if b"webm" not in head[:64]:
        raise NotSound()
    if any(codec in head for codec in (b"V_VP8", b"V_VP9", b"V_AV1", b"V_MPEG", b"V_UNCOMP")):
        raise NotSound()
    if b"A_OPUS" not in head and b"A_VORBIS" not in head:
        raise Damaged()
    return "audio/webm", "webm"


def _ogg(head: bytes) -> tuple[str, str]:
    if b"\x80theora" in head:
        raise NotSound()
    if not any(sound in head for sound in _OGG_SOUNDS):
        raise NotSound()
    return "audio/ogg", "opus" if b"OpusHead" in head else "ogg"


def _amr(head: bytes) -> tuple[str, str]:
    if not head.startswith((b"#!AMR\n", b"#!AMR-WB\n")) or len(head) < 16:
        raise Damaged()
    return ("audio/amr-wb" if head.startswith(b"#!AMR-WB\n") else "audio/amr"), "amr"


def _wav(path: Path, head: bytes) -> tuple[str, str]:
    stated = int(struct.unpack("<I", head[4:8])[0]) + 8
    # Telephones that stop abruptly leave the length at 0 or at its greatest.
    if b"fmt " not in head or (stated not in (8, 0xFFFFFFFF + 8) and stated > path.stat().st_size + 1):
        raise Damaged()
    return "audio/wav", "wav"


def _mp3(path: Path, head: bytes) -> tuple[str, str]:
    """Behind the notes, if there are any, stands a frame."""
    place = 0
    if head.startswith(b"ID3"):
        if len(head) < 10 or any(byte & 0x80 for byte in head[6:10]):
            raise Damaged()
        place = 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    with path.open("rb") as opened:
        opened.seek(place)
        frame = opened.read(HEAD).lstrip(b"\x00")
    if not _is_frame(frame):
        raise Damaged()
    return "audio/mpeg", "mp3"
