"""Every route × every role: who is answered, who is sent to sign in, and for whom there is nothing."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from content import actions, files, people, reception, subscriptions, wishes
from content.accounts import erasing
from content.backoffice import jobs
from content.backoffice.registers import REGISTERS
from content.estate import codes, importing
from content.history import AuditEntry, Revision
from content.items import Item, address
from tests import estate
from tests.accounts import letter_for
from tests.backoffice import READ, SENT
from tests.conftest import PASSWORD, csrf, notice

# A column per reader, in this order.
READERS = (None, "owner", "crew", "editor", "reviewer", "manager", "administrator")

# y answered · l sent to sign in · n nothing there · r led on · + gets as far as the act itself (POST)
EVERYONE = "yyyyyyy"
ACCOUNT = "lyyyyyy"
STAFF = "lnyyyyy"
WORKERS = "lnnyyyy"  # those who work on content: editor, reviewer, manager, administrator
WRITERS = "lnnyyny"  # those who may write here; the manager only decides on tariffs
REVIEWERS = "lnnnyny"
PAIRS = "lnnnnnn"  # leaders, counselors and their office alone: see test_liaison_pages

HOMES = "lnnnnyy"  # manager and administrator; of the receptionist see test_estate_pages

GET: dict[str, str] = {
    "/": EVERYONE,
    "/<kind:kind>/": EVERYONE,
    "/<kind:kind>/<slug>": EVERYONE,
    "/<kind:kind>/feed.atom": EVERYONE,
    "/account": ACCOUNT,
    "/account/data": ACCOUNT,
    "/account/data.json": ACCOUNT,
    "/account/data.txt": ACCOUNT,
    "/account/home": ACCOUNT,
    "/account/second": ACCOUNT,
    "/account/sessions": ACCOUNT,
    "/account/subscriptions": ACCOUNT,
    "/accounts/erasures": "lnnnnyy",
    "/accounts/help": "lnnnnny",
    "/admin/": "lnnnnny",
    "/admin/exports/": "lnnnnny",
    "/admin/exports/<uid>/": "lnnnnny",  # the administrator's own
    "/admin/exports/<uid>/file": "lnnnnnn",  # not written yet
    "/admin/exports/<uid>/state": "lnnnnny",
    "/admin/settings/": "lnnnnny",
    "/admin/settings/<subject>": "lnnnnny",
    "/browse/": EVERYONE,
    "/browse/<path:path>": EVERYONE,
    "/browse/<path:path>/feed.atom": EVERYONE,
    "/calendar/<token>.ics": EVERYONE,
    "/contact": EVERYONE,
    "/cases/<number>": "lynnnyn",  # the owner's own; the manager works it
    "/estate/": HOMES,
    "/estate/buildings/<int:id>/": HOMES,
    "/estate/buildings/<int:id>/edit": HOMES,
    "/estate/buildings/<int:id>/new": HOMES,
    "/estate/buildings/new": HOMES,
    "/estate/homes/<int:id>/": HOMES,
    "/estate/homes/<int:id>/edit": HOMES,
    "/estate/homes/<int:id>/move-in": HOMES,
    "/estate/import": HOMES,
    "/estate/import/<uid>": "lnnnnyn",  # the manager's own file
    "/estate/residents/<int:id>/edit": HOMES,
    "/estate/residents/<int:id>/leave": HOMES,
    "/desk/": STAFF,
    "/desk/<desk>/": "lnnnnyn",  # complaints: not the crew's desk, and no administrator's
    "/desk/<desk>/export.csv": "lnnnnyn",
    "/desk/<desk>/export.xlsx": "lnnnnyn",
    "/desk/find": "lnrrrrr",
    "/desk/new": STAFF,
    "/desk/sent": "lnrrrrr",
    "/desk/slip/<number>": "lnnnnyn",
    "/events/": EVERYONE,
    "/events/calendar.ics": EVERYONE,
    "/feed.atom": EVERYONE,
    "/files/<uid>": EVERYONE,
    "/files/<uid>/<rendition>": EVERYONE,
    "/follow": EVERYONE,
    "/follow/files/<uid>": "nnnnnnn",  # only after number and code
    "/follow/files/<uid>/<rendition>": "nnnnnnn",
    "/forgot": EVERYONE,
    "/forgot/<letter>": EVERYONE,
    "/healthz": EVERYONE,
    "/metrics": EVERYONE,  # of this machine; test_metrics.py has the others
    "/help/": EVERYONE,
    "/help/<topic>": EVERYONE,
    "/inbox/": ACCOUNT,
    "/library/": EVERYONE,
    "/liaison/": PAIRS,
    "/liaison/log": PAIRS,
    "/liaison/meetings/": PAIRS,
    "/liaison/meetings/<int:id>": PAIRS,
    "/liaison/meetings/<int:id>/edit": PAIRS,
    "/liaison/office/": PAIRS,
    "/liaison/office/meetings/": PAIRS,
    "/liaison/office/overview.xlsx": PAIRS,
    "/liaison/office/pairings/": PAIRS,
    "/liaison/office/pairings/<int:id>": PAIRS,
    "/liaison/office/pairings/new": PAIRS,
    "/login": "yrrrrrr",
    "/login/second": "lllllll",  # only between password and second factor
    "/matters/": ACCOUNT,
    "/register": "yrrrrrr",
    "/report": EVERYONE,
    "/report/<category>": EVERYONE,
    "/report/files/<uid>": "nnnnnnn",  # only what this browser sent with a form that was refused
    "/report/sent": "rrrrrrr",
    "/robots.txt": EVERYONE,
    "/search": EVERYONE,
    "/sitemap.xml": EVERYONE,
    "/sitemap-<int:part>.xml": EVERYONE,
    "/sitemap-pages.xml": EVERYONE,
    "/staff/": EVERYONE,
    "/unsubscribe/<word>": EVERYONE,
    "/welcome": "nnnnnnn",  # only while nobody can sign in: see test_welcome
    "/welcome/next": "lnnnnny",
    "/work/": WORKERS,
    "/work/batch/<any(move, copy, trash):what>": WRITERS,
    "/work/glossary/": WRITERS,
    "/work/items/<int:id>": "lnnrrrr",  # to the form, or to a look at it for who may not change it
    "/work/items/<int:id>/compare": WORKERS,
    "/work/items/<int:id>/discard": WRITERS,
    "/work/items/<int:id>/edit": "lnnyyry",  # who may only look is led to the look
    "/work/items/<int:id>/history": WORKERS,
    "/work/items/<int:id>/preview": WORKERS,
    "/work/items/<int:id>/preview/page": WORKERS,
    "/work/items/<int:id>/rename": WRITERS,
    "/work/items/<int:id>/restore/<int:revision>": WRITERS,
    "/work/items/<int:id>/transition/<name>": "lnnryry",  # told that this step is not theirs
    "/work/items/<int:id>/trash": WRITERS,
    "/work/new/<kind>": WRITERS,
    "/work/pick/files": WRITERS,
    "/work/pick/items": WORKERS,
    "/work/sections/": WORKERS,
    "/work/sections/<int:id>/": WORKERS,
    "/work/sections/<int:id>/edit": REVIEWERS,
    "/work/sections/<int:id>/move": REVIEWERS,
    "/work/sections/<int:id>/trash": REVIEWERS,
    "/work/sections/new": REVIEWERS,
    "/work/trash/": WORKERS,
}

POST: dict[str, str] = {
    "/estate/buildings/<int:id>/edit": "lnnnn++",
    "/estate/buildings/<int:id>/new": "lnnnn++",
    "/estate/buildings/new": "lnnnn++",
    "/estate/codes/<int:id>/withdraw": "lnnnn++",
    "/estate/homes/<int:id>/codes": "lnnnn++",
    "/estate/homes/<int:id>/edit": "lnnnn++",
    "/estate/homes/<int:id>/move-in": "lnnnn++",
    "/estate/import": "lnnnn++",
    "/estate/import/<uid>": "lnnnn+n",
    "/estate/import/<uid>/drop": "lnnnn++",
    "/estate/residents/<int:id>/edit": "lnnnn++",
    "/estate/residents/<int:id>/leave": "lnnnn++",
    "/account": "l++++++",
    "/account/calendar": "l++++++",
    "/account/contact": "l++++++",
    "/account/data/erasure": "l++++++",
    "/account/data/withdraw": "lnnnnnn",  # nobody of these has asked
    "/account/follow": "l++++++",
    "/account/home": "l++++++",
    "/account/password": "l++++++",
    "/account/second/begin": "l++++++",
    "/account/second/confirm": "l++++++",
    "/account/second/recovery": "l++++++",
    "/account/second/remove": "l++++++",
    "/account/sessions/end": "l++++++",
    "/account/subscriptions": "l++++++",
    "/account/subscriptions/undo": "l++++++",
    "/accounts/erasures/<int:id>": "lnnnn++",
    "/accounts/help": "lnnnnn+",
    "/accounts/help/code": "lnnnnn+",
    "/accounts/help/second": "lnnnnn+",
    "/admin/exports/<uid>/cancel": "lnnnnn+",
    "/admin/settings/<subject>": "lnnnnn+",
    "/admin/settings/<subject>/reset": "lnnnnn+",
    "/admin/settings/mail/test": "lnnnnn+",
    "/cases/<number>/<any(say, rate, reopen):act>": "l+nnn+n",
    **{
        f"/cases/<number>/{act}": "lnnnn+n"  # those who work it
        for act in (
            "about",
            "about/drop",
            "link",
            "merge",
            "message",
            "move",
            "note",
            "promise",
            "step/<step>",
            "unlink",
        )
    },
    "/desk/household": "ln+++++",
    "/desk/new": "ln+++++",
    "/desk/similar": "ln+++++",
    "/follow": "+++++++",
    "/follow/<any(say, rate, reopen):act>": "+++++++",
    "/follow/leave": "+++++++",
    "/forgot/<letter>": "+++++++",
    "/forgot/code": "+++++++",
    "/forgot/mail": "+++++++",
    "/inbox/read": "l++++++",
    "/inbox/unread": "l++++++",
    "/liaison/log": PAIRS,
    "/liaison/meetings/<int:id>/confirm": PAIRS,
    "/liaison/meetings/<int:id>/edit": PAIRS,
    "/liaison/meetings/<int:id>/promises": PAIRS,
    "/liaison/meetings/<int:id>/restore": PAIRS,
    "/liaison/meetings/<int:id>/withdraw": PAIRS,
    "/liaison/meetings/<int:id>/words": PAIRS,
    "/liaison/office/pairings/<int:id>/end": PAIRS,
    "/liaison/office/pairings/<int:id>/hand-over": PAIRS,
    "/liaison/office/pairings/<int:id>/remove": PAIRS,
    "/liaison/office/pairings/<int:id>/reopen": PAIRS,
    "/liaison/office/pairings/new": PAIRS,
    "/liaison/promises/<int:id>/done": PAIRS,
    "/login": "+++++++",
    "/login/second": "lllllll",
    "/logout": "+++++++",
    "/reading": "+++++++",
    "/register": "+++++++",
    "/unsubscribe/<word>": "+++++++",
    "/welcome": "nnnnnnn",
    "/report/<category>": "+++++++",
    "/report/<category>/similar": "+++++++",
    "/work/autosave": "lnn++++",
    "/work/autosave/drop": "lnn++++",
    "/work/batch/<any(move, copy):what>": "lnn++n+",
    "/work/glossary/": "lnn++n+",
    "/work/glossary/<int:id>/remove": "lnn++n+",
    "/work/items/<int:id>/discard": "lnn++n+",
    "/work/items/<int:id>/edit": "lnn++++",  # told, and nothing changes: see below
    "/work/items/<int:id>/rename": "lnn++n+",
    "/work/items/<int:id>/restore/<int:revision>": "lnn++n+",
    "/work/items/<int:id>/transition/<name>": "lnn++++",
    "/work/new/<kind>": "lnn++n+",
    "/work/outline": "lnn++++",
    "/work/paste": "lnn++++",
    "/work/pick/files": "lnn++n+",
    "/work/preview": "lnn++++",
    "/work/sections/<int:id>/": "lnn++n+",
    "/work/sections/<int:id>/edit": "lnnn+n+",
    "/work/sections/<int:id>/move": "lnnn+n+",
    "/work/sections/<int:id>/order": "lnn++n+",
    "/work/sections/<int:id>/trash": "lnnn+n+",
    "/work/sections/new": "lnnn+n+",
    "/work/trash/out": "lnn++n+",
    "/work/trash/throw": "lnn++++",  # each that may not go is named and stays
    "/work/upload": "lnn++n+",
}

# Answered in their own tests: they need a row of the reader's own, or serve what is packed with the program.
# What everybody may do: with oneself, or with a word that one was sent.
OWN = {
    "/logout", "/login", "/account", "/account/password", "/reading", "/account/calendar", "/unsubscribe/<word>",
}  # fmt: skip
ELSEWHERE = {"/static/<path:name>", "/inbox/<int:number>"}
# The addresses of registers are the same for each of them, and are walked through in test_admin_views.
ELSEWHERE |= {f"/admin/{register.name}/{end}" for register in REGISTERS for end in (*READ, *SENT)}


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "#23695a").save(made, "PNG")
    made.seek(0)
    return made


@pytest.fixture
def things(house: SimpleNamespace, settings: Any) -> SimpleNamespace:
    """A published notice with a picture that its editor is correcting, and a glossary entry's number."""
    stored = files.store(settings, house.editor, picture(), "春.png")
    body = f'<p>見圖</p><p><img src="file:{stored.uid}" alt="花"></p>'
    item = actions.create(house.editor, "notice", house.board, notice(body=body))
    actions.transition(house.reviewer, item, "publish")
    actions.edit(house.editor, item, {"title": "更正"}, version=item.version)
    leaver = people.add_person("leaver", "搬走的", PASSWORD)
    erasing.ask(leaver, confirmed=True)  # the first request, as the item is the first
    return SimpleNamespace(
        leaver=leaver, letter=letter_for(house.tenant), export=export_of(house.administrator),
        homes=homes(house, settings),
        item=item, file=stored, section=house.board, word=wishes.stop_word(house.crew),
        token=subscriptions.set_calendar(house.crew, True),
        case=reception.open_case(house.owner, "complaint", {"words": "走廊燈不亮"}, key="c" * 32),
    )  # fmt: skip


def export_of(person: Any) -> str:
    """The number of a list that is to be written into a file for this person."""
    chosen: dict[str, Any] = {"words": "", "typed": {}, "sort": "", "descending": False, "locale": "en"}
    return str(jobs.ask(person, REGISTERS[0], "csv", **chosen).uid)


def homes(house: SimpleNamespace, settings: Any) -> dict[str, str]:
    """Numbers of a building, a home, a resident, a code and a list that the manager keeps, by their addresses."""
    made = estate.furnished(house.administrator)
    (code,) = codes.make_codes(house.manager, made.home, "owner")
    with estate.book(settings.data / "list.xlsx", estate.HEADS, estate.LI).open("rb") as stream:
        uid = importing.keep(settings, house.manager, stream)
    return {
        "buildings": str(made.building.id), "homes": str(made.home.id), "residents": str(made.owner.id),
        "codes": str(code.row.id), "import": uid, "community": str(made.east.id),
    }  # fmt: skip


def filled(rule: str, things: SimpleNamespace) -> str:
    if rule.startswith("/sitemap-<"):
        return "/sitemap-0.xml"
    if rule.startswith("/admin/exports/"):
        return rule.replace("<uid>", things.export)
    if rule.startswith("/estate/"):
        path = rule.replace("<uid>", things.homes["import"]).replace(
            "<int:id>", things.homes.get(rule.split("/")[2], "")
        )
        return path + (f"?community={things.homes['community']}" if path.endswith("/buildings/new") else "")
    values = {
        "kind:kind": "notices", "slug": str(things.item.id), "path:path": "board", "uid": things.file.uid,
        "rendition": "card", "int:id": str(things.section.id if "/sections/" in rule else things.item.id),
        "int:revision": str(Revision.select().count() - 1), "name": "withdraw", "kind": "notice",
        "any(move, copy, trash):what": "move", "any(move, copy):what": "move",
        "word": things.word, "token": things.token,
        "letter": things.letter,
        "subject": "contact",
        "number": things.case.number, "category": "complaint", "topic": "visitor", "desk": "complaints", "step": "take",
        "any(say, rate, reopen):act": "say",
    }  # fmt: skip
    path = "".join(values[part[1:-1]] if part.startswith("<") else part for part in split_rule(rule))
    queries = {
        "/work/batch/": f"?item={things.item.id}",
        "/work/new/": f"?section={things.section.id}",
        "/work/sections/new": f"?parent={things.section.id}",
    }
    return path + next((query for start, query in queries.items() if path.startswith(start)), "")


def split_rule(rule: str) -> list[str]:
    parts, rest = [], rule
    while "<" in rest:
        before, _, after = rest.partition("<")
        inside, _, rest = after.partition(">")
        parts += [before, f"<{inside}>"]
    return [*parts, rest]


def mark(answer: Any, posted: bool) -> str:
    answer.close()
    target = answer.headers.get("Location", "")
    if answer.status_code in (302, 303) and "/login" in target:
        return "l"
    if answer.status_code == 401 and posted:  # a script is told, not led to a page
        return "l"
    if answer.status_code == 404:
        return "n"
    if answer.status_code >= 500:
        return f"!{answer.status_code}"
    if posted:
        return "+"
    return (
        "y"
        if answer.status_code == 200
        else "r"
        if answer.status_code in (302, 303, 308)
        else str(answer.status_code)
    )


def routes(app: Any, method: str) -> set[str]:
    return {str(rule) for rule in app.url_map.iter_rules() if method in rule.methods} - ELSEWHERE


def sign_in(app: Any, reader: str | None) -> Any:
    client = app.test_client()
    if reader:
        page = client.get("/login")
        client.post("/login", data={"csrf_token": csrf(page), "username": reader, "password": PASSWORD})
    return client


def test_every_route_is_in_the_table(app: Any) -> None:
    assert routes(app, "GET") == set(GET)
    assert routes(app, "POST") == set(POST)


@pytest.mark.parametrize("place", range(len(READERS)), ids=[str(reader) for reader in READERS])
def test_who_may_read_what(app: Any, things: SimpleNamespace, place: int) -> None:
    client = sign_in(app, READERS[place])
    found = {rule: mark(client.get(filled(rule, things)), posted=False) for rule in GET}
    assert found == {rule: marks[place] for rule, marks in GET.items()}


@pytest.mark.parametrize("place", range(len(READERS)), ids=[str(reader) for reader in READERS])
def test_who_may_do_what(app: Any, things: SimpleNamespace, place: int) -> None:
    client = sign_in(app, READERS[place])
    app.config["WTF_CSRF_ENABLED"] = False
    found = {}
    for rule in sorted(POST, key=lambda rule: rule == "/logout"):
        path = "/work/glossary/1/remove" if rule == "/work/glossary/<int:id>/remove" else filled(rule, things)
        data = {
            "version": "0",
            "item": str(things.item.id),
            "title": "",
            "q": "",
            "target": str(things.section.id),
            "do": "on",
            "kind": "notice",
            "reset": "phone_day",
        }
        if rule.startswith("/accounts/help/"):
            data["id"] = str(things.leaver.id)
        if rule in ("/work/upload", "/work/pick/files"):
            data["file"] = (picture(), "花.png")
        found[rule] = mark(client.post(path, data=data), posted=True)
    wanted = {rule: marks[place] for rule, marks in POST.items()}
    assert {rule: (found[rule], wanted[rule]) for rule in POST if found[rule] != wanted[rule]} == {}


@pytest.mark.parametrize("reader", [None, "owner", "crew", "manager"])
def test_who_may_not_changes_nothing_whatever_is_posted(
    app: Any, things: SimpleNamespace, reader: str | None
) -> None:
    client = sign_in(app, reader)
    app.config["WTF_CSRF_ENABLED"] = False
    before = (AuditEntry.select().count(), Item.select().count(), files.StoredFile.select().count())
    # The manager may change homes.
    theirs = {rule for rule in POST if rule.startswith("/estate/")} if reader == "manager" else set()
    for rule in sorted(set(POST) - OWN - theirs):
        path = filled(rule, things).replace("/glossary//", "/glossary/1/")
        data = {"version": str(things.item.version), "title": "改了", "body": "<p>改了</p>", "comment": "c",
                "item": str(things.item.id), "target": str(things.section.id), "file": (picture(), "花.png")}  # fmt: skip
        client.post(path, data=data).close()
    assert (AuditEntry.select().count(), Item.select().count(), files.StoredFile.select().count()) == before


def test_every_post_demands_the_token(app: Any, things: SimpleNamespace) -> None:
    client = sign_in(app, "administrator")
    before = Item.get_by_id(things.item.id).version
    for rule in sorted(set(POST) - {"/reading", "/unsubscribe/<word>"}):
        answer = client.post(
            filled(rule, things).replace("/glossary//", "/glossary/1/"), data={"version": "1"}
        )
        assert answer.status_code == 400, rule
    assert Item.get_by_id(things.item.id).version == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused_with_a_page(app: Any, things: SimpleNamespace, method: str) -> None:
    answer = getattr(app.test_client(), method)(address(things.item))
    assert answer.status_code == 405
    assert "Traceback" not in answer.get_data(as_text=True)


def test_what_is_for_staff_is_absent_for_others_and_asks_visitors_to_sign_in(
    app: Any, house: SimpleNamespace
) -> None:
    item = actions.create(house.administrator, "notice", house.staff_room, notice("內部"))
    actions.transition(house.administrator, item, "publish")
    answers = {
        reader: mark(sign_in(app, reader).get(address(item)), posted=False)
        for reader in (None, "owner", "crew")
    }
    assert answers == {None: "l", "owner": "n", "crew": "y"}
    draft = actions.create(house.administrator, "notice", house.board, notice("草稿"))
    answers = {
        reader: mark(sign_in(app, reader).get(address(draft)), posted=False)
        for reader in (None, "owner", "editor")
    }
    assert answers["owner"] == "n"
    assert answers["editor"] == "y"
    assert answers[None] in "ln"
