"""The outbox: what is told arrives once, whatever fails on the way; and the inbox of a person."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import channels, moment, outbox
from content.db import database, transaction
from content.errors import Message, msg
from content.outbox import InboxEntry, Outgoing
from content.people import Person
from content.settings import Settings
from tests.mail_sink import Sink, mail_sink

NEWS = msg("“%(title)s” was published", title="停水通知")
Clock = Callable[[timedelta], None]


def say(message: Message, locale: str) -> str:
    values = {k: say(v, locale) if isinstance(v, Message) else v for k, v in message.values.items()}
    return f"[{locale}] {message.id % values}"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_sink() as running, channels.sending_through(channels.SmtpTransport):
        yield running


@pytest.fixture
def posted(settings: Settings, sink: Sink, house: SimpleNamespace) -> Iterator[Settings]:
    """Settings with the sink as mail server, in force."""
    changed = replace(
        settings, smtp_host="127.0.0.1", smtp_port=sink.port, public_url="https://portal.test/", mail_from="p@portal.test"
    )  # fmt: skip
    channels.configure(changed)
    yield changed
    channels.configure(settings)


def with_mail(person: Person, address: str = "li@example.test", locale: str = "") -> Person:
    Person.update(email=address, locale=locale).where(Person.id == person.id).execute()
    return Person.get_by_id(person.id)


def test_telling_writes_the_inbox_and_the_post(posted: Settings, house: SimpleNamespace) -> None:
    editor = with_mail(house.editor)
    outbox.tell(editor, NEWS, "/notices/1")
    assert [entry.message for entry in outbox.inbox(editor)] == [NEWS]
    row = Outgoing.get()
    assert (row.channel, row.recipient_id, row.sent_at) == ("mail", editor.id, None)


def test_without_a_mail_server_no_mail_is_written(settings: Settings, house: SimpleNamespace) -> None:
    channels.configure(settings)
    outbox.tell(with_mail(house.editor), NEWS, "/notices/1")
    assert outbox.unread_count(house.editor) == 1
    assert Outgoing.select().count() == 0
    assert outbox.deliver(settings, say) == 0


@pytest.mark.parametrize("change", [{"mail": False}, {"address": ""}])
def test_no_mail_without_address_or_where_it_is_not_wanted(
    posted: Settings, house: SimpleNamespace, change: dict[str, Any]
) -> None:
    editor = with_mail(house.editor, change.pop("address", "a@b.test"))
    outbox.tell(editor, NEWS, "/", **change)
    assert outbox.unread_count(editor) == 1
    assert Outgoing.select().count() == 0


def test_nobody_is_told_who_cannot_sign_in(posted: Settings, house: SimpleNamespace) -> None:
    Person.update(active=False, email="a@b.test").where(Person.id == house.editor.id).execute()
    assert outbox.tell(Person.get_by_id(house.editor.id), NEWS, "/") is None
    assert InboxEntry.select().count() == Outgoing.select().count() == 0


def test_the_row_goes_with_its_transaction(posted: Settings, house: SimpleNamespace) -> None:
    def change_that_fails() -> None:
        with transaction():
            outbox.tell(with_mail(house.editor), NEWS, "/")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    assert InboxEntry.select().count() == Outgoing.select().count() == 0


def test_the_same_key_is_told_once_per_person(posted: Settings, sink: Sink, house: SimpleNamespace) -> None:
    editor, reviewer = with_mail(house.editor), with_mail(house.reviewer, "r@b.test")
    with transaction():
        for _ in range(3):
            for person in (editor, reviewer):
                outbox.tell(person, NEWS, "/", dedupe="published:1")
    outbox.deliver(posted, say)
    outbox.tell(editor, NEWS, "/", dedupe="published:1")
    outbox.deliver(posted, say)
    assert sorted(sink.recipients) == ["li@example.test", "r@b.test"]
    assert outbox.unread_count(editor) == 1


def test_a_mail_speaks_the_recipients_language_and_links_home(
    posted: Settings, sink: Sink, house: SimpleNamespace
) -> None:
    outbox.tell(with_mail(house.editor, locale="zh_Hans_CN"), NEWS, "/notices/1")
    outbox.tell(with_mail(house.reviewer), NEWS, "/notices/1")
    assert outbox.deliver(posted, say) == 2
    assert sink.connections == 1
    first, second = sink.mails
    assert first["Subject"] == "[zh_Hans_CN] “停水通知” was published"
    assert second["Subject"].startswith("[zh_Hant_TW]")
    assert "editor 甲" in first["To"]
    assert "聯繫 <p@portal.test>" in first["From"]
    assert first["Auto-Submitted"] == "auto-generated"
    body = first.get_content().splitlines()
    assert body[0] == "[zh_Hans_CN] “停水通知” was published"
    assert "https://portal.test/notices/1" in body


def test_without_a_public_address_there_is_no_link(
    posted: Settings, sink: Sink, house: SimpleNamespace
) -> None:
    outbox.tell(with_mail(house.editor), NEWS, "/notices/1")
    outbox.deliver(replace(posted, public_url=""), say)
    assert "http" not in sink.mails[0].get_content()
    assert "/notices/1" not in sink.mails[0].get_content()


@pytest.mark.parametrize(
    "evil",
    ["a\r\nBcc: victim@b.test", "a\nX: y", "a\r\n\r\nbody", "a\u2028Bcc: x@y.z", "停\x00水\x0b", "長" * 500],
)
def test_no_header_can_be_smuggled_in(
    posted: Settings, sink: Sink, house: SimpleNamespace, evil: str
) -> None:
    Person.update(name=evil[:90]).where(Person.id == house.editor.id).execute()
    posted = replace(posted, site_name=evil)
    outbox.tell(with_mail(house.editor), msg("%(title)s", title=evil), "/")
    assert outbox.deliver(posted, say) == 1
    mail = sink.mails[0]
    assert sink.recipients == ["li@example.test"]
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version", "List-Unsubscribe", "List-Unsubscribe-Post",
    }  # fmt: skip
    assert len(mail["Subject"]) <= channels.SUBJECT
    assert "\n" not in mail["Subject"]


@pytest.mark.parametrize(
    "address", ["a@b.test\r\nRCPT TO:<v@b.test>", "no address", "@", "a@", "a@b@c", "x" * 400 + "@b.test"]
)
def test_a_malformed_address_is_given_up_at_once(posted: Settings, sink: Sink, address: str) -> None:
    outbox.enqueue("mail", address=address, context={**outbox.pack(NEWS), "url": "/"})
    assert outbox.deliver(posted, say) == 0
    assert Outgoing.get().failed_at == moment.now()
    assert sink.recipients == []


def test_a_closed_account_gets_no_more_mail(posted: Settings, sink: Sink, house: SimpleNamespace) -> None:
    outbox.tell(with_mail(house.editor), NEWS, "/")
    Person.update(active=False).where(Person.id == house.editor.id).execute()
    assert outbox.deliver(posted, say) == 0
    assert sink.mails == []
    assert Outgoing.get().failed_at is not None


def test_a_failed_delivery_is_tried_again_ever_later_and_then_given_up(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock
) -> None:
    sink.answer = lambda command, line: "451 later" if command == "MAIL" else None
    outbox.tell(with_mail(house.editor), NEWS, "/")
    waits = []
    while (row := Outgoing.get()).failed_at is None:
        assert outbox.deliver(posted, say) == 0
        assert outbox.deliver(posted, say) == 0, "not before it is due"
        row = Outgoing.get()
        if row.failed_at is None:
            waits.append(row.due_at - moment.now())
            clock(waits[-1])
    assert tuple(waits) == outbox.DELAYS == tuple(sorted(waits))
    assert row.tries == outbox.TRIES
    assert "451 later" in row.error
    clock(timedelta(days=9))
    sink.answer = lambda command, line: None
    assert outbox.deliver(posted, say) == 0


@pytest.mark.parametrize(
    "trouble",
    [
        {"MAIL": "451 later"},
        {"MAIL": "hang up"},
        {"DATA": "hang up"},
        {"END": "452 full"},
        {"END": "hang up"},
        {"RCPT": "450 grey"},
        {"EHLO": "421 no", "HELO": "421 no"},
    ],
)
def test_after_trouble_the_mail_still_comes_once(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock, trouble: dict[str, str]
) -> None:
    sink.answer = lambda command, line: trouble.get(command)
    outbox.tell(with_mail(house.editor), NEWS, "/")
    assert outbox.deliver(posted, say) == 0
    sink.answer = lambda command, line: None
    clock(timedelta(minutes=1))
    assert outbox.deliver(posted, say) == 1
    clock(timedelta(days=2))
    assert outbox.deliver(posted, say) == 0
    assert len(sink.mails) == 1


def test_one_refused_recipient_does_not_stop_the_others(
    posted: Settings, sink: Sink, house: SimpleNamespace
) -> None:
    sink.answer = lambda command, line: "550 unknown" if command == "RCPT" and "li@" in line else None
    outbox.tell(with_mail(house.editor), NEWS, "/")
    outbox.tell(with_mail(house.reviewer, "r@b.test"), NEWS, "/")
    assert outbox.deliver(posted, say) == 1
    assert sink.recipients == ["r@b.test"]
    refused = Outgoing.get(Outgoing.recipient == house.editor)
    assert refused.failed_at is not None
    assert "550" in refused.error


def test_no_mail_server_there_is_trouble_too(posted: Settings, house: SimpleNamespace) -> None:
    outbox.tell(with_mail(house.editor), NEWS, "/")
    assert outbox.deliver(replace(posted, smtp_port=1), say) == 0
    assert Outgoing.get().due_at == moment.now() + outbox.DELAYS[0]


def test_signing_in_at_the_mail_server(posted: Settings, sink: Sink, house: SimpleNamespace) -> None:
    seen: list[str] = []
    sink.offers = ("AUTH PLAIN",)
    sink.answer = lambda command, line: seen.append(line)  # type: ignore[func-returns-value]
    outbox.tell(with_mail(house.editor), NEWS, "/")
    assert outbox.deliver(replace(posted, smtp_user="u", smtp_password="p"), say) == 1
    assert "AUTH PLAIN AHUAcA==" in seen


def test_nothing_goes_out_in_the_clear_if_tls_is_asked_for(
    posted: Settings, sink: Sink, house: SimpleNamespace
) -> None:
    outbox.tell(with_mail(house.editor), NEWS, "/")
    assert outbox.deliver(replace(posted, smtp_tls=True), say) == 0
    assert sink.mails == []
    assert "STARTTLS" in Outgoing.get().error


def test_a_row_waits_for_its_date(posted: Settings, sink: Sink, clock: Clock) -> None:
    due = moment.now() + timedelta(hours=1)
    outbox.enqueue("mail", address="a@b.test", context={**outbox.pack(NEWS), "url": ""}, due_at=due)
    assert outbox.deliver(posted, say) == 0
    clock(timedelta(hours=1))
    assert outbox.deliver(posted, say) == 1


def test_two_deliverers_send_each_mail_once(posted: Settings, sink: Sink, house: SimpleNamespace) -> None:
    for number in range(30):
        outbox.enqueue("mail", address=f"p{number}@b.test", context={**outbox.pack(NEWS), "url": ""})
    sent: list[int] = []

    def run() -> None:
        sent.append(outbox.deliver(posted, say))
        database.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 30
    assert sorted(sink.recipients) == sorted(f"p{n}@b.test" for n in range(30))


class Killed(BaseException):
    """As if the process had died."""


def test_a_killed_deliverers_row_is_free_after_its_lease(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock
) -> None:
    class Dying:
        def __init__(self, settings: Settings) -> None: ...

        def send(self, message: Any) -> None:
            raise Killed

        def close(self) -> None: ...

    outbox.tell(with_mail(house.editor), NEWS, "/")
    with channels.sending_through(Dying), pytest.raises(Killed):
        outbox.deliver(posted, say)
    assert outbox.deliver(posted, say) == 0, "somebody may still have it in work"
    clock(outbox.LEASE + timedelta(seconds=1))
    assert outbox.deliver(posted, say) == 1
    assert len(sink.mails) == 1


def test_a_row_that_kills_every_deliverer_is_given_up(posted: Settings, sink: Sink, clock: Clock) -> None:
    outbox.enqueue("mail", address="a@b.test", context={**outbox.pack(NEWS), "url": ""})
    for _ in range(outbox.TRIES):
        assert len(outbox.claim("mail")) == 1
        clock(outbox.LEASE + timedelta(seconds=1))
    assert outbox.deliver(posted, say) == 0
    assert Outgoing.get().failed_at is not None
    assert sink.mails == []


def test_a_mail_repeated_after_a_kill_bears_the_same_id(
    posted: Settings, sink: Sink, house: SimpleNamespace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(rows: Any) -> None:
        raise Killed

    outbox.tell(with_mail(house.editor), NEWS, "/")
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "acknowledge", die)
        with pytest.raises(Killed):
            outbox.deliver(posted, say)
    clock(outbox.LEASE + timedelta(seconds=1))
    outbox.deliver(posted, say)
    first, second = sink.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_what_one_has_in_work_the_other_passes_by(posted: Settings) -> None:
    for number in range(3):
        outbox.enqueue("mail", address=f"p{number}@b.test", context={**outbox.pack(NEWS), "url": ""})
    claimed = [row.address for _ in range(4) for row in outbox.claim("mail")]
    assert claimed == ["p0@b.test", "p1@b.test", "p2@b.test"]


def test_an_acknowledgement_by_a_late_deliverer_changes_nothing(posted: Settings, clock: Clock) -> None:
    outbox.enqueue("mail", address="a@b.test", context={**outbox.pack(NEWS), "url": ""})
    late = outbox.claim("mail")
    clock(outbox.LEASE + timedelta(seconds=1))
    outbox.claim("mail")
    outbox.put_off(late[0], "too late")
    assert Outgoing.get().error == ""


def test_other_channels_are_not_delivered_here(posted: Settings, house: SimpleNamespace) -> None:
    outbox.enqueue("index", context={"item": 1})
    outbox.enqueue("index", context={"item": 2})
    assert outbox.deliver(posted, say) == 0
    rows = outbox.claim("index", limit=10)
    assert [row.context["item"] for row in rows] == [1, 2]
    assert outbox.claim("index", limit=10) == []
    outbox.acknowledge(rows)
    assert Outgoing.select().where(Outgoing.sent_at.is_null()).count() == 0


def test_finding_the_next_row_reads_only_what_is_open(posted: Settings) -> None:
    now = moment.now()
    query = Outgoing.select(Outgoing.id).where(
        Outgoing.channel == "mail", Outgoing.sent_at.is_null(), Outgoing.failed_at.is_null(), Outgoing.due_at <= now
    )  # fmt: skip
    sql, parameters = query.sql()
    plan = database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()
    assert "outgoing_open" in str(plan)


def test_a_message_survives_packing() -> None:
    message = msg("%(a)s %(b)s", a=msg("%(n)s of %(d)s", n=3, d=date(2026, 3, 1)), b=moment.now())
    assert outbox.unpack(outbox.pack(message)) == message


def test_the_inbox_is_the_persons_own(posted: Settings, house: SimpleNamespace, clock: Clock) -> None:
    for number in range(outbox.PAGE + 2):
        outbox.tell(house.editor, msg("n %(n)s", n=number), f"/{number}", mail=False)
    outbox.tell(house.reviewer, NEWS, "/", mail=False)
    page = outbox.inbox(house.editor)
    assert [entry.url for entry in page[:2]] == [f"/{outbox.PAGE + 1}", f"/{outbox.PAGE}"]
    assert [entry.url for entry in outbox.inbox(house.editor, before=page[-1].id)] == ["/1", "/0"]
    theirs = outbox.inbox(house.reviewer)[0].id
    assert outbox.mark_read(house.editor, [page[0].id, theirs]) == 1
    assert outbox.unread_count(house.reviewer) == 1
    assert page[0].id not in [entry.id for entry in outbox.inbox(house.editor, unread=True)]
    assert outbox.mark_read(house.editor, "all") == outbox.PAGE + 1
    assert outbox.unread_count(house.editor) == 0


def test_a_test_that_would_send_mail_fails(posted: Settings, house: SimpleNamespace) -> None:
    def swallowing_test() -> None:
        with channels.forbid_sending(), contextlib.suppress(AssertionError):
            outbox.deliver(posted, say)

    outbox.tell(with_mail(house.editor), NEWS, "/")
    with pytest.raises(channels.SendingForbidden):
        swallowing_test()


def test_what_was_sent_long_ago_is_forgotten_and_what_failed_stays(house, clock):
    rows = [outbox.enqueue("index", dedupe=f"k{n}", template="t", context={}) for n in range(3)]
    done, failed, still_open = rows
    outbox.Outgoing.update(sent_at=moment.now()).where(outbox.Outgoing.id == done.id).execute()
    outbox.Outgoing.update(failed_at=moment.now()).where(outbox.Outgoing.id == failed.id).execute()
    clock(outbox.KEPT)
    assert outbox.forget_sent() == 0
    clock(timedelta(seconds=1))
    assert outbox.forget_sent() == 1
    assert {row.id for row in outbox.Outgoing.select()} == {failed.id, still_open.id}
