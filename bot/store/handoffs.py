"""Questions at the desk in SQL: what is read of them, and how what only the bot may read is sealed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.contracts.addresses import Address, Recipient
from bot.contracts.questions import WAITING, Question
from bot.dialogue.turn import RawKey
from bot.store.codec import read_mapping
from bot.store.crypto import SealError
from bot.store.tables import posts, questions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Connection, Row, Select

    from bot.dialogue.turn import HashedKey
    from bot.store.crypto import Keys

log = logging.getLogger("careerbot.store")


def question(connection: Connection, id_: str, keys: Keys, unreadable: set[str]) -> Question | None:
    """The question with an id. One that cannot be read is not there; here and below its id is put with the `unreadable` ones."""
    return _one(connection, sa.select(questions).where(questions.c.id == id_), keys, unreadable)


def question_of_post(connection: Connection, post: str, keys: Keys, unreadable: set[str]) -> Question | None:
    """The question that a message of the bot is about."""
    if not post:
        return None
    about = sa.select(posts.c.question).where(posts.c.post == keys.hashed(RawKey(post)))
    return _one(connection, sa.select(questions).where((questions.c.post == post) | questions.c.id.in_(about)), keys, unreadable)


def waiting(connection: Connection, person: HashedKey, keys: Keys, unreadable: set[str]) -> Sequence[Question]:
    """The questions of a person that wait, oldest first."""
    wanted = sa.select(questions).where(questions.c.person == person, questions.c.state.in_(WAITING))
    return _all(connection, wanted, keys, unreadable)


def overdue(connection: Connection, before: float, keys: Keys, unreadable: set[str]) -> Sequence[Question]:
    """The questions that have waited since before a time, of which the desk was not reminded."""
    wanted = sa.select(questions).where(questions.c.state.in_(WAITING), questions.c.at < before, ~questions.c.reminded)
    return _all(connection, wanted, keys, unreadable)


def _one(connection: Connection, wanted: Select[Any], keys: Keys, unreadable: set[str]) -> Question | None:
    found = _all(connection, wanted, keys, unreadable)
    return found[0] if found else None


def _all(connection: Connection, wanted: Select[Any], keys: Keys, unreadable: set[str]) -> list[Question]:
    """The questions that can be read; each of the others is logged when it is met first."""
    found = []
    for row in connection.execute(wanted.order_by(questions.c.at)):
        try:
            found.append(_question(row, keys))
        except (SealError, ValueError):
            if row.id not in unreadable:
                unreadable.add(row.id)
                log.warning("The question %s cannot be read.", row.id)
    return found


def _question(row: Row[Any], keys: Keys) -> Question:
    """The question of a row; raises `SealError` or `ValueError` for one that cannot be read."""
    asker = None
    if row.person and row.address:
        asker = Recipient(Address(row.platform, read_mapping(keys.opened(row.address))), row.conversation, row.person)
    desk = Address(row.desk_platform, read_mapping(keys.opened(row.desk)))
    source, reached = (keys.opened(held).decode() if held else "" for held in (row.source, row.reached))
    return Question(row.id, asker, row.text, desk, row.state, row.at, row.answer, row.post, row.notice or "", source, reached)


def sealed(text: str, keys: Keys) -> bytes | None:
    """A text sealed; None for an empty one."""
    return keys.sealed(text.encode()) if text else None
