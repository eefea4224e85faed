"""Dates as people say them: today 16:00, tomorrow, 2月24日 週二; exact in the title and for machines."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import current_app, g
from markupsafe import Markup

from content import moment
from portal.web.i18n import marked
from portal.web.i18n import worded as _
from portal.web.reading import reading

_THIS_YEAR = {"zh_Hant_TW": "M月d日 EEE", "zh_Hans_CN": "M月d日 EEE", "en": "EEE, MMM d"}
_OTHER_YEAR = {"zh_Hant_TW": "y年M月d日", "zh_Hans_CN": "y年M月d日", "en": "MMM d, y"}
_EXACT = {"zh_Hant_TW": "y年M月d日 EEEE", "zh_Hans_CN": "y年M月d日 EEEE", "en": "EEEE, MMMM d, y"}
_MONTH = {"zh_Hant_TW": "M月", "zh_Hans_CN": "M月", "en": "MMM"}
_WEEKDAY = {"zh_Hant_TW": "EEE", "zh_Hans_CN": "EEE", "en": "EEE"}


@lru_cache(maxsize=4096)
def _worded(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


def local(value: datetime) -> datetime:
    """A moment in the zone of the site."""
    return value.astimezone(ZoneInfo(g.settings.zone))


def day_words(day: date) -> str:
    """A day as people say it: today, tomorrow, yesterday, 2月24日 週二."""
    today = moment.today(g.settings.zone)
    distance = (day - today).days
    if distance == 0:
        return _("today")
    if distance == 1:
        return _("tomorrow")
    if distance == -1:
        return _("yesterday")
    locale = reading().locale
    patterns = _THIS_YEAR if day.year == today.year else _OTHER_YEAR
    return marked(_worded(day, patterns[locale], locale))


def exact(value: datetime | date) -> str:
    """A day with year and weekday, and the minute if it has one; for titles and for print."""
    locale = reading().locale
    if isinstance(value, datetime):
        there = local(value)
        return marked(f"{_worded(there.date(), _EXACT[locale], locale)} {there:%H:%M}")
    return marked(_worded(value, _EXACT[locale], locale))


def when(value: datetime | date | None, time: bool = True) -> Markup:
    """A ``<time>`` element with the words people use, the exact moment on hover and in print."""
    if value is None:
        return Markup("")
    zone, pseudo = g.settings.zone, bool(current_app.config.get("PSEUDO"))
    return _element(value, time, moment.today(zone), zone, reading().locale, pseudo)


@lru_cache(maxsize=1024)
def _element(value: datetime | date, time: bool, today: date, zone: str, locale: str, pseudo: bool) -> Markup:
    """Kept under all that its words depend on: a list holds two dozen, and the next reader gets the same."""
    if isinstance(value, datetime):
        there = local(value)
        day, stamp = there.date(), there.isoformat(timespec="minutes")
        words = day_words(day)
        if time:
            words = _("%(day)s %(clock)s", day=words, clock=f"{there:%H:%M}")
    else:
        day, stamp = value, value.isoformat()
        words = day_words(day)
    # The words of this year leave it out; on paper the exact day follows them.
    look = Markup(' class="near"') if day.year == today.year else ""
    return Markup('<time%s datetime="%s" title="%s">%s</time>') % (look, stamp, exact(value), words)


def day_exact(value: datetime | date) -> str:
    """A day with its year, as it stands under a notice."""
    day = local(value).date() if isinstance(value, datetime) else value
    locale = reading().locale
    return marked(_worded(day, _OTHER_YEAR[locale], locale))


def until(begin: datetime, end: datetime) -> Markup:
    """The end of something, after its begin was said: only the time if it is the same day."""
    first, last = local(begin), local(end)
    if first.date() == last.date():
        return Markup('<time datetime="{}">{}</time>').format(
            last.isoformat(timespec="minutes"), marked(f"{last:%H:%M}")
        )
    return when(end)


def date_block(value: datetime) -> dict[str, str]:
    """Month, day and weekday of a moment, for the block beside an event."""
    there, locale = local(value).date(), reading().locale
    return {
        "stamp": there.isoformat(),
        "month": marked(_worded(there, _MONTH[locale], locale)),
        "day": str(there.day),
        "weekday": marked(_worded(there, _WEEKDAY[locale], locale)),
    }
