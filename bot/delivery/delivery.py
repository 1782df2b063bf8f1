"""The door that channels knock at, and everything behind it that runs while the bot does."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Self

from bot.delivery.memory import Memory
from bot.delivery.sending import send
from bot.delivery.upkeep import Upkeep
from bot.delivery.worker import Worker
from bot.dialogue.events import Taken, id_of
from bot.dialogue.ports import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from bot.dialogue.clerk import Clerk
    from bot.dialogue.events import Event
    from bot.dialogue.ports import Channel, Inbox

KEPT_WITHIN = 2.0
"""Seconds that an event may take to be kept; Slack wants its acknowledgement within 3."""


_NEITHER = "Neither the database nor the platform can be reached now."


class Delivery:
    """A `Door` before a worker. `clock` gives seconds since the epoch; `desk_hours` and `retention_days` are for the upkeep."""

    def __init__(
        self,
        inbox: Inbox,
        clerk: Clerk,
        channels: Mapping[str, Channel],
        *,
        desk_hours: float = 24.0,
        retention_days: int = 90,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inbox = inbox
        self._channels = channels
        self._clock = clock
        self._memory = Memory()
        self.worker = Worker(inbox, clerk, channels, self._memory, clock, self._answer_what_waits)
        self.upkeep = Upkeep(inbox, self.worker, desk_hours=desk_hours, retention_days=retention_days, clock=clock)
        self.unkept = 0
        """Events answered without being kept."""
        self.again = 0
        """Events that came again."""

    async def accept(self, event: Event) -> None:
        """Return once an event is kept or answered. Raises `StoreError` if neither can be: then it must come again."""
        try:
            new = await asyncio.wait_for(self._inbox.put(event), KEPT_WITHIN)
        except (StoreError, TimeoutError):
            await self._answer_at_once(event)
            return
        if new:
            self._memory.accept(id_of(event), event)
            self.worker.wake()
        else:
            self.again += 1

    async def settled(self) -> None:
        """Return once nothing waits that is due."""
        await self.worker.settled()

    @asynccontextmanager
    async def working(self, grace: float = 10.0) -> AsyncIterator[Self]:
        """Work while the block runs; at its end take nothing more and finish what is in hand within `grace` seconds."""
        worker = asyncio.create_task(self.worker.run())
        upkeep = asyncio.create_task(self.upkeep.run())
        try:
            yield self
        finally:
            upkeep.cancel()
            await self.worker.stop(grace)
            await asyncio.gather(worker, upkeep, return_exceptions=True)

    async def _answer_what_waits(self) -> None:
        """Answer the events that are safe in the inbox while it cannot be read. What must be kept to be done waits on."""
        for key, event in tuple(self._memory.accepted.items()):
            with suppress(StoreError):
                await self._answer_at_once(event, waits=True)
            self._memory.accepted.pop(key, None)

    async def _answer_at_once(self, event: Event, *, waits: bool = False) -> None:
        """Answer an event that cannot be kept, or one that `waits` in the inbox and cannot be taken from it."""
        key = id_of(event)
        if key in self._memory.answered or event.twin in self._memory.answered:
            self.again += 1
            return
        channel = self._channels[event.platform]
        heard = channel.read(event.payload)
        if heard is None:
            return
        now = self._clock()
        session = self._memory.sessions.get(event.conversation, now)
        taken = Taken(0, key, event.platform, event.conversation, event.person, now, session=session)
        message, after, complete = await asyncio.to_thread(self.worker.clerk.without_memory, heard, taken)
        if waits and not complete:
            return
        self._memory.answer(key, event.twin)
        fate = await send(channel, message, 0)
        if fate.what == "again":
            self._memory.forget(key, event.twin)
            raise StoreError(_NEITHER)
        self._memory.sessions.put(event.conversation, after)
        self.unkept += 1
