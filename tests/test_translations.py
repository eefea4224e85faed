"""Catalogues are whole: nothing missing, fuzzy or with other placeholders, and nothing unmarked on a page."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from content import actions
from content.items import KINDS, address
from content.people import ROLES
from tests.conftest import PASSWORD, csrf
from tests.pages import pages_to_look_at
from tests.samples import SAMPLES

ROOT = Path(__file__).parent.parent
LOCALES = ("zh_Hant_TW", "zh_Hans_CN")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the sources hold today, extracted as `make i18n` does."""
    target = tmp_path_factory.mktemp("i18n") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "-F", "pyproject.toml"]
    command += ["-k", "N_", "-k", "_l", "--no-location", "-o", str(target), "content", "portal", "admin"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return read_po(io.BytesIO(target.read_bytes()))


def catalogue(locale: str) -> Catalog:
    return read_po(io.BytesIO((ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po").read_bytes()))


def strings(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_missing_or_fuzzy(template: Catalog, locale: str) -> None:
    held = catalogue(locale)
    missing = []
    for message in template:
        if not message.id:
            continue
        found = held.get(message.id, message.context)
        if found is None or found.fuzzy or not all(strings(found.string)):
            missing.append(message.id)
    assert missing == []


@pytest.mark.parametrize("locale", LOCALES)
def test_placeholders_are_the_same(locale: str) -> None:
    wrong = []
    for message in catalogue(locale):
        if not message.id:
            continue
        wanted = set(PLACEHOLDER.findall(strings(message.id)[-1]))
        for text in strings(message.string):
            if text and set(PLACEHOLDER.findall(text)) != wanted:
                wrong.append((message.id, text))
    assert wrong == []


def test_each_script_keeps_to_itself() -> None:
    """No left-over of the other script in a catalogue: characters that exist in only one of the two."""
    only_hans, only_hant = (
        set("这们为个发对时还说请输经关记简转应网复务报"),
        set("這們為個發對時還說請輸經關記簡轉應網複務報"),
    )
    for locale, foreign in (("zh_Hant_TW", only_hans), ("zh_Hans_CN", only_hant)):
        wrong = [m.string for m in catalogue(locale) if m.id and foreign & set("".join(strings(m.string)))]
        assert wrong == []


def bare_text(html: str) -> Iterator[str]:
    """Text and attributes that a reader meets, outside brackets and outside content."""
    from lxml import html as parser

    page = parser.document_fromstring(html)
    for dead in page.xpath("//script|//style|//*[@data-content]|//svg|//textarea|//option[@data-content]"):
        dead.text, dead[:] = "", []
        for name in ("title", "alt", "aria-label", "placeholder"):
            dead.attrib.pop(name, None)
    yield "\n".join(page.xpath("//text()"))  # a message may hold elements: brackets close in later nodes
    for name in ("title", "alt", "aria-label", "placeholder"):
        for element in page.xpath(f"//*[@{name}]"):
            yield element.get(name)


def unmarked(html: str) -> list[str]:
    """Passages with letters outside brackets."""
    found = []
    for text in bare_text(html):
        depth, rest = 0, []
        for character in text:
            depth += (character == "⟦") - (character == "⟧")
            rest.append(character if depth == 0 and character != "⟧" else "\n" if character == "⟧" else "")
        found += [line.strip() for line in "".join(rest).split("\n") if re.search(r"[^\W\d_]", line)]
    return found


def test_the_check_itself_sees_what_it_should() -> None:
    assert unmarked("<p>Hello</p>") == ["Hello"]
    assert unmarked("<p title='Tip'>⟦Hello⟧ 12:30 · ⟦a ⟦b⟧ c⟧</p><p data-content>標題</p>") == ["Tip"]


def test_every_page_is_marked_for_translation(app, house, login) -> None:
    """Each page in a made-up language that brackets messages: interface text outside brackets fails."""
    for name in KINDS:
        section = house.library if name == "policy" else house.board
        item = actions.create(house.administrator, name, section, {**SAMPLES[name], "audience": ""})
        for step in ("submit", "endorse", "publish"):
            if step in {t.name for t in actions.open_transitions(house.administrator, item)}:
                actions.transition(house.administrator, item, step)
        assert item.state == "published", address(item)
    app.config["PSEUDO"] = True
    wrong: dict[str, list[str]] = {}
    for role in (None, "editor", "administrator"):
        client = app.test_client()
        if role:
            page = client.get("/login")
            client.post("/login", data={"csrf_token": csrf(page), "username": role, "password": PASSWORD})
        for path in pages_to_look_at(app, house):
            answer = client.get(path, headers={"Accept-Language": "en"})
            if answer.status_code == 200 and answer.mimetype == "text/html":
                bare = unmarked(answer.get_data(as_text=True))
                if bare:
                    wrong[path] = bare
    assert wrong == {}


def test_roles_and_kinds_are_marked(template: Catalog) -> None:
    ids = {message.id for message in template}
    assert {role.label for role in ROLES.values()} <= ids
    assert {spec.label for kind in KINDS.values() for spec in kind.fields} <= ids
