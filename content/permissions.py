"""Who may do what: one table of rules, ``may`` for one record and ``visible`` for lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Expression, fn

from content import moment
from content.cases import Case
from content.errors import NotAllowed, NotFound
from content.items import KINDS, Item, ItemAudience, Section
from content.people import ROLES, Person, audiences
from content.workflow import Workflow
from content.workflows import DATED, WORKFLOWS

# States that any workflow calls public, for the lists.
PUBLIC_STATES = sorted({state for workflow in WORKFLOWS.values() for state in workflow.public_states})


class Anywhere:
    """Asks "in at least one place", for menus. Nothing may be changed on the strength of the answer."""


ANYWHERE = Anywhere()
# No record is the site as a whole: only roles that hold everywhere count.
Record = Item | Section | Case | Anywhere | None
DEEPEST = 50  # sections above each other that are looked at; far more than may be made
Rule = Callable[[Person, Record], bool]

# Roles that work on content and therefore see drafts in their sections.
EDITORIAL = frozenset({"administrator", "editor", "reviewer", "manager", "general-manager"})


# Whoever lacks this permission for a record of the type does not even learn that it exists.
VIEWS: dict[type[Any], str] = {Item: "item:view", Section: "section:view"}


def _path(record: Item | Section | None) -> str:
    if isinstance(record, Item):
        return str(record.section.path)
    return str(record.path) if record is not None else "/"


@dataclass(frozen=True)
class Holds:
    """A rule: one of the roles, everywhere or in a section above the record."""

    roles: frozenset[str]

    def __call__(self, person: Person, record: Record) -> bool:
        if isinstance(record, Anywhere):
            return bool(person.roles_somewhere() & self.roles)
        if isinstance(record, Case):
            return False  # roles on content say nothing of matters; their rules are declared beside them
        return bool(person.roles_at(_path(record)) & self.roles)


def holds(*roles: str) -> Holds:
    """One of the roles, everywhere or in a section above the record."""
    return Holds(frozenset(roles))


def somewhere(*roles: str) -> Rule:
    """One of the roles in at least one place, whatever the record."""
    return lambda person, record: bool(person.roles_somewhere() & set(roles))


def owns(person: Person, record: Record) -> bool:
    """The person wrote it and still works on content."""
    return isinstance(record, Item) and record.owner_id == person.id and somewhere(*EDITORIAL)(person, record)


def is_scheduler(person: Person, record: Record) -> bool:
    """The scheduler, who acts on dates."""
    return bool(person.system)


def signed_in(person: Person, record: Record) -> bool:
    """Anybody with an account."""
    return True


def _unlocked(rule: Rule) -> Rule:
    """Only while the text may change: not while others look at it."""

    def unlocked(person: Person, record: Record) -> bool:
        if isinstance(record, Item):
            worked_on = record.stage or record.state
            if workflow_of(record).state(worked_on).waits_for or worked_on == "scheduled":
                return False
        return rule(person, record)

    return unlocked


# What may be done with an item in the trash: look at it and take it out.
IN_TRASH = frozenset({"item:draft-view", "item:trash"})


def waits_for_them(person: Person, record: Record) -> bool:
    """It waits for this person's decision, who may mend a word instead of sending it back."""
    if not isinstance(record, Item):
        return False
    permission = workflow_of(record).state(record.stage or record.state).waits_for
    return bool(permission) and any(rule(person, record) for rule in RULES[permission])


# What the back office lists, each list with a permission of its own.
REGISTERS = (
    "items", "sections", "redirects", "glossary", "files", "people", "roles", "departments", "communities", "site",
    "buildings", "homes", "residents", "codes", "matters", "ratings", "pairings", "meetings", "promises", "post",
    "jobs", "audit", "sessions", "tries",
)  # fmt: skip

# Permission → alternatives. A rule is never consulted for a visitor: visitors hold no permission.
RULES: dict[str, tuple[Rule, ...]] = {
    "work:enter": (somewhere(*EDITORIAL),),
    "item:create": (holds("editor", "reviewer", "administrator"),),
    "item:edit": (
        _unlocked(holds("editor", "reviewer")),
        _unlocked(owns),
        waits_for_them,
        holds("administrator"),
    ),
    "item:recall": (owns, holds("editor", "administrator")),
    "item:publish": (holds("reviewer", "administrator"),),
    "item:endorse": (holds("manager", "administrator"),),
    "item:approve": (holds("general-manager", "administrator"),),
    "item:trash": (_unlocked(owns), holds("reviewer", "administrator")),
    "item:arrange": (holds("editor", "reviewer", "administrator"),),
    "item:draft-view": (holds(*EDITORIAL), owns, is_scheduler),
    "section:manage": (holds("reviewer", "administrator"),),
    "file:upload": (somewhere("editor", "reviewer", "administrator"),),
    "directory:view": (signed_in,),
    "glossary:edit": (holds("editor", "reviewer", "administrator"),),
    "site:administer": (holds("administrator"),),
    "admin:enter": (holds("administrator"),),
    **{f"register:{name}": (holds("administrator"),) for name in REGISTERS},
    DATED: (is_scheduler,),
}


def declare(rules: Mapping[str, tuple[Rule, ...]], views: Mapping[type[Any], str] | None = None) -> None:
    """Add the rules of a subject to the table, once, when it is imported. The engine knows none of them.

    ``views`` says which permission shows a record of a type; to who lacks it the record is absent.
    """
    twice = sorted(set(rules) & set(RULES))
    if twice:
        raise ValueError(f"permissions declared twice: {', '.join(twice)}")
    RULES.update(rules)
    VIEWS.update(views or {})


def workflow_of(item: Item) -> Workflow:
    """The workflow that an item's kind obeys."""
    return WORKFLOWS[KINDS[item.kind].workflow]


def may(person: Person | None, permission: str, record: Record = None) -> bool:
    """Whether the person has the permission for the record; ``None`` is the site as a whole."""
    if permission == "item:view":
        assert isinstance(record, Item)
        return is_public_to(person, record) or may(person, "item:draft-view", record)
    if permission == "section:view":
        assert isinstance(record, Section)
        return _section_open(person, record) or may(person, "item:arrange", record)
    rules = RULES[permission]  # an unknown permission is a mistake of ours, so it raises
    if person is None or not person.active:  # the account of visitors is closed for good: nobody acts as it
        return False
    if isinstance(record, Item) and record.trashed_at is not None and permission not in IN_TRASH:
        return False
    return any(rule(person, record) for rule in rules)


def require(person: Person | None, permission: str, record: Record = None) -> None:
    """Raise ``NotAllowed``, or ``NotFound`` where the person may not even know of the record."""
    if may(person, permission, record):
        return
    view = VIEWS.get(type(record))
    if view is not None and not may(person, view, record):
        raise NotFound()
    raise NotAllowed()


def is_live(item: Item) -> bool:
    """Whether somebody may read it at this moment, whoever that is: published, in time, not trashed."""
    if item.trashed_at is not None or not workflow_of(item).state(item.state).public:
        return False
    now = moment.now()
    if item.expire_at is not None and item.expire_at <= now:
        return False
    return item.published_at is not None and item.published_at <= now


def is_public_to(person: Person | None, item: Item) -> bool:
    """What ``visible`` says of lists, for one item: live, and for this audience."""
    return is_live(item) and bool(audiences(person) & set(effective_audience(item)))


def visible(person: Person | None) -> Expression:
    """The condition on ``Item`` for lists that a person reads. Agrees with ``may(person, "item:view", …)``
    but for what somebody sees because of working on it (``workable``); ownership is never or-ed in here.
    """
    return visible_to(sorted(audiences(person)), moment.now())


def visible_to(keys: Sequence[str], now: datetime) -> Expression:
    """What is public at a moment for somebody with these audience keys."""
    audience = ItemAudience.select(ItemAudience.item).where(
        (ItemAudience.item == Item.id) & ItemAudience.audience.in_(keys)
    )
    return (
        Item.state.in_(PUBLIC_STATES)
        & Item.trashed_at.is_null()
        & (Item.published_at <= now)
        & (Item.expire_at.is_null() | (Item.expire_at > now))
        & fn.EXISTS(audience)
    )


def workable(person: Person | None) -> Expression:
    """The condition on ``Item`` for the lists of the workspace: what the person sees by working on it."""
    if person is None or not person.active:
        return Item.id == 0
    if person.system:
        return Item.id > 0
    if not person.roles_somewhere() & EDITORIAL:
        return Item.id == 0
    reach = _within(person, EDITORIAL)
    # Or-ing the owner in would defeat the index for those who see everything anyway.
    return reach if person.roles_at("/") & EDITORIAL else reach | (Item.owner == person.id)


def within_reach(person: Person, permission: str) -> Expression:
    """The condition on ``Item`` for the sections in which the person's roles give a permission."""
    roles = frozenset().union(*(rule.roles for rule in RULES[permission] if isinstance(rule, Holds)))
    return _within(person, roles)


def _within(person: Person, roles: frozenset[str]) -> Expression:
    scopes = {grant.section_path for grant in person.grants if grant.on_content and grant.role in roles}
    if "" in scopes:
        return Item.id > 0
    condition: Any = Item.id == 0
    for path in sorted(scopes):
        condition |= Item.section.in_(Section.select(Section.id).where(Section.path.startswith(path)))
    return condition


def effective_audience(record: Item | Section) -> list[str]:
    """The audience keys that hold for a record: its own, else those of the nearest section above."""
    if record.audience:
        return str(record.audience).split(",")
    section: Section | None = record.section if isinstance(record, Item) else record.parent
    for _ in range(DEEPEST):
        if section is None:
            break
        if section.audience:
            return str(section.audience).split(",")
        section = section.parent
    return ["everyone"]


def covers(wide: list[str], narrow: list[str]) -> bool:
    """Whether whoever belongs to one of the narrow audiences surely belongs to one of the wide ones."""
    return "everyone" in wide or all(
        key in wide
        or ("signed-in" in wide and key != "everyone")
        or ("staff" in wide and _is_staff_role(key))
        for key in narrow
    )


def _is_staff_role(key: str) -> bool:
    kind, _, name = key.partition(":")
    return kind == "role" and name in ROLES and ROLES[name].staff


def _section_open(person: Person | None, section: Section) -> bool:
    return section.trashed_at is None and bool(audiences(person) & set(effective_audience(section)))
