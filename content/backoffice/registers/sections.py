"""The tree that content hangs in, and the addresses that its places had before."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, SQL, Expression, fn

from content import actions
from content.actions import redirects
from content.backoffice.declaring import Act, Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.errors import N_, Conflict, Message, NotFound, msg
from content.items import Item, Redirect, Section
from content.people import Person, audience_label
from content.permissions import may

_Above = Section.alias()


def _names_above(of: Any, what: Any, between: str) -> Any:
    """Titles or slugs from the root down to a section, joined."""
    inside = fn.SUBSTR(of.path, 1, fn.LENGTH(_Above.path)) == _Above.path
    parts = _Above.select(what.alias("part")).where(inside).order_by(fn.LENGTH(_Above.path))
    return parts.select_from(fn.GROUP_CONCAT(SQL("part"), between))


def _rows(person: Person) -> Any:
    inside = Item.select(fn.COUNT(Item.id)).where(Item.section == Section.id)
    trashed = inside.where(Item.trashed_at.is_null(False))
    return Section.select(
        Section,
        _names_above(Section, _Above.title, " › ").alias("tree"),
        _names_above(Section, _Above.slug, "/").alias("slugs"),
        inside.alias("inside"),
        trashed.alias("inside_trashed"),
    )


def _search(words: str) -> Expression:
    return finding.among(Section, finding.has(Section.title, words), Section.slug == words)


def _parent(key: Any) -> Section | None:
    if key in (None, ""):
        return None
    found: Section | None = Section.get_or_none(Section.id == key)
    if found is None:
        raise NotFound()
    return found


def _create(person: Person, values: Values) -> int:
    made = actions.create_section(
        person, _parent(values.get("parent")), values["title"], values.get("slug") or ""
    )
    return int(made.id)


def _update(person: Person, row: Row, values: Values, version: str) -> None:
    if not version.isdecimal():
        raise Conflict(row.version)
    wanted = {"title": values["title"], "slug": values.get("slug") or ""}
    actions.edit_section(person, row, wanted, version=int(version))


def _audience(row: Row) -> Message | str:
    """For whom a section is; of several the first, and how many more there are."""
    keys = str(row.audience).split(",") if row.audience else []
    if not keys:
        return msg(N_("As the section above"))
    first = audience_label(keys[0]) if ":" not in keys[0] or keys[0].startswith("role:") else None
    if first is None:
        return msg(N_("Certain communities or departments"))
    return (
        first if len(keys) == 1 else msg(N_("%(first)s and %(more)s more"), first=first, more=len(keys) - 1)
    )


def _may_manage(person: Person, row: Row) -> Message | None:
    return None if may(person, "section:manage", row) else msg(N_("You are not allowed to do this."))


def _can_trash(person: Person, row: Row) -> Message | None:
    if row.trashed_at is not None:
        return msg(N_("This is in the trash already."))
    if row.inside > row.inside_trashed:
        return msg(N_("The section is not empty. Please move what is in it first."))
    return _may_manage(person, row)


def _can_untrash(person: Person, row: Row) -> Message | None:
    return _may_manage(person, row) if row.trashed_at is not None else msg(N_("This is not in the trash."))


def _move(person: Person, row: Row, values: Values) -> None:
    actions.move_section(person, row, _parent(values.get("parent")))


def _trash(person: Person, row: Row, values: Values) -> None:
    actions.trash_section(person, row)


def _untrash(person: Person, row: Row, values: Values) -> None:
    actions.untrash_section(person, row)


_BELOW = Input(
    "parent", N_("Below which section"), "pick", find=finding.sections_named, name_of=finding.name_of_section,
    help=N_("Empty means at the top."), only_new=True,
)  # fmt: skip

SECTIONS = Register(
    name="sections",
    label=N_("Sections"),
    one=N_("Section"),
    group="content",
    permission="register:sections",
    help=N_("The places that content hangs in. Who may read a section is set in the workspace, where its page leads."),
    key=Section.id,
    rows=_rows,
    columns=(
        Column("tree", N_("Place in the tree"), sort=Section.path, value=lambda row: row.tree),
        Column("title", N_("Title"), inplace="title", listed=False),
        Column("slug", N_("Words in the address"), value=lambda row: f"/browse/{row.slugs}"),
        Column("audience", N_("For whom"), value=_audience, own_words=False),
        Column("inside", N_("Pieces of content"), "number", value=lambda row: row.inside - row.inside_trashed),
        Column("library", N_("In the library"), "yes"),
        Column("trashed_at", N_("In the trash since"), "time", listed=False),
    ),
    order=Section.path,
    newest_first=False,
    filters=(
        Filter("library", N_("In the library"), "yes", Section.library),
        Filter("trashed", N_("In the trash"), "yes", condition=lambda value: Section.trashed_at.is_null(not value)),
    ),
    search=_search,
    search_hint=N_("Title, or words in the address"),
    inputs=(
        _BELOW,
        Input("title", N_("Title"), required=True, max_length=200),
        Input(
            "slug", N_("Words in the address"), max_length=80,
            help=N_("Letters, digits and hyphens; empty means its number. The old address leads on."),
        ),
    ),
    load=lambda row: {"parent": row.parent_id, "title": row.title, "slug": row.slug},
    version=lambda row: str(row.version),
    create=_create,
    update=_update,
    acts=(
        Act(
            "move", N_("Hang elsewhere"), _move, _may_manage,
            N_("All that is in it comes along; its old addresses lead on. It can be moved back."), inputs=(_BELOW,),
        ),
        Act(
            "trash", N_("Move to the trash"), _trash, _can_trash,
            N_("Only what is empty can go there; it can be taken out again."), danger=True,
        ),
        Act(
            "untrash", N_("Take out of the trash"), _untrash, _can_untrash,
            N_("It is again where it was."),
        ),
    ),
    address=lambda row: f"/work/sections/{row.id}/",
    title=lambda row: str(row.title),
    empty=N_("There is no section yet."),
)  # fmt: skip


# ---- addresses of before


def _redirect_rows(person: Person) -> Any:
    return Redirect.select(Redirect, Section, _names_above(Section, _Above.slug, "/").alias("slugs")).join(
        Section, JOIN.LEFT_OUTER
    )


def _make_redirect(person: Person, values: Values) -> int:
    return int(actions.make_redirect(person, values["old_path"], values["section"]).id)


def _edit_redirect(person: Person, row: Row, values: Values, version: str) -> None:
    actions.edit_redirect(person, row.id, values["old_path"], values["section"], version=version)


def _drop_redirect(person: Person, row: Row, values: Values) -> None:
    actions.drop_redirect(person, row.id)


def _always(person: Person, row: Row) -> Message | None:
    return None


REDIRECTS = Register(
    name="redirects",
    label=N_("Earlier addresses"),
    one=N_("Earlier address"),
    group="content",
    permission="register:redirects",
    help=N_("Where a section can still be found under an address that it had before. Moving a section leaves one."),
    key=Redirect.id,
    rows=_redirect_rows,
    columns=(
        Column("old_path", N_("Earlier address"), sort=Redirect.old_path),
        Column("section", N_("Leads to"), value=lambda row: finding.name(row, "section", "title")),
        Column("address", N_("Address now"), value=lambda row: f"/browse/{row.slugs}"),
        Column("created_at", N_("Written down"), "time", sort=Redirect.created_at),
    ),
    order=Redirect.created_at,
    filters=(Filter("created_at", N_("Written down"), "dates", Redirect.created_at),),
    search=lambda words: Redirect.old_path.contains(words),
    search_hint=N_("Part of the address"),
    inputs=(
        Input(
            "old_path", N_("Earlier address"), required=True, max_length=redirects.LONGEST,
            help=N_("It begins with /browse/."),
        ),
        Input(
            "section", N_("Leads to"), "pick", required=True, find=finding.sections_named,
            name_of=finding.name_of_section,
        ),
    ),
    load=lambda row: {"old_path": row.old_path, "section": row.section_id},
    version=redirects.version_of,
    create=_make_redirect,
    update=_edit_redirect,
    acts=(
        Act(
            "remove", N_("Remove"), _drop_redirect, _always,
            N_("Who comes by the earlier address finds nothing any more. It can be written down again."), danger=True,
        ),
    ),
    address=lambda row: f"/browse/{row.slugs}",
    title=lambda row: str(row.old_path),
    empty=N_("No section has been moved or renamed yet."),
)  # fmt: skip
