"""Lists as XLSX and CSV: row by row, so that a long one needs little memory; text stays text, so that nothing runs
and no room becomes a date.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

from content import moment
from content.late import Late

_openpyxl = Late("openpyxl")
_cells = Late("openpyxl.cell")
_characters = Late("openpyxl.cell.cell")
_styles = Late("openpyxl.styles")
_letters = Late("openpyxl.utils")

LONGEST_TITLE = 31  # characters that a sheet's name may have
LONGEST_TEXT = 32_767  # characters that a cell can hold
_NO_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
# What XML cannot hold beside the control characters: a single one would spoil the whole workbook.
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
# What a spreadsheet would run as a formula, after whatever it skips at the beginning.
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@＝＋－＠\t\r]")
# What it would read as a date or a number and so destroy: the rooms 3-2-11 and 3E5.
_NUMERIC = re.compile(r"\s*(\d+([.,]\d+)*([eE]\d+)?|\d{1,4}([-/.: ]\d{1,4}){1,3})\s*$")
Value = str | int | float | date | None


class Heading(NamedTuple):
    """The head of a column, and its width in characters (a Chinese one counts two)."""

    text: str
    width: int


class _Looks(NamedTuple):
    """The styles of a workbook, each made once: making them for every cell would take most of the time."""

    head: Any
    text: Any
    harmless: Any  # a text that would run: marked as typed with an apostrophe
    number: Any
    day: Any
    moment: Any


def write(
    target: IO[bytes] | Path,
    title: str,
    headings: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Value]],
    *,
    wrap: bool = False,
    freeze: str = "A2",
) -> None:
    """Write one sheet. Text is written as text; days, times (in the site's zone) and numbers as what they are.

    ``wrap`` breaks long texts and sets the sheet for landscape paper, its head repeated on each page.
    """
    book = _openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(_NO_TITLE).strip()[:LONGEST_TITLE] or "1")
    sheet.freeze_panes = freeze
    for place, (_head, width) in enumerate(headings, start=1):
        sheet.column_dimensions[_letters.get_column_letter(place)].width = width
    if wrap:
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = Late("openpyxl.worksheet.properties").PageSetupProperties(
            fitToPage=True
        )
        sheet.print_title_rows = "1:1"
    looks = _looks(sheet, wrap)
    sheet.append([_cell(sheet, str(head), looks, looks.head) for head, _width in headings])
    for row in rows:
        sheet.append([_cell(sheet, value, looks) for value in row])
    book.save(target)


def width_of(value: object) -> int:
    """How many characters wide a value is shown; a Chinese one counts two."""
    return sum(1 if ord(char) < 0x2E80 else 2 for char in str("" if value is None else value))


def csv_lines(heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """The lines of a CSV file for spreadsheets, the mark of UTF-8 before them."""
    line = io.StringIO()
    writer = csv.writer(line)
    yield "\ufeff"
    for values in chain([heads], rows):
        writer.writerow([_written(value) for value in values])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def harmless(text: str) -> str:
    """A cell of CSV that no spreadsheet runs or reads as a number: an apostrophe says that it is text."""
    return f"'{text}" if _FORMULA.match(text) or _NUMERIC.match(text) else text


def _written(value: Value) -> str | int | float:
    if isinstance(value, datetime):
        return f"{moment.local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else "" if value is None else value


def _looks(sheet: Any, wrap: bool) -> _Looks:
    def look(number_format: str = "General", *, bold: bool = False, quoted: bool = False) -> Any:
        cell = _cells.WriteOnlyCell(sheet, value="")
        cell.number_format = number_format
        if bold:
            cell.font = _styles.Font(bold=True)
        if wrap:
            cell.alignment = _styles.Alignment(vertical="top", wrap_text=True)
        cell.quotePrefix = quoted
        return cell._style

    return _Looks(
        look("@", bold=True), look("@"), look("@", quoted=True), look(), look("yyyy-mm-dd"), look("yyyy-mm-dd hh:mm")
    )  # fmt: skip


def _cell(sheet: Any, value: Value, looks: _Looks, look: Any = None) -> Any:
    if isinstance(value, str):
        text = _characters.ILLEGAL_CHARACTERS_RE.sub("", _NO_XML.sub("", value))[:LONGEST_TEXT]
        cell = _cells.WriteOnlyCell(sheet, value=text)
        cell.data_type = "s"  # also where it begins with "="
        cell._style = look or (looks.harmless if _FORMULA.match(text) else looks.text)
    elif isinstance(value, datetime):
        cell = _cells.WriteOnlyCell(sheet, value=moment.local(value).replace(tzinfo=None, microsecond=0))
        cell._style = looks.moment
    elif isinstance(value, date):
        cell = _cells.WriteOnlyCell(sheet, value=value)
        cell._style = looks.day
    else:
        cell = _cells.WriteOnlyCell(sheet, value=value)
        cell._style = looks.number
    return cell
