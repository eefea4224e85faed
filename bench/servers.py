"""Servers as processes of their own: the portal as ``lianxi serve`` runs it, and the bare view beside it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import HOST, request_for

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0  # seconds until a server must have answered


class CannotRun(Exception):
    """A server did not start, or something else that a measurement needs is missing."""


@dataclass
class Server:
    """A server under way: where it listens, and its process."""

    port: int
    process: subprocess.Popen[bytes]

    def rss(self) -> float:
        """Memory of the process that is resident now, in MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise CannotRun("this system does not tell the memory of a process")

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of one page, as a visitor gets it."""
        with socket.create_connection((HOST, self.port), timeout=PATIENCE) as line:
            line.sendall(request_for(path).replace(b"keep-alive", b"close"))
            pieces = []
            while some := line.recv(262_144):
                pieces.append(some)
        head, _, body = b"".join(pieces).partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1]) if head else 0, body


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def portal(
    data: Path, *, cache: bool = True, worker: bool = False, first: str = "/healthz"
) -> Iterator[Server]:
    """``lianxi serve`` on a data folder; ready when it has answered ``first``."""
    port = free_port()
    command = Path(sys.executable).with_name("lianxi")
    if not command.exists():
        raise CannotRun(f"{command} is missing: run make setup")
    # An installed portal keeps its compiled modules; a shell that forbids that would be measured instead.
    ours = (
        name for name in os.environ if not name.startswith("LIANXI_") and name != "PYTHONDONTWRITEBYTECODE"
    )
    environment = {name: os.environ[name] for name in ours} | {
        "LIANXI_DATA": str(data),
        "LIANXI_HOST": HOST,
        "LIANXI_PORT": str(port),
        "LIANXI_RESPONSE_CACHE": "1" if cache else "0",
        "LIANXI_WORKER": "1" if worker else "0",
    }
    with _running([str(command), "serve"], environment, data / "serve.log", port, first) as server:
        yield server


@contextmanager
def bare(pages: Path, threads: int) -> Iterator[Server]:
    """The bare view on the ``.html`` files of a folder, each under its stem."""
    port = free_port()
    command = [sys.executable, "-m", "bench.bare", str(port), str(threads), str(pages)]
    with _running(
        command, dict(os.environ), pages / "bare.log", port, f"/{next(pages.glob('*.html')).stem}"
    ) as server:
        yield server


@contextmanager
def _running(
    command: list[str], environment: dict[str, str], log: Path, port: int, first: str
) -> Iterator[Server]:
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    server = Server(port, process)
    try:
        _await(server, first, log)
        yield server
    finally:
        _end(process)


def _await(server: Server, first: str, log: Path) -> None:
    """Wait for the first answer. Raises ``CannotRun`` with what the server said."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.process.poll() is None:
        try:
            status, _ = server.get(first)
        except OSError:
            time.sleep(0.005)
            continue
        if status == 200:
            return
        raise CannotRun(f"{first} was answered with {status}")
    raise CannotRun(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
