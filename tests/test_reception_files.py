"""Files of matters: held until the form is sent, then seen by whoever sees the matter, and by nobody else."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from typing import Any

import pytest

from content import file_trash, files, people, reception
from content.actions import publish_now
from content.cases import Case, CaseHelper
from content.errors import Invalid, NotAllowed, NotFound, TooLarge
from content.files import FileUse, StoredFile
from content.history import AuditEntry
from content.items import new_uid
from content.reception import CaseFile, HeldFile
from content.reception.attachments import HELD_FOR
from content.reception.categories import FILES_LIMIT
from content.transfer.exporting import export_items
from content.worker import Worker
from tests.conftest import notice
from tests.forms import counted
from tests.matters import names, recorded, sent, staff
from tests.test_files import PDF, picture


def hold(settings: Any, person: Any, key: str, content: bytes = b"", name: str = "photo.jpg") -> StoredFile:
    return reception.hold_file(settings, person, key, io.BytesIO(content or picture()), name)


def sees(file: StoredFile, *everybody: Any) -> list[str]:
    return [person.username if person else "" for person in everybody if files.may_see(person, file)]


@pytest.mark.parametrize("sender", ["owner", None])
def test_what_was_held_belongs_to_the_matter(settings: Any, house: Any, sender: Any) -> None:
    person, key = house.people[sender] if sender else None, new_uid()
    photo, paper = hold(settings, person, key), hold(settings, person, key, PDF, "合同.pdf")
    assert reception.held(key) == [photo, paper]
    assert Case.select().count() == 0
    case = sent(person, "repair", key=key)
    assert reception.held(key) == []
    rows = CaseFile.select().where(CaseFile.case == case.id)
    assert [(row.file, row.entry, row.public) for row in rows] == [(photo, None, True), (paper, None, True)]


def test_somebody_may_sign_in_between_photo_and_words(settings: Any, house: Any) -> None:
    key = new_uid()
    photo = hold(settings, None, key)
    case = sent(house.owner, key=key)
    assert CaseFile.get().case == case
    assert sees(photo, house.owner, house.tenant, None) == ["owner"]


def test_eight_files_and_not_nine(settings: Any, house: Any) -> None:
    key = new_uid()
    for n in range(FILES_LIMIT):
        hold(settings, house.owner, key, PDF, f"{n}.pdf")
    with pytest.raises(Invalid) as caught:
        hold(settings, house.owner, key, PDF, "9.pdf")
    assert list(caught.value.fields) == ["file"]
    assert len(reception.held(key)) == StoredFile.select().count() == FILES_LIMIT
    hold(settings, house.owner, new_uid(), PDF, "9.pdf")  # of another form


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"\xff\xd8\xff" + b"\0" * (21 * 1024 * 1024), "50mb.jpg", (TooLarge, Invalid)),
        (b"MZ\x90\0", "a.exe", Invalid),
    ],
)
def test_what_is_not_accepted_leaves_nothing(
    settings: Any, house: Any, content: bytes, name: str, error: Any
) -> None:
    with pytest.raises(error):
        hold(settings, None, new_uid(), content, name)
    assert not StoredFile.select().exists()
    assert not HeldFile.select().exists()
    assert [path for path in settings.files.rglob("*") if path.is_file()] == []


def test_a_file_can_be_taken_out_again(settings: Any, house: Any) -> None:
    key, other = new_uid(), new_uid()
    photo, kept = hold(settings, house.owner, key), hold(settings, house.owner, other)
    reception.drop_held(other, photo.uid)  # of another form: nothing happens
    reception.drop_held(key, photo.uid)
    reception.drop_held(key, photo.uid)
    assert [row.id for row in StoredFile.select()] == [kept.id]
    assert reception.held(other) == [kept]


def test_what_was_never_sent_is_forgotten_after_a_day(settings: Any, house: Any, clock: Any) -> None:
    forgotten, sent_in = hold(settings, None, "a" * 32), new_uid()
    staying = hold(settings, None, sent_in, PDF, "a.pdf")
    sent(None, key=sent_in)
    clock(HELD_FOR)
    assert reception.forget_held(settings) == 0
    clock(timedelta(seconds=1))
    assert reception.forget_held(settings) == 1
    assert [row.id for row in StoredFile.select()] == [staying.id]
    assert not HeldFile.select().where(HeldFile.file == forgotten.id).exists()


def test_the_worker_forgets_and_sweeps(settings: Any, house: Any) -> None:
    photo = hold(settings, None, new_uid())
    kept = hold(settings, None, new_uid(), PDF, "a.pdf")
    HeldFile.update(at=HeldFile.get().at - timedelta(days=2)).where(HeldFile.file == photo.id).execute()
    gone, stays = (files.content_path(settings, file.sha256) for file in (photo, kept))
    for path in (gone, stays):  # as if they had been uploaded long ago
        long_ago = (HeldFile.get().at - timedelta(days=40)).timestamp()
        os.utime(path, (long_ago, long_ago))
    Worker(settings, lambda message, locale: message.id).run_once()
    assert not gone.exists()
    assert stays.exists()


def test_nobody_sees_what_is_held_but_who_sent_it(settings: Any, house: Any) -> None:
    everybody = [None, people.visitors(), *house.people.values()]
    assert sees(hold(settings, house.owner, new_uid()), *everybody) == ["owner"]
    assert sees(hold(settings, None, new_uid()), *everybody) == []


def test_files_are_seen_by_whoever_sees_the_matter(settings: Any, house: Any) -> None:
    key = new_uid()
    photo = hold(settings, house.owner, key)
    case = sent(house.owner, "complaint", key=key)
    everybody = [None, people.visitors(), *house.people.values()]
    seeing = ["receptionist", "manager", "quality", "general-manager", "owner"]
    assert sees(photo, *everybody) == seeing
    CaseFile.update(public=False).execute()
    assert sees(photo, *everybody) == seeing[:-1]  # of an internal note
    with pytest.raises(NotFound):
        reception.file_of(case, photo.uid)


def test_whom_a_complaint_is_about_sees_not_even_what_they_uploaded(settings: Any, house: Any) -> None:
    """R-004: they recorded it truthfully, and keep the number."""
    key = new_uid()
    clerk = staff("lin", "receptionist", name="林志明")
    photo = hold(settings, clerk, key)
    assert sees(photo, clerk) == ["lin"]
    values = {"words": "林志明罵人", "caller_name": "王", "caller_telephone": "138 0013 8000"}
    case = reception.open_case(clerk, "complaint", values, key=key, channel="visit", on_behalf=True)
    assert sees(photo, clerk, house.receptionist) == ["receptionist"]
    Case.update(owner=clerk).where(Case.id == case.id).execute()
    CaseHelper.create(case=case, person=clerk)
    assert sees(photo, clerk) == []
    with pytest.raises(NotFound):
        file_trash.trash_file(clerk, photo)


def test_a_visitor_with_the_code_gets_files_of_that_matter_alone(settings: Any, house: Any) -> None:
    one, two = new_uid(), new_uid()
    photo, other = hold(settings, None, one), hold(settings, None, two)
    case, _ = sent(None, key=one), sent(None, key=two)
    assert reception.file_of(reception.follow(case.number, case.code, place="x"), photo.uid) == photo
    for uid in (other.uid, "", "nothing"):
        with pytest.raises(NotFound):
            reception.file_of(case, uid)


def test_no_text_of_the_board_shows_a_file_of_a_matter(settings: Any, house: Any) -> None:
    """An editor who records a matter does not find its photo among the pictures for notices, nor publish it so."""
    key = new_uid()
    photo = hold(settings, house.editor, key)
    recorded_by = {"on_behalf": True, "channel": "visit", "key": key}
    values = {
        "words": "漏水",
        "place": "3-2-501",
        "kind": "water",
        "caller_name": "王",
        "caller_telephone": "138 0013 8000",
    }
    reception.open_case(house.editor, "repair", values, **recorded_by)
    assert photo not in files.listing(house.editor)
    item = publish_now(house.administrator, "notice", house.board, notice())
    FileUse.create(item=item, file=photo)
    assert sees(photo, None, house.tenant, house.reviewer) == []
    with pytest.raises(Invalid):
        file_trash.trash_file(house.editor, photo)


def test_an_export_of_the_content_has_no_files_of_matters(settings: Any, house: Any) -> None:
    key = new_uid()
    photo = hold(settings, house.owner, key)
    sent(house.owner, key=key)
    held = hold(settings, None, new_uid())
    board = files.store(settings, house.editor, io.BytesIO(picture("PNG")), "board.png")
    records = [
        one for one in export_items(settings, house.administrator, with_files=True) if one["record"] == "file"
    ]
    assert {one["uid"] for one in records} == {board.uid}
    assert {photo.uid, held.uid} == {row.uid for row in StoredFile.select()} - {board.uid}


def test_the_audit_does_not_learn_what_the_file_is_called(settings: Any, house: Any) -> None:
    photo = hold(settings, house.owner, new_uid(), name="王大明的家.jpg")
    (entry,) = AuditEntry.select().where(AuditEntry.verb == "file.stored")
    assert entry.subject == photo.uid


def test_a_closed_account_and_a_made_up_key_hold_nothing(settings: Any, house: Any) -> None:
    with pytest.raises(Invalid):
        hold(settings, house.owner, "key")
    house.owner.active = False
    with pytest.raises(NotAllowed):
        hold(settings, house.owner, new_uid())


def test_asking_for_a_public_picture_costs_one_question_more(settings: Any, house: Any) -> None:
    board = files.store(settings, house.editor, io.BytesIO(picture("PNG")), "board.png")
    with counted() as asked:
        files.may_see(None, board)
    assert len(asked) <= 2


def test_the_account_of_visitors_is_nobody(settings: Any, house: Any) -> None:
    visitors = people.visitors()
    assert people.visitors() == visitors
    assert not visitors.is_active
    assert not visitors.is_staff
    assert people.sign_in("visitors", "") is None
    case = recorded(house.receptionist, "complaint")
    names(case, visitors)
    assert reception.rights(visitors, case) == frozenset()
