"""Messages that lie where callers over HTTP fetch them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "mailbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("person", sa.String(64), nullable=False, index=True),
        sa.Column("turn", sa.String(64), unique=True),
        sa.Column("at", sa.Double, nullable=False, index=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Index("mailbox_conversation", "conversation", "number"),
        sqlite_autoincrement=True,
    )
