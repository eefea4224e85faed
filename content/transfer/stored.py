"""Contents of uploads by their digest: told from a file, and put where ``content.files`` looks for them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from content.files import content_path
from content.settings import Settings

CHUNK = 256 * 1024


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def put(settings: Settings, digest: str, content: Path) -> bool:
    """Move a file whose digest was checked to its place; False if the content was there already."""
    target = content_path(settings, digest)
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
