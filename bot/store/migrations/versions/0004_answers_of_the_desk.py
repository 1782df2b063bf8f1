"""Where an answer of the desk was written, where it has reached the asker, and all messages about a question."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns, and the table of messages that are about a question."""
    op.add_column("questions", sa.Column("notice", sa.String(128)))
    op.add_column("questions", sa.Column("source", sa.LargeBinary))
    op.add_column("questions", sa.Column("reached", sa.LargeBinary))
    op.create_table(
        "posts",
        sa.Column("post", sa.String(64), primary_key=True),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("at", sa.Double, nullable=False, index=True),
    )
