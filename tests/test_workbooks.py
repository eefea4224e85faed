"""Lists for spreadsheets: text stays text, a long list needs little memory, heavy readers load only when used."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, date, datetime

import openpyxl
import pytest

from content import workbooks


def test_what_would_run_or_be_read_as_a_number_stays_text() -> None:
    made = io.BytesIO()
    rows = [["=cmd|' /C calc'!A0", "3-2-11", "0012\x00", 7, date(2026, 3, 16), None]]
    workbooks.write(made, "清單/一", [(str(n), 10) for n in range(6)], rows)
    sheet = openpyxl.load_workbook(made).active
    first = [cell.value for cell in sheet[2]]
    assert first == ["=cmd|' /C calc'!A0", "3-2-11", "0012", 7, datetime(2026, 3, 16), None]
    assert [cell.data_type for cell in sheet[2]][:3] == ["s", "s", "s"]
    assert sheet["A2"].quotePrefix
    assert not sheet["B2"].quotePrefix
    assert sheet.title == "清單 一"


def test_a_time_is_that_of_the_site() -> None:
    at = datetime(2026, 3, 16, 20, 30, tzinfo=UTC)  # half past four in the morning in Shanghai
    made = io.BytesIO()
    workbooks.write(made, "x", [("t", 20)], [[at]])
    assert openpyxl.load_workbook(made).active["A2"].value == datetime(2026, 3, 17, 4, 30)
    assert "2026-03-17 04:30" in "".join(workbooks.csv_lines(["t"], [[at]]))


def test_csv_begins_with_the_mark_and_holds_no_formula() -> None:
    lines = "".join(workbooks.csv_lines(["=head"], [["＝1+1"], ["3E5"], ["ok"], [None], [5]]))
    assert lines == "\ufeff'=head\r\n'＝1+1\r\n'3E5\r\nok\r\n\"\"\r\n5\r\n"


def test_a_long_text_is_cut_where_a_cell_ends() -> None:
    made = io.BytesIO()
    workbooks.write(made, "x", [("t", 20)], [["長" * 40_000]])
    assert len(openpyxl.load_workbook(made).active["A2"].value) == workbooks.LONGEST_TEXT


@pytest.mark.parametrize("name", ["openpyxl", "icalendar", "segno"])
def test_heavy_libraries_are_not_loaded_by_a_start(name: str) -> None:
    ask = f"import sys, portal.app; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0
