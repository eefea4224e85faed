"""What the worker does, who is signed in, and who tried in vain."""

from __future__ import annotations

from typing import Any

from peewee import JOIN

from content import masking, moment
from content.accounts import attempts, roster
from content.accounts.models import Session
from content.accounts.sessions import KEPT, KEPT_REMEMBERED
from content.backoffice.declaring import Act, Column, Filter, Register, Row, Values
from content.backoffice.registers import finding
from content.errors import N_, Message, msg
from content.jobs import JobRun
from content.people import Person
from content.throttle import FailedTry

JOBS_OF_THE_WORKER = (
    ("dated transitions", N_("Publishing and withdrawing on a date")),
    ("announcements", N_("Telling subscribers what is new")),
    ("digests", N_("Digests by mail")),
    ("search index", N_("Search index")),
    ("outbox", N_("Outgoing post")),
    ("old rows", N_("Forgetting what is over")),
    ("lists into files", N_("Lists written into files")),
)


def _always(person: Person, row: Row) -> Message | None:
    return None


def _jobs(person: Person) -> Any:
    return JobRun.select()


def _resting(value: Any) -> Any:
    return (JobRun.failures > 0) if value else (JobRun.failures == 0)


JOBS = Register(
    name="jobs",
    label=N_("Jobs of the worker"),
    one=N_("Job"),
    group="machine",
    permission="register:jobs",
    help=N_(
        "What is done in the background and how it went. A job that failed is tried again within a minute."
    ),
    key=JobRun.id,
    rows=_jobs,
    columns=(
        Column("name", N_("Job"), "choice", choices=JOBS_OF_THE_WORKER, own_words=False),
        Column("last_at", N_("Last run"), "time"),
        Column("worked_at", N_("Last had work"), "time"),
        Column("done", N_("How much then"), "number"),
        Column("failures", N_("Failures in a row"), "number"),
        Column("next_at", N_("Rests until"), "time"),
        Column("failed_at", N_("Last failure"), "time", listed=False),
        Column("error", N_("Kind of failure"), listed=False),
    ),
    order=JobRun.id,
    newest_first=False,
    filters=(Filter("failing", N_("Failing now"), "yes", condition=_resting),),
    title=lambda row: msg(dict(JOBS_OF_THE_WORKER).get(row.name, row.name)),
    empty=N_("The worker has not run yet. Is it started?"),
)


# ---- sessions


def _sessions(person: Person) -> Any:
    # Named one by one: not even the digest of what a browser keeps is read.
    columns = (
        Session.id, Session.person, Session.created_at, Session.seen_at, Session.address, Session.browser,
        Session.remembered, Session.second, Session.ended_at,
    )  # fmt: skip
    return Session.select(*columns, Person.id, Person.name, Person.username, Person.active).join(
        Person, JOIN.LEFT_OUTER
    )


def _is_over(row: Row) -> bool:
    kept = KEPT_REMEMBERED if row.remembered else KEPT
    return row.ended_at is not None or bool(row.seen_at <= moment.now() - kept)


def _open(value: Any) -> Any:
    now = moment.now()
    lasts = (Session.seen_at > now - KEPT) | (
        (Session.remembered == True) & (Session.seen_at > now - KEPT_REMEMBERED)  # noqa: E712
    )
    still = Session.ended_at.is_null() & lasts
    return still if value else ~still


def _can_end(person: Person, row: Row) -> Message | None:
    return msg(N_("This session is over.")) if _is_over(row) else None


def _end(person: Person, row: Row, values: Values) -> None:
    roster.end_session(person, row.id)


SESSIONS = Register(
    name="sessions",
    label=N_("Sessions"),
    one=N_("Session"),
    group="machine",
    permission="register:sessions",
    help=N_(
        "In which browsers people are signed in. A session that is not used ends by itself after 30 days."
    ),
    key=Session.id,
    rows=_sessions,
    columns=(
        Column("person", N_("Person"), "name", value=lambda row: finding.name(row, "person")),
        Column("browser", N_("Browser"), "name"),
        Column("seen_at", N_("Last seen"), "time", sort=Session.seen_at),
        Column("created_at", N_("Signed in"), "time"),
        Column("open", N_("Signed in now"), "yes", value=lambda row: not _is_over(row)),
        Column("second", N_("Second factor"), "yes", listed=False),
        Column("remembered", N_("Stays signed in"), "yes", listed=False),
        Column("address", N_("Network address"), "name", listed=False),
        Column("ended_at", N_("Ended"), "time", listed=False),
    ),
    order=Session.seen_at,
    filters=(
        Filter("open", N_("Signed in now"), "yes", condition=_open),
        Filter("seen_at", N_("Last seen"), "dates", Session.seen_at),
    ),
    search=lambda words: Session.person.in_(finding.persons(words)),
    search_hint=N_("Name, user name, telephone or mail address"),
    acts=(
        Act(
            "end",
            N_("End the session"),
            _end,
            _can_end,
            N_("Whoever sits there has to sign in again."),
            danger=True,
        ),
    ),
    title=lambda row: finding.name(row, "person"),
    empty=N_("Nobody has signed in yet."),
)


# ---- failed tries


def _tries(person: Person) -> Any:
    return FailedTry.select(FailedTry, Person.id, Person.name, Person.username).join(
        Person, JOIN.LEFT_OUTER, on=(Person.username == FailedTry.name), attr="person"
    )


def _name(row: Row) -> str:
    """What was typed, whole only where it is an account's: people type passwords into the wrong field."""
    known = finding.name(row, "person", "username")
    return known or masking.mask_word(row.name)


def _forgive(person: Person, row: Row, values: Values) -> None:
    attempts.forgive(person, row.id)


TRIES = Register(
    name="tries",
    label=N_("Failed tries"),
    one=N_("Failed try"),
    group="machine",
    permission="register:tries",
    help=N_("Who could not sign in or show a code within the last hour. After ten tries the door waits a while."),
    key=FailedTry.id,
    rows=_tries,
    columns=(
        Column("name", N_("Under which name"), "name", value=_name),
        Column("person", N_("Person"), "name", value=lambda row: finding.name(row, "person")),
        Column("address", N_("Network address"), "name"),
        Column("at", N_("When"), "time", sort=FailedTry.at),
    ),
    order=FailedTry.at,
    filters=(Filter("at", N_("When"), "dates", FailedTry.at),),
    search=lambda words: (FailedTry.name == words.casefold()) | (FailedTry.address == words),
    search_hint=N_("A user name or a network address, in full"),
    acts=(
        Act(
            "forgive", N_("Let them try again"), _forgive, _always,
            N_("The tries under this name from this place are forgotten, and the door opens at once."),
        ),
    ),
    title=_name,
    empty=N_("Nobody has failed to sign in within the last hour."),
)  # fmt: skip
