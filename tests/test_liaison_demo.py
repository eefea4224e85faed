"""The demo's year of meetings: twelve pairs, believable, the same for the same day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from content import chinese, db, demo, liaison, moment, people, setup
from content.demo import keeping, liaison_words
from content.demo import liaison as play
from content.liaison import Meeting, Pairing, overview
from content.settings import Settings

TODAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)


def filled(folder: Path, today: date) -> Settings:
    settings = Settings(data=folder, demo_password="for-the-demo-2026", database_wait_ms=500)
    with moment.at(datetime(today.year, today.month, today.day, 2, tzinfo=UTC)):
        setup.open_portal(settings)
        demo.fill(settings, today)
    return settings


@pytest.fixture
def standing(demo_portal: Settings) -> Iterator[None]:
    db.open_database(demo_portal)
    with moment.at(NOW):
        yield
    db.database.close()


def test_twelve_pairs_and_a_year_of_meetings(standing: None) -> None:
    assert Pairing.select().where(Pairing.until.is_null()).count() == 12
    days = [meeting.held_on for meeting in Meeting.select()]
    assert len(days) >= 80
    assert min(days) < date(2025, 3, 31)
    assert max(days) < TODAY
    assert {meeting.kind for meeting in Meeting.select()} == set(liaison.KINDS)


def test_the_accounts_printed_stay_one_for_each_role(standing: None, demo_portal: Settings) -> None:
    assert {account.username for account in demo.accounts(demo_portal)} == set(people.ROLES)
    assert demo.standing() == "demo"
    others = [
        person for person in keeping.demo_people() if person.username.startswith(("leader-", "counselor-"))
    ]
    assert len(others) == 22
    assert not any(person.password_hash for person in others)


def test_the_overview_has_something_to_see(standing: None) -> None:
    office = people.find_person("office")
    matrix = overview.coverage(office)
    assert (matrix.covered, matrix.counselors) == (12, 12)
    assert matrix.silent >= 2
    seen = {cell.standing for row in matrix.rows for cell in (*row.cells, *row.begins)}
    assert {"done", "waiting", "late", "none"} <= seen
    standing_now, _ = overview.office_pairings(office)
    assert {liaison.duties.reshuffle_standing(one, TODAY) for one in standing_now} == {"", "soon", "late"}


def test_leader_and_counselor_have_something_to_do(standing: None) -> None:
    leader, counselor = people.find_person("leader"), people.find_person("counselor")
    home = liaison.home(leader)
    assert [one.pairing.counselor_id for one in home.leads] == [counselor.id]
    assert {one.standing for one in home.leads[0].dues} >= {"due", "waiting"}
    assert liaison.home(counselor).waiting
    assert home.follow_ups


def test_words_are_written_in_one_script() -> None:
    texts = [text for pairs in liaison_words.WORDS.values() for pair in pairs for text in pair]
    texts += [*liaison_words.PLACES, *liaison_words.ANSWERS, *(what for _, what in liaison_words.PROMISES)]
    assert not [text for text in texts if chinese.mixed_characters(text, "hant")]
    names = [figure[0] for figure in (*liaison_words.LEADERS, *liaison_words.COUNSELORS)]
    assert len(set(names)) == len(names) == 22


@pytest.mark.parametrize(
    "today",
    [
        date(2028, 2, 29),
        *(
            pytest.param(day, marks=pytest.mark.slow)
            for day in (date(2026, 1, 1), date(2026, 4, 1), date(2026, 8, 2))
        ),
    ],
    ids=str,
)
def test_it_can_be_played_on_any_day(tmp_path: Path, today: date) -> None:
    filled(tmp_path, today)
    assert Pairing.select().count() == len(play.MONTHS)
    assert all(meeting.held_on < today for meeting in Meeting.select())
    db.database.close()
