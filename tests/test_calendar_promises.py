"""Promises in the calendars of those whom they concern: days and numbers, no word of what was said (R-041, R-133)."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from content import liaison, moment, reception
from content.cases import Case
from content.settings import Settings
from content.subscriptions import calendar_feed
from portal.web.i18n import say
from tests.liaison import met, paired
from tests.matters import sent
from tests.test_calendar import read


def entries(settings: Settings, person: Any) -> dict[str, Any]:
    body = calendar_feed.written(settings, say, person, "en")
    return {title: one for title, one in read(body).items() if "romise" in title or "talk" in title}


def test_a_promised_time_is_in_the_calendars_of_both_sides(settings: Settings, house: Any) -> None:
    case = sent(house.owner, words="水管漏了，地板都是水")
    reception.step(house.receptionist, case, "take", version=case.version)
    case = Case.get_by_id(case.id)
    at = moment.now() + timedelta(hours=6)
    reception.set_promise(house.receptionist, case, at, version=case.version)
    [theirs] = entries(settings, house.owner).values()
    [ours] = entries(settings, house.receptionist).values()
    assert (
        theirs["dtstart"].dt.astimezone(UTC)
        == at.replace(microsecond=0)
        == ours["dtstart"].dt.astimezone(UTC)
    )
    assert case.number in theirs["summary"]
    assert "漏" not in theirs.to_ical().decode() + ours.to_ical().decode()
    assert entries(settings, house.tenant) == {} == entries(settings, house.manager)
    assert entries(settings, None) == {}


def test_what_was_promised_in_a_talk_is_its_owners_alone(settings: Settings, house: Any) -> None:
    meeting = met(house, paired(house))
    values = {"follow_what": "找一位學姐談談", "follow_owner": "leader", "follow_due": "2026-03-20"}
    made = liaison.add_follow_up(house.leader, meeting.id, values)
    [one] = entries(settings, house.leader).values()
    assert one["dtstart"].dt.isoformat() == "2026-03-20"
    assert "學姐" not in one.to_ical().decode()
    assert entries(settings, house.counselor) == {} == entries(settings, house.office)
    liaison.set_done(house.counselor, made.id, True)
    assert entries(settings, house.leader) == {}
