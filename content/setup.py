"""The first minute of a portal: database, tables, and the three places that everything else hangs in."""

from __future__ import annotations

from content import db, preferences
from content import kinds as _kinds  # noqa: F401  importing it fills the table of kinds
from content import reception as _reception  # noqa: F401  importing it declares rights and guards files of matters
from content.db import transaction
from content.items import Section, bump_content_version
from content.people import Site, scheduler, visitors
from content.settings import Settings

# (slug, title as first written, audience, belongs to the library). Editors rename them as they like.
ROOTS = (
    ("board", "公告欄", "", False),
    ("library", "制度庫", "", True),
    ("staff", "內部園地", "staff", False),
)


def open_portal(settings: Settings) -> list[str]:
    """Open the database, apply what migrations are missing and make the first sections; names what it applied."""
    db.open_database(settings)
    applied = db.migrate(settings)
    preferences.apply(preferences.current(settings))
    with transaction():
        scheduler()
        visitors()
        if not Section.select().exists():
            _plant()
    return applied


def _plant() -> None:
    site = Site.select().order_by(Site.id).first()
    for position, (slug, title, audience, library) in enumerate(ROOTS, start=1):
        made = Section.create(
            site=site, path=f"/new-{slug}/", title=title, slug=slug, script="hant",
            position=position, audience=audience, library=library,
        )  # fmt: skip
        Section.update(path=f"/{made.id}/").where(Section.id == made.id).execute()
    bump_content_version()


def root(slug: str) -> Section:
    """The first section of this name at the root, or the first of the board or library where it was renamed."""
    found: Section | None = Section.get_or_none(Section.parent.is_null() & (Section.slug == slug))
    if found is None:
        found = (
            Section.select()
            .where(
                Section.parent.is_null(), Section.library == (slug == "library"), Section.trashed_at.is_null()
            )
            .order_by(Section.position)
            .first()
        )
    assert found is not None, "a portal has sections"
    return found
