"""The only reader of the time. Times are aware and in UTC; the site's zone is for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system
_zone = "Asia/Shanghai"


def use_zone(zone: str) -> None:
    """Say once, when the portal is opened, in which zone the days of the site begin."""
    global _zone
    _zone = zone


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


def of_timestamp(seconds: float) -> datetime:
    """A moment that a file system states, in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def today(zone: str = "") -> date:
    """The date of the present moment in the site's zone, or in the one given."""
    return now().astimezone(ZoneInfo(zone or _zone)).date()


def local(at: datetime) -> datetime:
    """A moment as the clocks of the site show it."""
    return at.astimezone(ZoneInfo(_zone))


def midnight_after(moment: datetime, zone: str) -> datetime:
    """The next midnight of the zone after ``moment``, in UTC."""
    local = moment.astimezone(ZoneInfo(zone))
    tomorrow = local.date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[Callable[[timedelta], None]]:
    """Hold the time at ``moment`` (tests, demo). Yields a function that moves it forward."""
    global _source
    before, held = _source, [moment.astimezone(UTC)]

    def advance(by: timedelta) -> None:
        held[0] += by

    _source = lambda: held[0]  # noqa: E731  a closure is the whole point
    try:
        yield advance
    finally:
        _source = before
