"""What a list shows beside a matter: its promise as shape, word and colour; and telephones as people write them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from content import moment, telephones
from content.cases import OPEN_STATES
from portal.web.dates import local, when


class Mark(NamedTuple):
    """A chip: its words, its shape, its role of colour."""

    words: str | Markup
    mark: str
    tone: str


def due_mark(promised: datetime | None, state: str) -> Mark | None:
    """The chip of a promise (R-041) while the matter is open: overdue by whole days, today, or when."""
    if promised is None or state not in OPEN_STATES:
        return None
    now = moment.now()
    days = (local(now).date() - local(promised).date()).days
    if promised < now:
        words = ngettext("overdue 1 day", "overdue %(num)s days", days) if days else _("overdue since today")
        return Mark(words, "▲", "seal")
    if local(promised).date() == moment.today(g.settings.zone):
        return Mark(_("due today %(clock)s", clock=f"{local(promised):%H:%M}"), "◷", "amber")
    return Mark(when(promised), "◷", "muted")


def telephone(number: str) -> str:
    """A kept number as people write it."""
    return telephones.show(number) if number else ""
