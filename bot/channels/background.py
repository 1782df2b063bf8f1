"""What channels share: work that is done beside, so that no acknowledgement waits for it, and calls that are counted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bot.contracts.errors import ChannelError, SendError

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Coroutine, Hashable

    from bot.contracts.ports import Observer

T = TypeVar("T")


class BackgroundTasks:
    """Does work in tasks of its own. What fails is told in one line, with its own words for `expected` failures only."""

    def __init__(self, log: logging.Logger, what: str, expected: tuple[type[Exception], ...]) -> None:
        self._log = log
        self._what = what
        self._expected = expected
        self._tasks: set[asyncio.Task[None]] = set()

    def do(self, work: Coroutine[Any, Any, object]) -> None:
        """Begin some work and return at once."""
        task = asyncio.create_task(self._done(work))
        self._tasks.add(task)  # the event loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Return once nothing is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _done(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except self._expected as error:
            self._log.warning("%s: %s", self._what, error)
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            self._log.warning("%s (%s).", self._what, type(error).__name__)


class SharedWork(Generic[T]):
    """Work that all who want it while it is under way wait for together. It goes on where they wait no longer."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}

    async def done(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What comes of the work with a key, which is begun unless it is under way."""
        if (task := self._tasks.get(key)) is None:
            task = self._tasks[key] = asyncio.create_task(work())
            task.add_done_callback(lambda ended: self._ended(key, ended))
        return await asyncio.shield(task)

    async def stop(self) -> None:
        """Leave what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: Hashable, task: asyncio.Task[T]) -> None:
        self._tasks.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever waits hears of it; where nobody does, the event loop would print it


async def called(observer: Observer, platform: str, method: str, call: Awaitable[T]) -> T:
    """What a call gives, counted by its result.

    `ok`, `cancelled` where nobody waited for its end, the name of what was raised (`later` is what Slack and Telegram call 429), or
    `broken` for what should never be raised.
    """
    result = "broken"
    try:
        answer = await call
        result = "ok"
    except asyncio.CancelledError:
        result = "cancelled"
        raise
    except (SendError, ChannelError) as error:
        result = type(error).__name__.removesuffix("Error").lower()
        raise
    finally:
        observer.called(platform, method, result)
    return answer
