"""What accounts keep about a person: who they are, their homes, sessions and messages."""

from __future__ import annotations

from peewee import fn

from content import subscriptions
from content.accounts import second, sessions
from content.accounts.holdings import ERASED, Fact, Holding, Record, declare
from content.accounts.models import OneTimeCode, RecoveryCode, SecondFactor, Session
from content.errors import N_, msg
from content.estate.homes import label, with_places
from content.history import Autosave
from content.households import Household, HouseholdCode, Resident
from content.items import Section
from content.outbox import InboxEntry, Outgoing
from content.people import ROLES, Membership, Person
from content.subscriptions.choosing import Subscription
from content.wishes import ReaderWishes

LANGUAGES = {"zh_Hant_TW": "繁體中文", "zh_Hans_CN": "简体中文", "en": "English"}
MODES = {
    "each": msg(N_("Each message at once")), "daily": msg(N_("One mail a day")), "weekly": msg(N_("One mail a week")),
    "none": msg(N_("No mail")),
}  # fmt: skip
SCRIPTS = {"hant": msg(N_("Traditional")), "hans": msg(N_("Simplified"))}
MESSAGES = 1000  # the latest are given out


def _account(person: Person) -> list[Record]:
    return [
        (
            Fact("name", N_("Name"), person.name),
            Fact("address_form", N_("Form of address"), person.address_form),
            Fact("telephone", N_("Telephone"), person.telephone),
            Fact("email", N_("Mail address"), person.email),
            Fact("username", N_("User name"), person.username),
            Fact("job", N_("Position"), person.job),
            Fact("language", N_("Language"), LANGUAGES.get(person.locale, person.locale)),
            Fact("script", N_("Script of notices and rules"), SCRIPTS.get(person.script)),
            Fact("large_print", N_("Large print"), bool(person.elder)),
            Fact("second_factor", N_("Second factor"), second.factor_of(person) is not None),
            Fact("created", N_("Account since"), person.created_at),
        )
    ]


def _erase_account(person: Person) -> None:
    Membership.delete().where(Membership.person == person.id).execute()
    for table in (OneTimeCode, RecoveryCode, SecondFactor, Autosave):
        table.delete().where(table.person == person.id).execute()
    Person.update(
        username=f"erased-{person.id}", name=ERASED, address_form="", telephone="", phone_key=None, email="",
        mail_key=None, password_hash="", active=False, job="", in_directory=False, department=None, locale="",
        script="", elder=False,
    ).where(Person.id == person.id).execute()  # fmt: skip


def _homes(person: Person) -> list[Record]:
    rows = Resident.select().where(Resident.person == person.id).order_by(Resident.id)
    ids = [row.household_id for row in rows]
    homes = {home.id: label(home) for home in with_places().where(Household.id.in_(ids))}
    return [
        (
            Fact("home", N_("Dwelling"), homes[row.household_id]),
            Fact("tenure", N_("Owner or tenant"), msg(ROLES[row.tenure].label)),
            Fact("name", N_("Name"), row.name),
            Fact("telephone", N_("Telephone"), row.telephone),
            Fact("email", N_("Mail address"), row.email),
            Fact("since", N_("Since"), row.since),
            Fact("until", N_("Until"), row.until),
        )
        for row in rows
    ]


def _erase_homes(person: Person) -> None:
    Resident.update(person=None).where(Resident.person == person.id).execute()
    HouseholdCode.update(used_by=None).where(HouseholdCode.used_by == person.id).execute()


def _sessions(person: Person) -> list[Record]:
    return [
        (
            Fact("browser", N_("Browser"), row.browser),
            Fact("address", N_("Network address"), row.address),
            Fact("begun", N_("Signed in"), row.created_at),
            Fact("seen", N_("Last used"), row.seen_at),
        )
        for row in sessions.open_sessions(person)
    ]


def _erase_sessions(person: Person) -> None:
    Session.delete().where(Session.person == person.id).execute()


def _wishes(person: Person) -> list[Record]:
    wanted, (kinds, sections) = subscriptions.wishes_of(person), subscriptions.followed(person)
    titles = Section.select(Section.title).where(Section.id.in_(sections)).order_by(Section.id)
    return [
        (
            Fact("mail", N_("Mail"), MODES[wanted.mode]),
            Fact("kinds", N_("Kinds that you follow"), ", ".join(sorted(kinds))),
            Fact("sections", N_("Sections that you follow"), "、".join(row.title for row in titles)),
        )
    ]


def _erase_wishes(person: Person) -> None:
    for table in (Subscription, ReaderWishes):
        table.delete().where(table.person == person.id).execute()


def _messages(person: Person) -> list[Record]:
    rows = InboxEntry.select().where(InboxEntry.person == person.id).order_by(InboxEntry.id.desc())
    return [
        (Fact("at", N_("Received"), row.created_at), Fact("text", N_("Message"), row.message))
        for row in rows.limit(MESSAGES)
    ]


def _erase_messages(person: Person) -> None:
    # Letters lie in the outbox for a month, those to the address given at the erasure too.
    Outgoing.delete().where(
        (Outgoing.recipient == person.id)
        | ((fn.LOWER(Outgoing.address) == person.email.lower()) & (Outgoing.address != ""))
    ).execute()
    InboxEntry.delete().where(InboxEntry.person == person.id).execute()


declare(
    Holding(
        "account",
        N_("Account"),
        N_("Name, telephone, mail address and settings are blanked; nobody can sign in with it any more."),
        _account,
        _erase_account,
    ),
    Holding(
        "homes",
        N_("Homes"),
        N_(
            "The account no longer belongs to a home. The estate's register of owners and tenants stays, as the law demands."
        ),
        _homes,
        _erase_homes,
    ),
    Holding(
        "sessions",
        N_("Where you are signed in"),
        N_("All are ended and deleted."),
        _sessions,
        _erase_sessions,
    ),
    Holding("wishes", N_("What you wish to be told"), N_("All is deleted."), _wishes, _erase_wishes),
    Holding("messages", N_("Messages"), N_("All are deleted."), _messages, _erase_messages),
)
