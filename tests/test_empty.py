"""A portal with nothing in it: each list says what will appear there, and those who can do something are told how to begin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.forms import found_in

# Who → lists; "+" after an address: the reader can begin something there, so a button must say so.
EMPTY: dict[str, tuple[str, ...]] = {
    "": ("/", "/notices/", "/events/+", "/events/?past=1", "/services/", "/fees/", "/library/", "/browse/board", "/search?q=x"),
    "owner": ("/matters/+", "/inbox/"),
    "editor": ("/notices/+", "/events/+", "/services/+", "/library/+", "/browse/board+", "/work/+", "/desk/+"),
    "receptionist": ("/desk/+", "/desk/complaints/", "/estate/"),
    "crew": ("/desk/+",),
    "leader": ("/liaison/+", "/liaison/meetings/+"),
    "counselor": ("/liaison/+",),
    "office": ("/liaison/office/+", "/liaison/office/pairings/+", "/liaison/office/meetings/"),
    "administrator": ("/work/trash/",),
}  # fmt: skip


@pytest.mark.parametrize("who", EMPTY)
def test_an_empty_list_says_what_will_be_there_and_how_to_begin(client: Any, login: Any, who: str) -> None:
    if who:
        login(client, who)
    for path in EMPTY[who]:
        answer = client.get(path.rstrip("+"))
        assert answer.status_code == 200, path
        empties = found_in(answer, "//main//*[contains(@class, 'empty')]")
        assert empties, path
        words = "".join(empties[0].text_content().split())
        assert len(words) > 8, path
        if path.endswith("+"):
            links = [link for one in empties for link in one.xpath(".//a/@href")]
            assert links, path
            assert all(
                client.get(link).status_code in (200, 302) for link in links if link.startswith("/")
            ), path


def test_what_is_not_there_shows_the_way_on_in_each_language(client: Any) -> None:
    for language, word in (("zh-TW", "首頁"), ("zh-CN", "首页"), ("en", "Home")):
        for path, status in (
            ("/nowhere", 404),
            ("/notices/999999", 404),
            ("/help/nobody", 404),
            ("/logout", 405),
        ):
            answer = client.get(path, headers={"Accept-Language": language})
            assert answer.status_code == status, path
            ways = [link.text_content().strip() for link in found_in(answer, "//main//p[@class='actions']/a")]
            assert word in ways, (path, language)
            assert found_in(answer, "//main//h1")[0].text_content().strip()
            assert found_in(answer, "//header//a[@href='/help/']")
