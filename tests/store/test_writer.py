"""One thread that writes: what is asked for together is committed together, and everybody hears what became of theirs."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.contracts.errors import StoreError
from bot.store import writer as writing
from bot.store.database import engine_of
from bot.store.writer import MOST_TOGETHER, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    Rows = Callable[[str], list[sa.Row]]


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (number INTEGER PRIMARY KEY)")
    yield engine
    engine.dispose()


@pytest.fixture
def writer(engine: sa.Engine) -> Iterator[Writer]:
    writer = Writer(engine)
    yield writer
    writer.close()


@pytest.fixture
def begun(engine: sa.Engine) -> list[str]:
    """A mark for each transaction that was begun."""
    marks: list[str] = []
    sa.event.listen(engine, "begin", lambda _: marks.append("BEGIN"))
    return marks


def insert(connection: sa.Connection, number: int) -> int:
    connection.exec_driver_sql(f"INSERT INTO kept VALUES ({number})")  # noqa: S608
    return number


def held(writer: Writer) -> threading.Event:
    """Keep the writer at work until the event is set, so that what is asked for meanwhile waits together."""
    at_work, go_on = threading.Event(), threading.Event()

    def wait(_: sa.Connection) -> None:
        at_work.set()
        assert go_on.wait(10)

    writer.submit(wait)
    assert at_work.wait(10)
    return go_on


def numbers(rows: Rows) -> list[int]:
    return [row.number for row in rows("SELECT number FROM kept ORDER BY number")]


def test_results_arrive_in_threads_and_in_loops(writer: Writer, rows: Rows) -> None:
    assert writer.submit(partial(insert, number=1)).result(10) == 1
    assert asyncio.run(writer.run(partial(insert, number=2), durable=True)) == 2
    assert numbers(rows) == [1, 2]


def test_what_a_job_raises_arrives_and_undoes_what_it_did(writer: Writer, rows: Rows) -> None:
    def fail(connection: sa.Connection) -> None:
        insert(connection, 1)
        message = "not today"
        raise LookupError(message)

    with pytest.raises(LookupError, match="not today"):
        writer.submit(fail).result(10)
    with pytest.raises(LookupError, match="not today"):
        asyncio.run(writer.run(fail))
    assert writer.submit(partial(insert, number=2)).result(10) == 2
    assert numbers(rows) == [2]


@pytest.mark.parametrize(("jobs", "commits"), [(1, 1), (MOST_TOGETHER, 1), (2 * MOST_TOGETHER + 1, 3)])
def test_what_is_asked_for_together_is_committed_together(writer: Writer, begun: list[str], rows: Rows, jobs: int, commits: int) -> None:
    go_on = held(writer)
    begun.clear()
    futures = [writer.submit(partial(insert, number=number)) for number in range(jobs)]
    go_on.set()
    assert [future.result(10) for future in futures] == list(range(jobs))
    assert len(begun) == commits
    assert numbers(rows) == list(range(jobs))


def test_many_who_ask_at_once_in_a_loop_share_commits(writer: Writer, begun: list[str]) -> None:
    async def all_at_once() -> list[int]:
        return await asyncio.gather(*(writer.run(partial(insert, number=number)) for number in range(500)))

    assert asyncio.run(all_at_once()) == list(range(500))
    assert len(begun) < 100


def test_jobs_of_many_threads_run_one_after_the_other(writer: Writer, rows: Rows) -> None:
    def add(connection: sa.Connection) -> None:
        insert(connection, connection.exec_driver_sql("SELECT count(*) FROM kept").scalar_one())

    def ask() -> None:
        for future in [writer.submit(add) for _ in range(50)]:
            future.result(10)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(rows) == list(range(300))


@pytest.mark.parametrize("bad", [0, 9, 19])
def test_one_bad_job_fails_alone(writer: Writer, rows: Rows, bad: int) -> None:
    def job(connection: sa.Connection, number: int) -> int:
        insert(connection, number)
        return number // (number != bad)

    go_on = held(writer)
    futures = [writer.submit(partial(job, number=number)) for number in range(20)]
    go_on.set()
    for number, future in enumerate(futures):
        if number == bad:
            assert isinstance(future.exception(10), ZeroDivisionError)
        else:
            assert future.result(10) == number
    assert numbers(rows) == [number for number in range(20) if number != bad]


def test_one_job_that_the_database_refuses_fails_alone_and_in_a_sentence(writer: Writer, rows: Rows) -> None:
    go_on = held(writer)
    futures = [writer.submit(partial(insert, number=number)) for number in (1, 2, 1, 3)]
    go_on.set()
    assert str(futures[2].exception(10)) == "The database does not work (IntegrityError)."
    assert [futures[place].result(10) for place in (0, 1, 3)] == [1, 2, 3]
    assert numbers(rows) == [1, 2, 3]


@pytest.mark.parametrize(("durable", "expected"), [([False, False], {"1", "off"}), ([False, True, False], {"2", "on"})])
def test_a_commit_reaches_the_disk_if_one_of_its_jobs_must(writer: Writer, url: str, durable: list[bool], expected: set[str]) -> None:
    asked = "PRAGMA synchronous" if url.startswith("sqlite") else "SHOW synchronous_commit"
    go_on = held(writer)
    futures = [writer.submit(lambda connection: str(connection.exec_driver_sql(asked).scalar()), durable=one) for one in durable]
    go_on.set()
    assert {future.result(10) for future in futures} < expected
    assert writer.submit(lambda connection: str(connection.exec_driver_sql(asked).scalar())).result(10) in {"1", "off"}


def test_closing_finishes_what_was_asked_for(engine: sa.Engine, rows: Rows) -> None:
    writer = Writer(engine)
    go_on = held(writer)
    futures = [writer.submit(partial(insert, number=number)) for number in range(300)]
    threading.Timer(0.02, go_on.set).start()
    writer.close()
    assert all(future.done() for future in futures)
    assert numbers(rows) == list(range(300))


def test_a_job_that_nobody_waits_for_any_more_is_not_begun(writer: Writer, rows: Rows) -> None:
    go_on = held(writer)

    async def impatient() -> None:
        await asyncio.wait_for(writer.run(partial(insert, number=1)), 0.01)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    go_on.set()
    assert writer.submit(partial(insert, number=2)).result(10) == 2
    assert numbers(rows) == [2]


def test_a_scrub_that_fails_neither_undoes_nor_repeats_what_was_committed_and_is_made_up_for(
    writer: Writer, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Exception | None] = [sa.exc.OperationalError("VACUUM", None, Exception("disk I/O error")), None]

    def scrub(_: sa.Connection) -> bool:
        fault = faults.pop(0)
        if fault:
            raise fault
        return True

    monkeypatch.setattr(writing, "scrub", scrub)
    monkeypatch.setattr(writing, "PAUSE", 0.0)
    go_on = held(writer)
    futures: list[Future[int]] = [writer.submit(partial(insert, number=number), scrub=number == 2) for number in (1, 2, 3)]
    go_on.set()
    assert [future.result(10) for future in futures] == [1, 2, 3]
    assert len(faults) == 1
    for number in (4, 5):
        assert writer.submit(partial(insert, number=number)).result(10) == number
    assert faults == []
    assert numbers(rows) == [1, 2, 3, 4, 5]


@pytest.fixture
def gone(tmp_path: Path) -> Iterator[tuple[Writer, list[bool]]]:
    """A writer whose database is gone as long as the list ends with True; each attempt to reach it adds to the list."""
    attempts = [True]

    def connect() -> sqlite3.Connection:
        attempts.append(attempts[-1])
        if attempts[-1]:
            return sqlite3.connect(tmp_path / "missing" / "a.db")
        return sqlite3.connect(tmp_path / "a.db", check_same_thread=False, isolation_level=None)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    writer = Writer(engine)
    yield writer, attempts
    writer.close()
    engine.dispose()


def test_while_the_database_is_gone_everybody_hears_it_at_once(gone: tuple[Writer, list[bool]]) -> None:
    writer, attempts = gone
    for _ in range(20):
        with pytest.raises(StoreError, match=r"^The database file cannot be opened\.$"):
            writer.submit(lambda _: None).result(10)

    async def many() -> list[object]:
        return await asyncio.gather(*(writer.run(lambda _: None) for _ in range(50)), return_exceptions=True)

    assert {str(error) for error in asyncio.run(many())} == {"The database file cannot be opened."}
    assert len(attempts) == 2


def test_a_database_that_is_back_is_found_after_the_pause(gone: tuple[Writer, list[bool]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PAUSE", 0.05)
    writer, attempts = gone
    with pytest.raises(StoreError):
        writer.submit(lambda _: None).result(10)
    attempts.append(False)
    time.sleep(0.06)
    assert writer.submit(lambda connection: connection.exec_driver_sql("SELECT 7").scalar()).result(10) == 7


def test_a_connection_that_was_cut_is_told_once_and_made_anew(postgres: Callable[[], str]) -> None:
    engine = engine_of(postgres())
    writer = Writer(engine)
    own = writer.submit(lambda connection: connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()).result(10)
    with engine.begin() as beside:
        assert beside.exec_driver_sql(f"SELECT pg_terminate_backend({own}, 5000)").scalar()
    with pytest.raises(StoreError, match=r"^The database closed the connection\.$"):
        writer.submit(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()).result(10)
    assert writer.submit(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()).result(10) == 1
    writer.close()
    engine.dispose()
