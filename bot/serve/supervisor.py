"""The owner of all tasks that run as long as the process does: one that dies is told, and ends the process in order."""

from __future__ import annotations

import asyncio
import logging
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

log = logging.getLogger("careerbot")


class TaskDiedError(Exception):
    """A task that should run as long as the process does has ended by an error; the text says which and where, in one sentence."""


class Supervisor:
    """Starts tasks and notices their deaths. A platform that cannot be reached is no death: whoever waits for it says so and waits on."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._death: TaskDiedError | None = None

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin some work; whoever began it cancels it when it is to end. `name` says what it does, in a word or two."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        return task

    def stop(self) -> None:
        """Let the process end in order."""
        self._stop.set()

    async def stopped(self) -> None:
        """Return once the process is to end: it was told to, or a task has died."""
        await self._stop.wait()

    async def unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work, but leave it once the process is to end."""
        working, stopping = asyncio.create_task(work), asyncio.create_task(self.stopped())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (working, stopping):
                task.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
        with suppress(asyncio.CancelledError):
            await working

    def check(self) -> None:
        """Raise `TaskDiedError` if a task has died."""
        if self._death is not None:
            raise self._death

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        sentence = f"The {task.get_name()} has died ({type(error).__name__}{_place(error)}); the bot ends."
        log.critical(sentence)
        self._death = self._death or TaskDiedError(sentence)
        self._stop.set()


def _place(error: BaseException) -> str:
    """Where in the code an error arose, without any value: an error's own text may quote what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
