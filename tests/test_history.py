"""Snapshots hold everything; comparison is by field and by word."""

import time

import pytest

from content import actions, history
from content.items import COMMON, KINDS, Item
from tests.samples import SAMPLES


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_snapshot_holds_every_field_and_writing_it_back_changes_nothing(house, kind):
    item = actions.create(house.editor, kind, house.board, SAMPLES[kind])
    before = history.snapshot(item)
    assert {spec.name for spec in (*COMMON, *KINDS[kind].fields)} <= set(before)
    for name, value in SAMPLES[kind].items():
        if name not in ("clauses", "lines"):
            assert before[name] == value, name
    actions.edit(house.editor, item, before, version=item.version)
    assert history.snapshot(Item.get_by_id(item.id)) == before
    assert history.compare(KINDS[kind], before, history.snapshot(Item.get_by_id(item.id))) == []


def pieces(old, new):
    changes = history.compare(KINDS["notice"], {"body": f"<p>{old}</p>"}, {"body": f"<p>{new}</p>"})
    return changes[0].pieces


def test_a_changed_figure_is_seen_as_that():
    assert pieces("輕微投訴 3 日內辦結。其餘不變。", "輕微投訴 12 日內辦結。其餘不變。") == [
        ("same", "輕微投訴 "), ("gone", "3"), ("new", "12"), ("same", " 日內辦結。"), ("same", "其餘不變。"),
    ]  # fmt: skip


def test_what_comes_and_goes_as_a_whole():
    assert pieces("甲。", "甲。乙。") == [("same", "甲。"), ("new", "乙。")]
    assert pieces("甲。乙。", "乙。") == [("gone", "甲。"), ("same", "乙。")]


def test_long_texts_are_compared_in_reasonable_time():
    old = "".join(f"第{n}句說明各部門的職責和時限。" for n in range(3000))
    new = old.replace("第1500句", "第壹仟伍佰句")
    started = time.process_time()
    assert ("gone", "1500") in pieces(old, new)
    assert time.process_time() - started < 5


def test_a_field_that_stayed_empty_is_no_change():
    assert history.compare(KINDS["notice"], {"issuer": ""}, {"issuer": None}) == []


def test_own_words_in_the_other_script_are_compared_too():
    old = {"title": "停水", "scripts": {"hans": {"title": "停水"}}}
    new = {"title": "停水", "scripts": {"hans": {"title": "停水了"}}}
    (change,) = history.compare(KINDS["notice"], old, new)
    assert (change.field, change.old, change.new) == ("scripts.title", "停水", "停水了")
    (gone,) = history.compare(KINDS["notice"], old, {"title": "停水", "scripts": None})
    assert gone.new == ""
