"""Importing a list of homes: a dry run first, then all of it in one transaction or nothing."""

from __future__ import annotations

import os
import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from peewee import fn

from content import history, moment
from content.db import transaction
from content.errors import N_, Invalid, NotFound, TooLarge, msg
from content.estate import access
from content.estate.folding import fold_building, household_key
from content.estate.planning import Plan, PlannedHome, make_plan
from content.estate.sheet import MAX_BYTES, MB, Sheet, read_sheet
from content.households import Building, Household, Resident
from content.items import new_uid
from content.people import Community, Person
from content.settings import Settings

KEPT = timedelta(days=1)  # that a file waits between the dry run and the import
CHUNK = 500  # rows that are written at once
_UID = re.compile(r"[0-9a-f]{32}")


def dry_run(person: Person | None, sheet: Sheet, community: Community | None = None) -> Plan:
    """What importing the list would do; nothing is written. Raises ``NotAllowed``."""
    return make_plan(person, sheet, community)


def import_sheet(
    person: Person | None, sheet: Sheet, community: Community | None = None, *, good_rows: bool = False
) -> Plan:
    """Import a list in one transaction and return what was done.

    If any row is refused nothing is written, unless ``good_rows`` asks for the others. The same list again
    changes nothing. Raises ``NotAllowed``; ``Invalid`` (field ``file``) where rows are refused.
    """
    with transaction():
        who = access.require(person, "estate:manage", access.ANYWHERE)
        plan = make_plan(who, sheet, community)
        if plan.problems and not good_rows:
            text = N_(
                "Nothing was imported, because rows are refused. Please mend them, or take the others alone."
            )
            raise Invalid({"file": [msg(text)]}, msg(text))
        if any(plan.counts.values()):
            _write(plan)
            history.record(who, "estate.imported", subject="households", difference=plan.counts)
    return plan


def _write(plan: Plan) -> None:
    for building in plan.buildings:
        last = Building.select(fn.MAX(Building.position)).where(Building.community == building.community)
        made = Building.create(
            community=building.community,
            phase=building.phase,
            name=building.name,
            key=fold_building(building.name)[:60],
            position=(last.scalar() or 0) + 1,
        )
        building.id = made.id
    _write_homes(plan.homes)
    for home in plan.areas:
        Household.update(floor_area=home.area).where(Household.id == home.id).execute()
    rows = [
        {"household": home.id, **{name: value for name, value in one.values.items() if name != "until"}}
        for home, one in plan.residents
    ]
    for start in range(0, len(rows), CHUNK):
        Resident.insert_many(rows[start : start + CHUNK]).execute()
    for _, one in plan.corrected:
        Resident.update(**one.changes).where(Resident.id == one.id).execute()


def _write_homes(homes: list[PlannedHome]) -> None:
    """Write new homes and learn their numbers."""
    rows = [
        {
            "building": home.building.id,
            "unit": home.unit,
            "room": home.room,
            "key": household_key(home.unit, home.room),
            "floor_area": home.floor_area,
        }
        for home in homes
    ]
    for start in range(0, len(rows), CHUNK):
        Household.insert_many(rows[start : start + CHUNK]).execute()
    buildings = sorted({home.building.id for home in homes if home.building.id is not None})
    stored: Any = Household.select(Household.id, Household.building, Household.key)
    numbers = {(row.building_id, row.key): row.id for row in stored.where(Household.building.in_(buildings))}
    for home, row in zip(homes, rows, strict=True):
        home.id = numbers[home.building.id, row["key"]]


# ---- keeping a file between dry run and import


def keep(settings: Settings, person: Person | None, stream: BinaryIO) -> str:
    """Keep an uploaded list for this person, for a day, and return the number it is found under.

    It is read at once, so that what cannot be read is never kept. Raises ``NotAllowed``, ``TooLarge``, ``Invalid``.
    """
    who = access.require(person, "estate:manage", access.ANYWHERE)
    forget_old(settings)
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    uid = new_uid()
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            _receive(stream, target)
        read_sheet(temporary)
        stamp = moment.now().timestamp()
        os.utime(temporary, (stamp, stamp))
        temporary.replace(_path(settings, who, uid))
    finally:
        temporary.unlink(missing_ok=True)
    return uid


def _receive(stream: BinaryIO, target: Any) -> None:
    size = 0
    while piece := stream.read(256 * 1024):
        size += len(piece)
        if size > MAX_BYTES:
            text = N_("The file is larger than %(limit)s MB. Please divide the list.")
            raise TooLarge(msg(text, limit=MAX_BYTES // MB))
        target.write(piece)


def kept(settings: Settings, person: Person | None, uid: str) -> Sheet:
    """A list that this person keeps. Raises ``NotFound`` for another one's, and after a day."""
    who = access.require(person, "estate:manage", access.ANYWHERE)
    path = _path(settings, who, uid)
    if not path.is_file() or _age(path) > KEPT:
        raise NotFound()
    return read_sheet(path)


def drop(settings: Settings, person: Person | None, uid: str) -> None:
    """Throw away a list that this person keeps, if it is there."""
    who = access.require(person, "estate:manage", access.ANYWHERE)
    _path(settings, who, uid).unlink(missing_ok=True)


def forget_old(settings: Settings) -> int:
    """Throw away lists that nobody imported within a day, for they hold names; returns how many there were."""
    folder = _folder(settings)
    old = [path for path in folder.iterdir() if _age(path) > KEPT] if folder.is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _age(path: Path) -> timedelta:
    return moment.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _folder(settings: Settings) -> Path:
    return settings.data / "incoming-lists"


def _path(settings: Settings, person: Person, uid: str) -> Path:
    if not _UID.fullmatch(uid):
        raise NotFound()
    return _folder(settings) / f"{person.id}-{uid}.xlsx"
