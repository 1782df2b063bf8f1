"""A writer whose thread has ended lets nobody wait, whatever has ended it."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.contracts.errors import StoreError
from bot.store import writer as writing
from bot.store.database import engine_of
from bot.store.writer import STOPPED, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa

    from bot.store.store import Store

SOON = 5
"""Seconds in which everybody hears what there is to hear."""


class EndError(BaseException):
    """What is no fault of a job, such as the end of an interpreter."""


def end(_: object) -> None:
    raise EndError


def nothing(_: object) -> None:
    pass


@pytest.fixture
def writer(url: str) -> Iterator[Writer]:
    engine = engine_of(url)
    writer = Writer(engine)
    yield writer
    writer.close()
    engine.dispose()


def held(writer: Writer, then: Callable[[sa.Connection], None]) -> threading.Event:
    """Keep the writer at work until the event is set; only then it does something."""
    at_work, go_on = threading.Event(), threading.Event()

    def wait(connection: sa.Connection) -> None:
        at_work.set()
        assert go_on.wait(SOON)
        then(connection)

    writer.submit(wait)
    assert at_work.wait(SOON)
    return go_on


def test_all_who_wait_and_all_who_come_later_hear_it_at_once(writer: Writer, caplog: pytest.LogCaptureFixture) -> None:
    assert writer.alive

    async def waiting() -> list[object]:
        go_on = held(writer, end)
        futures = [asyncio.wrap_future(writer.submit(nothing)) for _ in range(200)]
        runs = [asyncio.ensure_future(writer.run(nothing)) for _ in range(200)]
        await asyncio.sleep(0)
        go_on.set()
        return await asyncio.wait_for(asyncio.gather(*futures, *runs, return_exceptions=True), SOON)

    heard = asyncio.run(waiting())
    assert {(type(error), str(error)) for error in heard} == {(StoreError, STOPPED)}
    assert not writer.alive
    for _ in range(2):
        with pytest.raises(StoreError, match=STOPPED):
            writer.submit(nothing)
        with pytest.raises(StoreError, match=STOPPED):
            asyncio.run(asyncio.wait_for(writer.run(nothing), SOON))
    assert caplog.messages == ["The store has stopped working (EndError)."]


def test_whoever_brings_the_end_hears_it_too(writer: Writer) -> None:
    with pytest.raises(StoreError, match=STOPPED):
        writer.submit(end).result(SOON)


@pytest.mark.parametrize("part", ["scrub", "durability"])
def test_a_fault_of_the_writer_itself_is_heard_and_what_was_kept_is_kept_once(
    writer: Writer, part: str, monkeypatch: pytest.MonkeyPatch, rows: Callable[[str], list[sa.Row]]
) -> None:
    def keep(connection: sa.Connection, number: int) -> int:
        return connection.exec_driver_sql(f"INSERT INTO kept VALUES ({number})").rowcount  # noqa: S608

    def broken(*_: object, **__: object) -> None:
        message = "the writer is broken"
        raise AttributeError(message)

    rows("CREATE TABLE kept (number INTEGER)")
    go_on = held(writer, nothing)
    futures = [writer.submit(partial(keep, number=number), scrub=True) for number in range(3)]
    monkeypatch.setattr(writing, part, broken)
    go_on.set()
    errors = [type(future.exception(SOON)) for future in futures]
    assert errors == [StoreError if part == "scrub" else AttributeError] * 3
    assert [row.number for row in rows("SELECT number FROM kept ORDER BY number")] == ([0, 1, 2] if part == "scrub" else [])
    assert writer.alive == (part != "scrub")


def test_a_closed_writer_takes_no_more(url: str) -> None:
    engine = engine_of(url)
    writer = Writer(engine)
    assert writer.submit(nothing).result(SOON) is None
    writer.close()
    writer.close()
    assert not writer.alive
    with pytest.raises(StoreError, match=STOPPED):
        writer.submit(nothing).result(SOON)
    engine.dispose()


def test_many_who_ask_while_it_ends_are_all_answered(writer: Writer) -> None:
    outcomes: list[str] = []

    def ask() -> None:
        for _ in range(200):
            try:
                writer.submit(nothing).result(SOON)
                outcomes.append("done")
            except StoreError as error:
                outcomes.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    with pytest.raises(StoreError, match=STOPPED):
        writer.submit(end).result(SOON)
    for thread in threads:
        thread.join()
    assert len(outcomes) == 1200
    assert {*outcomes} <= {"done", STOPPED}


def test_a_job_that_was_called_off_is_not_begun(writer: Writer) -> None:
    begun: list[int] = []
    go_on = held(writer, nothing)
    futures = [writer.submit(lambda _, number=number: begun.append(number)) for number in range(3)]
    assert futures[1].cancel()
    go_on.set()
    futures[2].result(SOON)
    assert begun == [0, 2]


def test_a_store_tells_that_it_has_stopped_and_goes_on_reading(store: Store) -> None:
    assert store.alive
    with pytest.raises(StoreError, match=STOPPED):
        store.write(end)
    assert not store.alive
    assert store.question("q") is None
    with pytest.raises(StoreError, match=STOPPED):
        asyncio.run(asyncio.wait_for(store.tidy(90), SOON))
