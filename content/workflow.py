"""What a workflow is: states, transitions and worklists as checked data. Knows no particular rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


class BadWorkflow(ValueError):
    """A definition that cannot work; raised when it is built, so at import."""


@dataclass(frozen=True)
class State:
    """A state of a record. ``public`` means that its audience may read it."""

    name: str
    label: str
    public: bool = False
    waits_for: str = ""  # the worklist: whose permission it waits for
    mark: str = "●"  # shape of the state's chip; colour never says it alone


@dataclass(frozen=True)
class Transition:
    """A step from some states to another one, with the permission it needs.

    ``automatic`` names the date on which the scheduler takes the step. ``when`` "ahead" offers the step only
    while the publishing date lies ahead, "due" only while it does not. ``clears`` names dates it empties.
    """

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    permission: str
    verb: str  # of the audit entry: a past fact such as "item.published"
    comment: Literal["no", "optional", "required"] = "no"
    automatic: Literal["", "publish_at", "expire_at"] = ""
    when: Literal["", "ahead", "due"] = ""
    clears: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()  # who hears of it: "author", or roles
    rule: str = ""  # the R-number it comes from, where there is one


@dataclass(frozen=True)
class Workflow:
    """A workflow; building an impossible one raises ``BadWorkflow``."""

    name: str
    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        names = {state.name for state in self.states}
        _demand(len(names) == len(self.states), self.name, "two states of one name")
        _demand(self.initial in names, self.name, f"unknown initial state {self.initial}")
        _demand(
            len({t.name for t in self.transitions}) == len(self.transitions),
            self.name,
            "two transitions of one name",
        )
        for step in self.transitions:
            unknown = ({*step.sources, step.target}) - names
            _demand(not unknown, self.name, f"{step.name}: unknown state {', '.join(sorted(unknown))}")
            _demand(bool(step.sources), self.name, f"{step.name} starts nowhere")
            _demand(bool(step.permission), self.name, f"{step.name} needs no permission")
            _demand(bool(step.verb), self.name, f"{step.name} leaves no trace")
        lost = names - self._reachable()
        _demand(not lost, self.name, f"nothing leads to {', '.join(sorted(lost))}")

    def _reachable(self) -> set[str]:
        found, grown = {self.initial}, True
        while grown:
            more = {t.target for t in self.transitions if found & set(t.sources)} - found
            found |= more
            grown = bool(more)
        return found

    def state(self, name: str) -> State:
        """The state with this name."""
        return next(state for state in self.states if state.name == name)

    def transition(self, name: str) -> Transition | None:
        """The transition with this name, if there is one."""
        return next((t for t in self.transitions if t.name == name), None)

    def leaving(self, state: str) -> tuple[Transition, ...]:
        """The transitions that start in a state."""
        return tuple(t for t in self.transitions if state in t.sources)

    @property
    def public_states(self) -> frozenset[str]:
        return frozenset(state.name for state in self.states if state.public)

    def waiting_states(self, permission: str) -> frozenset[str]:
        """The worklist: states that wait for a holder of ``permission``."""
        return frozenset(state.name for state in self.states if state.waits_for == permission)


def _demand(holds: bool, workflow: str, problem: str) -> None:
    if not holds:
        raise BadWorkflow(f"workflow {workflow}: {problem}")


def index_by_name(workflows: Iterable[Workflow]) -> dict[str, Workflow]:
    """Workflows by their name; two of one name are refused."""
    found: dict[str, Workflow] = {}
    for workflow in workflows:
        _demand(workflow.name not in found, workflow.name, "defined twice")
        found[workflow.name] = workflow
    return found
