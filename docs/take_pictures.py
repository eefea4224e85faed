"""Takes the pictures of the README and the manual anew: `make pictures`. Needs Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

TARGET = Path(__file__).parent / "pictures"
LIANXI = str(Path(sys.executable).parent / "lianxi")
PORT = "8799"
URL = f"http://127.0.0.1:{PORT}"
PASSWORD = "for-the-pictures-only"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
LOCALES = {"hant": "zh-TW", "hans": "zh-CN", "en": "en"}

# name, address (a search term after "find:" opens its first hit), size, script, account
PICTURES = (
    ("home", "/", "desktop", "hant", ""),
    ("home", "/", "phone", "hans", ""),
    ("policy", "find:投訴", "desktop", "hant", ""),
    ("search", "/search?q=投诉+时限", "phone", "hans", ""),
    ("notices", "/notices/", "desktop", "hans", ""),
    ("fees", "/fees/", "phone", "hant", ""),
    ("workspace", "/work/", "desktop", "hant", "reviewer"),
    ("editor", "/work/new/notice?section=1", "desktop", "hans", "editor"),
)


def main() -> None:
    """Fill a portal with the demo, serve it, and photograph it."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            **os.environ,
            "LIANXI_DATA": folder,
            "LIANXI_PORT": PORT,
            "LIANXI_DEMO_PASSWORD": PASSWORD,
            "LIANXI_PHONE_DAY": "0755-55501000",
            "LIANXI_PHONE_NIGHT": "0755-55501024",
        }
        for command in ("init", "demo"):
            subprocess.run([LIANXI, command], env=environ, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([LIANXI, "serve"], env=environ, stderr=subprocess.DEVNULL)
        try:
            wait()
            with sync_playwright() as playwright:
                chromium = shutil.which("chromium") or shutil.which("chromium-browser")
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
                )
                for picture in PICTURES:
                    take(browser, *picture)
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=15)


def wait() -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(URL + "/healthz", timeout=2).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit("the portal did not come up")


def take(browser: Browser, name: str, address: str, size: str, script: str, account: str) -> None:
    context = browser.new_context(base_url=URL, viewport=SIZES[size], locale=LOCALES[script])
    page = context.new_page()
    if account:
        page.goto("/login")
        page.fill("input[name=username]", account)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
    if address.startswith("find:"):
        page.goto(f"/search?kind=policy&q={address.removeprefix('find:')}")
        page.locator("main a[href^='/library/']").first.click()
        page.evaluate("scrollTo(0, 0)")
    else:
        page.goto(address)
    page.wait_for_timeout(400)
    page.screenshot(path=TARGET / f"{name}-{size}-{script}.png")
    context.close()


if __name__ == "__main__":
    main()
