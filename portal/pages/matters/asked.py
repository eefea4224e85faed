"""What the form of a category asks: little where little is needed, and nobody is asked what the account knows."""

from __future__ import annotations

from dataclasses import replace

from content import estate
from content.errors import N_
from content.items import FieldSpec
from content.people import Person
from content.reception.categories import CALLER_FIELDS, COMMON_FIELDS, Category, fields_of

# Of the caller's fields those that a visitor is asked, with what the site says of them.
_VISITOR = {
    "caller_name": FieldSpec("caller_name", N_("Your name"), required=True, max_length=100),
    "caller_telephone": FieldSpec(
        "caller_telephone", N_("Your telephone"), required=True, max_length=40,
        help=N_("We call it when we have a question, and never pass it on."),
    ),
    "household": FieldSpec(
        "household", N_("Where do you live?"), max_length=120, help=N_("For example 3-2-501.")
    ),
}  # fmt: skip
# What "words" asks, in the words of the category.
_WORDS = {
    "suggestion": N_("What do you suggest?"),
    "praise": N_("What did they do well?"),
    "service": N_("What should be done?"),
    "aftersales": N_("What is wrong?"),
    "repair": N_("What is broken?"),
    "other": N_("What would you like to tell us?"),
}
# Where the place says itself, or does not matter, it is not asked.
_PLACELESS = frozenset({"complaint", "suggestion", "praise"})
_CHOICES = ("choice",)


def specs(category: Category) -> tuple[FieldSpec, ...]:
    """The fields of a category in the order in which one tells a matter: which, what, where, and the rest."""
    declared = [one for one in fields_of(category) if one.name != "place" or category.name not in _PLACELESS]
    labels = _WORDS.get(category.name)
    worded = [replace(one, label=labels) if labels and one.name == "words" else one for one in declared]
    first = [one for one in worded if one.type in _CHOICES]
    common = [one for name in COMMON for one in worded if one.name == name]
    rest = [one for one in worded if one not in first and one not in common]
    return (*first, *common, *rest)


COMMON = tuple(one.name for one in COMMON_FIELDS)


def caller_specs(reader: Person | None) -> tuple[FieldSpec, ...]:
    """What is asked about the person: three things without an account; with one the telephone, if it knows no way."""
    if reader is not None:
        reachable = reader.phone_key or reader.telephone or reader.email
        return () if reachable else (replace(_VISITOR["caller_telephone"], required=False),)
    return tuple(_VISITOR[one.name] for one in CALLER_FIELDS if one.name in _VISITOR)


def known(reader: Person | None, category: Category) -> dict[str, str]:
    """What the account already says about where it is: the home, in the field that can be changed."""
    home = estate.household_of(reader) if reader is not None and category.needs_place else None
    return {"place": estate.short_label(home)} if home is not None else {}
