"""The back office on a large portal: its lists with filters and words, and a long list as a workbook in little memory."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.figures import Figure
from bench.servers import CannotRun
from content import people, setup
from content.backoffice import jobs
from content.backoffice.exports import Exporter
from content.backoffice.jobs import ExportJob
from content.backoffice.registers import REGISTERS
from content.db import database
from content.settings import Settings
from portal.app import create_app
from portal.web.i18n import say

PASSWORD = "for-the-bench-only"
TRIES = 5
# What is asked of the lists: the usual order, another one, far back, a filter, words that many have, few have, nobody has.
LISTS = (
    "/admin/audit/", "/admin/audit/?sort=at", "/admin/audit/?page=500", "/admin/audit/?after=1000",
    "/admin/audit/?f.at.from=2021-01-01&f.at.until=2021-01-31", "/admin/audit/?q=通知", "/admin/audit/?q=通知 1999",
    "/admin/audit/?q=無", "/admin/people/", "/admin/people/?sort=name&after=1000", "/admin/people/?f.in_directory=1",
    "/admin/people/?q=住戶", "/admin/people/?q=住戶 1999", "/admin/people/?q=無",
)  # fmt: skip
_COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
_AUDIT = """INSERT INTO audit_entry (at, by_id, verb, subject)
SELECT strftime('%Y-%m-%d %H:%M:%f', 1577836800 + i * 900, 'unixepoch') || '000', ?, 'item.edited', '通知 ' || i FROM n"""
_PEOPLE = """INSERT INTO person (username, name, address_form, email, telephone, password_hash, active, system, job,
in_directory, locale, script, elder, created_at) SELECT 'user' || i, '住戶 ' || i, '', '', '', '', 1, 0, '', i % 7 = 0, '',
'', 0, '2026-01-01 00:00:00.000000' FROM n"""


def measure(folder: Path, rows: int, written: int) -> list[Figure]:
    """Fill the audit and the accounts with ``rows`` each, open their lists, write ``written`` rows into a workbook."""
    settings = Settings(data=folder, worker=False)
    setup.open_portal(settings)
    boss = people.add_person("boss", "boss", PASSWORD)
    people.give_role(boss, "administrator")
    with database.atomic():
        database.execute_sql(_COUNT + _AUDIT, (rows, boss.id))
        database.execute_sql(_COUNT + _PEOPLE, (rows,))
    return [*_lists(settings, rows), *_workbook(settings, written)]


def _lists(settings: Settings, rows: int) -> list[Figure]:
    client = create_app(settings).test_client()
    page = client.get("/login").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/login", data={"csrf_token": token, "username": "boss", "password": PASSWORD})
    times: dict[str, float] = {}
    most = 0
    for path in LISTS:
        tries = []
        for _ in range(TRIES):
            start = time.perf_counter()
            answer = client.get(path)
            tries.append((time.perf_counter() - start) * 1000)
            if answer.status_code != 200:
                raise CannotRun(f"{path}: {answer.status_code}")
        times[path] = statistics.median(tries)
        most = max(most, _asked(client, path))
    slowest = max(times, key=lambda path: times[path])
    note = f"{rows} rows; the slowest is {slowest}, the median {statistics.median(times.values()):.0f} ms"
    return [
        Figure.most("back office list, filter, search", times[slowest], 200, "{:.0f} ms", note),
        Figure.most("questions of a list of the back office", most, 12, "{:.0f}"),
    ]


def _asked(client: Any, path: str) -> int:
    count, plain = 0, database.obj.execute_sql

    def noting(*args: Any, **more: Any) -> Any:
        nonlocal count
        count += 1
        return plain(*args, **more)

    database.obj.execute_sql = noting
    try:
        client.get(path)
    finally:
        del database.obj.execute_sql
    return count


def _workbook(settings: Settings, rows: int) -> list[Figure]:
    """In a process of its own, so that what it takes at most is known."""
    database.close()
    command = [sys.executable, "-m", "bench.backoffice", str(settings.data), str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"the list could not be written: {done.stderr[-500:]}")
    more, seconds, size = (float(word) for word in done.stdout.split())
    note = f"{rows} rows in {seconds:.0f} s, {size:.1f} MB"
    return [Figure.most("memory of a workbook", more, 200, "{:.0f} MB more", note)]


def _write(folder: Path, rows: int) -> None:
    settings = Settings(data=folder, worker=False)
    setup.open_portal(settings)
    boss = people.find_person("boss")
    audit = next(register for register in REGISTERS if register.name == "audit")
    chosen: dict[str, Any] = {"sort": "", "descending": False, "locale": "zh_Hant_TW", "words": ""}
    # The entries are a quarter of an hour apart, so a day is known on which so many had been written.
    until = database.execute_sql(
        "SELECT date(at, '+1 day') FROM audit_entry ORDER BY at LIMIT 1 OFFSET ?", (rows - 1,)
    )
    job = jobs.ask(boss, audit, "xlsx", typed={"at.until": until.fetchone()[0]}, **chosen)
    exporter, before, start = Exporter(settings, say), _most(), time.perf_counter()
    while exporter.run():
        pass
    done = ExportJob.get_by_id(job.id)
    if done.state != "done" or done.rows_done < rows:
        raise CannotRun(f"{done.state}, {done.rows_done} rows")
    print(_most() - before, time.perf_counter() - start, done.size / 1024**2)


def _most() -> float:
    """The most memory that this process took so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    _write(Path(sys.argv[1]), int(sys.argv[2]))
