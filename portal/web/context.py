"""What every template can use: the reader, the site's telephones, the navigation, unread messages."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import quote

from flask import Flask, g, request
from flask.templating import Environment
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from content.errors import N_
from content.items import KINDS, Section, address
from content.outbox import unread_count
from content.people import ROLES, audience_label
from content.permissions import may
from content.subscriptions import FOLLOWABLE, followed
from portal.web import dates, shown
from portal.web.i18n import say
from portal.web.login import person
from portal.web.reading import reading

# Address, label and icon of the main navigation; labels are translated where they are shown.
NAVIGATION: tuple[tuple[str, str, str], ...] = (
    ("/notices/", N_("Notices"), "board"),
    ("/events/", N_("Events"), "calendar"),
    ("/services/", N_("Services"), "wrench"),
    ("/fees/", N_("Fees"), "yuan"),
    ("/library/", N_("Rules"), "book"),
    ("/contact", N_("Telephones"), "phone"),
)

ICONS: dict[str, str] = {
    "notice": "board",
    "event": "calendar",
    "service": "wrench",
    "fee": "yuan",
    "policy": "book",
    "page": "page",
}


class PlainEnvironment(Environment):
    """Every template knows the same names, so they need no chain of dictionaries, which each import would walk."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def _may(permission: str, record: Any = None) -> bool:
    return may(person(), permission, record)


def _unread() -> int:
    reader = person()
    if reader is None:
        return 0
    if "unread" not in g:
        g.unread = unread_count(reader)
    return int(g.unread)


def _lives_here() -> bool:
    """Whether the reader is an owner or a tenant, and so has matters of their own."""
    reader = person()
    return reader is not None and any(not ROLES[grant.role].staff for grant in reader.grants)


def _follows(kind: str = "", section: int = 0) -> bool | None:
    """Whether the reader follows a kind or a section; ``None`` where there is nothing to follow, or nobody to."""
    reader = person()
    if reader is None or (kind and kind not in FOLLOWABLE):
        return None
    if "followed" not in g:
        g.followed = followed(reader)
    kinds, sections = g.followed
    return kind in kinds if kind else section in sections


def _here() -> str:
    """This page's address, to come back to after a switch."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def dial(number: str) -> str:
    """A telephone number as a tel: link wants it."""
    return "tel:" + "".join(char for char in number if char.isdigit() or char in "+*#,")


def _audience_label(key: str) -> Markup:
    """For whom something is; the name of a department or community is content."""
    found = audience_label(key)
    if set(found.values) == {"name"}:
        return shown.shown(str(found.values["name"]))
    return escape(say(found))


def money(cents: int) -> str:
    """An amount in yuan from 分: 1,234.50."""
    return f"{cents // 100:,}.{cents % 100:02d}"


def _section_links(line: Iterable[Section]) -> list[tuple[str, Markup]]:
    """Addresses and titles of sections from the root downwards, for breadcrumbs."""
    found, path = [], "/browse"
    for section in line:
        path = f"{path}/{section.slug}"
        found.append((path, shown.shown(section.title, section.script)))
    return found


def url_path(path: str) -> str:
    """An address of ours with everything quoted that must be; the anchor of a clause may be Chinese."""
    return quote(path, safe="/#~()?=&-.")


def install(app: Flask) -> None:
    """Put them into the templates' globals, so that imported macros see them, too."""
    app.jinja_env.globals.update(
        site=LocalProxy(lambda: g.settings),  # they may have changed since the last request
        reading=reading,
        person=person,
        may=_may,
        unread=_unread,
        follows=_follows,
        lives_here=_lives_here,
        here=_here,
        navigation=NAVIGATION,
        dial=dial,
        shown=shown.shown,
        plain=shown.plain,
        person_name=shown.name,
        tag=shown.tag,
        item_shown=shown.item_shown,
        item_plain=shown.item_plain,
        item_tag=shown.item_tag,
        date_block=dates.date_block,
        until=dates.until,
        audience_label=_audience_label,
        money=money,
        section_links=_section_links,
        item_address=address,
        kinds=KINDS,
        kind_icon=lambda kind: ICONS.get(kind, "page"),
    )
    app.jinja_env.filters.update(
        when=dates.when,
        exact=dates.exact,
        day_exact=dates.day_exact,
        dial=dial,
        item_shown=shown.item_shown,
        item_address=address,
    )
    app.jinja_env.filters["url_path"] = url_path
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
