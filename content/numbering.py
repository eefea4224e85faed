"""Printed clause numbers: the schemes of R-180, told apart from figures that only happen to begin a line."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

HAN = "〇零一二三四五六七八九十百"
_HAN_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

# What follows a figure inside a sentence: a line that begins "15 日將", "24 小時", "3 次" or "0.5‰" is no clause.
_UNITS = (
    "日月年天时時点點分秒周週季星个個次名位人岁歲元角万萬千百亿億倍米平公里厘毫克吨噸层層楼樓号號栋棟幢户戶期件套台臺辆輛"
    "只隻支条條份张張页頁度级級种種类類处處间間组組批遍座班成折至到~～-—–/:：%％‰℃×*"
)
_UNIT = f"[{re.escape(_UNITS)}]"
# Behind a decimal figure: "0.5‰", "2.5 倍", "3.5元/平方米".
_MEASURE = re.compile(
    r"[%％‰℃万萬亿億倍元米吨噸克×*~～/:：]|[个個](?![人性])|平方|公[里斤顷頃尺]|小[时時]|分[钟鐘]|[厘毫]米"
)
_END_MARK = re.compile(r"[。；;！!？?，,]")
# No paper goes deeper or higher; what does is no number, and costs no more than a line of text.
MOST_LEVELS = 12
MOST_CHARACTERS = 40  # of a number as the library keeps it


@dataclass(frozen=True)
class Printed:
    """A number found at the start of a line.

    ``style`` says which numbers may be its siblings, ``parts`` its value (``4.1.2`` is (4, 1, 2); a bullet has
    none), ``sure`` whether the form alone decides or the numbers around it must agree.
    """

    number: str
    style: str
    parts: tuple[int, ...]
    rest: str
    sure: bool = True

    @property
    def value(self) -> int:
        return self.parts[-1] if self.parts else 0

    @property
    def plain(self) -> bool:
        """Whether it is a bare or dotted Arabic number, which may all belong to one tree."""
        return self.style in ("1、", "1.", "1", "1.0", "1.1")


def han_value(text: str) -> int | None:
    """The value of a Chinese numeral up to 199 (``十二`` is 12), or None if it is not one."""
    if not text or any(char not in HAN for char in text):
        return None
    total, digit, seen = 0, None, 1000
    for char in text:
        if char in "十百":
            unit = 10 if char == "十" else 100
            if unit >= seen:
                return None
            total, digit, seen = total + (1 if digit is None else digit) * unit, None, unit
        elif digit not in (None, 0):
            return None
        else:
            digit = _HAN_DIGITS[char]
    total += digit or 0
    return total if 0 < total < 200 else None


def _article(match: re.Match[str], rest: str) -> Printed | None:
    digits, unit = match["digits"], match["unit"]
    value = int(digits) if digits.isdigit() else han_value(digits)
    if value is None or re.match(r"[、,，和及至或到的规規所之~—-]", rest):
        return None
    style = "第" + {"節": "节", "條": "条", "編": "编"}.get(unit, unit)
    sure = not rest or rest[0].isspace() or rest[0] in "：:"
    return Printed(f"第{digits}{unit}", style, (value,), rest.lstrip(" \t\u3000：:"), sure)


def _bracketed(match: re.Match[str], rest: str) -> Printed | None:
    inner, opened = match["inner"], bool(match["open"])
    if inner.isdigit():
        value, kind = int(inner), "1"
    elif inner.isascii():
        value, kind = ord(inner.lower()) - ord("a") + 1, "a"
    else:
        value, kind = han_value(inner) or 0, "一"
    if not 0 < value < 200:
        return None
    shape = "({})" if opened else "{})"
    return Printed(shape.format(inner), shape.format(kind), (value,), rest.lstrip("、.．"))


def _han(match: re.Match[str], rest: str) -> Printed | None:
    value = han_value(match["han"])
    # "三、四號樓" is a list of buildings that a line break cut.
    if value is None or re.match(rf"[{HAN}]{{1,3}}[、号號楼樓栋棟幢期层層]", rest):
        return None
    return Printed(match["han"], "一", (value,), rest, sure=bool(match["mark"].strip()))


def _dotted(match: re.Match[str], rest: str) -> Printed | None:
    texts = match["dotted"].replace("．", ".").split(".")
    if len(texts) > MOST_LEVELS or len(match["dotted"]) > MOST_CHARACTERS:
        return None
    if any(len(text) > 1 and text[0] == "0" for text in texts) or texts[0] == "0":
        return None
    parts = tuple(int(text) for text in texts)
    if len(parts) == 2 and parts[1] == 0:
        return None if _MEASURE.match(rest) else Printed(".".join(texts), "1.0", parts[:1], rest, sure=False)
    if 0 in parts or (len(parts) == 2 and _MEASURE.match(rest.lstrip())):
        return None
    return Printed(".".join(texts), "1.1", parts, rest, sure=len(parts) > 2)


def _arabic(match: re.Match[str], rest: str) -> Printed | None:
    value, mark = int(match["digits"]), match["mark"]
    if not value or (mark == "、" and re.match(r"\d+\s*[、号號#]", rest)):
        return None
    return Printed(str(value), "1、" if mark == "、" else "1.", (value,), rest)


def _bare(match: re.Match[str], rest: str) -> Printed | None:
    if len(rest) > 30 or _END_MARK.search(rest) or not int(match["digits"]):
        return None
    return Printed(str(int(match["digits"])), "1", (int(match["digits"]),), rest, sure=False)


def _letter(match: re.Match[str], rest: str) -> Printed | None:
    letter = match["letter"]
    return Printed(letter, "a", (ord(letter.lower()) - ord("a") + 1,), rest, sure=False)


def _circled(match: re.Match[str], rest: str) -> Printed:
    return Printed(match["circled"], "①", (_CIRCLED.index(match["circled"]) + 1,), rest.lstrip("、.．"))


def _bullet(match: re.Match[str], rest: str) -> Printed | None:
    mark = "--" if match["bullet"][0] in "-—–－" else "•"
    return Printed(mark, mark, (), rest) if rest.strip() else None


_FORMS = (
    (re.compile(rf"第\s?(?P<digits>[{HAN}]{{1,5}}|\d{{1,3}})\s?(?P<unit>[編编章節节條条])"), _article),
    (re.compile(rf"(?P<open>[(（])\s?(?P<inner>[{HAN}]{{1,4}}|\d{{1,3}}|[A-Za-z])\s?[)）]"), _bracketed),
    (re.compile(rf"(?P<open>)(?P<inner>[{HAN}]{{1,4}}|\d{{1,3}}|[A-Za-z])\s?[)）]"), _bracketed),
    (re.compile(rf"(?P<han>[{HAN}]{{1,4}})(?P<mark>\s?[、.．]|[ \u3000]+)"), _han),
    (re.compile(r"(?P<dotted>\d{1,3}(?:[.．]\d{1,3})+)(?!\d)(?:[、.．](?!\d))?"), _dotted),
    (re.compile(r"(?P<digits>\d{1,3})\s?(?P<mark>、|[.．](?!\d))"), _arabic),
    (re.compile(rf"(?P<circled>[{_CIRCLED}])"), _circled),
    (re.compile(r"(?P<letter>[A-Za-z])\s?[、.．](?=[\s\u3000]*[\u4e00-\u9fff《“「])"), _letter),
    (re.compile(r"(?P<bullet>[-—–－]{2,3}|[•●○■□◆◇▪►▲★]|[-*](?=\s))"), _bullet),
    (re.compile(r"(?P<digits>\d{1,2})[\s\u3000]*(?=[\u4e00-\u9fff《“「])"), _bare),
)


def read_number(line: str) -> Printed | None:
    """The printed number that ``line`` begins with, if it has the form of one."""
    line = line.strip()
    for form, read in _FORMS:
        match = form.match(line)
        if match:
            found = read(match, line[match.end() :])
            if found is None:
                return None
            rest = found.rest.strip()
            number = unicodedata.normalize("NFKC", found.number) if found.style != "①" else found.number
            return Printed(number, found.style, found.parts, rest, found.sure)
    return None


def begins_with_unit(text: str) -> bool:
    """Whether a figure before ``text`` would be an amount: ``日將業戶…``, ``小時內…``."""
    return bool(re.match(_UNIT + "|小[时時]", text.lstrip()))
