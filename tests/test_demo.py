"""The demo: believable, whole, the same for the same date, and never beside somebody's own content."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from content import accounts, chinese, db, demo, files, history, library, moment, outbox, people, setup
from content.demo import posters
from content.demo.filling import TEXTS
from content.demo.marks import uid_of
from content.demo.shapes import Text
from content.errors import Invalid, NotAllowed
from content.files import StoredFile
from content.history import AuditEntry, Revision
from content.items import Item, by_uid
from content.kinds.event import EventDetail
from content.liaison import Meeting
from content.permissions import visible
from content.settings import Settings
from portal.cli import main

TODAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
PASSWORD = "for-the-demo-2026"
ALL = [(kind, text) for kind, texts in TEXTS.items() for text in texts]


def words(text: Text) -> str:
    parts = [text.title, text.summary, text.body, text.note, *text.more.values(), *text.later.values()]
    return "\n".join(str(part) for part in parts)


@pytest.fixture(scope="module")
def filled(demo_portal: Settings) -> Iterator[tuple[Settings, list[demo.Account]]]:
    """A demo, made once for the tests that only look at it."""
    db.open_database(demo_portal)
    with moment.at(NOW):
        yield demo_portal, demo.accounts(demo_portal)
    db.database.close()


@pytest.fixture
def standing(filled: tuple[Settings, list[demo.Account]]) -> Iterator[list[demo.Account]]:
    """The demo as the open database, whatever another test opened in between."""
    db.open_database(filled[0])
    with moment.at(NOW):
        yield filled[1]


def state_of(key: str) -> tuple[str, str]:
    item = by_uid(uid_of(key))
    return item.state, item.stage


# ---- the texts


def test_there_is_enough_of_everything() -> None:
    counts = {kind: len(texts) for kind, texts in TEXTS.items()}
    assert counts["notice"] >= 40
    assert counts["policy"] >= 15
    assert counts["service"] >= 10
    assert counts["fee"] >= 4
    assert counts["event"] >= 8
    assert counts["page"] >= 3
    simplified = sum(text.script == "hans" for _, text in ALL)
    assert 0.2 < simplified / len(ALL) < 0.4
    assert len({text.key for _, text in ALL}) == len(ALL)


@pytest.mark.parametrize(("kind", "text"), ALL, ids=[text.key for _, text in ALL])
def test_a_text_is_written_in_one_script(kind: str, text: Text) -> None:
    left_over = {character for _, character in chinese.mixed_characters(words(text), text.script)}
    # The page that explains the switch of scripts must name its other half.
    assert left_over <= ({"简"} if text.key == "page-help" else set())
    assert chinese.detect_script(words(text)) == text.script


def test_links_lead_to_texts_that_exist() -> None:
    keys = {text.key for _, text in ALL}
    linked = {key for _, text in ALL for key in re.findall(r"\(item:([a-z-]+)", words(text))}
    assert len(linked) > 15
    assert linked <= keys


def test_procedures_number_their_clauses_in_many_ways() -> None:
    numbers = set()
    for text in TEXTS["policy"]:
        clauses = library.parse_outline(text.more["outline"])
        assert len(clauses) >= 12, text.key
        assert all(clause["number"] for clause in clauses), text.key
        numbers |= {clause["number"] for clause in clauses}
    assert {
        "1.0",
        "4.2.1",
        "一",
        "(一)",
        "(1)",
        "a)",
        "--",
        "①",
        "第一章",
        "第十一條",
        "第十条",
        "3.3.1",
    } <= numbers


def test_no_sentence_is_taken_from_the_papers_of_the_users() -> None:
    seeds = Path(os.environ.get("LIANXI_SEEDS", "../shared/seeds"))
    papers = "".join(chinese.fold(path.read_text("utf-8")) for path in sorted(seeds.glob("*.txt")))
    if not papers:
        pytest.skip("the papers are not here")
    for _, text in ALL:
        for sentence in re.split(r"[。；\n！？|]", words(text)):
            folded = chinese.fold(sentence.strip())
            assert len(folded) < 18 or folded not in papers, sentence


def test_posters_are_the_same_each_time_and_different_from_one_another() -> None:
    drawn = [posters.poster(motif) for motif in posters.MOTIFS[:3]]
    assert drawn[0] == posters.poster(posters.MOTIFS[0])
    assert len(set(drawn)) == 3


# ---- what stands after filling


def test_an_account_for_every_role(standing: list[demo.Account]) -> None:
    assert {account.username for account in standing} == set(people.ROLES)
    for account in standing:
        person = people.find_person(account.username)
        assert [grant.role for grant in person.grants] == [account.username]
        assert re.fullmatch(r"[\u4e00-\u9fff]{2,4}", person.name)
        assert person.address_form
        assert person.in_directory == person.is_staff
        assert not person.is_staff or (person.job and person.department_id and person.telephone)
        assert account.password == PASSWORD
    assert people.sign_in("owner", PASSWORD) is not None
    assert people.find_person("owner").grants[0].community != people.find_person("tenant").grants[0].community


def test_every_fate_came_about(standing: list[demo.Account]) -> None:
    expected = {
        "published": ("published", ""), "corrected": ("published", ""), "rewritten": ("published", "review"),
        "draft": ("draft", ""), "review": ("review", ""), "returned": ("draft", ""), "scheduled": ("scheduled", ""),
        "expired": ("expired", ""), "withdrawn": ("withdrawn", ""), "approval": ("approval", ""),
    }  # fmt: skip
    assert {text.fate for _, text in ALL} == set(expected)
    for _, text in ALL:
        assert state_of(text.key) == expected[text.fate], text.key


def test_history_is_real(standing: list[demo.Account]) -> None:
    returned = by_uid(uid_of("thrown-objects"))
    verbs = [
        (e.verb, e.by.username)
        for e in AuditEntry.select().where(AuditEntry.item == returned.id).order_by(AuditEntry.id)
    ]
    assert verbs == [("item.created", "editor"), ("item.submitted", "editor"), ("item.returned", "reviewer")]
    entry = AuditEntry.get(AuditEntry.verb == "item.returned")
    assert "電話" in entry.difference["comment"]

    tariff = by_uid(uid_of("fee-estate"))
    steps = [
        e.by.username for e in AuditEntry.select().where(AuditEntry.item == tariff.id).order_by(AuditEntry.id)
    ]
    assert steps == ["editor", "editor", "manager", "general-manager"]

    expired = AuditEntry.get(AuditEntry.verb == "item.expired")
    assert expired.by.system

    corrected = by_uid(uid_of("policy-complaint"))
    live = [
        r.data
        for r in Revision.select()
        .where(Revision.item == corrected.id, Revision.live)
        .order_by(Revision.number)
    ]
    before, after = ({c["label"]: c for c in data["clauses"]} for data in live)
    assert before["4.5"]["text"] != after["4.5"]["text"]
    assert before["4.5"]["uid"] == after["4.5"]["uid"]


def test_everything_happened_in_order_before_the_day(standing: list[demo.Account]) -> None:
    moments = [
        entry.at
        for entry in AuditEntry.select().where(AuditEntry.item.is_null(False)).order_by(AuditEntry.id)
    ]
    assert moments == sorted(moments)
    assert moments[0] > NOW - timedelta(days=100)
    assert moments[-1].astimezone(NOW.tzinfo) < datetime(2026, 3, 15, 16, tzinfo=UTC)  # midnight in Shanghai
    published = [
        item.published_at for item in Item.select().where(Item.kind == "notice", Item.state == "published")
    ]
    assert min(published) < NOW - timedelta(days=75)
    assert max(published) > NOW - timedelta(days=2)


def test_residents_and_staff_see_their_own(standing: list[demo.Account]) -> None:
    def sees(who: str | None, key: str) -> bool:
        person = people.find_person(who) if who else None
        return Item.select().where(visible(person), Item.uid == uid_of(key)).exists()

    assert sees(None, "water-east")
    assert not sees(None, "accounts")
    assert sees("owner", "accounts")
    assert not sees("owner", "duty")
    assert sees("crew", "duty")
    assert not sees("owner", "pest")  # for the western community
    assert sees("tenant", "pest")
    assert sees("counselor", "liaison-quarter")
    assert not sees("crew", "liaison-quarter")


def test_something_is_urgent_pinned_coming_and_past(standing: list[demo.Account]) -> None:
    public = list(Item.select().where(visible(None)))
    assert any(item.urgent for item in public)
    assert any(item.pinned for item in public)
    starts = [row.starts_at for row in EventDetail.select()]
    assert min(starts) < NOW < max(starts)
    assert sum(start > NOW for start in starts) >= 3


def test_marks_are_filled_and_agree_with_the_date(standing: list[demo.Account]) -> None:
    for item in Item.select():
        told = json.dumps(history.snapshot(item), ensure_ascii=False)
        assert not re.search(r"\{(?:[+-]\d|on:|year|[a-z]{3}\})", told), item.title
    # Published on Sunday 15 March: two days later is Tuesday the 17th.
    assert by_uid(uid_of("water-east")).title == "東苑1–4棟更換水泵，3月17日白天停水"
    assert "3月17日（週二）" in history.snapshot(by_uid(uid_of("water-east")))["body"]
    assert "<table>" in history.snapshot(by_uid(uid_of("water-east")))["body"]
    drill = by_uid(uid_of("event-fire"))
    day = EventDetail.get(EventDetail.item == drill.id).starts_at.date()
    assert day.weekday() == 5
    assert f"{day.month}月{day.day}日" in by_uid(uid_of("fire-drill")).title


def test_pictures_can_be_seen_by_whoever_sees_the_text(
    standing: list[demo.Account], filled: tuple[Settings, list[demo.Account]]
) -> None:
    assert StoredFile.select().count() == len(posters.MOTIFS) + 1
    plan = files.find_file(uid_of("plan-east"))
    assert files.may_see(None, plan)
    assert files.path_of(filled[0], plan, "card").is_file()
    assert not files.may_see(None, files.find_file(uid_of("poster-moon")))  # the film night waits for review


def test_old_messages_are_read_and_new_ones_wait(standing: list[demo.Account]) -> None:
    for username in ("editor", "reviewer"):
        person = people.find_person(username)
        assert 0 < outbox.unread_count(person) < len(outbox.inbox(person))
    assert outbox.unread_count(people.find_person("general-manager")) > 0  # a tariff waits for them


# ---- filling again, and where it must not


def test_a_second_filling_changes_nothing(standing: list[demo.Account], filled: Any) -> None:
    before = AuditEntry.select().count()
    again = demo.fill(filled[0], date(2026, 5, 1))
    assert again == standing
    assert AuditEntry.select().count() == before
    assert demo.standing() == "demo"


def test_the_same_date_gives_the_same_demo(tmp_path: Path, standing: object) -> None:
    def told() -> list[Any]:
        return [
            [
                (i.id, i.uid, i.state, i.published_at, history.snapshot(i))
                for i in Item.select().order_by(Item.id)
            ],
            [
                (e.at, e.verb, e.by.username)
                for e in AuditEntry.select().where(AuditEntry.item.is_null(False)).order_by(AuditEntry.id)
            ],
            [
                (m.form_key, m.kind, m.held_on, m.state, m.office_line, m.logged_at)
                for m in Meeting.select().order_by(Meeting.id)
            ],
        ]

    first = told()
    settings = Settings(data=tmp_path, demo_password=PASSWORD)
    with moment.at(NOW + timedelta(hours=7)):
        setup.open_portal(settings)
        demo.fill(settings, TODAY)
    assert all(first)
    assert told() == first
    db.database.close()


def test_real_people_are_left_alone(settings: Settings, db: Any, clock: Any) -> None:
    people.add_person("wang", "王小明", "a long password")
    assert demo.standing() == "real"
    with pytest.raises(NotAllowed):
        demo.fill(settings, TODAY)
    assert demo.fill(settings, TODAY, if_empty=True) == []
    assert Item.select().count() == 0
    assert not (settings.data / "demo-password").exists()


def test_somebody_who_is_called_like_a_role_is_real(settings: Settings, db: Any, clock: Any) -> None:
    people.add_person("editor", "林一", "a long password")
    with pytest.raises(NotAllowed):
        demo.fill(settings, TODAY)


def test_the_first_administrator_is_taken_over_only_untouched(
    settings: Settings, db: Any, clock: Any
) -> None:
    accounts.first_administrator()
    assert demo.standing() == "empty"
    accounts.change_password(people.find_person("administrator"), "a long password")
    assert demo.standing() == "real"


def test_a_demo_with_a_newcomer_is_refused_but_still_told(settings: Settings, db: Any, clock: Any) -> None:
    accounts.first_administrator()
    made = demo.fill(settings, TODAY)
    assert len(made) == len(people.ROLES)
    kept = settings.data / "demo-password"
    assert kept.read_text().strip() == made[0].password
    assert kept.stat().st_mode & 0o777 == 0o600
    assert people.sign_in("administrator", made[0].password) is not None

    people.add_person("wang", "王小明", "a long password")
    with pytest.raises(NotAllowed):
        demo.fill(settings, TODAY)
    assert demo.fill(settings, TODAY, if_empty=True) == made

    accounts.change_password(people.find_person("administrator"), "changed by somebody")
    assert demo.accounts(settings)[0].password == ""


def test_a_short_password_is_refused_before_anything_is_written(
    settings: Settings, db: Any, clock: Any
) -> None:
    with pytest.raises(Invalid):
        demo.fill(replace(settings, demo_password="short"), TODAY)
    assert demo.standing() == "empty"
    assert Item.select().count() == 0


# ---- the command


def test_the_command_prints_the_accounts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXI_DATA", str(settings.data))
    monkeypatch.setenv("LIANXI_DEMO_PASSWORD", PASSWORD)
    runner = CliRunner()
    first = runner.invoke(main, ["demo", "--date", "2026-03-16", "--json"])
    assert first.exit_code == 0, first.output
    records = [json.loads(line) for line in first.stdout.splitlines()]
    assert {record["username"] for record in records} == set(people.ROLES)
    assert {record["password"] for record in records} == {PASSWORD}

    found = runner.invoke(main, ["search", "漏水", "--json"])
    assert found.stdout.strip(), "what the demo wrote is found at once"

    again = runner.invoke(main, ["demo", "--if-empty"])
    assert again.exit_code == 0
    assert f"password: {PASSWORD}" in again.stdout
    assert "already" in again.stderr

    people.add_person("wang", "王小明", "a long password")
    refused = runner.invoke(main, ["demo"])
    assert refused.exit_code == 1
    assert refused.stdout == ""
    db.database.close()
