"""What is kept of a person's matters when the person asks for erasure; and all of it, for who asks what is kept.

The words go, the facts stay: number, category, times, states, stars. The audit is not touched; its digests say nothing
without the matter's salt.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from content import history, moment
from content.accounts.holdings import Fact, Holding, Record, declare
from content.cases import OPEN_STATES, Case, CaseDetail, CaseEntry, CaseParty
from content.db import transaction
from content.errors import N_, Invalid, Message, NotAllowed, msg
from content.files import FileUse, StoredFile
from content.outbox import unpack
from content.people import Person
from content.permissions import may
from content.reception import intake
from content.reception.attachments import CaseFile
from content.reception.categories import CATEGORIES
from content.reception.entries import address
from content.reception.unsaying import take_back
from content.workflows import MATTER

# What says who it was or where they live.
BLANKED = ("place", "original", "caller_name", "caller_form", "caller_telephone", "caller_email", "reported_by",
           "rating_words", "words", "salt")  # fmt: skip
STILL_OPEN = N_("These matters are not settled yet: %(numbers)s. They can be erased once they are closed.")


def erase_matters(person: Person, *, by: Person | None = None) -> int:
    """Erase the matters of a person, who asks for it or has ``by``, an administrator, do it; returns how many.

    Where the person is one of several parties, only their own words go. Raises ``NotAllowed``, and ``Invalid`` while
    one of the matters is open.
    """
    by = by if by is not None else person
    if by.id != person.id and not by.system and not may(by, "site:administer"):
        raise NotAllowed()
    with transaction():
        cases = _of(person)
        own = [case for case in cases if case.requester_id in (None, person.id) and not _others(case, person)]
        erase(by, own)
        for case in cases:
            if case not in own:
                _blank_entries(case, CaseEntry.by == person.id)
                history.record(by, "case.party_erased", case=case)
            CaseParty.delete().where(CaseParty.case == case.id, CaseParty.person == person.id).execute()
            Case.update(requester=None).where(Case.id == case.id, Case.requester == person.id).execute()
            take_back(person.id, address(case))
    return len(cases)


def erase(by: Person, cases: Iterable[Case]) -> int:
    """Erase matters, in the transaction of the caller if there is one; who may is the caller's to check. Once erased
    they stay as they are. Raises ``Invalid`` while one of them is open, or the one that leads it.
    """
    ids = [case.id for case in cases]
    with transaction():
        wanted = [case for case in Case.select().where(Case.id.in_(ids)) if not case.erased_at]
        still_open = [case.number for case in wanted if _is_open(case)]
        if still_open:
            message = msg(STILL_OPEN, numbers=", ".join(still_open))
            raise Invalid({"matters": [message]}, message)
        for case in wanted:
            _erase(by, case)
    return len(wanted)


def _is_open(case: Case) -> bool:
    lead = case.merged_into if case.merged_into_id else case
    return lead.state in OPEN_STATES or lead.state == "answered"


def _erase(by: Person, case: Case) -> None:
    history.record(by, "case.erased", case=case, difference={"fields": sorted(BLANKED)})
    # One statement: the trigger lets the words go only together with the time of the erasure.
    Case.update(
        **dict.fromkeys(BLANKED, ""),
        household=None,
        intake_key=None,
        code=intake.new_code(),
        erased_at=moment.now(),
        version=Case.version + 1,
    ).where(Case.id == case.id).execute()
    CaseDetail.update(value="").where(CaseDetail.case == case.id).execute()
    # Answers and notes are about the person as much as their own words are.
    _blank_entries(case, None)
    _drop_files(CaseFile.case == case.id)


def _blank_entries(case: Case, whose: Any) -> None:
    mine = CaseEntry.case == case.id
    if whose is not None:
        mine &= whose
        _drop_files(CaseFile.entry.in_(CaseEntry.select(CaseEntry.id).where(mine)))
    CaseEntry.update(text="").where(mine).execute()


def _drop_files(which: Any) -> None:
    """Without a row the contents are swept from the disk with what nobody uses."""
    ids = [row.file_id for row in CaseFile.select(CaseFile.file).where(which)]
    CaseFile.delete().where(which).execute()
    # Somebody may have typed its address into a text of theirs, where it was never shown.
    FileUse.delete().where(FileUse.file.in_(ids)).execute()
    StoredFile.delete().where(StoredFile.id.in_(ids)).execute()


def _of(person: Person) -> list[Case]:
    mine = CaseParty.select(CaseParty.case).where(CaseParty.person == person.id)
    return list(Case.select().where((Case.id.in_(mine)) | (Case.requester == person.id)).order_by(Case.id))


def _others(case: Case, person: Person) -> bool:
    return CaseParty.select().where(CaseParty.case == case.id, CaseParty.person != person.id).exists()


# ---- my data


def matters_of(person: Person) -> list[dict[str, Any]]:
    """All that is kept of a person's own matters and that they may read, oldest first; plain values, times as ISO text.

    Internal notes are the staff's; what a visitor's matter holds belongs to nobody's account.
    """
    cases = _of(person)
    ids = [case.id for case in cases]
    details = _grouped(CaseDetail.select().where(CaseDetail.case.in_(ids)).order_by(CaseDetail.name))
    public = CaseEntry.select().where(CaseEntry.case.in_(ids), CaseEntry.public == True)  # noqa: E712  SQL from ==
    entries = _grouped(public.order_by(CaseEntry.id))
    rows: Any = CaseFile.select(CaseFile, StoredFile).join(StoredFile)
    files = _grouped(rows.where(CaseFile.case.in_(ids), CaseFile.public == True))  # noqa: E712
    return [_told(person, case, details, entries, files) for case in cases]


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(row)
    return found


def _told(person: Person, case: Case, details: Any, entries: Any, files: Any) -> dict[str, Any]:
    names = ("number", "category", "state", "channel", "place", "original", "caller_name", "caller_form",
             "caller_telephone", "caller_email", "reported_by", "rating", "rating_words")  # fmt: skip
    times = ("opened_at", "promised_at", "answered_at", "closed_at", "rated_at", "erased_at")
    return {
        **{name: getattr(case, name) for name in names},
        **{name: _iso(getattr(case, name)) for name in times},
        "category_label": CATEGORIES[case.category].label,
        "details": {row.name: row.value for row in details.get(case.id, [])},
        "thread": [
            {
                "at": _iso(entry.at),
                "role": entry.role,
                "kind": entry.kind,
                "mine": entry.by_id == person.id,
                "text": entry.text,
                "step": unpack(entry.message).id if entry.message else "",
            }
            for entry in entries.get(case.id, [])
        ],
        "files": [{"uid": row.file.uid, "name": row.file.name} for row in files.get(case.id, [])],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


# ---- for the account's own page


def _facts(person: Person) -> list[Record]:
    return [_record(one) for one in matters_of(person)]


def _record(one: dict[str, Any]) -> Record:
    texts = (
        ("words", N_("What you wrote"), one["original"]),
        ("place", N_("Place"), one["place"]),
        ("details", N_("What the form asked"), "\n".join(one["details"].values())),
        ("caller_name", N_("Name"), one["caller_name"]),
        ("caller_telephone", N_("Telephone"), one["caller_telephone"]),
        ("caller_email", N_("E-mail address"), one["caller_email"]),
        (
            "thread",
            N_("What was said"),
            "\n\n".join(entry["text"] for entry in one["thread"] if entry["text"]),
        ),
        ("files", N_("Files"), "\n".join(file["name"] for file in one["files"])),
        ("rating", N_("Your rating"), one["rating"] or ""),
        ("rating_words", N_("What you said of it"), one["rating_words"]),
    )
    return (
        Fact("number", N_("Number"), one["number"]),
        Fact("category", N_("Kind"), msg(one["category_label"])),
        Fact("state", N_("State"), msg(MATTER.state(one["state"]).label)),
        Fact("opened", N_("Received"), datetime.fromisoformat(one["opened_at"])),
        *(Fact(name, label, value) for name, label, value in texts if value),
    )


def _hindrance(person: Person) -> Message | None:
    still_open = [case.number for case in _of(person) if _is_open(case)]
    return msg(STILL_OPEN, numbers=", ".join(still_open)) if still_open else None


def _erase_all(person: Person) -> None:
    erase_matters(person)


declare(
    Holding(
        "matters",
        N_("Matters"),
        N_(
            "Your words, photos, name and telephone are erased, and the answers. Number, kind, dates and stars stay."
        ),
        _facts,
        _erase_all,
        _hindrance,
    )
)
