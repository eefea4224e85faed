"""One server and one browser for all browser tests: the real `lianxi serve` on a portal of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from content import db, people, setup
from content.settings import Settings
from tests.conftest import PASSWORD

PHONE = {"width": 390, "height": 844}
ROOT = Path(__file__).parents[2]
LIANXI = str(Path(sys.executable).parent / "lianxi")
DESK = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker("browser")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(url: str, server: subprocess.Popen[bytes], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url + "/healthz", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert server.poll() is None, "the server stopped at once"
            time.sleep(0.05)
    raise AssertionError("the server did not come up")


@contextmanager
def running(environ: dict[str, str], log: Path) -> Iterator[str]:
    """The address of a server with these settings, until the block ends; what it says goes into ``log``."""
    port = free_port()
    with log.open("wb") as out:
        server = subprocess.Popen(
            [LIANXI, "serve"], env=environ | {"LIANXI_PORT": str(port)}, stdout=out, stderr=out, cwd=ROOT
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=15)


@contextmanager
def serving(data: Path) -> Iterator[SimpleNamespace]:
    """A served portal: its address, its settings and its people; other processes may write beside it."""
    settings = Settings(data=data, phone_day="0755-1234 5678", phone_night="0755-1234 8765")
    setup.open_portal(settings)
    for role in people.ROLES:
        person = people.add_person(role, f"{role} 甲", PASSWORD, in_directory=True)
        people.give_role(person, role)
    db.database.close()
    environ = {
        **os.environ,
        "LIANXI_DATA": str(data),
        "LIANXI_PHONE_DAY": settings.phone_day,
        "LIANXI_PHONE_NIGHT": settings.phone_night,
    }
    log = data / "server.log"
    with running(environ, log) as url:
        yield SimpleNamespace(url=url, settings=settings, log=log)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The portal that most browser tests share; who fills it with more makes one for its own module."""
    with serving(tmp_path_factory.mktemp("portal")) as found:
        yield found


@pytest.fixture
def beside(portal: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The same portal opened in this process, to arrange things through the domain."""
    setup.open_portal(portal.settings)
    found = SimpleNamespace(**{role.replace("-", "_"): people.find_person(role) for role in people.ROLES})
    found.board, found.library, found.staff_room = (
        setup.root(name) for name in ("board", "library", "staff")
    )
    yield found
    db.database.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "Chromium is missing; `make test` installs it where it may"
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        yield made
        made.close()


@pytest.fixture
def open_page(browser: Browser, portal: SimpleNamespace) -> Iterator[Callable[..., Page]]:
    """``open_page("/", size=PHONE, locale="zh-CN", user="editor")``; fails on console errors at the end."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def heard(page: Page, said: ConsoleMessage) -> None:
        # An answer such as 409 or 422 is part of the conversation; Chromium reports it all the same.
        if said.type == "error" and not re.search(r"status of 4(04|09|22) ", said.text):
            problems.append(f"{page.url}: {said.text}")

    def watch(page: Page) -> Page:
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on("console", lambda said: heard(page, said))
        return page

    def opened(
        path: str, *, size: dict[str, int] = DESK, locale: str = "zh-TW", user: str = "", **more: Any
    ) -> Page:
        context = browser.new_context(base_url=portal.url, viewport=size, locale=locale, **more)
        context.set_default_timeout(8000)
        contexts.append(context)
        page = watch(context.new_page())
        if user:
            page.goto("/login")
            page.fill("input[name=username]", user)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login" not in url)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []
