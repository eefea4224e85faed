"""Papers of our own for the search tests: half Traditional, half Simplified, with clauses and numbers."""

from __future__ import annotations

import random
from typing import Any

from content import actions, search
from content.chinese import fold
from content.search import SearchQuery, find

HANT = [
    ("鑰匙管理規程", "公共鑰匙由值班員登記在台帳上。驗收合格後方可借出，借用人簽名。"),
    ("投訴處理辦法", "接到投訴後兩小時內回覆業主，由首接責任人跟進到底。投訴分三類。"),
    ("電梯保養通知", "週二上午九時起分批停梯，每部約四十分鐘。請老人與小孩留意。"),
    ("春季植樹活動", "地點在中心花園，請自帶手套。雨天順延，聯繫電話見公告欄。"),
    ("裝修管理規程", "業戶裝修前須到客服中心備案。適用范圍：全體業主與租戶。"),
    ("會議室借用辦法", "皇后大道側門旁的會議室可供借用，里程以公里計的班車在門口停。"),
]
HANS = [
    ("维修回访制度", "维修完成后三日内回访业户，回访率不低于百分之三十。记录登入台账。"),
    ("物业费收费标准", "物业费按季度收取，每平方米每月二元五角。A4纸复印每张0.5元。"),
    ("紧急停水预案", "管道爆裂时，维修工须在十五分钟内到达现场，并在公告栏说明。"),
    ("业户走访方案", "管理处经理每季度走访业户一次，听取意见，采取措施改进服务。"),
    ("停车场管理制度", "外来车辆登记后放行，看着车牌号码登记。收费见冀物〔2013〕18号文件。"),
    ("服务礼仪规范", "头发整齐，着装统一，接电话时三声之内应答。word 格式的手册可下载。"),
]
CLAUSES = [
    ("1", 1, "目的", "規範前台接待工作。"),
    ("4.7", 2, "裝修", "裝修申請由客服中心受理。"),
    ("4.7.2", 3, "", "裝修押金在驗收合格後十日內退還，見4.7。"),
    ("四(三)2", 3, "", "夜間施工須書面申請。"),
    ("第三條", 1, "巡查", "每日巡查兩次，發現問題當場整改。"),
]


def publish(house: Any, kind: str = "notice", **values: Any) -> Any:
    """Publish something as the administrator."""
    section = values.pop("section", None) or (house.library if kind == "policy" else house.board)
    return actions.publish_now(house.administrator, kind, section, values)


def publish_papers(house: Any) -> dict[str, str]:
    """Publish all papers as pages; returns uid → title and text."""
    found = {}
    for script, papers in (("hant", HANT), ("hans", HANS)):
        for title, text in papers:
            item = publish(house, "page", title=title, body=f"<p>{text}</p>", script=script)
            found[item.uid] = f"{title}\n{text}"
    return found


def publish_policy(house: Any, clauses: Any = CLAUSES, **values: Any) -> Any:
    """Publish a policy with clauses (label, depth, heading, text)."""
    rows = [
        {"uid": "", "number": label, "label": label, "depth": depth, "heading": heading, "text": text}
        for label, depth, heading, text in clauses
    ]
    given = {"title": "前台服務規程", "preamble": "<p>本規程供前台使用。</p>", **values}
    return publish(house, "policy", clauses=rows, **given)


def index_all(settings: Any) -> int:
    """Bring everything that waits into the index; returns how many keys."""
    total = 0
    while done := search.index_pending(settings):
        total += done
    return total


def uids(settings: Any, text: str, person: Any = None, **more: Any) -> list[str]:
    """The documents found, best first, without what lacks words."""
    asked = SearchQuery(text, **{"limit": 1000, **more})
    return [hit.document for hit in find(settings, person, asked).hits if not hit.missing]


def cuttings(seed: int, count: int, longest: int = 8) -> list[str]:
    """Pieces cut anywhere out of the papers, within one sentence."""
    dice = random.Random(seed)
    sentences = [
        part
        for title, text in HANT + HANS
        for part in (title, *text.replace("，", "。").replace("：", "。").split("。"))
        if len(part) > 1 and not any(c.isascii() or c in "〔〕" for c in part)
    ]
    found = []
    for _ in range(count):
        sentence = dice.choice(sentences)
        length = dice.randint(1, min(longest, len(sentence)))
        start = dice.randint(0, len(sentence) - length)
        found.append(sentence[start : start + length])
    return found


def truth(papers: dict[str, str], piece: str) -> set[str]:
    """The papers that contain the piece in either script."""
    return {uid for uid, text in papers.items() if fold(piece) in fold(text)}
