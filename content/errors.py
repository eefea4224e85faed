"""What can go wrong in the domain, said as a message id with values and rendered elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(text: str) -> str:
    """Mark an English source string for translation without translating it."""
    return text


@dataclass(frozen=True)
class Message:
    """A sentence for a reader: the English source string and the values it is filled with.

    A value may itself be a ``Message``, ``Written`` words, a date or a time; ``portal.web.i18n.say`` renders them.
    """

    id: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """Words of the content as a value of a ``Message``: each reader gets them in the script of the language."""

    text: str
    script: str = ""  # hant, hans, or "" where only the characters tell

    def __str__(self) -> str:
        return self.text


def msg(id: str, **values: object) -> Message:
    """Make a message; the id must be marked with ``N_`` or written literally at the call."""
    return Message(id, values)


class DomainError(Exception):
    """Base of all errors that a person is told about."""

    default = N_("That did not work.")

    def __init__(self, message: Message | None = None) -> None:
        self.message = message or Message(self.default)
        super().__init__(self.message.id)


class NotAllowed(DomainError):
    """The person may not do this; for private things the web shows it as absent."""

    default = N_("You are not allowed to do this.")


class NotFound(DomainError):
    """No such thing, or none that this person may know of."""

    default = N_("There is nothing at this address.")


class Invalid(DomainError):
    """Some fields cannot be accepted. ``fields`` maps a field name to its messages."""

    default = N_("Some entries need your attention.")

    def __init__(self, fields: Mapping[str, list[Message]], message: Message | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields)


class Conflict(DomainError):
    """Somebody else changed the record first. ``version`` is the one stored now."""

    default = N_("Somebody else changed this while you were editing.")

    def __init__(self, version: int, by: str = "", message: Message | None = None) -> None:
        super().__init__(message)
        self.version = version
        self.by = by


class Busy(DomainError):
    """The database is locked by another writer; trying again will work."""

    default = N_("The portal is busy just now. Please try again in a moment; what you typed is kept.")


class StorageFull(DomainError):
    """The disk or the quota of the database is full; nothing was written."""

    default = N_(
        "There is no storage left, so nothing was saved. What you typed is kept; please tell the administrator."
    )


class StorageReadOnly(StorageFull):
    """The data folder or the database cannot be written to; nothing was written, reading goes on."""

    default = N_(
        "The portal may only read its data just now, so nothing was saved. What you typed is kept; please tell the "
        "administrator."
    )


class TooLarge(DomainError):
    """A file or a request is above its limit."""

    default = N_("The file is too large.")
