"""What an error of a database means is known by its code: its text may be in any language, and quotes what is nobody's business."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
import sqlalchemy as sa

from bot.contracts.errors import StoreError
from bot.store.database import LockedError, store_error

LOCKED = "The database is locked by another program."


def sentence_of(error: Exception, *, cut: bool = False) -> str:
    """What is said of an error of a driver, which quotes a statement and its values."""
    raised = sa.exc.OperationalError("SELECT secretname", {"text": "SECRETPASSWORD"}, error, connection_invalidated=cut)
    return str(store_error(raised))


@pytest.mark.parametrize(
    ("code", "text", "sentence"),
    [
        ("57014", "storniere Anfrage wegen Zeitüberschreitung der Anfrage", "The database does not answer in time."),
        ("25006", "kann INSERT nicht in einer Read-Only-Transaktion ausführen", "The database can only be read."),
        ("53100", "konnte Datei »base/1/2« nicht erweitern: Auf dem Gerät ist kein Speicherplatz mehr verfügbar", "The disk is full."),
        ("57P01", "Verbindung wird abgebrochen aufgrund von Anweisung des Administrators", "The database closed the connection."),
        ("08006", "Verbindungsfehler", "The database closed the connection."),
        ("57P03", "das Datenbanksystem startet", "The database is starting up or shutting down."),
        (
            "28P01",
            "Passwort-Authentifizierung für Benutzer »secretuser« fehlgeschlagen",
            "The database does not accept the user or password.",
        ),
        ("3D000", "Datenbank »secretname« existiert nicht", "The database or its user does not exist."),
        ("23505", "doppelter Schlüsselwert: (text)=(SECRETPASSWORD) disk is full", "The database does not work (OperationalError)."),
        ("42P01", 'relation "secretname" does not exist', "The database does not work (OperationalError)."),
    ],
)
def test_what_postgresql_reports_is_known_by_its_code_in_every_language(code: str, text: str, sentence: str) -> None:
    assert sentence_of(psycopg.errors.lookup(code)(text)) == sentence


def test_a_connection_that_is_lost_is_known_without_any_words() -> None:
    assert sentence_of(psycopg.OperationalError("Verbindung zum Server verloren"), cut=True) == "The database closed the connection."
    assert sentence_of(psycopg.errors.ConnectionTimeout("Zeitüberschreitung")) == "The database does not answer in time."


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (sqlite3.SQLITE_BUSY, LOCKED),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, LOCKED),
        (sqlite3.SQLITE_LOCKED, LOCKED),
        (sqlite3.SQLITE_READONLY_DBMOVED, "The database can only be read."),
        (sqlite3.SQLITE_FULL, "The disk is full."),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "The database file cannot be opened."),
        (sqlite3.SQLITE_NOTADB, "The file is no database."),
        (sqlite3.SQLITE_CORRUPT_INDEX, "The database file is damaged."),
        (sqlite3.SQLITE_IOERR_WRITE, "The database does not work (OperationalError)."),
    ],
)
def test_what_sqlite_reports_is_known_by_its_code(code: int, sentence: str) -> None:
    error = sqlite3.OperationalError("SECRETPASSWORD")
    error.sqlite_errorcode = code
    assert sentence_of(error) == sentence


def test_words_alone_tell_nothing() -> None:
    for text in ("database is locked", "SECRETPASSWORD disk is full"):
        assert sentence_of(sqlite3.OperationalError(text)) == "The database does not work (OperationalError)."
    assert str(store_error(sa.exc.InvalidRequestError("SECRETPASSWORD is locked"))) == "The database does not work (InvalidRequestError)."


def test_only_a_lock_may_pass_by_itself() -> None:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert type(store_error(sa.exc.OperationalError("", None, error))) is LockedError
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert type(store_error(sa.exc.OperationalError("", None, error))) is StoreError
