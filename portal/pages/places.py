"""The tree of sections as one reader sees it; one query, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app, request

from content.items import Section, content_version
from content.people import Person
from content.permissions import may
from portal.web.numbers import number


class Tree:
    """All sections a reader may see, with their addresses."""

    def __init__(self, person: Person | None) -> None:
        rows = Section.select().where(Section.trashed_at.is_null()).order_by(Section.position, Section.id)
        everything = {row.id: row for row in rows}
        for row in everything.values():
            if row.parent_id in everything:
                row.parent = everything[row.parent_id]  # spares may() a query per level
        whole = [row for row in everything.values() if row.parent_id is None or row.parent_id in everything]
        self._all = {row.id: row for row in whole}
        self.sections: dict[int, Section] = {row.id: row for row in whole if may(person, "section:view", row)}
        self._below: dict[int | None, list[Section]] = {}
        for row in self.sections.values():
            self._below.setdefault(row.parent_id, []).append(row)

    def below(self, section: Section | None) -> list[Section]:
        """The sections directly below one, or at the root, in their order."""
        return self._below.get(section.id if section else None, [])

    def roots(self, library: bool) -> list[Section]:
        """The sections at the root that belong to the library, or those that do not."""
        return [row for row in self.below(None) if bool(row.library) == library]

    def line(self, section: Section) -> list[Section]:
        """A section and those above it, from the root."""
        return [row for row in self._line(section) if row.id in self.sections]

    def _line(self, section: Section) -> list[Section]:
        ids = [int(part) for part in str(section.path).strip("/").split("/")]
        return [self._all[id] for id in ids if id in self._all]

    def address(self, section: Section) -> str:
        """Where a section is shown."""
        return "/browse/" + "/".join(str(row.slug) for row in self._line(section))

    def ids_below(self, section: Section) -> list[int]:
        """A section's id and those of all below it."""
        return [row.id for row in self.sections.values() if str(row.path).startswith(str(section.path))]

    def wanted(self, text: str | None) -> Section | None:
        """The section whose number an address asks for, if the reader may see it."""
        id = number(text)
        return None if id is None else self.sections.get(id)

    def at(self, slugs: str) -> Section | None:
        """The section whose slugs from the root are these, joined by slashes."""
        address = "/browse/" + slugs.strip("/")
        last = address.rpartition("/")[2]
        return next(
            (row for row in self.sections.values() if row.slug == last and self.address(row) == address), None
        )

    def walk(self, start: Section | None = None, depth: int = 0) -> Iterator[tuple[Section, int]]:
        """Every section below one with its depth, in reading order."""
        for row in self.below(start):
            yield row, depth
            yield from self.walk(row, depth + 1)


def tree_for(reader: Person | None) -> Tree:
    """The tree to read, not to change: what visitors see is kept until the content version moves."""
    if reader is not None:
        return Tree(reader)
    version = request.environ.get("lianxi.version") or content_version()  # the page cache has asked already
    held = current_app.extensions.get("visitors_tree")
    if held is None or held[0] != version:
        held = current_app.extensions["visitors_tree"] = (version, Tree(None))
    return held[1]
