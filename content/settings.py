"""Every setting of the installation: its name, its default, one line of help, and what may be put in.

The environment (prefix ``LIANXI_``) is read once into one frozen object that is passed on. What is ``live`` can be
changed in the back office as well (``content.preferences``); what the environment sets wins and stays fixed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from content.errors import N_

SettingType = Literal[
    "line", "number", "yes", "choice", "telephone", "hours", "zone", "mail", "url", "host", "secret", "path"
]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Subject:
    """A page of settings in the back office."""

    name: str
    label: str
    help: str
    live: bool = True


@dataclass(frozen=True)
class About:
    """What is known of a setting. ``unit`` and the labels of ``choices`` are source strings for translation."""

    name: str
    subject: str
    label: str
    help: str
    default: Any
    type: SettingType
    unit: str = ""
    lowest: int | None = None
    highest: int | None = None
    choices: Choices = ()
    required: bool = False
    longest: int = 200

    @property
    def live(self) -> bool:
        """Whether it can be changed while the portal runs."""
        return SUBJECTS[self.subject].live

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return "LIANXI_" + self.name.upper()


SUBJECTS: dict[str, Subject] = {
    one.name: one
    for one in (
        Subject("site", N_("The portal"), N_("Its name and its address.")),
        Subject("contact", N_("Telephones and hours"), N_("What people call, and when somebody answers.")),
        Subject("language", N_("Language and time"), N_("Interface language, Traditional characters, time zone.")),
        Subject("accounts", N_("Accounts"), N_("Signing in, and the codes with which residents register.")),
        Subject("uploads", N_("Pictures and files"), N_("How large what is sent may be.")),
        Subject("mail", N_("Mail"), N_("The mail server that sends what the portal writes; with a test.")),
        Subject("liaison", N_("Leaders and counselors"), N_("How many counselors a leader has.")),
        Subject(
            "machine",
            N_("The machine"),
            N_("What is set where the portal is started, and cannot be changed while it runs."),
            live=False,
        ),
    )
}  # fmt: skip


def _setting(subject: str, label: str, default: object, help: str, **more: Any):  # type: ignore[no-untyped-def]  # as dataclasses.field
    kind = "yes" if isinstance(default, bool) else "number" if isinstance(default, int) else "line"
    told = {"subject": subject, "label": label, "help": help, "default": default, "type": kind, **more}
    return field(default=default, metadata=told)


class BadSetting(ValueError):
    """A value in the environment that cannot be read; the text names the variable."""


@dataclass(frozen=True)
class Settings:
    """The settings of one installation. ``from_env`` reads them; tests construct them."""

    data: Path = _setting(
        "machine",
        N_("Data folder"),
        Path("var"),
        N_("Folder for the database, files, index and backups."),
        type="path",
    )
    database: str = _setting(
        "machine",
        N_("Database"),
        "",
        N_("Database URL; empty means SQLite in the data folder."),
        type="secret",
    )
    database_max_mb: int = _setting(
        "machine",
        N_("Quota of the database"),
        0,
        N_("Quota of the SQLite database in MB; 0 means no quota."),
        unit="MB",
    )
    database_wait_ms: int = _setting(
        "machine",
        N_("Waiting for the database"),
        5000,
        N_("How long a writer waits for another one, in milliseconds."),
        unit="ms",
    )
    host: str = _setting("machine", N_("Address"), "127.0.0.1", N_("Address that `lianxi serve` listens on."))
    port: int = _setting("machine", N_("Port"), 8000, N_("Port that `lianxi serve` listens on."))
    threads: int = _setting("machine", N_("Threads"), 8, N_("Threads that answer requests."))
    worker: bool = _setting(
        "machine",
        N_("Worker inside"),
        True,
        N_("Run the worker as a thread of `lianxi serve`; off if `lianxi work` runs."),
    )
    trusted_proxies: int = _setting(
        "machine",
        N_("Proxies in front"),
        0,
        N_("Web servers in front whose X-Forwarded headers are believed; 0 means that nobody is in front."),
        lowest=0,
        highest=5,
    )
    log_format: str = _setting(
        "machine",
        N_("Form of the log"),
        "text",
        N_("How lines of the log look: text, or json with a line for each request."),
        type="choice",
        choices=(("text", N_("Text")), ("json", "JSON")),
    )
    metrics_token: str = _setting(
        "machine",
        N_("Word for the figures"),
        "",
        N_("Bearer token for /metrics; empty means that only this machine itself may ask."),
        type="secret",
    )
    public_url: str = _setting(
        "site",
        N_("Address of the portal"),
        "",
        N_("Address of the portal as people type it, for links in mail."),
        type="url",
    )
    secure_cookies: bool = _setting(
        "machine",
        N_("Cookies over HTTPS only"),
        False,
        N_("Send cookies over HTTPS only; set it behind a TLS proxy."),
    )
    response_cache: bool = _setting(
        "machine", N_("Page cache"), True, N_("Keep rendered pages for visitors in memory.")
    )
    secret: str = _setting(
        "machine",
        N_("Signing key"),
        "",
        N_("Key that signs sessions; empty means one is made in the data folder."),
        type="secret",
    )
    zone: str = _setting(
        "language", N_("Time zone"), "Asia/Shanghai", N_("Time zone of the site."), type="zone", required=True
    )
    locale: str = _setting(
        "language",
        N_("Interface language"),
        "zh_Hant_TW",
        N_("Interface language for readers whose browser states none."),
        type="choice",
        choices=(
            ("zh_Hant_TW", N_("Traditional Chinese")),
            ("zh_Hans_CN", N_("Simplified Chinese")),
            ("en", N_("English")),
        ),
    )
    hant_variant: str = _setting(
        "language",
        N_("Traditional characters"),
        "tw",
        N_("Whose forms Traditional characters take."),
        type="choice",
        choices=(("tw", N_("As in Taiwan")), ("hk", N_("As in Hong Kong"))),
    )
    site_name: str = _setting(
        "site",
        N_("Name of the portal"),
        "聯繫",
        N_("Name of the portal, in the header and in mail."),
        required=True,
        longest=60,
    )
    phone_day: str = _setting(
        "contact",
        N_("Telephone by day"),
        "",
        N_("Telephone of the service centre by day."),
        type="telephone",
        longest=40,
    )
    phone_night: str = _setting(
        "contact",
        N_("Telephone at night"),
        "",
        N_("Telephone at night and outside office hours."),
        type="telephone",
        longest=40,
    )
    office_hours: str = _setting(
        "contact",
        N_("Hours"),
        "08:00–24:00",
        N_("Hours in which the service centre is staffed."),
        type="hours",
        longest=60,
    )
    staff_second_factor: bool = _setting(
        "accounts",
        N_("Second factor for staff"),
        False,
        N_("Staff need a second factor to sign in; who has none sets one up first."),
    )
    photo_mb: int = _setting(
        "uploads",
        N_("Largest picture"),
        20,
        N_("Largest picture that may be uploaded."),
        unit="MB",
        lowest=1,
        highest=100,
    )
    file_mb: int = _setting(
        "uploads",
        N_("Largest file"),
        50,
        N_("Largest file that may be uploaded."),
        unit="MB",
        lowest=1,
        highest=500,
    )
    request_mb: int = _setting(
        "uploads",
        N_("Largest request"),
        100,
        N_("Largest request as a whole."),
        unit="MB",
        lowest=5,
        highest=1000,
    )
    smtp_host: str = _setting(
        "mail", N_("Mail server"), "", N_("Mail server; empty means no mail is sent."), type="host"
    )
    smtp_port: int = _setting(
        "mail", N_("Port of the mail server"), 25, N_("Port of the mail server."), lowest=1, highest=65535
    )
    smtp_user: str = _setting(
        "mail", N_("User name at the mail server"), "", N_("User name at the mail server, if it wants one.")
    )
    smtp_password: str = _setting(
        "mail", N_("Password at the mail server"), "", N_("Password at the mail server."), type="secret"
    )
    smtp_tls: bool = _setting("mail", N_("STARTTLS"), False, N_("Use STARTTLS with the mail server."))
    mail_from: str = _setting(
        "mail", N_("Sender"), "", N_("Sender address of the portal's mail."), type="mail"
    )
    household_code_days: int = _setting(
        "accounts",
        N_("Codes of homes are good for"),
        90,
        N_("Days that a code for making an account is good for."),
        unit=N_("days"),
        lowest=1,
        highest=730,
    )
    leader_counselors: int = _setting(
        "liaison",
        N_("Counselors of a leader"),
        1,
        N_("Counselors that one leader may have at a time."),
        lowest=1,
        highest=10,
    )
    demo_password: str = _setting(
        "machine",
        N_("Password of the demo"),
        "",
        N_("Password of the demo accounts; empty means one is made and printed."),
        type="secret",
    )
    # Names of what the environment sets; it cannot be changed in the back office.
    fixed: frozenset[str] = frozenset()

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment. Raises ``BadSetting`` naming the bad variable.

        A variable that is set to nothing gives a value, but fixes none.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        fixed = set()
        for one in ABOUT.values():
            raw = environ.get(one.variable)
            if raw is not None:
                values[one.name] = _read(one, raw.strip())
                fixed |= {one.name} if raw.strip() else set()
        return cls(**values, fixed=frozenset(fixed))._checked()

    def _checked(self) -> Settings:
        if self.locale not in ("zh_Hant_TW", "zh_Hans_CN", "en"):
            raise BadSetting("LIANXI_LOCALE must be zh_Hant_TW, zh_Hans_CN or en")
        if self.hant_variant not in ("tw", "hk"):
            raise BadSetting("LIANXI_HANT_VARIANT must be tw or hk")
        if self.log_format not in ("text", "json"):
            raise BadSetting("LIANXI_LOG_FORMAT must be text or json")
        if not 0 <= self.trusted_proxies <= 5:
            raise BadSetting("LIANXI_TRUSTED_PROXIES must be a number from 0 to 5")
        return self

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data.absolute() / 'lianxi.db'}"

    @property
    def files(self) -> Path:
        return self.data / "files"

    @property
    def index(self) -> Path:
        return self.data / "index"


# Everything that can be set, in the order of the declaration.
ABOUT: dict[str, About] = {
    one.name: About(one.name, **one.metadata) for one in fields(Settings) if one.metadata
}


def _read(about: About, raw: str) -> object:
    if isinstance(about.default, bool):
        if raw.lower() in ("1", "true", "yes", "on"):
            return True
        if raw.lower() in ("", "0", "false", "no", "off"):
            return False
        raise BadSetting(f"{about.variable} must be 1 or 0")
    if isinstance(about.default, int):
        try:
            return int(raw)
        except ValueError:
            raise BadSetting(f"{about.variable} must be a whole number") from None
    return Path(raw) if isinstance(about.default, Path) else raw
