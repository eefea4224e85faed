"""Papers and exports into the portal: one bad file never stops the rest, the same file again changes nothing."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from content import actions, chinese, library, search, setup
from content.db import transaction
from content.errors import N_, Busy, DomainError, Message, msg
from content.items import Item, Section, address
from content.outbox import Outgoing
from content.people import Person
from content.permissions import require, workflow_of
from content.settings import Settings
from content.transfer.doubts import doubts
from content.transfer.papers import Document, Paper, split_papers, titles_alike, to_document
from content.transfer.reading import SUFFIXES, read_paper_file
from content.transfer.records import import_records, is_export
from content.transfer.results import ImportResult, reason
from content.transfer.sources import ImportSource, match_parts, note_source

log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]  # files done, files in all, the file at hand
WAIT = 120.0  # seconds to wait for another process that is indexing


@dataclass(frozen=True)
class Order:
    """How a batch is to be imported."""

    person: Person | None
    section: Section
    draft: bool = False
    dry_run: bool = False


def import_paths(
    settings: Settings,
    person: Person | None,
    paths: Sequence[Path],
    *,
    section: Section | None = None,
    draft: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Iterator[ImportResult]:
    """Import files and folders; yields a result per document, in the order of the files.

    Papers become policies, published for everyone unless ``draft``; an export of ours is read back as it was.
    When the iterator ends, the documents are found by search. Raises ``NotAllowed`` before anything is read.
    """
    order = Order(person, section or setup.root("library"), draft, dry_run)
    require(person, "item:create", order.section)
    if not draft:
        require(person, "item:publish", order.section)
    files = list(walk(paths))
    known = _Known(settings, [path for path, refused in files if refused is None])
    for done, (path, refused) in enumerate(files):
        if progress:
            progress(done, len(files), str(path))
        if refused:
            yield ImportResult(str(path), status="refused", error=refused)
        elif is_export(path):
            yield from import_records(settings, person, path, draft=draft, dry_run=dry_run)
        else:
            yield from _import_file(settings, order, path, known)
    if not dry_run:
        finish_indexing(settings)


def walk(paths: Iterable[Path]) -> Iterator[tuple[Path, Message | None]]:
    """The files below the paths, each once, with the reason if one cannot be imported. Hidden files are left out."""
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            inside = (one for one in sorted(path.rglob("*")) if not one.is_dir())
            found = [
                one for one in inside if not any(part.startswith(".") for part in one.relative_to(path).parts)
            ]
        else:
            found = [path]
        for one in found:
            if one.resolve() not in seen:
                seen.add(one.resolve())
                yield one, _refusal(one)


def _refusal(path: Path) -> Message | None:
    if not path.exists():
        return msg(N_("There is no such file."))
    if not path.is_file():
        return msg(N_("This is not a file."))
    if path.suffix.lower() not in SUFFIXES and not is_export(path):
        return msg(N_("Files of this kind (%(suffix)s) cannot be imported yet."), suffix=path.suffix)
    return None


class _Known:
    """The titles that references may mean: those in the library and those of the batch."""

    def __init__(self, settings: Settings, paths: Iterable[Path]) -> None:
        rows = Item.select(Item.title).where(Item.trashed_at.is_null())
        self.titles = [row.title for row in rows]
        self.answers: dict[str, bool] = {}
        for path in paths:
            try:
                found = None if is_export(path) else read_paper_file(path, settings.file_mb)
            except DomainError:
                continue  # it is told when the file's turn comes
            if found:
                self.titles += [paper.title for paper in split_papers(found.text, path.stem)]

    def __call__(self, title: str) -> bool:
        if title not in self.answers:
            self.answers[title] = any(titles_alike(title, one) for one in self.titles)
        return self.answers[title]


def _import_file(settings: Settings, order: Order, path: Path, known: _Known) -> Iterator[ImportResult]:
    name = str(path)
    try:
        found = read_paper_file(path, settings.file_mb)
        papers = [(paper, _digest(paper)) for paper in split_papers(found.text, path.stem)]
        matched = match_parts(str(path.resolve()), papers)
    except DomainError as error:
        yield ImportResult(name, status="refused", error=error.message)
        return
    guess = (
        (msg(N_("The encoding was guessed: %(encoding)s."), encoding=found.encoding),)
        if found.guessed
        else ()
    )
    for paper, digest in papers:
        try:
            result = _import_paper(order, path, paper, digest, matched.get(paper.part), known)
            yield replace(result, warnings=guess + result.warnings)
        except DomainError as error:
            yield ImportResult(name, paper.part, paper.title, status="refused", error=reason(error))


def _digest(paper: Paper) -> str:
    return hashlib.sha256(f"{paper.title}\n{paper.text}".encode()).hexdigest()


def _import_paper(
    order: Order, path: Path, paper: Paper, digest: str, before: ImportSource | None, known: _Known
) -> ImportResult:
    document = to_document(paper)
    script = chinese.detect_script(paper.title + paper.text)
    warnings = doubts(document, script, known)
    result = ImportResult(str(path), paper.part, document.title, clauses=len(document.clauses))
    place = str(path.resolve())
    if before is None:
        if order.dry_run:
            return replace(result, status="would-create", warnings=tuple(warnings))
        with transaction():
            item = _create(order, document, script)
            note_source(place, paper, digest, item)
        return replace(result, uid=item.uid, url=address(item), warnings=tuple(warnings))
    item = before.item
    result = replace(result, uid=item.uid, url=address(item))
    if before.digest == digest:
        if not order.dry_run and (before.path, before.part) != (place, paper.part):
            with transaction():
                note_source(place, paper, digest, item)
        return replace(result, status="unchanged", warnings=(*warnings, *_unpublished(order, item)))
    if item.version != before.version:
        warnings.append(
            msg(N_("It was changed in the portal since the last import; the earlier text is in its history."))
        )
    if order.dry_run:
        return replace(result, status="would-update", warnings=tuple(warnings))
    with transaction():
        item = _update(order, item, document)
        note_source(place, paper, digest, item)
    return replace(result, status="updated", warnings=(*warnings, *_unpublished(order, item)))


def _create(order: Order, document: Document, script: str) -> Item:
    values = {**_values(document), "script": script}
    make = actions.create if order.draft else actions.publish_now
    return make(order.person, "policy", order.section, values)


def _values(document: Document) -> dict[str, object]:
    values: dict[str, object] = {
        "title": document.title,
        "preamble": document.preamble,
        "clauses": document.clauses,
    }
    return {**values, "document_number": document.document_number} if document.document_number else values


def _update(order: Order, item: Item, document: Document) -> Item:
    """The new text over the old one: the same clauses keep their uids, what is public goes live at once."""
    if item.stage:
        raise Busy(msg(N_("Somebody is rewriting this document. Publish or discard those changes first.")))
    held = actions.working_values(item).get("clauses", [])
    values = {**_values(document), "clauses": library.align(held, document.clauses)}
    item = actions.edit(order.person, item, values, version=item.version, note="import")
    steps = {step.name for step in actions.open_transitions(order.person, item)}
    if not order.draft and "publish" in steps:
        item = actions.transition(order.person, item, "publish")
    return item


def _unpublished(order: Order, item: Item) -> list[Message]:
    if order.draft or item.state == "published":
        return []
    state = workflow_of(item).state(item.state).label
    return [msg(N_("The document is not published (%(state)s) and stays so."), state=msg(state))]


def finish_indexing(settings: Settings) -> None:
    """Index until nothing is left, also when the worker of a running server takes its share.

    Raises ``Busy`` if another process holds the index for longer than two minutes.
    """
    end = time.monotonic() + WAIT
    while True:
        settled = search.index_pending(settings)
        if not settled and not _open_index_jobs():
            return
        if settled:
            end = time.monotonic() + WAIT
        elif time.monotonic() > end:
            raise Busy(msg(N_("The documents are kept; they will be found once the index is free again.")))
        else:
            time.sleep(0.05)


def _open_index_jobs() -> bool:
    rows = Outgoing.select().where(
        Outgoing.channel == "index", Outgoing.sent_at.is_null(), Outgoing.failed_at.is_null()
    )
    return bool(rows.exists())
