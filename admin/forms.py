"""The inputs of a form as a page draws them: what was typed, what may be chosen, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from peewee import DoesNotExist

from admin.showing import labelled
from content.backoffice.declaring import Input
from content.errors import DomainError, Invalid, Message
from portal.web.i18n import say
from portal.web.login import person

WORDS = ".words"  # after an input's name: the words by which a record is looked up
LOOKED = 100  # characters of them
# As an HTML input calls them.
HTML_TYPES = {
    "line": "text",
    "number": "number",
    "date": "date",
    "time": "datetime-local",
    "password": "password",
}


@dataclass(frozen=True)
class Drawn:
    """An input with what stands in it. ``picks`` are records to choose from, the chosen one among them."""

    input: Input
    texts: Sequence[str]
    errors: Sequence[str] = ()
    fixed: bool = False
    picks: Sequence[tuple[str, str]] = ()
    words: str = ""
    looked: bool = False
    choices: Sequence[tuple[Any, str]] = field(default=())

    @property
    def text(self) -> str:
        """What stands in it, of inputs with one value."""
        return self.texts[0] if self.texts else ""

    @property
    def html_type(self) -> str:
        """Which HTML input it is."""
        return HTML_TYPES.get(self.input.type, "text")


def typed(inputs: Sequence[Input]) -> dict[str, list[str]]:
    """What this request's form says of the inputs."""
    return {input.name: request.form.getlist(input.name) for input in inputs}


def looked_up(inputs: Sequence[Input]) -> str:
    """The input whose record is to be looked up before anything is saved: by its button, or since words stand there."""
    picks = [input.name for input in inputs if input.type == "pick"]
    asked = request.form.get("look", "")
    if asked in picks:
        return asked
    return next((name for name in picks if request.form.get(name + WORDS, "").strip()), "")


def find(input: Input, words: str) -> list[tuple[str, str]]:
    """Records whose names hold the words, of those the reader may see."""
    reader, wanted = person(), words.replace("\0", "").strip()[:LOOKED]
    if reader is None or input.find is None or not wanted:
        return []
    return [(str(key), label) for key, label in input.find(reader, wanted)]


def draw(
    inputs: Sequence[Input],
    texts: Mapping[str, Sequence[str]],
    errors: Mapping[str, Sequence[str]] | None = None,
    *,
    new: bool = True,
    look: str = "",
) -> list[Drawn]:
    """The inputs with what stands in them; ``look`` is the one whose words are looked up now."""
    return [
        _drawn(input, texts.get(input.name, ()), (errors or {}).get(input.name, ()), new, look == input.name)
        for input in inputs
    ]


def _drawn(input: Input, texts: Sequence[str], errors: Sequence[str], new: bool, look: bool) -> Drawn:
    words = request.form.get(input.name + WORDS, "")[:LOOKED] if input.type == "pick" else ""
    picks: list[tuple[str, str]] = []
    if input.type == "pick":
        picks = [(text, name) for text in texts[:1] if (name := name_of(input, text))]
        if look:
            picks += [(key, label) for key, label in find(input, words) if key not in texts[:1]]
    choices = labelled(input.choices, input.own_words) if input.type in ("choice", "choices") else []
    shown = () if input.type == "password" else texts
    return Drawn(input, shown, errors, input.only_new and not new, picks, words, look, choices)


def name_of(input: Input, text: str) -> str:
    """What the record of a key is called; "" for none, and for one that the reader may not see."""
    reader = person()
    if reader is None or input.name_of is None or not (text.isascii() and text.isdigit() and len(text) < 19):
        return ""
    try:
        return input.name_of(reader, int(text))
    except (DomainError, DoesNotExist, LookupError):
        return ""


def said(errors: Mapping[str, Sequence[Message]]) -> dict[str, list[str]]:
    """Messages in the reader's language."""
    return {name: [say(message) for message in messages] for name, messages in errors.items()}


def problems(error: Invalid, inputs: Sequence[Input]) -> tuple[dict[str, list[str]], list[str]]:
    """What is wrong with the inputs, and what is wrong beside them."""
    names = {input.name for input in inputs}
    fields = said({name: messages for name, messages in error.fields.items() if name in names})
    others = [
        say(message) for name, messages in error.fields.items() if name not in names for message in messages
    ]
    if not error.fields:
        others.append(say(error.message))
    return fields, others
