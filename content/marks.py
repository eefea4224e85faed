"""Small notes in the data folder that every process reads without the database."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from content.settings import Settings


def path_of(settings: Settings, name: str) -> Path:
    """Where a note lies."""
    return settings.data / f"{name}.json"


def read(settings: Settings, name: str) -> dict[str, Any] | None:
    """What a note says; ``None`` if there is none or it cannot be read."""
    try:
        found = json.loads(path_of(settings, name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write(settings: Settings, name: str, values: dict[str, Any]) -> None:
    """Write a note; whoever reads it meets the old one or the new one. Raises ``OSError``."""
    replace(path_of(settings, name), json.dumps(values, ensure_ascii=False))


def replace(path: Path, text: str) -> None:
    """Put a text in the place of a file, whole or not at all. Raises ``OSError``."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
