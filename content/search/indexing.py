"""Keeping the index in step with the database: pending work, rebuilding, comparing and mending."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from content import moment
from content.db import transaction
from content.outbox import Outgoing
from content.search.backend import (
    BrokenIndex,
    Candidate,
    Index,
    IndexBusy,
    IndexDocument,
    Mask,
    SearchBackend,
)
from content.search.documents import CHANNEL, SearchDocument, index_documents
from content.search.tree import Tree
from content.search.whoosh_backend import WhooshBackend
from content.settings import Settings

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
# Ids in one commit of a repair.
BATCH = 200

_backends: dict[Path, SearchBackend] = {}
_lock = Lock()


@dataclass(frozen=True)
class Agreement:
    """How index and database differ, as keys: absent from the index, only in the index, of another version."""

    missing: tuple[str, ...] = ()
    stray: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not (self.missing or self.stray or self.stale)


def backend(settings: Settings) -> SearchBackend:
    """The index of the installation; one per folder and process, shared by all threads."""
    root = settings.index.absolute()
    with _lock:
        if root not in _backends:
            _backends[root] = WhooshBackend(root)
        return _backends[root]


def close(settings: Settings) -> None:
    """Let go of the index's files, for a process that ends or a folder that is replaced."""
    with _lock:
        held = _backends.pop(settings.index.absolute(), None)
    if held is not None:
        held.close()


def search(settings: Settings, tree: Tree, mask: Mask, limit: int) -> list[Candidate]:
    """The index's candidates. An absent or damaged index is made again first."""
    found = backend(settings)
    generation = found.generation()
    try:
        return found.search(tree, mask, limit)
    except BrokenIndex:
        _replace(settings, generation)
        return found.search(tree, mask, limit)


def index_pending(settings: Settings, limit: int = BATCH) -> int:
    """Write one batch of what changes enqueued (about ``limit`` documents); returns how many keys it settled.

    Call it until it returns 0. Killed at any point it loses nothing: a job counts as done only after the
    commit, and doing it again changes nothing.
    """
    found = backend(settings)
    generation = found.generation()
    try:
        return _write_batch(found, limit)
    except IndexBusy:
        log.info("another process is indexing")
        return 0
    except BrokenIndex:
        _replace(settings, generation)
        return _write_batch(found, limit)


def _write_batch(found: SearchBackend, limit: int) -> int:
    if not _open_jobs().exists():
        if not found.ready():
            raise BrokenIndex("there is no index yet")
        return 0
    with found.writing():
        jobs, keys = _claim(limit)
        if not jobs:
            return 0
        documents = list(index_documents(keys))
        found.index(documents, gone=keys - {one.id for one in documents})
        with transaction():
            Outgoing.update(sent_at=moment.now()).where(Outgoing.id.in_(jobs)).execute()
        return len(keys)


def _open_jobs() -> Any:
    return Outgoing.select().where(
        Outgoing.channel == CHANNEL, Outgoing.sent_at.is_null(), Outgoing.failed_at.is_null()
    )


def _claim(limit: int) -> tuple[list[int], set[str]]:
    """The oldest jobs with about ``limit`` keys. Nobody else claims: the caller holds the lock for writing."""
    jobs: list[int] = []
    keys: set[str] = set()
    for job in _open_jobs().order_by(Outgoing.id).limit(limit):
        more = keys.union(job.context["keys"])
        if jobs and len(more) > limit:
            break
        jobs.append(job.id)
        keys = more
    return jobs, keys


def rebuild(settings: Settings, progress: Progress | None = None) -> int:
    """Make the index anew from the database while searching goes on; returns how many documents it holds.

    ``progress`` is called with (done, all). Raises ``Busy`` through the database only; waits for others.
    """
    backend(settings).rebuild(_told(progress), _settle)
    return SearchDocument.select().count()


def _replace(settings: Settings, generation: str) -> None:
    """Make the index again in place of a generation that cannot be read; others may be faster."""
    if generation:
        log.warning("the search index is made again")
    backend(settings).rebuild(_told(None), _settle, instead_of=generation)


def _told(progress: Progress | None) -> Iterator[IndexDocument]:
    total = SearchDocument.select().count()
    for done, one in enumerate(index_documents(), start=1):
        yield one
        if progress is not None and (done % 500 == 0 or done == total):
            progress(done, total)


def _settle(index: Index) -> None:
    """Bring in what changed while the index was made."""
    _mend(index, _compared(index))


def compare(settings: Settings) -> Agreement:
    """Compare the index with the database, version by version. An unreadable index lacks everything."""
    try:
        return _compared(backend(settings))
    except BrokenIndex:
        return Agreement(missing=tuple(_versions()))


def _versions() -> dict[str, str]:
    return {row.key: row.version for row in SearchDocument.select(SearchDocument.key, SearchDocument.version)}


def _compared(index: Index) -> Agreement:
    wanted = _versions()
    held: dict[str, list[str]] = {}
    for key, version in index.ids():
        held.setdefault(key, []).append(version)
    return Agreement(
        missing=tuple(key for key in wanted if key not in held),
        stray=tuple(key for key in held if key not in wanted),
        stale=tuple(key for key in wanted if key in held and held[key] != [wanted[key]]),
    )


def mend(settings: Settings) -> Agreement:
    """Make the index agree with the database; returns what differed."""
    found = backend(settings)
    generation = found.generation()
    try:
        with found.writing():
            differs = _compared(found)
            _mend(found, differs)
    except BrokenIndex:
        differs = compare(settings)
        _replace(settings, generation)
    return differs


def _mend(index: Index, differs: Agreement) -> None:
    wrong = [*differs.missing, *differs.stale, *differs.stray]
    for start in range(0, len(wrong), BATCH):
        keys = set(wrong[start : start + BATCH])
        documents = list(index_documents(keys))
        index.index(documents, gone=keys - {one.id for one in documents})
