"""Dates as people say them, exact in the title."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.web.dates import date_block, exact, until, when

# The frozen present of the tests is Monday 2026-03-16 10:00 in Shanghai.
CASES = [
    (datetime(2026, 3, 16, 8, 0, tzinfo=UTC), "today 16:00"),
    (datetime(2026, 3, 16, 16, 30, tzinfo=UTC), "tomorrow 00:30"),  # midnight of the site, not of UTC
    (datetime(2026, 3, 15, 1, 0, tzinfo=UTC), "yesterday 09:00"),
    (datetime(2026, 2, 24, 1, 0, tzinfo=UTC), "Tue, Feb 24 09:00"),
    (datetime(2025, 12, 31, 1, 0, tzinfo=UTC), "Dec 31, 2025 09:00"),
]


@pytest.fixture
def english(app: Any) -> Any:
    with app.test_request_context(headers={"Accept-Language": "en"}) as context:
        app.preprocess_request()
        yield context


@pytest.mark.parametrize(("moment", "words"), CASES)
def test_moments(english: Any, moment: datetime, words: str) -> None:
    assert f">{words}</time>" in when(moment)


def test_the_element_holds_the_exact_moment(english: Any) -> None:
    element = when(datetime(2026, 3, 16, 8, 0, tzinfo=UTC))
    assert 'datetime="2026-03-16T16:00+08:00"' in element
    assert 'title="Monday, March 16, 2026 16:00"' in element


def test_days_and_nothing(english: Any) -> None:
    assert ">tomorrow</time>" in when(date(2026, 3, 17))
    assert when(None) == ""
    assert exact(date(2026, 3, 17)) == "Tuesday, March 17, 2026"


def test_an_end_on_the_same_day_is_only_a_time(english: Any) -> None:
    begin = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
    assert ">11:00<" in until(begin, datetime(2026, 3, 20, 3, 0, tzinfo=UTC))
    assert "Mar 21" in until(begin, datetime(2026, 3, 21, 3, 0, tzinfo=UTC))


def test_a_leaf_of_the_calendar_in_chinese(app: Any) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        app.preprocess_request()
        leaf = date_block(datetime(2026, 3, 20, 16, 30, tzinfo=UTC))
        assert leaf == {"stamp": "2026-03-21", "month": "3月", "day": "21", "weekday": "週六"}
        assert "2月24日 週二" in when(date(2026, 2, 24))
