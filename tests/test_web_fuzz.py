"""Every route × every kind of reader × what nobody should send: never a failure of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from content import actions, reception, subscriptions, wishes
from content.backoffice.registers import REGISTERS
from content.items import KINDS, Item
from tests.accounts import letter_for
from tests.conftest import notice
from tests.samples import SAMPLES
from tests.test_routes import sign_in

# As they stand in an address or a form, percent-encoded.
HOSTILE = (
    "%C2%B2", "9223372036854775808", "%00", "%F0%9F%8F%A0%E2%80%AE%D7%90", "%ED%A0%80%FF", "-1", "0", "",
    "%C2%B2~%C2%B2~1", "9" * 5000, "a" * 100_000,
)  # fmt: skip
LONG = 1000  # characters; above that only texts are sent so long
TEXTS = (
    "q", "text", "title", "summary", "body", "clauses", "preamble", "comment", "lines.0.name", "scripts.body", "name",
    "username", "password", "new_password", "hant", "key", "next", "alt", "html", "try",
    "words", "number", "code", "reason", "email", "who", "answer", "address_form", "contact_password", "again_password",
    "remove_password", "confirm",
)  # fmt: skip
NAMES = (
    *TEXTS, "before", "after", "past", "since", "until", "start", "from", "to", "back", "overwrite", "in", "width",
    "unsaved", "do", "slug", "script", "audience", "pinned", "publish_at", "expire_at", "body.format", "starts_at",
    "ends_at", "place", "poster", "poster_alt", "in_force_from", "telephone", "lines.0.price", "lines.gone",
    "caller_name", "caller_telephone", "household", "stars", "community", "channel",
    "promised_at", "same_as", "when_where", "about_whom", "wish",
    "scripts.title", "locale", "language", "elder", "hans", "up", "down", "section-up",
    "hour", "weekday", "mode", "on", "at", "undo", "about", "show",
    "sort", "size", "page", "f.state", "f.changed_at.from", "f.section", "query", "keys", "format", "value",
)  # fmt: skip
# Which thing is meant: hostile in one round; in the other one true, so that the rest of the form is looked at.
THINGS = ("section", "item", "parent", "target", "version", "id", "kind")
VALID = ("starts_at=2026-04-04T09:00", "place=x", "script=hant", "lines.0.price=1", "do=step:submit")
READERS = (None, "owner", "editor", "administrator")
OFFICE = {register.name for register in REGISTERS}
# What a failure of ours is not: a database that is busy, or full.
TOLD = (503, 507)


@pytest.fixture
def things(house: SimpleNamespace) -> dict[str, str]:
    """True values for the variable parts of the addresses."""
    item = actions.publish_now(house.administrator, "notice", house.board, notice())
    for kind in KINDS:
        actions.create(house.administrator, kind, house.board, SAMPLES[kind])
    return {
        "kind:kind": "notices", "slug": str(item.id), "path:path": "board", "path:name": "css/base.css", "uid": "0" * 32,
        "rendition": "card", "int:id": str(item.id), "int:number": "1", "int:revision": "1", "name": "withdraw",
        "kind": "event", "section": str(house.board.id), "item": str(item.id), "parent": "",
        "target": str(house.board.id), "version": "1", "id": str(item.id),
        "any(move, copy, trash):what": "trash", "any(move, copy):what": "copy",
        "number": reception.open_case(house.owner, "complaint", {"words": "走廊燈不亮"}, key="c" * 32).number,
        "category": "complaint", "any(say, rate, reopen):act": "say", "desk": "complaints", "step": "take",
        "letter": letter_for(house.owner), "key": str(item.id), "subject": "site", "int:part": "1", "topic": "visitor",
        "word": wishes.stop_word(house.tenant), "token": subscriptions.set_calendar(house.tenant, True),
    }  # fmt: skip


def requests(rule: Any, things: dict[str, str], value: str) -> Iterator[tuple[str, str, str]]:
    """Method, address and fields: a hostile address, then a true one with fields that are hostile."""
    true = re.sub("<([^>]+)>", lambda part: things[part.group(1)], str(rule))
    long = len(value) > LONG
    methods = [method for method in ("GET", "POST") if method in rule.methods]
    rest = [f"{name}={value}" for name in (TEXTS if long else NAMES)]
    kinds = ("event", "fee", "policy") if true in ("/work/new/event", "/work/preview") else ("notice",)
    for method in methods:
        if true != str(rule):
            yield method, re.sub("<[^>]+>", lambda _: value, str(rule)), ""
        if not long:
            yield method, true, "&".join([*rest, *(f"{name}={value}" for name in THINGS)])
        for kind in kinds if method == "POST" else ():
            known = [f"{name}={things[name]}" for name in THINGS if name != "kind"]
            path = true.replace("/new/event", f"/new/{kind}")
            if "/new/" not in path or kind == "event":
                yield method, path, "&".join([*known, f"kind={kind}", *rest])
            if "/new/" in path or path.endswith(
                "/edit"
            ):  # nothing wrong but the texts: what is kept is read again
                texts = [f"{name}={value}" for name in TEXTS]
                yield method, path, "&".join([*known, *VALID, *texts])


def stand_again(item: str) -> None:
    """Take back what a request did to the item."""
    Item.update(trashed_at=None, state="published", stage="", version=1).where(Item.id == int(item)).execute()


def _the_same(rule: str) -> bool:
    """Whether it is an address of a register: all work alike, so two of them are tried."""
    _, _, name = rule.partition("/admin/")
    return name.partition("/")[0] in OFFICE - {"people", "items"}


def wanted(reader: str | None, rule: Any) -> tuple[str, ...]:
    """The values worth sending: all where this reader gets furthest, a few where another one gets as far."""
    work = str(rule).startswith(("/work/", "/admin/"))
    if work and reader == "editor":
        return HOSTILE[::2]
    return HOSTILE if work == (reader == "administrator") else HOSTILE[:2]


# A visitor gets furthest with strange addresses, the administrator with strange forms; the two between are slow.
@pytest.mark.parametrize(
    "reader",
    [
        pytest.param(reader, marks=pytest.mark.slow if reader in ("owner", "editor") else ())
        for reader in READERS
    ],
    ids=str,
)
def test_nothing_that_is_sent_makes_us_fail(app: Any, things: dict[str, str], reader: str | None) -> None:
    client = sign_in(app, reader)
    app.config["WTF_CSRF_ENABLED"] = False
    rules = [rule for rule in app.url_map.iter_rules() if str(rule) != "/logout" and not _the_same(str(rule))]
    assert len(rules) > 60
    failed = []
    for rule in rules:
        for value in wanted(reader, rule):
            if "POST" in rule.methods:
                stand_again(things["item"])
            for method, path, fields in requests(rule, things, value):
                if method == "GET":
                    answer = client.get(f"{path}?{fields}")
                else:
                    answer = client.post(path, data=fields, content_type="application/x-www-form-urlencoded")
                answer.close()
                if answer.status_code >= 500 and answer.status_code not in TOLD:
                    failed.append((method, path[:80], value[:20]))
    assert failed == []
