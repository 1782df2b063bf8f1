"""The tables brought up to date when a store is opened: as a whole or not at all, also when two processes open it at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.contracts.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

HEAD = "0004"
"""The newest revision in `migrations/versions`."""
_LOCK = 0x636172656572
"""The key of the advisory lock that one process holds while it migrates a PostgreSQL database: "career"."""
_REVISIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, revision: str = HEAD) -> None:
    """Bring the tables to a revision; raises `StoreError` for a database that a newer version has made."""
    if revision_of(engine) == revision:
        return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if _revision(connection) != revision:  # another process may have been first
            _upgrade(connection, revision)


def revision_of(engine: Engine) -> str:
    """The revision of a database's tables, empty where there are none; raises `StoreError` for one that is not known here."""
    with engine.connect() as connection:
        found = _revision(connection)
    if found and not any(path.name.startswith(f"{found}_") for path in (_REVISIONS / "versions").glob("*.py")):
        message = f"The database was made by a newer careerbot (revision {found}). Install that version, or restore an older copy."
        raise StoreError(message)
    return found


def _revision(connection: Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - a start with tables that are up to date needs none of it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_REVISIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
