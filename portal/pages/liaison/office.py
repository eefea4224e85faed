"""The office's view: coverage matrix, meetings without their notes, and the overview as a table file."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from content import moment
from content.liaison import overview as data
from content.liaison import sheet as table
from content.liaison.duties import KINDS
from content.liaison.overview import Filters, coverage, office_meetings
from content.liaison.reading import PAGE
from content.liaison.rights import require_office
from content.liaison.terms import UNITS, after, before, by_key, last_periods, period_of
from portal.pages.liaison.words import reader
from portal.web import numbers
from portal.web.i18n import say

pages = Blueprint("office", __name__, url_prefix="/office")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/")
def overview() -> str:
    """The coverage matrix, by leader or counselor, by quarter or term (R-131–135)."""
    by = "counselor" if request.args.get("by") == "counselor" else "leader"
    unit = "term" if request.args.get("unit") == "term" else "quarter"
    today = period_of(unit, moment.today())
    until = by_key(unit, request.args.get("until", ""))
    if until is not None and until.start > today.start:
        until = None
    found = coverage(reader(), by=by, unit=unit, until=until)  # type: ignore[arg-type]
    earlier = before(found.periods[0]).key
    later = after(found.periods[-1]).key if found.periods[-1].start < today.start else ""
    return render_template(
        "liaison/office.html",
        found=found,
        earlier=earlier,
        later=later,
        begins=data.FROM_BEGIN,
        here=today,
    )


@pages.get("/meetings/")
def meetings() -> str:
    """Meetings by leader, counselor, kind, quarter and term; dates and office lines only."""
    require_office(reader())
    filters, chosen = _filters(request.args)
    seen = numbers.number(request.args.get("before"))
    found = office_meetings(reader(), filters, before=seen)
    standing, past = data.office_pairings(reader())
    people = {
        "leader": {p.leader_id: p.leader.name for p in (*standing, *past)},
        "counselor": {p.counselor_id: p.counselor.name for p in (*standing, *past)},
    }
    today = moment.today()
    periods = [*last_periods("quarter", today, 8)[::-1], *last_periods("term", today, 4)[::-1]]
    return render_template(
        "liaison/office_meetings.html",
        found=found,
        people=people,
        periods=periods,
        chosen=chosen,
        last=found[-1].id if len(found) >= PAGE else 0,
        before=seen,
    )


@pages.get("/overview.xlsx")
def sheet() -> Response:
    """The overview 一覽表 of today (R-141)."""
    answer = make_response(table.overview_sheet(reader(), say))
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="liaison-{moment.today().isoformat()}.xlsx"'
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _filters(args: MultiDict[str, str]) -> tuple[Filters, dict[str, str]]:
    """The filters of an address; what makes no sense is left out."""
    chosen = {name: args.get(name, "") for name in ("leader", "counselor", "kind", "period", "waiting")}
    unit, _, key = chosen["period"].partition(":")
    period = by_key(unit, key) if unit in UNITS else None
    filters = Filters(
        leader=numbers.number(chosen["leader"]) or 0,
        counselor=numbers.number(chosen["counselor"]) or 0,
        kind=chosen["kind"] if chosen["kind"] in KINDS else "",
        period=period,
        waiting=chosen["waiting"] == "1",
    )
    return filters, {name: value for name, value in chosen.items() if value}
