"""Messages as JSON: kept in rows, said in the reader's language when they are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from content.errors import Message, Written


def pack(message: Message) -> dict[str, Any]:
    """The message as JSON-able data; values may be text, numbers, dates, times and messages."""
    return {"id": message.id, "values": {k: _pack_value(v) for k, v in message.values.items()}}


def unpack(data: Mapping[str, Any]) -> Message:
    """The message that ``pack`` wrote."""
    return Message(data["id"], {k: unpack_value(v) for k, v in data["values"].items()})


def _pack_value(value: object) -> Any:
    if isinstance(value, Message):
        return {"message": pack(value)}
    if isinstance(value, Written):
        return {"written": value.text, "script": value.script}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value)


def unpack_value(value: Any) -> object:
    """One value of a message as it was before packing."""
    if not isinstance(value, dict):
        return value
    if "message" in value:
        return unpack(value["message"])
    if "written" in value:
        return Written(value["written"], value["script"])
    return datetime.fromisoformat(value["time"]) if "time" in value else date.fromisoformat(value["date"])
