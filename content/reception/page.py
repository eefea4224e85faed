"""What each reader sees of a matter: its parties the public part, those who work it all of it, the praised the praise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, SQL, Expression, fn

from content import estate, telephones
from content.cases import Case, CaseAbout, CaseDetail, CaseEntry, CaseHelper, CaseLink
from content.errors import Message, NotFound, msg
from content.files import StoredFile
from content.households import Building, Household
from content.items import FieldSpec
from content.outbox import unpack
from content.people import Community, Department, Person
from content.reception import telling
from content.reception.access import HIDDEN, RIGHTS, Standing, is_hidden_from, standing, visible_cases
from content.reception.acts import may_rate
from content.reception.attachments import CaseFile
from content.reception.categories import CALLER_FIELDS, CATEGORIES, COMMON_FIELDS, DESKS, Category, Desk
from content.reception.entries import role_label
from content.reception.holding import BY_CODE
from content.workflow import State, Transition
from content.workflows import MATTER


@dataclass(frozen=True)
class Entry:
    """One entry of a thread as its reader sees it. ``who`` is a name for those who work the matter, else a role."""

    id: int
    at: datetime
    who: Message | str
    role: str
    kind: str
    public: bool
    text: str
    message: Message | None
    files: Sequence[StoredFile]
    mine: bool


@dataclass(frozen=True)
class Caller:
    """Who spoke. The telephone is whole for those who work the matter, else masked."""

    name: str = ""
    form: str = ""
    telephone: str = ""
    email: str = ""
    reported_by: str = ""


@dataclass(frozen=True)
class CasePage:
    """A matter as one reader sees it. For a party of a merged matter ``state`` is that of the one that leads, whose
    answers stand in the thread. What is only for those who work it is empty for anybody else.
    """

    case: Case
    category: Category
    desk: Desk
    state: State
    is_party: bool
    is_worker: bool
    details: Sequence[tuple[FieldSpec, str]]
    thread: Sequence[Entry]
    files: Sequence[StoredFile]  # sent with the first words
    steps: Sequence[Transition]
    may: dict[str, bool]
    promise: datetime | None
    household: str
    caller: Caller
    code: str
    about: Sequence[Person] = ()
    helpers: Sequence[Person] = ()
    links: Sequence[Case] = ()
    merged: Sequence[Case] = ()
    leads: Case | None = None
    owner: Person | None = None
    first_receiver: Person | None = None
    department: Department | None = None


@dataclass(frozen=True)
class _Reader:
    """Who reads, and as what."""

    person: Person | None
    stands: Standing | None
    party: bool
    rights: frozenset[str]

    @property
    def works(self) -> bool:
        return "case:work" in self.rights


def page(person: Person | None, case: Case, *, via_code: bool = False) -> CasePage:
    """The matter as this person sees it, in a fixed number of queries. ``via_code`` is for a visitor who has shown number
    and code. Raises ``NotFound`` where it is not for this reader.
    """
    return _page(person, _loaded(Case.id == case.id), via_code)


def page_at(person: Person | None, number: str) -> CasePage:
    """The matter with this number as this person sees it. Raises ``NotFound`` as ``page`` does."""
    return _page(person, _loaded(Case.number == number.strip()[:20]), via_code=False)


def _page(person: Person | None, case: Case, via_code: bool) -> CasePage:
    lead: Case = case.merged_into if case.merged_into_id else case
    reader = _reader(person, case, lead, via_code)
    # Of a complaint about a party of another matter not even its answers are theirs.
    told = case if person is not None and is_hidden_from(person, lead) else lead
    files = _files(case, told, reader)
    everything = reader.works or reader.party
    home: Household | None = case.household
    common = {
        "case": case,
        "category": CATEGORIES[case.category],
        "desk": DESKS[case.desk],
        "state": MATTER.state(case.state if reader.works else lead.state),
        "is_party": reader.party,
        "is_worker": reader.works,
        "details": _details(case) if everything else (),
        "thread": _thread(case, told, reader, files) if everything else (),
        "files": files.get((case.id, 0), ()) if everything else (),
        "steps": [step for step in MATTER.leaving(case.state) if step.permission in reader.rights],
        "may": {name: name in reader.rights for name in RIGHTS},
        "promise": lead.promised_at,
        "household": estate.label(home) if home is not None and everything else "",
        "caller": _caller(case, reader),
        "code": case.code
        if reader.stands is not None and reader.stands.hands_out and not case.erased_at
        else "",
    }
    return CasePage(**common, **_for_workers(case, reader) if reader.works else {})


def _loaded(condition: Expression) -> Case:
    """The matter as it is now, with all that is single about it."""
    lead, owner, first = Case.alias(), Person.alias(), Person.alias()
    rows: Any = (
        Case.select(Case, Department, Household, Building, Community, lead, owner, first)
        .join(Department, JOIN.LEFT_OUTER)
        .join_from(Case, Household, JOIN.LEFT_OUTER)
        .join(Building, JOIN.LEFT_OUTER)
        .join(Community, JOIN.LEFT_OUTER)
        .join_from(Case, lead, JOIN.LEFT_OUTER, on=(Case.merged_into == lead.id), attr="merged_into")
        .join_from(Case, owner, JOIN.LEFT_OUTER, on=(Case.owner == owner.id), attr="owner")
        .join_from(Case, first, JOIN.LEFT_OUTER, on=(Case.first_receiver == first.id), attr="first_receiver")
    )
    found: Case | None = rows.where(condition).first()
    if found is None:
        raise NotFound()
    return found


def _reader(person: Person | None, case: Case, lead: Case, via_code: bool) -> _Reader:
    if person is None or not person.is_active:
        if person is not None or not via_code or case.erased_at is not None:
            raise NotFound()
        return _Reader(None, None, True, _now(set(BY_CODE), case, lead, party=True))
    stands = standing(person, case)
    held = {name for name, holds in RIGHTS.items() if holds(stands)}
    if stands.party:
        held.add("case:rate")
    if "case:view" not in held:
        if not via_code or stands.shut_out or case.erased_at is not None:
            raise NotFound()
        return _Reader(person, stands, True, _now(held | BY_CODE, case, lead, party=True))
    return _Reader(person, stands, stands.party, _now(held, case, lead, party=stands.party))


def _now(held: set[str], case: Case, lead: Case, party: bool) -> frozenset[str]:
    """What of it makes sense at this time."""
    if case.erased_at is not None:
        return frozenset(held & {"case:view", "case:work"})
    if not may_rate(lead):
        held.discard("case:rate")
    if party and case.state == "closed" and "case:work" not in held:
        held.discard("case:say")
    return frozenset(held)


# ---- parts


def _details(case: Case) -> list[tuple[FieldSpec, str]]:
    """What the form asked beyond the words, in its order; after a move also what another category had asked."""
    order = [CATEGORIES[case.category], *(one for one in CATEGORIES.values() if one.name != case.category)]
    specs: dict[str, FieldSpec] = {}
    for spec in (*(spec for one in order for spec in one.fields), *COMMON_FIELDS, *CALLER_FIELDS):
        specs.setdefault(spec.name, spec)
    values = {row.name: row.value for row in CaseDetail.select().where(CaseDetail.case == case.id)}
    return [(spec, values[name]) for name, spec in specs.items() if values.get(name)]


def _files(case: Case, lead: Case, reader: _Reader) -> dict[tuple[int, int], list[StoredFile]]:
    """The files by matter and entry, 0 for the first words."""
    rows: Any = CaseFile.select(CaseFile, StoredFile).join(StoredFile).order_by(StoredFile.id)
    rows = rows.where(CaseFile.case.in_([case.id, lead.id]), StoredFile.trashed_at.is_null())
    if not reader.works:
        rows = rows.where(CaseFile.public == True)  # noqa: E712  Peewee builds SQL from ==
    found: dict[tuple[int, int], list[StoredFile]] = {}
    for row in rows:
        found.setdefault((row.case_id, row.entry_id or 0), []).append(row.file)
    return found


def _thread(case: Case, lead: Case, reader: _Reader, files: Any) -> list[Entry]:
    ids = [case.id] if reader.works else [case.id, lead.id]
    rows: Any = CaseEntry.select(CaseEntry, Person).join(Person, JOIN.LEFT_OUTER)
    rows = rows.where(CaseEntry.case.in_(ids)).order_by(CaseEntry.id)
    if not reader.works:
        rows = rows.where(CaseEntry.public == True)  # noqa: E712  Peewee builds SQL from ==
    found = list(rows)
    merged = telling.THREAD["case.merged"]
    steps = [row for row in found if row.case_id == case.id and row.message]
    joined = max((row.id for row in steps if row.message["id"] == merged), default=0)
    return [_entry(row, row.case_id != case.id, reader, files) for row in found if _told(row, case, joined)]


def _told(row: Any, case: Case, joined: int) -> bool:
    """Of the matter that leads its steps and answers; what staff said to its parties only since both were joined."""
    return row.case_id == case.id or bool(row.message) or (row.kind != "words" and row.id > joined)


def _entry(row: Any, elsewhere: bool, reader: _Reader, files: Any) -> Entry:
    """An entry for its reader. Of the matter that leads a party sees steps and answers, never another party's words."""
    theirs = elsewhere and row.kind == "words"
    named = reader.works and row.by_id is not None and row.role not in ("system", "resident")
    mine = row.by_id == reader.person.id if reader.person is not None else row.by_id is None
    return Entry(
        id=row.id,
        at=row.at,
        who=row.by.name if named else msg(role_label(row.role)),
        role=row.role,
        kind="step" if theirs else row.kind,
        public=bool(row.public),
        text="" if theirs else row.text,
        message=unpack(row.message) if row.message else None,
        files=() if theirs else files.get((row.case_id, row.id), ()),
        mine=mine and not elsewhere and row.role != "system",
    )


def _caller(case: Case, reader: _Reader) -> Caller:
    if reader.works:
        return Caller(
            case.caller_name, case.caller_form, case.caller_telephone, case.caller_email, case.reported_by
        )
    if not reader.party:
        return Caller(case.caller_name, case.caller_form) if case.category not in HIDDEN else Caller()
    masked = telephones.mask(case.caller_telephone) if case.caller_telephone else ""
    return Caller(case.caller_name, case.caller_form, masked, case.caller_email, case.reported_by)


def _for_workers(case: Case, reader: _Reader) -> dict[str, Any]:
    known = _around(case, reader.person)
    about, helpers = _people(case)
    return {
        "about": about,
        "helpers": helpers,
        "links": [one for one in known if one.is_linked],
        "merged": [one for one in known if one.merged_into_id == case.id],
        "leads": next((one for one in known if one.id == case.merged_into_id), None),
        "owner": case.owner,
        "first_receiver": case.first_receiver,
        "department": case.department,
    }


def _around(case: Case, person: Person | None) -> list[Any]:
    """Linked, leading and merged matters that the reader may see, too; ``is_linked`` tells which are linked."""
    tied = ((CaseLink.case == case.id) & (CaseLink.other == Case.id)) | (
        (CaseLink.other == case.id) & (CaseLink.case == Case.id)
    )
    linked = CaseLink.select(SQL("1")).where(tied)
    others = CaseLink.select(CaseLink.other).where(CaseLink.case == case.id) | CaseLink.select(
        CaseLink.case
    ).where(CaseLink.other == case.id)
    wanted = Case.id.in_(others) | (Case.merged_into == case.id) | (Case.id == case.merged_into_id)
    rows = Case.select(Case, fn.EXISTS(linked).alias("is_linked"))
    return list(rows.where(wanted, Case.id != case.id, visible_cases(person)).order_by(Case.id))


def _people(case: Case) -> tuple[list[Person], list[Person]]:
    """Whom the matter is about, and who helps."""
    about = Person.select(Person, SQL("1").alias("is_about")).join(CaseAbout).where(CaseAbout.case == case.id)
    helping = (
        Person.select(Person, SQL("0").alias("is_about")).join(CaseHelper).where(CaseHelper.case == case.id)
    )
    found = sorted(about.union_all(helping), key=lambda one: one.id)
    return [one for one in found if one.is_about], [one for one in found if not one.is_about]
