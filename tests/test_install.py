"""Installed from the README by the letter: its commands, in an empty Debian where there can be one, else with an emptied
PATH. Slow: it fetches every package.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PATIENCE = 200  # seconds for everything to be fetched, installed and served
# What the README calls nothing: Python, make, a shell and the tools that every system has.
TOOLS = ("sh", "cat", "cp", "date", "dirname", "env", "ln", "ls", "mkdir", "mv", "rm", "sleep", "test", "touch", "tr",
         "true", "uname", "[")  # fmt: skip
# For its tests the README promises no more than what these look for themselves.
TEST_TOOLS = ("bash", "grep", "fc-list", "chromium", "id", "openssl")
RELEASE = "bookworm"
# What a packager's own mirror needs, handed on to the empty system.
HANDED_ON = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_CERT", "SSL_CERT_FILE", "HTTPS_PROXY",
             "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy")  # fmt: skip

pytestmark = pytest.mark.slow


def commands() -> list[str]:
    """What stands in the first block of commands of the README, without the remarks."""
    block = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert block is not None
    return [line.partition("#")[0].strip() for line in block[1].splitlines()]


def copied(target: Path) -> Path:
    """The files of the project, and nothing that was made from them."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("what belongs to the project is asked of git")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)
    return target


@dataclass
class Place:
    """Where a command is run: with which words in front, in which folder, with which environment."""

    folder: Path
    environment: dict[str, str]
    front: list[str] = field(default_factory=list)

    def start(self, command: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.front, "/bin/sh", "-c", command], cwd=self.folder, env={**self.environment, **more},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip


def emptied(tmp_path: Path) -> Place:
    """This system with a PATH that holds next to nothing."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in (*TOOLS, "make"):
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    # The interpreter itself: not one of a virtual environment, and no wrapper that looks for others.
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    (tools / "python3").symlink_to(base if base.exists() else sys.executable)
    if not (tools / "make").exists():
        pytest.skip("make is not here")
    environment = {name: os.environ[name] for name in ("HOME", *HANDED_ON) if name in os.environ}
    return Place(copied(tmp_path / "lianxi"), {**environment, "PATH": str(tools), "LANG": "C.UTF-8"})


def debian(tmp_path: Path) -> Place | None:
    """An empty Debian with what the README asks for; ``None`` where there can be none."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None or shutil.which("chroot") is None:
        return None
    root = tmp_path / "debian"
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", "--include=python3,python3-venv,make,ca-certificates", RELEASE, str(root)],
        capture_output=True, timeout=150, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        return None
    for name in ("etc/resolv.conf", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt"):
        if Path("/", name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(f"/{name}", root / name)
    copied(root / "lianxi")
    environment = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    environment |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
    return Place(tmp_path, environment, ["chroot", str(root), "/usr/bin/env", "-C", "/lianxi"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("install")
    yield debian(folder) or emptied(folder)
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def end(process: subprocess.Popen[str]) -> str:
    """End a command and what it started, by the number of its group; returns what it said."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        return process.communicate(timeout=40)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()[0]


def page_of(process: subprocess.Popen[str], port: int) -> str:
    """The home page, as soon as there is one."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.5)
    raise AssertionError(end(process)[-3000:])


def test_the_readme_names_two_commands() -> None:
    assert commands() == ["make run", "make test"]


def test_the_first_command_serves_a_portal_with_a_demo(place: Place) -> None:
    port = free_port()
    process = place.start(commands()[0], LIANXI_PORT=str(port))
    try:
        page = page_of(process, port)
    finally:
        said = end(process)
    assert "<h1" in page
    assert "/notices/" in page
    assert "administrator" in said  # the accounts of the demo
    assert "password:" in said
    assert "Traceback" not in said


def test_the_second_command_runs_tests(place: Place) -> None:
    """Some of them: all would take longer than this may, and this is one of them."""
    if place.front:
        pytest.skip("an empty Debian would have to fetch a browser first")
    for name in TEST_TOOLS:
        found, link = shutil.which(name), Path(place.environment["PATH"]) / name
        if found and not link.exists():
            link.symlink_to(found)
    some = "-p no:cacheprovider tests/test_chinese.py tests/test_markdown.py"
    process = place.start(commands()[1], PYTEST_ADDOPTS=some)
    said = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 0, said[-3000:]
    assert " passed" in said or "100%" in said
