"""Folding for finding, conversion for reading, the glossary, and what tells the scripts apart."""

import os
from pathlib import Path

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from content import chinese, glossary
from content.chinese import convert, convert_html, detect_script, fold, fold_map, mixed_characters
from content.errors import Invalid, NotAllowed, NotFound
from content.items import content_version
from content.settings import Settings

SEEDS = Path(os.environ.get("LIANXI_SEEDS", "../shared/seeds"))
IDEOGRAPHS = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
TEXT = st.text(st.one_of(IDEOGRAPHS, st.characters(codec="utf-8")), max_size=40)


@pytest.fixture(autouse=True)
def glossary_of_the_site(db, settings):
    yield
    chinese.configure(settings)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("適用範圍", "適用范圍"),
        ("適用範圍", "适用范围"),
        ("驗收合格後", "驗收合格后"),
        ("臺賬", "台账"),
        ("台帳", "台账"),
        ("看著", "看着"),
        ("裡", "裏"),
        ("藉口", "借口"),
        ("傢俱", "家具"),
        ("衞生", "卫生"),
        ("冀教政體〔2013〕18號", "冀教政体[2013]18号"),
        ("四（三）2", "四(三)2"),
        ("ＡＢＣ１２", "abc12"),
        ("「物業」", '"物业"'),
        ("前後\u3000左右", "前后 左右"),
    ],
)
def test_what_folds_to_the_same(one, other):
    assert fold(one) == fold(other)


def test_folding_keeps_words_apart_that_are_different():
    assert len({fold(word) for word in ("投訴", "回訪", "業主", "租戶", "皇后", "王后")}) == 6


def test_folded_text_is_readable_simplified():
    assert fold("適用範圍：物業管理接待投訴") == "适用范围:物业管理接待投诉"


@given(st.text(st.one_of(IDEOGRAPHS, st.sampled_from("aB1 ，（）㈱")), max_size=40), st.data())
def test_a_part_folds_to_a_part(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert fold(text) == fold(text[:start]) + fold(text[start:end]) + fold(text[end:])


@given(TEXT)
def test_folding_twice_changes_nothing_in_chinese(text):
    only = "".join(c for c in text if "\u4e00" <= c <= "\u9fff")
    assert fold(fold(only)) == fold(only)
    assert len(fold(only)) == len(only)


@given(st.text(IDEOGRAPHS, max_size=30), st.sampled_from(["tw", "hk"]))
def test_what_is_shown_in_the_other_script_is_found(text, variant):
    chinese.configure(Settings(hant_variant=variant))
    assert fold(convert(text, "hant")) == fold(text)


@given(TEXT)
def test_the_map_leads_back_to_the_text(text):
    offsets, folded = fold_map(text), fold(text)
    if offsets is None:
        assert len(folded) == len(text)
    else:
        assert len(offsets) == len(folded)
        assert offsets == sorted(offsets)
        assert all(0 <= offset < len(text) for offset in offsets)


def test_the_map_of_characters_that_fold_to_several():
    assert fold("㈱后ﬁx") == "(株)后fix"
    assert fold_map("㈱后ﬁx") == [0, 0, 0, 1, 2, 2, 3]
    assert fold_map("e\u0301後") == [0, 2]


def test_the_script_of_a_text():
    assert detect_script("業主須到客服中心辦理，驗收合格后方可。") == "hant"
    assert detect_script("业主须到客服中心办理") == "hans"
    assert detect_script("2026-03-16") == "hant"


def test_left_overs_of_the_other_script():
    text = "驗收合格后，皇后大道，采取措施，一并征集，台北里長托付"
    assert mixed_characters(text, "hant") == [(4, "后"), (11, "采"), (17, "并"), (18, "征")]
    assert mixed_characters("业主與租户", "hans") == [(2, "與")]


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not here (LIANXI_SEEDS)")
def test_left_overs_of_the_seeds():
    counts = [
        len(mixed_characters(text, detect_script(text)))
        for text in (path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt")))
    ]
    assert counts == [38, 0, 0, 0, 0]


def test_conversion_never_swaps_vocabulary():
    assert convert("社区信息短信打印", "hant") == "社區信息短信打印"
    assert convert("頭髮、發展、皇后", "hans") == "头发、发展、皇后"


def test_hong_kong_has_its_own_forms():
    assert convert("里面", "hant") == "裡面"
    chinese.configure(Settings(hant_variant="hk"))
    assert convert("里面", "hant") == "裏面"


def test_words_of_the_glossary_come_first():
    assert convert("登记台账，了解业户", "hant") == "登記台帳，了解業戶"
    assert convert("登記台帳", "hans") == "登记台账"


def test_the_site_edits_its_glossary(house):
    assert convert("软件", "hant") == "軟件"
    before = content_version()
    glossary.put_term(house.editor, "軟體", "软件")
    assert convert("新软件", "hant") == "新軟體"
    assert convert("新軟體", "hans") == "新软件"
    assert content_version() > before
    term = glossary.put_term(house.editor, "應用軟件", "软件")
    assert convert("软件", "hant") == "應用軟件"
    glossary.drop_term(house.editor, term.id)
    assert convert("软件", "hant") == "軟件"


def test_who_may_not_edit_the_glossary(house):
    for person in (None, house.owner, house.crew):
        with pytest.raises(NotAllowed):
            glossary.put_term(person, "軟體", "软件")
        with pytest.raises(NotAllowed):
            glossary.drop_term(person, 1)
    with pytest.raises(Invalid) as caught:
        glossary.put_term(house.editor, " ", "长" * 61)
    assert set(caught.value.fields) == {"hant", "hans"}
    with pytest.raises(NotFound):
        glossary.drop_term(house.editor, 999)


def test_a_change_by_another_process_is_seen_with_the_content_version(house):
    assert convert("软件", "hant") == "軟件"
    chinese.Term.create(hant="軟體", hans="软件")
    chinese.refresh(content_version())
    assert convert("软件", "hant") == "軟件"
    chinese.refresh(content_version() + 1)
    assert convert("软件", "hant") == "軟體"


def test_html_is_converted_in_its_text_only():
    html = '<p title="业户" data-x="a>后">业户&amp;<a href="/后">后面</a></p>'
    assert convert_html(html, "hant") == '<p title="业户" data-x="a>后">業戶&amp;<a href="/后">後面</a></p>'


def test_words_are_whole_across_inline_tags_but_not_across_paragraphs():
    assert (
        convert_html("<p><b>头</b>发<br>皇</p><p>后面</p>", "hant") == "<p><b>頭</b>髮<br>皇</p><p>後面</p>"
    )
    assert convert_html("<td>皇</td><td>后</td>", "hant") == "<td>皇</td><td>後</td>"


@pytest.mark.parametrize(
    "kept",
    [
        "<span data-no-convert>后<b>里</b></span>",
        '<i lang="en">后</i>',
        '<i lang="zh-Hans">后<br>后</i>',
        "<!-- 后 -->",
    ],
)
def test_what_stays_as_it_is(kept):
    assert convert_html(f"<p>后面{kept}后面</p>", "hant") == f"<p>後面{kept}後面</p>"


def test_plain_chinese_is_not_kept():
    assert convert_html('<i lang="zh">后面</i>', "hant") == '<i lang="zh">後面</i>'


@given(st.text(alphabet="<>/ab \"'=后!-", max_size=30))
def test_no_html_breaks_the_conversion(html):
    assert fold(convert_html(html, "hant")) == fold(html)


@pytest.mark.parametrize(
    ("text", "to", "shown"),
    [
        ("請說「已收到」，不說『收到了』。", "hans", "请说“已收到”，不说‘收到了’。"),
        ("请说“已收到”。", "hant", "請說「已收到」。"),
        ("it’s", "hant", "it’s"),
        ("路燈白天亮著，沿著走，接著看著名單。", "hans", "路灯白天亮着，沿着走，接着看着名单。"),
        ("著名的原著，著作權顯著。", "hans", "著名的原著，著作权显著。"),
        ("著者拿著作業本，名著。", "hans", "著者拿着作业本，名著。"),
        ("看着", "hant", "看著"),
    ],
)
def test_quotation_marks_are_those_of_the_script(db, text, to, shown):
    assert chinese.convert(text, to) == shown


@pytest.mark.parametrize("config", ["s2tw", "s2hk", "t2s"])
def test_the_lean_converter_converts_as_opencc_does(config):
    """It leaves a dictionary of foreign names out, for 16 MB; no text of a community is any different."""
    papers = Path(__file__).parent / "papers"
    texts = [
        path.read_text("utf-8", errors="replace") for path in sorted(papers.rglob("*")) if path.is_file()
    ]
    texts += [
        "头发长了，皇后以后发展干部的面条",
        "里程表在家里，松树下很轻松",
        "系统关系到联系，云里雾里复习反复",
    ]
    assert "STPhrases.ocd2" in (chinese.DICTIONARIES / "s2tw.json").read_text("utf-8")
    own, lean = opencc.OpenCC(config), chinese._converter(config)
    for text in texts:
        for written in (text, opencc.OpenCC("t2s").convert(text)):
            assert lean.convert(written) == own.convert(written)
