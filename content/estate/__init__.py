"""The estate: its homes, who owns or rents them, the codes with which they register, and lists of all that."""

from content.estate.homes import (
    find_household,
    fold_building,
    fold_room,
    fold_unit,
    household_of,
    households_of,
    label,
    residents_of,
    short_label,
)

__all__ = [
    "find_household",
    "fold_building",
    "fold_room",
    "fold_unit",
    "household_of",
    "households_of",
    "label",
    "residents_of",
    "short_label",
]
