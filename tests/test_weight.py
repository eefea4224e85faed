"""A visitor's page stays under 60 kB of HTML, style sheets and modules together, before they are packed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from content import actions
from content.items import address
from portal.web import slimming
from portal.web.assets import BUNDLES, STATIC, served
from tests.conftest import notice
from tests.samples import SAMPLES, tariff

MOST = 60_000
SHEETS = sorted(path.stem for path in (STATIC / "css").glob("*.css"))


@pytest.fixture
def full(house: Any) -> dict[str, Any]:
    """A portal with as much on each list as fits on a page."""
    body = "<p>" + "明天上午九點到十二點，三號樓檢修水管，請先存好用水。" * 12 + "</p>"
    items = {}
    for number in range(26):
        title = f"第 {number} 號關於三號樓和五號樓檢修水管並暫停供水的通知"
        more = {
            "pinned": number < 3,
            "urgent": number < 1,
            "summary": "三號樓和五號樓，上午九點到十二點。" * 2,
        }
        items["notice"] = actions.publish_now(
            house.administrator, "notice", house.board, notice(title, body, **more)
        )
    for kind, values in SAMPLES.items():
        if kind == "fee":
            items[kind] = tariff(house)
        elif kind != "notice":
            place = house.library if kind == "policy" else house.board
            for _ in range(12):
                items[kind] = actions.publish_now(house.administrator, kind, place, values)
    return items


def modules(client: Any, address: str, seen: dict[str, int]) -> None:
    address = address.split("?")[0]
    if address in seen:
        return
    text = client.get(address).get_data(as_text=True)
    seen[address] = len(text.encode())
    for other in re.findall(r'(?:from|import)\s*"([./][^"]+)"', text):
        modules(client, urljoin(address, other), seen)


def weight(client: Any, path: str) -> int:
    answer = client.get(path)
    assert answer.status_code == 200, path
    page = answer.get_data(as_text=True)
    found: dict[str, int] = {}
    for place in re.findall(r'<link rel="stylesheet" href="([^"]+)"', page):
        found[place] = len(client.get(place).data)
    assert found
    for place in re.findall(r'<script[^>]* src="([^"]+)"', page):
        modules(client, place, found)
    return len(page.encode()) + sum(found.values())


@pytest.mark.parametrize("cookie", ["zh_Hant_TW.hant.0", "zh_Hans_CN.hans.1", "en..0"])
def test_a_visitors_page_weighs_less_than_60_kb(client: Any, full: dict[str, Any], cookie: str) -> None:
    client.set_cookie("reading", cookie)
    paths = ["/", "/notices/", "/events/", "/services/", "/fees/", "/library/", "/browse/", "/browse/board"]
    paths += [
        "/search",
        "/search?q=檢修",
        "/contact",
        "/staff/",
        "/report",
        "/report/repair",
        "/report/complaint",
    ]
    paths += ["/follow", "/login", "/register", "/forgot", "/help/", "/help/resident"]
    paths += [address(item) for item in full.values()]
    heavy = {path: found for path in paths if (found := weight(client, path)) >= MOST}
    assert heavy == {}


# ---- slimming changes no meaning


@pytest.mark.parametrize("name", SHEETS)
def test_a_slim_sheet_has_the_same_rules(name: str) -> None:
    text = (STATIC / "css" / f"{name}.css").read_text(encoding="utf-8")
    slim = slimming.sheet(text)
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    assert re.sub(r"\s|;(?=\s*})", "", bare) == re.sub(r"\s", "", slim)
    assert "/*" not in slim
    assert len(slim) < len(text)


def test_blanks_that_mean_something_stay() -> None:
    text = """
    /* ; } */
    .a .b > :not(.c, .d)::before { content: "a  b; /* no */"; width: calc(100% - 2px); margin: 0 auto; }
    @media (min-width: 40rem) and (max-width: 60rem) { .a :hover { background: url( "x y.svg" ) } }
    """
    assert slimming.sheet(text) == (
        '.a .b > :not(.c,.d)::before{content:"a  b; /* no */";width:calc(100% - 2px);margin:0 auto}'
        '@media (min-width:40rem) and (max-width:60rem){.a :hover{background:url( "x y.svg" )}}'
    )


def test_a_slim_module_keeps_its_code() -> None:
    assert slimming.module('// say\nif (a) {\n  b("// not");\n\n  // c\n}\n') == 'if (a) {\nb("// not");\n}\n'
    whole = "const a = `\n  // kept\n`;\n"
    assert slimming.module(whole) == whole


def test_modules_name_each_other_by_addresses_that_change(client: Any) -> None:
    for path in (STATIC / "js").rglob("*.js"):
        name = path.relative_to(STATIC).as_posix()
        found = served(name)
        assert found is not None
        for other in re.findall(r'(?:from|import)\s*"([./][^"]+)"', found.body.decode()):
            assert re.fullmatch(r"/static/js/[\w/]+\.js\?v=[0-9a-f]{12}", other), (name, other)
            assert client.get(other).headers["Cache-Control"].startswith("public, max-age=31536000")


def test_bundles_are_made_of_sheets_there_are() -> None:
    for names in BUNDLES.values():
        assert all((Path(STATIC) / "css" / f"{name.split(':')[0]}.css").is_file() for name in names)
