"""SQLite and PostgreSQL: how each is opened, how safely it commits, and what its errors mean in a sentence."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from bot.contracts.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

FILE = "careerbot.db"
"""The SQLite database in the data directory."""
BUSY = 2.0
"""Seconds that a write waits for whoever else writes. Slack wants its acknowledgement within 3."""
_POSTGRES = re.compile(r"^postgres(?:ql)?(?:\+psycopg)?://")
_CONNECT = {"connect_timeout": 3, "tcp_user_timeout": 5000, "keepalives_idle": 10, "application_name": "careerbot"}
_MEANINGS = (
    ("disk is full", "The disk is full"),
    ("readonly", "The database can only be read"),
    ("read-only", "The database can only be read"),
    ("locked", "The database is locked by another program"),
    ("unable to open", "The database file cannot be opened"),
    ("not a database", "The file is no database"),
    ("malformed", "The database file is damaged"),
    ("refused", "The database does not answer"),
    ("timeout expired", "The database does not answer in time"),
    ("statement timeout", "The database does not answer in time"),
    ("shutting down", "The database is shutting down"),
    ("starting up", "The database is starting up"),
    ("closed the connection", "The database closed the connection"),
    ("terminating connection", "The database closed the connection"),
    ("connection is lost", "The database closed the connection"),
    ("no password", "The database does not accept the user or password"),
    ("authentication failed", "The database does not accept the user or password"),
    ("does not exist", "The database or its user does not exist"),
    ("no such file", "The database does not answer"),
    ("resolve", "The host of the database is not known"),
    ("translate host", "The host of the database is not known"),
)


def sqlite_url(directory: Path) -> str:
    """The URL of the SQLite database in a directory."""
    return f"sqlite:///{directory / FILE}"


def engine_of(url: str) -> Engine:
    """An engine for a URL (`sqlite:///…`, `postgresql://…`); raises `StoreError` for one that cannot be used. Opens nothing yet."""
    try:
        if _POSTGRES.match(url):
            return sa.create_engine(_POSTGRES.sub("postgresql+psycopg://", url), connect_args=_CONNECT, pool_size=2, hide_parameters=True)
        if not url.startswith("sqlite:"):
            message = "DATABASE_URL must begin with postgresql:// (or sqlite:///)."
            raise StoreError(message)
        engine = sa.create_engine(url, connect_args={"timeout": BUSY}, hide_parameters=True)
    except ImportError:
        message = "PostgreSQL needs one more package: pip install 'careerbot[postgres]'."
        raise StoreError(message) from None
    except (ArgumentError, NoSuchModuleError, ValueError, SQLAlchemyError):
        message = "DATABASE_URL is no address of a database, such as postgresql://user:password@host/name."
        raise StoreError(message) from None
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def reading(engine: Engine) -> Engine:
    """The engine for those who only read: on SQLite they do not wait for whoever writes."""
    return engine.execution_options(reads=True)


@contextmanager
def durability(connection: Connection, *, durable: bool) -> Iterator[None]:
    """A transaction; a `durable` one has reached the disk when it ends.

    On SQLite in WAL mode, and on PostgreSQL, what is committed later cannot survive without what was committed before, so
    that a lost tail is always worked on again from an event that was not lost.
    """
    if connection.dialect.name == "sqlite":
        _outside(connection, f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        with connection.begin():
            yield
    else:
        with connection.begin():
            if not durable:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield


def scrub(connection: Connection) -> bool:
    """Leave no trace of what was deleted in the files of a SQLite database; False if that has to wait for somebody who reads.

    `secure_delete` zeroes what is deleted, but not the copies that stay behind when cells move from page to page; building the
    file anew leaves those out.
    """
    if connection.dialect.name == "sqlite":
        _outside(connection, "VACUUM")
        ((busy, *_),) = _outside(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
        return not busy
    return True


def told(error: SQLAlchemyError) -> StoreError:
    """A database error as one sentence that holds no value, address or password."""
    text = str(error.orig).lower() if isinstance(error, DBAPIError) else ""
    meaning = next((meaning for sign, meaning in _MEANINGS if sign in text), "")
    return StoreError(f"{meaning or f'The database does not work ({type(error).__name__})'}.")


def _outside(connection: Connection, sql: str) -> list[Any]:
    """The rows of what SQLite runs outside of any transaction only; raises `SQLAlchemyError`."""
    driver = connection.connection.driver_connection
    try:
        return list(driver.execute(sql).fetchall())  # type: ignore[union-attr]
    except sqlite3.Error as error:
        raise OperationalError(sql, None, error) from None


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
    connection.isolation_level = None  # transactions begin where we begin them, not where the driver guesses
    for pragma in ("journal_mode = WAL", "secure_delete = ON", "foreign_keys = ON", "cache_size = -4000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reads") else "BEGIN IMMEDIATE")
