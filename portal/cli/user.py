"""``lianxi user``."""

from __future__ import annotations

import secrets
import sys

import click

from content import accounts, people
from content.people import ROLES, Person
from portal.cli.common import json_option, note, open_portal, out, reports

stdin_option = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
role_choice = click.Choice(list(ROLES))


@click.group("user")
def command() -> None:
    """Accounts: add, list, passwd, role, disable."""


@command.command("add")
@click.argument("username")
@click.option("--name", default="", help="Name as people read it; the user name if left out.")
@click.option("--role", "roles", multiple=True, type=role_choice, help="A role; may be given again.")
@click.option("--email", default="", help="Where the portal writes to.")
@stdin_option
@reports
def add(username: str, name: str, roles: tuple[str, ...], email: str, password_stdin: bool) -> None:
    """Make an account. Without a terminal or --password-stdin a password is made and printed."""
    open_portal()
    password, made = _password(password_stdin)
    accounts.add(username, name, password, roles, email=email)
    note(f"added {username}")
    if made:
        click.echo(password)


@command.command("list")
@json_option
@reports
def list_(as_json: bool) -> None:
    """Print all accounts with their roles."""
    open_portal()
    for person in Person.select().where(Person.system == False).order_by(Person.id):  # noqa: E712
        roles = [
            grant.role + (f"@{grant.section_path}" if grant.section_path else "") for grant in person.grants
        ]
        if as_json:
            out({"username": person.username, "name": person.name, "email": person.email, "roles": roles,
                 "active": bool(person.active), "can_sign_in": person.is_active and bool(person.password_hash)})  # fmt: skip
        else:
            shut = "" if person.active else "shut"
            click.echo("\t".join((person.username, person.name, ", ".join(roles), shut)))


@command.command("passwd")
@click.argument("username")
@stdin_option
@reports
def passwd(username: str, password_stdin: bool) -> None:
    """Set a password. Without a terminal or --password-stdin one is made and printed."""
    open_portal()
    person = people.find_person(username)
    password, made = _password(password_stdin)
    accounts.change_password(person, password)
    note(f"password set for {username}")
    if made:
        click.echo(password)


@command.command("role")
@click.argument("username")
@click.argument("role", type=role_choice)
@click.option("--remove", is_flag=True, help="Take the role away.")
@click.option(
    "--section", default="", metavar="PATH", help="Only at this section, by its path of numbers (/1/4/)."
)
@reports
def role(username: str, role: str, remove: bool, section: str) -> None:
    """Give a person a role, or take it away."""
    open_portal()
    person = people.find_person(username)
    (accounts.take_role if remove else accounts.give_role)(person, role, section)
    note(f"{username}: {'-' if remove else '+'}{role}")


@command.command("disable")
@click.argument("username")
@click.option("--enable", is_flag=True, help="Open the account again.")
@reports
def disable(username: str, enable: bool) -> None:
    """Shut an account: nobody signs in with it, what the person did stays."""
    open_portal()
    accounts.set_active(people.find_person(username), enable)
    note(f"{username}: {'open' if enable else 'shut'}")


def _password(from_stdin: bool) -> tuple[str, bool]:
    """The password and whether it was made here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True), False
    return secrets.token_urlsafe(12), True
