"""The homes of the demo: sixty in two communities, with owners and tenants whose names and numbers are nobody's."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from content.demo.stage import Stage
from content.estate import acts
from content.households import Household, Resident
from content.people import Person

# Community → buildings as (phase, name, units, floors, doors on a floor, other names).
BUILDINGS: dict[str, tuple[tuple[str, str, int, int, int, tuple[str, ...]], ...]] = {
    "east": (
        ("一期", "1棟", 1, 3, 2, ()),
        ("一期", "2棟", 1, 3, 2, ("荷香樓",)),
        ("二期", "3棟", 2, 3, 2, ("南樓",)),
        ("二期", "5棟", 1, 3, 2, ()),
    ),
    "west": (
        ("", "6棟", 0, 5, 3, ()),
        ("", "7棟", 0, 5, 3, ("會所樓",)),
    ),
}
AREAS = ("89.5", "102", "118.3", "76.2", "135", "94.8")
FAMILIES = "沈韓魏方石姚譚廖鄒熊金陸郝孔白崔康毛邱秦江史顧侯邵孟龍萬段雷"
GIVEN = (
    "雨桐", "浩然", "秀蘭", "建業", "思齊", "美玲", "永康", "佳慧", "文彬", "淑芬", "子謙", "麗華", "志豪", "曉晴",
    "國平", "夢潔", "啟明", "素珍", "俊熙", "玉琴", "嘉樹", "春燕", "德安", "靜宜", "博文", "桂英", "天佑", "海棠",
    "仲文", "安琪",
)  # fmt: skip
WOMEN = frozenset(
    (
        "雨桐",
        "秀蘭",
        "美玲",
        "佳慧",
        "淑芬",
        "麗華",
        "曉晴",
        "夢潔",
        "素珍",
        "玉琴",
        "春燕",
        "靜宜",
        "桂英",
        "海棠",
        "安琪",
    )
)
# Where the demo's own owner and tenant live: user name → (community, building, unit, room).
OURS = {"owner": ("east", "3棟", "2單元", "301"), "tenant": ("west", "7棟", "", "402")}


@dataclass(frozen=True)
class _Made:
    community: str
    building: str
    home: Household


def furnish(stage: Stage, today: date) -> list[Household]:
    """Make the homes and who lives in them, the same for the same date; the demo's owner and tenant in one each."""
    manager = stage.people["manager"]
    chance = random.Random(20260316)
    made = [one for key in BUILDINGS for one in _build(stage, manager, key)]
    names = _names(chance)
    for place, one in enumerate(made):
        ours = {OURS[role]: role for role in OURS}.get(
            (one.community, one.building, one.home.unit, one.home.room)
        )
        _people_of(stage, manager, one, place, ours, names, chance, today)
    return [one.home for one in made]


def _build(stage: Stage, manager: Person, key: str) -> list[_Made]:
    found = []
    for phase, name, units, floors, doors, aliases in BUILDINGS[key]:
        values = {"name": name, "phase": phase}
        building = acts.make_building(manager, stage.communities[key], values)
        if aliases:
            acts.edit_building(manager, building, values, aliases)
        for unit in range(1, units + 1) if units else (0,):
            for floor in range(1, floors + 1):
                for door in range(1, doors + 1):
                    home = {
                        "unit": f"{unit}單元" if unit else "",
                        "room": f"{floor}{door:02d}",
                        "floor_area": AREAS[(floor + door + unit) % len(AREAS)],
                    }
                    found.append(_Made(key, name, acts.make_household(manager, building, home)))
    return found


def _names(chance: random.Random) -> Any:
    """Names without end, none twice in the demo."""
    pairs = [(family, given) for family in FAMILIES for given in GIVEN]
    chance.shuffle(pairs)
    return iter(pairs)


def _telephone(place: int, kind: int) -> str:
    """A number of the exchange 5550, where nobody is reached."""
    return f"0755-5550{2000 + place * 7 + kind * 911:04d}"


def _people_of(
    stage: Stage,
    manager: Person,
    one: _Made,
    place: int,
    ours: str | None,
    names: Any,
    chance: random.Random,
    today: date,
) -> None:
    since = today - timedelta(days=chance.randrange(500, 4000))
    if ours is None and place % 10 == 9:
        return  # sold by nobody yet, or empty
    owner = stage.people["owner"] if ours == "owner" else None
    _enter(manager, one.home, "owner", owner, names, _telephone(place, 0) if place % 5 else "", since)
    if ours == "tenant" or (ours is None and place % 4 == 1):
        tenant = stage.people["tenant"] if ours == "tenant" else None
        later = today - timedelta(days=chance.randrange(40, 480))
        if place % 8 == 5:  # somebody lived here before
            before = _enter(manager, one.home, "tenant", None, names, "", later - timedelta(days=700))
            acts.move_out(manager, before, later - timedelta(days=20))
        _enter(manager, one.home, "tenant", tenant, names, _telephone(place, 1), later)


def _enter(
    manager: Person,
    home: Household,
    tenure: str,
    person: Person | None,
    names: Any,
    telephone: str,
    since: date,
) -> Resident:
    family, given = next(names)
    values = {
        "name": person.name if person else family + given,
        "address_form": person.address_form if person else ("女士" if given in WOMEN else "先生"),
        "tenure": tenure,
        "telephone": "" if person else telephone,
        "since": since.isoformat(),
    }
    resident = acts.add_resident(manager, home, values)
    if person is not None:
        acts.settle(resident, person)
    return resident
