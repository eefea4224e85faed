# ruff: noqa: E501  a pattern is read as one line
"""What a web page hangs round a paper: lines that are no part of it, as data, each with its reason."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Furniture:
    """A pattern that a whole line must match to be dropped.

    ``tail``: it drops what follows, too, at the end of a page. ``doubtful``: a paper might say the same, so
    the line is dropped only beside a line that is furniture for certain.
    """

    pattern: re.Pattern[str]
    reason: str
    tail: bool = False
    doubtful: bool = False


def _line(pattern: str, reason: str, *, tail: bool = False, doubtful: bool = False) -> Furniture:
    return Furniture(re.compile(pattern, re.IGNORECASE), reason, tail, doubtful)


# Chinese patterns name both scripts. A line of a paper must never match: whole lines, no sentence inside.
PATTERNS: tuple[Furniture, ...] = (
    _line(r"\S{2,10}\s*(导航|導航|导读|導讀)", "navigation of the site"),
    _line(r"(首页|首頁|当前位置|當前位置|您的位置)\s*[:：>›»].{0,80}", "breadcrumbs"),
    _line(r"(文库|文庫|文档|文檔)(\s+\S{2,12}){1,4}", "breadcrumbs of a document library"),
    _line(r"(编辑|編輯|作者|来源|來源|发布|發布|责任编辑|整理)[:：].{0,40}?\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}.{0,12}", "by-line"),
    _line(r"(编辑|編輯|作者|来源|來源|责任编辑)[:：][^。，,]{1,20}", "by-line", doubtful=True),
    _line(r"(时间|時間|日期|更新时间|发布时间|更新時間|發布時間)[:：]\s*\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}.{0,20}", "by-line"),
    _line(r"(阅读|閱讀|浏览|瀏覽|点击|點擊|下载|下載|收藏|点赞|點讚|评论|評論|字数|评分)(次数|量|數|数)?\s*[:：]?\s*\d+次?", "counters", doubtful=True),
    _line(r"(DOCX?|PDF|PPTX?|XLSX?)\s+\d+\s*页.{0,120}", "counters of a document library"),
    _line(r"(分享|收藏|打印|列印|投诉|投訴|举报|點讚|点赞|复制|複製|转发|轉發|扫码分享|掃碼分享)(\s+(分享|收藏|打印|列印|投诉|举报|复制))*", "buttons", doubtful=True),
    _line(r"((WORD|PDF|DOC|TXT)\s*(下载|下載|版)\s*)+(投诉|投訴|举报|收藏|分享)?", "download buttons"),
    _line(r"(立即|点击|點擊|免费|免費)?(下载|下載)(文档|文檔|全文|本文|浏览全部内容)?", "download button", doubtful=True),
    _line(r"(温馨提示|溫馨提示)[:：].{0,30}(预览|預覽|下载|下載).{0,80}", "notice of a document library"),
    _line(r"剩余\s*\d+\s*页.{0,30}", "notice of a document library"),
    _line(r"(开通会员|開通會員|VIP|会员).{0,16}(优惠|優惠|特权|权益|折).{0,12}", "offer of a subscription"),
    _line(r"\d+重(权益|特权).{0,10}", "offer of a subscription"),
    _line(r"(首次半价下载|折扣特惠|上传高收益|特权文档|专属客服|AI慧写\S{0,6}|十分钟千页\S{0,10})", "offer of a subscription"),
    _line(r"(手机|手機|微信)?(扫码|掃碼|扫一扫|掃一掃|扫描二维码).{0,12}", "code to scan"),
    _line(r"(客服二维码|公众号|公眾號|微信客服|关注我们|關注我們|在线客服)", "contacts of the site", doubtful=True),
    _line(r"(咨询|諮詢|客服)(热线|熱線)[:：]\s*(\d{3,4}[\s-]?){2,4}", "hotline of the site", doubtful=True),
    _line(r"(返回|回到)(顶部|頂部|首页|首頁|列表|上一页|上一頁)", "way to the top"),
    _line(r"TOP|首页|首頁|顶部|頂部", "way to the top", doubtful=True),
    _line(r"(触屏版|觸屏版|电脑版|電腦版|手机版|手機版)(\s*[|·]?\s*(触屏版|觸屏版|电脑版|電腦版|手机版|手機版))*", "other versions of the site"),
    _line(r"(©|Copyright|\(c\)).{0,80}", "copyright of the site"),
    _line(r".{0,40}(版权所有|版權所有|All rights reserved).{0,40}", "copyright of the site"),
    _line(r"[^。，,；;]{0,16}(ICP备|ICP證|公网安备).{0,40}", "licence of the site"),
    _line(r"[^。，,；;：:]{0,16}[-—\s]*(https?://|www\.)[\w./%-]+", "address of the site"),
    _line(r"(上一篇|下一篇|上一页|下一页|上一頁|下一頁)\s*[:：]?.{0,60}", "way to the next page", doubtful=True),
    _line(r"(本文|文章)(来自|来源|地址|链接|標題|标题).{0,80}", "origin note of the site"),
    _line(r"(广告|廣告|推广|推廣|赞助|贊助)", "advertisement", doubtful=True),
    _line(r"这个人很懒.{0,12}|未认证用户.{0,10}|该文档于\s*上传.{0,10}|[×✕✖]", "box about who uploaded it"),
    # From here on nothing of the paper follows.
    _line(r"(精彩|制度|热门|熱門|推荐|推薦|相关|相關|最新)\s*(专栏|專欄|栏目|文章|推荐|推薦|阅读|閱讀|范文|文档|搜索|資訊|资讯).{0,8}",
          "links to other papers", tail=True),
    _line(r"(猜你喜欢|猜你喜歡|你可能(还|也)?喜欢|延伸阅读|延伸閱讀|大家都在看|网友评论|網友評論)", "links to other papers", tail=True),
    _line(r"(下载提示|下載提示|免责声明|免責聲明|版权声明|使用说明书下载)", "terms of a document library", tail=True),
)  # fmt: skip

_PAGE_LABEL = re.compile(r"(?P<name>.{2,120}?)\s*第\s*\d+\s*页")
# A tail is believed only if little of the text comes after it.
TAIL_SHARE = 0.15


def furniture_of(line: str) -> Furniture | None:
    """The pattern that says why this line is no part of a paper, if there is one."""
    line = line.strip(" \t\u3000\ufeff\xa0")
    return next((one for one in PATTERNS if one.pattern.fullmatch(line)), None)


def without_furniture(lines: list[str]) -> list[str]:
    """The lines of the paper itself; blank lines go, indents stay."""
    lines = [line.rstrip() for line in lines if line.strip(" \t\u3000\ufeff\xa0")]
    lines = _without_page_labels(lines)
    lines = lines[: _tail(lines)]
    found = [furniture_of(line) for line in lines]
    certain = {at for at, one in enumerate(found) if one and not one.doubtful}
    for order in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        certain |= set(_beside(order, found, certain))
    return [line for at, line in enumerate(lines) if at not in certain]


def _beside(order: range, found: list[Furniture | None], certain: set[int]) -> list[int]:
    """Doubtful lines next to certain ones, following ``order``; each makes its own neighbour certain."""
    reached: list[int] = []
    for at in order:
        before = at - order.step
        if found[at] and (before in certain or (reached and reached[-1] == before)):
            reached.append(at)
    return reached


def _tail(lines: list[str]) -> int:
    """Where the paper ends because a heading of the site's own begins; the number of lines if nowhere."""
    total = sum(map(len, lines)) or 1
    rest = 0
    end = len(lines)
    for at in range(len(lines) - 1, -1, -1):
        rest += len(lines[at])
        if rest > TAIL_SHARE * total:
            break
        found = furniture_of(lines[at])
        if found and found.tail:
            end = at
    return end


def _without_page_labels(lines: list[str]) -> list[str]:
    """Drop the labels of page pictures: three or more lines alike but for the number of the page."""
    names = [match["name"] if (match := _PAGE_LABEL.fullmatch(line.strip())) else "" for line in lines]
    times = Counter(names)
    return [line for line, name in zip(lines, names, strict=True) if not name or times[name] < 3]
