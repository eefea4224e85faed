"""Tokens, the query as a tree, and snippets: what needs no index."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from content import chinese
from content.chinese import fold
from content.search import SearchQuery, find
from content.search.snippets import passage
from content.search.tokens import Token, index_tokens, label_of, query_tokens
from content.search.tree import MAX_WORDS, missing, most_of, parse

TEXT = st.text(
    st.one_of(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.sampled_from("aZ09.*\"'「」“”()（）〔〕 \u3000\t\n\0,，。-~#^:?[]{}\\/&|!+"),
        st.characters(),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("folded", "tokens"),
    [
        ("物业管理", ["物业", "业管", "管理", "理"]),
        ("四(三)2", ["四", "三", "2"]),
        ("见4.7.2条", ["见", "4.7.2", "条"]),
        ("a4纸,word。", ["a4", "纸", "word"]),
        ("2013-04", ["2013", "04"]),
        ("完。", ["完"]),
        ("", []),
    ],
)
def test_what_a_text_is_found_by(folded, tokens):
    assert index_tokens(folded) == tokens


def test_what_a_query_needs():
    assert query_tokens("物业管") == (Token("物业"), Token("业管"))
    assert query_tokens("三") == (Token("三", prefix=True),)
    assert query_tokens("word") == (Token("word"),)
    assert query_tokens("word", prefix=True) == (Token("word", prefix=True),)
    assert query_tokens("a4纸") == (Token("a4"), Token("纸", prefix=True))
    assert query_tokens("…") == ()


@given(TEXT, st.data())
def test_a_text_has_the_keys_of_whatever_chinese_is_cut_out_of_it(text, data):
    folded = fold("".join(c for c in text if not "\ud800" <= c <= "\udfff"))
    keys = set(index_tokens(folded))
    start = data.draw(st.integers(0, len(folded)))
    piece = folded[start : data.draw(st.integers(start, len(folded)))]
    if piece and all("\u4e00" <= c <= "\u9fff" for c in piece):
        for token in query_tokens(piece):
            assert token.text in keys or (token.prefix and any(key.startswith(token.text) for key in keys))


@pytest.mark.parametrize(
    ("typed", "label"),
    [("4.7.2", "4.7.2"), ("四（三）2", "四(三)2"), ("第三條", "第三条"), ("4.", "4"), ("（一）", "(一)"),
     ("管理", ""), ("三天", ""), ("A4", "")],
)  # fmt: skip
def test_what_can_be_the_number_of_a_clause(typed, label):
    assert label_of(fold(typed)) == label


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("停水 通知", ["停水", "通知"]),
        ("停水\u3000停水", ["停水"]),
        ("「停水 通知」電梯", ["停水 通知", "电梯"]),
        ('"停水', ["停水"]),
        ("驗收合格後，方可。", ["验收合格后", "方可"]),
        ("《條例》", ["条例"]),
        ("冀物〔2013〕18號", ["冀物(2013)18号"]),
        ("wor*", ["wor"]),
        ("*", []),
        ("…… 。", []),
        ("\ud800停水\0通知", ["停水", "通知"]),
    ],
)
def test_reading_a_query(typed, words):
    assert [word.forms[0].needle for word in parse(typed).words] == words


def test_more_than_anybody_types_is_not_looked_at():
    assert len(parse(" ".join(f"詞{n}" for n in range(100))).words) == MAX_WORDS


@pytest.mark.parametrize(
    ("needle", "text", "found"),
    [
        ("18", "2018年", False),
        ("18", "第18號", True),
        ("18号", "2018号", False),
        ("wor*", "word", True),
        ("wor", "word", False),
        ("管理", "物业管理处", True),
        ("A4紙", "a4纸", True),
    ],
)
def test_the_exact_check(needle, text, found):
    assert parse(needle).words[0].matches((fold(text),)) is found


def test_the_weaker_question():
    assert most_of(parse("停水")) is None
    assert most_of(parse("「停水停電通知」")) is None
    assert most_of(parse("wording")) is None
    assert [most_of(parse(" ".join("甲乙丙丁戊"[:n]))).least for n in (2, 3, 4, 5)] == [1, 2, 2, 3]
    apart = most_of(parse("停水通知"))
    assert [word.typed for word in apart.words] == ["停水", "水通", "通知"]
    assert apart.least == 2
    assert missing(apart, [True, False, True]) == ()
    assert missing(apart, [True, False, False]) == ("通知",)


@given(TEXT)
def test_no_query_breaks_the_reading(typed):
    tree = parse(typed, [("软体", "软件")])
    assert tree.all
    for word in tree.words:
        assert word.forms[0].tokens
        word.matches(("停水",), "4.7")
    most_of(tree)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(TEXT)
def test_no_query_breaks_the_search(db, settings, typed):
    assert find(settings, None, SearchQuery(typed, limit=5, script="hans")).hits == []


LONG = (
    "本條說明。" * 40
    + "電梯停用時，值班員須立即通知業主，並在公告欄張貼停梯告示。"
    + "其他事項另行通知。" * 40
)


def plain(pieces):
    return "".join(text for _, text in pieces)


def marked(pieces):
    return [text for is_match, text in pieces if is_match]


def test_the_best_passage_is_shown_with_marks():
    pieces = passage(LONG, parse("电梯 公告栏").words)
    assert marked(pieces) == ["電梯", "公告欄"]
    assert plain(pieces).startswith("…")
    assert plain(pieces).endswith("…")
    assert "值班員須立即通知業主" in plain(pieces)
    assert len(plain(pieces)) < 160


def test_the_passage_starts_with_a_sentence():
    assert plain(passage(LONG, parse("停用").words)).startswith("…電梯停用時")


def test_without_a_match_the_beginning_is_shown():
    assert plain(passage(LONG, parse("火星").words)).startswith("本條說明。")
    assert passage("", parse("火星").words) == []


def test_marks_stay_right_in_the_other_script(db):
    chinese.forget()
    pieces = passage("头发与发展，后面是皇后，登记台账。", parse("发展 皇后 台賬").words, "hant")
    assert plain(pieces) == "頭髮與發展，後面是皇后，登記台帳。"
    assert marked(pieces) == ["發展", "皇后", "台帳"]


def test_marks_stay_right_where_lengths_change(db):
    chinese.Term.create(hant="電子郵件", hans="邮件")
    chinese.forget()
    pieces = passage("发邮件给业主", parse("业主").words, "hant")
    assert plain(pieces) == "發電子郵件給業主"
    assert marked(pieces) == ["業主"]
    chinese.forget()


def test_marks_are_where_folding_changes_lengths():
    assert marked(passage("㈱后㈱ﬁn", parse("后").words)) == ["后"]
    assert marked(passage("甲㈱乙", parse("株").words)) == ["㈱"]
    assert marked(passage("甲㈱", parse("(株*").words)) == ["㈱"]


def test_overlapping_matches_are_one_mark():
    assert marked(passage("物业管理处", parse("物业管理 管理处").words)) == ["物业管理处"]


def test_line_breaks_become_spaces():
    assert plain(passage("第一行\n第二行", parse("第二").words)) == "第一行 第二行"


@given(TEXT, TEXT)
def test_a_passage_always_shows_the_text_itself(text, typed):
    pieces = passage(text, parse(typed).words, length=10_000)
    assert plain(pieces).split() == text.split()
    for piece in marked(pieces):
        assert piece in text or piece.split()
