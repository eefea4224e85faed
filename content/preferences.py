"""Settings changed while the portal runs: kept in the database, laid over those of the environment, seen at once.

What the environment sets wins and cannot be changed here (docs/decisions/0015-settings.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import CharField, ForeignKeyField, IntegerField

from content import channels, chinese, history, moment, outbox, passwords
from content.db import Base, JSONField, UtcDateTimeField, database, transaction
from content.errors import N_, Conflict, Invalid, Message, NotFound, msg
from content.items import bump_content_version, content_version
from content.outbox import Outgoing
from content.packing import pack
from content.people import Person
from content.permissions import require
from content.settings import ABOUT, SUBJECTS, About, Settings, Subject
from content.typed_settings import Refused, read_typed

log = logging.getLogger(__name__)
PERMISSION = "site:administer"


class Setting(Base):
    """A setting that somebody changed. ``value`` is empty where it was put back to the default."""

    by_id: int
    name = CharField(max_length=40, primary_key=True)
    value = JSONField(null=True)
    version = IntegerField(default=1)
    changed_at = UtcDateTimeField()
    by = ForeignKeyField(Person, on_delete="RESTRICT")


@dataclass(frozen=True)
class Shown:
    """A setting as its page shows it. ``value`` and ``default`` are empty of a secret; ``given``: it has one."""

    about: About
    value: Any
    default: Any
    fixed: bool
    stored: bool
    given: bool
    by: Person | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True)
class SubjectPage:
    """The settings of a subject and the version that a change must name."""

    subject: Subject
    settings: tuple[Shown, ...]
    version: int


@dataclass(frozen=True)
class Changed:
    """A setting that got another value; both are empty of a secret."""

    about: About
    old: Any
    new: Any


@dataclass(frozen=True)
class _Kept:
    database: Any
    base: Settings
    version: int
    settings: Settings
    edition: int = 1


_kept: _Kept | None = None
_listeners: list[Callable[[Settings], None]] = []


def when_changed(listener: Callable[[Settings], None]) -> None:
    """Call this with the settings whenever this process learns that they are others."""
    _listeners.append(listener)


def apply(settings: Settings) -> None:
    """Tell the parts of the domain that keep a setting by themselves."""
    moment.use_zone(settings.zone)
    chinese.configure(settings)
    channels.configure(settings)
    passwords.configure(settings)


def current(base: Settings, version: int | None = None) -> Settings:
    """The settings in force: those of the environment with the stored ones laid over.

    Reads them again only if the content version moved, in whichever process; pass it if it is known already.
    The same object is given back as long as nothing changed.
    """
    global _kept
    version = content_version() if version is None else version
    kept, here = _kept, database.obj
    known = kept is not None and kept.database is here and (kept.base is base or kept.base == base)
    if known and kept is not None and kept.version == version:
        return kept.settings
    settings, edition = _laid_over(base), kept.edition if kept else 0
    if known and kept is not None and kept.settings == settings:
        settings = kept.settings
    else:
        edition += 1
        apply(settings)
        for listener in _listeners:
            listener(settings)
    _kept = _Kept(here, base, version, settings, edition)
    return settings


def edition() -> int:
    """A number that grows in this process whenever the settings become others."""
    return _kept.edition if _kept else 0


def page(base: Settings, person: Person | None, subject: str) -> SubjectPage:
    """What the page of a subject shows. Raises ``NotAllowed``, ``NotFound``."""
    require(person, PERMISSION)
    if subject not in SUBJECTS:
        raise NotFound()
    rows = {row.name: row for row in _rows(subject).select_extend(Person).join(Person)}
    settings = _laid_over(base)
    shown = tuple(_shown(about, base, settings, rows.get(about.name)) for about in _of(subject))
    return SubjectPage(SUBJECTS[subject], shown, sum(row.version for row in rows.values()))


def change(
    base: Settings,
    person: Person | None,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
) -> list[Changed]:
    """Give settings of one subject other values, as typed or as they are; says which really are others.

    ``version`` is that of the subject's page. An empty secret stays as it is. Raises ``NotAllowed``, ``NotFound``
    (a setting that nobody can change), ``Conflict`` and ``Invalid`` with the names of the settings.
    """
    with transaction():
        require(person, PERMISSION)
        assert person is not None
        return write(base, person, values, version=version)


def write(
    base: Settings, person: Person, values: Mapping[str, Any], *, version: int | None = None
) -> list[Changed]:
    """As ``change``, for acts of the domain that have asked for the right themselves (the first-run assistant)."""
    subject = _subject_of(values)
    with transaction():
        _check_version(subject, version)
        now = _laid_over(base)
        wanted = _read(base, values)
        changed = [_changed(ABOUT[name], getattr(now, name), new) for name, new in wanted.items()
                   if getattr(now, name) != new]  # fmt: skip
        for one in changed:
            _store(person, one.about.name, wanted[one.about.name])
        _check_together(_laid_over(base), {one.about.name for one in changed})
        _remember(person, subject, "settings.changed", changed)
    return changed


def reset(base: Settings, person: Person | None, name: str, *, version: int | None = None) -> Changed | None:
    """Put a setting back to its default; ``None`` if it was that already. Raises as ``change``."""
    with transaction():
        require(person, PERMISSION)
        assert person is not None
        subject = _subject_of({name: None})
        _check_version(subject, version)
        if name in base.fixed:
            raise Invalid({name: [FIXED]})
        old = getattr(_laid_over(base), name)
        if not Setting.select().where(Setting.name == name, Setting.value.is_null(False)).exists():
            return None
        _store(person, name, None)
        _check_together(_laid_over(base), {name})
        changed = _changed(ABOUT[name], old, getattr(base, name))
        _remember(person, subject, "settings.reset", [changed])
    return changed


def send_test(base: Settings, person: Person | None) -> None:
    """Put a mail to oneself into the outbox. Raises ``NotAllowed``, ``Invalid`` where there is nowhere to send."""
    require(person, PERMISSION)
    assert person is not None
    if not channels.is_configured(current(base), "mail"):
        raise Invalid({"smtp_host": [msg(N_("Please name the mail server first, and save."))]})
    if not person.email:
        raise Invalid({}, msg(N_("Your account has no mail address. Please add one to it first.")))
    now = moment.now()
    words = msg(N_("This is a test. The mail server of the portal works."))
    key = f"{_test_key(person)}{now:%Y%m%d%H%M}"
    context = {**pack(words), "url": "/admin/settings/mail"}
    with transaction():
        if outbox.enqueue("mail", dedupe=key, recipient=person, context=context) is None:
            raise Invalid({}, msg(N_("A test mail was asked for within this minute. Please wait a moment.")))
        history.record(person, "settings.mail-tested", subject="mail")


def last_test(person: Person) -> Outgoing | None:
    """The last test mail to this person: waiting, sent or failed."""
    key = _test_key(person)
    mine = Outgoing.select().where(Outgoing.dedupe >= key, Outgoing.dedupe < key[:-1] + ";")
    found: Outgoing | None = mine.order_by(Outgoing.dedupe.desc()).first()
    return found


FIXED: Message = msg(N_("The machine fixes this; it can only be changed there."))


def _test_key(person: Person) -> str:
    return f"test-mail:{person.id}:"


def _of(subject: str) -> list[About]:
    return [about for about in ABOUT.values() if about.subject == subject]


def _rows(subject: str) -> Any:
    return Setting.select().where(Setting.name.in_([about.name for about in _of(subject)]))


def _laid_over(base: Settings) -> Settings:
    """Base with what is stored. A row that this version of the program does not know, or not so, counts for nothing."""
    values: dict[str, Any] = {}
    for row in Setting.select(Setting.name, Setting.value).where(Setting.value.is_null(False)):
        about = ABOUT.get(row.name)
        if about is None or not about.live or row.name in base.fixed:
            continue
        if type(row.value) is not type(about.default):
            log.warning("the stored setting %s is not of its type", row.name)
            continue
        values[row.name] = row.value
    return replace(base, **values) if values else base


def _shown(about: About, base: Settings, settings: Settings, row: Setting | None) -> Shown:
    value, default = getattr(settings, about.name), getattr(base, about.name)
    secret = about.type == "secret"
    return Shown(
        about,
        "" if secret else value,
        "" if secret else default,
        fixed=about.name in base.fixed or not about.live,
        stored=row is not None and row.value is not None and about.name not in base.fixed,
        given=value not in ("", None),
        by=row.by if row else None,
        changed_at=row.changed_at if row else None,
    )


def _subject_of(values: Mapping[str, Any]) -> str:
    abouts = [ABOUT.get(name) for name in values]
    subjects = {about.subject for about in abouts if about is not None and about.live}
    if None in abouts or len(subjects) != 1 or not all(about and about.live for about in abouts):
        raise NotFound()
    return subjects.pop()


def _check_version(subject: str, version: int | None) -> None:
    """Raise ``Conflict`` if somebody changed the subject since the page was made."""
    if version is None:
        return
    rows = list(_rows(subject).order_by(Setting.changed_at))
    now = sum(row.version for row in rows)
    if now != version:
        raise Conflict(now, rows[-1].by.name if rows else "")


def _read(base: Settings, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept, without what shall stay as it is."""
    found: dict[str, Any] = {}
    problems: dict[str, list[Message]] = {}
    for name, raw in values.items():
        about = ABOUT[name]
        if name in base.fixed:
            problems[name] = [FIXED]
        elif about.type != "secret" or raw not in ("", None):
            try:
                found[name] = read_typed(about, raw)
            except Refused as refused:
                problems[name] = [refused.message]
    if problems:
        raise Invalid(problems)
    return found


def _check_together(settings: Settings, changed: set[str]) -> None:
    """Rules over several settings; the problem stands beside what was changed."""
    problems: dict[str, list[Message]] = {}
    for name in ("photo_mb", "file_mb"):
        if getattr(settings, name) > settings.request_mb and changed & {name, "request_mb"}:
            place = name if name in changed else "request_mb"
            words = msg(
                N_("A request must have room for the largest picture and file: %(request)s MB is too little for %(one)s MB."),
                request=settings.request_mb, one=getattr(settings, name),
            )  # fmt: skip
            problems.setdefault(place, []).append(words)
    if problems:
        raise Invalid(problems)


def _changed(about: About, old: Any, new: Any) -> Changed:
    return Changed(about, "", "") if about.type == "secret" else Changed(about, old, new)


def _store(person: Person, name: str, value: Any) -> None:
    values = {"value": value, "changed_at": moment.now(), "by": person.id}
    if not Setting.update(**values, version=Setting.version + 1).where(Setting.name == name).execute():
        Setting.create(name=name, **values)


def _remember(person: Person, subject: str, verb: str, changed: list[Changed]) -> None:
    """Audit, without secrets; and readers, caches and other processes look again."""
    if not changed:
        return
    told = {one.about.name: [one.old, one.new] for one in changed if one.about.type != "secret"}
    secret = [one.about.name for one in changed if one.about.type == "secret"]
    history.record(
        person, verb, subject=subject, difference={**told, **({"fields": secret} if secret else {})}
    )
    bump_content_version()
