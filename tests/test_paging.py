"""Paging by "older than": every row once, also where many share one moment."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from content import actions
from tests.conftest import notice

EVENT = {"starts_at": "2026-03-20T01:00:00+00:00", "place": "廣場"}


@pytest.mark.parametrize(
    ("kind", "start", "more", "count", "least"),
    [
        ("notice", "/notices/", {}, 47, 3),
        ("event", "/events/?past=1", EVENT, 47, 3),
        ("service", "/services/", {}, 130, 5),
    ],
)
def test_every_row_is_met_once(
    house: Any, client: Any, clock: Any, kind: str, start: str, more: dict[str, str], count: int, least: int
) -> None:
    for n in range(count):
        values = {**notice(f"第{n:03}號"), **more}
        actions.publish_now(house.administrator, kind, house.board, values)
    if kind == "event":
        clock(timedelta(days=10))  # all are past, and started at one moment
    met: list[str] = []
    path: str | None = start
    pages = 0
    while path and pages < 7:
        pages += 1
        html = client.get(path).get_data(as_text=True)
        met += re.findall(r"第\d\d\d號", re.sub(r"<head>.*?</head>", "", html, flags=re.S))
        link = re.search(r'href="([^"]*before=[^"&]+[^"]*)"', html)
        path = link.group(1).replace("&amp;", "&") if link else None
    assert pages == least
    assert sorted(met) == [f"第{n:03}號" for n in range(count)]
