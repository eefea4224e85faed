"""Editing the site's glossary: words that OpenCC writes otherwise than the site does."""

from __future__ import annotations

from content import chinese, history, permissions
from content.chinese import Term
from content.db import transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.items import bump_content_version
from content.people import Person


def put_term(person: Person | None, hant: str, hans: str) -> Term:
    """Add a word, or change what it is in the other script. Raises ``Invalid``, ``NotAllowed``."""
    permissions.require(person, "glossary:edit")
    assert person is not None  # visitors hold no permission
    values = {"hant": hant.strip(), "hans": hans.strip()}
    problems: dict[str, list[Message]] = {}
    for name, value in values.items():
        if not value:
            problems[name] = [msg(N_("Please fill this in."))]
        elif len(value) > 60:
            problems[name] = [msg(N_("At most %(count)s characters."), count=60)]
    if problems:
        raise Invalid(problems)
    with transaction():
        Term.delete().where((Term.hant == values["hant"]) | (Term.hans == values["hans"])).execute()
        term: Term = Term.create(**values)
        _remember(person, "glossary.changed", term)
    chinese.forget()
    return term


def drop_term(person: Person | None, id: int) -> None:
    """Take a word out. Raises ``NotFound``, ``NotAllowed``."""
    permissions.require(person, "glossary:edit")
    assert person is not None  # visitors hold no permission
    with transaction():
        term = Term.get_or_none(Term.id == id)
        if term is None:
            raise NotFound()
        term.delete_instance()
        _remember(person, "glossary.removed", term)
    chinese.forget()


def _remember(person: Person, verb: str, term: Term) -> None:
    history.record(person, verb, subject=f"{term.hant} / {term.hans}")
    bump_content_version()
