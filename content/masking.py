"""Names shown to those whose business they are not: enough to be recognised by who knows them, no more."""

from __future__ import annotations

import re
import unicodedata

# Families of two characters, in either script; all others have one.
_PAIRS = (
    "歐陽欧阳司馬司马上官諸葛诸葛司徒東方东方皇甫尉遲尉迟公孫公孙慕容令狐宇文長孫长孙"
    "夏侯端木南宮南宫軒轅轩辕西門西门東郭东郭百里獨孤独孤呼延鍾離钟离申屠淳于單于单于范姜"
)
_DOUBLE = frozenset(_PAIRS[place : place + 2] for place in range(0, len(_PAIRS), 2))
_MAIL = re.compile(r"[^\s<>\"',;@]+@[^\s<>\"',;@]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def mask_name(name: str) -> str:
    """A name with its middle hidden: 王*明, 王*, 歐陽*明; a single character wholly. Of other names the initials."""
    plain = unicodedata.normalize("NFC", name).strip()
    characters = [char for char in plain if not _belongs_to_last(char)]
    if all(_HAN.match(char) for char in characters):
        return _masked_chinese(characters)
    return " ".join(word[0] + "*" * min(len(word) - 1, 3) if len(word) > 1 else "*" for word in plain.split())


def mask_mail(address: str) -> str:
    """A mail address of which only the first letter and the host are told: l***@example.com."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}***@{host}" if at else mask_word(address)


def mask_mails(text: str) -> str:
    """A text in which every mail address is masked."""
    return _MAIL.sub(lambda found: mask_mail(found[0]), text)


def mask_word(text: str) -> str:
    """Something of which only the beginning may be told: the first two characters, and nothing of short ones."""
    return f"{text[:2]}***" if len(text) > 4 else "***" if text else ""


def _belongs_to_last(char: str) -> bool:
    """Marks and variation selectors, which are no character of their own."""
    return bool(unicodedata.combining(char)) or unicodedata.category(char) in ("Mn", "Me", "Cf")


def _masked_chinese(characters: list[str]) -> str:
    count = len(characters)
    if count < 2:
        return "*" * count
    family = 2 if count > 2 and "".join(characters[:2]) in _DOUBLE else 1
    told = 1 if count > family + 1 else 0
    return "".join(characters[:family]) + "*" * (count - family - told) + "".join(characters[count - told :])
