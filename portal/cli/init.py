"""``lianxi init``."""

from __future__ import annotations

import click

from content import accounts, setup
from portal.cli.common import note, read_settings, reports, tell_setup_code


@click.command("init")
@reports
def command() -> None:
    """Make the portal's database and first sections, or bring an older one up to date. Safe to repeat.

    In a portal without people it makes the account "administrator", with which nobody can sign in before a
    password is set: lianxi user passwd administrator. Or set the portal up in a browser: the assistant asks for
    the setup code that is printed.
    """
    settings = read_settings()
    for name in setup.open_portal(settings):
        note(f"applied {name}")
    if accounts.first_administrator():
        note("made the account “administrator”; set its password with: lianxi user passwd administrator")
    tell_setup_code(settings)
    note(f"ready: {settings.data.absolute()}")
