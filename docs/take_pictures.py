"""Takes the pictures of the README and the manual anew: `make pictures`. Needs Chromium.

The demo is looked at on one date, whatever day it is, so that pictures change only where pages do.
"""

from __future__ import annotations

import io
import shutil
import socket
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from waitress.server import create_server

from content import demo, moment, pulse, search, setup
from content.settings import Settings
from content.transfer import backup
from portal.app import create_app

TARGET = Path(__file__).parent / "pictures"
PASSWORD = "for-the-pictures-only"
NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
LOCALES = {"hant": "zh-TW", "hans": "zh-CN"}
MOST = 3_000_000  # bytes of all pictures together
QUALITY = 72

# Name, address ("list > start" opens the first one below start that a list links to), account. Another page is one more line.
PAGES = (
    ("home", "/", ""),
    ("resident", "/matters/", "owner"),
    ("notices", "/notices/", ""),
    ("notice", "/notices/ > /notices/", ""),
    ("event", "/events/ > /events/", ""),
    ("policy", "/search?kind=policy&q=投訴 > /library/", ""),
    ("search", "/search?q=投訴+回訪", ""),
    ("report", "/report/repair", ""),
    ("matter", "/matters/ > /cases/", "owner"),
    ("desk", "/desk/", "receptionist"),
    ("workspace", "/work/", "reviewer"),
    ("leader", "/liaison/", "leader"),
    ("dashboard", "/admin/", "administrator"),
    ("register", "/admin/items/", "administrator"),
)


def main() -> None:
    """Fill a portal with the demo, serve it, and photograph it."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, moment.at(NOW):
        settings = Settings(
            data=Path(folder), worker=False, demo_password=PASSWORD,
            phone_day="0755-55501000", phone_night="0755-55501024",
        )  # fmt: skip
        setup.open_portal(settings)
        demo.fill(settings, moment.today(settings.zone))
        search.rebuild(settings)
        pulse.beat(settings)  # no worker runs beside, but the dashboard shall look as it does
        backup.make_backup(settings, settings.data / "lianxi.zip")
        listener = socket.create_server(("127.0.0.1", 0))
        server: Any = create_server(create_app(settings), sockets=[listener], threads=4)
        threading.Thread(target=server.run, daemon=True).start()
        taken = _photograph(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server.close()
    for old in {*TARGET.glob("*.png"), *TARGET.glob("*.webp")} - taken:
        old.unlink()
    weight = sum(path.stat().st_size for path in taken)
    sys.stdout.write(f"{len(taken)} pictures, {weight // 1000} kB\n")
    if weight > MOST:
        raise SystemExit("too heavy: lower the quality or take fewer")


def _photograph(url: str) -> set[Path]:
    taken = set()
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for size in SIZES:
            for script in LOCALES:
                for account in dict.fromkeys(account for _, _, account in PAGES):
                    context = _enter(browser, url, size, script, account)
                    for name, address, whose in PAGES:
                        if whose == account:
                            taken.add(_take(context, name, address, TARGET / f"{name}-{size}-{script}.webp"))
                    context.close()
        browser.close()
    return taken


def _enter(browser: Browser, url: str, size: str, script: str, account: str) -> BrowserContext:
    context = browser.new_context(
        base_url=url,
        viewport=SIZES[size],
        locale=LOCALES[script],
        reduced_motion="reduce",  # type: ignore[arg-type]
    )
    if account:
        page = context.new_page()
        page.goto("/login")
        page.fill("input[name=username]", account)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "/login" not in address)
        page.close()
    return context


def _take(context: BrowserContext, name: str, address: str, path: Path) -> Path:
    page = context.new_page()
    _open(page, address)
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    page.close()
    return path


def _open(page: Page, address: str) -> None:
    listing, arrow, start = address.partition(" > ")
    answer = page.goto(listing)
    if arrow:
        links = page.locator(f"main a[href^='{start}']").evaluate_all(
            "all => all.map((one) => one.getAttribute('href'))"
        )
        answer = page.goto(
            next(link for link in links if len(link) > len(start) and "." not in link and "?" not in link)
        )
    if answer is None or not answer.ok:
        raise SystemExit(f"{address} does not answer")


if __name__ == "__main__":
    main()
