"""The registers of the back office, one file per subject, in the order of the navigation."""

from __future__ import annotations

from content.backoffice.declaring import Register
from content.backoffice.registers import (
    audit,
    cases,
    homes,
    items,
    liaison,
    machine,
    people,
    places,
    post,
    residents,
    roles,
    sections,
    words,
)

REGISTERS: tuple[Register, ...] = (
    items.ITEMS,
    sections.SECTIONS,
    sections.REDIRECTS,
    words.GLOSSARY,
    words.FILES,
    people.PEOPLE,
    roles.MEMBERSHIPS,
    places.DEPARTMENTS,
    places.COMMUNITIES,
    places.SITES,
    homes.BUILDINGS,
    homes.HOMES,
    residents.RESIDENTS,
    residents.CODES,
    cases.CASES,
    cases.RATINGS,
    liaison.PAIRINGS,
    liaison.MEETINGS,
    liaison.FOLLOW_UPS,
    post.POST,
    machine.JOBS,
    audit.AUDIT,
    machine.SESSIONS,
    machine.TRIES,
)
