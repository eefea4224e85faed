"""The site's glossary, and the files that content shows."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, SQL, Expression, fn

from content import file_trash, files, glossary
from content.backoffice.declaring import Act, Column, Filter, Input, Register, Row, Values
from content.backoffice.registers import finding
from content.chinese import Term
from content.errors import N_, Message, msg
from content.files import FileUse, StoredFile
from content.items import Item
from content.people import Person


def _terms(person: Person) -> Any:
    return Term.select()


def _add_term(person: Person, values: Values) -> int:
    return int(glossary.add_term(person, values["hant"], values["hans"]).id)


def _edit_term(person: Person, row: Row, values: Values, version: str) -> None:
    glossary.edit_term(person, row.id, values["hant"], values["hans"], version=version)


def _drop_term(person: Person, row: Row, values: Values) -> None:
    glossary.drop_term(person, row.id)


def _always(person: Person, row: Row) -> Message | None:
    return None


GLOSSARY = Register(
    name="glossary",
    label=N_("Glossary"),
    one=N_("Word of the glossary"),
    group="content",
    permission="register:glossary",
    help=N_("Words that this site writes in its own way in the other script. They hold for all pages at once."),
    key=Term.id,
    rows=_terms,
    columns=(
        Column("hant", N_("Traditional Chinese"), "name", sort=Term.hant, inplace="hant"),
        Column("hans", N_("Simplified Chinese"), "name", sort=Term.hans, inplace="hans"),
    ),
    order=Term.hant,
    newest_first=False,
    search=lambda words: Term.hant.contains(words) | Term.hans.contains(words),
    search_hint=N_("A word in either script"),
    inputs=(
        Input("hant", N_("Traditional Chinese"), required=True, max_length=60),
        Input("hans", N_("Simplified Chinese"), required=True, max_length=60),
    ),
    version=glossary.version_of,
    create=_add_term,
    update=_edit_term,
    acts=(
        Act(
            "remove", N_("Remove"), _drop_term, _always,
            N_("The word is converted like any other again. It can be added once more."), danger=True,
        ),
    ),
    title=lambda row: f"{row.hant} / {row.hans}",
    empty=N_("The glossary is empty: every word is converted as usual."),
)  # fmt: skip


# ---- files


def _files(person: Person) -> Any:
    used = FileUse.select(fn.COUNT(SQL("*"))).where(FileUse.file == StoredFile.id)
    where = Item.select(Item.title).join(FileUse).where(FileUse.file == StoredFile.id).limit(5)
    titles = where.select_from(fn.GROUP_CONCAT(SQL("title"), " · "))
    return (
        StoredFile.select(StoredFile, Person, used.alias("used"), titles.alias("used_in"))
        .join(Person, JOIN.LEFT_OUTER)
        .where(files.unguarded())
    )


def _find_files(words: str) -> Expression:
    arms = [finding.has(StoredFile.name, words)]
    if len(words) == 32:
        arms.append(StoredFile.uid == words)
    return finding.among(StoredFile, *arms)


def _cannot_trash(person: Person, row: Row) -> Message | None:
    if row.trashed_at is not None:
        return msg(N_("This is in the trash already."))
    if row.used:
        return msg(N_("“%(name)s” is still shown somewhere and stays."), name=row.name)
    return None


def _trash(person: Person, row: Row, values: Values) -> None:
    file_trash.trash_file(person, row)


def _untrash(person: Person, row: Row, values: Values) -> None:
    file_trash.untrash_file(person, row)


def _size(row: Row) -> int:
    return -(-int(row.size) // 1024)


def _pictures(value: Any) -> Any:
    return StoredFile.width.is_null(not value)


def _unused(value: Any) -> Any:
    held = FileUse.select(FileUse.file)
    return StoredFile.id.not_in(held) if value else StoredFile.id.in_(held)


FILES = Register(
    name="files",
    label=N_("Files"),
    one=N_("File"),
    group="content",
    permission="register:files",
    help=N_("Pictures and documents that content shows. Files of matters are not among them."),
    key=StoredFile.id,
    rows=_files,
    columns=(
        Column("name", N_("File name"), sort=StoredFile.name),
        Column("media_type", N_("Kind of file")),
        Column("size", N_("Size in kB"), "number", value=_size, sort=StoredFile.size),
        Column("used", N_("Shown by"), "number"),
        Column("used_in", N_("Where"), value=lambda row: row.used_in or "", listed=False),
        Column("owner", N_("Uploaded by"), "name", value=lambda row: finding.name(row, "owner")),
        Column("created_at", N_("Uploaded"), "time"),
        Column("alt", N_("Description"), listed=False),
        Column("trashed_at", N_("In the trash since"), "time", listed=False),
    ),
    order=StoredFile.id,
    filters=(
        Filter("picture", N_("Pictures"), "yes", condition=_pictures),
        Filter("unused", N_("Shown nowhere"), "yes", condition=_unused),
        Filter(
            "owner", N_("Uploaded by"), "text", condition=lambda words: StoredFile.owner.in_(finding.persons(words))
        ),
        Filter("created_at", N_("Uploaded"), "dates", StoredFile.created_at),
        Filter("trashed", N_("In the trash"), "yes", condition=lambda value: StoredFile.trashed_at.is_null(not value)),
    ),
    search=_find_files,
    search_hint=N_("Name of the file"),
    acts=(
        Act(
            "trash", N_("Move to the trash"), _trash, _cannot_trash,
            N_("Only what nothing shows any more can go there."), danger=True,
        ),
        Act(
            "untrash", N_("Take out of the trash"), _untrash, finding.not_trashed,
            N_("It can be chosen for content again."),
        ),
    ),
    address=lambda row: f"/files/{row.uid}",
    title=lambda row: str(row.name),
    empty=N_("Nothing has been uploaded yet."),
)  # fmt: skip
