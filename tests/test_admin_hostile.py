"""The back office against slips and malice: wild input, records that changed meanwhile, rights that end."""

from __future__ import annotations

import io
import threading
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from admin.addresses import LONGEST, Address
from content import accounts, file_trash, files, moment, people, preferences, workbooks
from content.accounts import erasing, helping, places, roles, roster
from content.accounts.access import reaches
from content.accounts.administrators import first_day_without
from content.backoffice import acting, changing, dashboard, exports, jobs, saved
from content.backoffice.declaring import Act
from content.backoffice.exports import Exporter, Stopped, Writing
from content.backoffice.jobs import ExportJob
from content.errors import Invalid, NotAllowed, NotFound
from content.files import StoredFile
from content.history import AuditEntry
from content.people import Department, Membership, Person
from content.settings import Settings
from tests.backoffice import SHELVES, shelves, stock
from tests.conftest import csrf
from tests.forms import counted, fields_of, found_in
from tests.registers import named

__all__ = ["shelves"]
RAISE, HIDE = SHELVES.acts
FORM = "//form[@class='office-form']"
WIDE = "𠮷" * 100  # as much as a search or a filter takes, in characters that need most room in an address


@pytest.fixture
def keeper(shelves: Any, app: Any, client: Any, login: Any) -> Any:
    login(client, "administrator")
    return client


def post(client: Any, path: str, **fields: Any) -> Any:
    return client.post(path, data={"csrf_token": csrf(client.get("/admin/shelves/")), **fields})


def _act(register: str, name: str) -> Act:
    return next(act for act in named(register).acts if act.name == name)


# ---- lists in addresses


def test_the_longest_list_is_the_same_after_its_way_through_a_form() -> None:
    names = ("telephone", "position", "site", "high")
    whole = Address(SHELVES, words=WIDE, typed=dict.fromkeys(names, WIDE), sort="name", descending=True)
    assert Address.of_query(SHELVES, whole.kept) == whole


@pytest.mark.parametrize("query", ["a=1&" * 200, "q=1&" + "x" * LONGEST], ids=["fields", "characters"])
@pytest.mark.parametrize(
    ("path", "fields"),
    [("export", {"format": "csv"}), ("act", {"act": "raise", "all": "1"}), ("saved", {"name": "一"})],
)
def test_a_query_that_nobody_has_is_refused_and_never_cut(
    keeper: Any, path: str, fields: dict[str, str], query: str
) -> None:
    stock(3)
    assert post(keeper, f"/admin/shelves/{path}", query=query, **fields).status_code == 404
    assert ExportJob.select().count() == 0
    assert saved.SavedFilter.select().count() == 0


def test_a_list_that_is_too_long_to_keep_is_not_kept_in_part(house: SimpleNamespace, shelves: Any) -> None:
    saved.keep(house.administrator, SHELVES, "一", "q=" + "x" * (saved.QUERY - 2))
    for name in ("一", "二"):
        with pytest.raises(Invalid) as refused:
            saved.keep(house.administrator, SHELVES, name, "q=" + "x" * (saved.QUERY - 1))
        assert list(refused.value.fields) == ["name"]
    assert [len(one.query) for one in saved.mine(house.administrator, SHELVES)] == [saved.QUERY]


def test_a_kept_list_of_a_number_beyond_all_is_absent(keeper: Any) -> None:
    assert post(keeper, f"/admin/shelves/saved/{9**40}", name="一").status_code == 404
    assert post(keeper, f"/admin/shelves/saved/{9**40}", remove="1").status_code == 404


# ---- acts on what changed meanwhile


def test_what_was_changed_after_it_was_looked_at_is_left_as_it_is(keeper: Any) -> None:
    one, other = stock(2)
    look = post(keeper, "/admin/shelves/act", act="hide", key=[str(one.id), str(other.id)])
    Department.update(telephone="110").where(Department.id == one.id).execute()
    fields = fields_of(look, FORM)
    done = keeper.post("/admin/shelves/act", data={**fields, "go": "1"})
    assert [Department.get_by_id(row.id).position for row in (one, other)] == [0, -1]
    (words,) = found_in(done, "//ul[@class='office-named']//span[@class='muted']")
    assert words.text_content() == "您看過之後，這筆又有變動。請再看一次。"
    # Looked at once more, it is done.
    look = post(keeper, "/admin/shelves/act", act="hide", key=str(one.id))
    keeper.post("/admin/shelves/act", data={**fields_of(look, FORM), "go": "1"})
    assert Department.get_by_id(one.id).position == -1


def test_what_is_left_for_later_remembers_what_was_looked_at(house: SimpleNamespace) -> None:
    rows = stock(3)
    keys = [acting.looked_at(SHELVES, row) for row in rows]
    first = acting.run(house.administrator, SHELVES, RAISE, keys, {"by": ["1"]}, seconds=-1)
    Department.update(telephone="110").where(Department.id == rows[2].id).execute()
    rest = acting.run(house.administrator, SHELVES, RAISE, first.rest, {"by": ["1"]})
    assert [row.id for row in rest.done] == [rows[1].id]
    assert [why.id for _, why in rest.refused] == [acting.CHANGED]


def test_one_record_by_two_names_is_acted_upon_once(house: SimpleNamespace) -> None:
    (one,) = stock(1)
    keys = [str(one.id), acting.looked_at(SHELVES, one), f"0{one.id}"]
    acting.run(house.administrator, SHELVES, RAISE, keys, {"by": ["5"]})
    assert Department.get_by_id(one.id).position == 5


def test_what_stayed_as_it_was_is_told_though_the_rest_took_another_go(keeper: Any, monkeypatch: Any) -> None:
    rows = stock(4)
    Department.update(position=95).where(Department.id << [rows[0].id, rows[3].id]).execute()
    monkeypatch.setitem(acting.run.__kwdefaults__, "seconds", -1)  # one row at a time
    page = post(
        keeper, "/admin/shelves/act", act="raise", keys="\n".join(str(row.id) for row in rows), go="1", by="1"
    )
    for _ in range(3):
        page = keeper.post("/admin/shelves/act", data=fields_of(page, "//form[@data-further]"))
    assert not found_in(page, "//form[@data-further]")
    (heading,) = found_in(page, "//h2[@id='office-wont']")
    assert "2" in heading.text_content()
    assert len(found_in(page, "//ul[@class='office-named']/li")) == 1


# ---- accounts


def test_an_account_that_is_to_be_shut_is_made_shut(house: SimpleNamespace) -> None:
    typed = {"username": ["later"], "name": ["日後"], "email": ["later@example.com"]}
    shut = changing.create(house.administrator, named("people"), typed)
    assert not Person.get_by_id(shut).active
    opened = changing.create(
        house.administrator, named("people"), {**typed, "username": ["now"], "active": ["1"]}
    )
    assert Person.get_by_id(opened).active
    assert roster.make(house.administrator, {"username": "third", "name": "三"}).active


def test_who_will_be_the_only_administrator_is_not_erased(house: SimpleNamespace) -> None:
    heir = people.add_person("heir", "接任的", "a-password-for-tests")
    ends = moment.today() + timedelta(days=30)
    Membership.create(person=heir, role="administrator", since=ends + timedelta(days=1))
    role = Membership.get(Membership.person == house.administrator, Membership.role == "administrator")
    roles.end(house.administrator, role.id, ends)
    assert first_day_without() is None
    asked = erasing.ask(Person.get_by_id(heir.id), confirmed=True)
    with pytest.raises(Invalid) as refused:
        erasing.decide(house.administrator, asked.id, grant=True)
    assert list(refused.value.fields) == ["answer"]
    assert first_day_without() is None
    assert Person.get_by_id(heir.id).name == "接任的"


def test_who_will_be_of_the_staff_is_helped_by_administrators_alone(house: SimpleNamespace) -> None:
    heir = people.add_person("heir", "接任的", "a-password-for-tests")
    assert reaches(house.receptionist, "accounts:help", heir)
    role = roles.give(
        house.administrator, heir.id, {"role": "editor", "since": moment.today() + timedelta(days=9)}
    )
    with pytest.raises(NotFound):
        helping.hand_out(house.receptionist, heir.id)
    with pytest.raises(Invalid):
        helping.find(house.receptionist, "heir")
    assert helping.hand_out(house.administrator, heir.id)
    roles.take(house.administrator, role.id)
    assert helping.hand_out(house.receptionist, heir.id)


def test_looking_at_many_people_to_write_to_asks_no_more_than_for_one(house: SimpleNamespace) -> None:
    keys = [row.id for row in Person.select() if not row.system]
    with counted() as asked:
        acting.preview(house.administrator, named("people"), _act("people", "send_link"), keys)
    assert len(keys) > 10
    assert len(asked) <= 3


@pytest.mark.parametrize("position", ["0" * 9 + "9" * 20, "9" * 30, "10000", "1.5"])
def test_a_place_in_the_order_has_a_limit_however_it_is_written(
    house: SimpleNamespace, position: str
) -> None:
    with pytest.raises(Invalid) as refused:
        places.make_department(house.administrator, {"name": "新部門", "position": position})
    assert list(refused.value.fields) == ["position"]


# ---- what is looked up


@pytest.mark.parametrize("key", ["9" * 40, "１", "-1", "x", "9" * 18, "\0"])
def test_a_looked_up_key_that_cannot_be_is_refused_beside_its_field(
    keeper: Any, house: SimpleNamespace, key: str
) -> None:
    fields = {"act": "give_role", "keys": str(house.editor.id), "go": "1", "role": "reviewer", "section": key}
    before = Membership.select().count()
    answer = post(keeper, "/admin/people/act", **fields)
    if key == "\0":  # nothing was typed
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert found_in(answer, "//*[@id='f-section'][contains(@class, 'field-wrong')]")
    assert Membership.select().count() == before


# ---- settings


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("mail_from", "a@b.test,c@d.test"), ("mail_from", "聯繫苑<desk@a.test>"), ("mail_from", "a;b@c.test"),
        ("mail_from", "<desk@a.test"), ("mail_from", "a:b@c.test"),
    ],
)  # fmt: skip
def test_a_sender_that_no_mail_can_have_is_refused(
    settings: Settings, house: SimpleNamespace, name: str, typed: str
) -> None:
    with pytest.raises(Invalid) as refused:
        preferences.change(settings, house.administrator, {name: typed})
    assert list(refused.value.fields) == [name]


@pytest.mark.parametrize(
    "typed", ["https://a.test?", "https://a.test#", "https://a.test/?", "HTTPS://A.test/#"]
)
def test_an_address_of_the_portal_ends_with_its_name(
    settings: Settings, house: SimpleNamespace, typed: str
) -> None:
    preferences.change(settings, house.administrator, {"public_url": typed})
    assert preferences.current(settings).public_url.lower() == "https://a.test"


# ---- files and figures


def test_who_lost_an_export_to_another_leaves_its_file_alone(
    house: SimpleNamespace, settings: Settings, shelves: Any
) -> None:
    stock(3)
    job = jobs.ask(
        house.administrator, SHELVES, "csv", words="", typed={}, sort="", descending=False, locale="en"
    )
    exporter = Exporter(settings, lambda message, locale: message.id)
    slow = Writing(job, "slow", threading.Event())
    ExportJob.update(state="running", claim="slow", beat_at=moment.now()).where(
        ExportJob.id == job.id
    ).execute()
    exports._written(settings, exporter.say, slow)  # and then stands still for longer than its lease
    ExportJob.update(beat_at=moment.now() - 2 * jobs.LEASE).where(ExportJob.id == job.id).execute()
    while exporter.run():
        pass
    whole = jobs.file_of(settings, house.administrator, job.uid).read_bytes()
    with suppress(Stopped):
        exporter._finish(slow)
    assert jobs.file_of(settings, house.administrator, job.uid).read_bytes() == whole
    exporter._write(slow)
    (settings.data / jobs.FOLDER / f"{job.uid}.killed.part").touch()
    ExportJob.update(state="waiting", finished_at=None).where(ExportJob.id == job.id).execute()
    while exporter.run():
        pass
    assert [path.name for path in (settings.data / jobs.FOLDER).iterdir()] == [f"{job.uid}.csv"]


def test_a_workbook_survives_characters_that_no_workbook_can_hold() -> None:
    target = io.BytesIO()
    rows = [["好\uffff評\ufffe", "\ud800=1+1", "a\x0bb"], ["下一行", "", ""]]
    workbooks.write(target, "單", [("頭\uffff", 10), ("", 10), ("", 10)], rows)
    sheet = openpyxl.load_workbook(target).active
    assert [cell.value for cell in sheet[1]][:1] == ["頭"]
    assert [cell.value for cell in sheet[2]] == ["好評", "=1+1", "ab"]
    assert sheet["B2"].data_type == "s"
    assert sheet["A3"].value == "下一行"


def test_a_file_is_put_into_the_trash_and_taken_out_once(house: SimpleNamespace, settings: Settings) -> None:
    file = files.store(settings, house.administrator, io.BytesIO("一個檔案".encode()), "說明.txt")
    file_trash.trash_file(house.administrator, file)
    since = StoredFile.get_by_id(file.id).trashed_at
    entries = AuditEntry.select().where(AuditEntry.verb == "file.trashed")
    file_trash.trash_file(house.administrator, file)
    assert (entries.count(), StoredFile.get_by_id(file.id).trashed_at) == (1, since)


def test_a_right_that_was_just_taken_throws_no_file_away(house: SimpleNamespace, settings: Settings) -> None:
    file = files.store(settings, house.editor, io.BytesIO("一個檔案".encode()), "說明.txt")
    second = people.add_person("second", "第二位", "a-password-for-tests")
    people.give_role(second, "administrator")
    assert second.grants  # as a request has read them
    accounts.take_role(Person.get_by_id(second.id), "administrator")
    with pytest.raises((NotAllowed, NotFound)):
        file_trash.trash_file(second, file)
    assert StoredFile.get_by_id(file.id).trashed_at is None


def test_the_dashboard_is_shown_while_the_index_is_made_anew(
    settings: Settings, house: SimpleNamespace
) -> None:
    over = threading.Event()

    def churn() -> None:
        number = 0
        while not over.is_set():
            number += 1
            folder = settings.index / f"g-{number}"
            folder.mkdir(parents=True)
            (folder / "part").write_bytes(b"x")
            (folder / "part").unlink()
            folder.rmdir()

    churning = threading.Thread(target=churn)
    churning.start()
    try:
        for _ in range(400):
            assert dashboard._storage(settings)
    finally:
        over.set()
        churning.join()
