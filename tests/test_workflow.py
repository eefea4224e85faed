"""Definitions are checked when they are built, and the contract holds for every one of them."""

import pytest

from content.items import KINDS
from content.permissions import RULES
from content.workflow import BadWorkflow, State, Transition, Workflow, index_by_name
from content.workflows import PUBLISHING, TARIFF, WORKFLOWS

A, B = State("a", "A"), State("b", "B", public=True)


def step(**changes):
    values = {
        "name": "go",
        "label": "Go",
        "sources": ("a",),
        "target": "b",
        "permission": "item:edit",
        "verb": "item.gone",
    }
    return Transition(**{**values, **changes})


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"initial": "x"}, "unknown initial state"),
        ({"transitions": (step(target="x"),)}, "unknown state x"),
        ({"transitions": (step(sources=()),)}, "starts nowhere"),
        ({"transitions": (step(permission=""),)}, "needs no permission"),
        ({"transitions": (step(verb=""),)}, "leaves no trace"),
        ({"transitions": (step(), step())}, "two transitions"),
        ({"states": (A, B, A)}, "two states"),
        ({"states": (A, B, State("c", "C"))}, "nothing leads to c"),
    ],
)
def test_an_impossible_definition_is_refused(parts, complaint):
    values = {"name": "w", "initial": "a", "states": (A, B), "transitions": (step(),), **parts}
    with pytest.raises(BadWorkflow, match=complaint):
        Workflow(**values)


def test_two_definitions_of_one_name_are_refused():
    with pytest.raises(BadWorkflow, match="twice"):
        index_by_name((PUBLISHING, PUBLISHING))


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=lambda w: w.name)
def test_every_definition_uses_known_permissions_and_is_left_by_somebody(workflow):
    for one in workflow.transitions:
        assert one.permission in RULES, one.name
    for state in workflow.states:
        assert workflow.leaving(state.name), f"{state.name} is a dead end"
        if state.waits_for:
            assert any(t.permission == state.waits_for for t in workflow.leaving(state.name))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_every_kind_names_a_workflow_that_can_publish_and_withdraw(kind):
    workflow = WORKFLOWS[kind.workflow]
    assert workflow.public_states == {"published"}
    assert {"publish", "withdraw", "expire", "go_live"} <= {t.name for t in workflow.transitions}


def test_a_tariff_passes_manager_and_general_manager():
    """R-070, R-071: nothing leads from the author to the readers but through both."""
    assert TARIFF.waiting_states("item:endorse") == {"review"}
    assert TARIFF.waiting_states("item:approve") == {"approval"}
    to_public = [t for t in TARIFF.transitions if t.target == "published" and not t.automatic]
    assert {source for t in to_public for source in t.sources} == {"approval", "scheduled"}
    assert all(t.permission == "item:approve" for t in to_public)
