"""A list as a workbook in which everything is text: nothing runs, and no room becomes a date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

LONGEST_TITLE = 31  # characters that a sheet's name may have


def write_sheet(
    target: IO[bytes], title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[str]]
) -> None:
    """Write rows of text under ``columns``, each a head and its width in characters; row by row, so that a long list
    needs little memory.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:LONGEST_TITLE])
    sheet.freeze_panes = "A2"
    for place, (_head, width) in enumerate(columns):
        sheet.column_dimensions[chr(ord("A") + place)].width = width
    sheet.append([_cell(sheet, head, bold=True) for head, _width in columns])
    for row in rows:
        sheet.append([_cell(sheet, text) for text in row])
    book.save(target)


def _cell(sheet: Any, text: str, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"  # also where it begins with "="
    cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True)
    return cell
