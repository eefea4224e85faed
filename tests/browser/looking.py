"""What the browser tests look for on any page: axe-core's findings, and whether it is wider than the screen."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map((one) =>
  [one.impact, one.id, one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")])"""


def axe_source() -> str:
    """axe-core as its package carries it; put into pages by the tests only, so their policy stays as it is."""
    spec = find_spec("axe_playwright_python")
    places = (spec.submodule_search_locations if spec else None) or []
    assert places, "the package with axe-core is missing"
    return (Path(places[0]) / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, impacts: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds on the page; only of some impacts, if given."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(axe_source())
    found: list[list[Any]] = page.evaluate(_RUN)
    return [f"{impact} {rule}: {where}" for impact, rule, where in found if not impacts or impact in impacts]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def in_large_print(page: Page) -> None:
    """Switch large print on, whatever it was."""
    switch = page.locator("[name=elder][value='1']")
    if switch.count():
        switch.first.click()
        page.wait_for_selector("html.elder")
