# ruff: noqa: E501  commands are read as lines
"""The command line: shapes of its JSON, exit states, the acting person, and a server that runs beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PAPERS = Path(__file__).parent / "papers"
CALL = [sys.executable, "-c", "from portal.cli import main; main(prog_name='lianxi')"]


class Portal:
    """A data folder and the command that works on it, each call a process of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.env = {
            **os.environ,
            "LIANXI_DATA": str(data),
            "LIANXI_PORT": str(self.port),
            "LIANXI_LOCALE": "en",
        }

    def run(self, *words: str | Path, feed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CALL, *map(str, words)],
            env=self.env,
            cwd=ROOT,
            input=feed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *words: str | Path) -> list[dict[str, Any]]:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ask(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def serve(self) -> subprocess.Popen[str]:
        server = subprocess.Popen([*CALL, "serve"], env=self.env, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if self.ask("/healthz")[0] == 200:
                    return server
            except OSError:
                time.sleep(0.05)
        server.kill()
        raise AssertionError(server.communicate()[1])


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    made = Portal(tmp_path / "var")
    assert made.run("init").returncode == 0
    return made


@pytest.fixture
def server(portal: Portal) -> Iterator[subprocess.Popen[str]]:
    running = portal.serve()
    yield running
    if running.poll() is None:
        running.terminate()
    running.communicate(timeout=20)


def test_every_command_has_help() -> None:
    import importlib
    import importlib.util

    for name, (module, line) in COMMANDS.items():
        assert line.endswith(".")
        if importlib.util.find_spec(module):
            assert importlib.import_module(module).command.name == name


def test_the_list_of_commands_imports_none_of_them(tmp_path: Path) -> None:
    done = Portal(tmp_path / "none").run("--help")
    assert all(name in done.stdout for name in COMMANDS)
    loaded = "import sys, portal.cli; print(sorted(m for m in sys.modules if m.split('.')[0] in ('content', 'flask', 'lxml', 'peewee')))"
    answer = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
    assert not (tmp_path / "none").exists()


def test_serving_loads_no_reader_of_papers() -> None:
    loaded = "import sys, portal.cli.serve; print([m for m in ('content.transfer.reading', 'content.transfer.importing') if m in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_import_search_export_and_back(portal: Portal, tmp_path: Path) -> None:
    results = portal.json("import", PAPERS)
    assert len(results) == 11
    keys = {"source", "part", "title", "uid", "url", "clauses", "status", "warnings"}
    assert all(set(one) == keys and one["status"] == "created" for one in results)
    assert [one["status"] for one in portal.json("import", PAPERS)] == ["unchanged"] * 11
    (hit, *_) = portal.json("search", "投影机", "--limit", "3")
    assert {"kind", "title", "document", "number", "text", "snippet", "url", "score"} <= set(hit)
    assert (hit["kind"], hit["title"], hit["number"]) == ("policy", "東門花園會議室租借規程", "4.1.2.1")
    assert hit["url"].endswith("#4.1.2.1")
    (start, end) = hit["marks"][0]
    assert hit["snippet"][start:end] == "投影機"
    dump = tmp_path / "dump.jsonl"
    dump.write_text(portal.run("export", "--json").stdout)
    other = Portal(tmp_path / "other")
    assert other.run("init").returncode == 0
    back = other.json("import", dump)
    assert {one["uid"] for one in back} == {one["uid"] for one in results}
    assert other.json("search", "投影机")[0]["document"] == hit["document"]


def test_a_refused_file_is_status_one_and_the_rest_is_imported(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\x00binary")
    (tmp_path / "b.txt").write_text("甲規程\n1、甲。")
    done = portal.run("import", "--json", tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "missing.txt")
    assert done.returncode == 1
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["status"] for one in results] == ["refused", "created", "refused"]
    assert results[0]["error"] == "This is not a text file."
    dump = tmp_path / "dump.jsonl"
    dump.write_text(portal.run("export").stdout + "[" * 9000 + "\n")
    done = portal.run("import", "--json", dump)
    assert done.returncode == 1
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["status"] for one in results] == ["unchanged", "refused"]


@pytest.mark.parametrize(
    "words",
    [
        ["nosuch"],
        ["import"],
        ["search"],
        ["search", "x", "--limit", "0"],
        ["user", "add", "a", "--role", "king"],
        ["restore", "/nowhere.zip"],
    ],
)
def test_wrong_usage_is_status_two(tmp_path: Path, words: list[str]) -> None:
    done = Portal(tmp_path / "var").run(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_bad_setting_is_wrong_usage(portal: Portal) -> None:
    portal.env["LIANXI_PORT"] = "eighty"
    done = portal.run("init")
    assert done.returncode == 2
    assert "LIANXI_PORT" in done.stderr


def test_commands_act_as_the_person_they_are_given(portal: Portal) -> None:
    assert portal.run("user", "add", "eva", "--role", "editor").returncode == 0
    done = portal.run("import", PAPERS, "--as", "eva")
    assert done.returncode == 1
    assert "not allowed" in done.stderr
    assert portal.run("import", PAPERS, "--as", "nobody").returncode == 1
    assert portal.run("import", PAPERS, "--draft", "--as", "eva").returncode == 0
    assert portal.json("search", "投影機") == []


def test_accounts(portal: Portal) -> None:
    assert (
        portal.run(
            "user",
            "add",
            "eva",
            "--name",
            "伊娃",
            "--role",
            "editor",
            "--password-stdin",
            feed="long-enough\n",
        ).returncode
        == 0
    )
    assert portal.run("user", "add", "eva").returncode == 1  # the name is taken
    assert portal.run("user", "passwd", "eva", "--password-stdin", feed="short\n").returncode == 1
    assert len(portal.run("user", "passwd", "eva").stdout.strip()) >= 12
    assert portal.run("user", "role", "eva", "reviewer").returncode == 0
    assert portal.run("user", "role", "eva", "editor", "--remove").returncode == 0
    assert portal.run("user", "disable", "eva").returncode == 0
    listed = {one["username"]: one for one in portal.json("user", "list")}
    assert listed["eva"]["roles"] == ["reviewer"]
    assert (listed["eva"]["active"], listed["eva"]["can_sign_in"]) == (False, False)
    assert portal.run("search", "x", "--as", "eva").returncode == 1
    assert portal.run("user", "disable", "administrator").returncode == 1  # the only one


def test_without_an_administrator_it_says_so(portal: Portal) -> None:
    with sqlite3.connect(portal.data / "lianxi.db") as database:
        database.execute("DELETE FROM membership")
    database.close()
    done = portal.run("import", PAPERS)
    assert done.returncode == 1
    assert "lianxi user add" in done.stderr


def test_check_reindex_and_a_portal_that_is_not_there(portal: Portal, tmp_path: Path) -> None:
    portal.run("import", PAPERS)
    assert portal.run("check").returncode == 0
    assert portal.run("reindex").returncode == 0
    assert portal.run("work", "--once").returncode == 0
    done = Portal(tmp_path / "none").run("check")
    assert done.returncode == 1
    assert not (tmp_path / "none").exists()


def test_beside_a_running_server(portal: Portal, server: subprocess.Popen[str], tmp_path: Path) -> None:
    results = portal.json("import", PAPERS)
    assert portal.json("search", "投影机")  # at return, whoever indexed it
    assert [one["level"] for one in portal.json("check")] == []
    assert portal.run("backup", tmp_path / "x.zip").returncode == 0
    (tmp_path / "late.txt").write_text("晚到規程\n1、晚到的一項。")
    portal.json("import", tmp_path / "late.txt")
    assert portal.ask(results[0]["url"])[0] == 200
    assert portal.run("restore", tmp_path / "x.zip").returncode == 0
    assert portal.json("search", "晚到") == []
    assert portal.ask(results[0]["url"])[0] == 200
    assert (
        "晚到"
        not in portal.ask("/search?q=晚到".replace("晚到", urllib.request.quote("晚到")))[1].split("</form>")[
            -1
        ]
    )
    assert portal.run("check").returncode == 0


def test_a_taken_port_is_one_sentence(portal: Portal, server: subprocess.Popen[str]) -> None:
    done = portal.run("serve")
    assert done.returncode == 1
    assert str(portal.port) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_in_peace(portal: Portal, number: signal.Signals) -> None:
    server = portal.serve()
    server.send_signal(number)
    said = server.communicate(timeout=20)[1]
    assert server.returncode == 0, said
    assert "Traceback" not in said
