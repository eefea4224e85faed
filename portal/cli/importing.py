"""``lianxi import``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from content.transfer.importing import import_paths
from content.transfer.results import ImportResult
from portal.cli.common import Progress, acting, as_option, json_option, note, open_portal, out, reports, told


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--draft", is_flag=True, help="Keep the documents back as drafts; otherwise everyone can read them."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@as_option
@json_option
@reports
def command(paths: tuple[Path, ...], draft: bool, dry_run: bool, username: str | None, as_json: bool) -> None:
    """Import papers as policies with numbered clauses: TXT, Markdown and HTML in UTF-8, GB18030 or Big5, files
    and folders. A file of several papers becomes several documents. An export (`lianxi export`) is read back.

    The same file again changes nothing; a changed file changes its documents. Ends when they can be searched.
    Exit status 1 if any file was refused.
    """
    settings = open_portal()
    person = acting(username)
    refused = 0
    for result in import_paths(
        settings, person, paths, draft=draft, dry_run=dry_run, progress=Progress("files")
    ):
        refused += result.status == "refused"
        if as_json:
            out(as_record(result))
        else:
            _tell(result)
    if refused:
        note(f"{refused} refused")
        raise SystemExit(1)


def as_record(result: ImportResult) -> dict[str, Any]:
    """A result as it is printed with ``--json``."""
    record: dict[str, Any] = {
        "source": result.source,
        "part": result.part,
        "title": result.title,
        "uid": result.uid,
        "url": result.url,
        "clauses": result.clauses,
        "status": result.status,
        "warnings": [told(one) for one in result.warnings],
    }
    return {**record, "error": told(result.error)} if result.error else record


def _tell(result: ImportResult) -> None:
    click.echo(f"{result.status}\t{result.title or result.source}\t{result.clauses}\t{result.url}")
    for message in (*result.warnings, *([result.error] if result.error else [])):
        note(f"  {result.source}: {told(message)}")
