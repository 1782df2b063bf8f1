"""The worker: takes events from the inbox, conversations side by side and each in order, until all that is due is done."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from bot.contracts.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from bot.contracts.events import LeasedEvent
    from bot.contracts.ports import Inbox
    from bot.delivery.memory import Memory
    from bot.delivery.processor import Processor

T = TypeVar("T")

SLOTS = 16
"""Conversations worked on at once, and so the most that a kill can double.

What waited from before the start gets at most half of them: who asks now is not kept waiting.
"""
POLL = 1.0
"""Seconds after which the inbox is looked into without being told: what was put back is due, other processes put events there."""
RENEW = 3.0
"""Seconds after which leases are renewed; they last for 10."""

log = logging.getLogger("careerbot.delivery")


class Worker:
    """Gives events of an inbox to a processor. `store_away` is awaited when the inbox cannot be read."""

    def __init__(self, inbox: Inbox, processor: Processor, memory: Memory, store_away: Callable[[], Awaitable[None]]) -> None:
        self._inbox = inbox
        self._processor = processor
        self._memory = memory
        self._store_away = store_away
        self._running: dict[int, asyncio.Task[None]] = {}
        self._waited: set[int] = set()
        self._noticed = False
        self._reserved = 0
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._started = False
        self._stopping = False
        self._look_back = 0.0

    def wake(self) -> None:
        """Look into the inbox soon."""
        self._idle.clear()
        self._woken.set()

    def wake_for_notices(self) -> None:
        """Look into the inbox soon, and again until nothing is in hand: a notice may wait for what is in its conversation."""
        self._noticed = True
        self.wake()

    @contextmanager
    def slot(self) -> Iterator[bool]:
        """Whether a slot is free, which is kept free while the block runs: for an event that is leased as it is kept."""
        free = self._started and not self._stopping and self._free > 0
        self._reserved += free
        try:
            yield free
        finally:
            self._reserved -= free

    def begin(self, events: Sequence[LeasedEvent], *, waited: bool = False) -> None:
        """Work on leased events; once the worker is stopping they wait for the next start."""
        for leased in () if self._stopping else events:
            self._idle.clear()
            self._memory.accepted.pop(leased.context.event, None)
            task = asyncio.create_task(self._work(leased))
            self._running[leased.seq] = task
            if waited:
                self._waited.add(leased.seq)
            task.add_done_callback(partial(self._ended, leased.seq))

    async def settled(self) -> None:
        """Return once nothing is worked on and nothing is due."""
        await self._idle.wait()

    async def run(self) -> None:
        """Work until stopped."""
        self._started = True
        while not self._stopping:
            await self._fill()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL)

    async def renew(self) -> None:
        """Go on leasing what is worked on, forever."""
        while True:
            await asyncio.sleep(RENEW)
            if self._running:
                with suppress(StoreError):  # whoever writes next hears of it
                    await self._inbox.renew(tuple(self._running))

    async def stop(self, seconds: float) -> None:
        """Take nothing more and let what is in hand be finished within so many seconds; the rest waits for the next start."""
        self._stopping = True
        self._woken.set()
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=seconds)
            for task in late:
                task.cancel()

    @property
    def _free(self) -> int:
        return SLOTS - len(self._running) - self._reserved

    async def _fill(self) -> None:
        """Take as many events as there are free slots."""
        self._woken.clear()
        self._noticed = self._noticed and bool(self._running)
        try:
            self.begin(await self._take(SLOTS, fresh=True))
            await self._fill_with_what_waited()
        except StoreError as error:
            log.warning("The inbox cannot be read now: %s", error)
            await self._store_away()
        self._rest()

    async def _fill_with_what_waited(self) -> None:
        """The same with what waited from before the start; once there is nothing left of it, only a look now and then."""
        now = asyncio.get_running_loop().time()
        if now >= self._look_back:
            waited = await self._take(SLOTS // 2 - len(self._waited), fresh=False)
            self.begin(waited, waited=True)
            if not waited and not self._waited:
                self._look_back = now + POLL

    async def _take(self, most: int, *, fresh: bool) -> Sequence[LeasedEvent]:
        free = max(0, min(most, self._free))
        self._reserved += free  # nobody else is to fill them meanwhile
        try:
            return await self._inbox.take(free, fresh=fresh, but=tuple(self._running)) if free else ()
        finally:
            self._reserved -= free

    def _ended(self, seq: int, task: asyncio.Task[None]) -> None:
        """A slot is free again: look for what waits for it, if anything is known to."""
        self._running.pop(seq, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Event %s was left (%s); it is taken again once its lease is over.", seq, type(error).__name__)
        if self._memory.accepted or self._noticed or seq in self._waited:
            self.wake()
        self._waited.discard(seq)
        self._rest()

    def _rest(self) -> None:
        if not self._running and not self._woken.is_set():
            self._idle.set()

    async def _work(self, leased: LeasedEvent) -> None:
        """Work on one event until it is done, put back, or counted as a try."""
        try:
            decided = await self._once_stored(lambda: self._processor.decide(leased), leased)
            result = await self._once_stored(lambda: self._processor.deliver(decided), leased)
            if result.status == "again":
                asyncio.get_running_loop().call_later(result.pause, self.wake)
            else:
                await self._once_stored(lambda: self._processor.finish(decided, result), leased)
        except _StoppedError:
            return  # it waits for the next start
        except Exception as error:  # noqa: BLE001 - one event must not stop the others; it is tried again, then set aside and listed
            log.warning("Event %s went wrong (%s)", leased.seq, type(error).__name__)  # no trace: it may hold what was written
            await self._processor.fail(leased, error, POLL)

    async def _once_stored(self, step: Callable[[], Awaitable[T]], leased: LeasedEvent) -> T:
        """What a step gives, taken again for as long as the store is away. Raises `_StoppedError` if the worker stops meanwhile."""
        while True:
            try:
                return await step()
            except StoreError as error:
                log.warning("Event %s waits: %s", leased.seq, error)
            if self._stopping:
                raise _StoppedError
            await asyncio.sleep(POLL)


class _StoppedError(Exception):
    """The worker stops while an event waits for the store."""
