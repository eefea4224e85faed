"""The site, its communities and departments: made and renamed by an administrator of the whole portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from content import history, stamps
from content.db import transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.items import bump_content_version
from content.people import Community, Department, Person, Site
from content.permissions import require

Problems = dict[str, list[Message]]
NAME, TELEPHONE, LAST = 100, 40, 9999  # characters, and the highest place in the order
FIELDS: dict[Any, tuple[str, ...]] = {
    Site: ("name",),
    Community: ("name",),
    Department: ("name", "telephone", "position"),
}
VERBS: dict[Any, str] = {Site: "site", Community: "community", Department: "department"}


def version_of(row: Site | Community | Department) -> str:
    """What a form about a place was filled from."""
    return stamps.stamp(*(getattr(row, name) for name in FIELDS[type(row)]))


def make_community(by: Person | None, values: Mapping[str, Any]) -> Community:
    """Add a community with ``name``, and ``site`` where there are several. Raises ``NotAllowed`` or ``Invalid``."""
    return _make(by, Community, values)


def make_department(by: Person | None, values: Mapping[str, Any]) -> Department:
    """Add a department with ``name``, ``telephone`` and ``position``. Raises ``NotAllowed`` or ``Invalid``."""
    return _make(by, Department, values)


def edit(
    by: Person | None, model: type[Site] | type[Community] | type[Department], id: int,
    values: Mapping[str, Any], *, version: str,
) -> None:  # fmt: skip
    """Change what a place is called, a department's telephone and its place in the directory.

    Raises ``NotAllowed``, ``NotFound``, ``Conflict`` and ``Invalid``.
    """
    with transaction():
        require(by, "site:administer")
        assert by is not None
        table: Any = model
        row = table.get_or_none(table.id == id)
        if row is None:
            raise NotFound()
        stamps.check(version, *(getattr(row, name) for name in FIELDS[model]))
        given = {name: getattr(row, name) for name in FIELDS[model]}
        cleaned = _cleaned(model, {**given, **values}, row.id, getattr(row, "site_id", None))
        changed = {name: [given[name], value] for name, value in cleaned.items() if given[name] != value}
        if changed:
            table.update(cleaned).where(table.id == id).execute()
            verb = f"{VERBS[model]}.edited"
            history.record(by, verb, subject=cleaned["name"], difference=changed)
            bump_content_version()


def _make(by: Person | None, model: Any, values: Mapping[str, Any]) -> Any:
    with transaction():
        require(by, "site:administer")
        assert by is not None
        site = _site(values.get("site"))
        cleaned = _cleaned(model, values, 0, site.id)
        made = model.create(site=site, **cleaned)
        history.record(by, f"{VERBS[model]}.made", subject=made.name)
        bump_content_version()
    return made


def _site(value: Any) -> Site:
    """The site that was chosen; where there is only one, that."""
    found = Site.select().order_by(Site.id)
    if value not in (None, ""):
        id = int(value) if str(value).isdecimal() and len(str(value)) < 10 else 0
        found = found.where(Site.id == id)
    first: Site | None = found.first()
    if first is None:
        raise Invalid({"site": [msg(N_("Please choose one of the list."))]})
    return first


def _cleaned(model: Any, values: Mapping[str, Any], own: int, site: int | None) -> dict[str, Any]:
    problems: Problems = {}
    found: dict[str, Any] = {"name": " ".join(str(values.get("name") or "").split())}
    if not 1 <= len(found["name"]) <= NAME:
        problems["name"] = [msg(N_("A name has 1 to 100 characters."))]
    elif site is not None and _twin(model, found["name"], own, site):
        problems["name"] = [msg(N_("There is one of this name already."))]
    if model is Department:
        found["telephone"] = " ".join(str(values.get("telephone") or "").split())
        if len(found["telephone"]) > TELEPHONE:
            problems["telephone"] = [msg(N_("At most %(limit)s characters, please."), limit=TELEPHONE)]
        found["position"] = _position(values.get("position"), problems)
    if problems:
        raise Invalid(problems)
    return found


def _twin(model: Any, name: str, own: int, site: int) -> bool:
    return bool(model.select().where(model.name == name, model.site == site, model.id != own).exists())


def _position(value: Any, problems: Problems) -> int:
    text = str(value if value not in (None, "") else 0)
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) > LAST:
        problems["position"] = [msg(N_("A number from 0 to %(most)s, please."), most=LAST)]
        return 0
    return int(text)
