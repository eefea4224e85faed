"""One full set of values for every kind, in our own words."""

from __future__ import annotations

from typing import Any

from content import actions
from content.items import Item

SAMPLES: dict[str, dict[str, Any]] = {
    "page": {"title": "關於我們", "body": "<p>服務中心在三號樓一層。</p>"},
    "notice": {
        "title": "電梯保養通知",
        "summary": "週二上午分批停梯。",
        "slug": "電梯",
        "body": "<h2>時間</h2><p>週二九時起。</p>",
        "issuer": "客服中心",
        "document_number": "聯服〔2026〕3號",
        "pinned": True,
        "audience": "residents",
    },
    "service": {
        "title": "家電維修",
        "provider": "維修班",
        "telephone": "0755-1234 5678",
        "hours": "09:00–18:00",
        "place": "三號樓一層",
        "price": "見收費標準",
        "steps": "電話預約\n上門查看\n報價後動工",
        "papers": "購買憑證",
        "body": "<p>先報價，同意後才動工。</p>",
    },
    "fee": {
        "title": "便民服務收費標準",
        "lines": [
            {"name": "疏通下水", "unit": "次", "price": 8000, "basis": "不含材料"},
            {"name": "代裝燈具", "unit": "盞", "price": None, "basis": "面議"},
        ],
        "in_force_from": "2026-04-01",
        "in_force_until": None,
        "approval": "聯費〔2026〕2號",
        "complaint_telephone": "0755-1234 0000",
        "body": "",
    },
    "event": {
        "title": "春季植樹",
        "starts_at": "2026-04-04T01:00:00+00:00",
        "ends_at": "2026-04-04T04:00:00+00:00",
        "place": "中心花園",
        "host": "客服中心",
        "telephone": "",
        "poster": "",
        "poster_alt": "",
        "body": "<p>請帶手套。</p>",
    },
    "policy": {
        "title": "鑰匙管理規程",
        "document_number": "聯制〔2026〕5號",
        "issuer": "管理處",
        "in_force_from": "2026-03-01",
        "preamble": "<p>為保管好公共鑰匙，訂立本規程。</p>",
        "clauses": [
            {"uid": "", "number": "1", "label": "1", "depth": 1, "heading": "目的", "text": ""},
            {
                "uid": "",
                "number": "1.1",
                "label": "1.1",
                "depth": 2,
                "heading": "",
                "text": "鑰匙由專人登記。",
            },
            {"uid": "", "number": "2", "label": "2", "depth": 1, "heading": "借用", "text": "當日歸還。"},
        ],
    },
}


def tariff(house: Any) -> Item:
    """A fee standard that everybody has signed."""
    item = actions.create(house.editor, "fee", house.board, SAMPLES["fee"])
    for person, step in (
        (house.editor, "submit"),
        (house.manager, "endorse"),
        (house.general_manager, "publish"),
    ):
        item = actions.transition(person, Item.get_by_id(item.id), step)
    return item
