"""When the database takes no more: full by its quota, locked by another writer, or read-only. Nothing is half written,
reading goes on, and what was typed stays in the form.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, db, search, setup
from content.db import database
from content.errors import Busy, StorageFull
from content.history import AuditEntry, Revision
from content.items import Item, address
from content.settings import Settings
from tests.conftest import notice
from tests.forms import fields_of, found_in, send, text_of
from tests.wholeness import broken

ROOT = Path(__file__).parents[1]
LONG = "明天上午停水，請提前儲水。" * 3000
# From linux/prctl.h and linux/capability.h.
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A portal that may take 2 MB, and gives a locked database up quickly."""
    return Settings(data=tmp_path / "var", worker=False, database_wait_ms=200, database_max_mb=2)


@pytest.fixture
def public(house: SimpleNamespace) -> Item:
    return actions.publish_now(house.reviewer, "notice", house.board, notice())


def fill(house: SimpleNamespace) -> int:
    """Write until there is no room, smaller and smaller; returns how many were written."""
    count = 0
    for length in (40_000, 4_000, 400, 40):
        for _ in range(1000):
            try:
                values = notice(f"第{count}號", f"<p>{LONG[:length]}</p>")
                actions.publish_now(house.reviewer, "notice", house.board, values)
            except StorageFull:
                break
            count += 1
        else:
            raise AssertionError("the quota does not hold")
    return count


def test_writing_until_the_quota_is_full_leaves_nothing_half_written(
    house: SimpleNamespace, settings: Settings, public: Item
) -> None:
    written = fill(house)
    assert written > 0
    assert Item.select().count() == written + 1
    assert broken() == []
    assert database.execute_sql("PRAGMA page_count").fetchone()[0] <= 2 * 256
    while search.index_pending(settings):
        pass
    assert search.compare(settings)


@pytest.mark.parametrize("act", ["edit", "transition", "copy", "move"])
def test_no_change_is_half_done_on_a_full_disk(house: SimpleNamespace, public: Item, act: str) -> None:
    draft = actions.create(house.editor, "notice", house.board, notice("草稿", f"<p>{LONG[:20_000]}</p>"))
    fill(house)
    before = (Revision.select().count(), AuditEntry.select().count(), Item.get_by_id(draft.id).version)
    acts = {
        "edit": lambda: actions.edit(
            house.editor, draft, {"body": f"<p>{LONG[:30_000]}</p>"}, version=draft.version
        ),
        "transition": lambda: actions.transition(house.reviewer, draft, "publish"),
        "copy": lambda: actions.copy(house.reviewer, draft, house.library),
        "move": lambda: [
            actions.move(house.reviewer, draft, place) for place in [house.library, house.board] * 200
        ],
    }
    with pytest.raises(StorageFull):
        acts[act]()
    assert broken() == []
    if act != "move":
        assert before == (
            Revision.select().count(), AuditEntry.select().count(), Item.get_by_id(draft.id).version
        )  # fmt: skip


def test_reading_goes_on_and_writing_too_once_there_is_room(
    house: SimpleNamespace, client: Any, public: Item
) -> None:
    fill(house)
    assert client.get(address(public)).status_code == 200
    assert client.get("/notices/").status_code == 200
    assert client.get("/search?q=停水").status_code == 200
    database.execute_sql("PRAGMA max_page_count = 4096")
    actions.publish_now(house.reviewer, "notice", house.board, notice("有空間了", f"<p>{LONG}</p>"))
    assert broken() == []


def test_the_editor_is_told_and_keeps_every_word(
    house: SimpleNamespace, client: Any, login: Any, public: Item
) -> None:
    login(client, "editor")
    fill(house)
    before = Item.select().count()
    answer = send(client, "/work/new/notice", title="停水", body=LONG)
    assert answer.status_code == 507
    assert "no storage left" in text_of(answer) or "儲存空間" in text_of(answer)
    assert found_in(answer, "//*[@id='problem']")
    kept = fields_of(answer)
    assert (kept["title"], kept["body"]) == ("停水", LONG)
    assert Item.select().count() == before
    database.execute_sql("PRAGMA max_page_count = 4096")  # somebody has made room
    assert client.post("/work/new/notice", data=kept).status_code == 303
    assert broken() == []


def test_a_locked_database_is_busy_and_nothing_is_lost(
    house: SimpleNamespace, client: Any, login: Any, public: Item
) -> None:
    login(client, "reviewer")
    path = f"/work/items/{public.id}/edit"
    fields = fields_of(client.get(path))
    fields["summary"] = "週四起"
    other = type(database.obj)(database.obj.database, timeout=0.1)
    with other.atomic("IMMEDIATE"):
        with pytest.raises(Busy):
            actions.edit(house.reviewer, public, {"summary": "改"}, version=public.version)
        answer = client.post(path, data=fields)
        assert client.get(address(public)).status_code == 200  # readers do not wait
    other.close()
    assert answer.status_code == 503
    again = fields_of(answer)
    assert again["summary"] == "週四起"
    assert client.post(path, data=again).status_code == 303
    assert actions.working_values(Item.get_by_id(public.id))["summary"] == "週四起"
    assert broken() == []


def test_a_database_that_became_read_only_is_read_on(
    house: SimpleNamespace, client: Any, login: Any, public: Item
) -> None:
    login(client, "editor")
    page = client.get("/work/new/notice")
    database.execute_sql("PRAGMA query_only = 1")  # what a file system remounted read-only answers
    try:
        assert client.get(address(public)).status_code == 200
        with pytest.raises(StorageFull):
            actions.create(house.editor, "notice", house.board, notice())
        fields = fields_of(page)
        fields["title"], fields["body"] = "停水", "很長的文字"
        answer = client.post("/work/new/notice", data=fields)
    finally:
        database.execute_sql("PRAGMA query_only = 0")
    assert answer.status_code == 507
    assert fields_of(answer)["body"] == "很長的文字"
    assert Item.select().count() == 1


@pytest.fixture
def shut_folder() -> Iterator[Path]:
    """A portal in a folder that the process of the test may read and not change."""
    base = Path(tempfile.mkdtemp(prefix="lianxi-shut-"))
    data = base / "var"
    setup.open_portal(Settings(data=data))
    database.close()
    for path in (base, *base.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield data
    for path in (base, data):
        path.chmod(0o755)
    shutil.rmtree(base)


def obey_permissions() -> None:
    """Let permission bits hold for a process of root, too."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)


@pytest.mark.parametrize("command", ["serve", "init", "check"])
def test_a_shut_data_folder_is_said_in_a_sentence(shut_folder: Path, command: str) -> None:
    call = [sys.executable, "-c", "from portal.cli import main; main(prog_name='lianxi')", command]
    environment = {**os.environ, "LIANXI_DATA": str(shut_folder), "LIANXI_LOCALE": "en", "LIANXI_PORT": "0"}
    done = subprocess.run(
        call, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=obey_permissions,
    )  # fmt: skip
    said = done.stderr + done.stdout
    assert "Traceback" not in said
    assert done.returncode == 1, said
    assert said.strip()


def test_the_quota_holds_for_every_connection(settings: Settings, house: SimpleNamespace) -> None:
    database.close()
    db.open_database(settings)
    assert database.execute_sql("PRAGMA max_page_count").fetchone()[0] == 2 * 256
