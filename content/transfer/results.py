"""What an import tells of each document, and a check of each thing that is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from content.errors import DomainError, Invalid, Message


@dataclass(frozen=True)
class ImportResult:
    """What became of one document of a file (or of a file, when it was refused)."""

    source: str
    part: int = 1
    title: str = ""
    uid: str | None = None
    url: str = ""
    clauses: int = 0
    status: str = (
        "created"  # created, updated, unchanged, refused; would-create and would-update in a dry run
    )
    warnings: tuple[Message, ...] = ()
    error: Message | None = None


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be. A notice is worth knowing, a problem needs doing something.

    ``subject`` is one of ``SUBJECTS`` and stays as it is: programs read it.
    """

    subject: str
    level: Literal["problem", "notice"]
    message: Message
    mended: bool = False


SUBJECTS = (
    "schema", "database", "clock", "index", "files", "orphans", "outbox", "disk", "permissions", "backup", "mail",
    "maintenance", "worker",
)  # fmt: skip


def reason(error: DomainError) -> Message:
    """The sentence that says what is wrong: of an invalid document the first field's."""
    if isinstance(error, Invalid) and error.fields:
        return next(iter(error.fields.values()))[0]
    return error.message
