"""Chinese texts of our own making, in both scripts, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from content.chinese import convert, fold

_WHO = (
    "客服中心",
    "工程部",
    "保潔班",
    "保安隊",
    "業主委員會",
    "社區居委會",
    "綠化組",
    "財務部",
    "輔導員辦公室",
)
_WHERE = (
    "一號樓",
    "二號樓",
    "三號樓東側",
    "地下車庫",
    "中心花園",
    "南門崗亭",
    "兒童樂園",
    "會所二層",
    "垃圾分類點",
)
_WHAT = ("電梯", "供水管道", "消防栓", "監控設備", "路燈", "排水溝", "健身器材", "門禁系統", "充電樁", "外牆")
_DONE = ("例行保養", "更換零件", "全面檢查", "臨時停用", "清洗消毒", "防水維修", "加裝護欄", "重新登記")
_WHEN = ("本週二上午九時", "下週一起", "每月十五日", "春節假期前", "雨季來臨之前", "本月底", "週末兩天")
_SENTENCES = (
    "為保障各位住戶的安全，{who}將於{when}對{where}的{what}進行{done}。",
    "{where}在施工期間請繞行，老人和兒童須由家人陪同。",
    "如有疑問，請致電服務中心，值班人員將在三十分鐘內回覆。",
    "{who}已與供應單位簽訂協議，所需費用由專項資金支付，不另向業戶收取。",
    "接到報修後，首接責任人須登記姓名、房號、聯繫電話與事由，並於當日轉交{who}處理。",
    "{what}{done}完成後，由{who}會同住戶代表驗收，結果張貼於公告欄。",
    "投訴與建議一經受理即編號立案，七日內答覆，並於辦結後三日內回訪。",
    "請各戶提前儲水，並關閉家中總閥，以免復水時損壞器具。",
    "違反規定停放的車輛，將通知車主移開;{when}仍未移開的，由{who}報請有關部門處理。",
    "志願者可在{where}報名，活動結束後發放紀念品。",
)
_TITLES = (
    "關於{where}{what}{done}的通知",
    "{when}{what}{done}安排",
    "{who}提醒:{where}{what}{done}",
    "{where}{done}結果公布",
)


@dataclass(frozen=True)
class Text:
    """One text as an author would have written it, with what search keeps of it."""

    script: str
    title: str
    summary: str
    html: str
    plain: str
    folded_title: str
    folded: str


def make(count: int, seed: int = 7) -> list[Text]:
    """``count`` texts of 500 to 900 characters, every second one in Simplified characters."""
    rng = random.Random(seed)
    return [_one(rng, "hans" if n % 2 else "hant") for n in range(count)]


def _one(rng: random.Random, script: str) -> Text:
    title = _filled(rng, rng.choice(_TITLES)).rstrip("。")
    paragraphs = [
        "".join(_filled(rng, rng.choice(_SENTENCES)) for _ in range(4)) for _ in range(rng.randint(4, 6))
    ]
    summary = paragraphs[0].split("。")[0] + "。"
    if script == "hans":
        title, summary = convert(title, "hans"), convert(summary, "hans")
        paragraphs = [convert(one, "hans") for one in paragraphs]
    plain = "\n".join(paragraphs)
    html = "".join(f"<p>{one}</p>" for one in paragraphs)
    return Text(script, title, summary, html, plain, fold(title), fold(f"{summary}\n{plain}"))


def _filled(rng: random.Random, pattern: str) -> str:
    words = {"who": _WHO, "where": _WHERE, "what": _WHAT, "done": _DONE, "when": _WHEN}
    return pattern.format(**{name: rng.choice(choices) for name, choices in words.items()})
