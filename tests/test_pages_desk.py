"""The desks over HTTP: recording for somebody, the lists and their exports, and what a matter's page lets one do."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from lxml.html import fragment_fromstring
from openpyxl import load_workbook

from content import moment, people, reception
from content.cases import Case, CaseEntry
from content.history import AuditEntry
from content.households import Building, Household, Resident
from content.people import Community, Person, Site
from content.workbooks import harmless
from tests.conftest import PASSWORD, csrf
from tests.forms import counted, fields_of, found_in, text_of

FORM = "//form[contains(@class, 'intake')]"


@pytest.fixture
def homes(house: SimpleNamespace) -> SimpleNamespace:
    """A community with one home, its owner reached under a telephone."""
    site = Site.select().first() or Site.create(name="測試")
    community = Community.create(site=site, name="東苑")
    Community.create(site=site, name="西苑")
    building = Building.create(community=community, name="3棟", key="3")
    home = Household.create(building=building, unit="2單元", room="501", key="2-501")
    resident = Resident.create(
        household=home, tenure="owner", name="林晓月", address_form="女士", telephone="+8613800138000"
    )
    return SimpleNamespace(community=community, home=home, resident=resident)


def draft(**more: str) -> dict[str, str]:
    return {"words": "樓道的燈不亮,晚上看不見路", "place": "三棟二樓", "kind": "electricity",
            "caller_name": "林曉月", "caller_telephone": "13800138000", **more}  # fmt: skip


_keys = iter(range(1, 10_000))


def opened(person: Person | None, category: str = "repair", on_behalf: bool = True, **more: str) -> Case:
    """A matter recorded by somebody of the staff, through the domain."""
    channel = more.pop("channel", "phone")
    return reception.open_case(
        person, category, draft(**more), key=f"{next(_keys):032x}", channel=channel, on_behalf=on_behalf
    )


def record(client: Any, **changes: str) -> Any:
    """Fill in the form of /desk/new and press the button that records."""
    page = client.get(f"/desk/new?category={changes.get('category', 'repair')}")
    fields = fields_of(page, FORM)
    for name, value in {**draft(), **changes, "do": "record"}.items():
        fields.setlist(name, [value])
    return client.post("/desk/new", data=fields)


def press(client: Any, case: Case, path: str, **fields: Any) -> Any:
    """Send one of the forms beside a matter as the page has it."""
    which = {"step/answer": "answer", "message": "answer", "step/assign": "assign"}.get(
        path, path.split("/")[-1]
    )
    sent = fields_of(client.get(f"/cases/{case.number}"), f"//form[@data-form='{which}']")
    for name, value in fields.items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    return client.post(f"/cases/{case.number}/{path}", data=sent)


def again(case: Case) -> Case:
    found: Case = Case.get_by_id(case.id)
    return found


# ---- the workspace and who comes in


@pytest.mark.parametrize(
    "path", ["/desk/", "/desk/new", "/desk/find", "/desk/repairs/", "/desk/repairs/export.csv"]
)
def test_visitors_sign_in_and_residents_find_nothing(client: Any, login: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")
    login(client, "owner")
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("reader", ["editor", "crew", "counselor", "administrator"])
def test_any_staff_may_record_and_finds_the_way_in_the_header(app: Any, login: Any, reader: str) -> None:
    """R-004: anyone may receive."""
    client = app.test_client()
    login(client, reader)
    links = [link.get("href") for link in found_in(client.get("/"), "//nav[@class='account']//a")]
    assert {"/desk/", "/desk/new"} & set(links)
    answer = record(client)
    assert (answer.status_code, answer.location) == (303, "/desk/sent")
    case = Case.get()
    assert case.first_receiver.username == reader
    assert case.number in text_of(client.get("/desk/"))
    assert client.get(f"/cases/{case.number}").status_code == 200


def test_the_workspace_shows_what_waits_by_promise_and_counts_that_lead_to_lists(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    late, soon = opened(house.editor, words="水管滴水很久了"), opened(house.editor, words="門鎖打不開")
    for case, days in ((late, 5), (soon, 1)):
        reception.step(
            house.manager, case, "assign", version=case.version, owner=house.receptionist,
            promised_at=moment.now() + timedelta(days=days),
        )  # fmt: skip
    new = opened(house.editor, words="電梯有異響")
    login(client, "receptionist")
    page = client.get("/desk/")
    numbers = [link.get("href")[7:] for link in found_in(page, "//section[1]//a[@class='work-line-title']")]
    assert numbers[:2] == [soon.number, late.number]
    assert new.number in numbers
    counts = {
        link.get("href"): "".join(link.itertext()).split()[-1]
        for link in found_in(page, "//*[@class='desk-counts']//li/a")
    }
    assert counts["/desk/repairs/?show=new"] == "新收的1"
    assert counts["/desk/repairs/?show=mine"] == "我經辦的2"
    assert counts["/desk/repairs/"] == "未辦結3"
    for address, words in counts.items():
        rows = found_in(client.get(address), "//tbody/tr")
        assert len(rows) == int(re.sub(r"\D", "", words)), address


def test_a_number_a_telephone_and_a_name_are_found(house: SimpleNamespace, client: Any, login: Any) -> None:
    case = opened(house.editor, "suggestion", words="希望多放幾張長椅", caller_name="歐陽秋")
    login(client, "receptionist")
    assert client.get(f"/desk/find?q={case.number}").location == f"/cases/{case.number}"
    for q in ("138 0013 8000", "歐陽秋", "欧阳秋"):
        answer = client.get("/desk/find", query_string={"q": q})
        assert answer.location.startswith("/desk/suggestions/?show=all&q="), q
        assert case.number in text_of(client.get(answer.location)), q
    assert "沒有符合" in text_of(client.get("/desk/find?q=查無此人", follow_redirects=True))


# ---- recording


def test_a_walk_in_is_recorded_with_all_that_was_said(
    house: SimpleNamespace, homes: SimpleNamespace, client: Any, login: Any
) -> None:
    login(client, "receptionist")
    answer = record(
        client, channel="visit", household="3-2-501", reported_by="兒子代說", when_in="晚上七點後"
    )
    assert answer.status_code == 303
    case = Case.get()
    assert (case.channel, case.category, case.desk) == ("visit", "repair", "repairs")
    assert (case.household_id, case.reported_by) == (homes.home.id, "兒子代說")
    assert case.original == draft()["words"]
    slip = client.get("/desk/sent")
    assert case.number in text_of(slip)
    assert found_in(slip, f"//a[@href='/desk/slip/{case.number}']")


def test_one_form_sent_twice_is_one_matter_and_one_answer(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    login(client, "receptionist")
    fields = fields_of(client.get("/desk/new?category=repair"), FORM)
    for name, value in draft(do="record", settled="1", answer="已換燈泡", channel="visit").items():
        fields.setlist(name, [value])
    for _ in range(2):
        assert client.post("/desk/new", data=fields).status_code == 303
    assert Case.select().count() == 1
    assert CaseEntry.select().where(CaseEntry.kind == "answer").count() == 1


def test_settled_at_once_is_answered_at_the_intake(house: SimpleNamespace, client: Any, login: Any) -> None:
    """R-005: what can be settled at once is settled at once."""
    login(client, "receptionist")
    refused = record(client, settled="1", answer="  ")
    assert refused.status_code == 422
    assert "請寫下您怎麼答覆的" in text_of(refused)
    assert not Case.select().exists()
    assert record(client, settled="1", answer="當場換了燈泡").status_code == 303
    case = Case.get()
    assert case.state == "answered"
    assert CaseEntry.get(CaseEntry.kind == "answer").text == "當場換了燈泡"


def test_a_promise_is_given_at_the_intake(house: SimpleNamespace, client: Any, login: Any) -> None:
    """R-041: a promised time is stated at intake; at most a week, and what is too far is told after recording."""
    login(client, "receptionist")
    assert record(client, promised_at="2026-03-18T17:00").status_code == 303
    assert Case.get().promised_at == datetime.fromisoformat("2026-03-18T09:00+00:00")
    assert record(client, promised_at="morgen").status_code == 422
    far = record(client, promised_at="2026-03-24T00:01", words="電梯門關不上")
    assert far.status_code == 303
    assert "已登記，但是" in text_of(client.get("/desk/sent"))


def test_a_refused_form_keeps_all_that_was_typed_and_names_everything_at_once(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    login(client, "receptionist")
    answer = record(
        client, words=" ", kind="", caller_telephone="12", reported_by="鄰居老周", settled="1", answer="",
        promised_at="2026-03-17T09:00",
    )  # fmt: skip
    assert answer.status_code == 422
    assert {link.get("href") for link in found_in(answer, "//*[@id='problems']//a")} == {
        "#f-words", "#f-kind", "#f-caller_telephone", "#f-answer",
    }  # fmt: skip
    kept = fields_of(answer, FORM)
    assert kept["caller_telephone"] == "12"
    assert (kept["reported_by"], kept["place"]) == ("鄰居老周", "三棟二樓")
    assert kept["promised_at"] == "2026-03-17T09:00"


def test_without_a_category_nothing_is_recorded_and_the_words_stay(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    login(client, "receptionist")
    fields = fields_of(client.get("/desk/new"), FORM)
    fields["words"], fields["do"] = "有人在樓道抽菸", "record"
    answer = client.post("/desk/new", data=fields)
    assert answer.status_code == 422
    assert "請選擇是哪一類" in text_of(answer)
    fields["category"], fields["do"] = "complaint", "category"
    shown = client.post("/desk/new", data=fields)
    assert shown.status_code == 200
    assert fields_of(shown, FORM)["words"] == "有人在樓道抽菸"
    assert found_in(shown, "//*[@name='when_where']")
    assert "先代表部門致歉" in text_of(shown)
    assert not Case.select().exists()


def test_enter_in_a_line_looks_up_and_records_nothing(
    house: SimpleNamespace, homes: SimpleNamespace, client: Any, login: Any
) -> None:
    """The first button of a form is what a browser presses for Enter."""
    login(client, "receptionist")
    page = client.get("/desk/new?category=repair")
    assert found_in(page, f"({FORM}//button)[1]")[0].get("value") == "lookup"
    fields = fields_of(page, FORM)
    fields["household"], fields["do"] = "3棟2單元501", "lookup"
    answer = client.post("/desk/new", data=fields)
    assert "林晓月" in text_of(answer)
    fields["do"] = f"fill:{homes.resident.id}"
    filled = fields_of(client.post("/desk/new", data=fields), FORM)
    assert (filled["caller_name"], filled["caller_telephone"]) == ("林晓月", "138 0013 8000")
    assert not Case.select().exists()


def test_who_lives_there_is_told_to_the_counter_alone(
    app: Any, house: SimpleNamespace, homes: SimpleNamespace, login: Any
) -> None:
    seen = {}
    for reader in ("receptionist", "editor", "crew"):
        client = app.test_client()
        login(client, reader)
        token = fields_of(client.get("/desk/new"), FORM)["csrf_token"]
        page = client.post("/desk/household", data={"csrf_token": token, "household": "3-2-501"}).text
        by_number = client.post(
            "/desk/household", data={"csrf_token": token, "caller_telephone": "13800138000"}
        ).text
        seen[reader] = ("501" in page, "林晓月" in page, "8000" in page, "501" in by_number)
    assert seen == {
        "receptionist": (True, True, True, True),
        "editor": (True, False, False, False),
        "crew": (True, False, False, False),
    }


def test_what_sounds_alike_is_suggested_and_the_new_one_merged_into_it(
    house: SimpleNamespace, homes: SimpleNamespace, client: Any, login: Any
) -> None:
    first = opened(house.receptionist, household="3-2-501")
    login(client, "receptionist")
    fields = fields_of(client.get("/desk/new?category=repair"), FORM)
    fields["words"] = "樓道裡的燈不亮了"
    piece = client.post("/desk/similar", data=fields)
    choice = fragment_fromstring(piece.text, create_parent=True).xpath("//input[@name='same_as']/@value")
    assert choice == [first.number, ""]
    home = client.post("/desk/household", data={**fields, "household": "3-2-501"})
    assert first.number in home.text  # earlier matters of the home
    answer = record(client, words="樓道裡的燈不亮了", caller_name="周先生", same_as=first.number)
    assert answer.status_code == 303
    second = Case.select().order_by(Case.id.desc()).get()
    assert (second.state, second.merged_into_id) == ("merged", first.id)
    assert first.number in text_of(client.get(f"/cases/{second.number}"))


def test_the_slip_holds_number_code_and_a_square_without_styles(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    case = opened(house.receptionist)
    login(client, "receptionist")
    page = client.get(f"/desk/slip/{case.number}")
    assert case.number in text_of(page)
    assert case.code in text_of(page)
    assert found_in(page, "//article//*[local-name()='svg']")
    assert not found_in(page, "//article//*[@style]")
    assert "localhost/follow" in text_of(page)
    assert case.code not in str(found_in(page, "//@href"))


# ---- who records a complaint against themself


def against(person: Person, **more: str) -> dict[str, str]:
    return {"category": "complaint", "words": "態度很差,愛理不理", "about_whom": person.name, **more}


def test_whoever_is_complained_of_records_it_and_keeps_the_number_alone(
    house: SimpleNamespace, homes: SimpleNamespace, client: Any, login: Any
) -> None:
    login(client, "receptionist")
    answer = record(client, household="3-2-501", **against(house.receptionist))
    assert answer.location == "/desk/sent"
    case = Case.get()
    slip = client.get("/desk/sent")
    assert case.number in text_of(slip)
    assert case.code not in slip.text
    assert not found_in(slip, f"//main//a[contains(@href, '{case.number}')]")
    token = fields_of(client.get("/desk/new"), FORM)["csrf_token"]
    pages = [
        client.get(path)
        for path in (
            "/desk/", "/desk/complaints/", "/desk/complaints/?show=all", f"/desk/complaints/?show=all&q={case.number}",
            "/desk/complaints/?show=all&q=13800138000", "/desk/complaints/export.csv?show=all", "/inbox/",
        )
    ]  # fmt: skip
    posted = {"csrf_token": token, "household": "3-2-501", "category": "complaint", "words": case.original}
    pages += [client.post(path, data=posted) for path in ("/desk/household", "/desk/similar")]
    for page in pages:
        assert page.status_code == 200
        assert f"/cases/{case.number}" not in page.text, page.request.path
        assert case.number not in text_of(page), page.request.path
        assert (
            "愛理不理" not in page.text.replace(posted["words"], "") or page.request.path == "/desk/similar"
        )
    book = load_workbook(io.BytesIO(client.get("/desk/complaints/export.xlsx?show=all").data))
    assert book.active.max_row == 1
    tallies = found_in(
        pages[0], "//*[@class='desk-counts'][h2/a[@href='/desk/complaints/']]//*[contains(@class, 'tally')]"
    )
    assert [one.text for one in tallies] == ["0"] * len(tallies)
    for path in (f"/cases/{case.number}", f"/desk/slip/{case.number}"):
        assert client.get(path).status_code == 404
    assert client.get(f"/desk/find?q={case.number}").location.startswith("/desk/")
    for act in ("note", "message", "step/take", "step/answer", "about/drop", "merge"):
        posted = {
            "csrf_token": token,
            "version": "1",
            "text": "x",
            "comment": "x",
            "person": house.receptionist.id,
        }
        assert client.post(f"/cases/{case.number}/{act}", data=posted).status_code == 404, act
    assert again(case).state == "assigned"  # passed to the next superior at once


def test_the_superior_finds_it_and_is_not_offered_the_accused_as_its_owner(
    house: SimpleNamespace, app: Any, login: Any
) -> None:
    case = opened(
        house.receptionist,
        "complaint",
        **{k: v for k, v in against(house.receptionist).items() if k != "category"},
    )
    owner = again(case).owner
    client = app.test_client()
    login(client, owner.username)
    assert case.number in text_of(client.get("/desk/"))
    page = client.get(f"/cases/{case.number}")
    assert house.receptionist.name in text_of(page)  # whom it is about, for those who work it
    options = found_in(page, "//select[@name='owner']/option/@value")
    assert str(house.receptionist.id) not in options
    assert str(house.crew.id) in options


# ---- lists


def test_filters_stand_in_the_address_and_narrow_the_list(
    house: SimpleNamespace, homes: SimpleNamespace, client: Any, login: Any
) -> None:
    mine = opened(house.receptionist, household="3-2-501")
    defect = opened(house.receptionist, "aftersales", kind="window", words="窗框漏水")
    answered = opened(house.receptionist, words="門禁失靈")
    reception.step(house.receptionist, answered, "answer", comment="已修好", version=answered.version)
    login(client, "receptionist")

    def numbers(query: str) -> list[str]:
        return [link.text for link in found_in(client.get(f"/desk/repairs/{query}"), "//td[1]/a")]

    assert numbers("") == [defect.number, mine.number]
    assert numbers("?show=answered") == [answered.number]
    assert numbers("?show=all") == [answered.number, defect.number, mine.number]
    assert numbers("?category=aftersales") == [defect.number]
    assert numbers(f"?community={homes.community.id}") == [mine.number]
    assert [numbers(f"?q={q}") for q in ("3-2-501", "3棟2單元501", "501 東苑")] == [[mine.number]] * 3
    assert numbers("?show=closed") == []
    assert client.get("/desk/nothing/").status_code == 404


def test_a_desk_that_is_not_theirs_is_absent(house: SimpleNamespace, app: Any, login: Any) -> None:
    found = {}
    for reader in ("crew", "quality", "receptionist", "editor"):
        client = app.test_client()
        login(client, reader)
        found[reader] = [
            client.get(f"/desk/{desk}/").status_code for desk in ("suggestions", "complaints", "repairs")
        ]
    assert found == {
        "crew": [404, 404, 200], "quality": [404, 200, 404], "receptionist": [200, 200, 200],
        "editor": [404, 404, 404],
    }  # fmt: skip


def test_pages_go_by_older_than_and_cost_the_same(house: SimpleNamespace, client: Any, login: Any) -> None:
    login(client, "receptionist")
    opened(house.receptionist)
    client.get("/desk/repairs/")
    with counted() as few:
        client.get("/desk/repairs/")
    for n in range(34):
        opened(house.receptionist, words=f"第{n}盞燈不亮了")
    with counted() as many:
        page = client.get("/desk/repairs/")
    assert len(few) == len(many) <= 12
    seen = [link.text for link in found_in(page, "//td[1]/a")]
    older = found_in(page, "//a[@rel='next']")[0].get("href")
    seen += [link.text for link in found_in(client.get(older), "//td[1]/a")]
    assert len(seen) == len(set(seen)) == 35


@pytest.mark.parametrize(
    "path", ["/desk/", "/desk/new?category=repair", "/desk/repairs/?q=燈&show=all", "case"]
)
def test_no_page_asks_more_than_twelve_times(
    house: SimpleNamespace, homes: SimpleNamespace, client: Any, login: Any, path: str
) -> None:
    cases = [opened(house.receptionist, household="3-2-501", words=f"第{n}盞燈不亮") for n in range(4)]
    for n in range(6):
        reception.note(house.receptionist, cases[0], f"備註{n}")
    login(client, "receptionist")
    path = f"/cases/{cases[0].number}" if path == "case" else path
    client.get(path)
    with counted() as asked:
        assert client.get(path).status_code == 200
    assert len(asked) <= 12, asked


# ---- exports


def test_a_list_for_a_spreadsheet_runs_nothing_and_keeps_rooms_as_text(
    house: SimpleNamespace, homes: SimpleNamespace, client: Any, login: Any
) -> None:
    opened(house.receptionist, words='=HYPERLINK("http://x.test")', place="3-2-11", caller_name="林曉月")
    opened(house.receptionist, words="@SUM(1)", place="+2單元")
    opened(house.receptionist, household="3-2-501")
    login(client, "receptionist")
    answer = client.get("/desk/repairs/export.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"].endswith(".csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["住戶怎麼說"][:2] for row in rows] == ["樓道", "'@", "'="]
    assert [row["地點"] for row in rows] == ["3棟 2單元 501 · 三棟二樓", "'+2單元", "'3-2-11"]
    book = load_workbook(io.BytesIO(client.get("/desk/repairs/export.xlsx").data))
    cells = list(book.active.iter_rows(min_row=2))
    assert [row[4].value for row in cells] == ["3棟 2單元 501 · 三棟二樓", "+2單元", "3-2-11"]
    assert cells[2][5].value.startswith("=HYPER")
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n", "inlineStr"}
    assert all(cell.data_type != "f" for row in cells for cell in row)
    whole = answer.data.decode() + str([[cell.value for cell in row] for row in cells])
    for personal in ("林曉月", "13800138000", "8000", Case.select().first().code):
        assert personal not in whole


def test_an_export_holds_what_the_filters_leave(house: SimpleNamespace, client: Any, login: Any) -> None:
    opened(house.receptionist)
    defect = opened(house.receptionist, "aftersales", kind="window", words="窗框漏水")
    login(client, "receptionist")
    rows = list(
        csv.reader(io.StringIO(client.get("/desk/repairs/export.csv?category=aftersales").data.decode()))
    )
    assert [row[0] for row in rows[1:]] == [f"{defect.number}"]
    taken = AuditEntry.select().where(AuditEntry.verb == "desk.exported")
    assert [(entry.by_id, entry.subject) for entry in taken] == [(house.receptionist.id, "repairs")]
    page = client.get("/desk/repairs/?category=aftersales")
    assert found_in(page, "//a[@href='/desk/repairs/export.xlsx?category=aftersales']")


def test_the_code_is_said_at_the_counter_and_nowhere_else(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    """Who only directs a matter has no business with the code by which its visitor follows it (R-004)."""
    case = opened(house.receptionist, "complaint")
    login(client, "quality")
    assert case.code not in client.get(f"/cases/{case.number}").get_data(as_text=True)
    assert client.get(f"/desk/slip/{case.number}").status_code == 404
    client.post("/logout", data={"csrf_token": csrf(client.get("/desk/"))})
    login(client, "manager")
    assert case.code in client.get(f"/cases/{case.number}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"), (" =1+1", "' =1+1"), ("+86", "'+86"), ("-", "'-"), ("@a", "'@a"), ("\t=1", "'\t=1"),
        ("＝1", "'＝1"), ("3-2-11", "'3-2-11"),
        ("3E5", "'3E5"), ("501", "'501"), ("3棟501", "3棟501"), ("", ""),
        ("20260316-001", "20260316-001"),
    ],
)  # fmt: skip
def test_cells_are_made_harmless(text: str, cell: str) -> None:
    assert harmless(text) == cell


# ---- working a matter


def test_the_page_of_those_who_work_it_has_the_telephone_and_two_papers_apart(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    case = opened(house.receptionist)
    reception.note(house.receptionist, case, "他上次也報過")
    login(client, "receptionist")
    page = client.get(f"/cases/{case.number}")
    assert "138 0013 8000" in text_of(page)
    assert found_in(page, "//*[@class='paper-out']//form[@data-form='answer']")
    assert found_in(page, "//*[@class='paper-in']//form[@data-form='note']")
    note = found_in(page, "//li[contains(@class, 'thread-note')]")[0]
    assert "內部" in note.text_content()
    assert not found_in(page, "//a[contains(@href, 'code')]")


def test_assigned_taken_answered_closed_and_opened_again(
    house: SimpleNamespace, app: Any, login: Any, clock: Callable[[timedelta], None]
) -> None:
    case = opened(house.receptionist)
    desk, worker = app.test_client(), app.test_client()
    login(desk, "receptionist")
    login(worker, "crew")
    assert worker.get(f"/cases/{case.number}").status_code == 404
    answer = press(
        desk,
        case,
        "step/assign",
        owner=str(house.crew.id),
        helper=[str(house.head.id)],
        promised_at="2026-03-17T18:00",
    )
    assert answer.status_code == 303
    stored = again(case)
    assert (stored.state, stored.owner_id) == ("assigned", house.crew.id)
    assert [row.person_id for row in stored.helpers] == [house.head.id]
    assert stored.promised_at == datetime.fromisoformat("2026-03-17T10:00+00:00")
    assert f"/cases/{case.number}" in worker.get("/desk/").text
    page = worker.get(f"/cases/{case.number}")
    form = "//form[contains(@action, '/step/take')]"
    assert worker.post(f"/cases/{case.number}/step/take", data=fields_of(page, form)).status_code == 303
    assert again(case).state == "in_hand"
    assert press(worker, case, "step/answer", text="換了新燈泡").status_code == 303
    assert again(case).state == "answered"
    page = desk.get(f"/cases/{case.number}")
    close = fields_of(page, "//form[contains(@action, '/step/close')]")
    assert desk.post(f"/cases/{case.number}/step/close", data=close).status_code == 303
    assert again(case).state == "closed"
    assert press(desk, case, "step/reopen", comment="又壞了").status_code == 303
    assert again(case).state == "reopened"


def test_a_message_settles_nothing_and_a_note_is_not_public(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    case = opened(house.receptionist)
    login(client, "receptionist")
    assert press(client, case, "message", text="請問幾點在家?").status_code == 303
    assert press(client, case, "note", text="電工休假").status_code == 303
    assert again(case).state == "received"
    entries = {row.text: row.public for row in CaseEntry.select().where(CaseEntry.text != "")}
    assert entries == {"請問幾點在家?": True, "電工休假": False}
    empty = press(client, case, "message", text="")
    assert empty.status_code == 422
    assert found_in(empty, "//*[@class='paper-out']//*[@class='field-error']")


def test_who_was_overtaken_is_told_and_loses_nothing(house: SimpleNamespace, app: Any, login: Any) -> None:
    case = opened(house.receptionist)
    client = app.test_client()
    login(client, "receptionist")
    fields = fields_of(client.get(f"/cases/{case.number}"), "//form[@data-form='answer']")
    reception.step(house.manager, case, "take", version=case.version)
    fields["text"] = "已經聯繫電工,明天上午來"
    answer = client.post(f"/cases/{case.number}/step/answer", data=fields)
    assert answer.status_code == 409
    assert "改過這件事" in text_of(answer)
    kept = fields_of(answer, "//form[@data-form='answer']")
    assert kept["text"] == "已經聯繫電工,明天上午來"
    assert client.post(f"/cases/{case.number}/step/answer", data=kept).status_code == 303
    assert again(case).state == "answered"


def test_a_promise_is_kept_within_a_week_and_put_off_once(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    """R-041 and R-042 through the form."""
    case = opened(house.receptionist)
    login(client, "receptionist")
    assert press(client, case, "promise", promised_at="2026-03-24T10:00").status_code == 422
    assert press(client, case, "promise", promised_at="2026-03-18T10:00").status_code == 303
    assert (
        press(client, case, "promise", promised_at="2026-03-20T10:00").status_code == 422
    )  # without a reason
    assert press(client, case, "promise", promised_at="2026-03-20T10:00", reason="等零件").status_code == 303
    refused = press(client, case, "promise", promised_at="2026-03-21T10:00", reason="還在等")
    assert refused.status_code == 422
    assert fields_of(refused, "//form[@data-form='promise']")["reason"] == "還在等"
    assert again(case).postponed == 1


def test_merging_is_asked_first_and_links_are_made_and_taken_away(
    house: SimpleNamespace, client: Any, login: Any
) -> None:
    one, other = opened(house.receptionist), opened(house.receptionist, words="電梯不動了")
    login(client, "receptionist")
    assert press(client, one, "link", other="20260101-999").status_code == 422
    assert press(client, one, "link", other=other.number).status_code == 303
    page = client.get(f"/cases/{one.number}")
    assert found_in(page, f"//main/..//a[@href='/cases/{other.number}']")
    away = fields_of(page, "//form[contains(@action, '/unlink')]")
    assert client.post(f"/cases/{one.number}/unlink", data=away).status_code == 303
    question = press(client, one, "merge", into=other.number)
    assert question.status_code == 200
    assert again(one).state == "received"
    sure = fields_of(question, "//form[contains(@action, '/merge')]")
    assert client.post(f"/cases/{one.number}/merge", data=sure).status_code == 303
    assert (again(one).state, again(one).merged_into_id) == ("merged", other.id)
    assert press(client, other, "merge", into="nothing").status_code == 422


def test_moved_to_another_desk_it_keeps_its_number(house: SimpleNamespace, client: Any, login: Any) -> None:
    case = opened(house.receptionist, "other", words="想請人打掃陽台")
    login(client, "receptionist")
    assert press(client, case, "move", category="", reason="是清潔").status_code == 422
    assert press(client, case, "move", category="service", reason="是清潔").status_code == 303
    assert (again(case).category, again(case).number) == ("service", case.number)


def test_praise_reaches_whom_it_concerns(house: SimpleNamespace, app: Any, login: Any) -> None:
    case = opened(house.receptionist, "praise", words="幫我把米搬上樓", about_whom="搬米的師傅")
    desk, praised = app.test_client(), app.test_client()
    login(desk, "receptionist")
    login(praised, "crew")
    assert praised.get(f"/cases/{case.number}").status_code == 404
    assert press(desk, case, "about", person=str(house.crew.id)).status_code == 303
    assert case.number in praised.get("/inbox/").text
    assert praised.get(f"/cases/{case.number}").status_code == 200
    drop = fields_of(desk.get(f"/cases/{case.number}"), "//form[contains(@action, '/about/drop')]")
    assert desk.post(f"/cases/{case.number}/about/drop", data=drop).status_code == 303
    assert praised.get(f"/cases/{case.number}").status_code == 404


def test_named_afterwards_in_a_complaint_they_lose_sight_of_it(
    house: SimpleNamespace, app: Any, login: Any
) -> None:
    case = opened(house.editor, "complaint", words="收發室沒人接電話")
    desk = app.test_client()
    login(desk, "receptionist")
    answer = press(desk, case, "about", person=str(house.receptionist.id))
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert desk.get(f"/cases/{case.number}").status_code == 404
    assert case.number not in desk.get("/desk/complaints/?show=all").text


def test_who_does_not_work_it_can_do_nothing(house: SimpleNamespace, app: Any, login: Any) -> None:
    case = opened(house.receptionist)
    other = people.add_person("second", "乙", PASSWORD)
    people.give_role(other, "editor")
    client = app.test_client()
    login(client, "second")
    app.config["WTF_CSRF_ENABLED"] = False
    before = CaseEntry.select().count()
    for act in (
        "note",
        "message",
        "step/take",
        "step/assign",
        "promise",
        "move",
        "merge",
        "link",
        "unlink",
        "about",
        "about/drop",
    ):
        sent = {"version": str(case.version), "text": "x", "comment": "x", "into": case.number, "other": case.number,
                "category": "other", "reason": "x", "promised_at": "2026-03-18T10:00", "person": str(other.id)}  # fmt: skip
        assert client.post(f"/cases/{case.number}/{act}", data=sent).status_code == 404, act
    assert CaseEntry.select().count() == before
    assert again(case).version == case.version


HOSTILE = ("²", "9223372036854775808", "\x00", "🏠\u202eא", "-1", "", "9" * 5000, "a" * 30_000)
FIELDS = (
    "q", "show", "category", "community", "before", "words", "place", "kind", "caller_telephone", "caller_name",
    "household", "channel", "key", "promised_at", "same_as", "settled", "answer", "text", "comment", "reason", "into",
    "other", "person", "owner", "department", "helper",
)  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value[:8]))
def test_nothing_that_is_sent_to_a_desk_makes_us_fail(
    house: SimpleNamespace, homes: SimpleNamespace, app: Any, login: Any, value: str
) -> None:
    case = opened(house.receptionist, household="3-2-501")
    client = app.test_client()
    login(client, "receptionist")
    app.config["WTF_CSRF_ENABLED"] = False
    sent = dict.fromkeys(FIELDS, value)
    answers = []
    for path in ("find", "repairs/", "new", "repairs/export.csv", "repairs/export.xlsx"):
        answers.append(client.get(f"/desk/{path}", query_string=sent))
        answers[-1].close()
    for do in ("record", "lookup", f"drop:{value}", f"fill:{value}"):
        for more in (
            {},
            {"category": "repair"},
            {"category": "complaint", "words": "門壞了", "caller_name": "甲"},
        ):
            answers.append(client.post("/desk/new", data={**sent, **more, "do": do}))
    answers += [client.post(f"/desk/{piece}", data=sent) for piece in ("household", "similar")]
    acts = (
        "note",
        "message",
        "step/assign",
        "step/answer",
        "step/merge",
        "promise",
        "move",
        "merge",
        "link",
        "unlink",
        "about",
    )
    for act in (*acts, "about/drop"):
        version = str(again(case).version)
        answers.append(client.post(f"/cases/{case.number}/{act}", data={**sent, "version": version}))
        answers.append(client.post(f"/cases/{case.number}/{act}", data={**sent, "version": value}))
    assert [(a.request.path, a.status_code) for a in answers if a.status_code >= 500] == []
