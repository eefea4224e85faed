"""From bytes to text: which encoding a paper was saved in."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from content.errors import N_, DomainError, msg

# The characters that every second sentence holds, in both scripts; a wrong decoding hits them by chance only.
_COMMON = frozenset(
    "的一是不在了有和人這这中大為为上個个國国我以要他時时來来用們们生到作地於于出就分對对成會会可主發发年動动同工也能下過过"
    "子說说產产種种面而方後后多定行學学法所民得經经十三之進进著着等部度家電电力裡里如水化高自二理起小物現现實实加量都兩两"
    "體体制機机當当使點点從从業业本去把性好應应開开它合還还因由其些然前外天政四日那社義义事平形相全表間间樣样與与關关各"
    "重新線线內内數数正心反你明看原又麼么利比或但質质氣气第向道命此變变條条只沒没結结解問问意建月公無无系軍军很情者最立"
    "代想已通並并提直題题黨党程展五果料象員员位入常文總总次品式活設设及管特件長长求老頭头基資资邊边流路級级少服務务投訴诉"
    "維维修住戶户客接待處处區区項项負负責责規规，。、；：！？（）《》“”「」〔〕　"
)
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\ue000-\uf8ff]")
_META = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FOREIGN = ((b"%PDF", "PDF"), (b"PK\x03\x04", "ZIP/DOCX"), (b"\xd0\xcf\x11\xe0", "DOC"), (b"{\\rtf", "RTF"),
            (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"SQLite format", "SQLite"))  # fmt: skip


class Unreadable(DomainError):
    """A file that cannot be read as a paper; the message says why."""

    default = N_("This file cannot be read.")


@dataclass(frozen=True)
class Decoded:
    """The text of a file; ``guessed`` names the encoding where nothing but the words decided it."""

    text: str
    encoding: str
    guessed: bool = False


def decode(data: bytes) -> Decoded:
    """The text of a TXT, Markdown or HTML file. Raises ``Unreadable`` for empty files and such that are no text."""
    for magic, name in _FOREIGN:
        if data.startswith(magic):
            raise Unreadable(msg(N_("This is not a text file but %(format)s."), format=name))
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _filled(Decoded(_strictly(data, encoding), encoding.removesuffix("-sig")))
    if b"\x00" in data:
        raise Unreadable(msg(N_("This is not a text file.")))
    try:
        return _filled(Decoded(data.decode("utf-8"), "utf-8"))
    except UnicodeDecodeError:
        return _filled(_chinese(data))


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable(msg(N_("The characters of this file are damaged."))) from None


def _filled(found: Decoded) -> Decoded:
    if not found.text.strip("\ufeff \t\r\n\u3000"):
        raise Unreadable(msg(N_("This file is empty.")))
    controls = sum(char < " " and char not in "\t\n\r\f\x1b" for char in found.text)
    if controls > len(found.text) / 100:
        raise Unreadable(msg(N_("This is not a text file.")))
    return found


def _chinese(data: bytes) -> Decoded:
    """GB18030 or Big5, whichever reads more like Chinese; a page may say so itself."""
    named = _META.search(data[:2000])
    said = (named[1].decode("ascii").lower() if named else "").replace("_", "-")
    candidates: list[tuple[float, Decoded]] = []
    for encoding, names in (("gb18030", ("gb2312", "gbk", "gb18030")), ("big5hkscs", ("big5", "big5-hkscs"))):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        told = said in names
        candidates.append(
            (plausibility(text) + told, Decoded(text, encoding.removesuffix("hkscs"), not told))
        )
    candidates = [one for one in candidates if one[0] > 0.1]
    if not candidates:
        raise Unreadable(
            msg(N_("The characters of this file are in no known encoding (UTF-8, GB18030, Big5)."))
        )
    return max(candidates, key=lambda one: one[0])[1]


def plausibility(text: str) -> float:
    """How much a text reads like Chinese, 0 to 1: the share of everyday characters among all beyond ASCII."""
    beyond = [char for char in text if char > "\x7f"]
    if not beyond:
        return 0.0
    odd = sum(not _CJK.match(char) and char not in _COMMON for char in beyond)
    private = sum("\ue000" <= char <= "\uf8ff" for char in beyond)
    return max(0.0, (sum(char in _COMMON for char in beyond) - 0.5 * odd - private) / len(beyond))
