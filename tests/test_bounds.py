"""No text of whatever shape costs more than in proportion to its length; what is too long is refused."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from content import library, richtext
from content.errors import Invalid
from content.numbering import read_number
from content.transfer.doubts import missing_figures
from content.transfer.papers import split_papers, to_document
from content.transfer.reading import read_paper_file

QUICK = 0.5  # seconds below which growth says nothing


def seconds(function: Callable[[], Any]) -> float:
    started = time.process_time()
    function()
    return time.process_time() - started


def grows_in_proportion(made: Callable[[int], Callable[[], Any]], size: int) -> None:
    """Twice as much may take three times as long; small figures are noise. Beyond ten seconds nothing is."""
    small, large = seconds(made(size)), seconds(made(2 * size))
    assert large < 10
    assert large < max(QUICK, 3 * small)


OUTLINES = {
    "levels": lambda n: "1." * n,
    "cut clauses": lambda n: "1、甲\n文\n" * min(n // 8, 2400),
    "cut lines": lambda n: "甲，\n" * (n // 3),
    "marked": lambda n: "+ 1、甲。\n文字\n" * min(n // 12, 2400),
    "ever deeper": lambda n: "1、甲：\n(1)甲：\n" * min(n // 12, 2400),
    "doubtful": lambda n: "1、甲。\n" + "9 字\n" * (n // 4),
}


@pytest.mark.parametrize("name", OUTLINES)
def test_reading_clauses_grows_with_the_text(name: str) -> None:
    text = OUTLINES[name]
    grows_in_proportion(lambda n: lambda: library.parse_outline(text(n)), 16_000)


def test_no_number_has_more_than_twelve_levels() -> None:
    twelve = ".".join("1" * 12)
    assert read_number(f"{twelve} 甲。") is not None
    assert read_number(f"{twelve}.1 乙。") is None
    text = "".join(f"{'一二'[n % 2]}、甲：\n(1)甲：\n" for n in range(30))
    assert max(c["depth"] for c in library.parse_outline(text)) <= 12


def test_a_text_that_is_no_document_is_refused() -> None:
    for text in ("字" * 400_001, "1、甲。\n" * 5_001):
        for read in (library.parse_outline, library.parse_paper):
            with pytest.raises(Invalid) as refused:
                read(text)
            assert "clauses" in refused.value.fields
    assert len(library.parse_outline("1、甲。\n" * 5_000)) == 5_000


def clauses(texts: list[str], mark: str) -> list[dict[str, Any]]:
    return [
        {"uid": f"{n:032x}" if mark == "old" else "", "number": str(n), "label": f"{mark}{n}", "depth": 1,
         "heading": "", "text": text}
        for n, text in enumerate(texts)
    ]  # fmt: skip


def test_eight_hundred_changed_clauses_are_matched_in_a_moment() -> None:
    words, source = (
        "管理處負責鑰匙登記借用歸還值班員客服中心住戶業主維修班保安巡查記錄每日週檢查報告",
        random.Random(7),
    )
    texts = ["".join(source.choice(words) for _ in range(120)) for _ in range(800)]
    old = clauses(texts, "old")
    new = clauses([text[:100] + "已經改過了" for text in reversed(texts)], "new")
    found: list[dict[str, Any]] = []
    assert seconds(lambda: found.extend(library.align(old, new))) < 2
    assert [clause["uid"] for clause in found] == [clause["uid"] for clause in reversed(old)]


def test_clauses_that_all_read_alike_are_matched_in_a_moment() -> None:
    old = clauses([f"值班員應當按照規程辦理第{n}號事項並且做好記錄。" for n in range(800)], "old")
    new = clauses([c["text"].replace("記錄", "登記") for c in old], "new")
    found: list[dict[str, Any]] = []
    assert seconds(lambda: found.extend(library.align(old, new))) < 2
    assert [clause["uid"] for clause in found] == [clause["uid"] for clause in old]


FILES = {
    "md": ["<!--", "[", "[a](", "**a ", "# a #", "甲\n", "`a ~~b **c __d "],
    "html": ["<li>甲</li>", "<p>甲", "<article>甲</article>"],
    "txt": ["(", "_", "甲乙 第1页\n", "篇2:甲乙\n", "甲 "],
}


@pytest.mark.parametrize(("suffix", "piece"), [(s, piece) for s, pieces in FILES.items() for piece in pieces])
def test_reading_a_file_grows_with_the_file(tmp_path: Path, suffix: str, piece: str) -> None:
    def made(size: int) -> Callable[[], Any]:
        path = tmp_path / f"{size}.{suffix}"
        path.write_text(("<ol>" if suffix == "html" else "") + piece * (size // len(piece)))

        def read() -> None:
            for paper in split_papers(read_paper_file(path, 50).text, "x"):
                with suppress(Invalid):
                    to_document(paper)

        return read

    grows_in_proportion(made, 50_000)


@pytest.mark.parametrize("piece", ["_", "＿", "_ ", "≥ "])
def test_looking_for_missing_figures_grows_with_the_text(piece: str) -> None:
    grows_in_proportion(lambda n: lambda: missing_figures(piece * n), 8_000)


@pytest.mark.parametrize(
    "html",
    ["<ul><li>" * 20_000 + "深處的字", "<b>" * 60_000 + "深處的字", "<p>首</p>" + "<table><tr><td>" * 9_000 + "深處的字",
     "<div>" * 3_000 + "<script>x</script><!-- y -->深處的字&amp;<" + "</div>" * 3_000],
    ids=["lists", "bold", "tables", "boxes"],
)  # fmt: skip
def test_words_that_lie_beyond_all_depth_stay(html: str) -> None:
    kept = richtext.sanitise(html)
    assert "深處的字" in richtext.plain_text(kept)
    assert "x" not in kept
    assert richtext.sanitise(kept) == kept
    assert "深處的字" in richtext.plain_text(html)


def test_the_preview_of_clauses_says_that_a_text_is_too_long(client: Any, login: Any) -> None:
    from tests.conftest import csrf

    login(client, "editor")
    token = csrf(client.get("/work/"))
    answer = client.post("/work/outline", data={"csrf_token": token, "text": "字" * 400_001})
    assert answer.status_code == 200
    assert "400000" in answer.get_data(as_text=True)
