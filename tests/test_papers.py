# ruff: noqa: E501  examples are read as one line
"""Files of papers become documents: our own ones of every shape, and the users' five where they are at hand."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from content import richtext
from content.library import outline_text, parse_outline
from content.transfer.decoding import decode
from content.transfer.doubts import missing_figures
from content.transfer.furniture import PATTERNS, furniture_of, without_furniture
from content.transfer.papers import Document, split_papers, titles_alike, to_document
from content.transfer.running import read_contents

OWN = Path(__file__).parent / "papers"
SEEDS = Path(os.environ.get("LIANXI_SEEDS", Path(__file__).parents[2] / "shared" / "seeds"))
with_seeds = pytest.mark.skipif(
    not SEEDS.is_dir(), reason=f"the users' papers are not in {SEEDS} (LIANXI_SEEDS)"
)


def documents(path: Path) -> list[Document]:
    return [to_document(paper) for paper in split_papers(decode(path.read_bytes()).text, path.stem)]


def own(name: str) -> list[Document]:
    return documents(OWN / name)


def seed(number: int) -> list[Document]:
    return documents(sorted(SEEDS.glob("*.txt"))[number])


def clause(document: Document, label: str) -> dict:
    (found,) = [one for one in document.clauses if one["label"] == label]
    return found


def all_text(found: list[Document]) -> str:
    parts = []
    for one in found:
        parts += [one.title, richtext.plain_text(one.preamble)]
        parts += [c["number"] + c["heading"] + c["text"] for c in one.clauses]
    return re.sub(r"\s", "", "".join(parts))


TITLES = {
    "counter.txt": ["雨傘借用服務規程", "花園澆水方案", "東門花園會議室租借規程"],
    "meters.txt": ["水表抄读联系办法", "抄表员上门程序", "实验楼关于结对答疑的通知"],
    "essays.txt": ["楼道照明方案 篇一", "楼道照明方案 篇二", "楼道照明方案 篇三"],
    "standards.txt": ["宠物登记标准作业规程范例2", "宠物纠纷处理标准作业规程范例3"],
}


@pytest.mark.parametrize("name", TITLES)
def test_a_file_of_several_papers_becomes_documents_with_titles(name: str) -> None:
    assert [one.title for one in own(name)] == TITLES[name]


@pytest.mark.parametrize("name", TITLES)
def test_nothing_of_the_page_stays_and_nothing_of_the_paper_goes(name: str) -> None:
    text = all_text(own(name))
    for word in (
        "导航",
        "编辑:",
        "返回",
        "触屏版",
        "版权所有",
        "专栏",
        "扫码分享",
        "WORD",
        "www.",
        "小石头",
        "样本大全",
    ):
        assert word not in text
    for line in (OWN / name).read_text().splitlines():
        for sentence in re.findall(r"[^。;；]{6,}[。;；]", line):
            bare = re.sub(r"^[\d.、()一二三四a-zC)-]+", "", sentence.strip())
            assert re.sub(r"\s", "", bare) in text


def test_the_paper_above_the_second_marker_is_the_first() -> None:
    first = own("counter.txt")[0]
    assert [c["label"] for c in first.clauses] == ["1", "2", "3", "3+1"]
    assert "雨傘、借用服務規程" in first.preamble


def test_headings_lists_and_lines_cut_by_a_page_break() -> None:
    second = own("meters.txt")[1]
    assert clause(second, "一2")["text"].startswith("抄表员把读数交给会计室,会计室应在")
    assert "每次15 日将换表清单" in clause(second, "一3")["text"]
    assert clause(second, "二1(1)")["text"].endswith("\n祝您愉快!")
    assert clause(second, "二2")["text"] == "白天:\n夜里:"


def test_a_paper_without_numbers_is_all_preamble() -> None:
    first = own("essays.txt")[0]
    assert first.clauses == []
    assert first.preamble == "<p>楼道的灯关系到夜里回家的人。坏了的灯要尽快换掉。</p>"


def test_lists_that_begin_again_below_a_heading() -> None:
    third = own("essays.txt")[2]
    assert clause(third, "二+1")["heading"] == "特色(“自助式”报修)"
    assert clause(third, "一~2")["depth"] == 2
    assert "解释和上,各栋" in third.preamble


def test_numbers_as_printed_with_their_bullets_and_letters() -> None:
    labels = [c["label"] for c in own("standards.txt")[0].clauses]
    assert {"1.0", "3.3", "4.1.1--~2", "4.2.1C)", "4.7.2", "4.10"} <= set(labels)
    assert clause(own("standards.txt")[0], "5.0")["text"].split("\n")[-1] == "登记流程图"


def running_paper() -> str:
    contents = "第一章 总体方案 3 第一节 服务思路 3 一、 以居民为中心 3 二、 团队与流程 17 第二节 时间安排 40 第二章 保障 55"
    filler = "定期打扫楼道、电梯和停车场,保持干净。" * 60
    body = [
        "总体方案 服务思路 以居民为中心 贴近需求 每日打扫", filler, "服务内容 方式 频率 日常保洁 全面 每日", filler,
        "团队与流程 加强协作 组织会议", "1)每周开会一次。" + filler, "2)设立意见箱。", "规范收费 1)公示标准。", "2)开具收据。",
    ]  # fmt: skip
    return f"文库 方案\n\n东门小区服务方案.docx\n\nDOCX   20页   下载44\n东门小区服务方案 {contents} {' '.join(body)}\n下载提示\n1.本文档仅供试读;\n客服"


def test_a_preview_in_one_line_is_split_by_its_contents_and_its_own_marks() -> None:
    (only,) = [to_document(one) for one in split_papers(running_paper(), "x")]
    assert only.title == "东门小区服务方案"
    assert "第二章 保障 55" in only.preamble  # the contents stay readable, but are no clauses
    labels = {c["label"]: c["heading"] for c in only.clauses}
    assert labels["第一章"] == "总体方案"
    assert labels["第一章第一节二"] == "团队与流程"
    assert "第二章" not in labels
    assert clause(only, "第一章第一节二1)~2")["text"] == "公示标准。"
    table = "服务内容 方式 频率 日常保洁 全面 每日"
    assert sum(table in c["text"] for c in only.clauses) == 1
    assert "试读" not in all_text([only])


def test_a_list_of_contents_needs_rising_pages() -> None:
    assert read_contents("一、 甲 9 二、 乙 3 三、 丙 4 四、 丁 5 五、 戊 6 正文")[0] == []


def test_furniture_is_a_whole_line_and_every_pattern_has_a_reason() -> None:
    assert all(one.reason for one in PATTERNS)
    for line in (
        "返回頂部",
        "客服制度 导航",
        "编辑:某人2019-04-26",
        "© 某网 x.com版权所有",
        "触屏版电脑版",
        "WORD下载 PDF下载 投诉",
    ):
        assert furniture_of(line), line
    for line in (
        "来电投诉的,返回顶部办公室登记。",
        "投诉电话:0755-1234 5678",
        "服务热线:12345",
        "分享经验,共同进步。",
        "关于版权的说明如下,请注意。",
    ):
        assert furniture_of(line) is None, line


def test_a_doubtful_line_goes_only_beside_a_certain_one() -> None:
    assert without_furniture(["甲", "分享", "乙"]) == ["甲", "分享", "乙"]
    assert without_furniture(["甲", "分享", "返回顶部", "TOP"]) == ["甲"]


def test_a_heading_of_the_site_ends_a_page_only_near_its_end() -> None:
    text = ["甲" * 100] * 10
    assert without_furniture([*text, "相关文章", "别的标题"]) == text
    assert len(without_furniture([text[0], "相关文章", *text])) == 11


def test_titles_that_name_the_same_paper() -> None:
    assert titles_alike("业主投诉处理标准作业规程", "业主投诉处理标准作业规程范例6")
    assert titles_alike("服务联系管理方案", "服务与联系管理方案")
    assert not titles_alike("回访管理标准作业规程", "投诉管理标准作业规程")


BLANK = [
    "维修天内回访",
    "每月次走访",
    "控制在年‰以下",
    "发现问题小时内通知",
    "内回访,天后再做",
    "维修后小时内回访",
    "提前__天通知",
]
FILLED = ["维修2天内回访", "每月 3 次走访", "年 0.5‰以下", "12 小时内通知", "雨天后再做1次", "三天内", "当天内完成", "半小时内", "几天内",
          "两个工作日内", "365天24小时", "100%", "每次"]  # fmt: skip


@pytest.mark.parametrize("text", BLANK)
def test_a_missing_figure_is_noticed(text: str) -> None:
    assert missing_figures(text)


@pytest.mark.parametrize("text", FILLED)
def test_a_figure_that_is_there_is_not_missed(text: str) -> None:
    assert missing_figures(text) == []


def test_a_document_number_of_its_own_is_taken_and_a_cited_one_is_not() -> None:
    (one,) = split_papers("钥匙规程\n总物〔2026〕7号\n1、登记。", "x")
    assert one.document_number == "总物〔2026〕7号"
    assert own("meters.txt")[2].document_number == ""


SEED_CLAUSES = [[5, 22, 50], [17, 58, 59, 18], [0, 0, 53], [171], [45, 16, 37, 47, 28]]


@with_seeds
@pytest.mark.parametrize("number", range(5))
def test_the_users_papers_give_sixteen_documents(number: int) -> None:
    assert [len(one.clauses) for one in seed(number)] == SEED_CLAUSES[number]


@with_seeds
def test_places_in_the_users_papers() -> None:
    assert clause(seed(0)[0], "4+1")["text"].startswith("服務完畢")
    assert clause(seed(0)[2], "4.2.3.6")["text"] == "其他"
    assert "交财务部,财务部应将" in clause(seed(1)[1], "六3")["text"]
    assert "每月15 日将业户确认" in clause(seed(1)[2], "六3")["text"]
    assert clause(seed(1)[3], "四(三)2")["text"].startswith("规划发展")
    assert "管理上,各大物业公司" in seed(2)[2].preamble
    assert [c["label"] for c in seed(2)[2].clauses if c["label"].startswith("一")][6:9] == [
        "一6",
        "一8",
        "一9",
    ]
    assert clause(seed(4)[3], "4.7.2")["text"].startswith("重要投诉一般在3日内")
    assert clause(seed(4)[2], "4.7b)--~2")["text"].startswith("必要时")


@with_seeds
@pytest.mark.parametrize("number", range(5))
def test_every_sentence_of_the_users_papers_is_kept(number: int) -> None:
    path = sorted(SEEDS.glob("*.txt"))[number]
    text = all_text(seed(number))
    site = re.compile(r"文档|下载|网站|侵权|什么都没留下|预览")
    paper = decode(path.read_bytes()).text.split("\n下载提示\n")[0]
    for sentence in re.split(r"[。;；\n]", paper):
        for piece in sentence.split() if number == 3 else [sentence]:
            bare = re.sub(r"^[\d.、()（）一二三四五六七八九十a-zC-]+", "", re.sub(r"\s", "", piece))
            if len(bare) > 8 and not site.search(bare) and not furniture_of(piece):
                short = re.sub(r"^(篇\d[:：]|-|范例)", "", bare).split("-制度大全")[0].split("【")[0]
                assert short.removesuffix(".docx").split(".docx第")[0] in text, piece


@with_seeds
@pytest.mark.parametrize("number", range(5))
def test_the_outline_of_the_users_papers_is_read_back(number: int) -> None:
    for one in seed(number):
        assert parse_outline(outline_text(one.clauses)) == one.clauses


@with_seeds
def test_the_blanks_of_the_villa_paper_are_noticed_and_those_of_its_sibling_are_not() -> None:
    blanks = [len(missing_figures("\n".join(c["text"] for c in one.clauses))) for one in seed(1)]
    assert blanks[1] >= 8
    assert blanks[2] == blanks[3] == 0
