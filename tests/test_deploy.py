"""What an administrator copies from the manual: files that their programs read, commands and settings that exist."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import click
import pytest

from content.settings import ABOUT
from portal.cli import COMMANDS

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer"))
MANUALS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(DEPLOY.iterdir())]
SHELL = re.compile(r"```sh\n(.*?)```", re.S)
INLINE = re.compile(r"`([^`\n]+)`")


def calls(text: str, is_manual: bool) -> list[list[str]]:
    """Every call of ``lianxi`` that stands as a command: in a block, in backticks, in a unit."""
    lines = [line for block in SHELL.findall(text) for line in block.splitlines()]
    lines += INLINE.findall(text) if is_manual else text.splitlines()
    found = []
    for line in lines:
        match = re.search(
            r"(?:^|bin/|^[A-Z_]+=\S* )lianxi ((?:[a-z]+|--?[a-z]+)\b.*)", line.partition(" #")[0]
        )
        if match:
            found.append(shlex.split(match[1].rstrip("…")))
    return found


@pytest.mark.parametrize("path", MANUALS, ids=lambda path: path.name)
def test_every_command_and_option_in_the_manual_exists(path: Path) -> None:
    for words in calls(path.read_text(encoding="utf-8"), path.suffix == ".md"):
        if words[0].startswith("-"):
            continue
        assert words[0] in COMMANDS, words
        command: click.Command = importlib.import_module(COMMANDS[words[0]][0]).command
        if isinstance(command, click.Group) and words[1:] and re.fullmatch("[a-z]+", words[1]):
            assert words[1] in command.commands, words
            command = command.commands[words[1]]
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= known, words


def test_there_are_commands_to_look_at() -> None:
    install = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    found = {words[0] for words in calls(install, True)}
    assert {"maintenance", "backup", "check", "restore"} <= found
    assert ["backup", "--keep", "14", "/var/backups/lianxi"] in calls(
        (DEPLOY / "lianxi-backup.service").read_text(), False
    )


@pytest.mark.parametrize("path", MANUALS, ids=lambda path: path.name)
def test_every_setting_in_the_manual_exists(path: Path) -> None:
    named = set(re.findall(r"\bLIANXI_[A-Z0-9_]+[A-Z0-9]\b", path.read_text(encoding="utf-8")))
    assert named <= {one.variable for one in ABOUT.values()}


@pytest.mark.parametrize("path", MANUALS, ids=lambda path: path.name)
def test_every_file_that_the_manual_leads_to_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text) if path.suffix == ".md" else []:
        if not target.endswith(".png"):  # pictures are taken by make pictures
            assert (path.parent / target).exists(), target
    for target in re.findall(r"`deploy/([\w.-]+)`", text):
        assert (DEPLOY / target).exists(), target


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_can_be_read(path: Path, tmp_path: Path) -> None:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capitals
    parser.read_string(path.read_text(encoding="utf-8"))
    assert "Unit" in parser
    if path.suffix == ".service":
        assert parser["Service"]["User"] == "lianxi"
        assert parser["Service"]["UMask"] == "0077"
        assert parser["Service"]["NoNewPrivileges"] == "yes"
    if shutil.which("systemd-analyze") is None:
        return
    for one in UNITS:
        text = one.read_text(encoding="utf-8")
        (tmp_path / one.name).write_text(
            text.replace("/opt/lianxi/.venv/bin/lianxi", shutil.which("true") or "")
        )
    done = subprocess.run(
        ["systemd-analyze", "--man=no", "verify", str(tmp_path / path.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if path.name in line]
    assert (said, done.returncode) == ([], 0), done.stderr


def test_nginx_reads_its_site(tmp_path: Path) -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    for header in ("X-Forwarded-For $remote_addr", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Request-ID"):
        assert f"proxy_set_header {header}" in text
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx is not here")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
         "privkey.pem", "-out", "fullchain.pem", "-days", "1", "-subj", "/CN=portal.example.org"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    site = text.replace("/etc/ssl/lianxi", str(tmp_path))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{places}\n{site}\n}}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [nginx, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_caddy_reads_its_file() -> None:
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert text.count("{\n") == len(re.findall(r"^\s*}$", text, re.M))
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not here")
    done = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_largest_request_passes_the_web_server() -> None:
    """So that it is the portal that says what is too large, and in which words."""
    wanted = ABOUT["request_mb"].default
    nginx = re.search(r"client_max_body_size (\d+)m", (DEPLOY / "nginx.conf").read_text())
    caddy = re.search(r"max_size (\d+)MB", (DEPLOY / "Caddyfile").read_text())
    assert nginx is not None
    assert caddy is not None
    assert wanted < int(nginx[1])
    assert wanted * 1.05 < int(caddy[1])  # Caddy counts by thousands


def test_the_page_that_stands_in_says_that_it_is_for_a_while() -> None:
    """503, when to come again, and not to be kept: what the portal says of itself when it is shut."""
    nginx, caddy = ((DEPLOY / name).read_text() for name in ("nginx.conf", "Caddyfile"))
    assert "error_page 502 504 =503 /maintenance.html;" in nginx
    place = nginx[nginx.index("location = /maintenance.html") :]
    # A header added in a place takes away those of its surroundings.
    for header in ("Strict-Transport-Security", "Retry-After", "Cache-Control no-store"):
        assert f"add_header {header}" in place
    for words in ("status 503", "header Retry-After", "header Cache-Control no-store"):
        assert words in caddy


def test_the_program_is_its_users_before_that_user_sets_it_up() -> None:
    """Unpacked by root it could not be made ready by anybody else: catalogues are compiled beside their sources."""
    install = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    first = install[: install.index("## 2.")]
    assert 0 < first.index("chown -R lianxi:lianxi /opt/lianxi") < first.index("make -C /opt/lianxi setup")
    upgrade = install[install.index("## Upgrade") : install.index("## Backup")]
    assert "chown -R lianxi:lianxi /opt/lianxi" in upgrade
    # What is unpacked keeps its dates; older than the last set-up, it would be taken for done.
    assert "make -B -C /opt/lianxi setup" in upgrade


def test_the_command_of_root_shows_no_setting_to_others(tmp_path: Path) -> None:
    """What stands in a command line is read by everybody on the machine; a key may be among the settings."""
    text = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    (function,) = re.findall(r"^lianxi\(\).*$", text, re.M)
    settings, stub = tmp_path / "env", tmp_path / "runuser"
    settings.write_text('LIANXI_SECRET=key-of-sessions\nLIANXI_SITE_NAME="Two words"\n')
    stub.write_text('#!/bin/sh\nprintf "%s|" "$@"\nprintf "%s|%s" "$LIANXI_SECRET" "$LIANXI_SITE_NAME"\n')
    stub.chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", f"{function.replace('/etc/lianxi.env', str(settings))}\nlianxi backup 'a b'"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    *words, secret, name = done.stdout.split("|")
    assert words == ["-u", "lianxi", "--", "/opt/lianxi/.venv/bin/lianxi", "backup", "a b"]
    assert (secret, name) == ("key-of-sessions", "Two words")
