"""Help: a page for each role in the three languages, with names and addresses that are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from content.people import ROLES
from portal.pages.help import TOPICS
from portal.web.i18n import FOLDER
from portal.web.reading import LOCALES
from tests.forms import found_in

PAGES = Path(__file__).parents[1] / "portal" / "templates" / "help"
NAMED = re.compile(r"{{ [bt]\(\"([^\"]+)\"\) }}")
FILES = sorted(PAGES.glob("*/*.md"))


def test_each_role_has_a_page_in_each_language() -> None:
    assert {role for topic in TOPICS.values() for role in topic.roles} == set(ROLES)
    for locale in LOCALES:
        assert {path.stem for path in (PAGES / locale).glob("*.md")} == set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_three_languages_say_the_same(topic: str) -> None:
    """As many headings, steps and lists, the same buttons and the same addresses."""

    def shape(locale: str) -> Any:
        text = (PAGES / locale / f"{topic}.md").read_text(encoding="utf-8")
        return (
            [line[:2] for line in text.splitlines() if re.match(r"#|\d\.|- ", line)],
            sorted(NAMED.findall(text)),
            sorted(re.findall(r"\]\((/[^)]*)\)", text)),
        )

    assert shape("zh_Hant_TW") == shape("zh_Hans_CN") == shape("en")


@pytest.mark.parametrize("locale", ["zh_Hant_TW", "zh_Hans_CN"])
def test_what_it_names_is_what_the_interface_says(locale: str) -> None:
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        known = {entry.id: entry.string for entry in read_po(file) if isinstance(entry.id, str)}
    named = {name for path in FILES for name in NAMED.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 40
    assert [name for name in sorted(named) if not known.get(name)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_page_is_written_in_its_own_script_and_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    bare = re.sub(r"{{.*?}}|\([^)]*\)", "", text)
    assert 150 < len(bare) < 2200
    if path.parent.name == "en":
        assert not re.search(r"[一-鿿]", bare.replace("繁", "").replace("简", ""))
    marks = {"zh_Hant_TW": "「", "zh_Hans_CN": "“", "en": "“"}
    for locale, mark in marks.items():
        if mark != marks[path.parent.name]:
            assert mark not in text, locale


@pytest.mark.parametrize("role", ["", *ROLES])
def test_links_lead_somewhere_for_whom_the_page_is_for(app: Any, login: Any, role: str) -> None:
    client = app.test_client()
    if role:
        login(client, role)
    own = next(topic for topic in TOPICS.values() if (role in topic.roles if role else not topic.roles))
    assert f"/help/{own.name}" in found_in(client.get("/help/"), "//main//section[1]//a/@href")
    answer = client.get(f"/help/{own.name}")
    links = [str(link) for link in found_in(answer, "//main//div[contains(@class, 'prose')]//a/@href")]
    for link in links:
        found = client.get(link)
        assert found.status_code in (200, 302), link
        assert "/login" not in found.headers.get("Location", ""), link


def test_names_follow_the_language_and_the_telephone_is_there(client: Any) -> None:
    page = client.get("/help/visitor", headers={"Accept-Language": "zh-CN"})
    words = found_in(page, "//main//strong/text()")
    assert "发送" in words or "送出" in words or "提交" in words
    assert found_in(page, "//section[contains(@class, 'stuck')]//a")
    assert client.get("/help/nobody").status_code == 404


def test_help_is_within_reach(client: Any, login: Any) -> None:
    for path in ("/", "/report"):
        assert len(found_in(client.get(path), "//header//a[@href='/help/']")) == 1
        assert found_in(client.get(path), "//footer//a[@href='/help/']")
    login(client, "owner")
    assert found_in(client.get("/account"), "//main//a[@href='/help/']")
    assert found_in(client.get("/matters/"), "//main//a[@href='/help/resident']")
