"""Static files: addresses that follow their content, and the editor from its package."""

from __future__ import annotations

import re
import sys
from typing import Any

from portal.web.assets import STATIC, editor_module


def test_every_file_a_page_names_is_there_and_kept_for_a_year(client: Any) -> None:
    page = client.get("/").get_data(as_text=True)
    named = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert len(named) >= 4
    for address in named:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert "immutable" in answer.headers["Cache-Control"]
        answer.close()


def test_an_address_without_a_hash_is_not_kept_long(client: Any) -> None:
    answer = client.get("/static/js/clauses.js")
    assert "max-age=300" in answer.headers["Cache-Control"]
    # A page of the version before asks with its own hash: under that, this content must not be kept for a year.
    before = client.get("/static/js/clauses.js?v=000000000000").headers["Cache-Control"]
    assert "max-age=300" in before
    assert "immutable" not in before
    assert answer.mimetype == "text/javascript"
    answer.close()


def test_nothing_outside_of_the_folder_is_served(client: Any) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static/nothing.css"):
        assert client.get(path).status_code == 404


def test_the_editor_comes_from_its_package_without_django(client: Any, app: Any) -> None:
    assert app.config["EDITOR_AVAILABLE"] == (editor_module() is not None)
    answer = client.get("/static/editor/editor.js")
    assert answer.status_code == (200 if editor_module() else 404)
    answer.close()
    assert "django" not in sys.modules


def test_every_icon_that_is_named_is_drawn() -> None:
    drawn = set(re.findall(r'id="([a-z]+)"', (STATIC / "img" / "icons.svg").read_text(encoding="utf-8")))
    templates = (STATIC.parent / "templates").rglob("*.html")
    named = {
        icon
        for path in templates
        for icon in re.findall(r'icon\("([a-z]+)"\)', path.read_text(encoding="utf-8"))
    }
    assert named <= drawn


def test_styles_name_roles_and_not_paints() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        if sheet.name in ("tokens.css", "print.css"):
            continue
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])", text), sheet.name
