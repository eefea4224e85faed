"""Portals of a given size, filled by bulk inserts: what the actions would write, without the hours."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import texts
from content import actions, moment, people, search, setup
from content.db import Base, database, transaction
from content.history import AuditEntry, Revision
from content.items import Item, ItemAudience, Section, bump_content_version, new_uid
from content.kinds.event import EventDetail
from content.kinds.notice import NoticeDetail
from content.kinds.service import ServiceDetail
from content.people import Person
from content.search import SearchDocument
from content.settings import Settings

PASSWORD = "for-the-bench-only"
SECTIONS = ("停水停電", "維修養護", "安全消防", "社區活動", "環境衛生", "車輛管理", "費用公示", "業委會")
CHUNK = 2_000
# Of the newest rows the page and the list are measured, so these are alike whatever the size.
_KINDS = ("notice",) * 8 + ("event", "service")
_DETAILS: dict[str, type[Base]] = {"notice": NoticeDetail, "event": EventDetail, "service": ServiceDetail}
Rows = dict[type[Base], list[dict[str, Any]]]


def build(folder: Path, size: int, *, indexed: bool = False) -> Settings:
    """Make a portal with ``size`` items in ``folder`` and close it again; ``indexed`` makes the search index, too."""
    settings = Settings(data=folder)
    setup.open_portal(settings)
    editor = _people()
    places = _sections(people.find_person("administrator"))
    known = texts.make(400)
    with transaction():
        for rows in _chunks(size, editor, places, known):
            for model, some in rows.items():
                _insert(model, some)
        bump_content_version()
    if indexed:
        search.rebuild(settings)
        search.close(settings)
    database.close()
    return settings


def _people() -> Person:
    for role in ("administrator", "editor", "reviewer"):
        person = people.add_person(role, role, PASSWORD)
        people.give_role(person, role)
    return people.find_person("editor")


def _sections(administrator: Person) -> list[Section]:
    board = setup.root("board")
    return [actions.create_section(administrator, board, title) for title in SECTIONS]


def _chunks(size: int, editor: Person, places: list[Section], known: list[texts.Text]) -> Iterator[Rows]:
    """Rows of all tables for the items 1 to ``size``; the last is the newest."""
    rng, now = random.Random(11), moment.now()
    for start in range(0, size, CHUNK):
        rows: Rows = {Item: [], NoticeDetail: [], EventDetail: [], ServiceDetail: []}
        rows |= {ItemAudience: [], Revision: [], AuditEntry: [], SearchDocument: []}
        for n in range(start, min(start + CHUNK, size)):
            _add(
                rows, n, size - n, now, editor, places[n % len(places)], known[-(size - n) % len(known)], rng
            )
        yield rows


def _add(
    rows: Rows,
    n: int,
    age: int,
    now: datetime,
    owner: Person,
    place: Section,
    text: texts.Text,
    rng: random.Random,
) -> None:
    """All rows of one item; ``age`` 1 is the newest. What is new is public; of the rest some is not."""
    id, uid, kind = n + 1, new_uid(), _KINDS[age % len(_KINDS)]
    at = now - timedelta(minutes=10 * age)
    state = "published" if age <= 100 or rng.random() < 0.9 else rng.choice(("draft", "expired", "withdrawn"))
    audience = "everyone" if age <= 100 or rng.random() < 0.85 else rng.choice(("staff", "residents"))
    common = {
        "title": f"{text.title}（{age}）", "summary": text.summary, "slug": "", "script": text.script,
        "audience": "" if audience == "everyone" else audience, "pinned": 20 < age <= 23, "urgent": age % 50 == 7,
        "publish_at": None, "expire_at": at + timedelta(days=400) if age % 3 == 0 else None,
    }  # fmt: skip
    item = {
        **common, "id": id, "uid": uid, "kind": kind, "section": place.id, "position": n, "language": "zh",
        "scripts": None, "state": state, "stage": "", "owner": owner.id, "created_at": at, "changed_at": at,
        "published_at": at if state != "draft" else None, "trashed_at": None, "version": 2,
    }  # fmt: skip
    detail = _detail(kind, text, now, age)
    rows[Item].append(item)
    rows[_DETAILS[kind]].append({"item": id, **detail})
    rows[ItemAudience].append({"item": id, "audience": audience})
    values = {name: _json(value) for name, value in {**common, **detail}.items()}
    for number, verb in enumerate(("item.created", "item.published"), start=1):
        rows[Revision].append(
            {
                "item": id,
                "number": number,
                "data": values,
                "by": owner.id,
                "at": at,
                "note": "",
                "live": number == 2,
            }
        )
        rows[AuditEntry].append(
            {"at": at, "by": owner.id, "verb": verb, "item": id, "section": None, "subject": item["title"],
             "difference": None}
        )  # fmt: skip
    if state == "published":
        rows[SearchDocument].append(
            {"key": uid, "item": id, "number": None, "kind": kind, "title": item["title"],
             "text": f"{text.summary}\n{text.plain}", "folded_title": f"{text.folded_title}({age})",
             "folded": text.folded, "section_path": place.path, "audience": audience, "published_at": at,
             "version": uid}
        )  # fmt: skip


def _detail(kind: str, text: texts.Text, now: datetime, age: int) -> dict[str, Any]:
    body = {"body": text.html}
    if kind == "notice":
        return {**body, "issuer": "客服中心", "document_number": f"聯服〔2026〕{age}號"}
    if kind == "service":
        names = ("provider", "telephone", "hours", "place", "price", "steps", "papers")
        return {**body, **dict.fromkeys(names, "見服務中心公示")}
    # One event in ten is yet to come.
    begin = now + timedelta(days=age) if age <= 60 else now - timedelta(hours=age)
    place = {"place": "中心花園", "host": "社區居委會", "telephone": "", "poster": "", "poster_alt": ""}
    return {**body, **place, "starts_at": begin, "ends_at": begin + timedelta(hours=2)}


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _insert(model: type[Base], rows: list[dict[str, Any]]) -> None:
    """One statement for many rows: Peewee's own way builds a query tree of every value."""
    if not rows:
        return
    fields = [model._meta.fields[name] for name in rows[0]]
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    marks = ", ".join("?" * len(fields))
    values = ([field.db_value(row[field.name]) for field in fields] for row in rows)
    table = model._meta.table_name
    database.connection().executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)
