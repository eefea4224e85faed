"""Editing the site's glossary: words that OpenCC writes otherwise than the site does."""

from __future__ import annotations

from content import chinese, history, permissions, stamps
from content.chinese import Term
from content.db import transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.items import bump_content_version
from content.people import Person


def version_of(term: Term) -> str:
    """What a form about a word was filled from."""
    return stamps.stamp(term.hant, term.hans)


def add_term(person: Person | None, hant: str, hans: str) -> Term:
    """Add a word that is not there yet in either script. Raises ``Invalid``, ``NotAllowed``."""
    with transaction():
        permissions.require(person, "glossary:edit")
        _refuse_known(hant, hans, 0)
        return put_term(person, hant, hans)


def edit_term(person: Person | None, id: int, hant: str, hans: str, *, version: str) -> Term:
    """Change a word. Raises ``NotFound``, ``Conflict``, ``Invalid``, ``NotAllowed``."""
    permissions.require(person, "glossary:edit")
    assert person is not None  # visitors hold no permission
    values = _cleaned(hant, hans)
    with transaction():
        permissions.require(person, "glossary:edit")
        term: Term | None = Term.get_or_none(Term.id == id)
        if term is None:
            raise NotFound()
        stamps.check(version, term.hant, term.hans)
        _refuse_known(hant, hans, id)
        Term.update(values).where(Term.id == id).execute()
        term.hant, term.hans = values["hant"], values["hans"]
        _remember(person, "glossary.changed", term)
    chinese.forget()
    return term


def _refuse_known(hant: str, hans: str, own: int) -> None:
    problems: dict[str, list[Message]] = {}
    for name, typed in (("hant", hant), ("hans", hans)):
        if Term.select().where(getattr(Term, name) == typed.strip(), Term.id != own).exists():
            problems[name] = [msg(N_("This word is in the glossary already."))]
    if problems:
        raise Invalid(problems)


def put_term(person: Person | None, hant: str, hans: str) -> Term:
    """Add a word, or change what it is in the other script. Raises ``Invalid``, ``NotAllowed``."""
    permissions.require(person, "glossary:edit")
    assert person is not None  # visitors hold no permission
    values = _cleaned(hant, hans)
    with transaction():
        permissions.require(person, "glossary:edit")
        Term.delete().where((Term.hant == values["hant"]) | (Term.hans == values["hans"])).execute()
        term: Term = Term.create(**values)
        _remember(person, "glossary.changed", term)
    chinese.forget()
    return term


def _cleaned(hant: str, hans: str) -> dict[str, str]:
    values = {"hant": hant.strip(), "hans": hans.strip()}
    problems: dict[str, list[Message]] = {}
    for name, value in values.items():
        if not value:
            problems[name] = [msg(N_("Please fill this in."))]
        elif len(value) > 60:
            problems[name] = [msg(N_("At most %(count)s characters."), count=60)]
    if problems:
        raise Invalid(problems)
    return values


def drop_term(person: Person | None, id: int) -> None:
    """Take a word out. Raises ``NotFound``, ``NotAllowed``."""
    permissions.require(person, "glossary:edit")
    assert person is not None  # visitors hold no permission
    with transaction():
        permissions.require(person, "glossary:edit")
        term = Term.get_or_none(Term.id == id)
        if term is None:
            raise NotFound()
        term.delete_instance()
        _remember(person, "glossary.removed", term)
    chinese.forget()


def _remember(person: Person, verb: str, term: Term) -> None:
    history.record(person, verb, subject=f"{term.hant} / {term.hans}")
    bump_content_version()
