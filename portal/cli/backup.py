"""``lianxi backup``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from content.transfer.backup import MOST_KEPT, make_backup, make_dated_backup
from portal.cli.common import Progress, json_option, note, out, read_settings, reports

# Those who use the portal meanwhile come first.
MODEST = 10


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(1, MOST_KEPT),
    help="FILE is a folder: name the archive by date and time, and keep so many of these.",
)
@json_option
@reports
def command(file: Path, keep: int | None, as_json: bool) -> None:
    """Save database and files to one archive while the portal runs. The index is not in it: it is made anew."""
    os.nice(MODEST)
    settings, progress = read_settings(), Progress("files")
    made = (
        make_dated_backup(settings, file, keep, progress) if keep else make_backup(settings, file, progress)
    )
    for name in made.lost:
        note(f"lost: {name}")
    for path in made.removed:
        note(f"removed: {path}")
    if as_json:
        out({"file": str(made.path), "size": made.size, "files": made.files, "lost": list(made.lost),
             "removed": [str(path) for path in made.removed]})  # fmt: skip
    else:
        note(f"{made.path}: {made.size} bytes, {made.files} files")
