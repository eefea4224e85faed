"""Contents of uploads by their digest: told from a file, and put where ``content.files`` looks for them; and folders
to work in, which nobody has to clear away by hand."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    """Move a file whose digest was checked to its place; False if the content was there already, and sound.

    One that was there is young from now on: nobody sweeps it away before a row knows it.
    """
    target = content_path(settings, digest)
    if target.is_file():
        os.utime(target)
        if digest_of(target) == digest:
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


@contextmanager
def working_folder(settings: Settings, name: str) -> Iterator[Path]:
    """A folder of one's own in the data folder, gone at the end. What one of that name left there that was killed is
    cleared away first: its lock ended with it. Raises ``OSError``."""
    prefix = f".lianxi-{name}-"
    door = os.open(settings.data, os.O_RDONLY)
    try:
        fcntl.flock(door, fcntl.LOCK_EX)  # a folder that was just made is not yet locked
        for left in settings.data.glob(f"{prefix}*"):
            _clear(left)
        folder = Path(tempfile.mkdtemp(dir=settings.data, prefix=prefix))
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
    finally:
        os.close(door)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _clear(folder: Path) -> None:
    """Remove a folder in which nobody works."""
    with suppress(OSError):  # somebody does, or just did
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)
