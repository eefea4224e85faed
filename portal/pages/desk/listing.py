"""The list of a desk, with its filters in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from content import reception
from content.errors import NotFound
from content.people import Community
from content.reception.categories import CATEGORIES, DESKS
from portal.web.login import person
from portal.web.numbers import number

pages = Blueprint("listing", __name__)
SHOWS = ("open", "new", "mine", "answered", "closed", "all")
LONGEST = 100  # characters of what is searched for


@dataclass(frozen=True)
class Filters:
    """What narrows a list; the same for its pages and its exports."""

    show: str = "open"
    q: str = ""
    category: str = ""
    community: int = 0

    @classmethod
    def of_request(cls) -> Filters:
        """The filters in the address; what cannot be meant is left out."""
        args = request.args
        show, category = args.get("show", ""), args.get("category", "")
        return cls(
            show=show if show in SHOWS else "open",
            q=args.get("q", "").strip()[:LONGEST],
            category=category if category in CATEGORIES else "",
            community=number(args.get("community")) or 0,
        )

    def values(self) -> dict[str, Any]:
        """For the domain."""
        return {"show": self.show, "q": self.q, "category": self.category, "community": self.community}

    def query(self, **changes: Any) -> str:
        """As the end of an address, "?show=new…"; what is as usual is left out."""
        usual = Filters().values()
        kept = {
            name: value for name, value in {**self.values(), **changes}.items() if value != usual.get(name)
        }
        return f"?{urlencode(kept)}" if kept else ""


@pages.get("/<desk>/")
def listed(desk: str) -> str:
    """One page of a desk's list, newest first."""
    reader = person()
    counts = reception.desk_counts(reader)
    if desk not in DESKS or desk not in counts:
        raise NotFound()
    filters, before = Filters.of_request(), number(request.args.get("before"))
    page = reception.desk_page(reader, desk, before=before, **filters.values())
    return render_template(
        "desk/list.html",
        desk=DESKS[desk],
        others=[DESKS[name] for name in counts if name != desk],
        counts=counts[desk],
        page=page,
        filters=filters,
        shows=SHOWS,
        categories=[CATEGORIES[name] for name in DESKS[desk].categories],
        communities=list(Community.select().order_by(Community.name)),
        older=f"/desk/{desk}/{filters.query(before=page.older)}" if page.older else "",
        newest=f"/desk/{desk}/{filters.query()}" if before else "",
    )
