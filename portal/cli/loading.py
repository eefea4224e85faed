"""How the command line loads the rest of the portal."""

from __future__ import annotations

import gc
from importlib import import_module
from types import ModuleType


def module(name: str) -> ModuleType:
    """A module and all it needs. What loads stays: looking for garbage among it would only take time."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()
