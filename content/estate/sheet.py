"""Reading a list of homes from an XLSX file: hostile ones refused, merged cells spread, columns known by their headings."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from content import filetypes
from content.errors import N_, TooLarge, msg
from content.estate.checks import clean
from content.estate.headings import Column, column_of
from content.late import Late

_openpyxl = Late("openpyxl")
_cells = Late("openpyxl.utils.cell")

MB = 1024**2
MAX_BYTES = 20 * MB
MAX_UNPACKED = 100 * MB
MAX_ROWS = 20_000
MAX_COLUMNS = 60  # of a sheet that are looked at
MAX_CELLS = 800_000
MAX_SPREAD = 400_000  # cells in merged areas and under links, which the library walks one by one
HEAD_ROWS = 20  # among which the headings are looked for
MAX_SHEETS = 10
XLSX = "xlsx"

_AREAS = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\s[^>]*?\bref\s*=\s*[\"']([^\"']*)")
_TAGS = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\s")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
_CELLS = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br\s*=\s*[\"']([0-9]+)")
# What a spreadsheet shows where a formula failed.
_FAILED = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)")

DAMAGED = msg(N_("The file is damaged or incomplete. Please try to save it again."))
TOO_MANY_ROWS = msg(
    N_("The list has more than %(limit)s rows. Please divide it, or delete empty rows below it."),
    limit=MAX_ROWS,
)


@dataclass(frozen=True)
class Cell:
    """What a cell holds: its text, a day if it is one, and whether a failed formula stands in it."""

    text: str = ""
    day: date | None = None
    failed: bool = False


@dataclass(frozen=True)
class SheetRow:
    """A row of the list that is not empty. ``number`` is what the spreadsheet calls it; cells by column name."""

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Sheet:
    """A list as it was read. ``headings`` are the file's own words by column; ``unknown`` those nobody knows."""

    title: str
    headings: dict[str, str]
    unknown: list[str]
    rows: list[SheetRow]
    default_tenure: str = ""  # where the heading of the names says whose names they are: 業主姓名


def read_sheet(path: Path) -> Sheet:
    """The list in an XLSX file. Raises ``TooLarge`` above 20 MB or 20,000 rows; ``Invalid`` (field ``file``)."""
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(
            msg(N_("The file is larger than %(limit)s MB. Please divide the list."), limit=MAX_BYTES // MB)
        )
    if filetypes.recognise(path, path.name).ending != XLSX:
        raise filetypes.refused(msg(N_("Please choose a spreadsheet in the format XLSX.")))
    _guard(path)
    book = _open(path)
    try:
        for sheet in book.worksheets[:MAX_SHEETS]:
            found = _list_in(sheet)
            if found is not None:
                return found
    finally:
        book.close()
    text = N_(
        "No row of headings was found among the first %(rows)s rows. At least building and room are needed."
    )
    raise filetypes.refused(msg(text, rows=HEAD_ROWS))


# ---- refusing what would cost too much


def _guard(path: Path) -> None:
    """Look through the archive before the library does: sizes, entities, and areas as large as a sheet can be."""
    total = spread = cells = 0
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise filetypes.refused(msg(N_("The file is too large when it is unpacked.")))
            for part in parts:
                data = archive.read(part)
                if not _is_markup(part.filename, data):
                    continue
                total += len(data)
                if total > MAX_UNPACKED or _has_entities(data):
                    raise filetypes.refused(DAMAGED)
                spread += _spread(data)
                cells += len(_CELLS.findall(data))
                if cells > MAX_CELLS or any(len(row) > 7 for row in _ROW_NUMBER.findall(data)):
                    raise TooLarge(TOO_MANY_ROWS)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise filetypes.refused(DAMAGED) from error
    if spread > MAX_SPREAD:
        raise filetypes.refused(
            msg(N_("Too many cells are merged. Please undo merging outside the list and try again."))
        )


def _is_markup(name: str, data: bytes) -> bool:
    """Whether a part may be read as XML; what it is called is for the file to say, so that alone does not decide."""
    if name.lower().endswith((".xml", ".rels")):
        return True
    start = data[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    return start[:1] == b"<" or (not start and b"<" in data)


def _has_entities(data: bytes) -> bool:
    """Whether a part defines its own entities, or hides behind another encoding than the format's."""
    return b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\x00" in data[:200]


def _spread(data: bytes) -> int:
    areas = _AREAS.findall(data)
    if len(areas) != len(_TAGS.findall(data)) and b"mergeCell " in data:
        raise filetypes.refused(DAMAGED)
    return sum(_area_size(area.decode("ascii", "replace")) for area in areas)


def _area_size(area: str) -> int:
    found = _AREA.fullmatch(area)
    if found is None:
        return MAX_SPREAD + 1
    if not found[3]:
        return 1
    width: int = (
        abs(_cells.column_index_from_string(found[3]) - _cells.column_index_from_string(found[1])) + 1
    )
    return width * (abs(int(found[4]) - int(found[2])) + 1)


def _open(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that it leaves out
            # Opened here: by its name it would be refused while it is kept under another one.
            with path.open("rb") as opened:
                return _openpyxl.load_workbook(opened, data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:  # whatever a file that pretends to be a workbook makes of the library
        raise filetypes.refused(DAMAGED) from error


# ---- from cells to rows


def _list_in(sheet: Any) -> Sheet | None:
    if not hasattr(sheet, "iter_rows") or sheet.sheet_state != "visible":
        return None
    merged = _merged(sheet)
    head = _headings(sheet, merged)
    if head is None:
        return None
    number, places, unknown, texts = head
    tenures = {column_of(texts[place]) for name, place in places.items() if name == "name"}
    default = next((found.tenure for found in tenures if found is not None), "")
    headings = {name: texts[place] for name, place in places.items()}
    return Sheet(str(sheet.title), headings, unknown, _rows(sheet, merged, number, places), default)


def _merged(sheet: Any) -> dict[tuple[int, int], Any]:
    """The value of every cell of a merged area: that of its first one."""
    found: dict[tuple[int, int], Any] = {}
    for area in sheet.merged_cells.ranges:
        value = sheet.cell(area.min_row, area.min_col).value
        if value is None:
            continue
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, min(area.max_col, MAX_COLUMNS) + 1):
                found[row, column] = value
    return found


def _headings(sheet: Any, merged: dict[tuple[int, int], Any]) -> Any:
    """The row of headings: (its number, place of each column, headings nobody knows, text at each place)."""
    last = min(sheet.max_row or 0, HEAD_ROWS)
    for number, values in enumerate(_values(sheet, 1, last), start=1):
        places: dict[str, int] = {}
        unknown: list[str] = []
        texts = [clean(_plain(merged.get((number, place + 1), value))) for place, value in enumerate(values)]
        for place, text in enumerate(texts):
            found: Column | None = column_of(text)
            if found is not None and found.name not in places:
                places[found.name] = place
            elif text and text not in unknown and (found is None or texts.index(text) == place):
                unknown.append(text[:60])
        if "room" in places and len(places) > 1:
            return number, places, unknown, texts
    return None


def _values(sheet: Any, first: int, last: int) -> Iterator[tuple[Any, ...]]:
    width = min(sheet.max_column or 0, MAX_COLUMNS)
    if width and last >= first:
        yield from sheet.iter_rows(min_row=first, max_row=last, max_col=width, values_only=True)


def _rows(
    sheet: Any, merged: dict[tuple[int, int], Any], head: int, places: dict[str, int]
) -> list[SheetRow]:
    last = _last_row(sheet)
    if last - head > MAX_ROWS:
        raise TooLarge(TOO_MANY_ROWS)
    found = []
    for number, values in enumerate(_values(sheet, head + 1, last), start=head + 1):
        cells = {
            name: _cell(merged.get((number, place + 1), values[place])) for name, place in places.items()
        }
        # An area merged over the whole width is a remark or a heading, not a home.
        if any(clean(_plain(values[place])) for place in places.values()):
            found.append(SheetRow(number, cells))
    return found


def _last_row(sheet: Any) -> int:
    """The last row in which anything stands; below it may be thousands that are only formatted."""
    return max((row for (row, _), cell in sheet._cells.items() if cell.value is not None), default=0)


def _plain(value: Any) -> str:
    """A value as people see it: 501.0 is 501, a day 2026-03-16."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(round(value, 6))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _cell(value: Any) -> Cell:
    day = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
    text = clean(_plain(value)[:1000])
    return Cell(text, day, bool(_FAILED.fullmatch(text)))
