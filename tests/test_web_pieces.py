"""Pieces of pages that are kept: never those of somebody else, never those of before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from markupsafe import Markup

from content import actions, glossary
from portal.web import pieces
from tests.conftest import notice
from tests.forms import text_of

PLAIN = {"Accept-Language": "zh-TW"}


@pytest.fixture
def item(house: SimpleNamespace) -> Any:
    made = actions.create(house.editor, "notice", house.board, notice("電梯年檢"))
    return actions.transition(house.reviewer, made, "publish")


def listed(client: Any, language: str = "zh-TW") -> str:
    return text_of(client.get("/notices/", headers={"Accept-Language": language}))


def test_a_corrected_title_is_shown_at_once(client: Any, house: SimpleNamespace, item: Any) -> None:
    assert "電梯年檢" in listed(client)
    item = actions.edit(house.editor, item, {"title": "電梯年檢改期"}, version=item.version)
    actions.transition(house.reviewer, item, "publish")
    assert "電梯年檢改期" in listed(client)


def test_each_reader_gets_their_own_script(client: Any, item: Any) -> None:
    assert "電梯年檢" in listed(client)
    assert "电梯年检" in listed(client, "zh-CN")
    assert "電梯年檢" in listed(client)


def test_the_day_moves_on(client: Any, item: Any, clock: Callable[[timedelta], None]) -> None:
    assert "今天" in listed(client)
    clock(timedelta(days=1))
    assert "昨天" in listed(client)


def test_a_new_word_of_the_glossary_counts_at_once(client: Any, house: SimpleNamespace, item: Any) -> None:
    assert "电梯年检" in listed(client, "zh-CN")
    glossary.put_term(house.editor, "電梯", "升降机")
    assert "升降机年检" in listed(client, "zh-CN")


def test_the_header_of_a_reader_is_never_anothers(app: Any, login: Any, item: Any) -> None:
    visitor, editor = app.test_client(), app.test_client()
    login(editor, "editor")
    assert "editor 甲" in text_of(editor.get("/notices/"))
    assert "editor 甲" not in text_of(visitor.get("/notices/"))
    assert "editor 甲" in text_of(editor.get("/notices/"))


def test_a_header_leads_back_to_its_own_page(client: Any, item: Any) -> None:
    for path in ("/notices/?section=1", "/library/", "/notices/?section=1"):
        assert f'name="next" value="{path}"' in client.get(path, headers=PLAIN).get_data(as_text=True)


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST", 3)
    kept = pieces.Pieces()
    for number in range(10):
        kept.get(number, lambda number=number: Markup(str(number)))  # type: ignore[misc]
    assert len(kept._made) == 3
    assert kept.get(9, lambda: Markup("made anew")) == Markup("9")
    assert kept.get(0, lambda: Markup("made anew")) == Markup("made anew")
