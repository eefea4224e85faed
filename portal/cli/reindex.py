"""``lianxi reindex``."""

from __future__ import annotations

import click

from content import search
from portal.cli.common import Progress, note, open_portal, reports


@click.command("reindex")
@reports
def command() -> None:
    """Make the search index anew from the database; searching goes on meanwhile."""
    count = search.rebuild(open_portal(), Progress("indexed"))
    note(f"{count} in the index")
