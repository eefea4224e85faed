"""``lianxi households``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from content.errors import N_, NotFound, msg
from content.estate.headings import COLUMNS
from content.estate.importing import dry_run, import_sheet
from content.estate.planning import Plan, Problem
from content.estate.sheet import read_sheet
from content.people import Community
from portal.cli.common import acting, as_option, json_option, note, open_portal, out, reports, told


@click.command("households")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "dry", is_flag=True, help="Explain each refused row and write nothing.")
@click.option(
    "--good-rows", is_flag=True, help="Take the rows that are in order although others are refused."
)
@click.option("--community", "name", default="", help="Community of the rows that name none.")
@as_option
@json_option
@reports
def command(file: Path, dry: bool, good_rows: bool, name: str, username: str | None, as_json: bool) -> None:
    """Import a list of homes and their residents from an XLSX file, in one transaction.

    Columns are known by their headings in Traditional, Simplified or English: community, phase, building, unit,
    room, area, name, form of address, owner or tenant, telephone, mail, since. If any row is refused nothing is
    imported, unless --good-rows is given. The same file again changes nothing.
    Exit status 1 if any row was refused.
    """
    open_portal()
    person = acting(username)
    community = _community(name)
    sheet = read_sheet(file)
    plan = dry_run(person, sheet, community)
    for problem in plan.problems:
        _tell(problem, as_json)
    written = not dry and (good_rows or not plan.problems)
    if written:
        plan = import_sheet(person, sheet, community, good_rows=good_rows)
    _sum_up(plan, written, as_json)
    if plan.problems:
        raise SystemExit(1)


def _community(name: str) -> Community | None:
    if not name:
        return None
    found: Community | None = Community.get_or_none(Community.name == name)
    if found is None:
        raise NotFound(msg(N_("There is no community “%(name)s” here."), name=name))
    return found


def _tell(problem: Problem, as_json: bool) -> None:
    column = problem.heading or told(msg(COLUMNS[problem.column].label))
    if as_json:
        told_as = {"row": problem.row, "column": problem.column, "heading": problem.heading}
        out({**told_as, "error": told(problem.message)})
    else:
        note(f"{problem.row}\t{column}\t{told(problem.message)}")


def _sum_up(plan: Plan, written: bool, as_json: bool) -> None:
    figures: dict[str, Any] = {
        "sheet": plan.title,
        "rows": plan.total,
        "good": plan.good,
        "refused": plan.refused,
        "same": plan.same,
        **plan.counts,
        "written": written,
    }
    if as_json:
        out(figures)
    else:
        click.echo("\t".join(f"{name}: {value}" for name, value in figures.items() if name != "sheet"))
