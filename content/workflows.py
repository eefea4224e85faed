"""The workflows of content, as data. Reading this file is knowing who may do what, when."""

from __future__ import annotations

from content.errors import N_
from content.workflow import State, Transition, Workflow, index_by_name

# The scheduler alone holds this permission.
DATED = "system:dated"

_DRAFT = State("draft", N_("Draft"), mark="✎")
_SCHEDULED = State("scheduled", N_("Scheduled"), mark="◷")
_PUBLISHED = State("published", N_("Published"), public=True, mark="✓")
_EXPIRED = State("expired", N_("Expired"), mark="○")
_WITHDRAWN = State("withdrawn", N_("Withdrawn"), mark="⏸")


def _afterwards(permission: str) -> tuple[Transition, ...]:
    """The steps that every workflow of content has once something is approved."""
    return (
        Transition("go_live", N_("Go live"), ("scheduled",), "published", DATED, "item.published",
                   automatic="publish_at", tells=("author",)),
        Transition("unschedule", N_("Cancel the date"), ("scheduled",), "draft", permission, "item.unscheduled",
                   comment="optional", clears=("publish_at",), tells=("author",)),
        Transition("withdraw", N_("Take down"), ("published",), "withdrawn", permission, "item.withdrawn",
                   comment="optional", tells=("author",)),
        Transition("expire", N_("Expire"), ("published",), "expired", DATED, "item.expired",
                   automatic="expire_at"),
        Transition("revise", N_("Make a draft of it again"), ("expired", "withdrawn"), "draft", "item:edit",
                   "item.revised", clears=("publish_at", "expire_at")),
    )  # fmt: skip


# Editor writes, reviewer publishes: pages, notices, services, events, policies.
PUBLISHING = Workflow(
    "publishing",
    initial="draft",
    states=(
        _DRAFT,
        State("review", N_("Waiting for review"), waits_for="item:publish", mark="◔"),
        _SCHEDULED,
        _PUBLISHED,
        _EXPIRED,
        _WITHDRAWN,
    ),
    transitions=(
        Transition("submit", N_("Submit for review"), ("draft",), "review", "item:edit", "item.submitted",
                   comment="optional", tells=("reviewer",)),
        Transition("recall", N_("Take back"), ("review",), "draft", "item:recall", "item.recalled"),
        Transition("return", N_("Return to the author"), ("review",), "draft", "item:publish", "item.returned",
                   comment="required", tells=("author",)),
        Transition("publish", N_("Publish"), ("draft", "review", "scheduled"), "published", "item:publish",
                   "item.published", comment="optional", when="due", tells=("author",)),
        Transition("schedule", N_("Publish on the date"), ("draft", "review"), "scheduled", "item:publish",
                   "item.scheduled", comment="optional", when="ahead", tells=("author",)),
        *_afterwards("item:publish"),
    ),
)  # fmt: skip

# A tariff passes the manager, who sets it with the heads, and the general manager, who approves.
TARIFF = Workflow(
    "tariff",
    initial="draft",
    states=(
        _DRAFT,
        State("review", N_("Waiting for the manager"), waits_for="item:endorse", mark="◔"),
        State("approval", N_("Waiting for the general manager"), waits_for="item:approve", mark="◑"),
        _SCHEDULED,
        _PUBLISHED,
        _EXPIRED,
        _WITHDRAWN,
    ),
    transitions=(
        Transition("submit", N_("Submit to the manager"), ("draft",), "review", "item:edit", "item.submitted",
                   comment="optional", tells=("manager",), rule="R-070"),
        Transition("recall", N_("Take back"), ("review",), "draft", "item:recall", "item.recalled"),
        Transition("endorse", N_("Endorse"), ("review",), "approval", "item:endorse", "item.endorsed",
                   comment="optional", tells=("general-manager",), rule="R-070"),
        Transition("return", N_("Return to the author"), ("review",), "draft", "item:endorse", "item.returned",
                   comment="required", tells=("author",), rule="R-070"),
        Transition("refuse", N_("Return to the author"), ("approval",), "draft", "item:approve", "item.returned",
                   comment="required", tells=("author",), rule="R-071"),
        Transition("publish", N_("Approve and publish"), ("approval", "scheduled"), "published", "item:approve",
                   "item.published", comment="optional", when="due", tells=("author",), rule="R-071"),
        Transition("schedule", N_("Approve for the date"), ("approval",), "scheduled", "item:approve",
                   "item.scheduled", comment="optional", when="ahead", tells=("author",), rule="R-071"),
        *_afterwards("item:approve"),
    ),
)  # fmt: skip

WORKFLOWS = index_by_name((PUBLISHING, TARIFF))
