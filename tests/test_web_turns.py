"""Turns: one page at a time, nobody waits long, and what writes does not queue."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from portal.web.turns import Turns


class Slow:
    """An application that stays in the middle of a page until it is let go."""

    def __init__(self) -> None:
        self.inside, self.go = threading.Event(), threading.Event()
        self.calls = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.calls += 1
        if environ["PATH_INFO"] == "/slow":
            self.inside.set()
            assert self.go.wait(5)
        return [environ["PATH_INFO"].encode()]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slow_page_holds_nobody_up(method: str) -> None:
    app = Slow()
    turns = Turns(app)
    slow = threading.Thread(target=turns, args=({"REQUEST_METHOD": "GET", "PATH_INFO": "/slow"}, None))
    slow.start()
    assert app.inside.wait(5)
    assert list(turns({"REQUEST_METHOD": method, "PATH_INFO": "/quick"}, None)) == [b"/quick"]
    assert slow.is_alive()
    app.go.set()
    slow.join(5)


def test_pages_are_made_one_after_the_other() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        sum(range(2000))
        with lock:
            running -= 1
        return []

    turns = Turns(app)
    threads = [
        threading.Thread(target=lambda: [turns({"REQUEST_METHOD": "GET"}, None) for _ in range(50)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 1


def test_a_page_that_fails_gives_the_turn_back() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ValueError

    turns = Turns(app)
    for _ in range(3):
        with pytest.raises(ValueError):
            turns({"REQUEST_METHOD": "GET"}, None)
    assert turns._turn.acquire(timeout=0)
