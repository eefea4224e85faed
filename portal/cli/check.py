"""``lianxi check``."""

from __future__ import annotations

import click
from peewee import PeeweeException

from content import db, preferences
from content import kinds as _kinds  # noqa: F401  importing it fills the table of kinds
from content.pulse import last_pulse
from content.settings import Settings
from content.transfer.checking import check
from portal.cli.common import json_option, note, out, read_settings, reports, told


@click.command("check")
@click.option(
    "--mend", is_flag=True, help="Mend what can be made again: index, forgotten contents, permissions."
)
@json_option
@reports
def command(mend: bool, as_json: bool) -> None:
    """Check that schema, database, index, files and outbox are whole, that a worker runs, and how clock, disk,
    permissions, mail server and backups are.

    Exit status 1 if there is a problem that is not mended; notices alone are fine.
    """
    settings = read_settings()
    if not settings.database and not (settings.data / "lianxi.db").is_file():
        note(f"There is no portal in {settings.data.absolute()}. Make one with: lianxi init")
        raise SystemExit(1)
    db.open_database(settings)
    findings = check(
        _effective(settings), mend=mend, pulse=last_pulse(settings), watch_worker=True, around=True
    )
    for one in findings:
        if as_json:
            out(
                {
                    "subject": one.subject,
                    "level": one.level,
                    "message": told(one.message),
                    "mended": one.mended,
                }
            )
        else:
            click.echo(f"{'mended' if one.mended else one.level}\t{one.subject}\t{told(one.message)}")
    problems = [one for one in findings if one.level == "problem" and not one.mended]
    note(f"{len(problems)} problems" if problems else "all is well")
    if problems:
        raise SystemExit(1)


def _effective(settings: Settings) -> Settings:
    """With what was set in the back office, if the database can be asked already."""
    try:
        return preferences.current(settings)
    except PeeweeException:
        return settings
