"""What operators and editors ask of the store on the command line, and do to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.contracts.events import Depth
from bot.store.tables import drafts, inbox, turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class SetAside:
    """An event that was set aside: its number, platform, when it came (seconds since the epoch) and what went wrong."""

    seq: int
    platform: str
    received: float
    fault: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with the answer that the desk gave, for an editor to make an entry of."""

    id: str
    question: str
    answer: str


_DEPTH = sa.select(inbox.c.aside, sa.func.count(), sa.func.min(inbox.c.received)).group_by(inbox.c.aside)


def depth(connection: Connection) -> Depth:
    """How much waits, and how much was set aside."""
    found = {bool(aside): (int(count), float(oldest)) for aside, count, oldest in connection.execute(_DEPTH)}
    count, oldest = found.get(False, (0, 0.0))
    return Depth(count, oldest, found.get(True, (0, 0.0))[0])


def set_aside(connection: Connection) -> Sequence[SetAside]:
    """The events that were set aside, oldest first."""
    columns = sa.select(inbox.c.seq, inbox.c.platform, inbox.c.received, inbox.c.fault)
    return [SetAside(*row) for row in connection.execute(columns.where(inbox.c.aside).order_by(inbox.c.seq))]


def retry(connection: Connection, seqs: Sequence[int]) -> int:
    """How many of the events that were set aside are tried again."""
    fresh = {"aside": False, "tries": 0, "fault": "", "due": 0.0}
    return connection.execute(inbox.update().where(inbox.c.aside, inbox.c.seq.in_(seqs)).values(fresh)).rowcount


def drop(connection: Connection, seqs: Sequence[int]) -> int:
    """How many of the events that were set aside are dropped for good."""
    return connection.execute(inbox.delete().where(inbox.c.aside, inbox.c.seq.in_(seqs))).rowcount


def kept_drafts(connection: Connection) -> Sequence[Draft]:
    """All drafts, oldest first."""
    columns = sa.select(drafts.c.id, drafts.c.question, drafts.c.answer).order_by(drafts.c.at)
    return [Draft(*row) for row in connection.execute(columns)]


def drop_drafts(connection: Connection, ids: Sequence[str]) -> int:
    """How many of the drafts are dropped."""
    return connection.execute(drafts.delete().where(drafts.c.id.in_(ids))).rowcount


def turns_of(connection: Connection, person: str) -> int:
    """How many turns are kept of a person (a hash)."""
    return int(connection.execute(sa.select(sa.func.count()).where(turns.c.person == person)).scalar() or 0)
