"""The overview of the pairings 一覽表 as a table file (R-141). It holds what the office sees, and no formula."""

from __future__ import annotations

import io
from collections.abc import Callable

from content import moment, workbooks
from content.errors import N_, Message, msg
from content.liaison.duties import KINDS, together
from content.liaison.overview import FROM_BEGIN, Cell, coverage, last_lines
from content.people import Person

Say = Callable[[Message], str]
WIDEST = 44  # characters of a column
STANDINGS = {
    "done": N_("done"),
    "waiting": N_("waits for the counselor"),
    "due": N_("due"),
    "soon": N_("due soon"),
    "late": N_("missed"),
    "none": N_("nothing owed"),
}


def overview_sheet(person: Person | None, say: Say) -> bytes:
    """The roster of pairs of today with their quarters, as XLSX. ``say`` words the heads in the reader's language.

    Raises ``NotAllowed`` for anybody but the office.
    """
    matrix = coverage(person, by="counselor", unit="quarter")
    lines, today = last_lines(person), moment.today()
    begins = [msg(KINDS[one.kind].label) for one in FROM_BEGIN]
    heads = [
        msg(N_("Number")), msg(N_("Leader")), msg(N_("Position")), msg(N_("Counselor")), msg(N_("Position")),
        msg(N_("Paired since")), msg(N_("Together for")), *(one.label for one in matrix.periods), *begins,
        msg(N_("Last line for the office")), msg(N_("Day")),
    ]  # fmt: skip
    rows: list[list[workbooks.Value]] = []
    standing = [(row, pairing) for row in matrix.rows for pairing in row.current]
    for row, pairing in sorted(standing, key=lambda one: one[1].leader_id):
        line, day = lines.get(pairing.id, ("", None))
        rows.append(
            [
                len(rows) + 1, pairing.leader.name, pairing.leader.job, pairing.counselor.name,
                pairing.counselor.job, pairing.since, say(together(pairing, today)),
                *(_cell_words(cell, say) for cell in (*row.cells, *row.begins)), line, day,
            ]
        )  # fmt: skip
    return _written(say(msg(N_("Overview of leaders and counselors"))), [say(head) for head in heads], rows)


def _cell_words(cell: Cell, say: Say) -> str:
    letters = " ".join(f"{say(msg(KINDS[kind].letter))}{count}" for kind, count in cell.held)
    words = f"{cell.mark} {say(msg(STANDINGS[cell.standing]))}" if cell.standing != "none" else "–"
    return f"{words} {letters}".strip()


def _written(title: str, heads: list[str], rows: list[list[workbooks.Value]]) -> bytes:
    headings = []
    for column, head in enumerate(heads):
        longest = max([workbooks.width_of(head), *(workbooks.width_of(row[column]) for row in rows)])
        headings.append((head, min(WIDEST, longest + 2)))
    out = io.BytesIO()
    workbooks.write(out, title, headings, rows, wrap=True, freeze="D2")
    return out.getvalue()
