"""Lines of the log: one object a line, each with the request's number, none with what opens something or names somebody."""

from __future__ import annotations

import io
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions
from content.items import address
from content.settings import BadSetting, Settings
from portal.app import create_app
from portal.web import logs, observing
from tests.conftest import notice
from tests.test_cli import Portal

FORWARDED = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "lx.example",
}


@pytest.fixture
def said() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What a log in JSON would have written so far."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(logs.OfRequest())
    handler.setFormatter(logs.JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def app(settings: Settings, house: SimpleNamespace) -> Any:
    made = create_app(replace(settings, log_format="json"))
    made.config["TESTING"] = True
    return made


def requests(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in lines if one["logger"] == "lianxi.requests"]


def test_a_request_is_one_line_with_its_number(
    app: Any, house: SimpleNamespace, said: Any, login: Any
) -> None:
    client = app.test_client()
    login(client, "editor")
    answer = client.get("/notices/?words=secret")
    (line,) = [one for one in requests(said()) if one["path"] == "/notices/"]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/<kind:kind>/", 200)
    assert line["user"] == house.editor.id
    assert line["level"] == "INFO"
    assert line["duration_ms"] > 0
    assert line["time"].endswith("+00:00")
    everything = json.dumps(said(), ensure_ascii=False)
    assert "secret" not in everything
    assert house.editor.name not in everything
    assert '"editor"' not in everything


def test_a_page_from_the_cache_is_a_line_of_its_own(app: Any, house: SimpleNamespace, said: Any) -> None:
    item = actions.publish_now(house.reviewer, "notice", house.board, notice())
    numbers = [app.test_client().get(address(item)).headers["X-Request-ID"] for _ in range(2)]
    first, second = [one for one in requests(said()) if one["path"] == address(item)]
    assert [first["request_id"], second["request_id"]] == numbers
    assert numbers[0] != numbers[1]
    assert "kept" not in first
    assert (second["kept"], second["route"], second["status"]) == (True, first["route"], 200)
    assert "user" not in second


def test_every_line_within_a_request_has_its_number_and_the_page_says_it(app: Any, said: Any) -> None:
    def fail() -> str:
        raise ZeroDivisionError("broken")

    app.add_url_rule("/fail", "fail", fail)
    answer = app.test_client().get("/fail")
    number = answer.headers["X-Request-ID"]
    assert number in answer.get_data(as_text=True)
    (error,) = [one for one in said() if one["level"] == "ERROR"]
    assert error["request_id"] == number
    assert "ZeroDivisionError" in error["exc_info"]
    assert requests(said())[-1]["status"] == 500
    logging.getLogger("x").warning("after")
    assert "request_id" not in said()[-1]


def test_what_is_made_while_it_is_sent_has_its_number_to_the_end(app: Any, said: Any) -> None:
    def pieces() -> Iterator[str]:
        logging.getLogger("x").warning("on the way")
        yield "a"

    app.add_url_rule("/stream", "stream", lambda: app.response_class(pieces()))
    answer = app.test_client().get("/stream")
    assert answer.get_data(as_text=True) == "a"
    answer.close()
    (line,) = [one for one in said() if one["message"] == "on the way"]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert [one["path"] for one in requests(said())] == ["/stream"]
    assert app.extensions["tally"].under_way == 0


@pytest.mark.parametrize(("hops", "given", "taken"), [
    (1, "abcdef0123456789", True), (0, "abcdef0123456789", False), (1, "short", False), (1, "x" * 65, False),
    (1, "new\x0bline-here", False), (1, "<script>alert", False),
])  # fmt: skip
def test_a_sane_number_of_the_proxy_is_taken(
    settings: Settings, house: SimpleNamespace, hops: int, given: str, taken: bool
) -> None:
    client = create_app(replace(settings, trusted_proxies=hops)).test_client()
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is taken
    assert len(answer.headers.getlist("X-Request-ID")) == 1


@pytest.mark.parametrize(
    "path", ["/calendar/Tok3nTok3n.ics", "/unsubscribe/12.Word", "/forgot/Letter.x-y", "/calendar/a%0AERROR"]
)
def test_words_of_addresses_that_open_something_are_masked(app: Any, said: Any, path: str) -> None:
    app.test_client().get(path)
    (line,) = requests(said())
    assert line["path"] == f"/{path.split('/')[1]}/…"
    assert path.split("/")[2] not in json.dumps(said())


def test_every_address_with_a_secret_part_is_known_to_the_log(app: Any) -> None:
    """A new address with such a part must be named in ``SECRET_PARTS``."""
    for rule in app.url_map.iter_rules():
        if rule.arguments & {"token", "word", "letter", "code", "secret"}:
            assert str(rule).split("/")[1] in logs.SECRET_PARTS, rule


def test_mailboxes_and_line_breaks_are_masked_in_text_as_well() -> None:
    formatter = logs.TextLines("%(levelname)s %(message)s")
    record = logging.LogRecord("x", 30, "", 1, "550 no mailbox <li.wei@mail.example>", None, None)
    record.request_id = "abc123"
    assert formatter.format(record) == "WARNING 550 no mailbox <…@mail.example> [abc123]"
    assert logs.safe_path("/a\nERROR forged") == "/a?ERROR forged"
    assert len(logs.safe_path("/" + "x" * 9000)) <= 300


def test_the_readers_address_comes_from_a_trusted_proxy_only(
    settings: Settings, house: SimpleNamespace
) -> None:
    seen: list[tuple[str, str]] = []

    def ask(hops: int) -> tuple[str, str]:
        app = create_app(replace(settings, trusted_proxies=hops))
        from flask import request

        app.add_url_rule(
            "/who", "who", lambda: seen.append((request.remote_addr or "", request.host_url)) or ""
        )
        app.test_client().get("/who", headers=FORWARDED)
        return seen[-1]

    assert ask(0) == ("127.0.0.1", "http://localhost/")
    assert ask(1) == ("198.51.100.7", "https://lx.example/")
    assert ask(2) == ("203.0.113.9", "https://lx.example/")


@pytest.mark.parametrize(
    ("name", "value"),
    [("LIANXI_LOG_FORMAT", "xml"), ("LIANXI_TRUSTED_PROXIES", "6"), ("LIANXI_TRUSTED_PROXIES", "-1")],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Settings.from_env({name: value})


def test_text_has_no_line_for_each_request(settings: Settings, house: SimpleNamespace, said: Any) -> None:
    create_app(settings).test_client().get("/")
    assert requests(said()) == []
    assert observing.present_id


def test_all_that_a_server_says_is_one_object_a_line(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "var")
    portal.env |= {"LIANXI_LOG_FORMAT": "json", "LIANXI_WORKER": "1", "LIANXI_TRUSTED_PROXIES": "1"}
    server = portal.serve()
    code = (portal.data / "setup-code").read_text().strip()
    try:
        # Waitress would take away what a proxy says; then everybody in front would be this machine itself.
        asked = urllib.request.Request(f"http://127.0.0.1:{portal.port}/metrics", headers=FORWARDED)
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            urllib.request.urlopen(asked, timeout=10)
        refused.value.close()
        assert portal.ask("/metrics")[0] == 200
        assert portal.ask("/nowhere")[0] == 404
    finally:
        server.terminate()
        said = server.communicate(timeout=30)[1]
    lines = [json.loads(line) for line in said.splitlines()]
    assert {"lianxi.serve", "lianxi.setup", "lianxi.requests"} <= {line["logger"] for line in lines}
    assert [line["status"] for line in lines if line.get("path") == "/metrics"] == [404, 200]
    assert code not in said


def test_a_path_in_chinese_can_be_read_in_the_log(app: Any, said: Any) -> None:
    app.test_client().get("/notices/停水通知")
    app.test_client().get("/notices/%ff%0aERROR")
    assert [one["path"] for one in requests(said())] == ["/notices/停水通知", "/notices/\ufffd?ERROR"]
