"""``lianxi export``."""

from __future__ import annotations

import click

from content.transfer.exporting import export_items
from portal.cli.common import acting, as_option, note, open_portal, out, reports


@click.command("export")
@click.option("--json", "_json", is_flag=True, help="JSON Lines, which is the only form there is.")
@click.option("--files", is_flag=True, help="Put the content of files in, too (base64).")
@as_option
@reports
def command(_json: bool, files: bool, username: str | None) -> None:
    """Write sections, files and every item with all its fields to standard output; `lianxi import` reads it back.

    As the administrator with drafts, working copies and the trash; with --as what that person may see.
    """
    settings = open_portal()
    person = acting(username)
    count = 0
    for record in export_items(settings, person, with_files=files):
        out(record)
        count += record["record"] == "item"
    note(f"{count} items")
