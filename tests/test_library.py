# ruff: noqa: E501  examples are read as one line
"""Clauses: every scheme of R-180, what is no clause, the tree, round trips and uids that stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.library import align, outline_text, parse_outline, parse_paper
from content.numbering import han_value, read_number


def labels(text: str) -> list[str]:
    return [clause["label"] for clause in parse_outline(text)]


SCHEMES = {
    "1、甲項。\n2、乙項。": ["1", "2"],
    "1.甲項。\n2．乙項。": ["1", "2"],
    "1. 甲項。\n2. 乙項。": ["1", "2"],
    "1目的\n便於辦事。\n2適用\n全區。\n2.1公司負責。": ["1", "2", "2.1"],
    "1.0目的\n2.0職責\n2.1甲\n2.1.1乙\n2.1.1.1丙": ["1.0", "2.0", "2.1", "2.1.1", "2.1.1.1"],
    "一、甲\n(一)乙\n（二）丙\n1.丁\n二、戊": ["一", "一(一)", "一(二)", "一(二)1", "二"],
    "第一章 總則\n第一條 甲。\n第二章 分則\n第二條 乙。\n(一)丙。": [
        "第一章",
        "第一條",
        "第二章",
        "第二條",
        "第二條(一)",
    ],
    "1、甲:\n(1)乙\n(2)丙\n1)丁\n2）戊": ["1", "1(1)", "1(2)", "1(2)1)", "1(2)2)"],
    "4.1甲:\na)乙\nC)丙": ["4.1", "4.1a)", "4.1C)"],
    "4.1甲:\n--乙\n--丙": ["4.1", "4.1--", "4.1--~2"],
    "①甲\n②乙": ["①", "②"],
    "一、甲\n1.乙\n二、丙\n1.丁": ["一", "一1", "二", "二1"],
}


@pytest.mark.parametrize("text", SCHEMES, ids=lambda text: text[:12])
def test_every_scheme_is_read_and_addressed_through_its_ancestors(text: str) -> None:
    assert labels(text) == SCHEMES[text]


def test_misnumbered_siblings_keep_the_number_that_is_printed() -> None:
    text = "4.1甲:\n4.1.1乙。\n4.2丙。\n4.2.1丁。\n4.5.3戊。\n4.5.5己。"
    assert labels(text) == ["4.1", "4.1.1", "4.2", "4.2.1", "4.5.3", "4.5.5"]
    assert labels("一、甲:\n6、乙。\n8、丙。") == ["一", "一6", "一8"]


def test_twins_are_told_apart() -> None:
    assert labels("一、甲。\n二、乙。\n一、丙。") == ["一", "二", "一~2"]


def test_a_bare_number_in_a_bare_number_does_not_read_like_a_decimal() -> None:
    assert labels("4.1甲:\n1、乙\n2、丙") == ["4.1", "4.1-1", "4.1-2"]


NO_CLAUSES = ["24 小時有人值班", "365天接待", "15 日將清單貼出", "7:30~9:00開門", "2019年4月26日", "0.5‰以下", "3.5元一次",
              "三、四號樓的住戶", "3、4、5號樓", "20**年3月19日", "第三條規定的事項", "《登記表》", "（早晨）好!"]  # fmt: skip


@pytest.mark.parametrize("line", NO_CLAUSES)
def test_figures_in_sentences_begin_no_clause(line: str) -> None:
    found = parse_outline(f"1、第一項:\n{line}\n2、第二項。")
    assert [clause["number"] for clause in found] == ["1", "2"]
    assert line in found[0]["heading"] + found[0]["text"]


def test_figures_behind_a_number_belong_to_the_clause() -> None:
    found = parse_outline("1、24小時值班。\n2、3天內回訪。\n1.1日常。")
    assert [clause["text"] for clause in found][:2] == ["24小時值班。", "3天內回訪。"]


def test_lines_that_a_page_break_cut_are_joined() -> None:
    text = "  1.抄表員登記。\n\n  2.抄表員把單子交給\n\n會計室,會計室錄入。\n\n  3.清單在每月,每次\n\n  15 日將清單貼出。"
    assert [c["text"] for c in parse_outline(text)] == [
        "抄表員登記。", "抄表員把單子交給會計室,會計室錄入。", "清單在每月,每次15 日將清單貼出。"]  # fmt: skip


def test_text_below_a_heading_is_its_text_and_not_its_continuation() -> None:
    (one, two) = parse_outline("1、重要投訴\n重要投訴是指設備的投訴。\n2、輕微投訴\n其餘的投訴。")
    assert (one["heading"], one["text"]) == ("重要投訴", "重要投訴是指設備的投訴。")
    assert two["heading"] == "輕微投訴"


def test_a_step_without_number_at_the_end_is_a_clause_of_its_own() -> None:
    found = parse_outline("1、受理。\n2、上門。\n完工後請住戶簽字。")
    assert [(c["label"], c["number"], c["text"]) for c in found][-1] == ("2+1", "", "完工後請住戶簽字。")


def test_what_closes_a_paper_belongs_to_the_whole() -> None:
    found = parse_outline("一、組織\n1.成立小組。\n2.每週開會。\n特此通知\n2026年3月1日")
    assert (found[-1]["label"], found[-1]["depth"]) == ("一+1", 1)


def test_a_list_that_starts_anew_hangs_below_its_heading() -> None:
    found = parse_outline("一、目標:\n1、甲。\n二、指標:\n1.亮燈率: 98%\n特色服務\n一、掃碼。\n二、值守。")
    assert [(c["label"], c["depth"]) for c in found][-3:] == [("二+1", 1), ("一~2", 2), ("二~2", 2)]


def test_the_text_before_the_first_clause_is_the_preamble_of_a_paper_and_a_clause_in_the_editor() -> None:
    text = "為保管鑰匙,訂立本規程。\n1、登記。\n2、歸還。"
    assert parse_paper(text).preamble == ["為保管鑰匙,訂立本規程。"]
    assert labels(text) == ["+1", "1", "2"]


def test_blanks_stay_blank() -> None:
    (one,) = parse_outline("1、維修天內回訪,每月次,年‰以下,__天內。")
    assert one["text"] == "維修天內回訪,每月次,年‰以下,__天內。"


NUMBERS = ["", "1、", "2、", "3、", "1. ", "2.", "1 ", "2", "1.0", "2.0", "1.1", "1.2", "4.1", "1.1.1", "4.2.3.6", "一、", "二、", "(一)",
           "（二）", "(1)", "1)", "2）", "a)", "C)", "--", "第一章 ", "第三條 ", "①", "• ", "+ ", "++ ", "\\", "  ", "15 日", "24 小時",
           "三、四號樓", "A.", "7:30"]  # fmt: skip
WORDS = ["目的", "為了辦好這件事,特制定本規程。", "下列幾種:", "特此通知", "20**年3月19日", "《登記表》", "日將住戶確認", "率: 100%", "a", "。",
         "職責明確到每一個崗位的工作人員身上"]  # fmt: skip
LINES = st.lists(st.builds(lambda n, w: n + w, st.sampled_from(NUMBERS), st.sampled_from(WORDS)), max_size=14)


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_the_outline_is_read_back_as_it_was(lines: list[str]) -> None:
    clauses = parse_outline("\n".join(lines))
    assert parse_outline(outline_text(clauses)) == clauses


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_addresses_are_unique_and_no_word_is_lost(lines: list[str]) -> None:
    clauses = parse_outline("\n".join(lines))
    found = [clause["label"] for clause in clauses]
    assert len(set(found)) == len(found)
    assert all(found)
    kept = "".join(c["number"] + c["heading"] + c["text"] for c in clauses)
    for word in WORDS:
        if len(word) > 3:  # short ones occur within others
            assert "".join(kept.split()).count(word.replace(" ", "")) >= sum(
                line.endswith(word) for line in lines
            )


def test_the_depth_never_jumps() -> None:
    found = parse_outline("+++ 甲\n++++ 乙\n1、丙")
    assert [clause["depth"] for clause in found] == [1, 2, 3]


def uids(text: str) -> list[dict]:
    return [{**clause, "uid": f"{n:032x}"} for n, clause in enumerate(parse_outline(text))]


def test_the_same_clause_keeps_its_uid_when_its_words_change_a_little() -> None:
    old = uids("1、值班員記下姓名和房號。\n2、傘有破損的交給維修班。")
    new = align(old, parse_outline("1、值班員記下姓名、房號。\n2、傘有破損的交給維修班。"))
    assert [c["uid"] for c in new] == [c["uid"] for c in old]


def test_a_clause_that_moved_keeps_its_uid_and_a_new_one_gets_its_own() -> None:
    old = uids("1、值班員記下姓名和房號。\n2、傘有破損的交給維修班。")
    new = align(
        old, parse_outline("1、借傘先看天氣預報。\n2、值班員記下姓名和房號。\n3、傘有破損的交給維修班。")
    )
    assert [c["uid"] for c in new[1:]] == [c["uid"] for c in old]
    assert len(new[0]["uid"]) == 32
    assert new[0]["uid"] not in {c["uid"] for c in old}


def test_another_text_at_the_same_number_is_another_clause() -> None:
    old = uids("1、值班員記下姓名和房號。")
    assert align(old, parse_outline("1、本規程自公布之日起廢止。"))[0]["uid"] != old[0]["uid"]


def test_no_uid_is_given_twice() -> None:
    old = uids("1、同樣的話在這裡。\n2、同樣的話在這裡。")
    new = align(old, parse_outline("1、同樣的話在這裡。\n2、同樣的話在這裡。\n3、同樣的話在這裡。"))
    assert len({c["uid"] for c in new}) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [("十二", 12), ("二十", 20), ("一百零五", 105), ("三", 3), ("十十", None), ("一二", None), ("", None)],
)
def test_chinese_numerals(text: str, value: int | None) -> None:
    assert han_value(text) == value


def test_full_width_signs_are_normalised() -> None:
    found = read_number("（１）甲")
    assert found is not None
    assert found.number == "(1)"
