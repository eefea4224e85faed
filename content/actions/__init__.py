"""The only door to a change of content: check, write, remember and announce, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content.actions.cleaning import clean, clean_roughly
from content.actions.drafts import autosave, autosaved, autosaves, drop_autosave
from content.actions.items import (
    change_owner,
    copy,
    create,
    discard_working_copy,
    edit,
    move,
    reorder,
    restore_revision,
    trash,
    untrash,
    working_values,
)
from content.actions.redirects import drop_redirect, edit_redirect, make_redirect
from content.actions.sections import (
    create_section,
    edit_section,
    move_section,
    reorder_sections,
    trash_section,
    untrash_section,
)
from content.actions.transitions import open_transitions, run_dated_transitions, transition
from content.db import transaction
from content.items import Item, Section
from content.people import Person


def publish_now(
    person: Person | None, kind: str, section: Section, values: Mapping[str, Any], *, uid: str | None = None
) -> Item:
    """Make an item and publish it, in one transaction (import). The person needs both rights."""
    with transaction():
        item = create(person, kind, section, values, uid=uid)
        return transition(person, item, "publish")


__all__ = [
    "autosave",
    "autosaved",
    "autosaves",
    "change_owner",
    "clean",
    "clean_roughly",
    "copy",
    "create",
    "create_section",
    "discard_working_copy",
    "drop_autosave",
    "drop_redirect",
    "edit",
    "edit_redirect",
    "edit_section",
    "make_redirect",
    "move",
    "move_section",
    "open_transitions",
    "publish_now",
    "reorder",
    "reorder_sections",
    "restore_revision",
    "run_dated_transitions",
    "transition",
    "trash",
    "trash_section",
    "untrash",
    "untrash_section",
    "working_values",
]
