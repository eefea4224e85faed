"""The tree: making, renaming, moving, sharing and trashing sections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from peewee import fn

from content import history, moment, search
from content.actions.cleaning import REQUIRED, clean_audience, too_long
from content.actions.items import open_section
from content.actions.storing import share_below
from content.db import transaction
from content.errors import N_, Conflict, Invalid, Message, NotFound, msg
from content.items import Item, Redirect, Section, bump_content_version, section_address
from content.people import Membership, Person, Site
from content.permissions import require

MAX_DEPTH = 12
_SLUG = re.compile(r"[\w\-]{1,80}")


def create_section(
    person: Person | None,
    parent: Section | None,
    title: str,
    slug: str = "",
    *,
    audience: str = "",
    library: bool = False,
    uid: str | None = None,
) -> Section:
    """Make a section below another one, or at the root. An empty slug becomes its number."""
    require(person, "section:manage", parent)
    assert person is not None
    if parent is not None and (parent.trashed_at is not None or parent.path.count("/") > MAX_DEPTH):
        raise Invalid({"parent": [msg(N_("There is no room for another section here."))]})
    values = _clean({"title": title, "slug": slug, "audience": audience})
    with transaction():
        if parent is not None:
            parent = open_section(parent)
            require(person, "section:manage", parent)
        _refuse_twin(parent, values["slug"], None)
        last = _children(parent).select(fn.MAX(Section.position)).scalar() or 0
        made = Section(
            site=parent.site if parent else Site.select().order_by(Site.id).first(),
            parent=parent, path=moment.now().isoformat(), position=last + 1,
            library=library or (parent.library if parent else False), **values,
        )  # fmt: skip
        if uid:
            made.uid = uid
        made.slug = values["slug"] or made.uid
        made.save(force_insert=True)
        made.path = f"{parent.path if parent else '/'}{made.id}/"
        made.slug = values["slug"] or str(made.id)
        _refuse_twin(parent, made.slug, made.id)
        made.save()
        history.record(person, "section.created", section=made)
        bump_content_version()
    return made


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    title = " ".join(str(values["title"]).split())
    slug = str(values["slug"]).strip().replace(" ", "-")
    problems: dict[str, list[Message]] = {}
    if not title:
        problems["title"] = [REQUIRED]
    elif len(title) > 200:
        problems["title"] = [too_long(title, 200)]
    if slug and not _SLUG.fullmatch(slug):
        problems["slug"] = [msg(N_("Only letters, digits and hyphens can be part of an address."))]
    if problems:
        raise Invalid(problems)
    return {"title": title, "slug": slug, "audience": clean_audience(values["audience"])}


def _children(parent: Section | None) -> Any:
    where = Section.parent == parent.id if parent else Section.parent.is_null()
    return Section.select().where(where)


def _refuse_twin(parent: Section | None, slug: str, own: int | None) -> None:
    if slug and _children(parent).where(Section.slug == slug, Section.id != (own or 0)).exists():
        raise Invalid({"slug": [msg(N_("Another section here has these words in its address."))]})


def edit_section(
    person: Person | None, section: Section, values: Mapping[str, Any], *, version: int
) -> Section:
    """Rename or re-share a section; addresses that change leave redirects. Raises ``Conflict``."""
    require(person, "section:manage", section)
    assert person is not None
    given = {"title": section.title, "slug": section.slug, "audience": section.audience, **values}
    cleaned = _clean(given)
    with transaction():
        _claim(section, version)
        require(person, "section:manage", section)
        cleaned["slug"] = cleaned["slug"] or str(section.id)
        _refuse_twin(section.parent, cleaned["slug"], section.id)
        before = {name: getattr(section, name) for name in cleaned}
        if cleaned["slug"] != section.slug:
            _leave_redirects(section)
        for name, value in cleaned.items():
            setattr(section, name, value)
        section.save()
        difference = {name: [before[name], value] for name, value in cleaned.items() if before[name] != value}
        history.record(person, "section.edited", section=section, difference=difference)
        if "audience" in difference:
            _reshare(section)
        bump_content_version()
    return section


def move_section(person: Person | None, section: Section, parent: Section | None) -> Section:
    """Hang a section elsewhere, with all below it; its old addresses answer with redirects."""
    require(person, "section:manage", section)
    require(person, "section:manage", parent)
    assert person is not None
    with transaction():
        _claim(section, None)
        require(person, "section:manage", section)
        parent = _new_parent(person, section, parent)
        _refuse_twin(parent, section.slug, section.id)
        _leave_redirects(section)
        old, new = section.path, f"{parent.path if parent else '/'}{section.id}/"
        for model, column in ((Section, Section.path), (Membership, Membership.section_path)):
            # A path starts with the old one and holds it once: ids are between slashes.
            moved = fn.REPLACE(column, old, new)
            model.update({column: moved}).where(column.startswith(old)).execute()
        last = _children(parent).select(fn.MAX(Section.position)).scalar() or 0
        section.parent, section.path, section.position = parent, new, last + 1
        section.save()
        library = parent.library if parent else section.library
        Section.update(library=library).where(Section.path.startswith(new)).execute()
        section.library = library
        history.record(person, "section.moved", section=section, difference={"path": [old, new]})
        _reshare(section)
        bump_content_version()
    return section


def _new_parent(person: Person, section: Section, parent: Section | None) -> Section | None:
    """Where it moves, as that stands now. Raises ``Invalid`` for its own inside, the trash, or too deep a tree."""
    if parent is None:
        require(person, "section:manage", None)
        return None
    stored: Section | None = Section.get_or_none(Section.id == parent.id)
    if stored is None or stored.path.startswith(section.path) or stored.trashed_at is not None:
        raise Invalid({"parent": [msg(N_("A section cannot move into itself or into the trash."))]})
    require(person, "section:manage", stored)
    below = Section.select(Section.path).where(Section.path.startswith(section.path))
    height = max(row.path.count("/") for row in below) - section.path.count("/")
    if stored.path.count("/") + height > MAX_DEPTH:
        raise Invalid({"parent": [msg(N_("There is no room for another section here."))]})
    return stored


def _reshare(section: Section) -> None:
    for item in share_below(section):
        search.note(item)


def _leave_redirects(section: Section) -> None:
    """Every address of the section and of those below leads on, also after further moves."""
    for one in Section.select().where(Section.path.startswith(section.path)):
        Redirect.replace(old_path=section_address(one), section=one.id, created_at=moment.now()).execute()


def reorder_sections(person: Person | None, parent: Section | None, order: list[int]) -> None:
    """Arrange the sections below one."""
    require(person, "section:manage", parent)
    assert person is not None
    with transaction():
        require(person, "section:manage", parent)
        held = [row.id for row in _children(parent).order_by(Section.position, Section.id)]
        wanted = [id for id in dict.fromkeys(order) if id in held]
        for position, id in enumerate([*wanted, *(id for id in held if id not in wanted)], start=1):
            Section.update(position=position).where(Section.id == id).execute()
        history.record(person, "section.arranged", section=parent)
        bump_content_version()


def trash_section(person: Person | None, section: Section) -> Section:
    """Move an empty section to the trash. Raises ``Invalid`` while anything is in it."""
    require(person, "section:manage", section)
    assert person is not None
    with transaction():
        _claim(section, None)
        require(person, "section:manage", section)
        inside = Item.select().where((Item.section == section.id) & Item.trashed_at.is_null()).exists()
        if inside or _children(section).where(Section.trashed_at.is_null()).exists():
            raise Invalid({}, msg(N_("The section is not empty. Please move what is in it first.")))
        section.trashed_at = moment.now()
        section.save()
        history.record(person, "section.trashed", section=section)
        bump_content_version()
    return section


def untrash_section(person: Person | None, section: Section) -> Section:
    """Take a section out of the trash."""
    require(person, "section:manage", section)
    assert person is not None
    with transaction():
        _claim(section, None)
        require(person, "section:manage", section)
        if section.parent is not None and section.parent.trashed_at is not None:
            raise Invalid({}, msg(N_("Its section is in the trash. Please take that out first.")))
        section.trashed_at = None
        section.save()
        history.record(person, "section.untrashed", section=section)
        bump_content_version()
    return section


def _claim(section: Section, version: int | None) -> None:
    condition = Section.id == section.id
    if version is not None:
        condition &= Section.version == version
    if not Section.update(version=Section.version + 1).where(condition).execute():
        stored = Section.get_or_none(Section.id == section.id)
        if stored is None:
            raise NotFound()
        raise Conflict(stored.version)
    section.__data__.update(Section.get_by_id(section.id).__data__)
    section.__rel__.clear()
