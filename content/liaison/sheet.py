"""The overview of the pairings 一覽表 as a table file (R-141). It holds what the office sees, and no formula."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from content import moment
from content.errors import N_, Message, msg
from content.liaison.duties import KINDS, together
from content.liaison.overview import FROM_BEGIN, Cell, coverage, last_lines
from content.people import Person

Say = Callable[[Message], str]
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
    rows: list[list[Any]] = []
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


def _written(title: str, heads: list[str], rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    for number, values in enumerate([heads, *rows], start=1):
        for column, value in enumerate(values, start=1):
            _put(sheet.cell(row=number, column=column), value, head=number == 1)
    for column in range(1, len(heads) + 1):
        longest = max(_width(sheet.cell(row=n, column=column).value) for n in range(1, len(rows) + 2))
        sheet.column_dimensions[get_column_letter(column)].width = min(44, longest + 2)
    sheet.freeze_panes = "D2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(cell: Any, value: Any, *, head: bool) -> None:
    """A value as itself: text stays text, whatever sign it begins with."""
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in tuple("=+-@\t\r")
    elif isinstance(value, date):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
    else:
        cell.value = value
    cell.font = Font(bold=head)
    cell.alignment = Alignment(vertical="top", wrap_text=True)


def _width(value: Any) -> int:
    return sum(1 if ord(char) < 0x2E80 else 2 for char in str(value or ""))
