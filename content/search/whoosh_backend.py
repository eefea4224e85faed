"""The index in use: a pointer to one of several folders, each a Whoosh index, switched when it is rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import RLock
from typing import TypeVar

from content.search import folders
from content.search.backend import BrokenIndex, Candidate, Index, IndexDocument, Mask
from content.search.tree import Tree
from content.search.whoosh_index import WhooshIndex

T = TypeVar("T")

# Seconds to wait for somebody else's rebuild.
REBUILD_WAIT = 600.0


class WhooshBackend:
    """``backend.SearchBackend`` on Whoosh, in the folder ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = RLock()
        self._folder: Path | None = None
        self._open: WhooshIndex | None = None

    def generation(self) -> str:
        """The name of the index in use; empty if there is none."""
        folder = folders.current(self._root)
        return folder.name if folder else ""

    def ready(self) -> bool:
        """Whether there is an index that can be opened."""
        try:
            self._in_use()
        except BrokenIndex:
            return False
        return True

    def index(self, batch: Iterable[IndexDocument], gone: Iterable[str] = ()) -> int:
        """See ``backend.Index``."""
        documents, ids = list(batch), list(gone)
        return self._retrying(lambda index: index.index(documents, ids))

    def delete(self, ids: Iterable[str]) -> int:
        """See ``backend.Index``."""
        return self.index((), ids)

    def search(self, tree: Tree, mask: Mask, limit: int) -> list[Candidate]:
        """See ``backend.Index``."""
        return self._retrying(lambda index: index.search(tree, mask, limit))

    def ids(self) -> Sequence[tuple[str, str]]:
        """See ``backend.Index``."""
        return self._retrying(lambda index: index.ids())

    def rebuild(
        self,
        documents: Iterable[IndexDocument],
        settle: Callable[[Index], None],
        instead_of: str | None = None,
    ) -> bool:
        """See ``backend.SearchBackend``."""
        with folders.exclusive(self._root, "rebuild", REBUILD_WAIT):
            if instead_of is not None and self.generation() != instead_of:
                return False  # somebody else was faster
            folder = folders.fresh(self._root)
            made = WhooshIndex(folder, create=True)
            made.fill(documents)
            with self.writing():
                settle(made)
                made.close()
                folders.switch(self._root, folder)
            return True

    def writing(self) -> AbstractContextManager[None]:
        """A context within which no other process writes. Raises ``IndexBusy``."""
        return folders.exclusive(self._root, "write")

    def close(self) -> None:
        """Let go of open files."""
        with self._lock:
            if self._open is not None:
                self._open.close()
            self._open = self._folder = None

    def _in_use(self) -> WhooshIndex:
        """The index that the pointer names now. Raises ``BrokenIndex``."""
        with self._lock:
            folder = folders.current(self._root)
            if folder is None:
                raise BrokenIndex(f"there is no index in {self._root}")
            if folder != self._folder or self._open is None:
                self.close()
                self._open, self._folder = WhooshIndex(folder), folder
            return self._open

    def _retrying(self, work: Callable[[WhooshIndex], T]) -> T:
        """Do something with the index in use; once more if it was switched just then."""
        generation = self.generation()
        try:
            return work(self._in_use())
        except BrokenIndex:
            if self.generation() in ("", generation):
                self.close()
                raise
            return work(self._in_use())
