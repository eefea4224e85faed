"""What a matter of the demo is made of: plain data that ``casework`` plays through the real actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Told:
    """Words of a resident and what was answered. ``about`` is the demo user whom they are about, if anybody."""

    category: str
    words: str
    answer: str
    details: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
