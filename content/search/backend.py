"""What an index must be able to do; nothing else of it is known outside. Whoosh is behind this today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from content.search.tree import Tree


class BrokenIndex(Exception):
    """The index is absent or cannot be read; it is a cache, so it is made again."""


class IndexBusy(Exception):
    """Another process writes to the index and did not finish in time; what is to do stays to do."""


@dataclass(frozen=True)
class IndexDocument:
    """A row of the database as the index takes it: keys made by us, nothing that is not already folded."""

    id: str
    version: str
    title_tokens: tuple[str, ...]
    text_tokens: tuple[str, ...]
    audiences: tuple[str, ...]
    kind: str
    sections: tuple[str, ...]
    published: int  # seconds since 1970, UTC


@dataclass(frozen=True)
class Mask:
    """What may be found: for whom, of which kinds, below which section, published when (since ≤ t < until)."""

    audiences: frozenset[str]
    kinds: frozenset[str] = frozenset()
    section: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A document that the index proposes, and its score (BM25, higher is better)."""

    id: str
    score: float


class Index(Protocol):
    """One index. All methods may be called from several threads."""

    def index(self, batch: Iterable[IndexDocument], gone: Iterable[str] = ()) -> int:
        """Write documents and remove ids in one commit; what is there in this version is left alone.

        Returns how many were written or removed. Raises ``IndexBusy`` or ``BrokenIndex``.
        """

    def delete(self, ids: Iterable[str]) -> int:
        """Remove ids. Raises like ``index``."""

    def search(self, tree: Tree, mask: Mask, limit: int) -> list[Candidate]:
        """The best ``limit`` documents within the mask, best first; asking for more keeps their order.

        Where the tree asks for some of its words, those with more words come first. Raises ``BrokenIndex``.
        """

    def ids(self) -> Sequence[tuple[str, str]]:
        """Every (id, version) in the index; an id twice if it is there twice. Raises ``BrokenIndex``."""

    def close(self) -> None:
        """Let go of open files."""


class SearchBackend(Index, Protocol):
    """The index in use, which can be made anew while it is searched."""

    def generation(self) -> str:
        """The name of the index in use, another one after each rebuild; empty if there is none."""

    def ready(self) -> bool:
        """Whether there is an index that can be opened."""

    def rebuild(
        self,
        documents: Iterable[IndexDocument],
        settle: Callable[[Index], None],
        instead_of: str | None = None,
    ) -> bool:
        """Make the index anew beside the old one and switch to it; searching goes on meanwhile.

        ``settle`` gets the new index just before the switch, while no other process writes, to bring in
        what changed since. With ``instead_of`` nothing is built if another generation is in use by then;
        returns whether anything was. Raises ``IndexBusy``.
        """

    def writing(self) -> AbstractContextManager[None]:
        """A context within which no other process writes. Raises ``IndexBusy``."""
