"""The tables are made and brought up to date as a whole or not at all, by one at a time, on both databases."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import alembic.op
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.contracts.errors import StoreError
from bot.store import migrate as migrating
from bot.store.database import engine_of, sqlite_url
from bot.store.migrate import HEAD, migrate, revision_of
from bot.store.store import Store
from bot.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rows = Callable[[str], list[sa.Row]]

SECRET = "a secret of the tests"  # noqa: S105 - it seals nothing but tests


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    engine = engine_of(url)
    yield engine
    engine.dispose()


def tables(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        return {*sa.inspect(connection).get_table_names()}


def interrupted(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let making tables go wrong after so many."""
    create, made = alembic.op.create_table, []

    def create_table(name: str, *columns: object, **options: object) -> None:
        if len(made) == after:
            message = "the power went out"
            raise RuntimeError(message)
        made.append(create(name, *columns, **options))

    monkeypatch.setattr(alembic.op, "create_table", create_table)


def test_an_empty_database_gets_all_tables(engine: sa.Engine) -> None:
    assert revision_of(engine) == ""
    assert tables(engine) == set()
    migrate(engine)
    assert revision_of(engine) == HEAD
    assert tables(engine) == {*metadata.tables, "alembic_version"}


def test_a_database_that_is_up_to_date_is_left_alone(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(engine)
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: statements.append(statement.split()[0]))
    interrupted(monkeypatch, 0)
    migrate(engine)
    assert {*statements} <= {"SELECT", "PRAGMA", "BEGIN"}


def test_the_newest_revision_is_the_one_that_the_store_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrating._REVISIONS))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [HEAD]
    for revision in script.walk_revisions():
        assert Path(revision.path).name.startswith(f"{revision.revision}_")


def test_a_database_of_the_first_revision_keeps_what_it_holds(engine: sa.Engine) -> None:
    migrate(engine, "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO seen (key, at) VALUES ('kept', 1.0)")
    assert "answers" not in tables(engine)
    migrate(engine)
    assert tables(engine) == {*metadata.tables, "alembic_version"}
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT key FROM seen").scalar() == "kept"


def test_the_tables_that_are_made_are_those_that_the_store_describes(engine: sa.Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_numbers_of_events_are_never_used_twice(engine: sa.Engine) -> None:
    migrate(engine)
    row = "INSERT INTO inbox (id, platform, conversation, person, received, due, lease, tries, aside, fault) VALUES ('{}', '', '', '', 0, 0, 0, 0, (1 = 0), '')"
    with engine.begin() as connection:
        for id_ in "ab":
            connection.exec_driver_sql(row.format(id_))
        connection.exec_driver_sql("DELETE FROM inbox WHERE id = 'b'")
        connection.exec_driver_sql(row.format("c"))
        assert connection.exec_driver_sql("SELECT seq FROM inbox WHERE id = 'c'").scalar() == 3


def test_many_who_open_an_empty_database_at_once_all_succeed(url: str) -> None:
    together = threading.Barrier(6)
    faults: list[Exception] = []

    def start() -> None:
        together.wait()
        try:
            Store(url, lambda _: SECRET, alone=False).close()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must hear it
            faults.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_processes_that_open_an_empty_database_at_once_all_succeed(url: str, tmp_path: Path, rows: Rows) -> None:
    program = (
        f"from bot.store.store import Store; print('ready', flush=True); input(); Store({url!r}, lambda _: {SECRET!r}, alone=False).close()"
    )
    starting = [
        subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)
    ]
    for process in starting:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
    for process in starting:
        assert process.stdin
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in starting:
        process.communicate(timeout=20)
    assert [process.returncode for process in starting] == [0, 0]
    assert [row[0] for row in rows("SELECT version_num FROM alembic_version")] == [HEAD]


@pytest.mark.parametrize("after", [1, 8])
def test_a_migration_that_is_interrupted_leaves_nothing_and_is_made_up_for(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    with monkeypatch.context() as patched:
        interrupted(patched, after)
        with pytest.raises(RuntimeError, match="the power went out"):
            migrate(engine)
    assert tables(engine) == set()
    assert revision_of(engine) == ""
    migrate(engine)
    assert tables(engine) == {*metadata.tables, "alembic_version"}


def test_a_migration_that_is_killed_leaves_nothing_and_is_made_up_for(tmp_path: Path) -> None:
    program = f"""
import os, signal
import alembic.op
from bot.store.store import Store
create, made = alembic.op.create_table, []
def create_table(*what, **how):
    if len(made) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    made.append(create(*what, **how))
alembic.op.create_table = create_table
Store({sqlite_url(tmp_path)!r}, lambda _: {SECRET!r})
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=tmp_path)
    assert done.returncode == -signal.SIGKILL
    engine = engine_of(sqlite_url(tmp_path))
    assert tables(engine) == set()
    Store(sqlite_url(tmp_path), lambda _: SECRET).close()
    assert tables(engine) == {*metadata.tables, "alembic_version"}
    assert revision_of(engine) == HEAD
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(url: str, open_store: Callable[..., Store], rows: Rows) -> None:
    open_store()
    rows("UPDATE alembic_version SET version_num = '0099'")
    rows("UPDATE inbox SET lease = 1")
    before = [[*row] for table in metadata.tables for row in rows(f"SELECT * FROM {table}")]  # noqa: S608
    sentence = r"^The database was made by a newer careerbot \(revision 0099\)\. Install that version, or restore an older copy\.$"
    for _ in range(2):
        with pytest.raises(StoreError, match=sentence):
            Store(url, lambda _: SECRET)
    assert [row[0] for row in rows("SELECT version_num FROM alembic_version")] == ["0099"]
    assert [[*row] for table in metadata.tables for row in rows(f"SELECT * FROM {table}")] == before  # noqa: S608


def test_no_secret_is_made_for_a_database_of_a_newer_version(url: str, open_store: Callable[..., Store], rows: Rows) -> None:
    open_store()
    rows("UPDATE alembic_version SET version_num = '0099'")
    asked: list[bool] = []

    def secret(may_make: bool) -> str:  # noqa: FBT001 - as the store asks
        asked.append(may_make)
        return SECRET

    with pytest.raises(StoreError, match="newer"):
        Store(url, secret)
    assert asked == []
