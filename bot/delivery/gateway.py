"""The door that channels knock at, and everything behind it that runs while the bot does."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Self

from bot.contracts.events import LeasedEvent, Sent, id_of
from bot.contracts.ports import UNOBSERVED, StoreError
from bot.delivery import access as gates
from bot.delivery.memory import Memory
from bot.delivery.sending import send
from bot.delivery.upkeep import Periods, Upkeep
from bot.delivery.worker import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from bot.contracts.events import InboundEvent, Outcome
    from bot.contracts.ports import Channel, Inbox, Observer
    from bot.delivery.access import Gate
    from bot.delivery.handler import EventHandler
    from bot.dialogue.reply import Choice, Reply
    from bot.dialogue.turn import UserAct

KEPT_WITHIN = 2.0
"""Seconds that an event may take to be kept; Slack wants its acknowledgement within 3."""
COUNTED_EVERY = 600.0
"""Seconds after which is counted anew what is asked most; over a million turns that takes a moment."""
_NEITHER = "Neither the database nor the platform can be reached now."


class EventGateway:
    """A `Gateway` before a worker, with a `gate` that lets everybody in if there is none.

    `clock` gives seconds since the epoch; `periods` are for the upkeep.
    """

    def __init__(
        self,
        inbox: Inbox,
        clerk: EventHandler,
        channels: Mapping[str, Channel],
        *,
        periods: Periods | None = None,
        gate: Gate | None = None,
        watch: Observer = UNOBSERVED,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inbox = inbox
        self._channels = channels
        self._clock = clock
        self._gate = gate or gates.Gate()
        self._watch = watch
        self._memory = Memory()
        self._counted: Sequence[str] = ()
        self._count_again = 0.0
        self.worker = Worker(inbox, clerk, channels, self._memory, clock, self._answer_what_waits, watch)
        self.upkeep = Upkeep(inbox, self.worker, periods or Periods(), clock)

    @property
    def unkept(self) -> int:
        """How many events were answered without being kept."""
        return self._memory.unkept

    @property
    def again(self) -> int:
        """How many events came again."""
        return self._memory.again

    async def accept(self, event: InboundEvent) -> None:
        """Return once an event is kept or answered. Raises `StoreError` if neither can be: then it must come again."""
        key = id_of(event)
        if self._memory.knows(key, event.twin):
            self._came_again(event)
            return
        if word := self._gate.word(event):
            self._watch.counted(word, event.platform)
            if not self._is_to_be_told(event, word):
                self._memory.know(key, event.twin)
                return
            event = gates.turned_away(event, word)
        self._memory.accept(key, event)  # before it is kept: the worker may be faster than this coroutine
        try:
            new = await asyncio.wait_for(self._inbox.put(event), KEPT_WITHIN)
        except (StoreError, TimeoutError):
            if self._memory.accepted.pop(key, None) is not None:
                await self._answer_at_once(event)
                return
            new = True  # the worker has it already: it was kept, only word of that is late
        self._memory.know(key, event.twin)
        if new:
            self.worker.wake()
        else:
            self._memory.accepted.pop(key, None)
            self._came_again(event)

    def admits(self, places: tuple[str, ...], person: str) -> bool:
        """Whether the bot is to answer somebody in a place."""
        return self._gate.admits(places, person)

    async def look(self, act: UserAct) -> Reply:
        """The reply to an act by itself; nothing is remembered of it."""
        return await asyncio.to_thread(self.worker.clerk.shown, act)

    async def search(self, text: str, most: int) -> Sequence[tuple[str, Reply]]:
        """Entries that a few words may be looking for, with the cards that show them; without words the popular ones."""
        popular = () if text.strip() else await self._popular(most)
        return await asyncio.to_thread(self.worker.clerk.search, text, most, popular)

    async def _popular(self, most: int) -> Sequence[str]:
        """What is asked most, counted anew now and then."""
        now = self._clock()
        if now >= self._count_again:
            self._count_again = now + COUNTED_EVERY
            with suppress(StoreError):
                self._counted = await asyncio.to_thread(self.worker.clerk.journal.popular, most)
        return self._counted

    async def lately(self, person: str) -> Sequence[Choice]:
        """What a person asked lately, newest first; nothing where it cannot be read."""
        with suppress(StoreError):
            return await asyncio.to_thread(self.worker.clerk.journal.lately, person)
        return ()

    async def talks(self, conversation: str) -> bool:
        """Whether the bot takes part in a conversation, as far as can be told now."""
        with suppress(StoreError):
            return conversation in self._memory.talks or await asyncio.to_thread(self.worker.clerk.journal.talks, conversation)
        return False

    async def take_over(self, clerk: EventHandler) -> None:
        """Let another clerk answer from now on; the desk hears of it if the last one had met faults."""
        had_faults, self.worker.clerk = self.worker.clerk.faults, clerk
        if had_faults:
            await self._tell_desk(clerk.standing.accepted(self._clock()))

    async def refuse(self, faults: Sequence[str]) -> None:
        """The clerk goes on though the knowledge was changed: faults, a line each, keep it from being used. The desk hears of it."""
        clerk = self.worker.clerk
        clerk.faults = len(faults)
        await self._tell_desk(clerk.standing.refused(faults, self._clock()))

    async def _tell_desk(self, outcome: Outcome) -> None:
        with suppress(StoreError):  # the log has it too
            await self._inbox.keep(outcome)
            self.worker.wake()

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
        kept = [(key, event) for key, event in self._memory.accepted.items() if self._memory.knows(key)]
        for key, event in kept:
            self._memory.accepted.pop(key, None)
            with suppress(StoreError):
                if await self._answered(event, waits=True):
                    self._memory.answered(key, Sent())

    async def _answer_at_once(self, event: InboundEvent) -> None:
        """Answer an event that cannot be kept, unless it came before."""
        keys = id_of(event), event.twin
        if self._memory.knows(*keys):
            self._came_again(event)
            return
        self._memory.know(*keys)
        self._memory.answered(keys[0], Sent())  # it may be kept after all, late
        try:
            await self._answered(event, waits=False)
        except BaseException:
            self._memory.unknow(*keys)
            self._memory.finishing.pop(keys[0], None)
            raise

    async def _answered(self, event: InboundEvent, *, waits: bool) -> bool:
        """Whether an event is answered now without memory. One that `waits` in the inbox may be done later instead."""
        channel = self._channels[event.platform]
        heard = gates.read(channel, event.payload)
        if heard is None:
            return False
        now = self._clock()
        session = self._memory.sessions.get(event.conversation, now)
        taken = LeasedEvent(0, id_of(event), event.platform, event.conversation, event.person, now, session=session)
        message, after, complete = await asyncio.to_thread(self.worker.clerk.without_memory, heard, taken)
        if waits and not complete:
            return False
        if (await send(channel, message, 0)).what == "again":
            raise StoreError(_NEITHER)
        self._memory.sessions.put(event.conversation, after)
        self._memory.unkept += 1
        self._watch.counted("unkept", event.platform)
        return True

    def _came_again(self, event: InboundEvent) -> None:
        self._memory.again += 1
        self._watch.counted("again", event.platform)

    def _is_to_be_told(self, event: InboundEvent, word: gates.Word) -> bool:
        heard = self._channels[event.platform].read(event.payload)
        return gates.can_be_told(heard) and self._gate.to_tell(event, word)
