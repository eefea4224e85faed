"""The first page of the back office: what waits, what is wrong, what comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from admin.base import PageView
from content.backoffice import dashboard
from content.backoffice.dashboard import Dashboard
from content.errors import N_
from portal.web.dates import local, when
from portal.web.i18n import marked
from portal.web.login import person

# What happens to something on a day: its mark and its word.
MARKS: dict[str, tuple[str, Any]] = {
    "publish": ("●", _l("is published")),
    "change": ("◐", _l("is changed")),
    "expire": ("○", _l("is taken down")),
}


@dataclass(frozen=True)
class Alarm:
    """Something that somebody has to look after: how bad, what, and where to go or what to type."""

    tone: str  # seal or amber
    words: Any
    way: str = ""
    way_words: str = ""
    command: str = ""


class DashboardView(PageView):
    """What whoever keeps the portal sees first."""

    label = N_("Dashboard")

    @expose("/")
    def index(self) -> str:
        """Figures of this moment; a script asks for them again while the page is open."""
        found = dashboard.dashboard(g.settings, person())
        return self.render(
            "backoffice/dashboard.html",
            found=found,
            clock=lambda at: marked(f"{local(at):%H:%M}"),
            alarms=alarms(found),
            marks=MARKS,
            sized=sized,
            share=share,
        )


def alarms(found: Dashboard) -> list[Alarm]:
    """What is wrong, the worst first."""
    return [*_worker(found), *_mail(found), *_room(found), *_promises(found), *_backup(found)]


def _worker(found: Dashboard) -> list[Alarm]:
    if found.worker_alive:
        return []
    words: Any = _("No worker has run yet: nothing is sent, published on its date or found by search.")
    if found.pulse is not None:
        words = Markup(  # noqa: S704  our words and an element of ours
            _("The worker has said nothing since %(when)s: nothing is sent, published on its date or found by search.",
              when=when(found.pulse))
        )  # fmt: skip
    return [Alarm("seal", words, command="lianxi work")]


def _mail(found: Dashboard) -> list[Alarm]:
    queues, result = found.queues, []
    if queues.failed:
        words = ngettext(
            "One message could not be delivered.", "%(num)s messages could not be delivered.", queues.failed
        )
        result.append(Alarm("seal", words, "/admin/post/?f.state=failed", _("See what failed")))
    if queues.late:
        result.append(
            Alarm(
                "amber",
                _("Mail waits longer than it should."),
                "/admin/settings/mail",
                _("Look at the settings of mail"),
            )
        )
    return result


def _room(found: Dashboard) -> list[Alarm]:
    storage = found.storage
    if not storage.little:
        return []
    words = _("The disk has only %(free)s left.", free=sized(storage.free))
    if storage.used >= dashboard.NEARLY_FULL:
        words = _("The database has used %(used)s %% of its quota.", used=storage.used)
    return [Alarm("seal", words, "/admin/settings/machine", _("Look at the settings of the machine"))]


def _promises(found: Dashboard) -> list[Alarm]:
    late = found.matters.overdue
    if not late:
        return []
    words = ngettext(
        "One promise to a resident is overdue.", "%(num)s promises to residents are overdue.", late
    )
    may_look = found.matters.readable
    return [Alarm("amber", words, "/desk/" if may_look else "", _("To the desk") if may_look else "")]


def _backup(found: Dashboard) -> list[Alarm]:
    if not found.backup_old:
        return []
    words: Any = _("No backup is known of.")
    if found.backup is not None:
        words = Markup(_("The last backup is of %(when)s.", when=when(found.backup.at)))  # noqa: S704  as above
    return [Alarm("amber", words, command="lianxi backup FILE")]


def sized(size: int) -> str:
    """A number of bytes as people read it: 340 kB, 2.4 MB, 12.0 GB."""
    kilo = 1024
    for unit, above in (("GB", kilo**3), ("MB", kilo**2)):
        if size >= above:
            return f"{size / above:.1f} {unit}"
    return f"{-(-size // kilo)} kB"


def share(part: int, whole: int) -> int:
    """The length of a bar in hundredths; something is never nothing."""
    return max(1, round(100 * part / whole)) if part and whole else 0
