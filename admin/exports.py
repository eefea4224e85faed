"""The files that somebody's lists are written into: how far each is, and fetching it."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, redirect, send_file
from flask_admin import expose

from admin.base import PageView
from content import moment
from content.backoffice import jobs
from content.backoffice.jobs import ExportJob
from content.errors import N_
from portal.web.login import person

STATES: dict[str, tuple[str, str, str]] = {  # words, shape, role of colour
    "waiting": (N_("waits its turn"), "◷", "muted"),
    "running": (N_("is being written"), "●", "indigo"),
    "done": (N_("ready"), "✓", "jade"),
    "failed": (N_("could not be written"), "▲", "seal"),
    "cancelled": (N_("cancelled"), "–", "muted"),
}


class Exports(PageView):
    """The reader's own files; nobody else's are shown or fetched."""

    label = N_("Lists as files")
    address = "exports"
    group = "machine"

    @expose("/")
    def index(self) -> str:
        """What the reader asked for within the last month."""
        return self.render("backoffice/exports.html", jobs=jobs.mine(person()), states=STATES)

    @expose("/<uid>/")
    def job(self, uid: str) -> str:
        """How far one is; the page may be left."""
        return self.render("backoffice/export.html", job=jobs.one(person(), uid), states=STATES)

    @expose("/<uid>/state")
    def state(self, uid: str) -> Response:
        """How far one is, for our script."""
        job: ExportJob = jobs.one(person(), uid)
        return jsonify(state=job.state, share=job.share, rows=job.rows_done, total=job.total)

    @expose("/<uid>/file")
    def file(self, uid: str) -> Response:
        """The file, under a name that says what and when it is."""
        job = jobs.one(person(), uid)
        path = jobs.file_of(g.settings, person(), uid)
        day = moment.local(job.finished_at or job.created_at)
        answer = send_file(
            path, as_attachment=True, download_name=f"{job.register}-{day:%Y%m%d-%H%M}.{job.format}"
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/<uid>/cancel", methods=("POST",))
    def cancel(self, uid: str) -> Any:
        """Write it no further."""
        jobs.cancel(person(), uid)
        return redirect(f"/admin/exports/{uid}/", code=303)
