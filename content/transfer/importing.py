"""Papers and exports into the portal: one bad file never stops the rest, the same file again changes nothing."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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
from content.transfer.decoding import Unreadable
from content.transfer.doubts import doubts
from content.transfer.papers import Document, Paper, split_papers, titles_alike, to_document
from content.transfer.reading import SUFFIXES, read_paper_file
from content.transfer.records import import_records, is_export
from content.transfer.results import ImportResult, reason
from content.transfer.sources import ImportSource, match_parts, note_source

log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]  # files done, files in all, the file at hand
KEPT = 20_000_000  # characters of papers that are kept between the first look and their turn
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
    exports = {path for path, refused in files if refused is None and is_export(path)}
    batch = _Batch(settings, [path for path, refused in files if refused is None and path not in exports])
    for done, (path, refused) in enumerate(files):
        if progress:
            progress(done, len(files), str(path))
        if refused:
            yield ImportResult(str(path), status="refused", error=refused)
        elif path in exports:
            yield from import_records(settings, person, path, draft=draft, dry_run=dry_run)
        else:
            yield from _import_file(order, path, batch)
    if not dry_run:
        finish_indexing(settings)


def walk(paths: Iterable[Path]) -> Iterator[tuple[Path, Message | None]]:
    """The files below the paths, each once, with the reason if one cannot be imported. Hidden files are left out.

    A link within a folder that leads out of it is refused: whoever may write there must not publish any file of
    this machine. A file that is named itself may be a link.
    """
    seen: set[Path] = set()
    for path in paths:
        for one in _inside(path) if path.is_dir() else [path]:
            if path.is_dir() and _leads_out(one, path):
                yield one, msg(N_("This is a link that leads out of the folder."))
            elif not one.is_dir() and one.resolve() not in seen:
                seen.add(one.resolve())
                yield one, _refusal(one)


def _leads_out(path: Path, folder: Path) -> bool:
    try:
        return not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a link in a circle leads nowhere
        return True


def _inside(folder: Path) -> list[Path]:
    found = sorted(one for one in folder.rglob("*") if one.is_symlink() or not one.is_dir())
    return [one for one in found if not any(part.startswith(".") for part in one.relative_to(folder).parts)]


def _refusal(path: Path) -> Message | None:
    if not path.exists():
        return msg(N_("There is no such file."))
    if not path.is_file():
        return msg(N_("This is not a file."))
    if path.suffix.lower() not in SUFFIXES and not is_export(path):
        return msg(N_("Files of this kind (%(suffix)s) cannot be imported yet."), suffix=path.suffix)
    return None


@dataclass(frozen=True)
class _Read:
    """A file taken apart; ``guessed`` names the encoding where nothing but the words decided it."""

    papers: list[Paper]
    guessed: str


class _Batch:
    """The files of an import, read once, and the titles that references may mean: the library's and their own."""

    def __init__(self, settings: Settings, paths: Iterable[Path]) -> None:
        self.limit = settings.file_mb
        rows = Item.select(Item.title).where(Item.trashed_at.is_null())
        self.titles = [row.title for row in rows]
        self.answers: dict[str, bool] = {}
        self.kept: dict[Path, _Read | DomainError] = {}
        room = KEPT
        for path in paths:
            try:
                found = self._read(path)
            except DomainError as error:
                self.kept[path] = error  # it is told when the file's turn comes
                continue
            self.titles += [paper.title for paper in found.papers]
            room -= sum(len(paper.text) for paper in found.papers)
            if room > 0:
                self.kept[path] = found

    def take(self, path: Path) -> _Read:
        """What is in a file. Raises the reason if it cannot be read."""
        found = self.kept.pop(path, None) or self._read(path)
        if isinstance(found, DomainError):
            raise found
        return found

    def _read(self, path: Path) -> _Read:
        with _told(path):
            found = read_paper_file(path, self.limit)
            return _Read(split_papers(found.text, path.stem), found.encoding if found.guessed else "")

    def knows(self, title: str) -> bool:
        """Whether a document of this title is in the library or comes with this batch."""
        if title not in self.answers:
            self.answers[title] = any(titles_alike(title, one) for one in self.titles)
        return self.answers[title]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Whatever a file does to us is the reason why that file is refused; the others go on."""
    try:
        yield
    except DomainError:
        raise
    except Exception as error:
        log.exception("%s cannot be imported", path)
        raise Unreadable() from error


def _import_file(order: Order, path: Path, batch: _Batch) -> Iterator[ImportResult]:
    name = str(path)
    try:
        found = batch.take(path)
        papers = [(paper, _digest(paper)) for paper in found.papers]
        matched = match_parts(str(path.resolve()), papers)
    except DomainError as error:
        yield ImportResult(name, status="refused", error=error.message)
        return
    guess = (
        (msg(N_("The encoding was guessed: %(encoding)s."), encoding=found.guessed),) if found.guessed else ()
    )
    for paper, digest in papers:
        try:
            with _told(path):
                result = _import_paper(order, path, paper, digest, matched.get(paper.part), batch.knows)
            yield replace(result, warnings=guess + result.warnings)
        except DomainError as error:
            yield ImportResult(name, paper.part, paper.title, status="refused", error=reason(error))


def _digest(paper: Paper) -> str:
    return hashlib.sha256(f"{paper.title}\n{paper.text}".encode("utf-8", "surrogatepass")).hexdigest()


def _import_paper(
    order: Order,
    path: Path,
    paper: Paper,
    digest: str,
    before: ImportSource | None,
    known: Callable[[str], bool],
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
