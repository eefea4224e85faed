"""The worker's pulse: that it lives, for everybody who wants to know."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from content import marks, moment
from content.settings import Settings

PULSE = timedelta(seconds=5)
SILENT = timedelta(minutes=2)  # a worker that said nothing for so long is taken for dead


def path_of(settings: Settings) -> Path:
    """The file with the worker's last word."""
    return settings.data / "worker.pulse"


def beat(settings: Settings) -> None:
    """Write down that the worker lives. Raises ``OSError``."""
    marks.replace(path_of(settings), moment.now().isoformat())


def last_pulse(settings: Settings) -> datetime | None:
    """When a worker of this portal last said that it lives; ``None`` if there never was one."""
    try:
        return datetime.fromisoformat(path_of(settings).read_text())
    except (OSError, ValueError):
        return None


def alive(pulse: datetime | None) -> bool:
    """Whether that was lately. A pulse from the future says nothing: the clock was set back since."""
    return pulse is not None and abs(moment.now() - pulse) < SILENT
