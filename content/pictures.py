"""Pictures: whether one is sound, and what pages show of it, without what the camera wrote into it."""

from __future__ import annotations

import os
import struct
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

# The longest side in pixels. "original" keeps its size and loses its metadata.
SIZES = {"thumb": 200, "card": 640, "page": 1600, "original": 0}
# 64 million: every present telephone's usual pictures; about 200 MB while one is being worked on.
MAX_PIXELS = 64_000_000
MAX_FRAMES = 300
QUALITY = 84
_FORMATS = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "GIF": ("image/gif", "gif"),
}
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_BROKEN = (OSError, SyntaxError, ValueError, struct.error, EOFError, IndexError, UnidentifiedImageError)
# What may stay of a picture's own notes: colours as meant, and how an animation runs.
_KEPT = ("icc_profile", "transparency", "duration", "loop", "disposal", "background")

# Checked here before anything is decoded; Pillow's own check warns only, and process-wide.
Image.MAX_IMAGE_PIXELS = None
# One picture at a time, so that memory is bounded by one.
_one_at_a_time = threading.Lock()


class Unreadable(Exception):
    """Not a picture that can be shown: damaged, cut short or of another kind."""


class TooManyPixels(Unreadable):
    """A picture that would fill the memory."""

    def __init__(self, pixels: int) -> None:
        super().__init__(f"{pixels} pixels")
        self.pixels = pixels


@dataclass(frozen=True)
class Found:
    """What a picture is; width and height as it is shown, turned upright."""

    media_type: str
    ending: str
    width: int
    height: int


def looks_like_picture(head: bytes) -> bool:
    """Whether a file that begins so claims to be a JPEG, PNG, GIF or WebP."""
    return head.startswith(_STARTS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def examine(path: Path) -> Found:
    """Decode a picture once to see that it is whole. Raises ``Unreadable`` or ``TooManyPixels``."""
    with _one_at_a_time:
        try:
            with _open(path) as picture:
                picture.verify()
            with _open(path) as picture:
                name, size = _format(picture), _upright_size(picture)
                picture.draft("RGB", (picture.width // 8, picture.height // 8))
                picture.load()
        except _BROKEN as error:
            raise Unreadable(str(error)) from error
    media_type, ending = _FORMATS[name]
    return Found(media_type, ending, *size)


def rendition_type(media_type: str, rendition: str) -> str:
    """The media type of a rendition: that of the picture, but stills of a GIF are PNG."""
    return "image/png" if media_type == "image/gif" and rendition != "original" else media_type


def make(source: Path, target: Path, rendition: str) -> None:
    """Write a rendition of a sound picture, whole or not at all. Raises ``Unreadable``, ``OSError``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".making-")
    try:
        with os.fdopen(handle, "wb") as opened, _one_at_a_time:
            _write(source, opened, rendition)
            opened.flush()
            os.fsync(opened.fileno())
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _open(path: Path) -> Image.Image:
    picture = Image.open(path, formats=tuple(_FORMATS))
    pixels = picture.width * picture.height
    frames = getattr(picture, "n_frames", 1) if pixels <= MAX_PIXELS else 1
    if pixels > MAX_PIXELS or (
        frames > 1 and _format(picture) != "JPEG" and pixels * frames > 4 * MAX_PIXELS
    ):
        picture.close()
        raise TooManyPixels(pixels * frames)
    return picture


def _format(picture: Image.Image) -> str:
    # Telephones append a preview or a depth map to a JPEG; Pillow calls that MPO.
    return "JPEG" if picture.format == "MPO" else str(picture.format)


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    return (picture.height, picture.width) if turned else (picture.width, picture.height)


def _write(source: Path, target: Any, rendition: str) -> None:
    try:
        with _open(source) as picture:
            name = _format(picture)
            frames = getattr(picture, "n_frames", 1)
            if rendition == "original":
                if frames > 1 and name in ("GIF", "WEBP"):
                    _write_frames(picture, target, name)
                else:
                    _write_upright(picture, target, name)
                return
            side = SIZES[rendition]
            if name == "JPEG":
                picture.draft("RGB", (side, side))  # decodes at a fraction of the size
            _write_small(picture, target, "PNG" if name == "GIF" else name, side)
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno:  # of the disk, not of the picture
            raise
        raise Unreadable(str(error)) from error


def _write_upright(picture: Image.Image, target: Any, name: str) -> None:
    kept = _kept(picture)
    if picture.format == "JPEG" and picture.getexif().get(0x0112, 1) in (0, 1):
        picture.load()
        picture.info = kept
        picture.save(target, "JPEG", quality="keep", exif=b"", optimize=True, **_colours(kept))
        return
    upright = ImageOps.exif_transpose(picture)
    upright.info = kept
    options: dict[str, Any] = {"quality": 92} if name in ("JPEG", "WEBP") else {"optimize": True}
    upright.save(target, name, exif=b"", **_colours(kept), **options) if name != "GIF" else upright.save(
        target, name
    )


def _write_frames(picture: Image.Image, target: Any, name: str) -> None:
    frames, durations = [], []
    for number in range(min(getattr(picture, "n_frames", 1), MAX_FRAMES)):
        picture.seek(number)
        frame = picture.copy()
        frame.info = {}
        frames.append(frame)
        durations.append(picture.info.get("duration", 100))
    frames[0].save(
        target,
        name,
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=picture.info.get("loop", 0),
    )


def _write_small(picture: Image.Image, target: Any, name: str, side: int) -> None:
    kept = _colours(_kept(picture))
    small = ImageOps.exif_transpose(picture)
    if small.mode not in ("RGB", "L", "RGBA", "LA"):
        small = small.convert("RGBA" if name != "JPEG" and "transparency" in picture.info else "RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small.info = {}
    options: dict[str, Any] = {"quality": QUALITY} if name in ("JPEG", "WEBP") else {"optimize": True}
    if name == "JPEG":
        options["progressive"] = True
    small.save(target, name, exif=b"", **kept, **options)


def _kept(picture: Image.Image) -> dict[str | tuple[int, int], Any]:
    return {key: picture.info[key] for key in _KEPT if key in picture.info}


def _colours(kept: dict[str | tuple[int, int], Any]) -> dict[str, Any]:
    return {"icc_profile": kept.get("icc_profile")}
