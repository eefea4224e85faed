"""Finding: a query, the index's candidates, and what of them the database confirms for this person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from peewee import JOIN

from content import chinese, people
from content.chinese import Script, fold
from content.items import Item, Section, address
from content.people import Person
from content.permissions import visible
from content.search import indexing
from content.search.backend import Candidate, Mask
from content.search.documents import SearchDocument
from content.search.snippets import Marked, passage
from content.search.tree import Tree, missing, most_of, parse
from content.settings import Settings

# Fewer full matches than this, and texts with most of the words follow below them.
FEW = 5
# Up to here matches are confirmed and counted, whatever page is shown; beyond it the total is a lower bound.
COUNTED = 100
# Candidates with most of the words that are looked at.
MOST = 200
PAGE = 100


@dataclass(frozen=True)
class SearchQuery:
    """What is looked for. Days are those of the site, both included; ``script`` is the reader's."""

    text: str
    kinds: Sequence[str] = ()
    since: date | None = None
    until: date | None = None
    section: Section | None = None
    offset: int = 0
    limit: int = 20
    script: Script | None = None


@dataclass(frozen=True)
class Hit:
    """Something found, in the reader's script. ``snippet`` and ``marked_title`` are (is a match, plain text)."""

    kind: str
    title: str  # of the document
    heading: str  # of the clause
    document: str
    item_id: int
    number: str | None
    text: str  # as it was written
    snippet: Marked
    url: str
    score: float
    published_at: datetime
    marked_title: Marked
    missing: tuple[str, ...] = ()  # words of the query that it lacks


@dataclass(frozen=True)
class Results:
    """A page of hits. ``full`` of all hits have every word. ``total`` is a lower bound if ``at_least``."""

    hits: list[Hit]
    total: int
    mode: Literal["all", "most", "none"]
    at_least: bool = False
    full: int = 0


@dataclass(frozen=True)
class _Match:
    key: str
    score: float
    missing: tuple[str, ...] = ()


def find(settings: Settings, person: Person | None, asked: SearchQuery) -> Results:
    """What the person may read and the query describes, best first. No text of a query raises.

    The index proposes, the database decides: what expired a moment ago is not shown, whatever the index says.
    """
    tree = parse(asked.text, [(fold(hant), fold(hans)) for hant, hans in chinese.terms()])
    if not tree.words:
        return Results([], 0, "none")
    propose = partial(indexing.search, settings, mask=_mask(settings, person, asked))
    offset, limit = max(asked.offset, 0), max(asked.limit, 0)
    found, complete = _with_all(propose, person, tree, max(offset + limit, COUNTED) + 1)
    full = len(found)
    if complete and full < FEW:
        found += _with_most(propose, person, tree, {match.key for match in found})
    page = found[offset : offset + limit]
    mode: Literal["all", "most", "none"] = "most" if len(found) > full else "all" if found else "none"
    return Results(_hits(page, tree, asked.script), len(found), mode, at_least=not complete, full=full)


def _mask(settings: Settings, person: Person | None, asked: SearchQuery) -> Mask:
    def midnight(day: date | None, later: int) -> int | None:
        if day is None:
            return None
        local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.zone))
        try:
            return int((local + timedelta(days=later)).timestamp())
        except OverflowError:  # the last day of the calendar bounds nothing
            return None

    return Mask(
        audiences=people.audiences(person),
        kinds=frozenset(asked.kinds),
        section=asked.section.path.strip("/").split("/")[-1] if asked.section else "",
        since=midnight(asked.since, 0),
        until=midnight(asked.until, 1),
    )


Propose = Callable[..., list[Candidate]]


def _with_all(propose: Propose, person: Person | None, tree: Tree, wanted: int) -> tuple[list[_Match], bool]:
    """At least ``wanted`` confirmed matches where there are so many, and whether these are all."""
    found: list[_Match] = []
    seen, limit = 0, wanted
    while True:
        candidates = propose(tree=tree, limit=limit)
        for start in range(seen, len(candidates), PAGE):
            confirmed = _confirmed(person, candidates[start : start + PAGE], with_text=not tree.exact)
            found += [
                _Match(row.key, score) for row, score in confirmed if tree.exact or all(_present(tree, row))
            ]
        if len(candidates) < limit:
            return found, True
        if len(found) >= wanted:
            return found, False
        seen, limit = len(candidates), limit * 4


def _with_most(propose: Propose, person: Person | None, tree: Tree, shown: set[str]) -> list[_Match]:
    """What has most of the words: more words first. A word in the title of a clause's document counts."""
    weaker = most_of(tree)
    if weaker is None:
        return []
    found: list[tuple[int, _Match]] = []
    # One word less: the index does not know what stands in the title of a clause's document.
    nearly = replace(weaker, least=max(1, weaker.least - 1))
    for row, score in _confirmed(person, propose(tree=nearly, limit=MOST), with_text=True):
        present = _present(weaker, row)
        if row.number is not None:
            title = (fold(row.item_title),)
            present = [
                there or word.matches(title) for there, word in zip(present, weaker.words, strict=True)
            ]
        if row.key not in shown and sum(present) >= weaker.least:
            found.append((sum(present), _Match(row.key, score, missing(weaker, present))))
    found.sort(key=lambda one: -one[0])
    return [match for _, match in found]


class _Row(NamedTuple):
    """What the exact check reads of a row; the rest is loaded for the page that is shown."""

    key: str
    number: str | None = None
    item_title: str = ""
    folded_title: str = ""
    folded: str = ""


def _confirmed(
    person: Person | None, candidates: Sequence[Candidate], *, with_text: bool
) -> list[tuple[_Row, float]]:
    """The rows of candidates that the person may read now, in the order of the candidates."""
    if not candidates:
        return []
    columns: list[Any] = [SearchDocument.key]
    if with_text:
        columns += [SearchDocument.number, Item.title, SearchDocument.folded_title, SearchDocument.folded]
    # CROSS: the rows of the keys first. SQLite would go through everything that is published instead.
    query: Any = (
        SearchDocument.select(*columns)
        .join(Item, JOIN.CROSS)
        .where(
            SearchDocument.key.in_([one.id for one in candidates]),
            SearchDocument.item == Item.id,
            visible(person),
        )
    )
    rows = {values[0]: _Row(*values) for values in query.tuples()}
    return [(rows[one.id], one.score) for one in candidates if one.id in rows]


def _present(tree: Tree, row: _Row) -> list[bool]:
    """Which words stand in the row: the exact check that the index leaves to us."""
    number = fold(row.number) if row.number else ""
    texts = (row.folded_title, row.folded, number)
    return [word.matches(texts, number) for word in tree.words]


def _hits(matches: Sequence[_Match], tree: Tree, script: Script | None) -> list[Hit]:
    """The matches of one page with all that is shown of them."""
    rows = SearchDocument.select(SearchDocument, Item).join(Item)
    by_key = {row.key: row for row in rows.where(SearchDocument.key.in_([match.key for match in matches]))}
    return [_hit(match, by_key[match.key], tree, script) for match in matches if match.key in by_key]


def _hit(match: _Match, row: SearchDocument, tree: Tree, script: Script | None) -> Hit:
    item = row.item
    to = script if script is not None and script != item.script else None
    own = ((item.scripts or {}).get(to) or {}).get("title") if to else None
    title = own or (chinese.convert(item.title, to) if to else item.title)
    heading = "" if row.number is None else row.title
    text = "\n".join(part for part in (heading, row.text) if part)
    return Hit(
        kind=row.kind,
        title=title,
        heading=chinese.convert(heading, to) if to else heading,
        document=item.uid,
        item_id=item.id,
        number=row.number,
        text=text,
        snippet=passage(text, tree.words, to),
        url=address(item) + (f"#{row.number}" if row.number is not None else ""),
        score=match.score,
        published_at=row.published_at,
        marked_title=passage(title, tree.words, length=len(title)),
        missing=match.missing,
    )
