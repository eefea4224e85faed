"""What is said of each thing that happens to a matter: in its thread, to its parties, to those who work it.

A message into an inbox or a letter names number and category, never the words, nor whom they are about.
"""

from __future__ import annotations

from collections.abc import Iterable

from content.cases import Case
from content.errors import N_, Message, msg
from content.people import Person
from content.reception import entries
from content.reception.access import HIDDEN, about_of
from content.reception.categories import CATEGORIES, DESKS

# Verb of the step → what its entry in the thread says. The parties read it.
THREAD: dict[str, str] = {
    "case.assigned": N_("Passed on to those who will see to it."),
    "case.taken": N_("Work on it has begun."),
    "case.answered": N_("Answered."),
    "case.closed": N_("Closed."),
    "case.reopened": N_("Open again."),
    "case.merged": N_("Joined with another matter about the same thing, and worked on there."),
}
# Verb → what the parties are told.
TO_PARTIES: dict[str, str] = {
    "case.assigned": N_(
        "Your matter %(number)s (%(category)s) has been passed on to those who will see to it."
    ),
    "case.taken": N_("Work on your matter %(number)s (%(category)s) has begun."),
    "case.answered": N_("There is an answer to your matter %(number)s (%(category)s)."),
    "case.closed": N_(
        "Your matter %(number)s (%(category)s) is closed. If it is not settled, you can open it again."
    ),
    "case.reopened": N_("Your matter %(number)s (%(category)s) is open again."),
    "case.merged": N_(
        "Your matter %(number)s (%(category)s) was joined with another one about the same thing."
    ),
    "case.said": N_("There is a message in your matter %(number)s (%(category)s)."),
    "case.moved": N_("Your matter %(number)s is now handled as: %(category)s."),
    "case.promised": N_("A date is promised for your matter %(number)s (%(category)s)."),
    "case.postponed": N_("The date promised for your matter %(number)s (%(category)s) has changed."),
}
# What happened → what those who work it are told.
TO_WORKERS: dict[str, str] = {
    "owner": N_("Matter %(number)s (%(category)s) was given to you."),
    "helper": N_("You are asked to help with matter %(number)s (%(category)s)."),
    "department": N_("Matter %(number)s (%(category)s) was given to your department."),
    "passed_up": N_("Matter %(number)s (%(category)s) passed to you."),
    "answered": N_("Matter %(number)s (%(category)s), which you received, is answered."),
    "reopened": N_("Matter %(number)s (%(category)s) is open again."),
    "said": N_("There is a message in matter %(number)s (%(category)s)."),
    "noted": N_("There is a note on matter %(number)s (%(category)s)."),
    "moved": N_("New at your desk: %(category)s, number %(number)s."),
    "rated": N_("Matter %(number)s (%(category)s) was rated."),
    "concerned": N_("Somebody has written about you: %(category)s, number %(number)s."),
}


def sentence(text: str, case: Case) -> Message:
    """One of the sentences above, about this matter."""
    return msg(text, number=case.number, category=msg(CATEGORIES[case.category].label))


def desk_roles(case: Case) -> tuple[str, ...]:
    """The roles that are told of what comes to the matter's desk."""
    return DESKS[case.desk].roles


def followers(case: Case) -> list[Case]:
    """The matters that were merged into this one."""
    return list(Case.select().where(Case.merged_into == case.id).order_by(Case.id))


def tell_parties(case: Case, verb: str, *, but: Person | None = None) -> None:
    """Tell the parties of a matter, and those of the matters that it leads, each by their own number (R-043)."""
    entries.tell_parties(case, sentence(TO_PARTIES[verb], case), but=but)
    out = about_of(case) if case.category in HIDDEN else set()
    for one in followers(case):
        entries.tell_parties(one, sentence(TO_PARTIES[verb], one), but=but, out=out)


def tell_workers(
    case: Case,
    what: str,
    *,
    roles: Iterable[str] = (),
    persons: Iterable[Person | None] = (),
    but: Person | None = None,
) -> None:
    """Tell those who work a matter and may see it."""
    entries.tell_workers(case, sentence(TO_WORKERS[what], case), roles=roles, persons=persons, but=but)
