"""The address of a list: words, filters, order and place in it, read from a query and written into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from content.backoffice import listing
from content.backoffice.declaring import Filter, Register
from content.backoffice.selecting import WORDS, names_of, read_filters
from content.errors import NotFound
from portal.web.numbers import number

FILTER = "f."  # before the names of filters, so that they collide with nothing
LONGEST = 20_000  # characters of a query: more than all words and filters of a list together


@dataclass(frozen=True)
class Address:
    """Where somebody stands in a list. ``typed`` are the filters' parts as they were typed, by name."""

    register: Register
    words: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    page: int = 0
    size: int = listing.SIZES[0]
    after: str = ""

    @classmethod
    def read(cls, register: Register, args: Mapping[str, str]) -> Address:
        """What a query says; what cannot be meant of order and place is as usual."""
        names = {name for filter in register.filters for name in names_of(filter)}
        typed = {name: args.get(FILTER + name, "").strip()[:WORDS] for name in names}
        sort = args.get("sort", "")
        column = next(
            (one.name for one in register.columns if one.sort is not None and one.name == sort.lstrip("-")),
            "",
        )
        size = number(args.get("size")) or 0
        return cls(
            register,
            words=args.get("q", "").replace("\0", "").strip()[:WORDS] if register.search else "",
            typed={name: text for name, text in typed.items() if text},
            sort=column,
            descending=bool(column) and sort.startswith("-"),
            page=max((number(args.get("page")) or 1) - 1, 0),
            size=size if size in listing.SIZES else listing.SIZES[0],
            after=args.get("after", "")[:WORDS],
        )

    @classmethod
    def of_query(cls, register: Register, query: str) -> Address:
        """The same from the text of a query, as it is kept with a saved list or handed on by a form.

        Raises ``NotFound`` for one that no list has: cut off, it would stand for more rows than were shown.
        """
        try:
            pairs = parse_qsl(query.lstrip("?"), max_num_fields=100) if len(query) <= LONGEST else None
        except ValueError:  # more fields than that
            pairs = None
        if pairs is None:
            raise NotFound()
        return cls.read(register, dict(pairs))

    @property
    def filters(self) -> dict[str, Any]:
        """The filters as the domain wants them."""
        return read_filters(self.register, self.typed)

    @property
    def selection(self) -> listing.Selection:
        """Which rows, in which order."""
        return listing.Selection(self.words, self.filters, self.sort, self.descending if self.sort else None)

    @property
    def narrowed(self) -> bool:
        """Whether words or filters leave something out."""
        return bool(self.words or self.typed)

    def is_set(self, filter: Filter) -> bool:
        """Whether something was typed for a filter."""
        return any(self.typed.get(name) for name in names_of(filter))

    def without(self, filter: Filter) -> Address:
        """The list from its beginning without one of its filters."""
        names = names_of(filter)
        return replace(
            self.begun(), typed={name: text for name, text in self.typed.items() if name not in names}
        )

    def begun(self, **changes: Any) -> Address:
        """The list from its beginning."""
        return replace(self, page=0, after="", **changes)

    def at(self, page: int = 0, after: str = "") -> Address:
        """Another place of the same list."""
        return replace(self, page=page, after=after)

    @property
    def kept(self) -> str:
        """The query without the place in the list: what is saved, exported and acted upon."""
        return self.begun().query

    @property
    def query(self) -> str:
        """As the end of an address, without the question mark; what is as usual is left out."""
        pairs = [("q", self.words)]
        pairs += [(FILTER + name, text) for name, text in sorted(self.typed.items())]
        pairs += [
            ("sort", ("-" if self.descending else "") + self.sort),
            ("size", str(self.size) if self.size != listing.SIZES[0] else ""),
            ("page", str(self.page + 1) if self.page else ""),
            ("after", self.after),
        ]
        return urlencode([(name, text) for name, text in pairs if text])

    @property
    def url(self) -> str:
        """The whole address."""
        return f"/admin/{self.register.name}/" + (f"?{self.query}" if self.query else "")
