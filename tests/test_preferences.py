"""Settings changed while the portal runs: who may, what is refused, who sees them and when."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from content import channels, moment, outbox, passwords, preferences
from content.chinese import convert
from content.errors import Conflict, Invalid, NotAllowed, NotFound
from content.history import AuditEntry
from content.items import bump_content_version, content_version
from content.outbox import Outgoing
from content.people import Person
from content.preferences import Setting, current
from content.settings import ABOUT, SUBJECTS, Settings
from content.worker import Worker
from portal.web.i18n import say
from tests.forms import counted
from tests.mail_sink import mail_sink


def change(settings: Settings, house: SimpleNamespace, **values: Any) -> Any:
    return preferences.change(settings, house.administrator, values)


def test_what_is_changed_is_laid_over_the_environment(settings: Settings, house: SimpleNamespace) -> None:
    before = current(settings)
    assert before is current(settings)
    changed = change(settings, house, phone_day="0755-2345 6789", office_hours="8:00-12:00，14：00~18：00")
    assert [(one.about.name, one.old) for one in changed] == [
        ("phone_day", ""),
        ("office_hours", "08:00–24:00"),
    ]
    after = current(settings)
    assert (after.phone_day, after.office_hours) == ("0755-2345 6789", "08:00–12:00、14:00–18:00")
    assert replace(after, phone_day="", office_hours="08:00–24:00") == before


def test_back_to_the_default(settings: Settings, house: SimpleNamespace) -> None:
    change(settings, house, photo_mb="30")
    changed = preferences.reset(settings, house.administrator, "photo_mb")
    assert changed is not None
    assert (changed.old, changed.new) == (30, 20)
    assert current(settings).photo_mb == 20
    assert preferences.reset(settings, house.administrator, "photo_mb") is None
    shown = {
        one.about.name: one for one in preferences.page(settings, house.administrator, "uploads").settings
    }
    assert not shown["photo_mb"].stored
    assert shown["photo_mb"].by == house.administrator  # who put it back is told, too


def test_what_the_environment_fixes_wins_and_is_refused(settings: Settings, house: SimpleNamespace) -> None:
    change(settings, house, photo_mb=30, file_mb=60)
    fixed = replace(settings, photo_mb=25, fixed=frozenset({"photo_mb"}))
    assert (current(fixed).photo_mb, current(fixed).file_mb) == (25, 60)
    shown = {one.about.name: one for one in preferences.page(fixed, house.administrator, "uploads").settings}
    assert shown["photo_mb"].fixed
    assert not shown["file_mb"].fixed
    with pytest.raises(Invalid) as refused:
        preferences.change(fixed, house.administrator, {"photo_mb": 31})
    assert list(refused.value.fields) == ["photo_mb"]
    with pytest.raises(Invalid):
        preferences.reset(fixed, house.administrator, "photo_mb")


def test_the_environment_fixes_what_it_sets_to_something() -> None:
    read = Settings.from_env({"LIANXI_PHONE_DAY": "", "LIANXI_PHOTO_MB": "30", "LIANXI_SMTP_TLS": "0"})
    assert read.fixed == {"photo_mb", "smtp_tls"}


def test_the_same_again_changes_nothing(settings: Settings, house: SimpleNamespace) -> None:
    change(settings, house, photo_mb=30)
    before = (content_version(), AuditEntry.select().count(), Setting.get_by_id("photo_mb").version)
    assert change(settings, house, photo_mb="30", file_mb=50) == []
    assert (content_version(), AuditEntry.select().count(), Setting.get_by_id("photo_mb").version) == before


@pytest.mark.parametrize("role", ["owner", "editor", "reviewer", "manager", "general_manager", None])
def test_only_an_administrator_reads_and_changes(
    settings: Settings, house: SimpleNamespace, role: str | None
) -> None:
    person = getattr(house, role) if role else None
    acts = (
        lambda: preferences.page(settings, person, "mail"),
        lambda: preferences.change(settings, person, {"site_name": "x"}),
        lambda: preferences.reset(settings, person, "site_name"),
        lambda: preferences.send_test(settings, person),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert Setting.select().count() == 0


@pytest.mark.parametrize("name", [one.name for one in ABOUT.values() if not one.live] + ["fixed", "nonsense"])
def test_what_belongs_to_the_machine_cannot_be_changed(
    settings: Settings, house: SimpleNamespace, name: str
) -> None:
    with pytest.raises(NotFound):
        change(settings, house, **{name: "1"})
    with pytest.raises(NotFound):
        preferences.reset(settings, house.administrator, name)


REFUSED = [
    ("photo_mb", "0"), ("photo_mb", "101"), ("photo_mb", "1.5"), ("photo_mb", ""), ("photo_mb", "9" * 30),
    ("leader_counselors", "0"), ("leader_counselors", "11"), ("household_code_days", "731"),
    ("smtp_port", "0"), ("smtp_port", "65536"), ("request_mb", "4"), ("request_mb", "1001"),
    ("locale", "fr"), ("locale", ""), ("hant_variant", "mo"),
    ("zone", "Asia"), ("zone", "../../etc/passwd"), ("zone", ""), ("zone", "Mars/Base"),
    ("phone_day", "call us"), ("phone_day", "12"), ("phone_night", "0755-1"),
    ("office_hours", "8-24"), ("office_hours", "08:00–24:01"), ("office_hours", "18:00–08:00"),
    ("office_hours", "08:00–12:60"), ("office_hours", "14:00–18:00,08:00–12:00"), ("office_hours", "08:00–08:00"),
    ("mail_from", "desk"), ("mail_from", "desk@nowhere"), ("mail_from", "a b@c.test"),
    ("public_url", "portal.test"), ("public_url", "javascript:alert(1)"), ("public_url", "https://a.test/x"),
    ("public_url", "https://u:p@a.test"), ("public_url", "https://a.test:99999"), ("public_url", "https://a_b.test"),
    ("smtp_host", "mail server"), ("smtp_host", "-a.test"), ("smtp_password", "a\nb"),
    ("site_name", ""), ("site_name", " \u200b "), ("site_name", "聯" * 61),
]  # fmt: skip
TAKEN = [
    ("photo_mb", "１００", 100), ("photo_mb", "1", 1), ("leader_counselors", "10", 10),
    ("household_code_days", "730", 730), ("smtp_port", "65535", 65535), ("request_mb", "1000", 1000),
    ("zone", "Asia/Taipei", "Asia/Taipei"), ("locale", "en", "en"), ("phone_day", "12345", "12345"),
    ("phone_day", "４００-８２３-４５６７", "400-823-4567"), ("office_hours", "0:00-24:00", "00:00–24:00"),
    ("office_hours", "", ""), ("mail_from", "desk@a.test", "desk@a.test"), ("mail_from", "", ""),
    ("public_url", "https://a.test:8443/", "https://a.test:8443"), ("public_url", "http://[::1]:8000", "http://[::1]:8000"),
    ("smtp_host", "192.0.2.1", "192.0.2.1"), ("site_name", "聯" * 60, "聯" * 60),
    ("site_name", "  東  苑\u202e ", "東 苑"), ("staff_second_factor", "1", True), ("smtp_password", " p w ", " p w "),
]  # fmt: skip


@pytest.mark.parametrize(("name", "typed"), REFUSED)
def test_what_cannot_be_is_refused_beside_its_name(
    settings: Settings, house: SimpleNamespace, name: str, typed: str
) -> None:
    with pytest.raises(Invalid) as refused:
        change(settings, house, **{name: typed})
    assert list(refused.value.fields) == [name]
    assert current(settings) == settings
    assert AuditEntry.select().where(AuditEntry.verb == "settings.changed").count() == 0


@pytest.mark.parametrize(("name", "typed", "kept"), TAKEN)
def test_what_can_be_is_kept(
    settings: Settings, house: SimpleNamespace, name: str, typed: str, kept: object
) -> None:
    change(settings, house, **{name: typed})
    assert getattr(current(settings), name) == kept


def test_one_bad_value_and_nothing_is_saved(settings: Settings, house: SimpleNamespace) -> None:
    with pytest.raises(Invalid):
        change(settings, house, photo_mb="30", file_mb="0")
    assert current(settings).photo_mb == 20


def test_a_request_has_room_for_the_largest_file(settings: Settings, house: SimpleNamespace) -> None:
    with pytest.raises(Invalid) as refused:
        change(settings, house, file_mb="101")
    assert list(refused.value.fields) == ["file_mb"]
    with pytest.raises(Invalid) as refused:
        change(settings, house, request_mb="49")
    assert list(refused.value.fields) == ["request_mb"]
    change(settings, house, request_mb="50")
    change(settings, house, file_mb="200", request_mb="200")
    with pytest.raises(Invalid):  # the default of 100 is too little for it
        preferences.reset(settings, house.administrator, "request_mb")


def test_a_secret_is_never_shown_and_an_empty_one_stays(settings: Settings, house: SimpleNamespace) -> None:
    changed = change(settings, house, smtp_host="mail.test", smtp_password="open-sesame")
    assert "open-sesame" not in repr(changed)
    assert "open-sesame" not in repr(preferences.page(settings, house.administrator, "mail"))
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert entry.difference == {"smtp_host": ["", "mail.test"], "fields": ["smtp_password"]}
    change(settings, house, smtp_password="", smtp_port="26")
    assert current(settings).smtp_password == "open-sesame"
    preferences.reset(settings, house.administrator, "smtp_password")
    assert current(settings).smtp_password == ""
    assert not any("open-sesame" in str(row.difference) for row in AuditEntry.select())


def test_two_administrators_at_once(settings: Settings, house: SimpleNamespace) -> None:
    page = preferences.page(settings, house.administrator, "uploads")
    other = Person.get_by_id(house.administrator.id)
    preferences.change(settings, other, {"photo_mb": 30}, version=page.version)
    with pytest.raises(Conflict) as conflict:
        preferences.change(settings, house.administrator, {"file_mb": 60}, version=page.version)
    assert conflict.value.by == house.administrator.name
    with pytest.raises(Conflict):
        preferences.reset(settings, house.administrator, "photo_mb", version=page.version)
    preferences.change(settings, house.administrator, {"site_name": "東苑"}, version=0)  # another subject
    preferences.change(settings, house.administrator, {"file_mb": 60}, version=conflict.value.version)
    assert (current(settings).photo_mb, current(settings).file_mb) == (30, 60)
    # Back to the default and on again is a change, too: no number comes twice.
    again = preferences.page(settings, house.administrator, "uploads").version
    preferences.reset(settings, house.administrator, "photo_mb")
    assert preferences.page(settings, house.administrator, "uploads").version > again


def test_only_one_of_two_threads_wins(settings: Settings, house: SimpleNamespace) -> None:
    ended: list[str] = []
    start = threading.Barrier(2)

    def save(name: str) -> None:
        start.wait()
        try:
            preferences.change(settings, house.administrator, {"site_name": name}, version=0)
            ended.append(name)
        except Conflict:
            ended.append("conflict")
        finally:
            preferences.database.close()

    threads = [threading.Thread(target=save, args=(name,)) for name in ("甲", "乙")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(ended) in (["conflict", "甲"], ["conflict", "乙"]) or set(ended) == {"conflict", "甲"}
    assert current(settings).site_name in ended


def test_reading_them_is_cheap(settings: Settings, house: SimpleNamespace) -> None:
    current(settings)
    with counted() as asked:
        for _ in range(5):
            current(settings)
    assert len(asked) == 5  # the version, nothing else
    bump_content_version()
    kept = current(settings)
    with counted() as asked:
        assert current(settings, content_version()) is kept
    assert len(asked) == 1


def test_another_process_is_heard(settings: Settings, house: SimpleNamespace) -> None:
    change(settings, house, site_name="東苑")
    assert current(settings).site_name == "東苑"
    with sqlite3.connect(settings.data / "lianxi.db") as other:
        other.execute("UPDATE setting SET value = '\"西苑\"' WHERE name = 'site_name'")
        other.execute("UPDATE content_version SET number = number + 1")
    assert current(settings).site_name == "西苑"


def test_rows_of_another_version_of_the_program_count_for_nothing(
    settings: Settings, house: SimpleNamespace, caplog: Any
) -> None:
    for name, value in (("gone", "x"), ("photo_mb", "thirty"), ("port", 1), ("smtp_tls", 1)):
        Setting.create(name=name, value=value, changed_at=moment.now(), by=house.administrator)
    bump_content_version()
    assert current(settings) == settings


def test_the_domain_knows_at_once(settings: Settings, house: SimpleNamespace) -> None:
    assert not channels.is_open("mail")
    heard: list[Settings] = []
    preferences.when_changed(heard.append)
    change(settings, house, smtp_host="mail.test")
    change(settings, house, zone="America/New_York", hant_variant="hk")
    change(settings, house, site_name="watermill")
    current(settings)
    assert channels.is_open("mail")
    assert moment.today().isoformat() == "2026-03-15"  # 22:00 there
    assert convert("里面", "hant") == "裏面"
    assert passwords.problem("watermill-1") is not None
    assert heard[-1].site_name == "watermill"
    for name in ("smtp_host", "zone", "hant_variant", "site_name"):
        preferences.reset(settings, house.administrator, name)
    current(settings)
    assert not channels.is_open("mail")
    assert moment.today().isoformat() == "2026-03-16"
    assert convert("里面", "hant") == "裡面"


def test_the_worker_sends_through_the_server_that_was_set_meanwhile(
    settings: Settings, house: SimpleNamespace
) -> None:
    Person.update(email="a@b.test").where(Person.id == house.administrator.id).execute()
    administrator = Person.get_by_id(house.administrator.id)
    worker = Worker(settings, say)
    with mail_sink() as sink, channels.sending_through(channels.SmtpTransport):
        preferences.change(settings, administrator, {"smtp_host": "127.0.0.1", "smtp_port": str(sink.port)})
        preferences.send_test(settings, administrator)
        assert worker.run_once() == 1
        assert sink.recipients == ["a@b.test"]
    found = preferences.last_test(administrator)
    assert found is not None
    assert found.sent_at is not None


def test_a_test_mail_needs_a_server_an_address_and_patience(
    settings: Settings, house: SimpleNamespace, clock: Any
) -> None:
    with pytest.raises(Invalid) as refused:
        preferences.send_test(settings, house.administrator)
    assert list(refused.value.fields) == ["smtp_host"]
    change(settings, house, smtp_host="mail.test")
    with pytest.raises(Invalid):
        preferences.send_test(settings, house.administrator)
    house.administrator.email = "a@b.test"
    preferences.send_test(settings, house.administrator)
    with pytest.raises(Invalid):
        preferences.send_test(settings, house.administrator)
    assert Outgoing.select().where(Outgoing.channel == "mail").count() == 1
    clock(outbox.DELAYS[0])
    preferences.send_test(settings, house.administrator)
    last = preferences.last_test(house.administrator)
    assert last is not None
    assert last.created_at == moment.now()
    assert preferences.last_test(house.editor) is None


def test_every_setting_has_a_subject_and_what_is_live_has_bounds() -> None:
    assert {one.subject for one in ABOUT.values()} == set(SUBJECTS)
    for one in ABOUT.values():
        assert one.label
        assert one.help
        if one.live and one.type == "number":
            assert one.lowest is not None
            assert one.highest is not None
            assert one.lowest <= one.default <= one.highest
