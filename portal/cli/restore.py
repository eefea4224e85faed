"""``lianxi restore``."""

from __future__ import annotations

from pathlib import Path

import click

from content import kinds as _kinds  # noqa: F401  importing it fills the table of kinds
from content.transfer.restore import restore_backup
from portal.cli.common import Progress, json_option, note, out, read_settings, reports


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@reports
def command(file: Path, as_json: bool) -> None:
    """Put an archive back, also while the portal runs: what was written since is gone.

    The archive is looked through as a whole first; one that is damaged or foreign changes nothing.
    """
    restored = restore_backup(read_settings(), file, Progress("indexed"))
    if as_json:
        out({"made_at": restored.made_at, "files": restored.files, "documents": restored.documents,
             "migrated": list(restored.migrated)})  # fmt: skip
    else:
        note(
            f"restored as of {restored.made_at}: {restored.files} files put back, {restored.documents} in the index"
        )
