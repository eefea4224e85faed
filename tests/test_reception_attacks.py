"""What an attacker, an accused employee, a neighbour or a nervous thumb tries with matters; each gains nothing."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, files, moment, outbox, people, reception, throttle
from content.cases import Case, CaseAbout
from content.db import database
from content.errors import Invalid, NotAllowed, NotFound
from content.files import FileUse, StoredFile
from content.history import AuditEntry
from content.items import Item, new_uid
from content.people import Community, Membership, Site
from tests.conftest import csrf, notice
from tests.matters import filled, recorded, sent, staff
from tests.test_files import picture

ADDRESS = "203.0.113.7"
HOUR = timedelta(hours=1)


def now(case: Case) -> Case:
    return Case.get_by_id(case.id)


def take(person: Any, case: Case, name: str, **more: Any) -> Case:
    return reception.step(person, case, name, version=now(case).version, **more)


def send(person: Any = None, place: str = ADDRESS, **more: Any) -> Case:
    return reception.open_case(person, "other", filled("other"), key=new_uid(), place=place, **more)


def hold(settings: Any, person: Any = None, key: str = "", place: str = ADDRESS) -> Any:
    return reception.hold_file(
        settings, person, key or new_uid(), io.BytesIO(picture()), "x.jpg", place=place
    )


# ---- without an account, without limit


def test_twenty_matters_an_hour_from_an_address_and_not_one_more(house: SimpleNamespace, clock: Any) -> None:
    for _ in range(20):
        send()
    with pytest.raises(throttle.TooManyTries) as refused:
        send()
    assert refused.value.until == moment.now() + HOUR
    assert refused.value.message.values["minutes"] == 60
    assert Case.select().count() == 20
    send(place="203.0.113.8")  # another household
    send(house.owner)  # an account is known
    send(house.receptionist, on_behalf=True)  # the counter
    clock(HOUR - timedelta(seconds=1))
    with pytest.raises(throttle.TooManyTries):
        send()
    clock(timedelta(seconds=1))
    send()


def test_the_same_form_again_is_not_counted_and_one_with_faults_neither(house: SimpleNamespace) -> None:
    key = new_uid()
    for _ in range(30):
        reception.open_case(None, "other", filled("other"), key=key, place=ADDRESS)
        with pytest.raises(Invalid):
            reception.open_case(None, "other", {}, key=new_uid(), place=ADDRESS)
    for _ in range(19):
        send()
    with pytest.raises(throttle.TooManyTries):
        send()
    # Who sent it in gets the number again, also when nothing new is taken from there.
    assert reception.open_case(None, "other", filled("other"), key=key, place=ADDRESS).intake_key == key


def test_failed_sign_ins_do_not_let_the_count_be_forgotten(house: SimpleNamespace, clock: Any) -> None:
    for _ in range(20):
        send()
    clock(timedelta(minutes=20))
    throttle.note_failure("somebody", ADDRESS)
    with pytest.raises(throttle.TooManyTries):
        send()
    throttle.check("somebody", ADDRESS)  # nor does sending lock the door of the house


def test_sixty_files_an_hour_from_an_address(settings: Any, house: SimpleNamespace) -> None:
    for _ in range(60):
        hold(settings)
    with pytest.raises(throttle.TooManyTries):
        hold(settings)
    assert StoredFile.select().count() == 60
    hold(settings, house.owner)
    hold(settings, place="203.0.113.8")


def test_words_with_the_code_have_a_limit_too(house: SimpleNamespace) -> None:
    case = sent(None)
    for n in range(60):
        reception.say_in(None, case, f"第{n}句", via_code=True, place=ADDRESS)
    with pytest.raises(throttle.TooManyTries):
        reception.say_in(None, case, "又一句", via_code=True, place=ADDRESS)


def test_many_at_once_pass_no_more_than_one_by_one(house: SimpleNamespace) -> None:
    for _ in range(19):
        send()
    start, results = threading.Barrier(4), []

    def one() -> None:
        with database.connection_context():
            start.wait()
            try:
                with moment.at(moment.now()):
                    results.append(send())
            except throttle.TooManyTries as refused:
                results.append(refused)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Case.select().count() == 20
    assert len(results) == 4


def test_the_web_says_how_long_to_wait_and_keeps_what_was_typed(client: Any, house: SimpleNamespace) -> None:
    for _ in range(20):
        send(place="127.0.0.1")
    token = csrf(client.get("/report/other"))
    values = filled("other", words="這一句要留下")
    answer = client.post("/report/other", data={"csrf_token": token, "key": new_uid(), **values})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 3500
    assert "這一句要留下" in answer.get_data(as_text=True)
    photos = {"photos": (io.BytesIO(picture()), "x.jpg")}
    for _ in range(60):
        with database.atomic():
            throttle.spend(reception.HELD, "127.0.0.1")
    sent_form = {"csrf_token": token, "key": new_uid(), **values, **photos}
    refused = client.post("/report/other", data=sent_form, content_type="multipart/form-data")
    assert refused.status_code == 429
    assert "這一句要留下" in refused.get_data(as_text=True)


# ---- an accused employee


@pytest.mark.parametrize("field", ["wish", "when_where", "place", "about_whom", "words"])
def test_a_name_anywhere_in_a_complaint_shuts_its_bearer_out(house: SimpleNamespace, field: str) -> None:
    accused = staff("a0", "receptionist", name="張三豐")
    case = sent(house.owner, "complaint", **{field: "請叫张三丰來道歉"})
    (row,) = CaseAbout.select().where(CaseAbout.case == case.id)
    assert (row.person_id, row.source) == (accused.id, "stated" if field == "about_whom" else "found")


def test_an_accused_neighbour_reads_nothing_of_a_complaint_that_leads(house: SimpleNamespace) -> None:
    accused = staff("a0", "crew", name="張三豐")
    mine = sent(accused, "other")
    lead = sent(house.owner, "complaint", words="有人態度不好", wish="道歉")
    reception.merge(house.receptionist, mine, lead.number, 1)
    reception.add_about(house.receptionist, lead, accused)
    take(house.receptionist, lead, "answer", comment="已經談過話")
    page = reception.page(accused, mine)
    assert "談過話" not in repr(page.thread)
    assert "談過話" in repr(reception.page(house.owner, lead).thread)
    mail = [entry for entry in outbox.inbox(accused) if "answer" in entry.message_id]
    assert mail == []


def test_who_left_keeps_no_list_of_what_they_received(house: SimpleNamespace) -> None:
    clerk = staff("c0", "receptionist")
    recorded(clerk)
    assert len(reception.received_by(clerk)) == 1
    Membership.delete().where(Membership.person == clerk.id).execute()
    assert reception.received_by(people.Person.get_by_id(clerk.id)) == []


def test_who_complains_hears_of_no_note(house: SimpleNamespace) -> None:
    case = sent(house.receptionist, "complaint")
    before = len(outbox.inbox(house.receptionist))
    reception.note(house.quality, case, "內部")
    assert len(outbox.inbox(house.receptionist)) == before


# ---- joined matters


def test_what_was_told_to_one_party_before_is_not_for_those_who_join_later(house: SimpleNamespace) -> None:
    lead, other = sent(house.owner), sent(house.tenant)
    reception.say_in(house.receptionist, lead, "王先生，三號樓501您幾點在家？")
    take(house.receptionist, lead, "answer", comment="水泵換好了")
    reception.merge(house.receptionist, other, lead.number, 1)
    reception.say_in(house.receptionist, lead, "請大家再試一次")
    read = repr(reception.page(house.tenant, other).thread)
    assert "501" not in read
    assert "水泵換好了" in read
    assert "請大家再試一次" in read


def test_the_photo_of_an_answer_opens_for_those_who_joined(settings: Any, house: SimpleNamespace) -> None:
    lead, other, visitor = sent(house.owner), sent(house.tenant), sent(None)
    for one in (other, visitor):
        reception.merge(house.receptionist, one, lead.number, 1)
    theirs, answer = new_uid(), new_uid()
    hold(settings, house.owner, theirs)
    reception.say_in(house.owner, lead, "看這張", key=theirs)
    hold(settings, house.receptionist, answer)
    take(house.receptionist, lead, "answer", comment="修好了", key=answer)
    private, shown = (row.file for row in reception.CaseFile.select().order_by(reception.CaseFile.file))
    from_page = [file.uid for entry in reception.page(house.tenant, other).thread for file in entry.files]
    assert from_page == [shown.uid]
    assert reception.file_of(now(visitor), shown.uid) == shown
    assert files.may_see(house.tenant, shown)
    assert not files.may_see(house.tenant, private)
    with pytest.raises(NotFound):
        reception.file_of(now(visitor), private.uid)


# ---- the promise


def test_no_other_step_puts_a_promise_off_unsaid(house: SimpleNamespace) -> None:
    case, day = sent(house.owner), timedelta(days=1)
    reception.set_promise(house.receptionist, case, moment.now() + day, version=1)
    with pytest.raises(Invalid) as refused:
        take(house.receptionist, case, "assign", owner=house.crew, promised_at=moment.now() + 2 * day)
    assert list(refused.value.fields) == ["promised_at"]
    assert (now(case).state, now(case).postponed) == ("received", 0)
    take(house.receptionist, case, "assign", owner=house.crew, promised_at=moment.now() + day / 2)
    entry = AuditEntry.select().where(AuditEntry.verb == "case.assigned").get()
    assert "promised_at" in entry.difference["fields"]


def test_a_manager_elsewhere_promises_a_week_like_anybody(house: SimpleNamespace) -> None:
    here, there = (Community.create(site=Site.get(), name=name) for name in ("東苑", "西苑"))
    person = staff("m0", "receptionist")
    people.give_role(person, "manager", community=there)
    case = sent(house.owner, community=str(here.id))
    with pytest.raises(Invalid):
        reception.set_promise(person, case, moment.now() + timedelta(days=9), version=1)
    other = sent(house.owner, community=str(there.id))
    assert reception.set_promise(person, other, moment.now() + timedelta(days=9), version=1)


def test_nothing_is_promised_with_the_answer(house: SimpleNamespace) -> None:
    case = sent(house.owner)
    with pytest.raises(NotAllowed):
        take(house.receptionist, case, "answer", comment="好", promised_at=moment.now() + timedelta(days=1))


# ---- erased


def settled(house: SimpleNamespace, case: Case) -> Case:
    take(house.receptionist, case, "answer", comment="好")
    return take(house.receptionist, case, "close")


def test_an_erased_matter_is_neither_reopened_nor_written_into(house: SimpleNamespace) -> None:
    case = settled(house, sent(house.owner))
    reception.erase_matters(house.owner)
    with pytest.raises(NotAllowed):
        take(house.receptionist, case, "reopen", comment="王先生的那件")
    with pytest.raises(NotAllowed):
        reception.note(house.receptionist, case, "那是王先生")


def test_a_photo_whose_address_somebody_typed_elsewhere_is_erased_all_the_same(
    settings: Any, house: SimpleNamespace
) -> None:
    key = new_uid()
    file = hold(settings, house.owner, key)
    case = reception.open_case(house.owner, "other", filled("other", caller=False), key=key)
    item = actions.create(house.editor, "notice", house.board, notice())
    FileUse.create(item=Item.get_by_id(item.id), file=file, live=True)
    settled(house, case)
    reception.erase_matters(house.owner)
    assert not StoredFile.select().where(StoredFile.id == file.id).exists()


def test_one_rule_says_who_is_next_whenever_the_name_turns_up(house: SimpleNamespace) -> None:
    """The same person gets it, whether the name stands in the form or is noted afterwards."""
    accused = staff("a0", "receptionist", name="張三豐")
    at_once = recorded(accused, "complaint", words="張三豐很兇")
    later = recorded(accused, "complaint")
    reception.add_about(house.manager, later, accused)
    assert now(later).owner_id == now(at_once).owner_id is not None
    assert now(later).state == now(at_once).state == "assigned"
    owner = staff("a1", "crew", name="李四喜")
    third = sent(house.owner, "complaint")
    take(house.manager, third, "assign", owner=owner)
    reception.add_about(house.quality, third, owner)
    assert now(third).owner_id == house.manager.id
