"""The settings' pages: what is shown, changed, refused, and seen by everybody at once."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from content import preferences
from content.outbox import Outgoing
from content.people import Person
from content.settings import ABOUT, SUBJECTS
from portal.app import create_app
from tests.conftest import csrf
from tests.forms import counted, fields_of, found_in, send, text_of
from tests.test_translations import unmarked


@pytest.fixture
def office(client: Any, login: Any) -> Any:
    login(client, "administrator")
    return client


def test_every_setting_is_on_the_page_of_its_subject(office: Any) -> None:
    index = text_of(office.get("/admin/settings/"))
    for subject in SUBJECTS.values():
        page = office.get(f"/admin/settings/{subject.name}")
        assert page.status_code == 200
        for about in ABOUT.values():
            mine = about.subject == subject.name
            assert bool(found_in(page, f"//*[@name='{about.name}']")) == (mine and about.live), about.name
            if mine and not about.live:
                assert about.variable in text_of(page)
    assert len(found_in(office.get("/admin/settings/"), "//a[@class='subject']")) == len(SUBJECTS)
    assert index


def test_an_unknown_subject_is_not_there(office: Any) -> None:
    assert office.get("/admin/settings/nonsense").status_code == 404
    assert (
        office.post(
            "/admin/settings/machine", data={"csrf_token": csrf(office.get("/admin/settings/mail"))}
        ).status_code
        == 404
    )


def test_what_is_saved_is_seen_by_visitors_without_a_new_start(app: Any, office: Any) -> None:
    visitor = app.test_client()
    visitor.get("/contact")
    kept = visitor.get("/contact")  # from the cache of pages
    assert "0755-2345 6789" not in text_of(kept)
    done = send(office, "/admin/settings/contact", phone_day="0755-2345 6789", office_hours="9:00-21:00")
    assert done.status_code == 303
    assert "0755-2345 6789" in text_of(office.get(done.location))
    assert "0755-2345 6789" in text_of(visitor.get("/contact"))
    assert "09:00–21:00" in text_of(visitor.get("/contact"))
    send(office, "/admin/settings/site", site_name="東苑家園")
    assert found_in(visitor.get("/contact"), "//title")[0].text.endswith("東苑家園")


def test_language_and_zone_change_for_who_states_none(app: Any, office: Any) -> None:
    visitor = app.test_client()
    assert found_in(visitor.get("/"), "/html/@lang") == ["zh-Hant"]
    send(office, "/admin/settings/language", locale="en", zone="America/New_York")
    assert found_in(visitor.get("/"), "/html/@lang") == ["en"]
    assert "22:00" in text_of(office.get("/admin/settings/language"))  # when it was changed


def test_the_limit_of_a_request_changes(app: Any, office: Any) -> None:
    def upload(size: int) -> int:
        """A body in memory: the test client would leave a large file open."""
        token = csrf(office.get("/admin/settings/uploads"))
        body = f"csrf_token={token}&words=".encode() + b"x" * size
        kind = "application/x-www-form-urlencoded"
        return int(office.post("/admin/settings/contact", data=body, content_type=kind).status_code)

    assert upload(5 * 1024 * 1024 + 1) != 413
    send(office, "/admin/settings/uploads", photo_mb="5", file_mb="5", request_mb="5")
    assert upload(5 * 1024 * 1024 + 1) == 413
    send(office, "/admin/settings/uploads", request_mb="6")
    assert upload(5 * 1024 * 1024 + 1) != 413


def test_staff_need_a_second_factor_from_the_next_page_on(app: Any, office: Any, login: Any) -> None:
    other = app.test_client()
    login(other, "editor")
    assert other.get("/work/").status_code == 200
    send(office, "/admin/settings/accounts", staff_second_factor="1")
    assert other.get("/work/").location == "/account/second"
    # Whoever switched it on may take it back only with a second factor, too.
    assert office.get("/admin/settings/accounts").location == "/account/second"


def test_what_is_refused_stands_beside_its_field_and_what_was_typed_stays(office: Any) -> None:
    answer = send(office, "/admin/settings/uploads", photo_mb="0", file_mb="60", request_mb="lots")
    assert answer.status_code == 422
    fields = fields_of(answer)
    assert (fields["photo_mb"], fields["file_mb"], fields["request_mb"]) == ("0", "60", "lots")
    for name in ("photo_mb", "request_mb"):
        assert found_in(answer, f"//*[@id='e-{name}']")
        assert found_in(answer, f"//*[@id='problems']//a[@href='#f-{name}']")
        assert found_in(answer, f"//*[@id='f-{name}'][@aria-invalid='true']")
    assert not found_in(answer, "//*[@id='e-file_mb']")
    assert fields_of(office.get("/admin/settings/uploads"))["file_mb"] == "50"


def test_who_changed_it_last_and_back_to_the_default(office: Any, house: SimpleNamespace) -> None:
    send(office, "/admin/settings/uploads", photo_mb="30")
    page = office.get("/admin/settings/uploads")
    assert house.administrator.name in found_in(page, "//*[@id='h-photo_mb']")[0].text_content()
    assert [button.get("value") for button in found_in(page, "//button[@name='reset']")] == ["photo_mb"]
    # The first button, which Enter presses, saves.
    assert found_in(page, "//form[@data-key='settings']//button")[0].get("formaction") is None
    data = {**fields_of(page), "reset": "photo_mb"}
    done = office.post("/admin/settings/uploads/reset", data=data)
    assert done.status_code == 303
    assert fields_of(office.get("/admin/settings/uploads"))["photo_mb"] == "20"
    assert not found_in(office.get("/admin/settings/uploads"), "//button[@name='reset']")


def test_putting_one_back_keeps_what_else_was_typed(office: Any) -> None:
    send(office, "/admin/settings/uploads", photo_mb="30")
    data = {**fields_of(office.get("/admin/settings/uploads")), "file_mb": "77", "reset": "photo_mb"}
    answer = office.post("/admin/settings/uploads/reset", data=data)
    assert answer.status_code == 200
    fields = fields_of(answer)
    assert (fields["photo_mb"], fields["file_mb"]) == ("20", "77")
    assert fields_of(office.get("/admin/settings/uploads"))["file_mb"] == "50"
    assert office.post("/admin/settings/uploads", data=fields).status_code == 303
    assert fields_of(office.get("/admin/settings/uploads"))["file_mb"] == "77"


def test_two_administrators_at_once(office: Any, settings: Any, house: SimpleNamespace) -> None:
    opened = fields_of(office.get("/admin/settings/contact"))
    preferences.change(settings, house.administrator, {"phone_day": "0755-2345 6789"})
    answer = office.post("/admin/settings/contact", data={**opened, "phone_night": "0755-2345 6780"})
    assert answer.status_code == 409
    assert house.administrator.name in found_in(answer, "//*[@class='settings-conflict']")[0].text_content()
    fields = fields_of(answer)
    assert (fields["phone_day"], fields["phone_night"]) == ("", "0755-2345 6780")
    assert (
        "0755-2345 6789"
        in found_in(answer, "//*[@id='h-phone_day']//*[@class='setting-now']")[0].text_content()
    )
    assert preferences.current(settings).phone_night == ""
    assert (
        office.post("/admin/settings/contact", data={**fields, "phone_day": "0755-2345 6789"}).status_code
        == 303
    )
    assert preferences.current(settings).phone_night == "0755-2345 6780"


def test_the_password_of_the_mail_server_is_never_shown(office: Any, settings: Any) -> None:
    done = send(office, "/admin/settings/mail", smtp_host="mail.test", smtp_password="open-sesame-7")
    assert done.status_code == 303
    for page in (office.get("/admin/settings/mail"), send(office, "/admin/settings/mail", smtp_port="x")):
        assert "open-sesame-7" not in page.get_data(as_text=True)
    send(office, "/admin/settings/mail", smtp_port="26")  # with an empty field for it
    assert preferences.current(settings).smtp_password == "open-sesame-7"
    refused = send(office, "/admin/settings/mail", smtp_password="another-one-8", smtp_port="0")
    assert "another-one-8" not in refused.get_data(as_text=True)


def test_a_test_mail_goes_through_the_outbox(office: Any, house: SimpleNamespace) -> None:
    token = {"csrf_token": csrf(office.get("/admin/settings/mail"))}
    office.post("/admin/settings/mail/test", data=token)
    assert found_in(office.get("/admin/settings/mail"), "//*[contains(@class, 'flash-error')]")
    assert Outgoing.select().where(Outgoing.channel == "mail").count() == 0
    Person.update(email="a@b.test").where(Person.id == house.administrator.id).execute()
    send(office, "/admin/settings/mail", smtp_host="mail.test")
    office.post("/admin/settings/mail/test", data=token)
    row = Outgoing.get(Outgoing.channel == "mail")
    assert row.recipient == house.administrator
    page = office.get("/admin/settings/mail")
    assert found_in(page, "//*[@id='test']//*[contains(@class, 'chip')]")
    Outgoing.update(error="550 <b>no</b>").where(Outgoing.id == row.id).execute()
    assert "550 <b>no</b>" in text_of(office.get("/admin/settings/mail"))


def test_what_the_environment_fixes_is_shown_and_not_asked(
    settings: Any, house: SimpleNamespace, login: Any
) -> None:
    app = create_app(replace(settings, phone_day="12345", fixed=frozenset({"phone_day"})))
    office = app.test_client()
    login(office, "administrator")
    page = office.get("/admin/settings/contact")
    assert not found_in(page, "//*[@name='phone_day']")
    assert "LIANXI_PHONE_DAY" in text_of(page)
    assert (
        office.post("/admin/settings/contact", data={**fields_of(page), "phone_day": "110"}).status_code
        == 303
    )
    assert (
        preferences.current(replace(settings, phone_day="12345", fixed=frozenset({"phone_day"}))).phone_day
        == "12345"
    )


def test_a_page_asks_little(office: Any) -> None:
    send(office, "/admin/settings/uploads", photo_mb="30", file_mb="60")
    for path in ("/admin/settings/", "/admin/settings/uploads", "/admin/settings/mail"):
        office.get(path)
        with counted() as asked:
            office.get(path)
        assert len(asked) <= 12, (path, asked)


def test_every_word_is_marked_for_translation_whatever_happened(
    app: Any, office: Any, settings: Any, house: SimpleNamespace
) -> None:
    Person.update(email="a@b.test").where(Person.id == house.administrator.id).execute()
    send(office, "/admin/settings/mail", smtp_host="mail.test", smtp_password="open-sesame-7")
    send(office, "/admin/settings/uploads", photo_mb="30")
    opened = fields_of(office.get("/admin/settings/contact"))
    preferences.change(settings, house.administrator, {"phone_day": "0755-2345 6789"})
    preferences.send_test(settings, Person.get_by_id(house.administrator.id))
    app.config["PSEUDO"] = True
    answers = [
        office.post("/admin/settings/contact", data={**opened, "phone_night": "0755-2345 6780"}),  # overtaken
        send(office, "/admin/settings/uploads", photo_mb="x", file_mb="0"),  # refused
        *(office.get(f"/admin/settings/{name}") for name in ("", *SUBJECTS)),
    ]
    send(office, "/admin/settings/mail", smtp_port="26")
    answers.append(office.get("/admin/settings/mail"))  # told what was saved
    assert [unmarked(one.get_data(as_text=True)) for one in answers] == [[]] * len(answers)
