"""Steps of the workflows and other acts on content, for one piece or many; each goes through ``content.actions``."""

from __future__ import annotations

from collections.abc import Callable

from content import actions
from content.backoffice.declaring import Act, Input, Row, Values
from content.backoffice.registers import finding
from content.errors import N_, Message, NotFound, msg
from content.items import Item, Section
from content.people import Person
from content.permissions import may
from content.workflows import WORKFLOWS

COMMENT = Input(
    "comment", N_("Comment"), "text", max_length=2000, help=N_("The author reads it; may stay empty.")
)
REASON = Input(
    "comment", N_("Why?"), "text", required=True, max_length=2000,
    help=N_("The author reads it and knows what to change."),
)  # fmt: skip
STATES = {state.name: state.label for flow in reversed(WORKFLOWS.values()) for state in flow.states}
FROM_HERE = N_("This step is not open from “%(state)s”, or not yours.")
IN_TRASH = N_("It is in the trash. Take it out first.")


def _open(person: Person, row: Item, names: tuple[str, ...]) -> str:
    """The step among these that the person may take now; "" for none."""
    held = {step.name for step in actions.open_transitions(person, row)}
    return next((name for name in names if name in held), "")


def _step(
    name: str, label: str, explains: str, *, inputs: tuple[Input, ...] = (), also: tuple[str, ...] = ()
) -> Act:
    names = (name, *also)

    def refuses(person: Person, row: Row) -> Message | None:
        if row.trashed_at is not None:
            return msg(IN_TRASH)
        if _open(person, row, names):
            return None
        return msg(FROM_HERE, state=msg(STATES[row.stage or row.state]))

    def run(person: Person, row: Row, values: Values) -> None:
        step = _open(person, row, names) or name
        actions.transition(person, row, step, comment=values.get("comment") or "", version=row.version)

    return Act(name, label, run, refuses, explains, inputs=inputs)


def _may(permission: str) -> Callable[[Person, Row], Message | None]:
    def refuses(person: Person, row: Row) -> Message | None:
        if row.trashed_at is not None:
            return msg(IN_TRASH)
        return None if may(person, permission, row) else msg(N_("You are not allowed to do this."))

    return refuses


def _move(person: Person, row: Row, values: Values) -> None:
    section = Section.get_or_none(Section.id == values["section"])
    if section is None:
        raise NotFound()
    actions.move(person, row, section)


def _change_owner(person: Person, row: Row, values: Values) -> None:
    actions.change_owner(person, row, values["owner"], version=row.version)


def _trash(person: Person, row: Row, values: Values) -> None:
    actions.trash(person, row, version=row.version)


def _untrash(person: Person, row: Row, values: Values) -> None:
    actions.untrash(person, row)


ACTS: tuple[Act, ...] = (
    _step("submit", N_("Submit for review"), N_("Those who decide about it are told."), inputs=(COMMENT,)),
    _step("endorse", N_("Endorse"), N_("It then waits for the general manager."), inputs=(COMMENT,)),
    _step("publish", N_("Publish"), N_("Its readers see it at once; it can be taken down again."), inputs=(COMMENT,)),
    _step("schedule", N_("Publish on the date"), N_("It is published on the date that it bears."), inputs=(COMMENT,)),
    _step(
        "return", N_("Return to the author"), N_("It becomes a draft again, and the author is told why."),
        inputs=(REASON,), also=("refuse",),
    ),
    _step("unschedule", N_("Cancel the date"), N_("It becomes a draft again."), inputs=(COMMENT,)),
    _step(
        "withdraw", N_("Take down"), N_("Nobody reads it any more; it can be made a draft and published again."),
        inputs=(COMMENT,),
    ),
    _step("revise", N_("Make a draft of it again"), N_("Its dates are emptied.")),
    Act(
        "move", N_("Move to a section"), _move, _may("item:arrange"),
        N_("Its address stays; who may read it follows the section. It can be moved back."),
        inputs=(
            Input(
                "section", N_("Section"), "pick", required=True, find=finding.sections_named,
                name_of=finding.name_of_section,
            ),
        ),
    ),
    Act(
        "change_owner", N_("Change the owner"), _change_owner, _may("site:administer"),
        N_("The new owner works on it as its author and is told."),
        inputs=(
            Input(
                "owner", N_("New owner"), "pick", required=True, find=finding.staff_named,
                name_of=finding.name_of_person,
            ),
        ),
    ),
    Act(
        "trash", N_("Move to the trash"), _trash, _may("item:trash"),
        N_("Nobody finds it any more, by its address neither; it can be taken out again."), danger=True,
    ),
    Act(
        "untrash", N_("Take out of the trash"), _untrash, finding.not_trashed,
        N_("It is again what it was."),
    ),
)  # fmt: skip
