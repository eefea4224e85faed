"""The pictures of the manual: of every main page, phone and desktop, both scripts, light to load."""

from __future__ import annotations

import ast
import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = DOCS / "pictures"


def names() -> list[str]:
    tree = ast.parse((DOCS / "take_pictures.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PAGES":
            return [name for name, _, _ in ast.literal_eval(node.value)]
    raise AssertionError("no list of pages")


def test_each_page_has_its_four_pictures_and_no_other_is_left() -> None:
    wanted = {
        f"{name}-{size}-{script}.webp"
        for name in names()
        for size in ("desktop", "phone")
        for script in ("hant", "hans")
    }
    assert len(wanted) >= 4 * 12
    assert {path.name for path in PICTURES.iterdir()} == wanted


def test_they_are_light() -> None:
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 3_000_000


def test_the_readme_shows_some_that_are_there() -> None:
    shown = re.findall(
        r"\]\(docs/pictures/([^)]+)\)", (DOCS.parent / "README.md").read_text(encoding="utf-8")
    )
    assert 2 <= len(shown) <= 4
    assert all((PICTURES / name).is_file() for name in shown)
