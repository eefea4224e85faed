"""The columns of a list of homes, and what people call them in Traditional, Simplified and English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from content import chinese
from content.errors import N_


@dataclass(frozen=True)
class Column:
    """A column: its label, and its headings, of which either script finds the other; ``tenure`` goes with some."""

    name: str
    label: str
    headings: tuple[str, ...]
    tenure: str = ""


_ALL = (
    Column("community", N_("Community"), ("小區", "小區名稱", "社區", "園區", "項目", "項目名稱", "樓盤", "community",
           "estate")),
    Column("phase", N_("Phase"), ("期", "期數", "分期", "期別", "phase")),
    Column("building", N_("Building"), ("棟", "幢", "樓棟", "棟號", "幢號", "棟數", "樓號", "樓宇", "樓棟號", "座", "座號",
           "樓座", "building", "block", "tower", "buildingno")),
    Column("unit", N_("Building unit"), ("單元", "單元號", "梯", "梯號", "門號", "unit", "entrance", "unitno")),
    Column("room", N_("Room"), ("房號", "室號", "室", "房", "房間", "房間號", "房屋號", "房屋", "門牌", "門牌號", "戶號",
           "房屋編號", "房產", "住址", "地址", "房屋地址", "room", "roomno", "flat", "flatno", "apartment", "home",
           "address", "household")),
    Column("floor_area", N_("Area"), ("面積", "建築面積", "房屋面積", "建面", "產權面積", "計費面積", "area", "floorarea",
           "size")),
    Column("name", N_("Name"), ("姓名", "名字", "住戶", "住戶姓名", "客戶姓名", "居民姓名", "名稱", "name", "fullname",
           "resident")),
    Column("name", N_("Name"), ("業主", "業主姓名", "業主名稱", "產權人", "owner", "ownername"), tenure="owner"),
    Column("name", N_("Name"), ("租戶", "租戶姓名", "租客", "租客姓名", "承租人", "tenant", "tenantname"), tenure="tenant"),
    Column("address_form", N_("Form of address"), ("稱謂", "稱呼", "尊稱", "formofaddress", "salutation", "title")),
    Column("tenure", N_("Owner or tenant"), ("業主或租戶", "業主租戶", "身份", "住戶類型", "住戶類別", "客戶類型", "類型",
           "類別", "居住性質", "住戶性質", "ownertenant", "ownerortenant", "tenure", "type", "kind")),
    Column("telephone", N_("Telephone"), ("電話", "手機", "手機號", "手機號碼", "電話號碼", "聯繫電話", "聯絡電話",
           "聯繫方式", "移動電話", "telephone", "phone", "phoneno", "phonenumber", "mobile", "tel")),
    Column("email", N_("Mail"), ("郵箱", "電郵", "電子郵件", "電子郵箱", "電子信箱", "信箱", "email", "mail", "emailaddress")),
    Column("since", N_("Since when"), ("入住日期", "入住時間", "遷入日期", "起始日期", "開始日期", "起租日期",
           "交房日期", "交樓日期",
           "自", "since", "from", "movedin", "movein", "start", "startdate")),
)  # fmt: skip

# Column → as it is labelled in reports, in the order of the list.
COLUMNS: dict[str, Column] = {column.name: column for column in reversed(_ALL)}
COLUMNS = {column.name: COLUMNS[column.name] for column in _ALL}

OWNERS = ("業主", "產權人", "房東", "戶主", "owner", "自住", "自有")
TENANTS = ("租戶", "租客", "承租人", "住戶租", "租住", "租", "tenant", "renter", "lessee")


def _folded(text: str) -> str:
    """A heading without what is in brackets, without marks and spaces: "面積（㎡）*" is 面积."""
    return re.sub(r"[\W_]+", "", re.sub(r"\([^()]*\)", "", chinese.fold(text)))


@cache
def _headings() -> dict[str, Column]:
    return {_folded(words): column for column in _ALL for words in column.headings}


def column_of(heading: str) -> Column | None:
    """The column that a heading names, in either script or in English; ``None`` if nobody knows it."""
    return _headings().get(_folded(heading)) if heading and len(heading) <= 60 else None


@cache
def _tenures() -> dict[str, str]:
    words = {"owner": OWNERS, "tenant": TENANTS}
    return {_folded(word): tenure for tenure, ones in words.items() for word in ones}


def tenure_of(text: str) -> str:
    """Owner or tenant, as people write it; "" for anything else."""
    return _tenures().get(_folded(text), "")
