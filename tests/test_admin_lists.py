"""Lists of the back office: search, filters, order and pages in the address, fast however long the table."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from admin.addresses import Address
from content.backoffice import listing, selecting
from content.backoffice.declaring import Filter
from content.errors import NotAllowed, NotFound
from content.history import AuditEntry
from content.people import Department, Site
from tests.backoffice import SHELVES, shelves, stock
from tests.forms import counted, found_in

__all__ = ["shelves"]


def names(page: listing.Page) -> list[str]:
    return [row.name for row in page.rows]


def titles(answer: Any) -> list[str]:
    return [cell.text_content().strip() for cell in found_in(answer, "//td[contains(@class, 'row-head')]")]


@pytest.fixture
def admin_client(shelves: Any, app: Any, client: Any, login: Any) -> Any:
    login(client, "administrator")
    return client


# ---- the domain


def test_pages_are_in_order_and_complete(house: SimpleNamespace) -> None:
    stock(45)
    pages = [listing.page(house.administrator, SHELVES, page=number, size=20) for number in range(3)]
    assert [len(page.rows) for page in pages] == [20, 20, 5]
    assert [name for page in pages for name in names(page)] == [f"部門{n}" for n in range(45, 0, -1)]
    assert [(page.count, page.more, page.further) for page in pages] == [
        (45, False, True), (45, False, True), (45, False, False),
    ]  # fmt: skip


def test_a_page_beyond_the_last_one_is_the_last_one(house: SimpleNamespace) -> None:
    stock(45)
    for far in (3, 4, 10**9, 2**70):
        page = listing.page(house.administrator, SHELVES, page=far)
        assert (page.number, len(page.rows)) == (2, 5)
    assert listing.page(house.administrator, SHELVES, page=-5).number == 0


@pytest.mark.parametrize(
    ("sort", "descending"), [("", None), ("name", False), ("name", True), ("position", True)]
)
def test_following_walks_through_all_rows_once(
    house: SimpleNamespace, sort: str, descending: bool | None
) -> None:
    stock(45)
    Department.update(position=7).where(Department.id % 3 == 0).execute()  # many are equal
    selection = listing.Selection(sort=sort, descending=descending)
    whole = [
        row.id
        for row in listing.page(house.administrator, SHELVES, sort=sort, descending=descending, size=200).rows
    ]
    walked, mark = [], None
    while True:
        rows, mark = listing.following(house.administrator, SHELVES, selection, mark, 7)
        if mark is None:
            break
        walked += [row.id for row in rows]
    assert walked == whole
    assert len(walked) == 45


@pytest.mark.parametrize("descending", [True, False])
def test_following_knows_empty_values(house: SimpleNamespace, descending: bool) -> None:
    from dataclasses import replace

    from content import history
    from content.backoffice.registers.audit import AUDIT

    for number in range(9):
        history.record(house.administrator, "tried", item=None, subject=str(number))
    register = replace(AUDIT, order=AuditEntry.item, newest_first=descending)
    walked, mark = [], None
    while True:
        rows, mark = listing.following(house.administrator, register, listing.Selection(), mark, 4)
        if mark is None:
            break
        walked += [row.id for row in rows]
    assert sorted(walked) == sorted(row.id for row in AuditEntry.select())


def test_beyond_what_is_counted_a_page_begins_after_the_last_row(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED", 40)
    stock(100)
    page = listing.page(house.administrator, SHELVES, page=1, size=20)
    assert (page.count, page.more) == (40, True)
    assert listing.page(house.administrator, SHELVES, page=99, size=20).number == 1
    seen = names(page)
    while page.further:
        page = listing.page(house.administrator, SHELVES, size=20, after=page.after)
        seen += names(page)
    assert seen == [f"部門{n}" for n in range(80, 0, -1)]


def test_an_unknown_after_is_the_beginning(house: SimpleNamespace) -> None:
    stock(30)
    Department.update(position=-1).where(Department.name == "部門9").execute()
    hidden = Department.get(Department.name == "部門9").id
    for after in ("x", "0", str(2**63), "999999", str(hidden), "\0"):
        assert names(listing.page(house.administrator, SHELVES, after=after))[0] == "部門30"


def test_only_what_is_seen_is_found_by_number(house: SimpleNamespace) -> None:
    first, second, third = stock(3)
    Department.update(position=-1).where(Department.id == second.id).execute()
    assert listing.one(house.administrator, SHELVES, str(first.id)).name == "部門1"
    for key in (second.id, "0", "-1", "x", "", "²", "9" * 30, 2**63, "\0", None):
        with pytest.raises(NotFound):
            listing.one(house.administrator, SHELVES, key)
    assert list(listing.rows_of(house.administrator, SHELVES, [third.id, second.id, "x", first.id])) == [
        third.id,
        first.id,
    ]


@pytest.mark.parametrize("role", ["owner", "editor", "manager", "general_manager", None])
def test_who_may_not_enter_learns_nothing(house: SimpleNamespace, role: str | None) -> None:
    (first,) = stock(1)
    who = getattr(house, role) if role else None
    for ask in (
        lambda: listing.page(who, SHELVES),
        lambda: listing.one(who, SHELVES, first.id),
        lambda: listing.rows_of(who, SHELVES, [first.id]),
        lambda: listing.keys_matching(who, SHELVES, listing.Selection(), 10),
        lambda: listing.following(who, SHELVES, listing.Selection(), None, 10),
    ):
        with pytest.raises(NotAllowed):
            ask()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"position": "2"}, ["部門3"]),
        ({"position": "x"}, []),
        ({"position": "9" * 30}, []),
        ({"high": "1"}, []),
        ({"high": "0"}, ["部門3", "部門2", "部門1"]),
        ({"high": "2"}, []),
        ({"site": "999"}, []),
        ({"telephone": "075"}, ["部門3", "部門2", "部門1"]),
        ({"telephone": "%"}, []),  # a sign like any other
        ({"unknown": "1"}, ["部門3", "部門2", "部門1"]),
    ],
)
def test_filters_narrow_and_a_slip_never_widens(
    house: SimpleNamespace, typed: dict[str, str], found: list[str]
) -> None:
    stock(3)
    filters = selecting.read_filters(SHELVES, typed)
    assert names(listing.page(house.administrator, SHELVES, filters=filters)) == found


def test_days_are_those_of_the_site_and_both_belong_to_it(house: SimpleNamespace, clock: Any) -> None:
    from content import history
    from content.backoffice.registers.audit import AUDIT

    AuditEntry.select()  # what the house itself did stands at the same moment
    entry = history.record(house.administrator, "tried")  # 10:00 on 16 March in Shanghai, 02:00 in UTC
    for typed, hit in (
        ({"at.from": "2026-03-16"}, True), ({"at.until": "2026-03-16"}, True), ({"at.until": "2026-03-15"}, False),
        ({"at.from": "2026-03-17"}, False), ({"at.from": "2026-03-16", "at.until": "2026-03-16"}, True),
        ({"at.from": "2026-02-30"}, False), ({"at.from": "16.3."}, False), ({"at.until": "9999-12-31"}, False),
    ):  # fmt: skip
        rows = listing.page(
            house.administrator, AUDIT, filters=selecting.read_filters(AUDIT, typed), size=200
        ).rows
        assert (entry.id in [row.id for row in rows]) is hit, typed


def test_filters_of_text_take_no_zero_byte(house: SimpleNamespace) -> None:
    stock(1)
    assert names(listing.page(house.administrator, SHELVES, words="部\0門")) == ["部門1"]
    read = selecting.read_filters(SHELVES, {"telephone": "07\0"})
    assert read == {"telephone": "07"}


# ---- the pages


def test_the_list_asks_few_questions_however_many_rows(admin_client: Any) -> None:
    stock(100)
    admin_client.get("/admin/shelves/")
    asked = []
    for size in (20, 50):
        with counted() as statements:
            answer = admin_client.get(f"/admin/shelves/?size={size}&sort=-position&q=部門")
        assert len(titles(answer)) == size
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 12


def test_words_filters_and_order_stand_in_the_address(admin_client: Any) -> None:
    stock(30)
    answer = admin_client.get("/admin/shelves/?q=部門1&f.high=0&sort=-name")
    assert titles(answer) == [f"部門{n}" for n in (19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1)]
    (field,) = found_in(answer, "//input[@id='office-q']")
    assert field.get("value") == "部門1"
    assert found_in(answer, "//th[@aria-sort='descending']")
    links = [link.get("href") for link in found_in(answer, "//th/a")]
    assert links[0] == "/admin/shelves/?q=%E9%83%A8%E9%96%801&f.high=0&sort=name"


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=99999999999999999999", "page=x", "page=²", "size=7", "size=100000", "sort=nothing",
     "sort=telephone", "sort=--name", "f.position=", "f.none=1", "after=x", "after=%00", "q=%00", "sort=%00&size=%00"],
)  # fmt: skip
def test_numbers_out_of_range_behave(admin_client: Any, query: str) -> None:
    stock(25)
    answer = admin_client.get(f"/admin/shelves/?{query}")
    assert answer.status_code == 200
    assert len(titles(answer)) == 20


def test_an_unreadable_filter_is_said(admin_client: Any) -> None:
    stock(2)
    answer = admin_client.get("/admin/shelves/?f.position=x")
    assert titles(answer) == []
    assert found_in(answer, "//div[contains(@class, 'field-wrong')]//*[@class='field-error']")
    assert found_in(answer, "//div[@class='empty']//a[@href='/admin/shelves/']")


def test_an_empty_list_and_one_where_nothing_fits_say_the_way_on(admin_client: Any) -> None:
    empty = admin_client.get("/admin/shelves/")
    assert found_in(empty, "//div[@class='empty']//a[@href='/admin/shelves/new']")
    stock(1)
    nothing = admin_client.get("/admin/shelves/?q=zzz")
    assert [link.get("href") for link in found_in(nothing, "//div[@class='empty']//a")] == ["/admin/shelves/"]


def test_content_is_escaped(admin_client: Any) -> None:
    site = Site.create(name="<script>alert(1)</script>")
    Department.create(site=site, name='<img src=x onerror="alert(1)">', telephone="'\"<b>", position=1)
    page = admin_client.get("/admin/shelves/").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    key = Department.get().id
    for path in (f"/admin/shelves/{key}/", f"/admin/shelves/{key}/edit"):
        page = admin_client.get(path).get_data(as_text=True)
        assert "<img src=x" not in page
        assert "'\"<b>" not in page


def test_addresses_read_what_they_write() -> None:
    address = Address.read(
        SHELVES,
        {"q": " 部門 & ", "f.site": "1", "f.unknown": "x", "sort": "-name", "page": "3", "size": "50"},
    )
    assert Address.of_query(SHELVES, address.query) == address
    assert address.kept == "q=%E9%83%A8%E9%96%80+%26&f.site=1&sort=-name&size=50"
    assert Address.of_query(SHELVES, "?" + "&".join(f"a{n}=1" for n in range(90))).query == ""


def test_filter_parts() -> None:
    dates = Filter("at", "At", "dates")
    assert selecting.names_of(dates) == ("at.from", "at.until")
