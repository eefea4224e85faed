"""A backup of a large data folder while somebody writes: how long the one who writes has to wait at most."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench import data
from bench.figures import Figure
from bench.servers import CannotRun
from bench.working import opened
from content import actions, moment, people
from content.db import database, transaction
from content.files import MB, StoredFile, content_path
from content.items import Section
from content.settings import Settings

CONTENT = 3 * MB  # of one file, as a telephone's photo is
PAUSE = 0.005  # between two writes; an office does not write faster


class Writer:
    """Somebody who changes the portal again and again, as the pages do, and remembers the longest wait."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        editor, place = people.find_person("editor"), Section.get(Section.title == data.SECTIONS[0])
        values = {"title": "停水通知", "body": "<p>明天上午停水，請提前儲水。</p>"}
        while not self._stop.is_set():
            start = time.perf_counter()
            actions.create(editor, "notice", place, values)
            self.waits.append(time.perf_counter() - start)
            time.sleep(PAUSE)
        database.close()

    @property
    def longest(self) -> float:
        """In milliseconds."""
        return max(self.waits, default=0.0) * 1000


def measure(folder: Path, items: int, megabytes: int) -> list[Figure]:
    """Fill a portal with ``items`` and ``megabytes`` of files, and back it up while a writer writes."""
    settings = data.build(folder, items)
    with opened(settings):
        _fill(settings, megabytes)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MB
        database_size = (settings.data / "lianxi.db").stat().st_size / MB
        os.sync()  # what was filled in is not to be measured
        with Writer() as alone:
            time.sleep(5)
        with Writer() as beside:
            seconds = _back_up(settings, folder.with_name("backup.zip"))
    note = (
        f"{size:.0f} MB, database {database_size:.0f} MB, backed up in {seconds:.1f} s; {len(beside.waits)} writes "
        f"meanwhile; without a backup the longest of {len(alone.waits)} is {alone.longest:.0f} ms"
    )
    return [Figure.most("longest write beside a backup", beside.longest, 100, "{:.0f} ms", note)]


def _fill(settings: Settings, megabytes: int) -> None:
    """Contents that nothing can pack, as pictures are."""
    owner, rng = people.find_person("editor"), random.Random(7)
    for number in range(megabytes * MB // CONTENT):
        content = rng.randbytes(CONTENT)
        digest = hashlib.sha256(content).hexdigest()
        path = content_path(settings, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        with transaction():
            StoredFile.create(
                name=f"{number}.jpg", media_type="image/jpeg", size=CONTENT, sha256=digest, owner=owner,
                created_at=moment.now(),
            )  # fmt: skip


def _back_up(settings: Settings, target: Path) -> float:
    command = Path(sys.executable).with_name("lianxi")
    environment = {**os.environ, "LIANXI_DATA": str(settings.data)}
    start = time.perf_counter()
    done = subprocess.run(
        [str(command), "backup", str(target)], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotRun(f"the backup failed: {done.stderr[-500:]}")
    return time.perf_counter() - start
