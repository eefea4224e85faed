"""What the commands share: settings, the acting person, messages on standard error, JSON Lines on standard output."""

from __future__ import annotations

import functools
import json
import logging
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

import click
from peewee import DatabaseError, PeeweeException

from content import accounts, people, preferences, setup, welcome
from content.db import storage_errors
from content.errors import N_, DomainError, Invalid, Message, NotAllowed, msg
from content.people import Person
from content.settings import BadSetting, Settings
from portal.web import logs
from portal.web.i18n import say

log = logging.getLogger("lianxi.setup")
P = ParamSpec("P")
R = TypeVar("R")

as_option = click.option(
    "--as", "username", metavar="USER", help="Act as this person, with exactly their rights."
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON Lines (UTF-8) on standard output."
)


def read_settings() -> Settings:
    """The settings of the environment; a bad one is wrong usage."""
    try:
        return Settings.from_env()
    except BadSetting as error:
        raise click.UsageError(str(error)) from None


def open_portal(level: int = logging.ERROR) -> Settings:
    """Settings read, database open and up to date."""
    settings = read_settings()
    logs.configure(settings, level)
    setup.open_portal(settings)
    return preferences.current(settings)


def acting(username: str | None) -> Person:
    """The person of ``--as``, else the first administrator. Raises ``NotFound`` or ``NotAllowed``."""
    if username is None:
        return accounts.acting_administrator()
    person = people.find_person(username)
    if not person.is_active:
        raise NotAllowed(msg(N_("The account “%(username)s” is shut."), username=username))
    return person


def told(message: Message) -> str:
    """A message of the domain in the language of the installation."""
    settings = read_settings()
    with suppress(PeeweeException, AttributeError):  # there is no portal, or none that can be read
        settings = preferences.current(settings)
    return say(message, settings.locale)


def sentences(error: DomainError) -> list[str]:
    """What an error says: of invalid entries each one."""
    if isinstance(error, Invalid) and error.fields:
        return [f"{name}: {told(one)}" for name, ones in error.fields.items() for one in ones]
    return [told(error.message)]


def reports(function: Callable[P, R]) -> Callable[P, R]:
    """Let a command say domain errors in a sentence and end with status 1, never with a stack trace."""

    @functools.wraps(function)
    def command(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with storage_errors():
                return function(*args, **kwargs)
        except DomainError as error:
            for sentence in sentences(error):
                note(sentence)
        except BrokenPipeError:  # whoever read our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (DatabaseError, sqlite3.DatabaseError) as error:
            if type(error) not in (DatabaseError, sqlite3.DatabaseError):
                raise  # a mistake of ours, which wants its stack trace
            note(told(msg(N_("The database is damaged: %(what)s"), what=str(error))))
        except OSError as error:
            note(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))
        raise SystemExit(1)

    return command


def note(text: str) -> None:
    """A line for the person at the terminal."""
    click.echo(text, err=True)


def out(record: Mapping[str, Any]) -> None:
    """One line of JSON."""
    sys.stdout.buffer.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    sys.stdout.buffer.flush()


def tell_setup_code(settings: Settings) -> None:
    """Print the code of the first-run assistant, as long as it is needed; a log that is kept says where it lies."""
    code = welcome.setup_code(settings)
    if code and settings.log_format == "json":
        log.warning(
            "nobody can sign in yet: open the portal and type what the file setup-code of its data folder says"
        )
    elif code:
        note(f"setup code: {code} (open the portal in a browser and enter it there)")


class Progress:
    """Progress on standard error: a line that is rewritten at a terminal, else one line now and then."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.shown = -1

    def __call__(self, done: int, total: int, detail: str = "") -> None:
        share = 100 * done // total if total else 100
        if share == self.shown or (not sys.stderr.isatty() and share < self.shown + 10 and done != total):
            return
        self.shown = share
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{self.what}: {done}/{total} {detail}", nl=done == total, err=True)
        else:
            note(f"{self.what}: {done}/{total}")
