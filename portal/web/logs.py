"""Lines of the log: readable text, or one JSON object a line; each with the number of the request that it is about.

No line names a person: people are numbers, and words of addresses that open something (calendars, letters) and mail
addresses in what a mail server said are masked in whatever form the log has.
"""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from content.settings import Settings

# The request that this thread answers; empty outside of requests.
request_id: ContextVar[str] = ContextVar("request_id", default="")
# First parts of addresses whose next part is a secret of somebody.
SECRET_PARTS = ("calendar", "unsubscribe", "forgot")
_SECRETS = re.compile(rf"(/(?:{'|'.join(SECRET_PARTS)})/)[^\s/?#\"'\\]+")
_PARTS = re.compile(rf"(/(?:{'|'.join(SECRET_PARTS)})/)[^/]+")
_MAIL = re.compile(r"[^\s@<>\"':;,()\[\]\\]+@(?=[\w-]+\.[\w.-]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def masked(text: str) -> str:
    """A text without what opens a private address and without names of mailboxes."""
    if "@" in text:
        text = _MAIL.sub("…@", text)
    return _SECRETS.sub(r"\1…", text)


def safe_path(path: str) -> str:
    """A path for the log: masked, of bearable length, on one line."""
    return masked(_CONTROL.sub("?", _PARTS.sub(r"\1…", path[:300])))


class OfRequest(logging.Filter):
    """Gives each line the number of the request that this thread answers."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = request_id.get()
        return True


class TextLines(logging.Formatter):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        id = getattr(record, "request_id", "")
        if id and id not in line:
            first, rest, others = line.partition("\n")
            line = f"{first} [{id}]{rest}{others}"
        return masked(line)


class JsonLines(JsonFormatter):
    """One object a line: time (UTC), level, logger, message, request_id, then what the line is about."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in log_data.items() if value not in (None, "")}

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def configure(settings: Settings, level: int = logging.INFO) -> None:
    """Write the log to standard error in the form that the settings ask for; once per process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(OfRequest())
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines(TEXT))
    logging.basicConfig(level=level, handlers=[handler])
