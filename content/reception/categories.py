"""The seven categories of matters, the desks they go to and what their forms ask: data, with the rules they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from content.errors import N_, NotFound
from content.items import FieldSpec
from content.throttle import Allowance

WORDS_LIMIT = 5_000  # characters
FILES_LIMIT = 8  # of one sending
# What comes from one address within an hour without an account; staff at the counter and residents are known.
MATTERS, HELD, SAID = Allowance("matters", 20), Allowance("files", 60), Allowance("words", 60)

# Free text that is one line in the form.
_PERSON = N_("A name, a department, or what they did; leave it empty if you do not know.")


@dataclass(frozen=True)
class Category:
    """One of the seven kinds of contact (R-001): what its form asks, and what becomes of it."""

    name: str
    label: str
    verb: str  # the tile on /report says it: "Report a repair"
    help: str
    desk: str
    fields: tuple[FieldSpec, ...] = ()
    needs_place: bool = False
    wants_photo: bool = False
    # "hidden": whom it is about learns nothing of it. "told": whom it concerns is told and may read it.
    about: Literal["", "hidden", "told"] = ""
    names_in: tuple[str, ...] = ()  # fields in which names of staff are looked for
    urgent_kinds: frozenset[str] = frozenset()  # choices of ``kind`` that cannot wait
    tells: tuple[str, ...] = ()  # roles that hear of it beside the desk
    rule: str = ""


@dataclass(frozen=True)
class Desk:
    """Where matters of some categories come in. Holders of ``roles`` are told of each new one."""

    name: str
    label: str
    categories: tuple[str, ...]
    roles: tuple[str, ...] = ("receptionist",)
    urgent_roles: tuple[str, ...] = ("manager",)  # hear of what cannot wait, too


_KIND = N_("What is it about?")
_ABOUT_WHOM = FieldSpec("about_whom", N_("Whom it is about"), max_length=200, help=_PERSON)
_WHEN_IN = FieldSpec(
    "when_in", N_("When are you in?"), max_length=200, help=N_("For example weekdays after six, or Saturday morning.")
)  # fmt: skip

# The list is the site's own (R-050: a villa has no lift); what is urgent is marked in the category.
REPAIR_KINDS = (
    ("water", N_("Water and drains")),
    ("electricity", N_("Electricity and light")),
    ("doors", N_("Doors, windows and locks")),
    ("lift", N_("Lift")),
    ("public", N_("Shared spaces")),
    ("floor", N_("Floor, stairs, wall or balcony")),
    ("trapped", N_("Urgent: somebody is trapped in the lift, or it runs wild")),
    ("burst", N_("Urgent: burst pipe, or no water at all")),
    ("current", N_("Urgent: electric shock, sparks or no power at all")),
    ("falling", N_("Urgent: something is about to fall or collapse")),
    ("danger", N_("Urgent: something else that is dangerous")),
    ("other", N_("Something else")),
)
AFTERSALES_KINDS = (
    ("door", N_("Doors")),
    ("window", N_("Windows")),
    ("wall", N_("Walls and ceilings")),
    ("floor", N_("Floors")),
    ("tiles", N_("Tiles")),
    ("roof", N_("Roof and leaks")),
    ("wiring", N_("Wiring and sockets")),
    ("pipes", N_("Pipes and drains")),
    ("other", N_("Something else")),
)

CATEGORIES: dict[str, Category] = {
    one.name: one
    for one in (
        Category(
            "repair", N_("Repair"), N_("Report a repair"),
            N_("Something is broken at home or in a shared space."),
            desk="repairs", needs_place=True, wants_photo=True,
            urgent_kinds=frozenset({"trapped", "burst", "current", "falling", "danger"}), rule="R-050",
            fields=(
                FieldSpec("kind", _KIND, "choice", required=True, choices=REPAIR_KINDS),
                _WHEN_IN,
            ),
        ),
        Category(
            "complaint", N_("Complaint"), N_("Make a complaint"),
            N_("Something went wrong, or somebody treated you badly."),
            desk="complaints", about="hidden", names_in=("about_whom", "words", "wish", "when_where", "place"), rule="R-024",
            fields=(
                FieldSpec("when_where", N_("When and where it happened"), max_length=200),
                _ABOUT_WHOM,
                FieldSpec("wish", N_("What should we do?"), "text", max_length=1000),
            ),
        ),
        Category(
            "suggestion", N_("Suggestion"), N_("Make a suggestion"),
            N_("An idea that would make life here better."),
            desk="suggestions", about="told", tells=("manager",), rule="R-003",
        ),
        Category(
            "praise", N_("Praise"), N_("Praise somebody"),
            N_("Somebody did something well and should hear it."),
            desk="suggestions", about="told", names_in=("about_whom",), rule="R-003",
            fields=(
                FieldSpec("about_whom", N_("Who is it?"), max_length=200,
                          help=N_("A name or a department; what you remember is enough.")),
            ),
        ),
        Category(
            "service", N_("Service"), N_("Ask for a service"),
            N_("Cleaning, moving, installing and other help that you order."),
            desk="suggestions", rule="R-003",
            fields=(
                FieldSpec("wanted", N_("Which service?"), max_length=200),
                _WHEN_IN,
            ),
        ),
        Category(
            "aftersales", N_("Builder’s defect"), N_("Report a builder’s defect"),
            N_("A defect of a new home that the builder has to mend."),
            desk="repairs", needs_place=True, wants_photo=True, rule="R-003",
            fields=(
                FieldSpec("kind", _KIND, "choice", required=True, choices=AFTERSALES_KINDS),
                _WHEN_IN,
            ),
        ),
        Category(
            "other", N_("Something else"), N_("Tell us something else"),
            N_("Lost property, pets, questions, and all that fits nowhere else."),
            desk="suggestions", rule="R-001",
        ),
    )
}  # fmt: skip

DESKS: dict[str, Desk] = {
    desk.name: desk
    for desk in (
        Desk("suggestions", N_("Suggestions"), ("suggestion", "praise", "service", "other")),
        # The quality department oversees the reception of every complaint.
        Desk("complaints", N_("Complaints"), ("complaint",), roles=("receptionist", "quality")),
        Desk("repairs", N_("Repairs"), ("repair", "aftersales")),
    )
}

# How a matter reached us.
CHANNELS: tuple[tuple[str, str], ...] = (
    ("web", N_("Portal")),
    ("visit", N_("Visit")),
    ("phone", N_("Telephone")),
    ("letter", N_("Letter")),
    ("mail", N_("E-mail")),
    ("chat", N_("Chat")),
    ("box", N_("Contact box")),
    ("meeting", N_("Meeting")),
)
# Ways on which people often leave no telephone; what they say is recorded all the same (R-004: nobody may refuse).
WITHOUT_TELEPHONE = frozenset({"letter", "mail", "chat", "box", "meeting"})

# To whom a matter passes when those who would receive it are named in it: the next one not named.
SUPERIORS = ("head", "manager", "general-manager")

# What every form asks.
COMMON_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("words", N_("What happened?"), "text", required=True, max_length=WORDS_LIMIT),
    FieldSpec("place", N_("Where is it?"), max_length=200,
              help=N_("Building, floor, or what it is next to.")),
)  # fmt: skip

# Who speaks: asked of visitors, and of staff who record for somebody. A resident's come from the account.
CALLER_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("caller_name", N_("Name"), required=True, max_length=100),
    FieldSpec("caller_form", N_("Form of address"), max_length=20),
    FieldSpec("caller_telephone", N_("Telephone"), max_length=40),
    FieldSpec("caller_email", N_("E-mail address"), max_length=200),
    FieldSpec("household", N_("Building and room"), max_length=120, help=N_("For example 3-2-501.")),
    FieldSpec("reported_by", N_("Who speaks for them"), max_length=200,
              help=N_("A son, a neighbour; empty if they speak for themselves.")),
)  # fmt: skip


def category_named(name: str) -> Category:
    """The category with this name. Raises ``NotFound``."""
    try:
        return CATEGORIES[name]
    except KeyError:
        raise NotFound() from None


def desk_named(name: str) -> Desk:
    """The desk with this name. Raises ``NotFound``."""
    try:
        return DESKS[name]
    except KeyError:
        raise NotFound() from None


def with_about(about: str) -> list[str]:
    """The names of the categories that treat whom they are about so."""
    return [one.name for one in CATEGORIES.values() if one.about == about]


def fields_of(category: Category) -> tuple[FieldSpec, ...]:
    """What the form of a category asks beyond who speaks: the category's own fields, then those of all.

    The place is required where the category needs one.
    """
    words, place = COMMON_FIELDS
    if category.needs_place:
        place = FieldSpec(**{**place.__dict__, "required": True})
    return (*category.fields, place, words)
