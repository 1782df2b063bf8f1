"""Retention, how long what is kept stays: texts after so many days, keys of events after a week, sessions after a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.contracts.questions import WAITING
from bot.store.tables import answers, drafts, inbox, mailbox, posts, questions, ratings, seen, sessions, turns

if TYPE_CHECKING:
    from sqlalchemy import Connection

DAY = 24 * 3600.0
SEEN_DAYS = 7


def tidy(connection: Connection, now: float, retention_days: int) -> int:
    """How many rows had something too old at a time in seconds, now dropped. Of turns, ratings and questions the counts stay."""
    kept_since = now - retention_days * DAY
    over = (questions.c.at < kept_since) & (questions.c.text != "")
    statements = (
        answers.delete().where(answers.c.at < now - DAY),
        posts.delete().where(posts.c.at < kept_since),
        seen.delete().where(seen.c.at < now - SEEN_DAYS * DAY),
        sessions.delete().where(sessions.c.at < now - DAY),
        turns.update().where(turns.c.at < kept_since, turns.c.text != "").values(text=""),
        ratings.update().where(ratings.c.at < kept_since, ratings.c.reason != "").values(reason=""),
        questions.update().where(over, questions.c.state.in_(WAITING)).values(state="failed"),
        questions.update().where(over).values(text="", answer="", address=b"", source=None, reached=None),
        drafts.delete().where(drafts.c.at < kept_since),
        mailbox.delete().where(mailbox.c.at < kept_since),
        inbox.delete().where(inbox.c.aside, inbox.c.received < kept_since),
    )
    return sum(connection.execute(statement).rowcount for statement in statements)
