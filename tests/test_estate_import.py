"""Lists of homes: read as people make them, each refused row explained, nothing half-imported, the same again nothing."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from content import people
from content.db import database
from content.errors import Invalid, NotAllowed, NotFound, TooLarge
from content.estate import acts, homes
from content.estate import sheet as sheets
from content.estate.importing import drop as drop_kept
from content.estate.importing import dry_run, forget_old, import_sheet, keep, kept
from content.estate.sheet import read_sheet
from content.history import AuditEntry
from content.households import Building, Household, Resident
from tests.estate import HEADS, LI, book, communities, furnished, rewritten


@pytest.fixture
def places(house: SimpleNamespace) -> SimpleNamespace:
    return communities()


def everything() -> list[Any]:
    """All that is stored of the estate."""
    tables = (Building, Household, Resident)
    return [list(table.select().order_by(table.id).tuples()) for table in tables]


def refused(plan: Any) -> dict[tuple[int, str], str]:
    return {(one.row, one.column): one.message.id for one in plan.problems}


def test_a_plain_list(house: SimpleNamespace, places: SimpleNamespace, tmp_path: Path) -> None:
    plan = import_sheet(house.manager, read_sheet(book(tmp_path / "a.xlsx", HEADS, LI)))
    assert plan.counts == {"buildings": 1, "households": 1, "residents": 1, "changed": 0}
    home = homes.find_household("東苑3-2-501")
    assert home is not None
    assert (homes.label(home), home.floor_area) == ("青禾東苑 3棟 2單元 501", 8950)
    resident = Resident.get()
    assert (resident.name, resident.address_form, resident.tenure) == ("李望舒", "女士", "owner")
    assert (resident.telephone, resident.email) == ("+8613800138000", "li@example.com")
    assert resident.since == date(2021, 5, 4)


def test_merged_cells_full_width_digits_and_numbers(
    house: SimpleNamespace, places: SimpleNamespace, tmp_path: Path
) -> None:
    """What an office really sends: a title, areas merged downwards, 501.0, ３棟, days of the spreadsheet."""
    path = book(
        tmp_path / "a.xlsx",
        ["二〇二六年住户一览表", *[None] * 8],
        ["小区", "楼栋", "单元", "房号", "面积", "业主姓名", "电话", "入住日期", "备注"],
        ["青禾东苑", "３", "２", 501.0, 89.5, "李望舒", 13800138000.0, datetime(2021, 5, 4), "x"],
        [
            None,
            None,
            None,
            "５０２",
            "９０．２５㎡",
            "周子安",
            "０７５５－２３４５６７８９",
            "2020年1月2日",
            None,
        ],
        [None, None, 3, "0601", None, "何穗", None, 43922, None],
        [None] * 9,
        ["本表僅供內部使用", *[None] * 8],
        merge=("A1:I1", "A3:A5", "B3:B5", "C3:C4", "A7:I7"),
    )
    sheet = read_sheet(path)
    plan = dry_run(house.manager, sheet)
    # A remark over the whole width is told as what it is: a row without a home.
    assert {row for row, _ in refused(plan)} == {7}
    plan = import_sheet(house.manager, sheet, good_rows=True)
    assert (plan.good, plan.refused, plan.unknown) == (3, 1, ["备注"])
    assert [homes.label(home) for home in homes.with_places()] == [
        "青禾東苑 3栋 2单元 501",
        "青禾東苑 3栋 2单元 502",
        "青禾東苑 3栋 3单元 0601",
    ]
    assert [home.floor_area for home in homes.with_places()] == [8950, 9025, None]
    found = {row.name: (row.telephone, row.since, row.tenure) for row in Resident.select()}
    assert found == {
        "李望舒": ("+8613800138000", date(2021, 5, 4), "owner"),
        "周子安": ("+8675523456789", date(2020, 1, 2), "owner"),
        "何穗": ("", date(2020, 4, 1), "owner"),
    }
    assert homes.find_household("3-3-601") is not None


def test_each_refused_row_is_explained(
    house: SimpleNamespace, places: SimpleNamespace, tmp_path: Path
) -> None:
    def but(**changes: Any) -> list[Any]:
        names = [
            "community",
            "phase",
            "building",
            "unit",
            "room",
            "area",
            "name",
            "form",
            "tenure",
            "telephone",
            "mail",
            "since",
        ]
        return [changes.get(name, value) for name, value in zip(names, LI, strict=True)]

    path = book(
        tmp_path / "a.xlsx",
        HEADS,
        LI,  # 2
        but(community="南苑"),
        but(building=""),
        but(room=None),  # 5
        but(room=datetime(2026, 3, 2)),
        but(area="大"),
        but(tenure="朋友"),
        but(telephone="123"),
        but(mail="li@"),  # 10
        but(since="上個月"),
        but(since="2030-01-01"),
        but(name=""),
        but(telephone="#N/A"),
        but(telephone="139 1234 5678"),  # 15: row 2 says another number
        but(area="91"),
        but(name="長" * 101),
        but(building="", room="", name=""),  # 18: three things at once
    )
    found = refused(dry_run(house.manager, read_sheet(path)))
    assert set(found) == {
        (3, "community"), (4, "building"), (5, "room"), (6, "room"), (7, "floor_area"), (8, "tenure"),
        (9, "telephone"), (10, "email"), (11, "since"), (12, "since"), (13, "name"), (14, "telephone"),
        (15, "telephone"), (16, "floor_area"), (17, "name"), (18, "building"), (18, "room"), (18, "name"),
    }  # fmt: skip
    assert "made a day of this" in found[6, "room"]
    assert found[15, "telephone"] == "Row %(row)s says something else of the same person."


def test_all_or_nothing_as_the_person_chooses(
    house: SimpleNamespace, places: SimpleNamespace, tmp_path: Path
) -> None:
    path = book(tmp_path / "a.xlsx", HEADS, LI, [*LI[:4], "502", *LI[5:9], "1", "", ""])
    before = everything()
    with pytest.raises(Invalid):
        import_sheet(house.manager, read_sheet(path))
    assert everything() == before
    plan = import_sheet(house.manager, read_sheet(path), good_rows=True)
    assert (plan.good, plan.refused) == (1, 1)
    assert [home.room for home in Household.select()] == ["501"]


def test_the_same_list_again_changes_nothing(
    house: SimpleNamespace, places: SimpleNamespace, tmp_path: Path
) -> None:
    other = ["青禾東苑", "", "3幢", "2", "502", "", "", "", "", "", "", ""]
    sheet = read_sheet(book(tmp_path / "a.xlsx", HEADS, LI, other, LI))
    first = import_sheet(house.manager, sheet)
    assert (first.good, first.same) == (3, 1)  # the last row says what the first one does
    before, audit = everything(), AuditEntry.select().count()
    again = import_sheet(house.manager, sheet)
    assert (again.good, again.same) == (3, 3)
    assert again.counts == {"buildings": 0, "households": 0, "residents": 0, "changed": 0}
    assert (everything(), AuditEntry.select().count()) == (before, audit)


def test_what_is_there_is_brought_up_to_date_and_never_emptied(
    house: SimpleNamespace, tmp_path: Path
) -> None:
    places = furnished(house.administrator)
    row = ["青禾東苑", "", "3號樓", "二單元", "501室", "90", "李望舒", "", "業主", "139 1234 5678", "", ""]
    plan = import_sheet(house.manager, read_sheet(book(tmp_path / "a.xlsx", HEADS, row)))
    assert plan.counts == {"buildings": 0, "households": 0, "residents": 0, "changed": 2}
    resident = Resident.get_by_id(places.owner.id)
    assert (resident.telephone, resident.address_form) == ("+8613912345678", "女士")
    assert Household.get_by_id(places.home.id).floor_area == 9000
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.verb, entry.difference["changed"]) == ("estate.imported", 2)
    assert "李" not in str(entry.__data__)


def test_who_moved_out_is_not_brought_back_by_an_old_list(house: SimpleNamespace, tmp_path: Path) -> None:
    places = furnished(house.administrator)
    acts.move_out(house.manager, places.owner, date(2026, 3, 1))
    path = book(tmp_path / "a.xlsx", HEADS, LI)
    assert set(refused(dry_run(house.manager, read_sheet(path)))) == {(2, "name")}
    path = book(tmp_path / "b.xlsx", HEADS, [*LI[:-1], "2026-03-02"])
    assert import_sheet(house.manager, read_sheet(path)).counts["residents"] == 1


def test_headings_of_either_script_and_english_and_whole_addresses(
    house: SimpleNamespace, places: SimpleNamespace, tmp_path: Path
) -> None:
    english = [
        "Community",
        "Building",
        "Unit",
        "Room no.",
        "Area (m²)",
        "Name",
        "Owner/Tenant",
        "Phone",
        "Since",
    ]
    path = book(
        tmp_path / "a.xlsx",
        english,
        ["青禾西苑", 5, "", "12A", 70, "Ann Lee", "Tenant", "+852 9123 4567", ""],
    )
    assert import_sheet(house.manager, read_sheet(path)).counts["residents"] == 1
    resident = Resident.get(Resident.name == "Ann Lee")
    assert (resident.tenure, resident.telephone) == ("tenant", "+85291234567")
    path = book(tmp_path / "b.xlsx", ["地址", "租客"], ["4-1-302", "高遠"], ["4棟1單元303室", "何晴"])
    plan = import_sheet(house.manager, read_sheet(path), places.east)
    assert plan.counts == {"buildings": 1, "households": 2, "residents": 2, "changed": 0}
    assert [homes.label(one) for one in homes.with_places()][:2] == [
        "青禾東苑 4棟 1單元 302",
        "青禾東苑 4棟 1單元 303",
    ]
    assert {row.tenure for row in Resident.select()} == {"tenant"}


def test_a_list_without_community_needs_one_beside_it(
    house: SimpleNamespace, places: SimpleNamespace, tmp_path: Path
) -> None:
    sheet = read_sheet(book(tmp_path / "a.xlsx", HEADS, ["", *LI[1:]]))
    assert set(refused(dry_run(house.manager, sheet))) == {(2, "community")}
    assert dry_run(house.manager, sheet, places.west).good == 1


def test_only_for_those_who_manage_homes_and_only_their_communities(
    house: SimpleNamespace, places: SimpleNamespace, tmp_path: Path
) -> None:
    sheet = read_sheet(book(tmp_path / "a.xlsx", HEADS, LI, ["青禾西苑", *LI[1:]]))
    for person in (None, house.owner, house.receptionist, house.editor):
        with pytest.raises(NotAllowed):
            dry_run(person, sheet)
        with pytest.raises(NotAllowed):
            import_sheet(person, sheet)
    local = people.add_person("local", "local", "password-1")
    people.give_role(local, "manager", community=places.east)
    assert set(refused(dry_run(local, sheet))) == {(3, "community")}


@pytest.mark.parametrize("rows", [sheets.MAX_ROWS, sheets.MAX_ROWS + 1])
def test_twenty_thousand_rows_and_one_more(tmp_path: Path, rows: int) -> None:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet()
    sheet.append(["棟", "房號"])
    for number in range(rows):
        sheet.append(["3", number + 1])
    made.save(tmp_path / "a.xlsx")
    if rows > sheets.MAX_ROWS:
        with pytest.raises(TooLarge):
            read_sheet(tmp_path / "a.xlsx")
    else:
        assert len(read_sheet(tmp_path / "a.xlsx").rows) == rows


def test_empty_rows_below_that_are_only_formatted_do_not_count(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["棟", "房號"])
    sheet.append(["3", "501"])
    sheet.cell(1_000_000, 1).font = openpyxl.styles.Font(bold=True)
    made.save(tmp_path / "a.xlsx")
    assert len(read_sheet(tmp_path / "a.xlsx").rows) == 1


def hostile(tmp_path: Path) -> dict[str, Path]:
    plain = book(tmp_path / "plain.xlsx", HEADS, LI, merge=("A4:B5",))
    part = "xl/worksheets/sheet1.xml"
    found = {
        "merged": rewritten(plain, tmp_path / "m.xlsx", part, b'ref="A4:B5"', b'ref="A1:XFD1048576"'),
        "merged-hidden": rewritten(
            plain, tmp_path / "h.xlsx", part, b'ref="A4:B5"', b'ref="A1:XF&#68;1048576"'
        ),
        "entities": rewritten(
            plain,
            tmp_path / "e.xlsx",
            part,
            b"<worksheet",
            b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet',
        ),
        "far-row": rewritten(plain, tmp_path / "f.xlsx", part, b'<row r="2"', b'<row r="99999999999"'),
        "broken": rewritten(plain, tmp_path / "b.xlsx", part, b"</sheetData>", b"</sheet"),
        "no-headings": book(tmp_path / "n.xlsx", ["甲", "乙"], ["1", "2"]),
        "empty": book(tmp_path / "empty.xlsx"),
    }
    found["links"] = rewritten(
        plain,
        tmp_path / "l.xlsx",
        part,
        b"<mergeCells",
        b'<hyperlinks><hyperlink ref="A1:XFD1048576" location="A1"/></hyperlinks><mergeCells',
    )
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(plain) as archive, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        for info in archive.infolist():
            made.writestr(info.filename, archive.read(info))
        made.writestr("xl/worksheets/sheet2.xml", b" " * (sheets.MAX_UNPACKED + 1))
    (tmp_path / "text.xlsx").write_text("棟,房號\n3,501\n", encoding="utf-8")
    (tmp_path / "cut.xlsx").write_bytes(plain.read_bytes()[:2000])
    return {**found, "bomb": bomb, "text": tmp_path / "text.xlsx", "cut": tmp_path / "cut.xlsx"}


def test_hostile_files_are_refused_in_words_and_at_once(tmp_path: Path) -> None:
    for name, path in hostile(tmp_path).items():
        with pytest.raises((Invalid, TooLarge)) as refusal:
            read_sheet(path)
        assert refusal.value.message.id, name


def test_a_file_above_twenty_megabytes(house: SimpleNamespace, settings: Any, tmp_path: Path) -> None:
    big = tmp_path / "big.xlsx"
    with big.open("wb") as made:
        made.truncate(sheets.MAX_BYTES + 1)
    with pytest.raises(TooLarge):
        read_sheet(big)
    with big.open("rb") as stream, pytest.raises(TooLarge):
        keep(settings, house.manager, stream)
    assert not any((settings.data / "incoming-lists").iterdir())


def test_a_list_is_kept_for_its_person_for_a_day(
    house: SimpleNamespace, settings: Any, places: SimpleNamespace, tmp_path: Path, clock: Any
) -> None:
    with book(tmp_path / "a.xlsx", HEADS, LI).open("rb") as stream:
        uid = keep(settings, house.manager, stream)
    assert len(kept(settings, house.manager, uid).rows) == 1
    for person, number in ((house.administrator, uid), (house.manager, "0" * 32), (house.manager, "../x")):
        with pytest.raises(NotFound):
            kept(settings, person, number)
    clock(timedelta(days=1))
    assert kept(settings, house.manager, uid)
    clock(timedelta(seconds=1))
    with pytest.raises(NotFound):
        kept(settings, house.manager, uid)
    assert forget_old(settings) == 1
    with book(tmp_path / "a.xlsx", HEADS, LI).open("rb") as stream:
        uid = keep(settings, house.manager, stream)
    drop_kept(settings, house.manager, uid)
    assert not any((settings.data / "incoming-lists").iterdir())
    with pytest.raises(Invalid):
        keep(settings, house.manager, io.BytesIO(b"no list"))
    assert not any((settings.data / "incoming-lists").iterdir())


def test_if_writing_fails_nothing_is_left(
    house: SimpleNamespace, places: SimpleNamespace, tmp_path: Path
) -> None:
    """A real failure in the midst of the writing: the table of residents refuses."""
    sheet = read_sheet(book(tmp_path / "a.xlsx", HEADS, LI))
    database.execute_sql(
        "CREATE TEMP TRIGGER refuse BEFORE INSERT ON resident BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    before = everything()
    with pytest.raises(Exception, match="no"):
        import_sheet(house.manager, sheet)
    assert everything() == before
