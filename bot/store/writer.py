"""One thread that writes: what is asked for at the same time is committed together, so that a commit is paid once for many."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.errors import StoreError
from bot.store.database import durability, scrub, store_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

T = TypeVar("T")
log = logging.getLogger("careerbot.store")

MOST_TOGETHER = 128
"""Jobs of one commit."""
PAUSE = 1.0
"""Seconds after a failed connection in which nobody tries again: those who write meanwhile hear at once that it is down."""
STOPPED = "The store has stopped working."
"""What those hear who ask for something when the thread has ended."""


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    work: Callable[[Connection], T]
    durable: bool
    scrub: bool
    future: Future[T] | asyncio.Future[T]
    loop: asyncio.AbstractEventLoop | None = None


class Writer:
    """Runs jobs in transactions of one connection. A job may run twice, so it must do nothing but use its connection.

    If its thread ends, however that comes, all who wait and all who come later get a `StoreError` at once.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._in_hand: list[_Job[Any]] = []
        self._gate = threading.Lock()
        self._alive = True
        self._connection: Connection | None = None
        self._down: tuple[float, StoreError] | None = None
        self._unscrubbed = False
        self._scrub_from = 0.0
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether jobs are still run."""
        return self._alive

    async def run(self, work: Callable[[Connection], T], *, durable: bool = False, scrub: bool = False) -> T:
        """What `work` returns, once it is committed; raises `StoreError` if that cannot be, and what `work` raises.

        A `durable` commit has reached the disk; any other survives the end of the process, but not a power cut. `scrub` leaves
        no trace of what was deleted.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Job(work, durable, scrub, future, loop))
        return await future

    def submit(self, work: Callable[[Connection], T], *, durable: bool = False, scrub: bool = False) -> Future[T]:
        """The same for code without an event loop; raises `StoreError` at once if no jobs are run any more."""
        future: Future[T] = Future()
        self._put(_Job(work, durable, scrub, future))
        return future

    def close(self) -> None:
        """Finish what was asked for, and end."""
        self._jobs.put(None)
        self._thread.join()
        self._disconnect()

    def _put(self, job: _Job[Any]) -> None:
        with self._gate:  # so that no job comes in after those that waited were turned away
            if not self._alive:
                raise StoreError(STOPPED)
            self._jobs.put(job)

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - nobody is above a thread: those who wait must hear it
            log.critical("The store has stopped working (%s).", type(error).__name__)
        self._turn_away()

    def _turn_away(self) -> None:
        """Give all who wait an error: nothing is done any more."""
        with self._gate:
            self._alive = False
        waiting = self._in_hand
        with suppress(Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None and _begins(job):
                    waiting.append(job)
        _settle([(job, None, StoreError(STOPPED)) for job in waiting])

    def _work(self) -> None:
        """Run jobs until there are to be no more."""
        ending = False
        while not ending:
            jobs = [self._jobs.get()]
            with suppress(Empty):
                while len(jobs) < MOST_TOGETHER:
                    jobs.append(self._jobs.get_nowait())
            ending = None in jobs
            self._in_hand = [job for job in jobs if job is not None and _begins(job)]
            if self._in_hand:
                self._commit(self._in_hand)
            self._in_hand = []
        if self._unscrubbed:
            self._scrub_from = 0.0
            with suppress(StoreError):  # the database is gone, and this was the last chance
                self._scrub(self._connected(), wanted=False)

    def _commit(self, jobs: list[_Job[Any]]) -> None:
        """Commit jobs together; if that fails, each by itself, so that one bad job spoils nothing for the others."""
        try:
            connection, results = self._together(jobs)
        except Exception as error:  # noqa: BLE001 - jobs are the code of others: whatever one raises is for whoever asked for it
            if len(jobs) == 1:
                _settle([(jobs[0], None, error)])
            else:
                for job in jobs:
                    self._commit([job])
            return
        self._scrub(connection, wanted=any(job.scrub for job in jobs))
        _settle([(job, result, None) for job, result in zip(jobs, results, strict=True)])

    def _together(self, jobs: list[_Job[Any]]) -> tuple[Connection, list[Any]]:
        connection = self._connected()
        try:
            with durability(connection, durable=any(job.durable for job in jobs)):
                return connection, [job.work(connection) for job in jobs]
        except SQLAlchemyError as error:
            self._disconnect()
            raise store_error(error) from None

    def _scrub(self, connection: Connection, *, wanted: bool) -> None:
        """Leave no trace; what cannot be done now (somebody reads, the disk is full) is done with a later commit."""
        self._unscrubbed = self._unscrubbed or wanted
        if self._unscrubbed and time.monotonic() >= self._scrub_from:
            try:
                self._unscrubbed = not scrub(connection)
            except SQLAlchemyError:
                self._disconnect()  # what was committed stays committed, whatever this says
            self._scrub_from = time.monotonic() + PAUSE

    def _connected(self) -> Connection:
        if self._connection is None:
            if self._down and time.monotonic() < self._down[0]:
                raise self._down[1]
            try:
                self._connection = self._engine.connect()
            except SQLAlchemyError as error:
                self._down = (time.monotonic() + PAUSE, store_error(error))
                raise self._down[1] from None
        return self._connection

    def _disconnect(self) -> None:
        """Give the connection up; the next job gets a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except SQLAlchemyError:
                pass  # it is gone already


def _begins(job: _Job[Any]) -> bool:
    """Whether somebody still waits for a job; from now on nobody can call it off in a thread."""
    if isinstance(job.future, Future):
        return job.future.set_running_or_notify_cancel()
    return not job.future.cancelled()


def _settle(results: list[tuple[_Job[Any], Any, Exception | None]]) -> None:
    """Give whoever waits the result or the error of their jobs: each event loop is woken once for all of its jobs."""
    loops = dict.fromkeys(job.loop for job, _, _ in results)
    for loop in loops:
        theirs = [each for each in results if each[0].loop is loop]
        if loop is None:
            _set_results(theirs)
        else:
            with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
                loop.call_soon_threadsafe(_set_results, theirs)


def _set_results(results: list[tuple[_Job[Any], Any, Exception | None]]) -> None:
    for job, result, error in results:
        if job.future.done():
            continue  # whoever asked does not wait any more
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)
