"""The inbox in SQL: each function does one thing within the transaction of its connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.dialogue.events import Taken, id_of
from bot.store.codec import mapping_json, message_json, read_mapping, read_message, read_session
from bot.store.keys import SealError
from bot.store.tables import Now, inbox, questions, seen, sessions, turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection, Row, Table

    from bot.dialogue.events import Event, Notice
    from bot.store.keys import Keys

LEASE = 10.0
"""Seconds for which an event belongs to whoever took it, unless they renew that."""
TRIES = 3
"""Exceptions after which an event is set aside."""

_ELIGIBLE = (
    sa.select(inbox, sessions.c.state.label("session"))
    .outerjoin(sessions, sessions.c.conversation == inbox.c.conversation)
    .where(~inbox.c.aside, inbox.c.due <= Now(), inbox.c.lease <= Now())
    .order_by(inbox.c.seq)
    .with_for_update(of=inbox, skip_locked=True)
)


def insert_new(connection: Connection, table: Table, *rows: Mapping[str, Any]) -> int:
    """How many of the rows are new; those whose key is taken are left out."""
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    return connection.execute(insert(table).values(list(rows)).on_conflict_do_nothing()).rowcount


def put(connection: Connection, event: Event, at: float, keys: Keys) -> bool:
    """Whether an event is new; it is kept then."""
    marks = [id_of(event), *([keys.hashed(event.twin)] if event.twin else [])]
    if insert_new(connection, seen, *({"key": mark, "at": at} for mark in marks)) < len(marks):
        return False
    row = {
        "id": marks[0],
        "platform": event.platform,
        "conversation": keys.hashed(event.conversation),
        "person": keys.hashed(event.person),
        "received": at,
        "payload": keys.sealed(mapping_json(event.payload)),
    }
    connection.execute(inbox.insert(), row)
    return True


def put_notice(connection: Connection, notice: Notice, at: float, keys: Keys) -> None:
    """Keep a message that is an event of its own, if its cause has not made it before."""
    if insert_new(connection, seen, {"key": notice.id, "at": at}):
        row = {
            "id": notice.id,
            "platform": notice.message.platform,
            "conversation": notice.conversation,
            "person": notice.person,
            "received": at,
            "message": keys.sealed(message_json(notice.message)),
        }
        connection.execute(inbox.insert(), row)


def take(
    connection: Connection, platforms: Sequence[str], most: int, opened: int, keys: Keys, *, fresh: bool, but: Sequence[int]
) -> list[Taken]:
    """Lease the oldest events of conversations in which none is worked on; `fresh` ones have a number above `opened`."""
    older = inbox.alias()
    first = ~sa.exists().where(older.c.conversation == inbox.c.conversation, ~older.c.aside, older.c.seq < inbox.c.seq)
    wanted = _ELIGIBLE.where(
        inbox.c.platform.in_(platforms), inbox.c.seq > opened if fresh else inbox.c.seq <= opened, inbox.c.seq.not_in(but), first
    ).limit(most)
    rows = connection.execute(wanted).all()
    if rows:
        renew(connection, [row.seq for row in rows])
    return [taken for row in rows if (taken := _taken(connection, row, keys))]


def decided(connection: Connection, seq: int, message: bytes | None) -> bool:
    """Keep what was decided about an event; False if the event is gone."""
    return connection.execute(inbox.update().where(inbox.c.seq == seq).values(message=message, payload=None)).rowcount > 0


def finish(connection: Connection, taken: Taken, posts: Mapping[str, str], turn: str, *, uncertain: bool) -> None:
    """Drop an event that is done, and keep where the desk's messages about questions are."""
    connection.execute(inbox.delete().where(inbox.c.seq == taken.seq))
    for question, post in posts.items():
        connection.execute(questions.update().where(questions.c.id == question).values(post=post))
    if uncertain:
        connection.execute(turns.update().where(turns.c.id == turn).values(uncertain=True))


def put_back(connection: Connection, seq: int, seconds: float) -> None:
    """Let an event wait."""
    connection.execute(inbox.update().where(inbox.c.seq == seq).values(lease=0.0, due=Now() + seconds))


def fail(connection: Connection, seq: int, fault: str, seconds: float) -> bool:
    """Count a try; True if it was the last and the event is set aside."""
    tries = connection.execute(sa.select(inbox.c.tries).where(inbox.c.seq == seq)).scalar() or 0
    last = tries + 1 >= TRIES
    changed = {"tries": tries + 1, "fault": fault[:128], "lease": 0.0, "due": Now() + seconds, "aside": last}
    return connection.execute(inbox.update().where(inbox.c.seq == seq).values(changed)).rowcount > 0 and last


def renew(connection: Connection, seqs: Sequence[int]) -> None:
    """Lease events from now on."""
    connection.execute(inbox.update().where(inbox.c.seq.in_(seqs)).values(lease=Now() + LEASE))


def void_leases(connection: Connection) -> None:
    """Free all events: whoever had leased them is no more."""
    connection.execute(inbox.update().where(inbox.c.lease > 0).values(lease=0.0))


def newest(connection: Connection) -> int:
    """The number of the newest event that waits, 0 if none does."""
    return int(connection.execute(sa.select(sa.func.max(inbox.c.seq))).scalar() or 0)


def _taken(connection: Connection, row: Row[Any], keys: Keys) -> Taken | None:
    """The event of a row; one that cannot be read any more is set aside."""
    try:
        payload = read_mapping(keys.opened(row.payload)) if row.payload is not None else None
        message = read_message(keys.opened(row.message)) if row.message is not None else None
    except (SealError, ValueError):
        connection.execute(inbox.update().where(inbox.c.seq == row.seq).values(aside=True, fault="cannot be read"))
        return None
    return Taken(
        seq=row.seq,
        id=row.id,
        platform=row.platform,
        conversation=row.conversation,
        person=row.person,
        received=row.received,
        payload=payload,
        message=message,
        session=read_session(row.session),
    )
