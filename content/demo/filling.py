"""Playing the plot: every text through the real actions at its own past moments, so that its history is real."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from content import actions, files, library, moment, outbox, richtext, subscriptions
from content.demo import (
    gatherings,
    notices_daily,
    notices_east,
    notices_school,
    offers,
    policies_safety,
    policies_school,
    policies_service,
    posters,
)
from content.demo.marks import day_of, filler, instant, uid_of
from content.demo.plot import Step, Times, steps
from content.demo.shapes import Happening, Text
from content.demo.stage import Stage
from content.files import StoredFile
from content.items import by_uid
from content.people import scheduler
from content.settings import Settings

TEXTS: dict[str, tuple[Text, ...]] = {
    "page": gatherings.PAGES,
    "policy": (*policies_service.TEXTS, *policies_safety.TEXTS, *policies_school.TEXTS),
    "fee": offers.FEES,
    "service": offers.SERVICES,
    "event": gatherings.EVENTS,
    "notice": (*notices_east.TEXTS, *notices_daily.TEXTS, *notices_school.TEXTS),
}
# Where the Markdown of a text goes; "body" in all other kinds.
BODY = {"policy": "preamble"}
HAPPENINGS: dict[str, Happening] = {text.key: text.more["happens"] for text in gatherings.EVENTS}
# Key of a picture in the text of another one → what it shows.
PLANS = {"refuse": ("plan-east", "東苑示意圖：投放點從1棟旁邊移到5棟北側")}
READ_UNTIL = 5  # days: older messages in the inboxes have been read


@dataclass(frozen=True)
class Production:
    """One filling of a portal."""

    settings: Settings
    today: date
    stage: Stage

    def play(self) -> None:
        """Everything that happens, in the order of time."""
        acts = [
            (step.at, kind, times, step)
            for kind, texts in TEXTS.items()
            for text in texts
            for times in (Times(text, self.today, self.settings.zone),)
            for step in steps(kind, times)
        ]
        read_at = instant(self.today - timedelta(days=READ_UNTIL), "18:30", self.settings.zone)
        pending = True
        for at, kind, times, step in sorted(acts, key=lambda act: act[0]):
            if pending and at > read_at:
                pending = self._empty_inboxes(read_at)
            with moment.at(at):
                self._act(kind, times, step)
                while subscriptions.announce():
                    pass

    def _empty_inboxes(self, at: datetime) -> bool:
        with moment.at(at):
            for person in self.stage.people.values():
                outbox.mark_read(person, "all")
        return False

    def _act(self, kind: str, times: Times, step: Step) -> None:
        text = times.text
        person = scheduler() if step.by == "scheduler" else self.stage.people[step.by]
        if step.act == "create":
            self._store_pictures(text)
            section = self.stage.sections[text.section]
            actions.create(person, kind, section, self.values(kind, times), uid=uid_of(text.key))
        elif step.act == "dated":
            actions.run_dated_transitions()
        elif step.act == "edit":
            item = by_uid(uid_of(text.key))
            changes = self.changes(kind, times, actions.working_values(item))
            actions.edit(person, item, changes, version=item.version, note=step.comment)
        else:
            actions.transition(person, by_uid(uid_of(text.key)), step.act, comment=step.comment)

    def values(self, kind: str, times: Times) -> dict[str, Any]:
        """The first version of a text, as the form of its kind would give it."""
        text = times.text
        fill = filler(text, self.today, HAPPENINGS)
        return {
            "title": fill(text.title),
            "summary": fill(text.summary),
            "script": text.script,
            "audience": self._audience(text),
            "pinned": text.pinned,
            "urgent": text.urgent,
            "publish_at": times.publish_at,
            "expire_at": times.expire_at,
            BODY.get(kind, "body"): richtext.from_markdown(fill(text.body)),
            **self._more(text, text.more, fill),
        }

    def changes(self, kind: str, times: Times, before: Mapping[str, Any]) -> dict[str, Any]:
        """What the second version of a text changes."""
        text = times.text
        fill = filler(text, self.today, HAPPENINGS, times.second.date())
        later = dict(text.later)
        found: dict[str, Any] = {}
        if "body" in later:
            found[BODY.get(kind, "body")] = richtext.from_markdown(fill(later.pop("body")))
        found |= self._more(text, later, fill)
        if "clauses" in found:
            found["clauses"] = library.align(before["clauses"], [{**c, "uid": ""} for c in found["clauses"]])
        return found

    def _audience(self, text: Text) -> str:
        communities = self.stage.communities
        keys = (key.partition(":") for key in text.audience.split(",") if key)
        return ",".join(
            f"{name}:{communities[value].id}" if name == "community" else name + colon + value
            for name, colon, value in keys
        )

    def _more(self, text: Text, more: Mapping[str, Any], fill: Any) -> dict[str, Any]:
        """The fields of the kind itself; ``from``, ``outline`` and ``happens`` stand for several of them."""
        found: dict[str, Any] = {}
        for name, value in more.items():
            if name == "from":
                found["in_force_from"] = self.today - timedelta(days=value)
            elif name == "outline":
                clauses = library.parse_outline(value)
                found["clauses"] = [{**one, "uid": uid_of(f"{text.key}#{one['label']}")} for one in clauses]
            elif name == "happens":
                found |= self._event(value)
            else:
                found[name] = fill(value) if isinstance(value, str) else value
        return found

    def _event(self, happening: Happening) -> dict[str, Any]:
        day = day_of(happening, self.today)
        return {
            "starts_at": instant(day, happening.start, self.settings.zone),
            "ends_at": instant(day, happening.end, self.settings.zone),
            "poster": uid_of(f"poster-{happening.poster}"),
            "poster_alt": happening.shows,
        }

    def _store_pictures(self, text: Text) -> None:
        if text.key in HAPPENINGS:
            happening = HAPPENINGS[text.key]
            self._store(f"poster-{happening.poster}", posters.poster(happening.poster), happening.shows)
        if text.key in PLANS:
            key, shows = PLANS[text.key]
            self._store(key, posters.plan(), shows)

    def _store(self, key: str, picture: bytes, shows: str) -> None:
        editor = self.stage.people["editor"]
        file = files.store(self.settings, editor, io.BytesIO(picture), f"{key}.png", shows)
        # Nothing refers to it yet: its address can be the same in every demo, as those of items are.
        StoredFile.update(uid=uid_of(key)).where(StoredFile.id == file.id).execute()
