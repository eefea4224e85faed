"""The folder of an index on disk: generations beside one another, a pointer to the one in use, and locks."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from content.search.backend import IndexBusy

POINTER = "current"
# Seconds that a writer waits for another one.
WAIT = 20.0


def current(root: Path) -> Path | None:
    """The generation in use, or None if there is none."""
    try:
        name = (root / POINTER).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    folder = root / name
    return folder if name.startswith("g-") and "/" not in name and folder.is_dir() else None


def fresh(root: Path) -> Path:
    """An empty folder for a new generation."""
    folder = root / f"g-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    return folder


def switch(root: Path, folder: Path) -> None:
    """Make a generation the one in use, in one step, and remove all others.

    Readers that have an older one open go on: their files live until they are closed.
    """
    beside = root / f"{POINTER}.new"
    beside.write_text(folder.name, "ascii")
    os.replace(beside, root / POINTER)
    for other in root.glob("g-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


@contextmanager
def exclusive(root: Path, name: str, wait: float = WAIT) -> Iterator[None]:
    """Hold a lock among all threads and processes; it dies with its process. Raises ``IndexBusy``."""
    root.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait
    with open(root / f"{name}.lock", "w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise IndexBusy(f"{root} is being written to") from None
                time.sleep(0.02)
        yield
