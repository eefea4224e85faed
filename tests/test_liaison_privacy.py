"""The notes of a pair: for every role, on every page, list, export, in the search, the audit, messages and mail."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook

from content import channels, liaison, people, search
from content.db import database
from content.history import AuditEntry
from content.liaison import Meeting, overview, sheet
from content.liaison.rights import own_pairings
from content.outbox import InboxEntry, Outgoing
from content.permissions import may
from content.search import SearchQuery
from portal.web.i18n import say
from tests.liaison import LINE, NOTE, PROMISE, WORDS, another, met, paired

SECRETS = (NOTE, WORDS, PROMISE)
OTHERS = sorted(set(people.ROLES) - {"leader", "counselor"})


@pytest.fixture
def told(house: SimpleNamespace, settings: Any, clock: Any) -> Meeting:
    """A confirmed meeting with notes of both, a promise, and mail on."""
    with channels.forbid_sending():
        channels.configure(replace(settings, smtp_host="mail.test", mail_from="portal@mail.test"))
        for person in house.people.values():
            people.Person.update(email=f"{person.username}@mail.test").where(
                people.Person.id == person.id
            ).execute()
        house.counselor.email, house.leader.email = "counselor@mail.test", "leader@mail.test"
        meeting = met(
            house, paired(house), follow_what=PROMISE, follow_owner="counselor", follow_due="2026-03-20"
        )
        liaison.confirm_meeting(house.counselor, meeting.id, WORDS, version=1)
        yield meeting
    channels.configure(settings)


def every_page(app: Any, meeting: Meeting) -> list[str]:
    values = {"int:id": str(meeting.id), "id": str(meeting.id)}
    found = []
    for rule in app.url_map.iter_rules():
        path = str(rule)
        if not path.startswith("/liaison") or "GET" not in rule.methods:
            continue
        for name, value in values.items():
            path = path.replace(f"<{name}>", value)
        found.append(path)
    more = (
        "/",
        "/inbox/",
        "/account",
        "/search?q=" + NOTE,
        "/search?q=" + WORDS,
        "/search?q=" + PROMISE,
        "/staff/",
    )
    return [*found, *more]


@pytest.mark.parametrize("role", [None, *OTHERS, "leader-2", "counselor-2"])
def test_no_page_shows_the_notes_to_anybody_else(
    app: Any, house: SimpleNamespace, told: Meeting, login: Any, role: str | None
) -> None:
    another("leader")
    another("counselor")
    client = app.test_client()
    if role:
        login(client, role)
    paths = every_page(app, told)
    assert len(paths) > 12
    for path in paths:
        answer = client.get(path, follow_redirects=True)
        words = answer.get_data().decode("utf-8", "replace")
        if not path.startswith("/search"):
            assert not [secret for secret in SECRETS if secret in words], path
        if path.startswith("/search"):  # the box repeats what was typed; no hit may hold it
            assert "<mark>" not in words
    assert client.get(f"/liaison/meetings/{told.id}").status_code in (302, 404)


@pytest.mark.parametrize("role", ["leader", "counselor"])
def test_the_two_read_them(app: Any, told: Meeting, login: Any, role: str) -> None:
    client = app.test_client()
    login(client, role)
    page = client.get(f"/liaison/meetings/{told.id}").get_data(as_text=True)
    assert all(secret in page for secret in SECRETS)
    for path in (
        "/liaison/",
        "/liaison/meetings/",
    ):  # lists show neither: somebody may look over the shoulder
        page = client.get(path).get_data(as_text=True)
        assert NOTE not in page
        assert WORDS not in page


def test_the_office_reads_its_line(app: Any, told: Meeting, login: Any) -> None:
    client = app.test_client()
    login(client, "office")
    assert LINE in client.get("/liaison/office/meetings/").get_data(as_text=True)


def test_an_office_worker_who_leads_reads_only_the_own_notes(
    app: Any, house: SimpleNamespace, told: Meeting, login: Any
) -> None:
    people.give_role(house.office, "leader")
    people.give_role(house.administrator, "counselor")
    for role in ("office", "administrator"):
        client = app.test_client()
        login(client, role)
        assert client.get(f"/liaison/meetings/{told.id}").status_code == 404
        assert not any(
            secret in client.get("/liaison/meetings/").get_data(as_text=True) for secret in SECRETS
        )


@pytest.mark.parametrize("role", OTHERS)
def test_rights_and_lists_agree(house: SimpleNamespace, told: Meeting, role: str) -> None:
    person = people.find_person(role)
    assert not may(person, "liaison:read", told)
    assert not liaison.Pairing.select().where(own_pairings(person)).exists()


def test_the_export_holds_the_line_and_no_note(house: SimpleNamespace, told: Meeting) -> None:
    made = sheet.overview_sheet(house.office, lambda message: say(message, "en"))
    book = load_workbook(io.BytesIO(made))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert LINE in cells
    assert house.leader.name in cells
    assert not [cell for cell in cells if any(secret in cell for secret in SECRETS)]


def test_no_formula_leaves_the_house(house: SimpleNamespace, clock: Any) -> None:
    pair = paired(house)
    for n, line in enumerate(("=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "一\x0b二")):
        met(house, pair, key=f"{n}" * 32, office_line=line, held_on=f"2026-03-0{n + 1}")
        book = load_workbook(io.BytesIO(sheet.overview_sheet(house.office, lambda m: say(m, "en"))))
        cells = [cell for row in book.active.iter_rows() for cell in row]
        assert all(cell.data_type != "f" for cell in cells)


def test_nothing_of_it_is_in_messages_mail_audit_or_search(
    house: SimpleNamespace, told: Meeting, settings: Any
) -> None:
    while search.index_pending(settings):
        pass
    rows = [
        *(json.dumps([e.message_id, e.values], ensure_ascii=False) for e in InboxEntry.select()),
        *(json.dumps(o.context, ensure_ascii=False) for o in Outgoing.select()),
        *(json.dumps([e.subject, e.difference], ensure_ascii=False) for e in AuditEntry.select()),
    ]
    assert Outgoing.select().where(Outgoing.channel == "mail").exists()
    assert not [row for row in rows if any(text in row for text in (*SECRETS, LINE))]
    for person in (None, *house.people.values()):
        for text in SECRETS:
            assert search.find(settings, person, SearchQuery(text)).hits == []


def test_no_other_table_holds_the_notes(told: Meeting) -> None:
    """Whatever is added later: the notes stand in their own two tables and nowhere else."""
    for table in database.get_tables():
        if table in ("meeting", "follow_up") or table.startswith("sqlite"):
            continue
        rows = database.execute_sql(f'SELECT * FROM "{table}"').fetchall()
        assert not [row for row in rows if any(secret in str(row) for secret in SECRETS)], table


def test_office_lists_do_not_even_ask_for_the_notes(house: SimpleNamespace, told: Meeting) -> None:
    found = overview.office_meetings(house.office)[0]
    assert not {"private_note", "counselor_note"} & set(found.__data__)
