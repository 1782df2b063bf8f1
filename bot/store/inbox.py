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

from bot.contracts.events import LeasedEvent, Receipt
from bot.dialogue.turn import Context, RawKey, turn_id
from bot.store.codec import mapping_json, message_json, read_mapping, read_message, read_session
from bot.store.crypto import SealError
from bot.store.tables import Now, answers, inbox, posts, questions, seen, sessions, turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import ColumnElement, Connection, Executable, Row, Table

    from bot.contracts.events import InboundEvent
    from bot.contracts.outcomes import Notice, SendResult
    from bot.dialogue.turn import HashedKey
    from bot.store.crypto import Keys

LEASE = 10.0
"""Seconds for which an event belongs to whoever took it, unless they renew that."""
BROKEN_OFF = 1.0
"""A lease that is long over: whoever held it ended without a word of what became of the message."""
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
_PUT_LEASED = inbox.insert().values(lease=Now() + LEASE)
_PUT_LATER = inbox.insert().values(due=Now() + bindparam("delay", type_=sa.Double()))
_NEXT = sa.select(inbox.c.seq).where(inbox.c.conversation == bindparam("this"), ~inbox.c.aside).limit(1)
_SESSION = sa.select(sessions.c.state).where(sessions.c.conversation == bindparam("this"))
_DECIDED = inbox.update().where(_this).values(message=bindparam("said"), payload=None)
_FINISH = inbox.delete().where(_this)
_last = (questions.c.id == bindparam("question")) & (questions.c.notice == bindparam("by"))
_REACHED = questions.update().where(_last).values(reached=bindparam("post_key"))
_POST = questions.update().where(questions.c.id == bindparam("question")).values(post=bindparam("post_key"))
_UNCERTAIN = turns.update().where(turns.c.id == bindparam("turn")).values(uncertain=True)
_untouched = (inbox.c.id == bindparam("this")) & (inbox.c.lease == 0.0)
_SEEN = sa.select(seen.c.key).where(seen.c.key == bindparam("this"))
_WAITS = sa.select(inbox.c.seq).where(_untouched)
_WITHDRAW = inbox.delete().where(_untouched)
_PUT_BACK = inbox.update().where(_this).values(lease=bindparam("left"), due=Now() + bindparam("seconds", type_=sa.Double()))


def insert_new(connection: Connection, table: Table, *rows: Mapping[str, Any]) -> int:
    """How many of the rows are new; those whose key is taken are left out."""
    return connection.execute(_inserting_new(table, connection.dialect.name), list(rows)).rowcount


def put(connection: Connection, event: InboundEvent, at: float, keys: Keys, *, lease: bool = False) -> Receipt:
    """Keep an event that is new; with `lease` it is leased, if nothing of its conversation waits. Only one process may ask for that."""
    marks = [event.key, *([keys.hashed(event.twin)] if event.twin else [])]
    if insert_new(connection, seen, *({"key": mark, "at": at} for mark in marks)) < len(marks):
        return Receipt(new=False)
    context = Context(keys.hashed(event.conversation), keys.hashed(event.person), event.key, at)
    free = lease and connection.execute(_NEXT, {"this": context.conversation}).first() is None
    row = {
        "id": context.event,
        "platform": event.platform,
        "conversation": context.conversation,
        "person": context.person,
        "received": at,
        "payload": keys.sealed(mapping_json(event.payload)),
        "message": None,
    }
    made = connection.execute(_PUT_LEASED if free else _PUT, row).inserted_primary_key
    seq = int(made[0]) if made else 0
    if not free:
        return Receipt(new=True)
    session = connection.execute(_SESSION, {"this": context.conversation}).scalar()
    return Receipt(new=True, leased=LeasedEvent(seq, event.platform, context, event.payload, session=read_session(session)))


def put_notice(connection: Connection, notice: Notice, at: float, keys: Keys) -> None:
    """Keep a message that is an event of its own, if its cause has not made it before."""
    if insert_new(connection, seen, {"key": notice.id, "at": at}):
        row = {
            "id": notice.id,
            "platform": notice.message.address.platform,
            "conversation": notice.conversation,
            "person": notice.person,
            "received": at,
            "payload": None,
            "message": keys.sealed(message_json(notice.message)),
        }
        connection.execute(_PUT_LATER if notice.delay else _PUT, {**row, **({"delay": notice.delay} if notice.delay else {})})


def take(
    connection: Connection, platforms: Sequence[str], most: int, opened: int, keys: Keys, *, fresh: bool, but: Sequence[int]
) -> list[LeasedEvent]:
    """Lease the oldest events of conversations in which none is worked on; `fresh` ones have a number above `opened`."""
    wanted = {"platforms": platforms, "most": most, "opened": opened, "but": but}
    rows = connection.execute(_FRESH if fresh else _WAITED, wanted).all()
    if rows:
        renew(connection, [row.seq for row in rows])
    return [leased for row in rows if (leased := _leased(connection, row, keys))]


def decided(connection: Connection, seq: int, message: bytes | None) -> bool:
    """Keep what was decided about an event; False if the event is gone."""
    return connection.execute(_DECIDED, {"this": seq, "said": message}).rowcount > 0


def finish(connection: Connection, leased: LeasedEvent, result: SendResult, at: float, keys: Keys) -> None:
    """Drop an event that is done, and keep where its message is if somebody may come back to it."""
    if not connection.execute(_FINISH, {"this": leased.seq}).rowcount:
        return  # whoever it was about was forgotten meanwhile
    message = result.message
    if message and result.post and message.purpose == "post":
        connection.execute(_POST, {"question": message.question, "post_key": result.post})
    if message and result.post and message.purpose == "answer":
        reached = {"question": message.question, "by": leased.context.event, "post_key": keys.sealed(result.post.encode())}
        connection.execute(_REACHED, reached)
    elif message and result.post and message.question:
        insert_new(connection, posts, {"post": keys.hashed(RawKey(result.post)), "question": message.question, "at": at})
    if message and result.post and message.source:
        sealed = keys.sealed(result.post.encode())
        row = {"source": keys.hashed(RawKey(message.source)), "post": sealed, "person": leased.context.person, "at": at}
        insert_new(connection, answers, row)
    if result.status == "unsure":
        connection.execute(_UNCERTAIN, {"turn": turn_id(leased.context.event)})


def put_back(connection: Connection, seq: int, seconds: float, *, unsure: bool) -> None:
    """Let an event wait; if `unsure`, whoever takes it next is told that its message may have gone."""
    connection.execute(_PUT_BACK, {"this": seq, "seconds": min(seconds, FARTHEST), "left": BROKEN_OFF if unsure else 0.0})


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
    connection.execute(inbox.update().where(inbox.c.lease > 0).values(lease=BROKEN_OFF))


def waits(connection: Connection, notice: str) -> bool:
    """Whether an event waits that nobody has begun to work on, so that surely nothing of it has gone."""
    return connection.execute(_WAITS, {"this": notice}).first() is not None


def has_seen(connection: Connection, key: HashedKey) -> bool:
    """Whether a key is known, for a week."""
    return connection.execute(_SEEN, {"this": key}).first() is not None


def withdraw(connection: Connection, notice: str) -> bool:
    """Drop an event that waits and nobody has begun to work on; False if there is none."""
    return connection.execute(_WITHDRAW, {"this": notice}).rowcount > 0


def newest(connection: Connection) -> int:
    """The number of the newest event that waits, 0 if none does."""
    return int(connection.execute(sa.select(sa.func.max(inbox.c.seq))).scalar() or 0)


@cache
def _inserting_new(table: Table, dialect: str) -> Executable:
    insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
    return insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def _leased(connection: Connection, row: Row[Any], keys: Keys) -> LeasedEvent | None:
    """The event of a row; one that cannot be read any more is set aside."""
    try:
        payload = read_mapping(keys.opened(row.payload)) if row.payload is not None else None
        message = read_message(keys.opened(row.message)) if row.message is not None else None
    except (SealError, ValueError):
        connection.execute(inbox.update().where(inbox.c.seq == row.seq).values(aside=True, fault="cannot be read"))
        return None
    context = Context(row.conversation, row.person, row.id, row.received)
    interrupted = row.lease > 0 and row.payload is None  # nothing is sent before it is kept what was decided
    return LeasedEvent(row.seq, row.platform, context, payload, message, read_session(row.session), interrupted=interrupted)
