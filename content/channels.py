"""The ways out of the portal: what a mail looks like, and the one place that speaks to a mail server."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urlsplit

from content import moment
from content.errors import N_, Message, msg
from content.settings import Settings

# Seconds for each answer of the mail server; a whole delivery stays below ``outbox.LEASE``.
TIMEOUT = 30
# Python would write a long address in a header as encoded words, which no mail program reads as a link.
_POLICY = SMTP.clone(max_line_length=500)
SUBJECT = 120


class NotSent(Exception):
    """The delivery failed and may succeed later."""


class Undeliverable(Exception):
    """The delivery failed and will always fail: a refused or malformed address."""


class SendingForbidden(AssertionError):
    """Something would have been sent for real within ``forbid_sending``."""


class Transport(Protocol):
    """Something that takes mail. Raises ``NotSent`` or ``Undeliverable``."""

    def send(self, message: EmailMessage) -> None:
        """Hand over one mail; when it returns, the other side is responsible for it."""

    def close(self) -> None:
        """Release the connection, if there is one."""


@dataclass(frozen=True)
class Words:
    """What a mail says: its first sentence, and further ones, each with the path it leads to."""

    message: Message
    lines: tuple[tuple[Message, str], ...] = ()


@dataclass(frozen=True)
class Letter:
    """What a mail is made of. ``url`` is a path of the portal; ``key`` makes the Message-ID.

    ``stop`` is the word with which the reader stops such mails without signing in.
    """

    address: str
    name: str
    message: Message
    url: str
    locale: str
    key: str
    lines: tuple[tuple[Message, str], ...] = ()
    stop: str = ""


_open: set[str] = set()


def configure(settings: Settings) -> None:
    """Open the channels that the settings can reach; rows of a closed one are not even written."""
    _open.clear()
    if is_configured(settings, "mail"):
        _open.add("mail")


def is_configured(settings: Settings, channel: str) -> bool:
    """Whether the settings say where this channel sends to."""
    return channel != "mail" or bool(settings.smtp_host)


def is_open(channel: str) -> bool:
    """Whether rows of this channel are written: always, but for mail without a mail server."""
    return channel != "mail" or channel in _open


def compose(settings: Settings, say: Callable[[Message, str], str], letter: Letter) -> EmailMessage:
    """The mail of a letter, in plain text and the recipient's language, with an absolute link.

    Raises ``Undeliverable`` for an address that is none.
    """
    sentence = _one_line(say(letter.message, letter.locale))
    site = _one_line(settings.site_name)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(sender(settings), site)
    mail["To"] = _address(letter.address, letter.name)
    mail["Subject"] = sentence if len(sentence) <= SUBJECT else sentence[: SUBJECT - 1] + "…"
    mail["Date"] = format_datetime(moment.now())
    mail["Message-ID"] = f"<{letter.key}@{_host(settings)}>"
    mail["Auto-Submitted"] = "auto-generated"  # keeps absence notes from answering
    home = settings.public_url.rstrip("/")
    lines = [sentence, ""]
    for message, url in letter.lines:
        lines += ["• " + _one_line(say(message, letter.locale))]
        lines += ["  " + home + url] if home and url.startswith("/") else []
    if letter.lines:
        lines.append("")
    if home and letter.url.startswith("/"):
        lines += [home + letter.url, ""]
    lines += [
        "-- ",
        say(msg(N_("Sent by %(site)s because you have an account there."), site=site), letter.locale),
    ]
    if home and letter.stop:
        stop = f"{home}/unsubscribe/{letter.stop}"
        # One click in the mail program is enough (RFC 8058).
        mail["List-Unsubscribe"] = f"<{stop}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        lines.append(say(msg(N_("No more mail like this: %(address)s"), address=stop), letter.locale))
    # base64: a server without 8BITMIME would spoil Chinese sent as it is.
    mail.set_content("\n".join(lines) + "\n", cte="base64")
    return mail


def sender(settings: Settings) -> str:
    """The sender's address: the setting, else made from the portal's own address."""
    return settings.mail_from or f"no-reply@{_host(settings)}"


def _host(settings: Settings) -> str:
    return urlsplit(settings.public_url).hostname or "localhost"


def _one_line(text: str) -> str:
    """Text for a header: no line break, no control character can start another header."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).split())


def _address(address: str, name: str) -> Address:
    try:
        if len(address) > 320:
            raise ValueError("too long")
        found = Address(display_name=_one_line(name), addr_spec=address)
    except (ValueError, HeaderParseError, IndexError) as error:
        raise Undeliverable(f"not a mail address: {address!r}") from error
    if not found.username or not found.domain:
        raise Undeliverable(f"not a mail address: {address!r}")
    return found


class SmtpTransport:
    """A mail server, connected at the first mail and kept for the rest of the batch."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand over one mail. A server that refuses the address for good raises ``Undeliverable``."""
        try:
            self._connected().send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            self._reset()
            code, text = next(iter(error.recipients.values()))
            raise (Undeliverable if 500 <= code < 600 else NotSent)(f"{code} {_said(text)}") from error
        except smtplib.SMTPResponseException as error:
            self.close()
            raise NotSent(f"{error.smtp_code} {_said(error.smtp_error)}") from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:  # the last for names and passwords
            self.close()
            raise NotSent(f"{type(error).__name__}: {error}") from error

    def _connected(self) -> smtplib.SMTP:
        if self.server is None:
            self.server = smtplib.SMTP(self.settings.smtp_host, self.settings.smtp_port, timeout=TIMEOUT)
            if self.settings.smtp_tls:
                self.server.starttls(context=ssl.create_default_context())
            if self.settings.smtp_user:
                self.server.login(self.settings.smtp_user, self.settings.smtp_password)
        return self.server

    def _reset(self) -> None:
        # smtplib resets the session itself after refused recipients; only a lost one must go.
        if self.server is not None and self.server.sock is None:
            self.server = None

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        server, self.server = self.server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()


def _said(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


_factory: Callable[[Settings], Transport] = SmtpTransport


@contextmanager
def transport(settings: Settings) -> Iterator[Transport]:
    """The way for mail, for one batch."""
    way = _factory(settings)
    try:
        yield way
    finally:
        way.close()


@contextmanager
def sending_through(factory: Callable[[Settings], Transport]) -> Iterator[None]:
    """Send through something else for a while (tests)."""
    global _factory
    before, _factory = _factory, factory
    try:
        yield
    finally:
        _factory = before


@contextmanager
def forbid_sending() -> Iterator[None]:
    """Make every attempt to send fail, also one that somebody swallowed: leaving raises again."""
    attempts: list[str] = []

    class Refusing:
        def __init__(self, settings: Settings) -> None:
            self.settings = settings

        def send(self, message: EmailMessage) -> None:
            attempts.append(f"{message['To']}: {message['Subject']}")
            raise SendingForbidden(f"a test would send mail to {attempts[-1]}")

        def close(self) -> None:
            """Nothing is open."""

    with sending_through(Refusing):
        yield
    if attempts:
        raise SendingForbidden(f"a test would have sent mail to {'; '.join(attempts)}")
