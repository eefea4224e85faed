"""``lianxi maintenance``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click
from peewee import PeeweeException

from content import db, maintenance, marks, preferences
from content.settings import Settings
from portal.cli.common import json_option, note, out, read_settings, reports
from portal.web.standing import standing_page


@click.group("maintenance")
def command() -> None:
    """Shut the portal for maintenance, and open it again: on, off, status, page."""


@command.command("on")
@click.option("--message", default="", help="What people read beside the telephones.")
@click.option("--minutes", default=0, type=int, help="How long it will take; 0 if nobody knows.")
@reports
def on(message: str, minutes: int) -> None:
    """Show everybody but administrators a page with the service centre's telephones. /healthz answers on."""
    settings = _portal()
    maintenance.switch_on(settings, message, minutes)
    note("the portal is shut for maintenance; open it with: lianxi maintenance off")
    note("administrators sign in at /login and go on")


@command.command("off")
@reports
def off() -> None:
    """Open the portal again."""
    note("the portal is open" if maintenance.switch_off(_portal()) else "the portal was open")


@command.command("status")
@json_option
@reports
def status(as_json: bool) -> None:
    """Say whether the portal is shut, and since when."""
    found = maintenance.state(_portal())
    if as_json:
        out({"shut": found is not None,
             "since": found.since.isoformat() if found else None,
             "until": found.until.isoformat() if found and found.until else None,
             "message": found.message if found else ""})  # fmt: skip
    elif found is None:
        click.echo("open")
    else:
        click.echo(f"shut\t{found.since.isoformat(timespec='seconds')}\t{found.message}")


@command.command("page")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@reports
def page(file: Path) -> None:
    """Write a page in three languages that needs nothing else, for the web server in front to show when the portal
    does not answer. Write it again when the telephones change.
    """
    settings = _portal()
    with suppress(PeeweeException):  # what is set in the back office, if the database can be asked
        db.open_database(settings)
        settings = preferences.current(settings)
    marks.replace(file.absolute(), standing_page(settings))
    file.chmod(0o644)  # whoever serves it is somebody else
    note(f"{file}: written")


def _portal() -> Settings:
    settings = read_settings()
    if not settings.data.is_dir():
        note(f"There is no portal in {settings.data.absolute()}. Make one with: lianxi init")
        raise SystemExit(1)
    return settings
