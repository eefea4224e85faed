"""The list of a desk for a spreadsheet: exactly what the list shows, nothing personal beyond it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import IO, Any

from flask import Blueprint, Response, stream_with_context
from flask_babel import gettext as _

from content import moment, reception, workbooks
from content.errors import N_, NotFound
from content.reception.categories import CATEGORIES, DESKS
from content.workflows import MATTER
from portal.pages.desk.listing import Filters
from portal.web.dates import local
from portal.web.i18n import say
from portal.web.login import person

pages = Blueprint("exports", __name__)
# Column of the domain's rows → what stands above it.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("number", N_("Matter number")),
    ("category", N_("Kind")),
    ("urgent", N_("Urgent")),
    ("state", N_("State")),
    ("place", N_("Place")),
    ("excerpt", N_("In their words")),
    ("opened_at", N_("Received on")),
    ("promised_at", N_("Promised for")),
    ("owner", N_("In whose hands")),
)
WIDTHS = (16, 10, 8, 12, 26, 50, 18, 18, 16)  # of the columns of a workbook, in characters
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK = 64 * 1024
_SPOOL = 1024 * 1024  # bytes kept in memory before a file on disk takes over


@pages.get("/<desk>/export.csv")
def as_csv(desk: str) -> Response:
    """The list as CSV in UTF-8 with a mark at its beginning, so that spreadsheets read it as such."""
    rows = _rows(desk)
    answer = Response(stream_with_context(_lines(rows)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={_name(desk)}.csv"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/<desk>/export.xlsx")
def as_xlsx(desk: str) -> Response:
    """The list as a workbook; every cell is text, so that nothing runs and no room becomes a date."""
    rows = _rows(desk)
    columns = [(_(label), width) for (_name_, label), width in zip(COLUMNS, WIDTHS, strict=True)]
    made = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115  closed when it is sent, or not wanted
    workbooks.write(made, say(DESKS[desk].label), columns, map(_texts, rows))
    made.seek(0)
    answer = Response(_chunks(made), mimetype=XLSX)
    answer.call_on_close(made.close)
    answer.headers["Content-Disposition"] = f"attachment; filename={_name(desk)}.xlsx"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _chunks(made: IO[bytes]) -> Iterator[bytes]:
    with made:
        while chunk := made.read(_CHUNK):
            yield chunk


def _rows(desk: str) -> Iterator[Mapping[str, Any]]:
    """The rows; who may not see the desk is refused before anything is sent."""
    reader = person()
    if reader is None or desk not in DESKS or desk not in reception.desk_counts(reader):
        raise NotFound()
    reception.note_export(reader, desk)
    rows = iter(reception.export_rows(reader, desk, **Filters.of_request().values()))
    # Asked for before anything is sent, so that an error is an answer and no broken file.
    return chain(list(islice(rows, 1)), rows)


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return workbooks.csv_lines([_(label) for _name_, label in COLUMNS], map(_texts, rows))


def _texts(row: Mapping[str, Any]) -> list[str]:
    return [_text(name, row[name]) for name, _label in COLUMNS]


def _text(name: str, value: Any) -> str:
    if name == "category":
        return say(CATEGORIES[value].label)
    if name == "state":
        return say(MATTER.state(value).label)
    if name == "urgent":
        return _("Urgent") if value else ""
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    return str(value or "")


def _name(desk: str) -> str:
    return f"{desk}-{moment.today():%Y%m%d}"
