"""axe-core finds nothing: the fast set here in both scripts, large print and dark; the whole walk over the demo is slow."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from content import actions, reception
from content.backoffice.registers import REGISTERS
from tests.browser.conftest import DESK, LIANXI, PHONE, ROOT, running, serving
from tests.browser.looking import in_large_print, sideways, violations
from tests.conftest import notice
from tests.samples import SAMPLES

# locale, large print, colours, size: each thing is met in both of its ways.
MODES = (
    ("zh-TW", False, "light", DESK),
    ("zh-CN", True, "light", PHONE),
    ("zh-TW", False, "dark", PHONE),
    ("zh-CN", True, "dark", DESK),
)
GRAVE = ("serious", "critical")  # the bar for the back office; the site itself must have none at all
DEMO_PASSWORD = "for-looking-only-2026"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A portal of our own: its readers choose large print."""
    with serving(tmp_path_factory.mktemp("portal")) as found:
        yield found


def modes(page: Page, index: int) -> None:
    if MODES[index][1]:
        in_large_print(page)


def look(page: Page, path: str) -> list[str]:
    page.goto(path)
    found = violations(page, GRAVE if path.startswith("/admin/") else ())
    wide = [] if path.startswith("/admin/") or sideways(page) <= 0 else [f"wider by {sideways(page)}"]
    return [f"{path} {one}" for one in found + wide]


# Two of them meet everything once; the other two are slow.
@pytest.mark.parametrize("mode", [0, 3, *(pytest.param(mode, marks=pytest.mark.slow) for mode in (1, 2))])
def test_representative_pages_have_no_violation(open_page: Any, beside: SimpleNamespace, mode: int) -> None:
    locale, _, colours, size = MODES[mode]
    item = actions.publish_now(beside.administrator, "notice", beside.board, notice("三號樓水箱清洗"))
    policy = actions.publish_now(
        beside.administrator, "policy", beside.library, {**SAMPLES["policy"], "slug": "", "audience": ""}
    )
    case = reception.open_case(beside.owner, "complaint", {"words": "走廊燈不亮"}, key=str(mode) * 32)
    more = {"size": size, "locale": locale, "color_scheme": colours}
    page = open_page("/", **more)
    modes(page, mode)
    found: list[str] = []
    for path in (
        "/", "/notices/", f"/notices/{item.id}", f"/library/{policy.id}", "/events/", "/contact",
        "/search?q=水箱", "/report", "/report/complaint", "/follow", "/login", "/help/", "/help/visitor", "/nowhere",
    ):  # fmt: skip
        found += look(page, path)
    page = open_page("/", user="owner", **more)
    modes(page, mode)
    for path in ("/", "/matters/", f"/cases/{case.number}", "/inbox/", "/account"):
        found += look(page, path)
    page = open_page("/", user="editor", **more)
    modes(page, mode)
    for path in ("/work/", f"/work/new/notice?section={beside.board.id}", "/desk/new"):
        found += look(page, path)
    assert found == []


# ---- the whole walk

# Who → pages of theirs; "list > start" opens what a list links to.
WALK: dict[str, tuple[str, ...]] = {
    "": (
        "/", "/notices/", "/notices/ > /notices/", "/events/", "/events/?past=1", "/events/ > /events/", "/services/",
        "/services/ > /services/", "/fees/", "/fees/ > /fees/", "/library/", "/library/ > /library/", "/search",
        "/search?q=投訴+時限", "/search?q=xyzzy", "/contact", "/staff/", "/browse/", "/browse/board", "/report",
        "/report/repair", "/report/complaint", "/follow", "/login", "/register", "/forgot", "/help/", "/help/ > /help/",
        "/nothing",
    ),
    "owner": (
        "/", "/matters/", "/matters/ > /cases/", "/inbox/", "/account", "/account/subscriptions", "/account/sessions",
        "/account/second", "/account/data", "/account/home", "/report/repair", "/staff/", "/help/resident",
    ),
    "editor": (
        "/work/", "/work/ > /work/items/", "/work/sections/", "/work/sections/1/", "/work/new/notice?section=1",
        "/work/new/policy?section=2", "/work/new/fee?section=1", "/work/trash/", "/work/glossary/", "/desk/", "/desk/new",
    ),
    "reviewer": ("/work/", "/work/ > /work/items/", "/work/sections/1/edit", "/work/sections/new?parent=1"),
    "receptionist": (
        "/desk/", "/desk/new?category=repair", "/desk/complaints/", "/desk/repairs/", "/desk/ > /cases/", "/estate/",
    ),
    "crew": ("/desk/", "/desk/ > /cases/"),
    "manager": (
        "/work/", "/desk/", "/estate/", "/estate/ > /estate/buildings/", "/accounts/erasures", "/estate/import",
    ),
    "leader": ("/liaison/", "/liaison/log", "/liaison/meetings/", "/liaison/meetings/ > /liaison/meetings/"),
    "counselor": ("/liaison/", "/liaison/meetings/"),
    "office": (
        "/liaison/office/", "/liaison/office/meetings/", "/liaison/office/pairings/", "/liaison/office/pairings/new",
        "/liaison/office/pairings/ > /liaison/office/pairings/",
    ),
    "administrator": ("/accounts/help", "/estate/"),
}  # fmt: skip


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on the demo."""
    data = tmp_path_factory.mktemp("demo")
    environ = {
        **os.environ, "LIANXI_DATA": str(data), "LIANXI_DEMO_PASSWORD": DEMO_PASSWORD,
        "LIANXI_PHONE_DAY": "0755-55501000", "LIANXI_PHONE_NIGHT": "0755-55501024",
    }  # fmt: skip
    for command in ("init", "demo"):
        subprocess.run([LIANXI, command], env=environ, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    with running(environ, data / "server.log") as url:
        yield url


@pytest.fixture
def enter(browser: Browser, demo_url: str) -> Iterator[Callable[[str, int], Page]]:
    """``enter("owner", 2)`` opens the demo as somebody in a mode."""
    contexts = []

    def entered(user: str, mode: int) -> Page:
        locale, _, colours, size = MODES[mode]
        context = browser.new_context(
            base_url=demo_url,
            viewport=size,
            locale=locale,
            color_scheme=colours,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/login" if user else "/")
        if user:
            page.fill("input[name=username]", user)
            page.fill("input[name=password]", DEMO_PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login" not in url)
        modes(page, mode)
        return page

    yield entered
    for context in contexts:
        context.close()


def opened(page: Page, path: str) -> str:
    """An address, or the first one below ``start`` that a list links to."""
    listing, arrow, start = path.partition(" > ")
    if not arrow:
        return path
    page.goto(listing)
    links = page.locator(f"main a[href^='{start}']").evaluate_all(
        "all => all.map((one) => one.getAttribute('href'))"
    )
    deeper = [link for link in links if len(link) > len(start) and "?" not in link and "." not in link]
    assert deeper, f"{listing} links to nothing below {start}"
    return str(deeper[0])


@pytest.mark.slow
@pytest.mark.parametrize("mode", range(len(MODES)))
@pytest.mark.parametrize("user", WALK)
def test_every_page_of_the_site(enter: Callable[[str, int], Page], user: str, mode: int) -> None:
    page = enter(user, mode)
    found = [one for path in WALK[user] for one in look(page, opened(page, path))]
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("mode", range(len(MODES)))
def test_every_page_of_the_back_office(enter: Callable[[str, int], Page], mode: int) -> None:
    """Its first page, each register's list and the pages it links to, and the settings."""
    page = enter("administrator", mode)
    page.goto("/admin/")
    paths = ["/admin/", "/admin/settings/", *(f"/admin/{register.name}/" for register in REGISTERS)]
    found = []
    for path in paths:
        found += look(page, path)
        links = page.locator("main a[href^='/admin/']").evaluate_all("all => all.map((one) => one.pathname)")
        deeper = [link for link in dict.fromkeys(links) if link.startswith(path) and link not in paths]
        for link in [one for one in deeper if "export" not in one][:3]:
            found += look(page, link)
    assert found == []
