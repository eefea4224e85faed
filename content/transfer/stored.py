"""Contents of uploads on the disk, by their digest: the same places as in ``content.files``."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from content.settings import Settings

CHUNK = 256 * 1024


def place_of(settings: Settings, digest: str) -> Path:
    """Where the content with this digest lies. Raises ``ValueError`` for what is no digest."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("not a digest")
    return settings.files / digest[:2] / digest[2:4] / digest


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def put(settings: Settings, digest: str, content: Path) -> bool:
    """Move a file whose digest was checked to its place; False if the content was there already."""
    target = place_of(settings, digest)
    if target.is_file() and target.stat().st_size == content.stat().st_size:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as sink, content.open("rb") as source:
            while chunk := source.read(CHUNK):
                sink.write(chunk)
            sink.flush()
            os.fsync(sink.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return True
