"""What a check looks at around the database: clock, disk, permissions, mail server, the last backup, maintenance."""

from __future__ import annotations

import os
import shutil
import smtplib
import ssl
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from content import maintenance, moment
from content.channels import is_configured
from content.db import database
from content.errors import N_, Message, msg
from content.files import MB
from content.last_backup import last_backup
from content.settings import Settings
from content.transfer.results import Finding

# A clock that differs by more is wrong, whoever is right.
SKEW = timedelta(minutes=5)
SOON = timedelta(days=21)  # until a certificate ends
OLD_BACKUP = timedelta(days=7)
SCARCE, FULL = 1024 * MB, 200 * MB
PATIENCE = 5  # seconds that a mail server has to answer
LOOKED_AT = 1000  # latest rows of a table


def surroundings(settings: Settings, mend: bool = False) -> list[Finding]:
    """Everything around the database. With ``mend`` what others may read or do too much with is made private."""
    found = [*clock_of_disk(settings), *_disk(settings), *_permissions(settings, mend), *_backup(settings)]
    found += _mail(settings) if is_configured(settings, "mail") and settings.smtp_host else []
    shut = maintenance.state(settings)
    if shut is not None:
        text = msg(
            N_(
                "The portal has been shut for maintenance since %(time)s. Open it with “lianxi maintenance off”."
            ),
            time=shut.since,
        )
        found.append(Finding("maintenance", "notice", text))
    return found


def _problem(subject: str, text: Message) -> Finding:
    return Finding(subject, "problem", text)


# ---- clock


def clock() -> list[Finding]:
    """Whether what was written last lies in the future: then the clock was set back since."""
    latest: list[datetime] = []
    for table, column in (("audit_entry", "at"), ("outgoing", "created_at"), ("session", "created_at")):
        # Names of ours; rows are numbered as they come.
        inner = f"SELECT {column} AS t FROM {table} ORDER BY id DESC LIMIT {LOOKED_AT}"  # noqa: S608
        value = database.execute_sql(f"SELECT max(t) FROM ({inner}) AS latest").fetchone()[0]  # noqa: S608
        if value:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
            latest.append(at if at.tzinfo else at.replace(tzinfo=UTC))
    ahead = max(latest, default=moment.now()) - moment.now()
    if ahead <= SKEW:
        return []
    text = msg(
        N_(
            "Something was written %(minutes)s minutes from now: the clock of this machine was wrong then, or is now."
        ),
        minutes=int(ahead.total_seconds() // 60),
    )
    return [_problem("clock", text)]


def clock_of_disk(settings: Settings) -> list[Finding]:
    """The machine's clock against that of the disk, which may be another machine's."""
    try:
        with tempfile.NamedTemporaryFile(dir=settings.data, prefix=".clock-") as made:
            written = moment.of_timestamp(os.stat(made.name).st_mtime)
    except OSError:
        return []  # told as a lack of permission
    apart = abs(moment.now() - written)
    if apart <= SKEW:
        return []
    text = msg(
        N_("The clock of the disk differs from the machine's by %(minutes)s minutes."),
        minutes=int(apart.total_seconds() // 60),
    )
    return [_problem("clock", text)]


# ---- disk and permissions


def _disk(settings: Settings) -> list[Finding]:
    free = shutil.disk_usage(settings.data).free
    if free >= SCARCE:
        return []
    text = msg(N_("The disk of the data folder has %(mb)s MB left."), mb=free // MB)
    return [Finding("disk", "problem" if free < FULL else "notice", text)]


def _permissions(settings: Settings, mend: bool) -> Iterator[Finding]:
    for path in (settings.data, settings.files, settings.index, settings.data / "lianxi.db"):
        if path.exists() and not os.access(path, os.W_OK):
            text = msg(N_("The portal may not write to “%(path)s”."), path=path.name)
            yield _problem("permissions", text)
    secret = settings.data / "secret"
    if _allows(secret, 0o077):
        text = msg(N_("Others on this machine can read the key that signs sessions."))
        yield Finding("permissions", "problem", text, mended=mend and _narrow(secret, 0o600))
    if _allows(settings.data, 0o002):
        text = msg(N_("Everybody on this machine can write to the data folder."))
        yield Finding("permissions", "problem", text, mended=mend and _narrow(settings.data, 0o700))
    elif _allows(settings.data, 0o005) and _allows(settings.data / "lianxi.db", 0o004):
        text = msg(N_("Others on this machine can read the data folder, with all that residents told."))
        yield Finding("permissions", "notice", text, mended=mend and _narrow(settings.data, 0o700))


def _allows(path: Path, mode: int) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & mode)
    except OSError:
        return False


def _narrow(path: Path, mode: int) -> bool:
    try:
        path.chmod(mode)
    except OSError:
        return False
    return True


# ---- backup


def _backup(settings: Settings) -> list[Finding]:
    """A portal that is some days old and in which something was written wants a backup that is younger."""
    note = last_backup(settings)
    if note is not None:
        age = moment.now() - note.at
        if -SKEW <= age < OLD_BACKUP:
            return []
        if age < timedelta(0):  # the clock was wrong then, and would put off this notice for as long
            return [Finding("backup", "notice", msg(N_("The last backup bears a date in the future.")))]
        text = msg(N_("The last backup is %(days)s days old."), days=age.days)
        return [Finding("backup", "notice", text)]
    first = database.execute_sql("SELECT min(at) FROM audit_entry").fetchone()[0]
    if not first:
        return []
    begun = first if isinstance(first, datetime) else datetime.fromisoformat(first)
    begun = begun if begun.tzinfo else begun.replace(tzinfo=UTC)
    if moment.now() - begun < OLD_BACKUP:
        return []
    return [Finding("backup", "notice", msg(N_("No backup has ever been made: “lianxi backup FILE”.")))]


# ---- the mail server


def _mail(settings: Settings) -> list[Finding]:
    """Whether the mail server answers, and with TLS whether its certificate is good for some time yet."""
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=PATIENCE) as server:
            if not settings.smtp_tls:
                server.noop()
                return []
            server.starttls(context=ssl.create_default_context())
            certificate = _peer(server)
    except ssl.SSLCertVerificationError as error:
        return [_problem("mail", _untrusted(settings, error))]
    except (smtplib.SMTPException, OSError, UnicodeError) as error:  # the last for a name that is none
        text = msg(
            N_("The mail server %(host)s does not answer as it should: %(reason)s"),
            host=settings.smtp_host,
            reason=str(error) or type(error).__name__,
        )
        return [_problem("mail", text)]
    return _ending(settings, certificate)


def _peer(server: smtplib.SMTP) -> dict[str, object]:
    found = server.sock.getpeercert() if isinstance(server.sock, ssl.SSLSocket) else None
    return dict(found or {})


def _untrusted(settings: Settings, error: ssl.SSLCertVerificationError) -> Message:
    if error.verify_code == 10:  # X509_V_ERR_CERT_HAS_EXPIRED
        return msg(N_("The certificate of the mail server %(host)s has expired."), host=settings.smtp_host)
    return msg(
        N_("The certificate of the mail server %(host)s is not trusted: %(reason)s"),
        host=settings.smtp_host,
        reason=error.verify_message,
    )


def _ending(settings: Settings, certificate: dict[str, object]) -> list[Finding]:
    ends = str(certificate.get("notAfter", ""))
    if not ends:
        return []
    left = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) - moment.now()
    if left >= SOON:
        return []
    text = msg(
        N_("The certificate of the mail server %(host)s ends in %(days)s days."),
        host=settings.smtp_host,
        days=max(left.days, 0),
    )
    return [Finding("mail", "notice" if left > timedelta(0) else "problem", text)]
