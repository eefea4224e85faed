"""Accounts: made and kept, signed in to with sessions and a second factor, given back to who forgot, and erased.

What whoever keeps the portal does is here by name; what people do with their own account is in the modules
``registering``, ``own``, ``sessions``, ``second``, ``resetting``, ``helping``, ``holdings``, ``mine`` and ``erasing``;
what the back office does with those of others in ``roster``, ``roles`` and ``places``.
"""

from content.accounts import (
    erasing,
    helping,
    holdings,
    mine,
    own,
    places,
    registering,
    resetting,
    roles,
    roster,
    second,
    sessions,
)
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
    "places",
    "registering",
    "resetting",
    "roles",
    "roster",
    "second",
    "sessions",
    "set_active",
    "take_role",
]
