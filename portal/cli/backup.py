"""``lianxi backup``."""

from __future__ import annotations

from pathlib import Path

import click

from content.transfer.backup import make_backup
from portal.cli.common import Progress, json_option, note, out, read_settings, reports


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@reports
def command(file: Path, as_json: bool) -> None:
    """Save database and files to one archive while the portal runs. The index is not in it: it is made anew."""
    made = make_backup(read_settings(), file, Progress("files"))
    for name in made.lost:
        note(f"lost: {name}")
    if as_json:
        out({"file": str(made.path), "size": made.size, "files": made.files, "lost": list(made.lost)})
    else:
        note(f"{made.path}: {made.size} bytes, {made.files} files")
