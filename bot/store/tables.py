"""The tables, one description for both databases. People, conversations and rooms are hashes; payloads and addresses are sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

metadata = sa.MetaData()

_KEY = sa.String(64)
_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME: sa.Double[float] = sa.Double()

seen = sa.Table(
    "seen",
    metadata,
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("at", _TIME, nullable=False, index=True),
)
"""Keys of events that have come, a week long: what comes again is recognised."""

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("seq", _SEQ, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(128), nullable=False, unique=True),
    sa.Column("platform", sa.String(16), nullable=False),
    sa.Column("conversation", _KEY, nullable=False),
    sa.Column("person", _KEY, nullable=False),
    sa.Column("received", _TIME, nullable=False),
    sa.Column("due", _TIME, nullable=False, default=0.0),
    sa.Column("lease", _TIME, nullable=False, default=0.0),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("aside", sa.Boolean, nullable=False, default=False),
    sa.Column("fault", sa.String(128), nullable=False, default=""),
    sa.Column("payload", sa.LargeBinary),
    sa.Column("message", sa.LargeBinary),
    sa.Index("inbox_conversation", "conversation", "seq"),
    sqlite_autoincrement=True,
)
"""Events that wait, are worked on or were set aside; one that is done is gone.

`message` is what was decided to say; once it is, there is no payload any more.
"""

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("conversation", _KEY, primary_key=True),
    sa.Column("person", _KEY, nullable=False, index=True),
    sa.Column("at", _TIME, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False),
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("id", _KEY, primary_key=True),
    sa.Column("conversation", _KEY, nullable=False),
    sa.Column("person", _KEY, nullable=False, index=True),
    sa.Column("platform", sa.String(16), nullable=False),
    sa.Column("at", _TIME, nullable=False, index=True),
    sa.Column("said", sa.String(16), nullable=False),
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("entries", sa.Text, nullable=False),
    sa.Column("scope", sa.Float, nullable=False),
    sa.Column("choice", sa.Float, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("milliseconds", sa.Float, nullable=False),
    sa.Column("knowledge", _KEY, nullable=False),
    sa.Column("uncertain", sa.Boolean, nullable=False, default=False),
)
"""One row a turn. `uncertain`: the reply left and nobody knows whether it arrived."""

ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("turn", _KEY, primary_key=True),
    sa.Column("person", _KEY, primary_key=True),
    sa.Column("up", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Index("ratings_person", "person"),
)

shares = sa.Table(
    "shares",
    metadata,
    sa.Column("id", _KEY, primary_key=True),
    sa.Column("entry", sa.String(128), nullable=False),
    sa.Column("person", _KEY, nullable=False, index=True),
    sa.Column("room", _KEY, nullable=False),
    sa.Column("at", _TIME, nullable=False),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("source", _KEY, primary_key=True),
    sa.Column("post", sa.LargeBinary, nullable=False),
    sa.Column("person", _KEY, nullable=False, index=True),
    sa.Column("at", _TIME, nullable=False, index=True),
)
"""Which message of the bot answers which message of a person, for a day: a question that is edited gets its answer edited."""

questions = sa.Table(
    "questions",
    metadata,
    sa.Column("id", _KEY, primary_key=True),
    sa.Column("person", _KEY, nullable=False, index=True),
    sa.Column("conversation", _KEY, nullable=False),
    sa.Column("platform", sa.String(16), nullable=False),
    sa.Column("address", sa.LargeBinary, nullable=False),
    sa.Column("desk_platform", sa.String(16), nullable=False),
    sa.Column("desk", sa.LargeBinary, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("post", sa.String(128), nullable=False, index=True),
    sa.Column("notice", sa.String(128)),
    sa.Column("source", sa.LargeBinary),
    sa.Column("reached", sa.LargeBinary),
    sa.Column("reminded", sa.Boolean, nullable=False),
    sa.Index("questions_state", "state", "at"),
)
"""Questions passed on to the desk."""

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("post", _KEY, primary_key=True),
    sa.Column("question", _KEY, nullable=False),
    sa.Column("at", _TIME, nullable=False, index=True),
)
"""Which message of the bot is about which question, by its hashed key: what is written in reply to it is an answer to that."""

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", _KEY, primary_key=True),
    sa.Column("person", _KEY, nullable=False, index=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
)
"""Answers of the desk that an editor may make entries of."""

mailbox = sa.Table(
    "mailbox",
    metadata,
    sa.Column("number", _SEQ, primary_key=True, autoincrement=True),
    sa.Column("conversation", _KEY, nullable=False),
    sa.Column("person", _KEY, nullable=False, index=True),
    sa.Column("turn", _KEY, unique=True),
    sa.Column("at", _TIME, nullable=False, index=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Index("mailbox_conversation", "conversation", "number"),
    sqlite_autoincrement=True,
)
"""Messages for those who fetch them, sealed; `turn` is set for a reply."""

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


class Now(FunctionElement[float]):
    """The database's clock in seconds since the epoch: the one clock that all who share a database share."""

    type = sa.Double()
    inherit_cache = True


@compiles(Now, "sqlite")
def _now_sqlite(_element: Now, _compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401 - what SQLAlchemy passes on
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(Now, "postgresql")
def _now_postgresql(_element: Now, _compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401
    return "extract(epoch from clock_timestamp())::double precision"
