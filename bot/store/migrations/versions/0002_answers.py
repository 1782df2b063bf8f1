"""Which message answers which, so that the answer to an edited question can be edited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "answers",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("post", sa.LargeBinary, nullable=False),
        sa.Column("person", sa.String(64), nullable=False, index=True),
        sa.Column("at", sa.Double, nullable=False, index=True),
    )
