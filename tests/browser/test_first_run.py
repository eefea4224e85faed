"""The first minutes of an empty portal on a phone: the assistant, the first sign-in, and what is next."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK, LIANXI, PHONE, ROOT, running


@pytest.fixture
def empty_portal(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A portal as `DEMO=0 make run` starts it."""
    log = tmp_path / "server.log"
    environ = {key: value for key, value in os.environ.items() if not key.startswith("LIANXI_")}
    environ |= {"LIANXI_DATA": str(tmp_path / "data")}
    told = subprocess.run(
        [LIANXI, "init"], env=environ, capture_output=True, text=True, check=True, cwd=ROOT
    ).stderr
    code = next(line.split()[2] for line in told.splitlines() if line.startswith("setup code:"))
    with running(environ, log) as url:
        yield SimpleNamespace(url=url, code=code, log=log)


def test_an_empty_portal_becomes_somebodys(browser: Browser, empty_portal: SimpleNamespace) -> None:
    assert empty_portal.code in empty_portal.log.read_text()  # `serve` prints the same
    context = browser.new_context(base_url=empty_portal.url, viewport=PHONE, locale="zh-TW")  # type: ignore[arg-type]
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/")
    expect(page).to_have_url(f"{empty_portal.url}/welcome")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for name, value in {
        "code": "AAAA-AAAA-AAAA", "site_name": "東苑家園", "phone_day": "0755-2345 6789",
        "communities": "東苑\n西苑", "name": "沈若嵐", "username": "shen", "password": "three quiet herons",
    }.items():  # fmt: skip
        page.fill(f"[name={name}]", value)
    page.click("main form button.button-primary")
    expect(page.locator("#e-code")).to_be_visible()
    expect(page.locator("[name=communities]")).to_have_value("東苑\n西苑")
    page.fill("[name=code]", empty_portal.code.lower())
    page.fill("[name=password]", "three quiet herons")
    page.click("main form button.button-primary")
    expect(page).to_have_url(f"{empty_portal.url}/welcome/next")
    page.click("a[href='/admin/settings/mail']")
    expect(page.locator("[name=smtp_host]")).to_be_visible()
    # A bad value: Enter saves, the problem stands beside its field, and what was typed stays.
    page.fill("[name=smtp_host]", "mail.example.org")
    page.fill("[name=smtp_port]", "99999")
    page.press("[name=smtp_port]", "Enter")
    expect(page.locator("#e-smtp_port")).to_be_visible()
    expect(page.locator("[name=smtp_host]")).to_have_value("mail.example.org")
    page.fill("[name=smtp_port]", "2525")
    page.press("[name=smtp_port]", "Enter")
    expect(page.locator(".flash-done")).to_be_visible()
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.click("button[value=smtp_port]")
    expect(page.locator("[name=smtp_port]")).to_have_value("25")
    page.goto("/admin/")
    expect(page.locator("#overview")).to_be_visible()
    expect(page.locator(".alarm-seal")).to_have_count(0)  # the worker lives
    assert page.goto("/welcome").status == 404  # type: ignore[union-attr]
    context.close()
    assert problems == []
