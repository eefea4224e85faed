"""Every setting of the installation: its name, its default and one line of help.

Read once from the environment (prefix ``LIANXI_``) into one frozen object that is passed on.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path


def _setting(default: object, help: str):  # type: ignore[no-untyped-def]  # dataclasses.field is untyped the same way
    return field(default=default, metadata={"help": help})


class BadSetting(ValueError):
    """A value in the environment that cannot be read; the text names the variable."""


@dataclass(frozen=True)
class Settings:
    """The settings of one installation. ``from_env`` reads them; tests construct them."""

    data: Path = _setting(Path("var"), "Folder for the database, files, index and backups.")
    database: str = _setting("", "Database URL; empty means SQLite in the data folder.")
    database_max_mb: int = _setting(0, "Quota of the SQLite database in MB; 0 means no quota.")
    database_wait_ms: int = _setting(5000, "How long a writer waits for another one, in milliseconds.")
    host: str = _setting("127.0.0.1", "Address that `lianxi serve` listens on.")
    port: int = _setting(8000, "Port that `lianxi serve` listens on.")
    threads: int = _setting(8, "Threads that answer requests.")
    worker: bool = _setting(True, "Run the worker as a thread of `lianxi serve`; off if `lianxi work` runs.")
    public_url: str = _setting("", "Address of the portal as people type it, for links in mail.")
    secure_cookies: bool = _setting(False, "Send cookies over HTTPS only; set it behind a TLS proxy.")
    response_cache: bool = _setting(True, "Keep rendered pages for visitors in memory.")
    secret: str = _setting("", "Key that signs sessions; empty means one is made in the data folder.")
    zone: str = _setting("Asia/Shanghai", "Time zone of the site.")
    locale: str = _setting(
        "zh_Hant_TW", "Interface language for readers who state none: zh_Hant_TW, zh_Hans_CN or en."
    )
    hant_variant: str = _setting("tw", "Traditional characters as used in: tw or hk.")
    site_name: str = _setting("聯繫", "Name of the portal, in the header and in mail.")
    phone_day: str = _setting("", "Telephone of the service centre by day (R-014).")
    phone_night: str = _setting("", "Telephone at night and outside office hours (R-014).")
    office_hours: str = _setting("08:00–24:00", "Hours in which the service centre is staffed (R-015).")
    staff_second_factor: bool = _setting(
        False, "Staff need a second factor to sign in; who has none sets one up first."
    )
    photo_mb: int = _setting(20, "Largest picture that may be uploaded, in MB.")
    file_mb: int = _setting(50, "Largest file that may be uploaded, in MB.")
    request_mb: int = _setting(100, "Largest request as a whole, in MB.")
    smtp_host: str = _setting("", "Mail server; empty means no mail is sent.")
    smtp_port: int = _setting(25, "Port of the mail server.")
    smtp_user: str = _setting("", "User name at the mail server, if it wants one.")
    smtp_password: str = _setting("", "Password at the mail server.")
    smtp_tls: bool = _setting(False, "Use STARTTLS with the mail server.")
    mail_from: str = _setting("", "Sender address of the portal's mail.")
    household_code_days: int = _setting(90, "Days that a code for making an account is good for.")
    leader_counselors: int = _setting(1, "Counselors that one leader may have at a time (R-131).")
    demo_password: str = _setting("", "Password of the demo accounts; empty means one is made and printed.")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment. Raises ``BadSetting`` naming the bad variable."""
        environ = os.environ if environ is None else environ
        values: dict[str, object] = {}
        for one in fields(cls):
            raw = environ.get("LIANXI_" + one.name.upper())
            if raw is not None:
                values[one.name] = _read(one.name, one.default, raw.strip())
        return cls(**values)._checked()  # type: ignore[arg-type]  # _read returns the type of each default

    def _checked(self) -> Settings:
        if self.locale not in ("zh_Hant_TW", "zh_Hans_CN", "en"):
            raise BadSetting("LIANXI_LOCALE must be zh_Hant_TW, zh_Hans_CN or en")
        if self.hant_variant not in ("tw", "hk"):
            raise BadSetting("LIANXI_HANT_VARIANT must be tw or hk")
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


def _read(name: str, default: object, raw: str) -> object:
    variable = "LIANXI_" + name.upper()
    if isinstance(default, bool):
        if raw.lower() in ("1", "true", "yes", "on"):
            return True
        if raw.lower() in ("", "0", "false", "no", "off"):
            return False
        raise BadSetting(f"{variable} must be 1 or 0")
    if isinstance(default, int):
        try:
            return int(raw)
        except ValueError:
            raise BadSetting(f"{variable} must be a whole number") from None
    return Path(raw) if isinstance(default, Path) else raw
