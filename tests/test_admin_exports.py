"""Lists as files: what the list shows and nothing else, written by the worker, fetched by who asked for a day."""

from __future__ import annotations

import csv
import io
import os
import stat
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from content import moment, people
from content.backoffice import exports, jobs, listing
from content.backoffice.exports import Exporter
from content.backoffice.jobs import ExportJob
from content.errors import Invalid, Message, NotAllowed, NotFound
from content.outbox import InboxEntry
from content.people import Department, Site
from tests.backoffice import SHELVES, shelves, stock
from tests.conftest import csrf
from tests.forms import found_in

__all__ = ["shelves"]
Clock = Callable[[timedelta], None]


def say(message: Message, locale: str) -> str:
    return f"{message.id}" if not message.values else message.id % message.values


def ask(person: Any, format: str = "csv", **more: Any) -> ExportJob:
    chosen: dict[str, Any] = {"words": "", "typed": {}, "sort": "", "descending": False, "locale": "en"}
    return jobs.ask(person, SHELVES, format, **(chosen | more))


def work(settings: Any, rounds: int = 30) -> None:
    exporter = Exporter(settings, say)
    while rounds and exporter.run():
        rounds -= 1
    exporter.close()


def written(settings: Any, person: Any, job: ExportJob) -> list[list[str]]:
    path = jobs.file_of(settings, person, job.uid)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.fixture
def boss(shelves: Any, house: SimpleNamespace) -> Any:
    return house.administrator


def test_it_holds_what_the_list_shows_in_its_order(boss: Any, settings: Any) -> None:
    rows = stock(30)
    Department.update(position=-1).where(Department.id == rows[10].id).execute()  # hidden: 部門11
    job = ask(boss, words="部門1", typed={"high": "0"}, sort="name", descending=True)
    work(settings)
    lines = written(settings, boss, job)
    assert lines[0] == ["Name", "Community", "Telephone", "Position", "Urgent"]
    assert [line[0] for line in lines[1:]] == [f"部門{n}" for n in (19, 18, 17, 16, 15, 14, 13, 12, 10, 1)]
    assert lines[1][1:] == [Site.get().name, "'0755", "18", "No"]
    done = jobs.one(boss, job.uid)
    assert (done.state, done.rows_done, done.total, done.share) == ("done", 10, 10, 100)


def test_more_than_a_batch(boss: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "BATCH", 7)
    stock(50)
    job = ask(boss, sort="position")
    work(settings)
    assert [line[3] for line in written(settings, boss, job)[1:]] == [str(n) for n in range(50)]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+8613800000000",
        "-2",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        " =1",
        "0301",
        "3-2-11",
        "3E5",
    ],
)
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_texts_stay_texts(boss: Any, settings: Any, text: str, format: str) -> None:
    site = Site.create(name="聯繫苑")
    Department.create(site=site, name="甲", telephone=text)
    job = ask(boss, format)
    work(settings)
    if format == "csv":
        assert written(settings, boss, job)[1][2] == f"'{text}"
        return
    sheet = openpyxl.load_workbook(jobs.file_of(settings, boss, job.uid)).active
    cell = sheet["C2"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    assert str(cell.value).strip() == text.strip()
    assert sheet["D2"].data_type == "n"


def test_days_and_times_are_such_in_a_workbook(house: SimpleNamespace, settings: Any) -> None:
    from content.backoffice.registers.audit import AUDIT

    job = jobs.ask(
        house.administrator, AUDIT, "xlsx", words="", typed={}, sort="", descending=False, locale="en"
    )
    work(settings)
    sheet = openpyxl.load_workbook(jobs.file_of(settings, house.administrator, job.uid)).active
    place = [column.type for column in AUDIT.columns].index("time") + 1
    value = sheet.cell(2, place).value
    assert value.date() == date(2026, 3, 16)
    assert value.hour == 10  # as the clocks of the site show it


def test_the_person_is_told_and_the_file_lies_for_a_day(boss: Any, settings: Any, clock: Clock) -> None:
    stock(2)
    job = ask(boss)
    assert InboxEntry.select().count() == 0
    work(settings)
    told = InboxEntry.get()
    assert (told.person_id, told.url) == (boss.id, f"/admin/exports/{job.uid}/")
    path = jobs.file_of(settings, boss, job.uid)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(path.parent).st_mode) == 0o700
    clock(timedelta(hours=23, minutes=59))
    assert jobs.file_of(settings, boss, job.uid) == path
    clock(timedelta(minutes=1))
    with pytest.raises(NotFound):
        jobs.file_of(settings, boss, job.uid)
    assert jobs.forget_old(settings) == 1
    assert not path.exists()
    clock(timedelta(days=30))
    jobs.forget_old(settings)
    assert ExportJob.select().count() == 0


def test_only_who_asked_fetches_it_and_only_with_the_right(
    boss: Any, settings: Any, house: SimpleNamespace
) -> None:
    stock(2)
    job = ask(boss)
    work(settings)
    other = people.add_person("second", "副手", "a-password-for-tests")
    people.give_role(other, "administrator")
    for who in (other, house.editor, None):
        with pytest.raises(NotFound):
            jobs.file_of(settings, who, job.uid)
    people.Membership.delete().where(people.Membership.person == boss).execute()
    demoted = people.Person.get_by_id(boss.id)
    with pytest.raises(NotAllowed):
        jobs.file_of(settings, demoted, job.uid)


def test_who_loses_the_right_gets_no_file(boss: Any, settings: Any) -> None:
    stock(2)
    job = ask(boss)
    people.Membership.delete().where(people.Membership.person == boss).execute()
    work(settings)
    failed = ExportJob.get_by_id(job.id)
    assert (failed.state, failed.error) == ("failed", exports.LOST)
    assert list((settings.data / jobs.FOLDER).iterdir()) == []


def test_who_may_not_see_the_list_has_none_written(shelves: Any, house: SimpleNamespace) -> None:
    for who in (house.editor, house.owner, None):
        with pytest.raises(NotAllowed):
            ask(who)
    with pytest.raises(NotFound):
        ask(house.administrator, "html")


def test_three_at_once(boss: Any, settings: Any) -> None:
    for _ in range(3):
        ask(boss)
    with pytest.raises(Invalid):
        ask(boss)
    work(settings)
    ask(boss)


def test_one_that_is_cancelled_is_not_written(boss: Any, settings: Any) -> None:
    stock(2)
    job = ask(boss)
    assert jobs.cancel(boss, job.uid).state == "cancelled"
    work(settings)
    assert jobs.one(boss, job.uid).state == "cancelled"
    assert not jobs.path_of(settings, job).exists()
    assert InboxEntry.select().count() == 0


def test_cancelled_while_it_is_written(boss: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "BATCH", 5)
    stock(50)
    job = ask(boss)
    plain = listing.following

    def and_cancel(*args: Any, **more: Any) -> Any:
        ExportJob.update(state="cancelled", finished_at=moment.now(), claim="").where(
            ExportJob.id == job.id
        ).execute()
        return plain(*args, **more)

    monkeypatch.setattr(listing, "following", and_cancel)
    work(settings)
    assert jobs.one(boss, job.uid).state == "cancelled"
    assert list((settings.data / jobs.FOLDER).iterdir()) == []


def test_one_whose_worker_was_killed_is_begun_anew(boss: Any, settings: Any, clock: Clock) -> None:
    stock(5)
    job = ask(boss)
    killed = {"state": "running", "claim": "of somebody who is dead", "beat_at": moment.now(), "rows_done": 3}
    ExportJob.update(**killed).where(ExportJob.id == job.id).execute()
    work(settings)
    assert jobs.one(boss, job.uid).state == "running"  # it may yet live
    clock(timedelta(seconds=31))
    work(settings)
    assert (jobs.one(boss, job.uid).state, len(written(settings, boss, job))) == ("done", 6)


def test_a_worker_that_ends_leaves_it_to_the_next(
    boss: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 1)
    monkeypatch.setattr(exports, "PATIENCE", 0.01)
    stock(400)
    job = ask(boss)
    first = Exporter(settings, say)
    first.run()
    first.close()
    assert jobs.one(boss, job.uid).state == "waiting"
    assert list((settings.data / jobs.FOLDER).iterdir()) == []
    monkeypatch.setattr(exports, "BATCH", 500)
    work(settings)
    assert len(written(settings, boss, job)) == 401


def test_no_storage_is_said(boss: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **more: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exports.workbooks, "write", full)
    stock(2)
    job = ask(boss, "xlsx")
    work(settings)
    failed = jobs.one(boss, job.uid)
    assert failed.state == "failed"
    assert "storage" in failed.error
    assert list((settings.data / jobs.FOLDER).iterdir()) == []


# ---- the pages


def test_from_the_list_to_the_file(
    shelves: Any, app: Any, client: Any, login: Any, settings: Any, house: SimpleNamespace
) -> None:
    stock(12)
    login(client, "administrator")
    token = csrf(client.get("/admin/shelves/"))
    asked = client.post(
        "/admin/shelves/export", data={"csrf_token": token, "format": "csv", "query": "q=部門1"}
    )
    page = asked.headers["Location"]
    assert client.get(f"{page}file").status_code == 404
    assert client.get(f"{page}state").json == {"state": "waiting", "share": None, "rows": 0, "total": None}
    assert found_in(client.get(page), "//progress")
    work(settings)
    assert found_in(client.get(page), f"//a[@href='{page}file']")
    fetched = client.get(f"{page}file")
    assert fetched.headers["Content-Disposition"] == "attachment; filename=shelves-20260316-1000.csv"
    assert fetched.headers["Cache-Control"] == "no-store"
    assert len(fetched.get_data(as_text=True).splitlines()) == 5  # 部門1, 10, 11, 12
    fetched.close()
    assert found_in(client.get("/admin/exports/"), f"//a[@href='{page}']")
    cancelled = client.post(f"{page}cancel", data={"csrf_token": token})
    assert cancelled.status_code == 303
    assert client.get(f"{page}state").json["state"] == "done"
    for path in ("/admin/exports/x/", "/admin/exports/x/file", "/admin/exports/x/state"):
        assert client.get(path).status_code == 404
