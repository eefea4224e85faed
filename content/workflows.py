"""The workflows of content and of matters, as data. Reading this file is knowing who may do what, when."""

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

# Matters of residents. Not among ``WORKFLOWS``, which are those of content: no state of it is ever public.
MATTER = Workflow(
    "matter",
    initial="received",
    states=(
        State("received", N_("Received"), waits_for="case:assign", mark="◔"),
        State("assigned", N_("Assigned"), waits_for="case:take", mark="◑"),
        State("in_hand", N_("In hand"), waits_for="case:answer", mark="◕"),
        State("answered", N_("Answered"), waits_for="case:close", mark="✓"),
        State("closed", N_("Closed"), mark="●"),
        State("reopened", N_("Reopened"), waits_for="case:take", mark="↻"),
        State("merged", N_("Merged"), mark="⤵"),
    ),
    transitions=(
        Transition("assign", N_("Assign"), ("received", "assigned", "in_hand", "reopened"), "assigned",
                   "case:assign", "case.assigned", comment="optional", tells=("owner", "parties"), rule="R-005"),
        Transition("take", N_("Take it"), ("received", "assigned", "reopened"), "in_hand",
                   "case:take", "case.taken", tells=("parties",), rule="R-040"),
        Transition("answer", N_("Answer"), ("received", "assigned", "in_hand", "reopened"), "answered",
                   "case:answer", "case.answered", comment="required", tells=("parties", "first_receiver"),
                   rule="R-043"),
        Transition("close", N_("Close the matter"), ("answered",), "closed",
                   "case:close", "case.closed", comment="optional", tells=("parties",), rule="R-011"),
        Transition("reopen", N_("Reopen"), ("answered", "closed"), "reopened",
                   "case:reopen", "case.reopened", comment="required", tells=("owner", "parties"), rule="R-034"),
        Transition("merge", N_("Merge"), ("received", "assigned", "in_hand", "reopened"), "merged",
                   "case:merge", "case.merged", tells=("parties",)),
    ),
)  # fmt: skip

# Meetings of a leader with a counselor (R-132–135). What is corrected after it was confirmed asks for it anew.
MEETING = Workflow(
    "meeting",
    initial="logged",
    states=(
        State("logged", N_("Waiting for the counselor"), waits_for="liaison:confirm", mark="◔"),
        State("confirmed", N_("Confirmed by both"), mark="✓"),
        State("withdrawn", N_("Taken back"), mark="○"),
    ),
    transitions=(
        Transition("confirm", N_("Confirm"), ("logged",), "confirmed", "liaison:confirm", "meeting.confirmed",
                   tells=("leader",), rule="R-132"),
        Transition("correct", N_("Correct"), ("logged", "confirmed"), "logged", "liaison:log", "meeting.corrected",
                   tells=("counselor",)),
        Transition("withdraw", N_("Take back"), ("logged",), "withdrawn", "liaison:log", "meeting.withdrawn"),
        Transition("restore", N_("Put it back"), ("withdrawn",), "logged", "liaison:log", "meeting.restored",
                   tells=("counselor",)),
    ),
)  # fmt: skip
