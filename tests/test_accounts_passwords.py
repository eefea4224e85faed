"""Passwords after NIST SP 800-63B: length, the commonest, one's own names; nothing else is demanded."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from content import passwords, people
from content.errors import Invalid
from content.people import Person
from tests.conftest import PASSWORD
from tests.forms import found_in


@pytest.mark.parametrize(
    "password",
    [
        "xqzvwkpj", "k" * 3 + "x" * 124 + "y", "梅雨後的晴天很好", "correct horse battery", "        x", "ＡＢＣＤｅｆｇｑ",
        "🏠🌱🏠🌊🏠🌱🌳🍀", "onlylowercase", "12345579x", "1,2 3,4,5",
    ],
)  # fmt: skip
def test_whatever_is_long_enough_and_not_known_will_do(db: Any, password: str) -> None:
    assert passwords.problem(password) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 8"), ("梅雨後的晴天", "at least 8"), ("xqzvwkp", "at least 8"), ("ab" + "xqzvwkpj" * 16, "at most 128"),
        ("aaaaaaaa", "repeats"), ("abababab", "repeats"), ("abcabcab", "repeats"), ("我愛你我愛你我愛你", "repeats"),
        ("12345678", "counts up"), ("87654321", "counts up"), ("abcdefgh", "counts up"), ("1234567890", "counts up"),
        ("password", "commonest"), ("PassWord", "commonest"), ("ｐａｓｓｗｏｒｄ", "commonest"), ("iloveyou", "commonest"),
        ("qwertyuiop", "commonest"), ("woaini1314", "commonest"), ("liangmengdie", "own name"), ("liangmengdie99", "own name"),
        ("13800138000", "own name"), ("+8613800138000", "own name"), ("13800138000ab", "own name"),
        ("mengdie@example.org", "own name"),
        ("聯繫聯繫x聯繫聯繫", "own name"),
    ],
)  # fmt: skip
def test_what_is_too_short_too_long_or_known_is_refused(db: Any, password: str, why: str) -> None:
    names = ["liangmengdie", "+8613800138000", "13800138000", "mengdie@example.org", "x", ""]
    found = passwords.problem(password, names)
    assert found is not None
    assert why in found.id


def test_the_bounds(db: Any) -> None:
    text = "".join(chr(0x4E00 + 37 * place) for place in range(129))
    assert [passwords.problem(text[:size]) is None for size in (7, 8, 128, 129)] == [False, True, True, False]


def test_one_password_on_every_keyboard(house: Any) -> None:
    people.set_password(house.owner, "ｃａｆｅ́ ２０２６")
    assert people.sign_in("owner", "café 2026")
    assert not people.sign_in("owner", "cafe 2026")


def test_the_longest_counts_whole_and_longer_is_never_right(house: Any) -> None:
    longest = "".join(chr(0x4E00 + 37 * place) for place in range(128))
    people.set_password(house.owner, longest)
    assert people.sign_in("owner", longest)
    assert not people.sign_in("owner", longest[:-1])
    assert not people.sign_in("owner", longest + "x")
    assert not people.sign_in("owner", longest + "x" * 100_000)


def test_one_has_names_of_ones_own(house: Any) -> None:
    Person.update(phone_key="+8613800138000", email="qingmei@example.org").where(
        Person.id == house.owner.id
    ).execute()
    owner = Person.get_by_id(house.owner.id)
    for own in ("13800138000", "qingmei123", "qingmei@example.org"):
        with pytest.raises(Invalid):
            people.set_password(owner, own)
    people.set_password(house.tenant, "qingmei123")


def test_forms_allow_pasting_and_hinder_nothing(client: Any, login: Any) -> None:
    for path in ("/login", "/register", "/forgot"):
        for field in found_in(client.get(path), "//input[@type='password']"):
            assert field.get("onpaste") is None
            assert int(field.get("maxlength")) >= 128
            assert field.get("pattern") is None
            assert field.get("autocomplete") in ("current-password", "new-password")
            shows = found_in(client.get(path), f"//button[@data-shows='{field.get('id')}']")
            assert len(shows) == 1
    login(client, "owner", PASSWORD)
    assert len(found_in(client.get("/account"), "//input[@data-meter]")) == 1


def test_the_list_does_not_stay_in_memory() -> None:
    """Looking up costs less than 2 MB, and the package is not imported."""
    program = (
        "import sys, resource\n"
        "from content import passwords\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert passwords.is_common('iloveyou') and not passwords.is_common('xqzvwkpj')\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert 'zxcvbn' not in sys.modules\n"
        "print(after - before)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 2048
