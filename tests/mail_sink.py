"""A small mail server on this machine that keeps what it is given, for tests of delivery."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Sink:
    """What came in; ``answer`` may refuse by command ("RCPT", "DATA", …) and its line."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    answer: Callable[[str, str], str | None] = lambda command, line: None
    offers: tuple[str, ...] = ()


class _Handler(socketserver.StreamRequestHandler):
    timeout = 10

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        sink: Sink = self.server.sink  # type: ignore[attr-defined]
        sink.connections += 1
        self.say("220 sink")
        while line := self.rfile.readline().decode("utf-8", "replace").rstrip("\r\n"):
            command = line.split()[0].upper()
            refusal = sink.answer(command, line)
            if refusal == "hang up":
                return
            if refusal:
                self.say(refusal)
            elif command == "EHLO":
                lines = ["sink", *sink.offers]
                for number, offer in enumerate(lines):
                    self.say(f"250{'-' if number < len(lines) - 1 else ' '}{offer}")
            elif command == "RCPT":
                sink.recipients.append(line.partition("<")[2].partition(">")[0])
                self.say("250 ok")
            elif command == "DATA":
                self.say("354 go on")
                self.take(sink)
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("235 ok" if command == "AUTH" else "250 ok")

    def take(self, sink: Sink) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        refusal = sink.answer("END", "")
        if refusal == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if not refusal:
            sink.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]
        self.say(refusal or "250 taken")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_sink() -> Iterator[Sink]:
    """Run the server on a free port of the loopback."""
    sink = Sink()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.sink = sink  # type: ignore[attr-defined]
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()
