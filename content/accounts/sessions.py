"""Sessions: begun when somebody signs in, read with each request, listed and ended by their owner."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from peewee import SqliteDatabase

from content import history, moment
from content.accounts.models import Session
from content.db import database, transaction
from content.errors import Busy, NotFound, StorageFull
from content.people import Person

SEEN_EVERY = timedelta(minutes=10)
# A session that was not seen for so long is over, whatever the browser still keeps.
KEPT, KEPT_REMEMBERED = timedelta(days=30), timedelta(days=365)


def digest_of(token: str) -> str:
    """What is kept of a token: SHA-256, enough for one of 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(
    person: Person, *, address: str = "", browser: str = "", remembered: bool = False, second: bool = False
) -> Session:
    """Begin a session for somebody who proved who they are; ``person.session_token`` is what the browser keeps."""
    token, now = secrets.token_urlsafe(32), moment.now()
    with transaction():
        # Rows of long ago tell nobody anything any more.
        Session.delete().where(Session.person == person.id, Session.seen_at < now - KEPT_REMEMBERED).execute()
        Session.delete().where(Session.person == person.id, Session.ended_at < now - KEPT).execute()
        made: Session = Session.create(
            person=person.id, digest=digest_of(token), created_at=now, seen_at=now, address=address[:64],
            browser=browser[:60], remembered=remembered, second=second,
        )  # fmt: skip
    person.session_token = token
    return made


def load(identity: str) -> Session | None:
    """The open session of what a browser keeps, with its person (``session.person``), in one query."""
    token = identity.partition(".")[0]
    row: Session | None = (
        Session.select(Session, Person)
        .join(Person)
        .where(Session.digest == digest_of(token), Session.ended_at.is_null())
        .first()
    )
    if row is None or not _in_time(row):
        return None
    row.person.session_token = token
    return row if row.person.is_active and row.person.get_id() == identity else None


def note_seen(session: Session) -> None:
    """Write down that the session is in use, if that was not done within ten minutes.

    A reading of a page waits for nobody: while the database is busy or full it is left for the next one.
    """
    now = moment.now()
    if now - session.seen_at < SEEN_EVERY:
        return
    try:
        with _without_waiting(), transaction():
            Session.update(seen_at=now).where(Session.id == session.id).execute()
        session.seen_at = now
    except (Busy, StorageFull):
        return


@contextmanager
def _without_waiting() -> Iterator[None]:
    """A writer that finds another one there gives up at once."""
    if not isinstance(database.obj, SqliteDatabase):
        yield
        return
    [wait] = database.execute_sql("PRAGMA busy_timeout").fetchone()
    database.execute_sql("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        database.execute_sql(f"PRAGMA busy_timeout = {int(wait)}")


def open_sessions(person: Person) -> list[Session]:
    """The sessions in which this person is signed in, last seen first."""
    mine = (Session.person == person.id) & Session.ended_at.is_null()
    rows = Session.select().where(mine).order_by(Session.seen_at.desc(), Session.id.desc()).limit(100)
    return [row for row in rows if _in_time(row)]


def end(person: Person, id: int) -> Session:
    """End one of the person's own sessions. Raises ``NotFound`` for any other, or one that is over."""
    with transaction():
        row = Session.get_or_none(
            (Session.id == id) & (Session.person == person.id) & Session.ended_at.is_null()
        )
        if row is None:
            raise NotFound()
        Session.update(ended_at=moment.now()).where(Session.id == id).execute()
        history.record(person, "session.ended", subject=person.username)
    return row


def end_others(person: Person, keep: Session | None = None) -> int:
    """End all sessions of a person but the one in use; returns how many."""
    mine = (Session.person == person.id) & Session.ended_at.is_null()
    if keep is not None:
        mine &= Session.id != keep.id
    with transaction():
        ended = int(Session.update(ended_at=moment.now()).where(mine).execute())
        if ended:
            history.record(person, "session.ended", subject=person.username, difference={"sessions": ended})
    return ended


def end_all(by: Person, person: Person, which: Any = None) -> int:
    """End the open sessions of somebody, all or those that meet a condition; returns how many. The caller has checked
    the right of ``by``, in whose name it is remembered.
    """
    theirs = (Session.person == person.id) & Session.ended_at.is_null()
    if which is not None:
        theirs &= which
    with transaction():
        ended = int(Session.update(ended_at=moment.now()).where(theirs).execute())
        if ended:
            history.record(by, "session.ended", subject=person.username, difference={"sessions": ended})
    return ended


def leave(session: Session) -> None:
    """Sign out: the session ends with the click."""
    with transaction():
        Session.update(ended_at=moment.now()).where(Session.id == session.id).execute()


def _in_time(session: Session) -> bool:
    kept = KEPT_REMEMBERED if session.remembered else KEPT
    return bool(session.seen_at > moment.now() - kept)
