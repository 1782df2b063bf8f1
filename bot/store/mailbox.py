"""The mailbox in SQL: messages that wait for whoever fetches them, sealed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.contracts.ports import Letter
from bot.store.crypto import SealError
from bot.store.tables import mailbox, turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from bot.dialogue.turn import HashedKey
    from bot.store.crypto import Keys

log = logging.getLogger("careerbot.store")

MOST = 100
"""Messages that are fetched at once; who wants more asks again."""


def post(connection: Connection, conversation: HashedKey, person: HashedKey, content: bytes, at: float, keys: Keys, turn: str = "") -> int:
    """Keep a message at a time in seconds, the reply to a `turn` once; return its number, 0 if the turn is that of somebody forgotten."""
    if turn and (kept := connection.execute(sa.select(mailbox.c.number).where(mailbox.c.turn == turn)).scalar()):
        return int(kept)
    if turn and connection.execute(sa.select(turns.c.person).where(turns.c.id == turn)).scalar() == "":
        return 0
    row = {"conversation": conversation, "person": person, "turn": turn or None, "at": at, "content": keys.sealed(content)}
    made = connection.execute(mailbox.insert(), row).inserted_primary_key
    return int(made[0]) if made else 0


def fetch(connection: Connection, conversation: HashedKey, after: int, keys: Keys) -> Sequence[Letter]:
    """The messages of a conversation after a number, oldest first."""
    wanted = sa.select(mailbox).where(mailbox.c.conversation == conversation, mailbox.c.number > after)
    rows = connection.execute(wanted.order_by(mailbox.c.number).limit(MOST))
    return [letter for row in rows if (letter := _letter(row, keys))]


def answer(connection: Connection, turn: str, keys: Keys) -> Letter | None:
    """The message that is the reply to a turn."""
    row = connection.execute(sa.select(mailbox).where(mailbox.c.turn == turn)).first()
    return _letter(row, keys) if row else None


def _letter(row: Row[Any], keys: Keys) -> Letter | None:
    """The message of a row; one that cannot be opened any more is passed over, and said to be."""
    try:
        return Letter(row.number, row.at, keys.opened(row.content))
    except SealError:
        log.warning("The message %s in the mailbox cannot be opened.", row.number)
        return None
