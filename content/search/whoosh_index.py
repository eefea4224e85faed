"""One Whoosh index in one folder. Only what Whoosh 2.7 offers is used, so that any of its forks will do."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from whoosh import query
from whoosh.analysis import KeywordAnalyzer
from whoosh.fields import ID, KEYWORD, NUMERIC, STORED, TEXT, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Frequency, pack_uint
from whoosh.index import LockError
from whoosh.matching import ListMatcher, NullMatcher

from content.search.backend import BrokenIndex, Candidate, IndexBusy, IndexDocument, Mask
from content.search.tree import Form, Tree, Word

log = logging.getLogger(__name__)

# How many times the title's words count beside those of the text. BM25 saturates: with 5, as first measured, a
# long notice with the word in its title came below a short clause that mentions it (test_search.py).
TITLE_WEIGHT = 50
# Seconds that a writer waits for Whoosh's own lock, and its memory in MB.
WRITER = {"timeout": 20, "limitmb": 32}
REBUILD_MEMORY = 64
MASKS = 16  # about 1 MB each at 20,000 documents

Tokens = tuple[tuple[str, ...], tuple[str, ...]]


class ReadyTokens(Frequency):
    """Postings made straight from (title tokens, text tokens): no analysis, no positions (SEARCH.md §5)."""

    def word_values(self, value: Tokens, analyzer: Any, **kwargs: Any) -> Iterator[Any]:
        """Yield (token, how often, weight, posting) as Whoosh's formats do."""
        title, text = Counter(value[0]), Counter(value[1])
        for token, count in (title + text).items():
            yield token, count, float(count + (TITLE_WEIGHT - 1) * title[token]), pack_uint(count)


def _schema() -> Schema:
    analyzer: Any = KeywordAnalyzer()  # never asked: the field gets ready tokens
    body = TEXT(analyzer=analyzer, phrase=False)
    body.format = ReadyTokens()
    return Schema(
        id=ID(stored=True, unique=True),
        version=STORED(),
        body=body,
        audience=KEYWORD(commas=True),
        kind=ID(),
        section=KEYWORD(commas=True),
        published=NUMERIC(int, bits=64),
    )


class WhooshIndex:
    """An open index; its searcher is shared by all threads and follows what other processes commit."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self._lock = RLock()
        with _as_our_errors():
            # Whoosh copies what it maps into memory: the whole index twice. From the file it reads what it needs.
            storage = FileStorage(str(folder), supports_mmap=False)
            self._index = storage.create_index(_schema()) if create else storage.open_index()
            self._searcher = self._index.searcher()
        # Document numbers by segment and key: a segment never changes, so these outlive a refresh.
        self._segments: dict[tuple[str, str, str], frozenset[int]] = {}
        self._masks: dict[Mask, set[int]] = {}

    def close(self) -> None:
        """Let go of open files."""
        with self._lock:
            self._searcher.close()
            self._index.close()

    def index(self, batch: Iterable[IndexDocument], gone: Iterable[str] = ()) -> int:
        """See ``backend.Index``."""
        documents, ids = {one.id: one for one in batch}, list(gone)
        with self._lock, _as_our_errors(), self._writer(**WRITER) as writer:
            # Read only now: nobody else can commit while the writer is open, so document numbers hold.
            searcher = self._fresh()
            held = {id: _stored(searcher, id) for id in (*documents, *ids)}
            changed = [one for one in documents.values() if list(held[one.id].values()) != [one.version]]
            removed = [id for id in held if held[id] and id not in documents]
            for id in (*removed, *(one.id for one in changed)):
                # By number: update_document opens the whole index to find the old copy, and only one of them.
                for number in held[id]:
                    writer.delete_document(number)
            for one in changed:
                writer.add_document(**_columns(one))
            return len(changed) + len(removed)

    def delete(self, ids: Iterable[str]) -> int:
        """See ``backend.Index``."""
        return self.index((), ids)

    def fill(self, documents: Iterable[IndexDocument]) -> None:
        """Write everything into a new index, in one segment."""
        with self._writer(limitmb=REBUILD_MEMORY) as writer:
            for one in documents:
                writer.add_document(**_columns(one))

    def ids(self) -> Sequence[tuple[str, str]]:
        """See ``backend.Index``."""
        with self._lock, _as_our_errors():
            reader = self._fresh().reader()
            return [(stored["id"], stored["version"]) for _, stored in reader.iter_docs()]

    def search(self, tree: Tree, mask: Mask, limit: int) -> list[Candidate]:
        """See ``backend.Index``."""
        with self._lock, _as_our_errors():
            searcher = self._fresh()
            allowed = self._allowed(searcher, mask)
            words = [_word_query(word) for word in tree.words]
            if not words or not allowed:  # Whoosh takes an empty filter for none
                return []
            if tree.all:
                found = _top(searcher, query.And(words), allowed, limit)
            else:
                found = _with_most(searcher, words, tree.least, allowed, limit)
            return [Candidate(searcher.stored_fields(number)["id"], score) for number, score in found]

    @contextmanager
    def _writer(self, **options: Any) -> Iterator[Any]:
        """A writer that is committed at the end; its error leaves the index as it was."""
        writer = self._index.writer(**options)
        try:
            yield writer
        except BaseException:
            writer.cancel()
            raise
        writer.commit()

    def _fresh(self) -> Any:
        """The searcher, moved to what was committed last by whatever process."""
        if self._searcher.up_to_date():
            return self._searcher
        # Not Searcher.refresh(): it keeps the readers of segments whose documents were deleted or merged
        # elsewhere since, so that what is gone is still found (docs/decisions/0002-whoosh3.md).
        before, self._searcher = self._searcher, self._index.searcher()
        before.close()
        self._masks.clear()
        alive = {_segment_id(leaf) for leaf, _ in self._searcher.reader().leaf_readers()}
        self._segments = {key: held for key, held in self._segments.items() if key[0] in alive}
        return self._searcher

    def _allowed(self, searcher: Any, mask: Mask) -> set[int]:
        """The ready set of document numbers for a mask; Whoosh would compute a filter query each time."""
        if mask in self._masks:
            return self._masks[mask]
        allowed: set[int] = set()
        for leaf, base in searcher.reader().leaf_readers():
            numbers = self._any_of(leaf, "audience", mask.audiences)
            if mask.kinds:
                numbers = numbers & self._any_of(leaf, "kind", mask.kinds)
            if mask.section:
                numbers = numbers & self._any_of(leaf, "section", (mask.section,))
            allowed.update(number + base for number in numbers)
        if mask.since is not None or mask.until is not None:
            dated = query.NumericRange("published", mask.since, mask.until, endexcl=True)
            allowed.intersection_update(searcher.docs_for_query(dated))
        if len(self._masks) >= MASKS:
            self._masks.clear()
        self._masks[mask] = allowed
        return allowed

    def _any_of(self, leaf: Any, field: str, terms: Iterable[str]) -> frozenset[int]:
        return frozenset().union(*(self._numbers(leaf, field, term) for term in terms))

    def _numbers(self, leaf: Any, field: str, term: str) -> frozenset[int]:
        key = (_segment_id(leaf), field, term)
        if key not in self._segments:
            there = (field, term) in leaf
            self._segments[key] = frozenset(leaf.postings(field, term).all_ids() if there else ())
        return self._segments[key]


@contextmanager
def _as_our_errors() -> Iterator[None]:
    """Whoosh's errors as ours. A damaged file can raise anything, so anything means a broken index."""
    try:
        yield
    except LockError as error:
        raise IndexBusy(str(error)) from error
    except (BrokenIndex, IndexBusy):
        raise
    except Exception as error:
        log.warning("the search index cannot be read: %s: %s", type(error).__name__, error)
        raise BrokenIndex(f"{type(error).__name__}: {error}") from error


def _segment_id(leaf: Any) -> str:
    segment = leaf.segment()
    return str(segment.segment_id()) if segment is not None else ""


def _stored(searcher: Any, id: str) -> dict[int, str]:
    """Document number → version of what is in the index under an id; more than one only by mistake."""
    if ("id", id) not in searcher.reader():
        return {}
    return {number: searcher.stored_fields(number)["version"] for number in searcher.document_numbers(id=id)}


def _columns(one: IndexDocument) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "body": (one.title_tokens, one.text_tokens),
        "audience": ",".join(one.audiences),
        "kind": one.kind,
        "section": ",".join(one.sections),
        "published": one.published,
    }


def _word_query(word: Word) -> query.Query:
    """A word in any of its forms, or as the number of a clause."""
    found = [_form_query(form) for form in word.forms]
    if word.label_key:
        found.append(query.Term("body", word.label_key))
    return found[0] if len(found) == 1 else query.Or(found)


def _form_query(form: Form) -> query.Query:
    terms: list[query.Query] = [
        _Beginning("body", token.text) if token.prefix else query.Term("body", token.text)
        for token in form.tokens
    ]
    return terms[0] if len(terms) == 1 else query.And(terms)


class _Beginning(query.Prefix):
    """All keys that begin with a text. Whoosh makes a matcher for each of them, hundreds for one character;
    this reads their postings one after the other."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """Documents and how often they have such a key, saturating as BM25 does."""
        reader = searcher.reader()
        weights: dict[int, float] = {}
        for key in reader.expand_prefix(self.fieldname, self.text):
            postings = reader.postings(self.fieldname, key)
            while postings.is_active():
                number = postings.id()
                weights[number] = weights.get(number, 0.0) + postings.weight()
                postings.next()
        if not weights:
            return NullMatcher()
        numbers = sorted(weights)
        return _Weighed(numbers, [weights[number] / (weights[number] + 1) for number in numbers])


class _Weighed(ListMatcher):
    """A list of documents whose weights lie below 1. Whoosh's own looks through all of them for the highest,
    again and again."""

    def supports_block_quality(self) -> bool:
        """There are no blocks to skip."""
        return False

    def max_quality(self) -> float:
        """No weight is above this."""
        return 1.0

    def block_quality(self) -> float:
        """No weight is above this."""
        return 1.0


def _top(searcher: Any, asked: query.Query, allowed: set[int], limit: int) -> list[tuple[int, float]]:
    return list(searcher.search(asked, limit=max(limit, 1), filter=allowed).items())


def _with_most(
    searcher: Any, words: list[query.Query], least: int, allowed: set[int], limit: int
) -> list[tuple[int, float]]:
    """Documents with at least ``least`` words, those with more words first; Whoosh has no such query."""
    counts: Counter[int] = Counter()
    for word in words:
        counts.update(allowed.intersection(searcher.docs_for_query(word)))
    found: list[tuple[int, float]] = []
    for level in range(len(words), least - 1, -1):
        numbers = {number for number, count in counts.items() if count == level}
        if numbers and len(found) < limit:
            found += _top(searcher, query.Or(words), numbers, limit - len(found))
    return found
