"""What happens to each text of the demo, and when: the days of an editor and a reviewer, as data."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from content.demo.marks import instant, own_day
from content.demo.shapes import Text

# All acts of a text lie before the demo's date, so that nothing of it has yet to happen whatever the hour.
SECOND_VERSION = 3  # days after the first one
TAKEN_DOWN = 5  # days after publication


@dataclass(frozen=True)
class Step:
    """One act: "create", "edit" (the second version), "dated" (the scheduler), else a step of the workflow."""

    at: datetime
    act: str
    by: str = "editor"
    comment: str = ""


@dataclass(frozen=True)
class Times:
    """The moments that matter to a text."""

    text: Text
    today: date
    zone: str

    def of(self, day: date) -> datetime:
        """A moment of the working day, the same for the same text: 8:40 to 16:40."""
        minutes = zlib.crc32(self.text.key.encode()) % 480
        return instant(day, "08:40", self.zone) + timedelta(minutes=minutes)

    @property
    def own(self) -> datetime:
        return self.of(own_day(self.text, self.today))

    @property
    def second(self) -> datetime:
        """When the second version was written."""
        days = self.text.again
        return (
            self.of(self.today - timedelta(days=days)) if days else self.own + timedelta(days=SECOND_VERSION)
        )

    @property
    def publish_at(self) -> datetime | None:
        ahead = self.text.ahead
        return instant(self.today + timedelta(days=ahead), "08:00", self.zone) if ahead else None

    @property
    def expire_at(self) -> datetime | None:
        lasts = self.text.lasts
        day = own_day(self.text, self.today) + timedelta(days=lasts)
        return instant(day, "20:00", self.zone) if lasts else None


def steps(kind: str, times: Times) -> list[Step]:
    """Everything that happens to a text, in order."""
    return list(_FATES[times.text.fate](kind, times))


def _published(kind: str, times: Times) -> Iterator[Step]:
    """Written the day before, submitted, and published on its own day."""
    own = times.own
    yield Step(own - timedelta(hours=20), "create")
    yield Step(own - timedelta(hours=19, minutes=15), "submit")
    yield from _approved(kind, own)


def _approved(kind: str, at: datetime) -> Iterator[Step]:
    if kind == "fee":
        yield Step(at - timedelta(hours=2), "endorse", "manager")
        yield Step(at, "publish", "general-manager")
    else:
        yield Step(at, "publish", "reviewer")


def _rewritten(kind: str, times: Times) -> Iterator[Step]:
    yield from _published(kind, times)
    yield Step(times.second, "edit", comment=times.text.note)
    yield Step(times.second + timedelta(minutes=20), "submit", comment=times.text.note)


def _corrected(kind: str, times: Times) -> Iterator[Step]:
    yield from _rewritten(kind, times)
    yield from _approved(kind, times.second + timedelta(hours=3))


def _withdrawn(kind: str, times: Times) -> Iterator[Step]:
    yield from _published(kind, times)
    yield Step(times.own + timedelta(days=TAKEN_DOWN), "withdraw", "reviewer", times.text.note)


def _expired(kind: str, times: Times) -> Iterator[Step]:
    yield from _published(kind, times)
    assert times.expire_at is not None, "a text that expires lasts some days"
    yield Step(times.expire_at, "dated", "scheduler")


def _draft(kind: str, times: Times) -> Iterator[Step]:
    yield Step(times.own, "create")


def _review(kind: str, times: Times) -> Iterator[Step]:
    yield Step(times.own, "create")
    yield Step(times.own + timedelta(minutes=30), "submit", comment=times.text.note)


def _then(act: str, by: str) -> Callable[[str, Times], Iterator[Step]]:
    """Created, submitted, and then one step by somebody else."""

    def fate(kind: str, times: Times) -> Iterator[Step]:
        yield Step(times.own, "create")
        yield Step(times.own + timedelta(minutes=30), "submit")
        yield Step(times.own + timedelta(hours=2), act, by, times.text.note)

    return fate


_FATES: dict[str, Callable[[str, Times], Iterator[Step]]] = {
    "published": _published,
    "corrected": _corrected,
    "rewritten": _rewritten,
    "draft": _draft,
    "review": _review,
    "returned": _then("return", "reviewer"),
    "scheduled": _then("schedule", "reviewer"),
    "expired": _expired,
    "withdrawn": _withdrawn,
    "approval": _then("endorse", "manager"),
}
