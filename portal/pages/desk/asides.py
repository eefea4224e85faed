"""What is found while somebody types: the home and who lives there, its earlier matters, and suggested duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from content import estate, reception, telephones
from content.estate import access, homes
from content.households import Household, Resident
from content.people import Community, Person
from portal.web.login import person
from portal.web.numbers import number

pages = Blueprint("asides", __name__)
EARLIER = 8
LONGEST = 5000  # characters of the words that are compared


@dataclass(frozen=True)
class Beside:
    """What stands beside the form. ``tried`` tells nothing found from nothing asked."""

    tried: bool = False
    home: str = ""
    residents: list[Resident] = field(default_factory=list)
    earlier: list[Any] = field(default_factory=list)
    similar: list[Any] = field(default_factory=list)


@pages.post("/household")
def household() -> Response:
    """The home that was typed, or the one of a telephone, as a piece of a page. Posted: it names people."""
    return _piece("desk/household.html", _home(person(), request.form))


@pages.post("/similar")
def similar() -> Response:
    """What sounds like the words that are being typed, as a piece of a page."""
    return _piece("desk/similar.html", Beside(tried=True, similar=_similar(person(), request.form)))


def _piece(template: str, found: Beside) -> Response:
    answer = make_response(render_template(template, nearby=found, values=request.form, fragment=True))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def beside(reader: Person | None, values: Mapping[str, str], asked: bool) -> Beside:
    """All of it, for the page as a whole; nothing is looked up for an empty form."""
    if not asked:
        return Beside()
    found = _home(reader, values)
    return Beside(True, found.home, found.residents, found.earlier, _similar(reader, values))


def chosen(reader: Person | None, values: Mapping[str, str]) -> dict[str, str]:
    """The caller's fields of whoever lives there and was chosen by a button (``do=fill:<id>``)."""
    what, _colon, id = values.get("do", "").partition(":")
    if what != "fill":
        return {}
    one = next((one for one in _home(reader, values).residents if str(one.id) == id), None)
    return who(one) if one is not None else {}


def who(one: Resident) -> dict[str, str]:
    """Somebody who lives there, as the caller's fields want it."""
    telephone = telephones.show(one.telephone) if one.telephone else ""
    return {"caller_name": one.name, "caller_form": one.address_form, "caller_telephone": telephone}


def _home(reader: Person | None, values: Mapping[str, str]) -> Beside:
    """The home by what was typed for it, else by the telephone of somebody who lives there."""
    text = values.get("household", "").strip()[:120]
    within = number(values.get("community"))
    community = Community.get_or_none(Community.id == within) if within else None
    home = estate.find_household(text, community) if text else None
    if home is None and not text:
        home = _home_of(reader, values.get("caller_telephone", "")[:40])
    if home is None:
        return Beside(tried=bool(text))
    return Beside(
        tried=True,
        home=estate.label(home),
        # Who only records learns that the home exists, not who lives there.
        residents=estate.residents_of(home) if _knows(reader, home) else [],
        earlier=reception.household_matters(reader, home, EARLIER),
    )


def _knows(reader: Person | None, home: Household) -> bool:
    return access.may(reader, "estate:view", home.building.community)


def _home_of(reader: Person | None, telephone: str) -> Household | None:
    """The home of whoever is reached under a telephone; none if there are several: then one has to ask."""
    number = telephones.read(telephone) if telephone.strip() else None
    if number is None:
        return None
    lives = Resident.select(Resident.household).where((Resident.telephone == number) & Resident.in_force())
    ids = {row.household_id for row in lives.limit(20)}
    home: Household | None = homes.home(ids.pop()) if len(ids) == 1 else None
    return home if home is not None and _knows(reader, home) else None


def _similar(reader: Person | None, values: Mapping[str, str]) -> list[Any]:
    category, words = values.get("category", ""), values.get("words", "").strip()[:LONGEST]
    if not words and not values.get("household", "").strip():
        return []
    return list(
        reception.similar(
            reader,
            category,
            words,
            place=values.get("place", "")[:200],
            household=values.get("household", "")[:120],
        )
    )
