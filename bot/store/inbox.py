"""The inbox in SQL: each function does one thing within the transaction of its connection.

Statements are built once: SQLAlchemy takes ten times as long to build one as SQLite does to run it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.contracts.events import LeasedEvent, id_of
from bot.dialogue.turn import turn_id
from bot.store.codec import mapping_json, message_json, read_mapping, read_message, read_session
from bot.store.crypto import SealError
from bot.store.tables import Now, answers, inbox, questions, seen, sessions, turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import ColumnElement, Connection, Executable, Row, Table

    from bot.contracts.events import InboundEvent, Notice, Sent
    from bot.store.crypto import Keys

LEASE = 10.0
"""Seconds for which an event belongs to whoever took it, unless they renew that."""
TRIES = 3
"""Exceptions after which an event is set aside."""
FARTHEST = 600.0
"""Seconds for which an event is put back at most."""
FAULT = 128
"""Characters that are kept of a fault."""


def _is_over(until: ColumnElement[float], longest: float) -> ColumnElement[bool]:
    """Whether a time is over that is set so many seconds ahead at most; one further off is from before the clock was set back."""
    return (until <= Now()) | (until > Now() + longest + 1)


_other = inbox.alias()
_ELIGIBLE = (
    sa.select(inbox, sessions.c.state.label("session"))
    .outerjoin(sessions, sessions.c.conversation == inbox.c.conversation)
    .where(
        ~inbox.c.aside,
        _is_over(inbox.c.due, FARTHEST),
        _is_over(inbox.c.lease, LEASE),
        inbox.c.platform.in_(bindparam("platforms", expanding=True)),
        inbox.c.seq.not_in(bindparam("but", expanding=True)),
        ~sa.exists().where(
            _other.c.conversation == inbox.c.conversation,
            ~_other.c.aside,
            (_other.c.seq < inbox.c.seq) | ((_other.c.seq > inbox.c.seq) & ~_is_over(_other.c.lease, LEASE)),
        ),
    )
    .order_by(inbox.c.seq)
    .limit(bindparam("most", type_=sa.Integer))
    .with_for_update(of=inbox, skip_locked=True)
)
_FRESH = _ELIGIBLE.where(inbox.c.seq > bindparam("opened"))
_WAITED = _ELIGIBLE.where(inbox.c.seq <= bindparam("opened"))
_this = inbox.c.seq == bindparam("this")
_LEASE = inbox.update().where(inbox.c.seq.in_(bindparam("those", expanding=True))).values(lease=Now() + LEASE)
_PUT = inbox.insert()
_DECIDED = inbox.update().where(_this).values(message=bindparam("said"), payload=None)
_FINISH = inbox.delete().where(_this)
_POST = questions.update().where(questions.c.id == bindparam("question")).values(post=bindparam("new_post"))
_UNCERTAIN = turns.update().where(turns.c.id == bindparam("turn")).values(uncertain=True)
_PUT_BACK = inbox.update().where(_this).values(lease=0.0, due=Now() + bindparam("seconds", type_=sa.Double()))


def insert_new(connection: Connection, table: Table, *rows: Mapping[str, Any]) -> int:
    """How many of the rows are new; those whose key is taken are left out."""
    return connection.execute(_inserting_new(table, connection.dialect.name), list(rows)).rowcount


def put(connection: Connection, event: InboundEvent, at: float, keys: Keys) -> bool:
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
        "message": None,
    }
    connection.execute(_PUT, row)
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
            "payload": None,
            "message": keys.sealed(message_json(notice.message)),
        }
        connection.execute(_PUT, row)


def take(
    connection: Connection, platforms: Sequence[str], most: int, opened: int, keys: Keys, *, fresh: bool, but: Sequence[int]
) -> list[LeasedEvent]:
    """Lease the oldest events of conversations in which none is worked on; `fresh` ones have a number above `opened`."""
    wanted = {"platforms": platforms, "most": most, "opened": opened, "but": but}
    rows = connection.execute(_FRESH if fresh else _WAITED, wanted).all()
    if rows:
        renew(connection, [row.seq for row in rows])
    return [taken for row in rows if (taken := _taken(connection, row, keys))]


def decided(connection: Connection, seq: int, message: bytes | None) -> bool:
    """Keep what was decided about an event; False if the event is gone."""
    return connection.execute(_DECIDED, {"this": seq, "said": message}).rowcount > 0


def finish(connection: Connection, taken: LeasedEvent, sent: Sent, at: float, keys: Keys) -> None:
    """Drop an event that is done, and keep where its message is if somebody may come back to it."""
    connection.execute(_FINISH, {"this": taken.seq})
    if sent.question and sent.post:
        connection.execute(_POST, {"question": sent.question, "new_post": sent.post})
    if sent.source and sent.post:
        row = {"source": keys.hashed(sent.source), "post": keys.sealed(sent.post.encode()), "person": taken.person, "at": at}
        insert_new(connection, answers, row)
    if sent.uncertain:
        connection.execute(_UNCERTAIN, {"turn": turn_id(taken.id)})


def put_back(connection: Connection, seq: int, seconds: float) -> None:
    """Let an event wait."""
    connection.execute(_PUT_BACK, {"this": seq, "seconds": min(seconds, FARTHEST)})


def fail(connection: Connection, seq: int, fault: str, seconds: float) -> bool:
    """Count a try; True if it was the last and the event is set aside."""
    tries = connection.execute(sa.select(inbox.c.tries).where(inbox.c.seq == seq)).scalar() or 0
    last = tries + 1 >= TRIES
    changed = {"tries": tries + 1, "fault": fault[:FAULT], "lease": 0.0, "due": Now() + seconds, "aside": last}
    return connection.execute(inbox.update().where(inbox.c.seq == seq).values(changed)).rowcount > 0 and last


def renew(connection: Connection, seqs: Sequence[int]) -> None:
    """Lease events from now on."""
    connection.execute(_LEASE, {"those": seqs})


def void_leases(connection: Connection) -> None:
    """Free all events: whoever had leased them is no more."""
    connection.execute(inbox.update().where(inbox.c.lease > 0).values(lease=0.0))


def newest(connection: Connection) -> int:
    """The number of the newest event that waits, 0 if none does."""
    return int(connection.execute(sa.select(sa.func.max(inbox.c.seq))).scalar() or 0)


@cache
def _inserting_new(table: Table, dialect: str) -> Executable:
    insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
    return insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def _taken(connection: Connection, row: Row[Any], keys: Keys) -> LeasedEvent | None:
    """The event of a row; one that cannot be read any more is set aside."""
    try:
        payload = read_mapping(keys.opened(row.payload)) if row.payload is not None else None
        message = read_message(keys.opened(row.message)) if row.message is not None else None
    except (SealError, ValueError):
        connection.execute(inbox.update().where(inbox.c.seq == row.seq).values(aside=True, fault="cannot be read"))
        return None
    return LeasedEvent(
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
