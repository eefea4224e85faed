"""Libraries that few requests need: loaded when first used, so that a start costs neither their time nor their memory."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Late:
    """Stands for a module until somebody uses a name of it. Safe for threads: Python locks each import itself."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
