"""Accounts: made and kept, signed in to with sessions and a second factor, given back to who forgot, and erased.

What whoever keeps the portal does is here by name; what people do with their own account is in the modules
``registering``, ``own``, ``sessions``, ``second``, ``resetting``, ``helping``, ``holdings``, ``mine`` and ``erasing``.
"""

from content.accounts import erasing, helping, holdings, mine, own, registering, resetting, second, sessions
from content.accounts.keeping import (
    FIRST,
    acting_administrator,
    add,
    change_password,
    first_administrator,
    give_role,
    set_active,
    take_role,
)

__all__ = [
    "FIRST",
    "acting_administrator",
    "add",
    "change_password",
    "erasing",
    "first_administrator",
    "give_role",
    "helping",
    "holdings",
    "mine",
    "own",
    "registering",
    "resetting",
    "second",
    "sessions",
    "set_active",
    "take_role",
]
