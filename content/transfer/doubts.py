"""What an import tells the reader to look at: it changes nothing and invents nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from content import chinese, richtext
from content.chinese import Script
from content.errors import N_, Message, msg
from content.transfer.papers import Document, titles_alike

_FIGURE = "0-9０-９〇零一二三四五六七八九十百千万两兩半几幾数數多"
# Amounts whose figure was left blank (S1, second paper): a unit of time or share with nothing before it.
_BLANKS = (
    re.compile(
        rf"[^\s{_FIGURE}余餘来來个個内內当當今即每全整雨晴白前后後同工假次些](?:天|日历天)(?:之)?[内內]"
    ),
    re.compile(rf"[^\s{_FIGURE}余餘来來个個些](?:小[时時]|分[钟鐘])(?:之)?[内內]"),
    re.compile(r"每(?:年|季度|学期|學期|月|[周週]|天|日)次"),
    re.compile(r"[、，,；;](?:天|小[时時]|日|[周週])[后後]"),
    re.compile(r"[年月季期率在为為达達到过過超][‰%％](?=以|$|[，,。；;])"),
    re.compile(r"(?<![_＿])[_＿]{2,}\s{0,20}(?:天|日|小[时時]|分[钟鐘]|次|元|%|‰|％|[周週]|[个個]|名|人)"),
    re.compile(r"[≥≤><＞＜]\s*(?:[%％‰]|$)"),
)
_TITLE = re.compile(r"《([^《》]{2,60})》")
# Works that ought to be in the library; forms and laws of the land are named 《…》, too.
_LIBRARY_WORK = re.compile(r"(规程|規程|制度|办法|辦法|程序|手册|手冊|方案|细则|細則|守则|守則)$")
SHOWN = 20  # warnings of one kind per document


def missing_figures(text: str) -> list[str]:
    """The places in a text where a figure seems to be missing, each with some words around it."""
    found = []
    for line in text.split("\n"):
        spans = sorted({match.start() for pattern in _BLANKS for match in pattern.finditer(line)})
        found += [line[max(0, at - 8) : at + 8] for at in spans]
    return found


def doubts(document: Document, script: Script, known: Callable[[str], bool]) -> list[Message]:
    """Everything about a document that somebody should look at. ``known`` says whether a title exists."""
    preamble = richtext.plain_text(document.preamble)
    whole = "\n".join([document.title, preamble, *(f"{c['heading']}\n{c['text']}" for c in document.clauses)])
    result: list[Message] = []
    for place, text in [
        ("", preamble),
        *((c["label"], f"{c['heading']}\n{c['text']}") for c in document.clauses),
    ]:
        result += [_figure(place, words) for words in missing_figures(text)]
    result = result[:SHOWN]
    twins = [c["label"] for c in document.clauses if "~" in c["label"] and c["number"] not in ("--", "•", "")]
    if twins:
        listed = "、".join(twins[:6]) + ("…" if len(twins) > 6 else "")
        sentence = N_("%(count)s numbers occur again; the later ones are addressed as %(labels)s.")
        result.append(msg(sentence, count=len(twins), labels=listed))
    mixed = chinese.mixed_characters(whole, script)
    if mixed:
        sample = "".join(dict.fromkeys(char for _, char in mixed))[:12]
        result.append(
            msg(
                N_("%(count)s characters are of the other script: %(sample)s"),
                count=len(mixed),
                sample=sample,
            )
        )
    return result + [_dead(title) for title in _unknown(whole, document.title, known)]


def _figure(place: str, words: str) -> Message:
    if place:
        return msg(N_("A figure seems to be missing in %(number)s: “%(words)s”"), number=place, words=words)
    return msg(N_("A figure seems to be missing: “%(words)s”"), words=words)


def _dead(title: str) -> Message:
    return msg(N_("It refers to 《%(title)s》, which is not in the library."), title=title)


def _unknown(text: str, own: str, known: Callable[[str], bool]) -> Iterable[str]:
    for title in list(dict.fromkeys(_TITLE.findall(text)))[:SHOWN]:
        if _LIBRARY_WORK.search(title) and not titles_alike(title, own) and not known(title):
            yield title
