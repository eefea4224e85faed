"""Search over everything that the reader may read, clause by clause, in either script."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, g, render_template, request

from content.items import KINDS
from content.search import Results, SearchQuery, find, note_miss
from portal.web.cache import unkept
from portal.web.login import person
from portal.web.numbers import number
from portal.web.reading import reading

pages = Blueprint("search", __name__)
PAGE = 20
LONGEST = 200  # characters of a query
DEEPEST = 2000  # hits that can be paged to


@pages.get("/search")
def search() -> str:
    """The search page: the field, filters by kind and date, and what was found."""
    unkept()  # the index follows a moment after the content
    text = request.args.get("q", "")[:LONGEST].strip()
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    since, until = _day("since"), _day("until")
    offset = _offset()
    found = Results([], 0, "none")
    if text:
        asked = SearchQuery(
            text=text,
            kinds=(kind,) if kind else (),
            since=since,
            until=until,
            offset=offset,
            limit=PAGE,
            script=reading().script or None,  # type: ignore[arg-type]  # hant or hans
        )
        found = find(g.settings, person(), asked)
        if not found.total and not (kind or since or until or offset):
            note_miss(g.settings, text)
    following = offset + PAGE
    return render_template(
        "search.html",
        text=text,
        kind=kind,
        since=since,
        until=until,
        offset=offset,
        found=found,
        full_here=max(0, found.full - offset) if found.mode == "most" else len(found.hits),
        older=_with(start=str(following)) if following < found.total and following <= DEEPEST else "",
        newest=_with(start="") if offset else "",
        kind_address=lambda name: _with(kind=name, start=""),
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _offset() -> int:
    return min(number(request.args.get("start")) or 0, DEEPEST)


def _with(**changes: str) -> str:
    """This search's address with some of its filters changed."""
    args = {**request.args.to_dict(), **changes}
    kept = {
        key: value for key, value in args.items() if value and key in ("q", "kind", "since", "until", "start")
    }
    return "/search?" + urlencode(kept)
