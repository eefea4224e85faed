"""One key for all the ways in which people write a building, a unit or a room."""

from __future__ import annotations

import re
from functools import cache

from content import chinese

_DIGITS = "零一二三四五六七八九"
_OTHER_DIGITS = ("〇○０", "壹", "兩贰貳", "叁參", "肆", "伍", "陸", "柒", "捌", "玖")
_TENS = {"十": 10, "拾": 10, "廿": 20, "卅": 30}
LONGEST = 40  # characters of a numeral that are looked at


@cache
def _numerals() -> dict[str, int]:
    """Folded numeral → value of its digit; made at the first use, since folding reads the dictionaries."""
    found = {chinese.fold(char): value for value, char in enumerate(_DIGITS)}
    for value, others in enumerate(_OTHER_DIGITS):
        found |= {chinese.fold(char): value for char in others}
    return found


def number_of(folded: str) -> str | None:
    """The number that a folded text is, without leading zeros: "012" and 十二 are "12", 五〇一 "501"."""
    if re.fullmatch(r"[0-9]+", folded):
        return folded.lstrip("0") or "0"
    digits, tens = _numerals(), {chinese.fold(char): value for char, value in _TENS.items()}
    hundred = chinese.fold("百")
    if not folded or len(folded) > LONGEST or not set(folded) <= {*digits, *tens, hundred}:
        return None
    if set(folded) <= set(digits):
        return "".join(str(digits[char]) for char in folded).lstrip("0") or "0"
    total, digit = 0, 0
    for char in folded:
        if char in digits:
            digit = digits[char]
            continue
        times = 100 if char == hundred else tens[char]
        total, digit = total + (times if times > 10 and times < 100 else times * (digit or 1)), 0
    return str(total + digit)


@cache
def _pattern(before: str, after: str) -> re.Pattern[str]:
    """What may stand before and after the proper name; alternatives in either script."""
    ends = "|".join(sorted({chinese.fold(word) for word in after.split("|")}, key=len, reverse=True))
    return re.compile(rf"(?:{before})?(.+?)(?:\.?(?:{ends}))?")


BUILDING_BEFORE = r"第|no(?:\.|(?=[0-9]))|(?:building|block|tower|bldg)\.?"
BUILDING_AFTER = "號樓|樓棟|幢|棟|座|樓|號"
UNIT_BEFORE = r"第|unit\.?"
UNIT_AFTER = "單元|單|梯|門|座"
ROOM_BEFORE = r"第|no(?:\.|(?=[0-9]))|(?:room|flat|apt|unit|rm)\.?(?=[0-9a-z])"
ROOM_AFTER = "號房|房間|室|房|戶|號"


def _fold(text: str, before: str, after: str, levels: bool = False) -> str:
    plain = re.sub(r"(?<=[0-9])\s+(?=[0-9])", ".", chinese.fold(text).strip())
    plain = re.sub(r"[\W_]+", ".", re.sub(r"\s+", "", plain)).strip(".")
    while True:
        folded = _folded_once(plain, before, after, levels)
        if folded == plain:
            return folded
        plain = folded


def _folded_once(plain: str, before: str, after: str, levels: bool) -> str:
    if levels:  # 5樓01室 is room 501
        plain = re.sub(rf"(?<=[0-9])(?:{chinese.fold('樓')}|{chinese.fold('層')})\.?(?=[0-9a-z])", "", plain)
    found = _pattern(before, after).fullmatch(plain)
    name = (found[1] if found else plain).strip(".")
    return number_of(name) or re.sub(r"(?<![0-9])0+(?=[0-9])", "", name)


def fold_building(text: str) -> str:
    """The key of a building: 3幢, 3棟, 3号楼, 第三座 and ３ are "3"; A座 is "a"; 會所樓 is "会所"."""
    return _fold(text, BUILDING_BEFORE, BUILDING_AFTER)


def fold_unit(text: str) -> str:
    """The key of a unit: 2單元, 二单元 and Unit 2 are "2"; none is ""."""
    return _fold(text, UNIT_BEFORE, UNIT_AFTER)


def fold_room(text: str) -> str:
    """The key of a room: 501, 0501, 501室 and 五〇一房 are "501"; 15-03 is "15.3", 12樓A is "12a"."""
    return _fold(text, ROOM_BEFORE, ROOM_AFTER, levels=True)


def fold_phase(text: str) -> str:
    """The key of a phase: 二期, 2期, 第二期 and Phase 2 are "2"; none is ""."""
    return _fold(text, r"第|phase\.?", "期")


def household_key(unit: str, room: str) -> str:
    """Unit and room folded: "2-501", or "501" where a building has no units."""
    folded = fold_unit(unit)
    return f"{folded}-{fold_room(room)}" if folded else fold_room(room)
