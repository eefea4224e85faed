"""The one list of content types. A new kind is one module, and its name here."""

from __future__ import annotations

from content.items import KINDS, ContentType
from content.kinds import event, fee, notice, page, policy, service


def register(kind: ContentType) -> None:
    """Make a kind known to the engines. Raises ``ValueError`` for a name or address that is taken."""
    taken = {other.address for other in KINDS.values()}
    if kind.name in KINDS or kind.address in taken:
        raise ValueError(f"there is a kind named {kind.name} or at /{kind.address}/ already")
    KINDS[kind.name] = kind


for _module in (notice, service, fee, event, policy, page):
    register(_module.KIND)
