"""The command ``lianxi``: one module per command, imported only when that command runs."""

from __future__ import annotations

import click

from portal.cli import loading

# Command → (module, line of help). The help stands here so that listing the commands imports none of them.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("portal.cli.init", "Make the portal's database, or bring it up to date."),
    "demo": ("portal.cli.demo", "Fill the portal with demo content and accounts."),
    "serve": ("portal.cli.serve", "Serve the portal to browsers."),
    "work": ("portal.cli.work", "Run the worker by itself: dated steps, index, messages."),
    "import": ("portal.cli.importing", "Import papers (TXT, Markdown, HTML) or an export."),
    "households": ("portal.cli.households", "Import a list of homes and residents (XLSX)."),
    "search": ("portal.cli.searching", "Search as the site does."),
    "reindex": ("portal.cli.reindex", "Make the search index anew."),
    "check": ("portal.cli.check", "Check that database, index and files are whole."),
    "export": ("portal.cli.export", "Write everything out as JSON Lines."),
    "backup": ("portal.cli.backup", "Save database and files to one archive."),
    "restore": ("portal.cli.restore", "Put an archive back."),
    "maintenance": ("portal.cli.maintenance", "Shut the portal for maintenance: on, off, status, page."),
    "user": ("portal.cli.user", "Accounts: add, list, passwd, role, disable."),
}


class LazyGroup(click.Group):
    """A group that imports the module of a command when it is called. The module's ``command`` is the command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = loading.module(COMMANDS[cmd_name][0]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Lianxi 聯繫: notices, procedures and matters of a community.

    Settings come from the environment (LIANXI_DATA, LIANXI_PORT, …). Every command works beside a running
    server. Exit status: 0 done, 1 failed or a file was refused, 2 wrong usage.
    """
