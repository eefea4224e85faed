"""What an import tells of each document."""

from __future__ import annotations

from dataclasses import dataclass

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


def reason(error: DomainError) -> Message:
    """The sentence that says what is wrong: of an invalid document the first field's."""
    if isinstance(error, Invalid) and error.fields:
        return next(iter(error.fields.values()))[0]
    return error.message
