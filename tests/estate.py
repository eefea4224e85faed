"""A small estate for tests: two communities with some homes, and lists of homes as people send them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl

from content.estate import acts
from content.people import Community, Site

HEADS = (
    "小區",
    "期",
    "棟",
    "單元",
    "房號",
    "建築面積（㎡）",
    "姓名",
    "稱謂",
    "業主/租戶",
    "聯繫電話",
    "郵箱",
    "入住日期",
)
LI = (
    "青禾東苑",
    "",
    "3棟",
    "2單元",
    "501",
    "89.5",
    "李望舒",
    "女士",
    "業主",
    "138 0013 8000",
    "li@example.com",
    "2021-05-04",
)


def communities() -> SimpleNamespace:
    """Two communities, east and west, of the first site."""
    site = Site.select().order_by(Site.id).first()
    Site.update(name="青禾").where(Site.id == site.id).execute()
    names = {"east": "青禾東苑", "west": "青禾西苑"}
    return SimpleNamespace(**{key: Community.create(site=site, name=name) for key, name in names.items()})


def furnished(person: Any) -> SimpleNamespace:
    """The two communities with a building and a home each; in the home of the east an owner and a tenant."""
    found = communities()
    found.building = acts.make_building(person, found.east, {"name": "3棟"})
    found.home = acts.make_household(
        person, found.building, {"unit": "2單元", "room": "501", "floor_area": "89.5"}
    )
    found.owner = acts.add_resident(
        person,
        found.home,
        {"name": "李望舒", "tenure": "owner", "telephone": "13800138000", "address_form": "女士"},
    )
    found.tenant = acts.add_resident(person, found.home, {"name": "王小明", "tenure": "tenant"})
    found.far_building = acts.make_building(person, found.west, {"name": "7棟", "phase": "二期"})
    found.far_home = acts.make_household(person, found.far_building, {"room": "501"})
    return found


def book(path: Path, *rows: Sequence[Any], merge: Sequence[str] = (), title: str = "住戶") -> Path:
    """A workbook with these rows."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merge:
        sheet.merge_cells(area)
    made.save(path)
    return path


def rewritten(source: Path, target: Path, part: str, old: bytes, new: bytes) -> Path:
    """A workbook in one part of which some bytes are others."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for info in archive.infolist():
            data = archive.read(info)
            made.writestr(info.filename, data.replace(old, new) if info.filename == part else data)
    return target
