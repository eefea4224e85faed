"""The post: what goes out by mail, what waits and what failed. What a letter says, and its link, is shown to nobody."""

from __future__ import annotations

from typing import Any

from peewee import JOIN

from content import moment, posting
from content.backoffice.declaring import Act, Column, Filter, Register, Row, Values
from content.backoffice.registers import finding
from content.errors import N_, Message, msg
from content.masking import mask_mail, mask_mails
from content.outbox import Outgoing
from content.people import Person

STATES = (
    ("waiting", N_("Waiting")),
    ("sent", N_("Sent")),
    ("failed", N_("Failed")),
    ("dropped", N_("Dropped")),
)
CHANNELS = (("mail", N_("Mail")), ("index", N_("Search index")))


def _rows(person: Person) -> Any:
    # Named one by one: what a letter says may hold a link that opens an account.
    columns = (
        Outgoing.id, Outgoing.channel, Outgoing.recipient, Outgoing.address, Outgoing.created_at, Outgoing.due_at,
        Outgoing.tries, Outgoing.claimed_until, Outgoing.sent_at, Outgoing.failed_at, Outgoing.error,
    )  # fmt: skip
    return Outgoing.select(*columns, Person.id, Person.name, Person.username).join(
        Person, JOIN.LEFT_OUTER, on=(Outgoing.recipient == Person.id)
    )


def _state(row: Row) -> str:
    if row.sent_at is not None:
        return "sent"
    if row.failed_at is None:
        return "waiting"
    return "dropped" if row.error == posting.DROPPED else "failed"


def _in_state(value: Any) -> Any:
    return {
        "waiting": posting.WAITING,
        "sent": Outgoing.sent_at.is_null(False),
        "failed": posting.FAILED & (Outgoing.error != posting.DROPPED),
        "dropped": posting.FAILED & (Outgoing.error == posting.DROPPED),
    }[value]


def _error(row: Row) -> str:
    return "" if row.error == posting.DROPPED else mask_mails(row.error)


def _again(person: Person, row: Row, values: Values) -> None:
    posting.try_again(person, row.id)


def _drop(person: Person, row: Row, values: Values) -> None:
    posting.drop(person, row.id)


def _has_failed(person: Person, row: Row) -> Message | None:
    return None if row.failed_at is not None else msg(N_("Only what failed is tried again."))


def _waits(person: Person, row: Row) -> Message | None:
    if _state(row) != "waiting":
        return msg(N_("This does not wait any more."))
    if row.claimed_until is not None and row.claimed_until > moment.now():
        return msg(N_("This is being sent just now."))
    return None


POST = Register(
    name="post",
    label=N_("Outgoing post"),
    one=N_("Letter"),
    group="machine",
    permission="register:post",
    help=N_("What the portal sends, to whom and whether it arrived. Sent letters are forgotten after 30 days."),
    key=Outgoing.id,
    rows=_rows,
    columns=(
        Column("created_at", N_("Written"), "time"),
        Column("recipient", N_("Recipient"), "name", value=lambda row: finding.name(row, "recipient")),
        Column("address", N_("E-mail address"), "name", value=lambda row: mask_mail(row.address)),
        Column("channel", N_("Way"), "choice", choices=CHANNELS, own_words=False),
        Column("state", N_("State"), "choice", value=_state, choices=STATES, own_words=False),
        Column("due_at", N_("Due"), "time"),
        Column("tries", N_("Tries"), "number"),
        Column("error", N_("What went wrong"), value=_error, listed=False),
        Column("sent_at", N_("Sent"), "time", listed=False),
        Column("failed_at", N_("Given up"), "time", listed=False),
    ),
    order=Outgoing.id,
    filters=(
        Filter("state", N_("State"), "choice", choices=STATES, condition=_in_state),
        Filter("channel", N_("Way"), "choice", Outgoing.channel, choices=CHANNELS),
        Filter("created_at", N_("Written"), "dates", Outgoing.created_at),
    ),
    search=lambda words: Outgoing.recipient.in_(finding.persons(words)),
    search_hint=N_("Name, user name, telephone or mail address"),
    acts=(
        Act("try_again", N_("Try again"), _again, _has_failed, N_("It is due at once; the worker sends it.")),
        Act(
            "drop", N_("Drop"), _drop, _waits, N_("It does not go out. It stays here and can be tried again."),
            danger=True,
        ),
    ),
    title=lambda row: finding.name(row, "recipient") or mask_mail(row.address) or f"#{row.id}",
    empty=N_("Nothing was sent yet, or the portal has no mail server."),
)  # fmt: skip
