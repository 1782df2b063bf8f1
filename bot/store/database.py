"""SQLite and PostgreSQL: how each is opened, how safely it commits, and what its errors mean in a sentence."""

from __future__ import annotations

import re
import socket
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
_PROBE = 1.0
"""Seconds in which a server is to take a connection, when it is looked whether there is one at all."""
_LOCKED = "The database is locked by another program"
_READ_ONLY = "The database can only be read"
_FULL = "The disk is full"
_SILENT = "The database does not answer"
_SLOW = "The database does not answer in time"
_CLOSED = "The database closed the connection"
_CREDENTIALS = "The database does not accept the user or password"
_UNKNOWN_HOST = "The host of the database is not known"
_REFUSED = (
    "The database cannot be reached: it answers, but refuses (the user, password or name may be wrong, or it is starting, stopping or full)"
)
"""All that is known of a server that ends the attempt to connect: the driver gives no code then, and its text may be in any language."""
_SQLITE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened",
    sqlite3.SQLITE_NOTADB: "The file is no database",
    sqlite3.SQLITE_CORRUPT: "The database file is damaged",
}
"""What the primary result codes mean. https://www.sqlite.org/rescode.html."""
_POSTGRESQL = {
    "08": _CLOSED,
    "25006": _READ_ONLY,
    "25P03": _CLOSED,
    "25P04": _SLOW,
    "28": _CREDENTIALS,
    "3D000": "The database or its user does not exist",
    "53100": _FULL,
    "55P03": _SLOW,
    "57014": _SLOW,
    "57P01": _CLOSED,
    "57P02": _CLOSED,
    "57P03": "The database is starting up or shutting down",
    "57P04": _CLOSED,
    "57P05": _CLOSED,
}
"""What SQLSTATEs mean, or whole classes of them. https://www.postgresql.org/docs/current/errcodes-appendix.html."""


class LockedError(StoreError):
    """Another program holds the database; that may pass by itself."""


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


def store_error(error: SQLAlchemyError) -> StoreError:
    """A database error as one sentence that holds no value, address or password. It goes by codes: texts may be in any language."""
    reason = ""
    if isinstance(error, DBAPIError):
        reason = _sqlite_reason(error.orig) if isinstance(error.orig, sqlite3.Error) else _postgresql_reason(error)
    sentence = f"{reason or f'The database does not work ({type(error).__name__})'}."
    return LockedError(sentence) if reason == _LOCKED else StoreError(sentence)


def _sqlite_reason(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0)  # what Python itself objects to has none
    return _SQLITE.get(code & 0xFF, "")  # the rest of the code is finer than what we tell


def _postgresql_reason(error: DBAPIError) -> str:
    code = getattr(error.orig, "sqlstate", None)
    if code:
        return _POSTGRESQL.get(code) or _POSTGRESQL.get(code[:2], "")
    return _CLOSED if error.connection_invalidated else _connecting_reason(error.orig)


def _connecting_reason(error: BaseException | None) -> str:
    """Why there is no connection. The driver gives no code for that, but it shows how far it came."""
    try:
        import psycopg  # noqa: PLC0415 - it is installed only where PostgreSQL is used
    except ImportError:
        return ""
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return _SLOW
    if type(error) is not psycopg.OperationalError:
        return ""
    attempt = error.pgconn
    if attempt is None:
        return _UNKNOWN_HOST  # without an address nothing is attempted
    if attempt.needs_password:
        return _CREDENTIALS
    return _REFUSED if _answers(attempt.hostaddr or attempt.host, attempt.port) else _SILENT


def _answers(host: bytes, port: bytes) -> bool:
    """Whether something takes connections at an address (or, for a path, at the socket in that directory)."""
    try:
        if host.startswith(b"/"):
            with socket.socket(socket.AF_UNIX) as local:
                local.settimeout(_PROBE)
                local.connect(host + b"/.s.PGSQL." + port)
        else:
            socket.create_connection((host.decode(), int(port)), _PROBE).close()
    except (OSError, ValueError, OverflowError):  # a port that is none is not answered either
        return False
    return True


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
