"""The first tables.

Written out, not taken from `tables`: a revision must go on making what it made when it was written.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.String(64)
_TIME: sa.Double[float] = sa.Double()


def _key(name: str, *, primary: bool = False, index: bool = False) -> sa.Column[str]:
    return sa.Column(name, _KEY, primary_key=primary, nullable=False, index=index)


def _time(name: str, *, index: bool = False) -> sa.Column[float]:
    return sa.Column(name, _TIME, nullable=False, index=index)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    """Make the tables."""
    _waiting()
    _journal()
    _desk()
    op.create_table("meta", sa.Column("key", sa.String(32), primary_key=True), _text("value"))


def _waiting() -> None:
    op.create_table("seen", sa.Column("key", sa.String(128), primary_key=True), _time("at", index=True))
    op.create_table(
        "inbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(128), nullable=False, unique=True),
        sa.Column("platform", sa.String(16), nullable=False),
        _key("conversation"),
        _key("person"),
        _time("received"),
        _time("due"),
        _time("lease"),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("aside", sa.Boolean, nullable=False),
        sa.Column("fault", sa.String(128), nullable=False),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("message", sa.LargeBinary),
        sa.Index("inbox_conversation", "conversation", "seq"),
        sqlite_autoincrement=True,
    )


def _journal() -> None:
    op.create_table("sessions", _key("conversation", primary=True), _key("person", index=True), _time("at", index=True), _text("state"))
    op.create_table(
        "turns",
        _key("id", primary=True),
        _key("conversation"),
        _key("person", index=True),
        sa.Column("platform", sa.String(16), nullable=False),
        _time("at", index=True),
        sa.Column("said", sa.String(16), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        _text("text"),
        _text("entries"),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("scope", "choice", "confidence", "milliseconds")),
        _key("knowledge"),
        sa.Column("uncertain", sa.Boolean, nullable=False),
    )
    op.create_table(
        "ratings",
        _key("turn", primary=True),
        _key("person", primary=True),
        sa.Column("up", sa.Boolean, nullable=False),
        _text("reason"),
        _time("at"),
        sa.Index("ratings_person", "person"),
    )
    op.create_table(
        "shares",
        _key("id", primary=True),
        sa.Column("entry", sa.String(128), nullable=False),
        _key("person", index=True),
        _key("room"),
        _time("at"),
    )


def _desk() -> None:
    op.create_table(
        "questions",
        _key("id", primary=True),
        _key("person", index=True),
        _key("conversation"),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("desk_platform", sa.String(16), nullable=False),
        sa.Column("desk", sa.LargeBinary, nullable=False),
        _text("text"),
        sa.Column("state", sa.String(16), nullable=False),
        _time("at"),
        _text("answer"),
        sa.Column("post", sa.String(128), nullable=False, index=True),
        sa.Column("reminded", sa.Boolean, nullable=False),
        sa.Index("questions_state", "state", "at"),
    )
    op.create_table("drafts", _key("id", primary=True), _key("person", index=True), _text("question"), _text("answer"), _time("at"))
