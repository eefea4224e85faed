"""The load: a few kept-open connections, each asking again as soon as it is answered. Runs in a process of its own.

``python -m bench.client PORT PATH --seconds 2 --connections 8`` prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import statistics
import time
from dataclasses import dataclass

HOST = "127.0.0.1"
LONGEST = 60.0  # seconds; nothing runs longer, whatever was asked for


class BadAnswer(Exception):
    """The server answered something else than 200, or closed the connection."""


@dataclass
class _Line:
    """One connection, and what has arrived on it of the answer under way."""

    socket: socket.socket
    began: float = 0.0
    got: bytes = b""
    whole: int = 0  # length of the answer with its head; 0 while the head is not complete


def request_for(path: str) -> bytes:
    """The bytes of a visitor's GET."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Language: zh-TW,zh;q=0.9\r\n"
        "User-Agent: lianxi-bench\r\nAccept: text/html\r\nConnection: keep-alive\r\n\r\n"
    ).encode("ascii")


def load(port: int, path: str, seconds: float, connections: int) -> dict[str, float]:
    """Ask for ``path`` for some seconds; requests per second and the median and 95th percentile in ms."""
    asked = request_for(path)
    times: list[float] = []
    lines = [_Line(socket.create_connection((HOST, port), timeout=20)) for _ in range(connections)]
    with selectors.DefaultSelector() as waiting:
        for line in lines:
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting.register(line.socket, selectors.EVENT_READ, line)
        start = time.perf_counter()
        end = start + min(seconds, LONGEST)
        for line in lines:
            _ask(line, asked)
        while (now := time.perf_counter()) < end or (not times and now < start + LONGEST):
            for key, _ in waiting.select(timeout=1.0):
                line = key.data
                if _complete(line):
                    times.append(time.perf_counter() - line.began)
                    _ask(line, asked)
        taken = now - start
    for line in lines:
        line.socket.close()
    if not times:
        raise BadAnswer(f"no answer for {path} within {seconds} s")
    times.sort()
    return {
        "rate": len(times) / taken,
        "p50": statistics.median(times) * 1000,
        "p95": times[int(len(times) * 0.95)] * 1000,
    }


def _ask(line: _Line, asked: bytes) -> None:
    line.got, line.whole, line.began = b"", 0, time.perf_counter()
    line.socket.sendall(asked)


def _complete(line: _Line) -> bool:
    """Take what has arrived; whether the answer is whole now."""
    some = line.socket.recv(262_144)
    if not some:
        raise BadAnswer("the server closed the connection")
    line.got += some
    if not line.whole:
        head, mark, _ = line.got.partition(b"\r\n\r\n")
        if not mark:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise BadAnswer(head.split(b"\r\n", 1)[0].decode("latin-1"))
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        line.whole = len(head) + 4 + int(length)
    return len(line.got) >= line.whole


def main() -> None:
    """Read the command line, load, print."""
    parser = argparse.ArgumentParser(prog="bench.client")
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--connections", type=int, default=8)
    given = parser.parse_args()
    print(json.dumps(load(given.port, given.path, given.seconds, given.connections)))


if __name__ == "__main__":
    main()
