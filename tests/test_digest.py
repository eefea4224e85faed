"""How mail comes: each at once, one a day or a week at its hour, or none; and the link that stops it (RFC 8058)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import channels, outbox, subscriptions, wishes
from content.db import database
from content.errors import Written, msg
from content.history import AuditEntry
from content.outbox import InboxEntry, Outgoing
from content.people import Person
from content.settings import Settings
from content.subscriptions import Wishes, digest
from content.subscriptions.choosing import next_digest
from content.wishes import ReaderWishes
from content.worker import Worker
from portal.web.i18n import say
from tests.forms import text_of
from tests.mail_sink import Sink, mail_sink
from tests.test_subscriptions import Killed

Clock = Callable[[timedelta], None]
NEWS = msg("Urgent: “%(title)s”", title=Written("停電通知", "hant"))


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_sink() as running, channels.sending_through(channels.SmtpTransport):
        yield running


@pytest.fixture
def posted(settings: Settings, sink: Sink, house: SimpleNamespace) -> Iterator[Settings]:
    changed = replace(
        settings, smtp_host="127.0.0.1", smtp_port=sink.port, public_url="https://portal.test", mail_from="p@portal.test"
    )  # fmt: skip
    channels.configure(changed)
    Person.update(email=Person.username.concat("@b.test")).where(Person.system == False).execute()  # noqa: E712
    house.owner = Person.get_by_id(house.owner.id)
    house.tenant = Person.get_by_id(house.tenant.id)
    yield changed
    channels.configure(settings)


def deliver(settings: Settings) -> int:
    return outbox.deliver(settings, say)


# The fixtures' clock stands at Monday, 2026-03-16, 10:00 in Shanghai.
@pytest.mark.parametrize(
    ("wanted", "now", "due"),
    [
        (Wishes("daily", 18), "2026-03-16T17:59:59.999999", "2026-03-16T18:00"),
        (Wishes("daily", 18), "2026-03-16T18:00", "2026-03-17T18:00"),
        (Wishes("daily", 0), "2026-03-16T00:00", "2026-03-17T00:00"),
        (Wishes("daily", 0), "2026-03-16T23:59:59", "2026-03-17T00:00"),
        (Wishes("weekly", 7, 0), "2026-03-16T06:59", "2026-03-16T07:00"),
        (Wishes("weekly", 7, 0), "2026-03-16T07:00", "2026-03-23T07:00"),
        (Wishes("weekly", 7, 6), "2026-03-16T10:00", "2026-03-22T07:00"),
        (Wishes("each"), "2026-03-16T10:00", None),
        (Wishes("none"), "2026-03-16T10:00", None),
    ],
)
def test_the_next_hour(db: Any, wanted: Wishes, now: str, due: str | None) -> None:
    def here(text: str) -> datetime:
        return datetime.fromisoformat(text + "+08:00").astimezone(UTC)

    assert next_digest(wanted, here(now)) == (here(due) if due else None)


def test_a_digest_comes_at_its_hour_and_not_twice(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock
) -> None:
    subscriptions.set_wishes(house.owner, Wishes("daily", 18))
    outbox.tell(house.owner, NEWS, "/notices/1")
    outbox.tell(house.owner, msg("%(name)s", name="第二"), "/notices/2")
    assert (deliver(posted), len(sink.mails)) == (0, 0)
    clock(timedelta(hours=7, minutes=59, seconds=59))
    assert subscriptions.post_digests() == 0
    clock(timedelta(seconds=1))
    assert subscriptions.post_digests() == 1
    assert subscriptions.post_digests() == 0
    assert deliver(posted) == 1
    body = sink.mails[0].get_content()
    assert "停電通知" in body
    assert "https://portal.test/notices/1" in body
    assert "第二" in body
    clock(timedelta(days=1))
    assert subscriptions.post_digests() == 1, "the hour came"
    assert deliver(posted) == 0, "and there was nothing new"


def test_it_speaks_the_readers_language_and_script(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock
) -> None:
    Person.update(locale="zh_Hans_CN").where(Person.id == house.owner.id).execute()
    for person in (house.owner, house.tenant):
        subscriptions.set_wishes(person, Wishes("daily", 11))
        outbox.tell(person, NEWS, "/notices/1")
    clock(timedelta(hours=1))
    assert subscriptions.post_digests() == 2
    assert deliver(posted) == 2
    bodies = {mail["To"]: mail.get_content() for mail in sink.mails}
    mine = next(body for to, body in bodies.items() if "owner@" in to)
    theirs = next(body for to, body in bodies.items() if "tenant@" in to)
    assert "停电通知" in mine
    assert "停電通知" in theirs
    assert say(msg("What you have not read yet"), "zh_Hans_CN") in mine


def test_what_was_read_meanwhile_is_left_out(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock
) -> None:
    subscriptions.set_wishes(house.owner, Wishes("daily", 11))
    for number in (1, 2):
        outbox.tell(house.owner, msg("%(name)s", name=f"訊息{number}"), f"/notices/{number}")
    newest = outbox.inbox(house.owner)[0]
    clock(timedelta(hours=1))
    subscriptions.post_digests()
    outbox.mark_read(house.owner, [newest.id])
    assert deliver(posted) == 1
    assert "訊息1" in sink.mails[0].get_content()
    assert "訊息2" not in sink.mails[0].get_content()
    outbox.tell(house.owner, NEWS, "/")
    clock(timedelta(days=1))
    subscriptions.post_digests()
    outbox.mark_read(house.owner, "all")
    assert deliver(posted) == 0, "all was read: there is nothing to say"
    assert not Outgoing.select().where(Outgoing.sent_at.is_null()).exists()


@pytest.mark.parametrize(
    ("mode", "plain", "urgent"), [("each", 1, 1), ("daily", 0, 1), ("weekly", 0, 1), ("none", 0, 0)]
)
def test_urgent_ones_come_at_once_unless_none(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock, mode: str, plain: int, urgent: int
) -> None:
    subscriptions.set_wishes(house.owner, Wishes(mode, 11, 0))
    outbox.tell(house.owner, NEWS, "/")
    assert deliver(posted) == plain
    outbox.tell(house.owner, NEWS, "/notices/9", urgent=True)
    assert deliver(posted) == urgent
    outbox.tell_many([house.owner], NEWS, "/notices/10", dedupe="live:x", urgent=True)
    assert deliver(posted) == urgent
    clock(timedelta(days=8))
    subscriptions.post_digests()
    sent = deliver(posted)
    assert sent == (mode in ("daily", "weekly"))
    if sent:
        assert "/notices/9" not in sink.mails[-1].get_content(), "that came by itself"


def test_many_are_told_as_each_wishes(posted: Settings, sink: Sink, house: SimpleNamespace) -> None:
    subscriptions.set_wishes(house.owner, Wishes("daily"))
    subscriptions.set_wishes(house.crew, Wishes("none"))
    everybody = list(Person.select())
    assert outbox.tell_many(everybody, NEWS, "/", dedupe="live:x") == len(house.people)
    assert outbox.tell_many(everybody, NEWS, "/", dedupe="live:x") == 0
    while deliver(posted):
        pass
    assert sorted(sink.recipients) == sorted(
        f"{name}@b.test" for name in house.people if name not in ("owner", "crew")
    )
    assert InboxEntry.select().where(InboxEntry.for_digest == True).count() == 1  # noqa: E712


def test_days_without_a_worker_are_made_up_for_by_one_mail(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock
) -> None:
    subscriptions.set_wishes(house.owner, Wishes("daily", 11))
    outbox.tell(house.owner, NEWS, "/")
    clock(timedelta(days=3))
    worker = Worker(posted, say)
    for _ in range(3):
        worker.run_once()
    assert len(sink.mails) == 1
    assert ReaderWishes.get().digest_at == datetime(2026, 3, 19, 3, 0, tzinfo=UTC)


def test_no_digest_waits_after_another_choice(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock
) -> None:
    subscriptions.set_wishes(house.owner, Wishes("daily", 11))
    outbox.tell(house.owner, NEWS, "/")
    subscriptions.set_wishes(house.owner, Wishes("none"))
    subscriptions.set_wishes(house.owner, Wishes("daily", 11))
    clock(timedelta(days=2))
    subscriptions.post_digests()
    assert deliver(posted) == 0


def test_killed_anywhere_each_digest_comes_once(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in house.people.values():
        subscriptions.set_wishes(person, Wishes("daily", 11))
        outbox.tell(Person.get_by_id(person.id), NEWS, "/")
    clock(timedelta(hours=1))
    plain = database.obj.execute_sql
    for fatal in range(1, 45):
        left = [fatal]

        def dying(sql: str, *args: Any, left: list[int] = left, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return plain(sql, *args, **kwargs)

        monkeypatch.setattr(database.obj, "execute_sql", dying)
        with contextlib.suppress(Killed):
            digest.post_digests(5)
        monkeypatch.setattr(database.obj, "execute_sql", plain)
        if database.in_transaction():
            database.rollback()
    while subscriptions.post_digests():
        pass
    while deliver(posted):
        pass
    assert sorted(sink.recipients) == sorted(f"{name}@b.test" for name in house.people)


def test_an_account_without_an_address_or_shut_gets_none(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock
) -> None:
    for person in (house.owner, house.tenant):
        subscriptions.set_wishes(person, Wishes("daily", 11))
        outbox.tell(person, NEWS, "/")
    Person.update(email="").where(Person.id == house.owner.id).execute()
    Person.update(active=False).where(Person.id == house.tenant.id).execute()
    clock(timedelta(hours=1))
    assert subscriptions.post_digests() == 2
    assert deliver(posted) == 0


def test_each_mail_can_be_stopped_with_one_click_once(
    posted: Settings, sink: Sink, house: SimpleNamespace, client: Any
) -> None:
    channels.configure(posted)  # the application has read its own settings meanwhile
    outbox.tell(house.owner, NEWS, "/notices/1")
    deliver(posted)
    mail = sink.mails[0]
    link = mail["List-Unsubscribe"].strip(" <>")
    assert f"List-Unsubscribe: <{link}>" in mail.as_string(policy=mail.policy.clone(max_line_length=0))
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mail.get_content()
    path = link.removeprefix("https://portal.test")
    assert client.get(path).status_code == 200
    assert subscriptions.wishes_of(house.owner).mode == "each", (
        "looking does nothing: mail programs look, too"
    )
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert house.owner.name not in text_of(answer)
    assert subscriptions.wishes_of(house.owner).mode == "none"
    assert AuditEntry.select().where(AuditEntry.verb == "person.mail-stopped").count() == 1
    subscriptions.set_wishes(house.owner, Wishes("each"))
    assert client.post(path).status_code == client.get(path).status_code == 404, "it holds once"
    assert subscriptions.wishes_of(house.owner).mode == "each"
    outbox.tell(house.owner, NEWS, "/notices/2")
    deliver(posted)
    assert sink.mails[1]["List-Unsubscribe"] != mail["List-Unsubscribe"]


def test_a_forged_word_stops_nothing(house: SimpleNamespace, client: Any) -> None:
    word = wishes.stop_word(house.owner)
    number, _, signature = word.partition(".")
    for wrong in (
        f"{house.tenant.id}.{signature}", f"{number}.", f"{number}.{'0' * 40}", number, "x", "999999.abc",
        "9" * 30 + ".a", word + "0", f"{house.tenant.id}.{wishes._signature('', house.tenant.id)}",
    ):  # fmt: skip
        assert client.post(f"/unsubscribe/{wrong}").status_code == 404, wrong
    assert not ReaderWishes.select().where(ReaderWishes.mail_mode == "none").exists()
