# ruff: noqa: E501  examples are read as one line
"""What an import must bear: bad files, made-up records, links that lead out; and rules that an export cannot pass by."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, people, search, setup
from content.db import database
from content.history import WorkingCopy
from content.items import Item, ItemAudience, Section
from content.search.documents import SearchDocument
from content.settings import Settings
from content.transfer import importing, reading
from content.transfer.exporting import export_items
from content.transfer.importing import import_paths
from content.transfer.results import ImportResult
from tests.conftest import notice

PAPER = "雨傘借用服務規程\n1、借用點設在大堂,不收押金。\n2、值班員記下姓名和房號。\n"
POLICY = {
    "title": "鑰匙管理規程",
    "clauses": [
        {"uid": "", "number": n, "label": n, "depth": 1, "heading": "", "text": f"第{n}項。"}
        for n in ("1", "2")
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "papers"
    made.mkdir()
    return made


def bring(settings: Settings, house: SimpleNamespace, *paths: Path, **how: Any) -> list[ImportResult]:
    return list(import_paths(settings, house.administrator, list(paths), **how))


def records(house: SimpleNamespace, settings: Settings) -> list[dict[str, Any]]:
    return [
        json.loads(json.dumps(one)) for one in export_items(settings, house.administrator, with_files=True)
    ]


def dumped(folder: Path, *found: object) -> Path:
    path = folder / "dump.jsonl"
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in found))
    return path


HARD = {
    "ol.html": '<h1>規程</h1><ol start="abc"><li value="x">甲<li value="-3">乙<li value="99999999999999">丙</ol>',
    "deep.html": "<h1>規程</h1>" + "<div>" * 5000 + "甲",
    "brackets.txt": "[" * 4000,
    "braces.txt": '{"a":' * 4000,
    "long.txt": "1、" + "字" * 500_000,
}


@pytest.mark.parametrize("name", HARD)
def test_a_hard_file_leaves_the_others_alone(
    settings: Settings, house: SimpleNamespace, folder: Path, name: str
) -> None:
    (folder / name).write_text(HARD[name])
    (folder / "umbrella.txt").write_text(PAPER)
    found = {Path(r.source).name: r for r in bring(settings, house, folder)}
    assert found["umbrella.txt"].status == "created"
    assert (
        found[name].status == "created"
        if name in ("ol.html", "brackets.txt", "braces.txt")
        else found[name].error
    )


def test_numbers_of_a_list_that_are_none_count_on(folder: Path) -> None:
    (folder / "a.html").write_text(HARD["ol.html"])
    assert reading.read_paper_file(folder / "a.html", 50).text.split("\n")[1:] == ["1. 甲", "2. 乙", "3. 丙"]


def test_whatever_a_file_does_is_told_of_that_file(
    settings: Settings, house: SimpleNamespace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.txt").write_text("甲規程\n1、甲。")
    (folder / "b.txt").write_text(PAPER)

    def split(text: str, name: str) -> Any:
        if name == "a":
            raise ZeroDivisionError
        return before(text, name)

    before = importing.split_papers
    monkeypatch.setattr(importing, "split_papers", split)
    assert [r.status for r in bring(settings, house, folder)] == ["refused", "created"]


def test_every_file_is_read_once(
    settings: Settings, house: SimpleNamespace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        (folder / f"{name}.txt").write_text(f"{name} 規程\n1、甲。")
    seen: list[str] = []
    before = importing.read_paper_file

    def read(path: Path, limit: int) -> Any:
        seen.append(path.name)
        return before(path, limit)

    monkeypatch.setattr(importing, "read_paper_file", read)
    bring(settings, house, folder)
    assert sorted(seen) == ["a.txt", "b.txt"]
    monkeypatch.setattr(importing, "KEPT", 0)  # what does not fit into the memory is read again
    assert [r.status for r in bring(settings, house, folder)] == ["unchanged"] * 2


def without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda record: {key: value for key, value in record.items() if key != name}


def with_(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda record: {**record, **values}


def nested(depth: int) -> Any:
    found: Any = "x"
    for _ in range(depth):
        found = [found]
    return found


def twins(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "clauses": [{**clause, "uid": "a" * 32} for clause in record["clauses"]]}


DAMAGED = {
    "published since never": with_(published_at=None), "twin clauses": twins, "no version": with_(version=None),
    "no language": with_(language=None), "no position": with_(position=None), "huge version": with_(version=10**30),
    "huge position": with_(position=10**30), "year 1": with_(created_at="0001-01-01T00:00:00+08:00"),
    "year 9999": with_(published_at="9999-12-31T23:59:59-08:00"), "no zone": with_(changed_at="2026-03-01T00:00:00"),
    "a number for a time": with_(trashed_at=5), "a list for a title": with_(title=["x"]), "deep title": with_(title=nested(500)),
    "clauses without sense": with_(clauses=[1, 2]), "clause without uid": with_(clauses=[{"uid": 7}]), "no section": with_(section=None),
    "a list for a state": with_(state=["published"]), "scripts without sense": with_(scripts=[1]), "no uid": with_(uid=None),
    "an uid of its own": with_(uid="../../etc/passwd"), "no kind": without("kind"), "sources": with_(sources=[{"path": 1}]),
    "a copy without sense": with_(working_copy={"data": 1}), "huge number": with_(sources=[{"part": 10**30}]),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_a_made_up_record_is_refused_and_the_next_is_read(
    settings: Settings, house: SimpleNamespace, folder: Path, name: str
) -> None:
    actions.publish_now(house.administrator, "policy", house.library, POLICY)
    head, *_, item = records(house, settings)
    clauses = [{**clause, "uid": ""} for clause in item["clauses"]]
    bad = DAMAGED[name]({**item, "uid": "1" * 32, "clauses": clauses})
    good = {**item, "uid": "2" * 32, "clauses": clauses}
    results = bring(settings, house, dumped(folder, head, bad, good))
    assert [(r.part, r.status) for r in results] == [(2, "refused"), (3, "created")]
    assert results[0].error is not None
    assert Item.get_or_none(Item.uid == "1" * 32) is None


@pytest.mark.parametrize(
    "line",
    ["[" * 9000, '{"record":' * 9000, '{"record": "item", "version": ' + "9" * 6000 + "}", '{"record": []}'],
)
def test_a_line_that_no_parser_likes_is_refused(
    settings: Settings, house: SimpleNamespace, folder: Path, line: str
) -> None:
    head = records(house, settings)[0]
    assert [r.status for r in bring(settings, house, dumped(folder, head, line))] == ["refused"]


SECTIONS = {
    "no audience": with_(audience=None), "an audience that is none": with_(audience="role:king"), "no position": with_(position=None),
    "no title": with_(title=""), "library of words": with_(library="yes"), "year 1": with_(trashed_at="0001-01-01T00:00:00+08:00"),
    "no parent of ours": with_(parent="9" * 32),
}  # fmt: skip


@pytest.mark.parametrize("name", SECTIONS)
def test_a_made_up_section_is_refused(
    settings: Settings, house: SimpleNamespace, folder: Path, name: str
) -> None:
    head, section, *_ = records(house, settings)
    bad = SECTIONS[name]({**section, "uid": "1" * 32})
    assert [r.status for r in bring(settings, house, dumped(folder, head, bad))] == ["refused"]
    assert Section.get_or_none(Section.uid == "1" * 32) is None


def test_a_section_that_gets_another_audience_is_shared_anew(
    settings: Settings, house: SimpleNamespace, folder: Path
) -> None:
    item = actions.publish_now(house.administrator, "notice", house.board, notice())
    head, *_ = records(house, settings)
    board = next(r for r in records(house, settings) if r.get("slug") == "board" and r["record"] == "section")
    assert bring(settings, house, dumped(folder, head, {**board, "uid": "1" * 32, "audience": "staff"})) == []
    assert [row.audience for row in ItemAudience.select().where(ItemAudience.item == item.id)] == ["staff"]
    assert [row.audience for row in SearchDocument.select()] == ["staff"]
    assert search.find(settings, None, search.SearchQuery("停水")).total == 0


def test_a_section_with_something_in_it_cannot_go_to_the_trash_by_an_import(
    settings: Settings, house: SimpleNamespace, folder: Path
) -> None:
    actions.publish_now(house.administrator, "notice", house.board, notice())
    head, *rest = records(house, settings)
    board = next(r for r in rest if r.get("slug") == "board" and r["record"] == "section")
    gone = {**board, "uid": "1" * 32, "trashed_at": "2026-03-01T00:00:00+00:00"}
    assert [r.status for r in bring(settings, house, dumped(folder, head, gone))] == ["refused"]
    assert Section.get_by_id(house.board.id).trashed_at is None


def test_nothing_live_is_put_into_a_section_in_the_trash(
    settings: Settings, house: SimpleNamespace, folder: Path
) -> None:
    below = actions.create_section(house.administrator, house.board, "東區", "east")
    item = actions.publish_now(house.administrator, "notice", house.board, notice())
    actions.trash_section(house.administrator, below)
    head, *rest = records(house, settings)
    record = next(r for r in rest if r.get("uid") == item.uid)
    results = bring(settings, house, dumped(folder, head, {**record, "section": below.uid}))
    assert [r.status for r in results] == ["refused"]
    assert Item.get_by_id(item.id).section_id == house.board.id


def test_words_in_the_other_script_and_a_working_copy_are_cleaned(
    settings: Settings, house: SimpleNamespace, folder: Path
) -> None:
    item = actions.publish_now(house.administrator, "notice", house.board, notice())
    actions.edit(house.editor, item, {"title": "改過"}, version=item.version)
    head, *_, record = records(house, settings)
    evil = {"hans": {"body": "<p>好</p><script>x()</script>", "nonsense": 1}, "klingon": {}}
    copy = {**record["working_copy"], "data": {**record["working_copy"]["data"], "scripts": evil, "stray": 1}}
    bad = {**record, "scripts": evil, "working_copy": copy}
    assert [r.status for r in bring(settings, house, dumped(folder, head, bad))] == ["updated"]
    assert Item.get_by_id(item.id).scripts == {"hans": {"body": "<p>好</p>"}}
    data = WorkingCopy.get().data
    assert data["scripts"] == {"hans": {"body": "<p>好</p>"}}
    assert "stray" not in data


def test_a_file_that_is_not_what_its_record_says_is_refused(
    settings: Settings, house: SimpleNamespace, folder: Path
) -> None:
    import base64
    import hashlib

    page = b"<html><script>alert(1)</script></html>"
    head = records(house, settings)[0]
    record = {"record": "file", "uid": "1" * 32, "name": "x.html", "media_type": "text/html", "size": len(page),
              "sha256": hashlib.sha256(page).hexdigest(), "width": None, "height": None, "alt": "", "owner": "editor",
              "created_at": "2026-03-01T00:00:00+00:00", "trashed_at": None, "content": base64.b64encode(page).decode()}  # fmt: skip
    assert [r.status for r in bring(settings, house, dumped(folder, head, record))] == ["refused"]


def elsewhere(tmp_path: Path) -> Settings:
    """An empty portal of its own, open."""
    database.close()
    other = Settings(data=tmp_path / "other")
    setup.open_portal(other)
    people.give_role(people.add_person("administrator", "administrator"), "administrator")
    return other


def test_the_tree_comes_back_as_it_was(settings: Settings, house: SimpleNamespace, tmp_path: Path) -> None:
    """A section that left the library, one within another one in the trash."""
    admin = house.administrator
    moved = actions.create_section(admin, house.library, "舊", "old")
    Section.update(library=False).where(Section.id == moved.id).execute()
    outer = actions.create_section(admin, house.board, "外", "outer")
    inner = actions.create_section(admin, outer, "內", "inner")
    actions.trash_section(admin, inner)
    actions.trash_section(admin, outer)
    exported = records(house, settings)
    other = elsewhere(tmp_path)
    there = SimpleNamespace(administrator=people.find_person("administrator"))
    assert bring(other, there, dumped(tmp_path, *exported)) == []

    def bare(found: list[dict[str, Any]]) -> dict[str, Any]:
        return {r["uid"]: without("url")(r) for r in found if r["record"] == "section"}

    assert bare(records(there, other)) == bare(exported)
    database.close()


def test_papers_imported_again_after_an_export_are_the_same_documents(
    settings: Settings, house: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(PAPER.replace("雨傘", name * 3))
    first = bring(settings, house, folder)
    changed = Item.get(Item.uid == first[1].uid)
    actions.edit(house.administrator, changed, {"issuer": "客服中心"}, version=changed.version)
    actions.transition(house.administrator, Item.get_by_id(changed.id), "publish")
    exported = records(house, settings)
    other = elsewhere(tmp_path)
    there = SimpleNamespace(administrator=people.find_person("administrator"))
    dump = dumped(tmp_path, *exported)
    bring(other, there, dump)
    assert {r.status for r in bring(other, there, dump)} == {"unchanged"}
    assert [(r.uid, r.status) for r in bring(other, there, folder)] == [(r.uid, "unchanged") for r in first]
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(PAPER.replace("雨傘", name * 3) + "3、雨停即還。\n")
    again = bring(other, there, folder)
    assert [(r.uid, r.status) for r in again] == [(r.uid, "updated") for r in first]
    assert [any("changed in the portal" in w.id for w in r.warnings) for r in again] == [False, True]
    database.close()


def test_an_export_tells_nobody_else_where_papers_came_from(
    settings: Settings, house: SimpleNamespace, folder: Path
) -> None:
    (folder / "a.txt").write_text(PAPER)
    bring(settings, house, folder)
    (seen,) = [r for r in export_items(settings, house.tenant) if r["record"] == "item"]
    assert seen["sources"] == []


def test_an_export_without_sources_changes_nothing(
    settings: Settings, house: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    (folder / "a.txt").write_text(PAPER)
    (first,) = bring(settings, house, folder)
    old = [without("sources")(record) for record in records(house, settings)]
    assert [r.status for r in bring(settings, house, dumped(tmp_path, *old))] == ["unchanged"]
    assert [r.uid for r in bring(settings, house, folder)] == [first.uid]


def test_a_link_that_leads_out_of_the_folder_is_refused(
    settings: Settings, house: SimpleNamespace, folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("密碼規程\n1、密碼是甲。")
    (folder / "umbrella.txt").write_text(PAPER)
    (folder / "again.txt").symlink_to(folder / "umbrella.txt")
    (folder / "circle.txt").symlink_to(folder / "circle.txt")
    (folder / "notes.txt").symlink_to(outside / "secret.txt")
    (folder / "papers").symlink_to(outside)
    found = {Path(r.source).name: r for r in bring(settings, house, folder)}
    assert {name: r.status for name, r in found.items()} == {
        "again.txt": "created", "circle.txt": "refused", "notes.txt": "refused", "papers": "refused"}  # fmt: skip
    assert found["notes.txt"].error is not None
    assert "link" in found["notes.txt"].error.id
    assert search.find(settings, None, search.SearchQuery("密碼")).total == 0
    # Who names the link means the file; and a folder may be named by a link.
    assert [r.status for r in bring(settings, house, folder / "notes.txt")] == ["created"]
    (tmp_path / "by-name").symlink_to(folder)
    assert "unchanged" in {r.status for r in bring(settings, house, tmp_path / "by-name")}
