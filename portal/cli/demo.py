"""``lianxi demo``."""

from __future__ import annotations

import unicodedata
from datetime import datetime

import click

from content import demo, search
from content.demo import Account
from portal.cli.common import json_option, note, open_portal, out, reports, told

HEADINGS = ("account", "name", "role", "job", "password")
UNKNOWN = "as printed at first start, or LIANXI_DEMO_PASSWORD"


@click.command("demo")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day around which everything happens; today if left out. The same day gives the same demo.",
)
@click.option(
    "--if-empty", is_flag=True, help="Do nothing, and say nothing, in a portal that has people of its own."
)
@json_option
@reports
def command(date: datetime | None, if_empty: bool, as_json: bool) -> None:
    """Fill an empty portal with an estate and a school: notices, services, tariffs, events, procedures, and an
    account for each role. Prints the accounts, also where the demo stands already.

    The password is LIANXI_DEMO_PASSWORD, else one is made and kept in the data folder. A portal with real people
    or content is refused.
    """
    settings = open_portal()
    before = demo.standing()
    accounts = demo.fill(settings, date.date() if date else None, if_empty)
    if before == "empty":
        while search.index_pending(settings):
            pass
    elif accounts:
        note("The demo is there already; nothing was changed.")
    if as_json:
        for account in accounts:
            out(as_record(account))
    elif accounts:
        click.echo(_table(accounts))


def as_record(account: Account) -> dict[str, str]:
    """An account as it is printed with ``--json``; the password is empty where it is not known any more."""
    return {
        "username": account.username,
        "name": account.name,
        "role": told(account.role),
        "job": account.job,
        "password": account.password,
    }


def _table(accounts: list[Account]) -> str:
    """The accounts in columns; the password once, as all have the same."""
    rows = [HEADINGS[:-1], *(tuple(as_record(one).values())[:-1] for one in accounts)]
    widths = [max(_width(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = (
        "  ".join(text + " " * (widths[n] - _width(text)) for n, text in enumerate(row)).rstrip()
        for row in rows
    )
    return "\n".join([*lines, "", f"{HEADINGS[-1]}: {accounts[0].password or UNKNOWN}"])


def _width(text: str) -> int:
    """Columns at a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
