"""The index as a cache: other processes, two writers, damage, rebuilding under readers, comparing and mending."""

import gc
import shutil
import subprocess
import sys
import textwrap
import threading

import pytest

from content import actions, db, search
from content.items import Item
from content.outbox import Outgoing
from content.search import SearchQuery, find, folders, indexing
from content.search.backend import BrokenIndex, IndexBusy, IndexDocument, Mask
from content.search.documents import SearchDocument, index_documents
from content.search.tree import parse
from content.search.whoosh_backend import WhooshBackend
from content.search.whoosh_index import WhooshIndex
from tests.search_papers import index_all, publish, publish_papers, publish_policy, uids

AGREED = search.Agreement()


@pytest.fixture(autouse=True)
def closed(settings):
    yield
    search.close(settings)


def in_another_process(settings, code):
    """Run code in a process of its own, with the portal open and ``settings`` at hand."""
    opening = f"""
        from pathlib import Path
        from content import search, setup
        from content.settings import Settings
        settings = Settings(data=Path({str(settings.data)!r}))
        setup.open_portal(settings)
    """
    script = textwrap.dedent(opening) + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(process):
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return out


INDEX_ALL = "while search.index_pending(settings): pass"


def test_what_another_process_indexed_is_found_and_what_it_removed_is_gone(house, settings):
    publish(house, title="停水一", body="<p>水</p>")
    index_all(settings)
    assert len(uids(settings, "停水")) == 1
    second = publish(house, title="停水二", body="<p>水</p>")
    finished(in_another_process(settings, INDEX_ALL))
    assert len(uids(settings, "停水")) == 2
    actions.transition(house.administrator, second, "withdraw")
    finished(in_another_process(settings, INDEX_ALL))
    assert len(uids(settings, "停水")) == 1
    assert search.compare(settings) == AGREED


def test_merged_segments_do_not_bring_back_what_is_gone(house, settings):
    """Whoosh's own refresh keeps readers of segments that were merged away."""
    items = []
    for n in range(12):
        items.append(publish(house, title=f"停水{n}", body="<p>水</p>"))
        index_all(settings)
        find(settings, None, SearchQuery("停水"))
    for item in items[:10]:
        actions.transition(house.administrator, item, "withdraw")
        index_all(settings)
        assert item.uid not in uids(settings, "停水")
    assert search.compare(settings) == AGREED


def test_several_writers_at_once_write_everything_once(house, settings):
    for n in range(30):
        publish(house, title=f"停水{n}", body="<p>水</p>")
    others = [in_another_process(settings, "while search.index_pending(settings, 3): pass") for _ in range(2)]
    while search.index_pending(settings, 3):
        pass
    for other in others:
        finished(other)
    assert len(uids(settings, "停水")) == 30
    assert search.compare(settings) == AGREED
    assert not Outgoing.select().where(Outgoing.sent_at.is_null()).exists()


def test_a_job_done_twice_changes_nothing(house, settings):
    publish_policy(house)
    index_all(settings)
    Outgoing.update(sent_at=None).execute()
    index_all(settings)
    assert search.compare(settings) == AGREED


def test_a_batch_is_about_as_large_as_asked_for(house, settings):
    publish_policy(house, [(str(n), 1, "", "字") for n in range(1, 302)])
    assert [len(job.context["keys"]) for job in Outgoing.select().order_by(Outgoing.id)] == [200, 102]
    batches = []
    while done := search.index_pending(settings):
        batches.append(done)
    assert batches == [200, 102]


@pytest.mark.filterwarnings("ignore:unclosed file")  # Whoosh, when a file of its own is damaged
@pytest.mark.parametrize(
    "damage", ["absent", "no pointer", "no folder", "table of contents", "segments", "empty"]
)
def test_a_damaged_index_is_made_again(house, settings, damage):
    publish_papers(house)
    index_all(settings)
    wanted = uids(settings, "管理")
    search.close(settings)
    folder = folders.current(settings.index)
    if damage == "absent":
        shutil.rmtree(settings.index)
    elif damage == "no pointer":
        (settings.index / folders.POINTER).unlink()
    elif damage == "no folder":
        shutil.rmtree(folder)
    else:
        for path in folder.iterdir():
            if damage == "empty":
                path.unlink()
            elif ("_MAIN_1" in path.name or path.suffix == ".toc") == (damage == "table of contents"):
                path.write_bytes(b"\x00nonsense" * 7)
    assert uids(settings, "管理") == wanted
    assert search.compare(settings) == AGREED
    gc.collect()


def test_a_damaged_index_is_made_again_before_writing(house, settings):
    publish(house, title="停水一", body="<p>水</p>")
    index_all(settings)
    search.close(settings)
    shutil.rmtree(settings.index)
    publish(house, title="停水二", body="<p>水</p>")
    assert index_all(settings) == 1
    assert search.compare(settings) == AGREED
    assert len(uids(settings, "停水")) == 2


def test_without_content_there_is_an_index_all_the_same(db, settings):
    assert search.index_pending(settings) == 0
    assert find(settings, None, SearchQuery("停水")).mode == "none"
    assert search.compare(settings) == AGREED


def test_searching_goes_on_while_the_index_is_rebuilt(house, settings):
    publish_papers(house)
    index_all(settings)
    before, seen, stop = len(uids(settings, "管理")), [], threading.Event()

    def ask():
        while not stop.is_set():
            seen.append(len(uids(settings, "管理")))
        db.database.close()

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    told = []
    for _ in range(5):
        assert search.rebuild(settings, lambda done, total: told.append((done, total))) == 12
    stop.set()
    for reader in readers:
        reader.join()
    assert told == [(12, 12)] * 5
    assert seen
    assert set(seen) == {before}
    assert len(list(settings.index.glob("g-*"))) == 1


def test_what_changes_during_a_rebuild_is_not_lost(house, settings):
    _, changed, gone = (publish(house, title=f"停水{n}", body="<p>水</p>") for n in range(3))
    index_all(settings)

    def documents():
        yield from index_documents()
        publish(house, title="停水四", body="<p>水</p>")
        values = {**actions.working_values(changed), "title": "停電"}
        edited = actions.edit(house.administrator, changed, values, version=changed.version)
        actions.transition(house.administrator, edited, "publish")
        actions.transition(house.administrator, gone, "withdraw")
        index_all(settings)  # into the index that is being replaced

    indexing.backend(settings).rebuild(documents(), indexing._settle)
    assert search.compare(settings) == AGREED
    assert len(uids(settings, "停水")) == 2
    assert uids(settings, "停電") == [changed.uid]


def test_one_rebuild_is_enough_for_all_who_need_it(house, settings):
    publish(house, title="停水", body="<p>水</p>")
    index = indexing.backend(settings)
    assert index.rebuild(index_documents(), indexing._settle, instead_of="")
    first = index.generation()
    assert not index.rebuild(index_documents(), indexing._settle, instead_of="")
    assert index.generation() == first


def test_comparing_finds_every_difference_and_mending_removes_it(house, settings):
    items = [publish(house, title=f"停水{n}", body="<p>水</p>") for n in range(4)]
    index_all(settings)
    index = indexing.backend(settings)
    index.delete([items[0].uid])
    stray = IndexDocument("f" * 32, "1", ("停水",), (), ("everyone",), "notice", ("1",), 0)
    index.index([stray])
    SearchDocument.update(version="other").where(SearchDocument.key == items[1].uid).execute()
    expected = search.Agreement(missing=(items[0].uid,), stray=("f" * 32,), stale=(items[1].uid,))
    assert search.compare(settings) == expected
    assert not expected
    assert search.mend(settings) == expected
    assert search.compare(settings) == AGREED
    assert AGREED


def test_a_document_that_is_there_twice_is_stale(house, settings):
    item = publish(house, title="停水", body="<p>水</p>")
    index_all(settings)
    folder = folders.current(settings.index)
    twice = WhooshIndex(folder)
    twice.fill(index_documents())
    twice.close()
    assert search.compare(settings).stale == (item.uid,)
    search.mend(settings)
    assert search.compare(settings) == AGREED
    assert len(uids(settings, "停水")) == 1


def test_mending_a_damaged_index_makes_it_again(house, settings):
    item = publish(house, title="停水", body="<p>水</p>")
    index_all(settings)
    search.close(settings)
    shutil.rmtree(settings.index)
    assert search.compare(settings).missing == (item.uid,)
    assert search.mend(settings).missing == (item.uid,)
    assert search.compare(settings) == AGREED


def test_a_writer_waits_for_another_one_and_then_gives_way(house, settings, monkeypatch):
    publish(house, title="停水", body="<p>水</p>")
    index_all(settings)
    publish(house, title="停電", body="<p>水</p>")
    monkeypatch.setattr(folders.exclusive.__wrapped__, "__defaults__", (0.1,))
    with indexing.backend(settings).writing():
        with pytest.raises(IndexBusy), indexing.backend(settings).writing():
            pass
        assert search.index_pending(settings) == 0
    assert search.index_pending(settings) == 1


def test_a_killed_writer_leaves_no_lock_and_loses_nothing(house, settings):
    for n in range(60):
        publish(house, title=f"停水{n}", body="<p>水</p>")
    for _ in range(3):
        other = in_another_process(
            settings, "print('up', flush=True)\nwhile search.index_pending(settings, 2): pass"
        )
        other.stdout.readline()
        try:
            other.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            other.kill()
        other.communicate()
    index_all(settings)
    assert search.compare(settings) == AGREED
    assert len(uids(settings, "停水")) == 60


def test_the_mask_is_exact(tmp_path):
    index = WhooshIndex(tmp_path, create=True)
    everyone = Mask(frozenset({"everyone"}))

    def document(id, audiences=("everyone",), kind="notice", sections=("1",), published=0):
        return IndexDocument(id, "1", ("停水",), (), audiences, kind, sections, published)

    index.index(
        [
            document("a"),
            document("b", audiences=("staff", "role:crew")),
            document("c", kind="page", sections=("1", "12")),
            document("d", published=100, sections=("12", "3")),
        ]
    )

    def found(mask):
        return {candidate.id for candidate in index.search(parse("停水"), mask, 10)}

    assert found(everyone) == {"a", "c", "d"}
    assert found(Mask(frozenset({"role:crew"}))) == {"b"}
    assert found(Mask(frozenset())) == set()
    assert found(Mask(frozenset({"everyone"}), kinds=frozenset({"page"}))) == {"c"}
    assert found(Mask(frozenset({"everyone"}), section="1")) == {"a", "c"}
    assert found(Mask(frozenset({"everyone"}), section="2")) == set()
    assert found(Mask(frozenset({"everyone"}), since=100)) == {"d"}
    assert found(Mask(frozenset({"everyone"}), until=100)) == {"a", "c"}
    index.delete(["a"])
    assert found(everyone) == {"c", "d"}
    index.close()


def test_more_of_the_candidates_never_changes_their_order(house, settings):
    publish_policy(
        house, [(str(n), 1, "巡查" * (n % 3), "巡查" * (n % 7) + "記錄" * (n % 5)) for n in range(150)]
    )
    index_all(settings)
    index, mask = indexing.backend(settings), Mask(frozenset({"everyone"}))
    for tree in (parse("巡查"), parse("巡查 記錄"), parse("巡*")):
        most = [candidate.id for candidate in index.search(tree, mask, 1000)]
        assert len(most) > 60
        for limit in (1, 7, 20, 50):
            assert [candidate.id for candidate in index.search(tree, mask, limit)] == most[:limit]


def test_an_index_that_is_not_there_says_so(tmp_path):
    index = WhooshBackend(tmp_path)
    assert (index.ready(), index.generation()) == (False, "")
    with pytest.raises(BrokenIndex):
        index.ids()
    (tmp_path / folders.POINTER).write_text("../elsewhere")
    assert folders.current(tmp_path) is None


def test_rows_follow_the_item(house, settings):
    item = publish_policy(house)
    assert SearchDocument.select().where(SearchDocument.item == item).count() == 6
    jobs = Outgoing.select().count()
    search.note(Item.get_by_id(item.id))
    assert Outgoing.select().count() == jobs  # nothing changed, so nothing to do
    own = SearchDocument.get(SearchDocument.key == item.uid)
    assert (own.number, own.title, own.kind) == (None, "前台服務規程", "policy")
    assert own.text == "本規程供前台使用。"
