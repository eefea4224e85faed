"""Addresses that sections had elsewhere or before: written by hand beside those that moving a section leaves."""

from __future__ import annotations

import re
from typing import Any

from content import history, moment, stamps
from content.db import transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.items import Redirect, Section, bump_content_version, section_address
from content.people import Person
from content.permissions import require

LONGEST = 400  # characters
BROWSE = "/browse/"
_PATH = re.compile(r"/browse(/[\w\-]+)+")


def version_of(row: Redirect) -> str:
    """What a form about a redirect was filled from."""
    return stamps.stamp(row.old_path, row.section_id)


def make_redirect(person: Person | None, old_path: str, section_id: Any) -> Redirect:
    """Let an address under ``/browse/`` lead to a section. Raises ``NotAllowed`` and ``Invalid``."""
    with transaction():
        require(person, "site:administer")
        assert person is not None
        section, old_path = _checked(old_path, section_id, 0)
        made = Redirect.create(old_path=old_path, section=section.id, created_at=moment.now())
        history.record(person, "redirect.made", section=section, subject=old_path)
        bump_content_version()
    return made


def edit_redirect(
    person: Person | None, id: int, old_path: str, section_id: Any, *, version: str
) -> Redirect:
    """Let an address lead elsewhere, or another address. Raises also ``NotFound`` and ``Conflict``."""
    with transaction():
        require(person, "site:administer")
        assert person is not None
        row = _stored(id)
        stamps.check(version, row.old_path, row.section_id)
        section, old_path = _checked(old_path, section_id, id)
        Redirect.update(old_path=old_path, section=section.id).where(Redirect.id == id).execute()
        history.record(person, "redirect.edited", section=section, subject=old_path)
        bump_content_version()
    return _stored(id)


def drop_redirect(person: Person | None, id: int) -> None:
    """Let an address lead nowhere any more. Raises ``NotAllowed`` or ``NotFound``."""
    with transaction():
        require(person, "site:administer")
        assert person is not None
        row = _stored(id)
        Redirect.delete().where(Redirect.id == id).execute()
        history.record(person, "redirect.removed", section=row.section, subject=row.old_path)
        bump_content_version()


def _stored(id: int) -> Redirect:
    row: Redirect | None = Redirect.get_or_none(Redirect.id == id)
    if row is None:
        raise NotFound()
    return row


def _checked(old_path: str, section_id: Any, own: int) -> tuple[Section, str]:
    problems: dict[str, list[Message]] = {}
    path = f"/{old_path.strip().strip('/')}"
    if not _PATH.fullmatch(path) or len(path) > LONGEST:
        text = N_("An address begins with %(begin)s; after it come words with hyphens, parted by slashes.")
        problems["old_path"] = [msg(text, begin=BROWSE)]
    elif Redirect.select().where(Redirect.old_path == path, Redirect.id != own).exists():
        problems["old_path"] = [msg(N_("This address leads somewhere already."))]
    elif _is_taken(path):
        problems["old_path"] = [msg(N_("A section has this address. It would never lead on."))]
    number = str(section_id or "")
    id = int(number) if number.isdecimal() and len(number) < 10 else 0
    section: Section | None = Section.get_or_none((Section.id == id) & Section.trashed_at.is_null())
    if section is None:
        problems["section"] = [msg(N_("Please choose one of the list."))]
    if problems or section is None:
        raise Invalid(problems)
    return section, path


def _is_taken(path: str) -> bool:
    last = path.rpartition("/")[2]
    return any(section_address(row) == path for row in Section.select().where(Section.slug == last))
